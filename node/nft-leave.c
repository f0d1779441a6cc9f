/* SPDX-License-Identifier: Apache-2.0 */

/* What has left.  See nft-leave.h. */

#include <config.h>

#include "node/nft-leave.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "node/kind.h"
#include "node/nft-read.h"
#include "node/nft-set.h"
#include "openvswitch/json.h"
#include "smap.h"
#include "sset.h"
#include "timeval.h"
#include "util.h"

/* How long, where nothing is said (tests of this kind alone). */
#define DEFAULT_SECONDS 150

/* A set of what has left, and the sets whose elements go there. */
static struct parting {
    const char *const name;
    enum ip_family family;
    const char *const live[3];
    struct smap elements;       /* As last observed; the rest of their time is
                                 * the value. */
} partings[] = {
    { "leaving4", IP_V4, { "hidden4", "public4", "anywhere4" }, { { 0 } } },
    { "leaving6", IP_V6, { "hidden6", "public6", "anywhere6" }, { { 0 } } },
    { "gone4", IP_V4, { "way4" }, { { 0 } } },
    { "gone6", IP_V6, { "way6" }, { { 0 } } },
};

static long long int expiry = LLONG_MAX;

void
nft_leave_init(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(partings); i++) {
        smap_init(&partings[i].elements);
    }
}

void
nft_leave_destroy(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(partings); i++) {
        smap_destroy(&partings[i].elements);
    }
}

unsigned int
nft_leave_seconds(const struct kind_view *view)
{
    return (view->machine->guard_seconds
            ? view->machine->guard_seconds : DEFAULT_SECONDS);
}

/* Elements of rows. */

static const struct plan_column *
get_elements(const struct plan_row *row)
{
    return row ? plan_row_get(row, "elements") : NULL;
}

static bool
has_key(const struct plan_column *c, const char *key)
{
    union ovsdb_atom atom = { .s = ovsdb_atom_string_create(key) };
    unsigned int pos;
    bool found = c && ovsdb_datum_find_key(&c->datum, &atom, c->type.key.type,
                                           &pos);

    ovsdb_atom_destroy(&atom, OVSDB_TYPE_STRING);
    return found;
}

/* True if 'key' is in one of the sets that are wanted. */
static bool
is_live(const struct kind_view *view, const struct parting *p,
        const char *key)
{
    for (size_t i = 0; i < ARRAY_SIZE(p->live) && p->live[i]; i++) {
        if (has_key(get_elements(plan_rows_find(&view->machine->rows,
                                                "nft-map",
                                                p->live[i])), key)) {
            return true;
        }
    }
    return false;
}

static bool
is_source(const struct parting *p, const char *set)
{
    for (size_t i = 0; i < ARRAY_SIZE(p->live) && p->live[i]; i++) {
        if (!strcmp(p->live[i], set)) {
            return true;
        }
    }
    return false;
}

/* Returns the place of the row of set 'key' among those from the 'first' on,
 * or NULL. */
static struct plan_row **
find_place(const struct plan_rows *rows, size_t first, const char *key)
{
    for (size_t i = first; i < rows->n; i++) {
        if (!strcmp(rows->rows[i]->key, key)
            && !strcmp(rows->rows[i]->table, "nft-map")) {
            return &rows->rows[i];
        }
    }
    return NULL;
}

static const struct plan_column *
find_elements(const struct plan_rows *rows, const char *key)
{
    struct plan_row **place = find_place(rows, 0, key);

    return get_elements(place ? *place : NULL);
}

/* Observing. */

static void
note_expiry(const struct smap *elements)
{
    const struct smap_node *node;

    SMAP_FOR_EACH (node, elements) {
        long long int when = time_msec() + strtoll(node->value, NULL, 10);

        expiry = expiry == LLONG_MAX ? when : MAX(expiry, when);
    }
}

