/* SPDX-License-Identifier: Apache-2.0 */

/* Networks: what the cluster has of them, from the options, or else from what
 * the Nodes' annotations and OVN_Northbound say; and the routes that the
 * cluster router needs for them.  Part of the view. */

#include <config.h>

#include "plan/world/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

/* ovn-kubernetes' defaults, by family. */
static const char *const default_join[IP_N_FAMILIES] = {
    "100.64.0.0/16", "fd98::/64"
};
static const char *const default_masquerade[IP_N_FAMILIES] = {
    "169.254.169.0/29", "fd69::/125"
};

static void
add(struct view_networks *nets, const struct ip_prefix *p)
{
    for (size_t i = 0; i < nets->n; i++) {
        if (!ip_prefix_compare(&nets->items[i], p)) {
            return;
        }
    }
    nets->items = xrealloc(nets->items, (nets->n + 1) * sizeof *nets->items);
    nets->items[nets->n++] = *p;
}

/* Adds 'items' to 'nets', unless another source told of some already. */
static void
add_from(struct view_networks *nets, const struct ip_prefix *items, size_t n,
         const char *from)
{
    if (!n || (nets->from && strcmp(nets->from, from))) {
        return;
    }
    nets->from = from;
    for (size_t i = 0; i < n; i++) {
        add(nets, &items[i]);
    }
}

static bool
has_family(const struct view_networks *nets, enum ip_family family)
{
    for (size_t i = 0; i < nets->n; i++) {
        if (ip_family(&nets->items[i].addr) == family) {
            return true;
        }
    }
    return false;
}

/* Adds the defaults of the families of which nothing was found, if it was not
 * an option that gave the others. */
static void
add_defaults(struct view_networks *nets,
             const char *const defaults[IP_N_FAMILIES])
{
    if (!nets->from) {
        nets->from = "default";
    } else if (!strcmp(nets->from, "option")) {
        return;
    }
    for (int f = 0; f < IP_N_FAMILIES; f++) {
        struct ip_prefix p;

        if (!has_family(nets, f) && ip_prefix_parse(defaults[f], &p, NULL)) {
            add(nets, &p);
        }
    }
}

bool
view_is_masquerade(const struct ip_prefix *p)
{
    static const char *const texts[] = {
        "169.254.0.0/16", "fd69::/16", "fe80::/10"
    };

    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        struct ip_prefix all;

        if (ip_prefix_parse(texts[i], &all, NULL) && all.plen <= p->plen
            && ip_prefix_contains(&all, &p->addr)) {
            return true;
        }
    }
    return false;
}

/* False if the cluster router is known not to be ovn-kubernetes'.  There, the
 * join networks that it uses by default may be addresses outside. */
static bool
may_be_kubernetes(const struct view *v)
{
    return !v->in->nb || !v->nb->has_router || v->nb->kubernetes;
}

/* True if one of the nodes' subnets, which are inside, overlaps 'p'. */
static bool
has_pods(const struct view *v, const struct ip_prefix *p)
{
    const struct view_node *node;

    HMAP_FOR_EACH (node, hmap_node, &v->nodes) {
        for (size_t i = 0; i < node->n_subnets; i++) {
            if (ip_prefix_overlaps(&node->subnets[i], p)) {
                return true;
            }
        }
    }
    return false;
}

/* True if one of the 'n' prefixes has all of 'p'. */
static bool
is_covered(const struct ip_prefix *p, const struct ip_prefix *prefixes,
           size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (prefixes[i].plen <= p->plen
            && ip_prefix_contains(&prefixes[i], &p->addr)) {
            return true;
        }
    }
    return false;
}

/* True if the routes by source tell of all that is inside. */
static bool
routes_tell_all(const struct plan_nb *nb)
{
    for (size_t i = 0; i < nb->n_inside_networks; i++) {
        if (!is_covered(&nb->inside_networks[i], nb->cluster_networks,
                        nb->n_cluster_networks)) {
            return false;
        }
    }
    return true;
}

