/* SPDX-License-Identifier: Apache-2.0 */

/* What has left.  See nft-leave.h. */

#include <config.h>

#include "node/nft-leave.h"

#include <limits.h>
#include <stdlib.h>

#include "node/kind.h"
#include "node/nft-read.h"
#include "node/nft-set.h"
#include "plan/machine/machine-set.h"
#include "timeval.h"
#include "util.h"

/* How long, where nothing is said (tests of this kind alone). */
#define DEFAULT_SECONDS 150

/* A set of what has left, and the sets whose elements go there. */
static struct parting {
    enum machine_set_id id;
    enum ip_family family;
    enum machine_set_id live[3];
    size_t n_live;
    struct machine_set elements;        /* As last observed, sorted, and what
                                         * was put since. */
} partings[] = {
#define LEAVING(FAMILY) {                                                   \
        .id = MACHINE_SET_LEAVING, .family = FAMILY,                        \
        .live = { MACHINE_SET_HIDDEN, MACHINE_SET_PUBLIC,                   \
                  MACHINE_SET_ANYWHERE }, .n_live = 3 }
#define GONE(FAMILY) {                                                      \
        .id = MACHINE_SET_GONE, .family = FAMILY,                           \
        .live = { MACHINE_SET_WAY }, .n_live = 1 }
    [IP_V4] = LEAVING(IP_V4),
    [IP_V6] = LEAVING(IP_V6),
    GONE(IP_V4),
    GONE(IP_V6),
};

static long long int expiry = LLONG_MAX;

void
nft_leave_init(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(partings); i++) {
        machine_set_init(&partings[i].elements, partings[i].id,
                         partings[i].family);
    }
}

void
nft_leave_destroy(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(partings); i++) {
        machine_set_destroy(&partings[i].elements);
    }
}

unsigned int
nft_leave_seconds(const struct kind_view *view)
{
    return (view->machine->guard_seconds
            ? view->machine->guard_seconds : DEFAULT_SECONDS);
}

/* True if 'key' is in one of the sets that are wanted. */
static bool
is_live(const struct kind_view *view, const struct parting *p,
        const struct machine_value *key)
{
    for (size_t i = 0; i < p->n_live; i++) {
        if (machine_set_find(machine_set_get(&view->machine->want, p->live[i],
                                             p->family), key)) {
            return true;
        }
    }
    return false;
}

static bool
is_source(const struct parting *p, const struct machine_set *set)
{
    for (size_t i = 0; i < p->n_live; i++) {
        if (set->type == &machine_set_types[p->live[i]]
            && set->family == p->family) {
            return true;
        }
    }
    return false;
}

/* Observing. */

static void
note_expiry(const struct machine_set *set)
{
    for (size_t i = 0; i < set->n; i++) {
        long long int when = time_msec() + set->items[i].left;

        expiry = expiry == LLONG_MAX ? when : MAX(expiry, when);
    }
}

/* Reads what has left to 'p', and puts those that are live again into the
 * place of its set among 'have'. */
static char *
observe_parting(const struct kind_view *view, struct parting *p,
                struct machine_object **place)
{
    struct machine_set again;

    machine_set_destroy(&p->elements);
    char *error = nft_read_timed(p->id, p->family, &p->elements);
    if (error) {
        return error;
    }
    note_expiry(&p->elements);
    machine_set_init(&again, p->id, p->family);
    for (size_t i = 0; i < p->elements.n; i++) {
        if (is_live(view, p, &p->elements.items[i].key)) {
            machine_set_add(&again, &p->elements.items[i]);
        }
    }
    machine_object_destroy(*place);
    *place = xmemdup(&again, sizeof again);
    return NULL;
}

char *
nft_leave_observe(const struct kind_view *view, struct machine_objects *have)
{
    char *error = NULL;

    expiry = LLONG_MAX;
    for (size_t i = 0; i < ARRAY_SIZE(partings); i++) {
        partings[i].elements.n = 0;
    }
    for (size_t i = 0; i < have->n && !error; i++) {
        struct machine_set *set = (void *) have->items[i];

        for (size_t j = 0; j < ARRAY_SIZE(partings); j++) {
            struct parting *p = &partings[j];

            if (set->object.class == &machine_class_nft_map
                && set->type == &machine_set_types[p->id]
                && set->family == p->family && !set->misshapen) {
                error = observe_parting(view, p, &have->items[i]);
                break;
            }
        }
    }
    return error;
}

/* Putting. */

/* Adds what 'change' takes out of a live set of 'p' to 'lost'. */
static void
collect_lost(const struct kind_view *view, const struct parting *p,
             const struct machine_change *change, struct machine_set *lost)
{
    const struct machine_set *have = (const void *) change->have;
    struct machine_set gone;

    if (!have || have->object.class != &machine_class_nft_map
        || !is_source(p, have)) {
        return;
    }
    machine_set_init(&gone, p->id, p->family);
    machine_set_subtract(have, (const void *) change->want, &gone);
    for (size_t i = 0; i < gone.n; i++) {
        if (!is_live(view, p, &gone.items[i].key)) {
            machine_set_add(lost, &gone.items[i]);
        }
    }
    machine_set_destroy(&gone);
}

void
nft_leave_put(const struct kind_view *view,
              const struct machine_change *changes, size_t n, bool rebuild,
              struct nft_batch *batch)
{
    for (size_t i = 0; i < ARRAY_SIZE(partings); i++) {
        struct parting *p = &partings[i];
        struct machine_set lost;

        machine_set_init(&lost, p->id, p->family);
        for (size_t j = 0; j < p->elements.n && rebuild; j++) {
            if (!is_live(view, p, &p->elements.items[j].key)) {
                machine_set_add(&lost, &p->elements.items[j]);
            }
        }
        for (size_t j = 0; j < n; j++) {
            collect_lost(view, p, &changes[j], &lost);
        }
        machine_set_sort(&lost);
        nft_set_put_timed(batch, &lost, nft_leave_seconds(view));
        for (size_t j = 0; j < lost.n; j++) {
            machine_set_add(&p->elements, &lost.items[j]);
        }
        machine_set_sort(&p->elements);
        machine_set_destroy(&lost);
    }
}

/* Asking. */

const struct machine_set *
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
nft_leave_is_guarding(const struct machine_objects *table, bool *guarding)
{
    *guarding = false;
    for (size_t i = 0; i < ARRAY_SIZE(partings) && !*guarding; i++) {
        const struct parting *p = &partings[i];
        struct machine_set left;

        if (machine_set_get(table, p->id, p->family)) {
            char *error = nft_read_timed(p->id, p->family, &left);

            *guarding = !error && left.n;
            machine_set_destroy(&left);
            if (error) {
                return error;
            }
        }
        for (size_t j = 0; j < p->n_live; j++) {
            const struct machine_set *live = machine_set_get(
                table, p->live[j], p->family);

            *guarding |= live && (live->n || live->misshapen);
        }
    }
    return NULL;
}