char *
nft_leave_observe(const struct kind_view *view, struct plan_rows *have,
                  size_t first)
{
    expiry = LLONG_MAX;
    for (size_t i = 0; i < ARRAY_SIZE(partings); i++) {
        struct parting *p = &partings[i];
        struct plan_row **place = find_place(have, first, p->name);
        struct sset again = SSET_INITIALIZER(&again);
        const struct smap_node *node;

        smap_clear(&p->elements);
        if (!place || has_key(get_elements(*place), NFT_WRONG_TYPE)) {
            continue;
        }

        char *error = nft_read_timed(p->name, &p->elements);
        if (error) {
            return error;
        }
        SMAP_FOR_EACH (node, &p->elements) {
            if (is_live(view, p, node->key)) {
                sset_add(&again, node->key);
            }
        }
        note_expiry(&p->elements);
        plan_row_destroy(*place);
        *place = plan_row_create("nft-map", p->name);
        plan_row_set_sset(*place, "elements", &again);
        sset_destroy(&again);
    }
    return NULL;
}

/* Putting. */

/* Adds what 'change' takes out of a live set of 'p' to 'lost'. */
static void
collect_lost(const struct kind_view *view, const struct parting *p,
             const struct plan_change *change, struct sset *lost)
{
    const struct plan_column *h = get_elements(change->have);
    const struct plan_column *w = get_elements(change->want);

    if (!h || strcmp(change->have->table, "nft-map")
        || !is_source(p, change->have->key)) {
        return;
    }
    for (size_t i = 0; i < h->datum.n; i++) {
        const char *key = json_string(h->datum.keys[i].s);

        if (!has_key(w, key) && strcmp(key, NFT_WRONG_TYPE)
            && !is_live(view, p, key)) {
            sset_add(lost, key);
        }
    }
}

char *
nft_leave_put(const struct kind_view *view, const struct plan_change *changes,
              size_t n, bool rebuild, struct nft_batch *batch)
{
    unsigned int seconds = nft_leave_seconds(view);
    char *error = NULL;

    for (size_t i = 0; i < ARRAY_SIZE(partings) && !error; i++) {
        struct parting *p = &partings[i];
        struct sset lost = SSET_INITIALIZER(&lost);
        const struct smap_node *node;
        const char *key;

        SMAP_FOR_EACH (node, &p->elements) {
            if (rebuild && !is_live(view, p, node->key)) {
                sset_add(&lost, node->key);
            }
        }
        for (size_t j = 0; j < n; j++) {
            collect_lost(view, p, &changes[j], &lost);
        }
        error = nft_set_put_timed(batch, nft_set_find(p->name), &lost,
                                  seconds);
        SSET_FOR_EACH (key, &lost) {
            smap_replace(&p->elements, key, "");
        }
        sset_destroy(&lost);
    }
    return error;
}

/* Asking. */

const struct smap *
nft_leave_get(enum ip_family family)
{
    return &partings[family].elements;
}

long long int
nft_leave_expiry(void)
{
    return expiry;
}

bool
nft_leave_has_expired(void)
{
    if (time_msec() <= expiry) {
        return false;
    }
    expiry = LLONG_MAX;
    return true;
}

char *
nft_leave_is_guarding(const struct plan_rows *rows, bool *guarding)
{
    *guarding = false;
    for (size_t i = 0; i < ARRAY_SIZE(partings) && !*guarding; i++) {
        const struct parting *p = &partings[i];
        struct smap elements = SMAP_INITIALIZER(&elements);
        char *error = (find_place(rows, 0, p->name)
                       ? nft_read_timed(p->name, &elements) : NULL);

        *guarding = !error && !smap_is_empty(&elements);
        smap_destroy(&elements);
        if (error) {
            return error;
        }
        for (size_t j = 0; j < ARRAY_SIZE(p->live) && p->live[j]; j++) {
            const struct plan_column *c = find_elements(rows, p->live[j]);

            *guarding |= c && c->datum.n;
        }
    }
    return NULL;
}