static int
compare_prefixes(const void *a, const void *b)
{
    return ip_prefix_compare(a, b);
}

/* Where no option and no routes by source tell what the cluster is, all that
 * the router reaches inside is: more than the nodes' subnets. */
static void
find_inside(struct view *v)
{
    const struct plan_nb *nb = v->nb;
    const struct view_node *node;

    add_from(&v->cluster, nb->inside_networks, nb->n_inside_networks,
             VIEW_FROM_PORTS);
    add_from(&v->cluster, nb->cluster_networks, nb->n_cluster_networks,
             VIEW_FROM_PORTS);
    for (size_t i = 0; i < nb->n_uplink_networks; i++) {
        if (has_pods(v, &nb->uplink_networks[i])) {
            add_from(&v->cluster, &nb->uplink_networks[i], 1,
                     VIEW_FROM_PORTS);
        }
    }
    if (v->cluster.n) {
        HMAP_FOR_EACH (node, hmap_node, &v->nodes) {
            add_from(&v->cluster, node->subnets, node->n_subnets,
                     VIEW_FROM_PORTS);
        }
        qsort(v->cluster.items, v->cluster.n, sizeof *v->cluster.items,
              compare_prefixes);
    }
}

void
view_read_networks(struct view *v)
{
    const struct plan_options *o = v->options;
    const struct view_kind *nodes = &v->kinds[INTENT_NODE];

    add_from(&v->cluster, o->cluster_networks, o->n_cluster_networks,
             "option");
    if (routes_tell_all(v->nb)) {
        add_from(&v->cluster, v->nb->cluster_networks,
                 v->nb->n_cluster_networks, "OVN_Northbound");
    }
    if (!v->cluster.n) {
        find_inside(v);
    }
    v->cluster_networks = v->cluster.items;
    v->n_cluster_networks = v->cluster.n;

    add_from(&v->join, o->join_networks, o->n_join_networks, "option");
    add_from(&v->join, v->nb->join_networks, v->nb->n_join_networks,
             "OVN_Northbound");
    if (may_be_kubernetes(v)) {
        add_defaults(&v->join, default_join);
    } else if (!v->join.from) {
        v->join.from = "OVN_Northbound";
    }

    add_from(&v->masquerade, o->masquerade_networks,
             o->n_masquerade_networks, "option");
    for (size_t i = 0; i < nodes->n; i++) {
        const struct intent_prefixes *p = &nodes->objs[i]->node.masquerade;

        for (size_t j = 0; j < p->n; j++) {
            add_from(&v->masquerade, &p->items[j],
                     view_is_masquerade(&p->items[j]), "Node");
        }
    }
    add_from(&v->masquerade, v->nb->masquerade_networks,
             v->nb->n_masquerade_networks, "OVN_Northbound");
    add_defaults(&v->masquerade, default_masquerade);
}

/* Routes. */

/* Sets '*ip' to where the routes of 'family' that we add lead, which matters
 * to nothing that a policy steers: a gateway router of our zone, as with
 * ovn-kubernetes, or else whatever node can be reached. */
static void
find_route_hop(const struct view *v, enum ip_family family,
               struct in6_addr *ip)
{
    for (int by = 0; by < 3; by++) {
        for (size_t i = 0; i < v->n_nodes; i++) {
            const struct view_node *node = v->node_array[i];
            const struct in6_addr *hop
                = by || !node->nb ? &node->next_hops[family]
                  : &node->nb->join_ips[family];

            if ((by == 2 || node->local) && ip_is_set(hop)
                && (!v->nb->n_networks
                    || prefix_index_find(&v->networks, hop))) {
                *ip = *hop;
                return;
            }
        }
    }
}

/* Values in view->routes. */
static const bool routed = true;
static const bool discarded = false;

