/* SPDX-License-Identifier: Apache-2.0 */

/* What the guard of our nftables table knows.  See machine-guard.h. */

#include <config.h>

#include "plan/machine/machine-guard.h"

#include <inttypes.h>
#include <stdlib.h>

#include "svec.h"
#include "util.h"

void
machine_guard_init(struct machine_guard *g, struct machine_builder *b)
{
    g->b = b;
    machine_leftovers_init(&g->leftovers);
    for (int f = 0; f < IP_N_FAMILIES; f++) {
        shash_init(&g->links[f]);
    }
}

void
machine_guard_destroy(struct machine_guard *g)
{
    machine_set_destroy(&g->leftovers);
    for (int f = 0; f < IP_N_FAMILIES; f++) {
        struct shash_node *node;

        SHASH_FOR_EACH (node, &g->links[f]) {
            svec_destroy(node->data);
        }
        shash_destroy_free_data(&g->links[f]);
    }
}

static void
add_ip(struct machine_guard *g, enum machine_set_id id,
       const struct in6_addr *ip)
{
    machine_set_add_ip(machine_builder_set(g->b, id, ip), ip);
}

/* Notes that 'ip' is behind 'ips'. */
static void
add_behind(struct machine_guard *g, const struct in6_addr *ip,
           const struct intent_ips *ips)
{
    for (size_t i = 0; i < ips->n; i++) {
        machine_set_add(&g->leftovers, &(struct machine_element) {
                            .key = { .ip = *ip, .other = ips->items[i] },
                        });
    }
}

void
machine_guard_hide(struct machine_guard *g, const struct machine_service *s,
                   const struct in6_addr *ip)
{
    add_ip(g, MACHINE_SET_HIDDEN, ip);
    if (s->watched) {
        add_ip(g, MACHINE_SET_WATCHED, ip);
        g->watching = true;
    }
    machine_set_add_ip(&g->leftovers, ip);
    add_behind(g, ip, &s->ingress_ips);
    add_behind(g, ip, &s->fading_ips);
}

void
machine_guard_pair(struct machine_guard *g, const struct in6_addr *endpoint,
                   const struct in6_addr *source)
{
    machine_set_add(machine_builder_set(g->b, MACHINE_SET_PAIR, endpoint),
                    &(struct machine_element) {
                        .key = { .ip = *endpoint, .other = *source },
                    });
}

/* Adds 'ip' with each link of the network with 'table'. */
static void
add_links(struct machine_guard *g, enum machine_set_id id,
          const struct in6_addr *ip, uint32_t table)
{
    enum ip_family family = ip_family(ip);
    char *number = xasprintf("%"PRIu32, table);
    struct svec *links = shash_find_data(&g->links[family], number);
    const char *link;
    size_t i;

    if (!links) {
        links = xmalloc(sizeof *links);
        machine_facts_get_links(g->b->in->facts, table, family, links);
        shash_add(&g->links[family], number, links);
    }
    SVEC_FOR_EACH (i, link, links) {
        struct machine_element e = { .key.ip = *ip };

        ovs_strlcpy(e.key.link, link, sizeof e.key.link);
        machine_set_add(machine_builder_set(g->b, id, ip), &e);
    }
    free(number);
}

void
machine_guard_let_out(struct machine_guard *g, const struct in6_addr *endpoint,
                      uint32_t table)
{
    add_links(g, MACHINE_SET_EXIT, endpoint, table);
}

void
machine_guard_publish(struct machine_guard *g, const struct in6_addr *ip,
                      uint32_t table, bool blocked)
{
    add_ip(g, table || blocked ? MACHINE_SET_PUBLIC : MACHINE_SET_ANYWHERE,
           ip);
    if (table) {
        add_links(g, MACHINE_SET_WAY, ip, table);
    }
}

void
machine_guard_build(struct machine_guard *g)
{
    machine_builder_add_sets(g->b, MACHINE_ALWAYS, MACHINE_ALL_SERVICES);
    if (g->watching) {
        machine_builder_add_sets(g->b, MACHINE_WATCHING, MACHINE_ALL_SERVICES);
    }
    machine_set_sort(&g->leftovers);
    machine_builder_add(g->b, &g->leftovers, MACHINE_ALL_SERVICES);
    machine_leftovers_init(&g->leftovers);
}
