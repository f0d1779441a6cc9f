/* SPDX-License-Identifier: Apache-2.0 */

/* Which tracked connections a change of the nftables table makes stale.  See
 * nft-stale.h.
 *
 * Of the maps snat: connections of endpoints that leave, and those of
 * endpoints that come which have another source and go outside.  Of the maps
 * for Services: see "struct conntrack_service". */

#include <config.h>

#include "node/nft-stale.h"

#include "node/conntrack.h"
#include "node/kind.h"
#include "plan/machine/machine-set.h"

static void
add_endpoints(const struct machine_set *elements, bool added,
              struct conntrack_filter *filter)
{
    for (size_t i = 0; i < elements->n; i++) {
        conntrack_filter_add(filter, &elements->items[i].key.ip,
                             &elements->items[i].data.ip, added);
    }
}

static const struct machine_set *
find_set(const struct kind_view *view, enum machine_set_id id,
         enum ip_family family)
{
    return machine_set_get(&view->machine->want, id, family);
}

/* Sets where nothing is translated, which may have changed. */
static void
set_local(const struct kind_view *view, struct conntrack_filter *filter)
{
    conntrack_filter_clear_local(filter);
    for (int f = 0; f < IP_N_FAMILIES; f++) {
        const struct machine_set *local = find_set(view, MACHINE_SET_LOCAL, f);
        const struct machine_set *nodes = find_set(view, MACHINE_SET_NODES, f);

        for (size_t i = 0; local && i < local->n; i++) {
            const struct machine_value *v = &local->items[i].key;

            conntrack_filter_add_local(filter,
                                       &(struct ip_range) { v->ip, v->other });
        }
        for (size_t i = 0; nodes && i < nodes->n; i++) {
            conntrack_filter_add_node(filter, &nodes->items[i].key.ip);
        }
    }
}

/* Services. */

/* Adds the ports that 'elements', of a map or set for Services, are of to
 * 'services'. */
static void
collect_services(const struct machine_set *elements,
                 struct machine_set *services)
{
    for (size_t i = 0; i < elements->n; i++) {
        struct machine_element service = { .key = elements->items[i].key };

        service.key.number = 0;         /* The slot. */
        machine_set_add(services, &service);
    }
}

static void
add_target(struct conntrack_service *s, const struct machine_set *map,
           const struct machine_value *key)
{
    const struct machine_element *e = machine_set_find(map, key);

    if (e) {
        conntrack_service_add_target(s, &e->data.ip, e->data.port);
    }
}

static void
add_service(const struct kind_view *view, struct machine_value key,
            struct conntrack_filter *filter)
{
    struct conntrack_service *s = conntrack_filter_add_service(
        filter, &key.ip, key.protocol, key.port);
    enum ip_family family = ip_family(&key.ip);

    add_target(s, find_set(view, MACHINE_SET_INGRESS, family), &key);
    for (; key.number < MACHINE_SLOTS; key.number++) {
        add_target(s, find_set(view, MACHINE_SET_BACKEND, family), &key);
    }
}

/* Adds what 'from' has and 'to' has not; either may be NULL.  'added' tells
 * whether that came or went. */
static void
add_change(const struct machine_set *from, const struct machine_set *to,
           bool added, struct machine_set *services,
           struct conntrack_filter *filter)
{
    const struct machine_set_type *type = (from ? from : to)->type;
    struct machine_set delta;

    machine_set_init(&delta, type - machine_set_types,
                     (from ? from : to)->family);
    machine_set_subtract(from, to, &delta);
    if (type == &machine_set_types[MACHINE_SET_SNAT]) {
        add_endpoints(&delta, added, filter);
    } else if (type->group == MACHINE_INGRESS) {
        collect_services(&delta, services);
    }
    machine_set_destroy(&delta);
}

void
nft_stale_add(const struct kind_view *view,
              const struct machine_change *changes, size_t n,
              struct conntrack_filter *filter)
{
    struct machine_set services;

    machine_set_init(&services, MACHINE_SET_IDLE, IP_V4);
    set_local(view, filter);
    for (size_t i = 0; i < n; i++) {
        const struct machine_set *have = (const void *) changes[i].have;
        const struct machine_set *want = (const void *) changes[i].want;

        if (machine_change_object(&changes[i])->class
            == &machine_class_nft_map) {
            add_change(have, want, false, &services, filter);
            add_change(want, have, true, &services, filter);
        }
    }
    machine_set_sort(&services);
    for (size_t i = 0; i < services.n; i++) {
        add_service(view, services.items[i].key, filter);
    }
    machine_set_destroy(&services);
}

void
nft_stale_add_all(const struct kind_view *view,
                  struct conntrack_filter *filter)
{
    set_local(view, filter);
    for (int f = 0; f < IP_N_FAMILIES; f++) {
        const struct machine_set *snat = find_set(view, MACHINE_SET_SNAT, f);

        if (snat) {
            add_endpoints(snat, true, filter);
        }
    }
}