/* True if another owner discards all that comes from 'p': by a route by
 * source, or by the default route.  It is left alone, not outdone by a longer
 * one. */
static bool
is_discarded(const struct view *v, const struct ip_prefix *p)
{
    for (size_t i = 0; i < v->nb->n_routes; i++) {
        const struct plan_nb_route *r = &v->nb->routes[i];

        if (r->discard && (r->by_source || !r->prefix.plen)
            && is_covered(p, &r->prefix, 1)) {
            return true;
        }
    }
    return false;
}

/* Adds a route that 'p' needs, if the router has none.  It is made so wide
 * that every route by destination, of which the longer one counts, comes
 * before it. */
static void
add_route(struct view *v, const struct ip_prefix *p)
{
    enum ip_family family = ip_family(&p->addr);
    unsigned int shortest = v->nb->shortest[family];
    char text[IP_STRLEN + 8], buf[IP_STRLEN];
    struct ip_prefix wide;

    if (v->nb->has_default[family] || !ip_is_set(&v->route_hops[family])
        || is_covered(p, v->nb->source_routes, v->nb->n_source_routes)
        || is_covered(p, v->own_routes.items, v->own_routes.n)
        || is_discarded(v, p)) {
        return;
    }
    snprintf(text, sizeof text, "%s/%u", ip_format(&p->addr, buf),
             shortest && shortest < p->plen ? shortest : p->plen);
    if (ip_prefix_parse(text, &wide, NULL)) {
        add(&v->own_routes, &wide);
        prefix_index_add(&v->routes, &wide, CONST_CAST(bool *, &routed));
    }
}

/* Finds out which routes by source the router has, and which it lacks. */
void
view_read_routes(struct view *v)
{
    /* Where two are of the same prefix, a part of the connections is
     * discarded.  A default route is by destination, which counts before one
     * by source of the same length. */
    for (size_t i = 0; i < v->nb->n_routes; i++) {
        const struct plan_nb_route *r = &v->nb->routes[i];

        if (r->discard && r->by_source && r->prefix.plen) {
            prefix_index_add(&v->routes, &r->prefix,
                             CONST_CAST(bool *, &discarded));
        } else if (r->discard && !r->prefix.plen) {
            v->discards_default[ip_family(&r->prefix.addr)] = true;
        }
    }
    for (size_t i = 0; i < v->nb->n_source_routes; i++) {
        prefix_index_add(&v->routes, &v->nb->source_routes[i],
                         CONST_CAST(bool *, &routed));
    }
    for (int f = 0; f < IP_N_FAMILIES && v->in->nb; f++) {
        find_route_hop(v, f, &v->route_hops[f]);
    }
    for (size_t i = 0; i < v->cluster.n; i++) {
        add_route(v, &v->cluster.items[i]);
    }
    for (size_t i = 0; i < v->n_nodes; i++) {
        for (size_t j = 0; j < v->node_array[i]->n_subnets; j++) {
            add_route(v, &v->node_array[i]->subnets[j]);
        }
    }
}

/* True if the router has, or gets, a route for packets from 'ip'.  The longest
 * one counts. */
bool
view_has_route(const struct view *v, const struct in6_addr *ip)
{
    const bool *route = prefix_index_find(&v->routes, ip);

    return (!v->in->nb
            || (route ? *route : v->nb->has_default[ip_family(ip)]));
}

/* True if the router has none for packets from 'ip' because it discards
 * them. */
bool
view_is_discarded(const struct view *v, const struct in6_addr *ip)
{
    return (!view_has_route(v, ip)
            && (prefix_index_find(&v->routes, ip)
                || v->discards_default[ip_family(ip)]));
}

void
view_destroy_networks(struct view *v)
{
    free(v->cluster.items);
    free(v->own_routes.items);
    prefix_index_destroy(&v->routes);
    free(v->join.items);
    free(v->masquerade.items);
}
