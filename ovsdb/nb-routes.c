/* SPDX-License-Identifier: Apache-2.0 */

/* The cluster router's routes: see the header. */

#include <config.h>

#include "ovsdb/nb-routes.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/shash.h"
#include "ovsdb/db-table.h"
#include "ovsdb/nb-idl.h"
#include "plan/plan.h"
#include "sset.h"
#include "util.h"

bool
nb_is_ours(const struct smap *external_ids)
{
    return !strcmp(smap_get_def(external_ids, "owner", ""), DB_OWNER);
}

/* Prefixes. */

bool
nb_parse_host(const char *s, struct in6_addr *ip)
{
    char *host = xmemdup0(s, strcspn(s, "/"));
    bool ok = ip_addr_parse(host, ip);

    free(host);
    return ok;
}

void
nb_add_prefix(struct ip_prefix **prefixes, size_t *n, const char *s)
{
    struct ip_prefix p;

    if (!ip_prefix_parse(s, &p, NULL)) {
        return;
    }
    for (size_t i = 0; i < *n; i++) {
        if (!ip_prefix_compare(&(*prefixes)[i], &p)) {
            return;
        }
    }
    *prefixes = xrealloc(*prefixes, (*n + 1) * sizeof **prefixes);
    (*prefixes)[(*n)++] = p;
}

static int
compare_prefixes(const void *a, const void *b)
{
    return ip_prefix_compare(a, b);
}

void
nb_sort_prefixes(struct ip_prefix *prefixes, size_t n)
{
    if (n) {
        qsort(prefixes, n, sizeof *prefixes, compare_prefixes);
    }
}

/* Routes. */

static bool
is_by_source(const struct nbrec_logical_router_static_route *r)
{
    return r->policy && !strcmp(r->policy, "src-ip");
}

/* True if packets are looked up in 'r': those of another table than the main
 * one are only for what comes in at ports that name it. */
static bool
is_in_main_table(const struct nbrec_logical_router_static_route *r)
{
    return !*r->route_table;
}

/* True if OVN drops what takes 'r'. */
static bool
discards(const struct nbrec_logical_router_static_route *r)
{
    return !strcmp(r->nexthop, "discard");
}

/* Sets '*dst' to where 'r' leads to, if packets are looked up in it by
 * destination; otherwise returns false. */
static bool
get_destination(const struct nbrec_logical_router_static_route *r,
                struct ip_prefix *dst)
{
    return (!is_by_source(r) && is_in_main_table(r)
            && ip_prefix_parse(r->ip_prefix, dst, NULL));
}

/* If 'route' leads to a node of another zone, notes its subnet. */
static void
read_transit_route(struct plan_nb *nb,
                   const struct nbrec_logical_router_static_route *route)
{
    struct in6_addr via;
    struct ip_prefix p;
    struct shash_node *sn;

    if (!nb_parse_host(route->nexthop, &via)
        || !ip_prefix_parse(route->ip_prefix, &p, NULL)
        || p.plen == (ip_family(&p.addr) == IP_V4 ? 32 : 128)) {
        return;                 /* A host route leads to a gateway router. */
    }
    SHASH_FOR_EACH (sn, &nb->nodes) {
        struct plan_nb_node *node = sn->data;

        if (node->remote
            && !ip_compare(&node->transit_ips[ip_family(&via)], &via)) {
            nb_add_prefix(&node->subnets, &node->n_subnets, route->ip_prefix);
        }
    }
}

/* Notes the prefixes of routes by source of others, and of these as the
 * cluster's networks those that are in no other. */
static void
read_source_routes(struct plan_nb *nb, const struct nbrec_logical_router *lr)
{
    for (size_t i = 0; i < lr->n_static_routes; i++) {
        const struct nbrec_logical_router_static_route *r
            = lr->static_routes[i];

        if (is_by_source(r) && is_in_main_table(r) && !discards(r)
            && !nb_is_ours(&r->external_ids)) {
            nb_add_prefix(&nb->source_routes, &nb->n_source_routes,
                          r->ip_prefix);
        }
    }

    /* By address, then the shorter one first. */
    nb_sort_prefixes(nb->source_routes, nb->n_source_routes);
    for (size_t i = 0; i < nb->n_source_routes; i++) {
        const struct ip_prefix *p = &nb->source_routes[i];
        size_t last = nb->n_cluster_networks;

        if (!last
            || !ip_prefix_overlaps(&nb->cluster_networks[last - 1], p)) {
            nb->cluster_networks = xrealloc(
                nb->cluster_networks,
                (last + 1) * sizeof *nb->cluster_networks);
            nb->cluster_networks[nb->n_cluster_networks++] = *p;
        }
    }
}

/* Notes that the router has a route by destination of length 'plen', which
 * perhaps 'discards'. */
static void
note_length(struct plan_nb *nb, enum ip_family family, unsigned int plen,
            bool discards)
{
    if (!plen) {
        nb->has_default[family] = nb->has_default[family] || !discards;
    } else if (!nb->shortest[family] || plen < nb->shortest[family]) {
        nb->shortest[family] = plen;
    }
}

static void
read_destinations(struct plan_nb *nb, const struct nbrec_logical_router *lr)
{
    struct ip_prefix p;

    for (size_t i = 0; i < nb->n_networks; i++) {
        note_length(nb, ip_family(&nb->networks[i].addr),
                    nb->networks[i].plen, false);
    }
    for (size_t i = 0; i < lr->n_static_routes; i++) {
        const struct nbrec_logical_router_static_route *r
            = lr->static_routes[i];

        if (get_destination(r, &p)) {
            note_length(nb, ip_family(&p.addr), p.plen, discards(r));
        }
    }
}

