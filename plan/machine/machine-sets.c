/* SPDX-License-Identifier: Apache-2.0 */

/* The sets of our nftables table that do not depend on services: the
 * cluster's networks, and the addresses of its nodes.  Called by
 * machine-service.c. */

#include <config.h>

#include "plan/machine/machine-build.h"
#include "util.h"

/* Adds those of the 'n' 'lists' of networks that no other one contains to set
 * 'id', of each family: nftables takes no overlaps. */
static void
add_networks(struct machine_builder *b, enum machine_set_id id,
             const struct intent_prefixes *const *lists, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < lists[i]->n; j++) {
            const struct ip_prefix *p = &lists[i]->items[j];
            bool contained = false;

            for (size_t k = 0; k < n && !contained; k++) {
                for (size_t l = 0; l < lists[k]->n && !contained; l++) {
                    const struct ip_prefix *q = &lists[k]->items[l];

                    contained = (q->plen < p->plen
                                 && ip_prefix_contains(q, &p->addr));
                }
            }
            if (!contained) {
                struct ip_range range = ip_prefix_range(p);

                machine_set_add(machine_builder_set(b, id, &p->addr),
                                &(struct machine_element) {
                                    .key = { .ip = range.first,
                                             .other = range.last },
                                });
            }
        }
    }
}

void
machine_build_sets(struct machine_builder *b)
{
    const struct machine_options *o = b->in->options;
    const struct intent_prefixes *inside[] = {
        &o->cluster_networks, &o->service_networks, &o->join_networks,
        &o->masquerade_networks,
    };
    const struct intent_prefixes *services[] = { &o->service_networks };

    add_networks(b, MACHINE_SET_LOCAL, inside, ARRAY_SIZE(inside));
    add_networks(b, MACHINE_SET_SERVICES, services, ARRAY_SIZE(services));
    for (size_t i = 0; i < o->node_addresses.n; i++) {
        const struct in6_addr *ip = &o->node_addresses.items[i];

        machine_set_add_ip(machine_builder_set(b, MACHINE_SET_NODES, ip), ip);
    }
}
