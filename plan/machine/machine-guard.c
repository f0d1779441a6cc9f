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
        struct machine_guard_sets *s = &g->sets[f];

        sset_init(&s->hidden);
        sset_init(&s->pair);
        sset_init(&s->exit);
        sset_init(&s->public);
        sset_init(&s->way);
        sset_init(&s->anywhere);
        sset_init(&s->services);
        sset_init(&s->watched);
        shash_init(&g->links[f]);
    }
}

void
machine_guard_destroy(struct machine_guard *g)
{
    machine_leftovers_destroy(&g->leftovers);
    for (int f = 0; f < IP_N_FAMILIES; f++) {
        struct machine_guard_sets *s = &g->sets[f];
        struct shash_node *node;

        sset_destroy(&s->hidden);
        sset_destroy(&s->pair);
        sset_destroy(&s->exit);
        sset_destroy(&s->public);
        sset_destroy(&s->way);
        sset_destroy(&s->anywhere);
        sset_destroy(&s->services);
        sset_destroy(&s->watched);
        SHASH_FOR_EACH (node, &g->links[f]) {
            svec_destroy(node->data);
        }
        shash_destroy_free_data(&g->links[f]);
    }
}

void
machine_guard_hide(struct machine_guard *g, const struct machine_service *s,
                   const struct in6_addr *ip)
{
    struct machine_guard_sets *sets = &g->sets[ip_family(ip)];
    char buf[IP_STRLEN];

    sset_add(&sets->hidden, ip_format(ip, buf));
    if (s->watched) {
        sset_add(&sets->watched, buf);
    }

    struct machine_behind *behind = machine_leftovers_add(&g->leftovers, ip);
    machine_behind_add(behind, &s->ingress_ips);
    machine_behind_add(behind, &s->fading_ips);
}

void
machine_guard_pair(struct machine_guard *g, const struct in6_addr *endpoint,
                   const struct in6_addr *source)
{
    char a[IP_STRLEN], b[IP_STRLEN];

    sset_add_and_free(&g->sets[ip_family(endpoint)].pair,
                      xasprintf("%s . %s", ip_format(endpoint, a),
                                ip_format(source, b)));
}

/* Adds "IP . LINK" to 'set', for each link of the network with 'table'. */
static void
add_links(struct machine_guard *g, const struct in6_addr *ip, uint32_t table,
          struct sset *set)
{
    enum ip_family family = ip_family(ip);
    char *number = xasprintf("%"PRIu32, table);
    struct svec *links = shash_find_data(&g->links[family], number);
    char buf[IP_STRLEN];
    const char *link;
    size_t i;

    if (!links) {
        links = xmalloc(sizeof *links);
        machine_facts_get_links(g->b->in->facts, table, family, links);
        shash_add(&g->links[family], number, links);
    }
    SVEC_FOR_EACH (i, link, links) {
        sset_add_and_free(set, xasprintf("%s . %s", ip_format(ip, buf),
                                         link));
    }
    free(number);
}

void
machine_guard_let_out(struct machine_guard *g, const struct in6_addr *endpoint,
                      uint32_t table)
{
    add_links(g, endpoint, table, &g->sets[ip_family(endpoint)].exit);
}

void
machine_guard_publish(struct machine_guard *g, const struct in6_addr *ip,
                      uint32_t table, bool blocked)
{
    struct machine_guard_sets *sets = &g->sets[ip_family(ip)];
    char buf[IP_STRLEN];

    ip_format(ip, buf);
    if (!table && !blocked) {
        sset_add(&sets->anywhere, buf);
    } else {
        sset_add(&sets->public, buf);
        if (table) {
            add_links(g, ip, table, &sets->way);
        }
    }
}

/* Rows. */

static void
add_set(struct machine_guard *g, const char *name, int family,
        const struct sset *elements)
{
    char *key = xasprintf("%s%d", name, family == IP_V4 ? 4 : 6);
    struct plan_row *row = plan_row_create("nft-map", key);

    plan_row_set_sset(row, "elements", elements);
    machine_builder_add_row(g->b, row, MACHINE_ALL_SERVICES);
    free(key);
}

static bool
is_watching(const struct machine_guard *g)
{
    return (!sset_is_empty(&g->sets[IP_V4].watched)
            || !sset_is_empty(&g->sets[IP_V6].watched));
}

bool
machine_guard_build(struct machine_guard *g)
{
    const struct sset none = SSET_INITIALIZER(&none);
    bool watching = is_watching(g);

    for (int f = 0; f < IP_N_FAMILIES; f++) {
        struct machine_guard_sets *s = &g->sets[f];

        add_set(g, "hidden", f, &s->hidden);
        add_set(g, "pair", f, &s->pair);
        add_set(g, "exit", f, &s->exit);
        add_set(g, "public", f, &s->public);
        add_set(g, "way", f, &s->way);
        add_set(g, "anywhere", f, &s->anywhere);
        add_set(g, "leaving", f, &none);
        add_set(g, "gone", f, &none);
        add_set(g, "cut", f, &none);
        add_set(g, "dropped", f, &none);
        if (watching) {
            add_set(g, "watched", f, &s->watched);
            add_set(g, "seen", f, &none);
        }
    }

    machine_builder_add(g->b, &g->leftovers, MACHINE_ALL_SERVICES);
    machine_leftovers_init(&g->leftovers);
    return watching;
}
