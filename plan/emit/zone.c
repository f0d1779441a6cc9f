/* SPDX-License-Identifier: Apache-2.0 */

/* The zone: rows of OVN_Northbound.
 *
 * This file has what all layouts share: policies as rows, the policies that
 * keep traffic within the cluster from being steered, and the sets that these
 * need.  Called by plan.c when all is decided; it only writes down. */

#include <config.h>

#include "plan/emit/zone.h"

#include <stdlib.h>
#include <string.h>

#include "plan/emit/emit.h"
#include "plan/rows/problem.h"
#include "plan/world/node-address.h"
#include "util.h"

/* The packet mark of traffic from pods to nodes, which the hosts do not
 * rewrite (0x3f0), and that of replies which must not be steered; both as
 * ovn-kubernetes has them.  OVN takes decimal numbers only. */
#define POD_TO_NODE_MARK "1008"
#define REPLY_MATCH "pkt.mark == 42"

const char *
zone_ip_token(enum ip_family family)
{
    return family == IP_V4 ? "ip4" : "ip6";
}

void
zone_add_policy(const struct view *v, const char *key, int priority,
                const char *match, const struct zone_policy *p)
{
    struct plan_row *row
        = plan_rows_add(&v->plan->nb, "Logical_Router_Policy", key);
    struct smap ids = SMAP_INITIALIZER(&ids);
    struct smap options = SMAP_INITIALIZER(&options);
    struct svec next_hops = SVEC_EMPTY_INITIALIZER;
    const struct svec none = SVEC_EMPTY_INITIALIZER;

    smap_add(&ids, "owner", "ovn-egress");
    smap_add(&ids, "key", key);
    if (p->node) {
        smap_add(&ids, "node", p->node);
    }
    if (p->service) {
        smap_add(&ids, "service", p->service);
    }
    if (p->egress_svc) {
        smap_add(&ids, "EgressSVC", p->egress_svc);
    }
    if (p->pkt_mark) {
        smap_add(&options, "pkt_mark", p->pkt_mark);
    }
    if (p->next_hop) {
        char buf[IP_STRLEN];
        svec_add(&next_hops, ip_format(p->next_hop, buf));
    }

    plan_row_set_integer(row, "priority", priority);
    plan_row_set_string(row, "match", match);
    plan_row_set_string(row, "action", p->action);
    plan_row_set_strings(row, "nexthops", &next_hops);

    /* The deprecated column of one next hop: a policy that has it is ignored
     * by newer versions of northd, so whoever sets it, it goes. */
    plan_row_set_strings(row, "nexthop", &none);
    plan_row_set_map(row, "options", &options);
    plan_row_set_map(row, "external_ids", &ids);
    plan_row_add_parent(row, "Logical_Router", "policies",
                        v->options->router);
    if (p->origin && *p->origin) {
        plan_row_add_origin(row, p->origin);
    }
    svec_destroy(&next_hops);
    smap_destroy(&options);
    smap_destroy(&ids);
}

/* Adds a policy that lets traffic pass unless another owner's does it. */
static void
add_allow(struct zone *z, const char *key, const char *match,
          const char *pkt_mark)
{
    char *place = xasprintf("%d %s", POLICY_ALLOW, match);

    if (!sset_contains(&z->v->foreign, place)) {
        zone_add_policy(z->v, key, POLICY_ALLOW, match, &(struct zone_policy) {
            .action = "allow", .pkt_mark = pkt_mark
        });
    }
    free(place);
}

/* Adds a policy that lets traffic pass from 'src' to 'dst', prefixes or sets
 * of 'family'. */
static void
add_allow_between(struct zone *z, const char *what, enum ip_family family,
                  const char *src, const char *dst, const char *pkt_mark)
{
    const char *ip = zone_ip_token(family);
    char *key = xasprintf("%d %s %s %s", POLICY_ALLOW, what, src, dst);
    char *match = xasprintf("%s.src == %s && %s.dst == %s", ip, src, ip, dst);

    add_allow(z, key, match, pkt_mark);
    free(match);
    free(key);
}

/* Adds to 'texts' what the pods of 'family' have as addresses: the cluster's
 * networks, or if these are not known, or many, a set of them and the nodes'
 * subnets. */
static void
find_pod_networks(struct zone *z, enum ip_family family, struct svec *texts)
{
    const struct view *v = z->v;
    struct svec subnets = SVEC_EMPTY_INITIALIZER;
    const struct view_node *node;
    char buf[IP_STRLEN];

    bool few = (!v->cluster.from || strcmp(v->cluster.from, VIEW_FROM_PORTS));

    for (size_t i = 0; i < v->n_cluster_networks; i++) {
        const struct ip_prefix *p = &v->cluster_networks[i];
        if (ip_family(&p->addr) == family) {
            svec_add(few ? texts : &subnets, ip_prefix_format(p, buf));
        }
    }
    if (texts->n) {
        return;
    }

    HMAP_FOR_EACH (node, hmap_node, &v->nodes) {
        for (size_t i = 0; i < node->n_subnets; i++) {
            if (ip_family(&node->subnets[i].addr) == family) {
                svec_add(&subnets, ip_prefix_format(&node->subnets[i], buf));
            }
        }
    }
    svec_sort_unique(&subnets);
    if (subnets.n) {
        char *name = xasprintf("egress_pod_networks_%s",
                               family == IP_V4 ? "v4" : "v6");

        sets_write_one(v, name, &subnets, NULL, "");
        svec_add_nocopy(texts, xasprintf("$%s", name));
        free(name);
    }
    svec_destroy(&subnets);
}