static bool
any_discards(const struct nbrec_logical_router *lr)
{
    for (size_t i = 0; i < lr->n_static_routes; i++) {
        const struct nbrec_logical_router_static_route *r
            = lr->static_routes[i];

        if (discards(r) && is_in_main_table(r)) {
            return true;
        }
    }
    return false;
}

/* Notes all routes of others, if that matters: which one is the longest, if
 * one discards. */
static void
read_all(struct plan_nb *nb, const struct nbrec_logical_router *lr)
{
    if (!any_discards(lr)) {
        return;
    }
    nb->routes = xcalloc(nb->n_networks + lr->n_static_routes,
                         sizeof *nb->routes);
    for (size_t i = 0; i < nb->n_networks; i++) {
        nb->routes[nb->n_routes++].prefix = nb->networks[i];
    }
    for (size_t i = 0; i < lr->n_static_routes; i++) {
        const struct nbrec_logical_router_static_route *r
            = lr->static_routes[i];
        struct plan_nb_route *new = &nb->routes[nb->n_routes];

        if (is_in_main_table(r) && !nb_is_ours(&r->external_ids)
            && ip_prefix_parse(r->ip_prefix, &new->prefix, NULL)) {
            new->by_source = is_by_source(r);
            new->discard = discards(r);
            nb->n_routes++;
        }
    }
}

/* What is inside, if no CMS says so. */

/* Adds to 'ports' the router ports to switches that are bridged to a network
 * outside of OVN. */
static void
find_outer_ports(const struct ovsdb_idl *idl, struct sset *ports)
{
    const struct nbrec_logical_switch *ls;

    NBREC_LOGICAL_SWITCH_FOR_EACH (ls, idl) {
        bool outer = false;

        for (size_t i = 0; i < ls->n_ports; i++) {
            outer = outer || !strcmp(ls->ports[i]->type, "localnet");
        }
        for (size_t i = 0; i < ls->n_ports && outer; i++) {
            sset_add(ports, smap_get_def(&ls->ports[i]->options,
                                         "router-port", ""));
        }
    }
}

/* A route whose prefix is at most so long leads outside: a default route may
 * be written as two halves, or as 2000::/3. */
#define MAX_DEFAULT_PLEN 3

static bool
is_in(const struct ip_prefix *prefixes, size_t n, const char *ip_text)
{
    struct in6_addr ip;

    for (size_t i = 0; nb_parse_host(ip_text, &ip) && i < n; i++) {
        if (ip_prefix_contains(&prefixes[i], &ip)) {
            return true;
        }
    }
    return false;
}

/* True if a default route of 'lr' leads into 'network'. */
static bool
is_uplink(const struct nbrec_logical_router *lr, const char *network)
{
    struct ip_prefix p, dst;

    for (size_t i = 0; ip_prefix_parse(network, &p, NULL)
         && i < lr->n_static_routes; i++) {
        const struct nbrec_logical_router_static_route *r
            = lr->static_routes[i];

        if (get_destination(r, &dst) && dst.plen <= MAX_DEFAULT_PLEN
            && is_in(&p, 1, r->nexthop)) {
            return true;
        }
    }
    return false;
}

static void
read_inside(struct plan_nb *nb, const struct ovsdb_idl *idl,
            const struct nbrec_logical_router *lr)
{
    struct sset outer = SSET_INITIALIZER(&outer);

    find_outer_ports(idl, &outer);
    for (size_t i = 0; i < lr->n_ports; i++) {
        const struct nbrec_logical_router_port *lrp = lr->ports[i];
        bool between = (!strncmp(lrp->name, "rtoj-", 5)
                        || !strncmp(lrp->name, "rtots-", 6));

        for (size_t j = 0; j < lrp->n_networks && !between
             && !sset_contains(&outer, lrp->name); j++) {
            if (is_uplink(lr, lrp->networks[j])) {
                nb_add_prefix(&nb->uplink_networks, &nb->n_uplink_networks,
                              lrp->networks[j]);
            } else {
                nb_add_prefix(&nb->inside_networks, &nb->n_inside_networks,
                              lrp->networks[j]);
            }
        }
    }
    sset_destroy(&outer);

    /* What is behind a router inside is inside. */
    size_t n = nb->n_inside_networks;
    for (size_t i = 0; i < lr->n_static_routes; i++) {
        const struct nbrec_logical_router_static_route *r
            = lr->static_routes[i];
        struct ip_prefix p;

        if (get_destination(r, &p) && p.plen > MAX_DEFAULT_PLEN
            && is_in(nb->inside_networks, n, r->nexthop)) {
            nb_add_prefix(&nb->inside_networks, &nb->n_inside_networks,
                          r->ip_prefix);
        }
    }
    nb_sort_prefixes(nb->inside_networks, nb->n_inside_networks);
    nb_sort_prefixes(nb->uplink_networks, nb->n_uplink_networks);
}

void
nb_routes_read(const struct ovsdb_idl *idl,
               const struct nbrec_logical_router *lr, struct plan_nb *nb)
{
    for (size_t i = 0; i < lr->n_static_routes; i++) {
        read_transit_route(nb, lr->static_routes[i]);
    }
    read_source_routes(nb, lr);
    read_destinations(nb, lr);
    read_all(nb, lr);
    if (!nb->kubernetes) {
        read_inside(nb, idl, lr);
    }
}
