/* SPDX-License-Identifier: Apache-2.0 */

/* Which tracked connections a change of the nftables table makes stale.  See
 * nft-stale.h.
 *
 * Of the maps snat: connections of endpoints that leave, and those of
 * endpoints that come which have another source and go outside.  Of the maps
 * for Services: see "struct conntrack_service". */

#include <config.h>

#include "node/nft-stale.h"

#include <stdlib.h>
#include <string.h>

#include "node/conntrack.h"
#include "node/kind.h"
#include "openvswitch/json.h"
#include "sset.h"
#include "util.h"

/* The elements that a change of one row adds and removes. */
struct delta {
    const char *name;           /* Of the map or set. */
    const struct ovsdb_type *type;
    struct ovsdb_datum added, removed;
};

/* Returns false if 'change' is not of elements. */
static bool
delta_init(struct delta *d, const struct plan_change *change)
{
    const struct plan_row *row = change->want ? change->want : change->have;
    const struct plan_column *w = (change->want
                                   ? plan_row_get(row, "elements") : NULL);
    const struct plan_column *h = (change->have
                                   ? plan_row_get(change->have, "elements")
                                   : NULL);
    struct ovsdb_datum empty;

    if (strcmp(row->table, "nft-map") || (!w && !h)) {
        return false;
    }
    d->name = row->key;
    d->type = w ? &w->type : &h->type;
    ovsdb_datum_init_empty(&empty);
    plan_datum_diff(h ? &h->datum : &empty, w ? &w->datum : &empty, d->type,
                    &d->added, &d->removed);
    return true;
}

static void
delta_destroy(struct delta *d)
{
    ovsdb_datum_destroy(&d->added, d->type);
    ovsdb_datum_destroy(&d->removed, d->type);
}

/* True if 'd' is of map 'name' of either family. */
static bool
is_of(const struct delta *d, const char *name)
{
    size_t len = strlen(name);

    return !strncmp(d->name, name, len) && strlen(d->name) == len + 1;
}

static void
add_endpoints(const struct ovsdb_datum *elements, bool added,
              struct conntrack_filter *filter)
{
    for (size_t i = 0; i < elements->n; i++) {
        conntrack_filter_add(filter, json_string(elements->keys[i].s),
                             json_string(elements->values[i].s), added);
    }
}

/* Adds the elements of a set that is wanted by 'add'. */
static void
add_elements(const struct kind_view *view, const char *name,
             void (*add)(struct conntrack_filter *, const char *),
             struct conntrack_filter *filter)
{
    const struct plan_row *row = plan_rows_find(&view->machine->rows,
                                                "nft-map",
                                                name);
    const struct plan_column *c = row ? plan_row_get(row, "elements") : NULL;

    for (size_t i = 0; c && i < c->datum.n; i++) {
        add(filter, json_string(c->datum.keys[i].s));
    }
}

/* Sets where nothing is translated, which may have changed. */
static void
set_local(const struct kind_view *view, struct conntrack_filter *filter)
{
    conntrack_filter_clear_local(filter);
    add_elements(view, "local4", conntrack_filter_add_local, filter);
    add_elements(view, "local6", conntrack_filter_add_local, filter);
    add_elements(view, "nodes4", conntrack_filter_add_node, filter);
    add_elements(view, "nodes6", conntrack_filter_add_node, filter);
}

/* Services. */

/* Adds the keys of 'elements', of a map or set for Services, to 'keys': of
 * what maps slots, without the slot. */
static void
collect_keys(const struct delta *d, const struct ovsdb_datum *elements,
             struct sset *keys)
{
    for (size_t i = 0; i < elements->n; i++) {
        char *key = xstrdup(json_string(elements->keys[i].s));
        char *slot = is_of(d, "backend") ? strrchr(key, ' ') : NULL;

        if (slot && slot - key >= 2) {
            slot[-2] = '\0';            /* Of " . SLOT". */
        }
        sset_add_and_free(keys, key);
    }
}

/* Returns the element 'key' of a map that is wanted, or NULL. */
static const char *
find_element(const struct plan_column *map, const char *key)
{
    union ovsdb_atom atom = { .s = ovsdb_atom_string_create(key) };
    const char *value = NULL;
    unsigned int pos;

    if (map && ovsdb_datum_find_key(&map->datum, &atom, map->type.key.type,
                                    &pos)) {
        value = json_string(map->datum.values[pos].s);
    }
    ovsdb_atom_destroy(&atom, OVSDB_TYPE_STRING);
    return value;
}

static const struct plan_column *
find_map(const struct kind_view *view, const char *name)
{
    const struct plan_row *row = plan_rows_find(&view->machine->rows,
                                                "nft-map",
                                                name);
    return row ? plan_row_get(row, "elements") : NULL;
}

static void
add_service(const struct kind_view *view, const char *key,
            struct conntrack_filter *filter)
{
    struct conntrack_service *s = conntrack_filter_add_service(filter, key);
    bool is_ipv6 = strchr(key, ':') != NULL;
    const struct plan_column *ingress = find_map(view, is_ipv6 ? "ingress6"
                                                 : "ingress4");
    const struct plan_column *backend = find_map(view, is_ipv6 ? "backend6"
                                                 : "backend4");
    const char *target = find_element(ingress, key);

    if (s && target) {
        conntrack_service_add_target(s, target);
    }
    for (int slot = 0; slot < MACHINE_SLOTS && s; slot++) {
        char *slot_key = xasprintf("%s . %d", key, slot);

        target = find_element(backend, slot_key);
        if (target) {
            conntrack_service_add_target(s, target);
        }
        free(slot_key);
    }
}

void
nft_stale_add(const struct kind_view *view, const struct plan_change *changes,
              size_t n, struct conntrack_filter *filter)
{
    struct sset keys = SSET_INITIALIZER(&keys);
    const char *key;

    set_local(view, filter);
    for (size_t i = 0; i < n; i++) {
        struct delta d;

        if (!delta_init(&d, &changes[i])) {
            continue;
        }
        if (is_of(&d, "snat")) {
            add_endpoints(&d.removed, false, filter);
            add_endpoints(&d.added, true, filter);
        } else if (is_of(&d, "ingress") || is_of(&d, "backend")
                   || is_of(&d, "idle")) {
            collect_keys(&d, &d.removed, &keys);
            collect_keys(&d, &d.added, &keys);
        }
        delta_destroy(&d);
    }
    SSET_FOR_EACH (key, &keys) {
        add_service(view, key, filter);
    }
    sset_destroy(&keys);
}

void
nft_stale_add_all(const struct kind_view *view,
                  struct conntrack_filter *filter)
{
    static const char *const names[] = { "snat4", "snat6" };

    set_local(view, filter);
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        const struct plan_column *c = find_map(view, names[i]);

        if (c) {
            add_endpoints(&c->datum, true, filter);
        }
    }
}