static const char *
node_set_name(enum ip_family family)
{
    return family == IP_V4 ? "egress_node_ips_v4" : "egress_node_ips_v6";
}

void
zone_add_node_allow(struct zone *z, enum ip_family family, const char *src)
{
    zone_add_host_allow(z, family, src, node_set_name(family));
}

void
zone_add_host_allow(struct zone *z, enum ip_family family, const char *src,
                    const char *dst)
{
    char *from = xasprintf("$%s", src);
    char *to = xasprintf("$%s", dst);

    add_allow_between(z, "pod-to-node", family, from, to, POD_TO_NODE_MARK);
    free(to);
    free(from);
}

/* Writes what lets pods of 'family' reach pods and the gateway routers' join
 * networks, and the set of the nodes. */
static void
write_allows(struct zone *z, enum ip_family family,
             const struct svec *node_ips)
{
    const struct view_networks *joins = &z->v->join;
    struct svec pods = SVEC_EMPTY_INITIALIZER;
    char buf[IP_STRLEN];

    find_pod_networks(z, family, &pods);
    for (size_t i = 0; i < pods.n; i++) {
        for (size_t j = 0; j < pods.n; j++) {
            add_allow_between(z, "pod-to-pod", family, pods.names[i],
                              pods.names[j], NULL);
        }
        for (size_t j = 0; j < joins->n; j++) {
            const struct ip_prefix *join = &joins->items[j];
            if (ip_family(&join->addr) == family) {
                add_allow_between(z, "pod-to-join", family, pods.names[i],
                                  ip_prefix_format(join, buf), NULL);
            }
        }
    }
    sets_write_one(z->v, node_set_name(family), node_ips, NULL, "");
    svec_destroy(&pods);
}

void
zone_find_unhosted(const struct view *v, enum ip_family family,
                   struct svec *texts)
{
    const struct ledger_claim *c;

    LIST_FOR_EACH (c, list_node, &v->ledger->unhosted) {
        if (ip_family(&c->ip) == family) {
            char buf[IP_STRLEN];
            svec_add(texts, ip_format(&c->ip, buf));
        }
    }
}

/* Writes the routes by source that pods of 'family' lack: without one, OVN
 * drops their packets before it looks at policies. */
static void
write_routes(const struct view *v, enum ip_family family)
{
    for (size_t i = 0; i < v->own_routes.n; i++) {
        const struct ip_prefix *p = &v->own_routes.items[i];
        struct smap ids = SMAP_INITIALIZER(&ids);
        struct svec policy = SVEC_EMPTY_INITIALIZER;
        char prefix[IP_STRLEN], hop[IP_STRLEN];

        if (ip_family(&p->addr) != family) {
            continue;
        }
        ip_prefix_format(p, prefix);
        char *key = xasprintf("src-ip %s", prefix);
        struct plan_row *row
            = plan_rows_add(&v->plan->nb, "Logical_Router_Static_Route", key);

        smap_add(&ids, "owner", "ovn-egress");
        smap_add(&ids, "key", key);
        svec_add(&policy, "src-ip");
        plan_row_set_string(row, "ip_prefix", prefix);
        plan_row_set_string(row, "nexthop",
                            ip_format(&v->route_hops[family], hop));
        plan_row_set_strings(row, "policy", &policy);
        plan_row_set_map(row, "external_ids", &ids);
        plan_row_add_parent(row, "Logical_Router", "static_routes",
                            v->options->router);
        svec_destroy(&policy);
        smap_destroy(&ids);
        free(key);
    }
}

/* Writes what is there as soon as something is steered. */
static void
write_commons(struct zone *z)
{
    const struct view *v = z->v;
    struct svec node_ips[IP_N_FAMILIES];
    bool active = false;

    for (int f = 0; f < IP_N_FAMILIES; f++) {
        svec_init(&node_ips[f]);
    }
    node_address_collect(v, node_ips);
    for (int f = 0; f < IP_N_FAMILIES; f++) {
        if (v->ledger->n_sets[f] || z->n_sources[f]) {
            write_allows(z, f, &node_ips[f]);
            write_routes(v, f);
            active = true;
        }
        svec_destroy(&node_ips[f]);
    }
    if (active) {
        add_allow(z, "102 reply", REPLY_MATCH, NULL);
    }
}

/* Writes the rows of OVN_Northbound: those of the services that are planned,
 * of the nodes that these touch, and of no one. */
void
zone_write(const struct view *v)
{
    bool by_endpoint = v->options->layout == PLAN_LAYOUT_ENDPOINT;
    struct zone z = { .v = v };
    const struct view_service *s;
    struct hmapx_node *hn;

    if (v->in->nb && !v->nb->has_router) {
        plan_problem(&v->plan->problems, INTENT_ERROR, "", "options:router",
                     "OVN_Northbound has no Logical_Router \"%s\"",
                     v->options->router);
        return;
    }
    HMAP_FOR_EACH (s, hmap_node, &v->services) {
        if (by_endpoint) {
            zone_write_endpoints(&z, s);
        }
        if (v->options->gateway_mode == PLAN_GW_SHARED) {
            zone_write_nat(&z, s);
        }
        ledger_own_rows(v, s->key);
    }
    HMAPX_FOR_EACH (hn, &v->ledger->touched) {
        if (!by_endpoint) {
            struct ledger_node *node = hn->data;

            zone_write_node(&z, node);
            ledger_renew_rows(v, &node->rows);
        }
    }
    if (by_endpoint) {
        zone_write_served(&z);
    } else {
        zone_write_unhosted(&z);
    }
    write_commons(&z);
    ledger_own_commons(v);
}
