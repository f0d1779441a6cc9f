/* SPDX-License-Identifier: Apache-2.0 */

/* The sets of our nftables table that do not depend on services: the
 * cluster's networks, and the addresses of its nodes.  Called by
 * machine-service.c. */

#include <config.h>

#include "plan/machine/machine-build.h"
#include "sset.h"
#include "util.h"

/* Adds those of the 'n' 'lists' of networks that no other one contains to
 * 'sets', of each family: nftables takes no overlaps. */
static void
collect_networks(const struct intent_prefixes *const *lists, size_t n,
                 struct sset *const *sets)
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
                char buf[IP_STRLEN];

                sset_add(sets[ip_family(&p->addr)],
                         ip_prefix_format(p, buf));
            }
        }
    }
}

static void
add_set(struct machine_builder *b, const char *name,
        const struct sset *elements)
{
    struct plan_row *row = plan_row_create("nft-map", name);

    plan_row_set_sset(row, "elements", elements);
    machine_builder_add_row(b, row, MACHINE_ALL_SERVICES);
}

/* Adds the sets of networks. */
static void
add_networks(struct machine_builder *b)
{
    const struct machine_options *o = b->in->options;
    const struct intent_prefixes *inside[] = {
        &o->cluster_networks, &o->service_networks, &o->join_networks,
        &o->masquerade_networks,
    };
    const struct intent_prefixes *services[] = { &o->service_networks };
    struct sset v4 = SSET_INITIALIZER(&v4);
    struct sset v6 = SSET_INITIALIZER(&v6);
    struct sset *const sets[] = { [IP_V4] = &v4, [IP_V6] = &v6 };

    collect_networks(inside, ARRAY_SIZE(inside), sets);
    add_set(b, "local4", &v4);
    add_set(b, "local6", &v6);
    sset_clear(&v4);
    sset_clear(&v6);
    collect_networks(services, ARRAY_SIZE(services), sets);
    add_set(b, "services4", &v4);
    add_set(b, "services6", &v6);
    sset_destroy(&v4);
    sset_destroy(&v6);
}

void
machine_build_sets(struct machine_builder *b)
{
    const struct sset *nodes = b->in->options->node_addresses;

    add_networks(b);
    add_set(b, "nodes4", &nodes[IP_V4]);
    add_set(b, "nodes6", &nodes[IP_V6]);
}
