/* SPDX-License-Identifier: Apache-2.0 */

/* A step of a trace: which policy of the cluster router decides, and where its
 * next hop leads.  See trace-build.h. */

#include <config.h>

#include "plan/trace/trace-build.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "plan/world/node-address.h"
#include "util.h"

/* So many policies that are not evaluated are shown. */
#define MAX_UNKNOWN 8

/* Appends "PRIORITY MATCH ACTION NEXTHOP...", as ovn-nbctl prints it. */
static void
format_policy(const struct trace_policy *p, struct ds *s)
{
    ds_put_format(s, "%"PRId64" %s %s", p->priority, p->match, p->action);
    for (size_t i = 0; i < p->n_next_hops; i++) {
        ds_put_format(s, "%s%s", i ? "," : " ", p->next_hops[i]);
    }
    if (!p->ours) {
        ds_put_format(s, " (%s%s)", *p->owner ? "of " : "another owner's",
                      p->owner);
    }
}

static char *
policy_text(const struct trace_policy *p)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    format_policy(p, &s);
    return ds_steal_cstr(&s);
}

/* Notes that 'p' is not evaluated: the verdict depends on it if it 'counts',
 * because it comes before what decides. */
static void
note_unknown(struct tracing *tc, const struct trace_policy *p, bool counts,
             size_t n)
{
    char *text = policy_text(p);

    if (n <= MAX_UNKNOWN) {
        trace_note(tc, "not evaluated: %s", text);
    }
    if (counts && !tc->unless) {
        tc->unless = text;
    } else {
        free(text);
    }
}

/* northd makes no flow for a next hop that no port of the router can reach. */
static bool
has_next_hop(const struct tracing *tc, const struct trace_policy *p)
{
    const struct plan_nb *nb = tc->v->nb;

    for (size_t i = 0; i < p->n_next_hops; i++) {
        struct in6_addr ip;

        if (!nb->n_networks) {
            return true;
        }
        for (size_t j = 0; ip_addr_parse(p->next_hops[i], &ip)
             && j < nb->n_networks; j++) {
            if (ip_prefix_contains(&nb->networks[j], &ip)) {
                return true;
            }
        }
    }
    return strcmp(p->action, "reroute") != 0;
}

/* True if two policies that match do the same. */
static bool
do_the_same(const struct trace_policy *a, const struct trace_policy *b)
{
    if (strcmp(a->action, b->action) || a->n_next_hops != b->n_next_hops) {
        return false;
    }
    for (size_t i = 0; i < a->n_next_hops; i++) {
        if (strcmp(a->next_hops[i], b->next_hops[i])) {
            return false;
        }
    }
    return true;
}

/* Looks at policy 'p', which matches. */
static void
note_match(struct tracing *tc, const struct trace_policy *p)
{
    char *text = policy_text(p);

    if (!has_next_hop(tc, p)) {
        const char *why = "no port of the router is in a network with its "
            "next hop, so ovn-northd makes no flow of it";
        if (p->ours && !tc->winner) {
            trace_bad(tc, "NoNextHop", "%s: %s", text, why);
        } else {
            trace_note(tc, "%s: %s", text, why);
        }
    } else if (!tc->winner) {
        tc->winner = p;
        trace_ok(tc, "%s: matches, and wins", text);
        if (p->old_column) {
            trace_note(tc, "this policy has its next hop in the column "
                       "\"nexthop\": newer versions of ovn-northd ignore it");
        }
    } else if (tc->winner->priority == p->priority && p->ours
               && !tc->winner->ours && do_the_same(tc->winner, p)) {
        tc->winner = p;
        trace_note(tc, "%s: matches too, and does the same", text);
    } else if (tc->winner->priority == p->priority
               && !do_the_same(tc->winner, p)) {
        trace_bad(tc, "Undefined", "%s: matches too, with the same priority: "
                  "which of them OVN takes is not defined", text);
    } else {
        trace_ok(tc, "%s: matches, but comes later", text);
    }
    free(text);
}

static void
look_at_policies(struct tracing *tc)
{
    const struct trace_input *in = tc->tr->in;
    struct match_packet packet = {
        .src = tc->q->src,
        .dst = tc->q->dst,
        .inport = (tc->pod_node
                   ? smap_get(in->inports, tc->pod_node->name) : NULL),
        .sets = in->sets,
    };
    size_t n_others = 0;
    size_t n_unknown = 0;

    for (size_t i = 0; i < in->n_policies; i++) {
        const struct trace_policy *p = &tc->tr->policies[i];
        bool counts = !tc->winner || tc->winner->priority == p->priority;
        char *text;

        switch (match_evaluate(p->match, &packet)) {
        case MATCH_NO:
            n_others++;
            break;
        case MATCH_YES:
            note_match(tc, p);
            break;
        case MATCH_DEPENDS:
            text = policy_text(p);
            trace_ok(tc, "%s: depends on the destination", text);
            free(text);
            break;
        case MATCH_UNKNOWN:
            note_unknown(tc, p, counts, ++n_unknown);
            break;
        default:
            OVS_NOT_REACHED();
        }
    }
    if (n_unknown > MAX_UNKNOWN) {
        trace_note(tc, "%"PRIuSIZE" more are not evaluated",
                   n_unknown - MAX_UNKNOWN);
    }
    trace_ok(tc, "%"PRIuSIZE" policies do not match", n_others);
}

/* Returns the node that has 'ip' in the cluster network, or NULL, and sets
 * '*what' to what that is. */
static const struct view_node *
find_next_hop(const struct view *v, const struct in6_addr *ip,
              const char **what)
{
    const struct view_node *node;
    enum ip_family f = ip_family(ip);

    HMAP_FOR_EACH (node, hmap_node, &v->nodes) {
        const struct plan_nb_node *nb = node->nb;

        if (nb && !ip_compare(&nb->mgmt_ips[f], ip)) {
            *what = "the management port";
        } else if (nb && !ip_compare(&nb->join_ips[f], ip)) {
            *what = "the gateway router";
        } else if (nb && !ip_compare(&nb->transit_ips[f], ip)) {
            *what = "the transit switch port";
        } else if (!ip_compare(&node->next_hops[f], ip)) {
            *what = "the address in the cluster network";
        } else {
            continue;
        }
        return node;
    }
    return NULL;
}

static bool
list_has(const struct ip_prefix *nets, size_t n, const struct in6_addr *ip)
{
    for (size_t i = 0; i < n; i++) {
        if (ip_prefix_contains(&nets[i], ip)) {
            return true;
        }
    }
    return false;
}

/* Returns what the destination is if it is within the cluster, or NULL. */
static const char *
describe_inside(const struct tracing *tc)
{
    const struct view *v = tc->v;
    const struct plan_options *o = v->options;
    const struct in6_addr *dst = &tc->q->dst;

    return (!ip_is_set(dst) ? NULL
            : list_has(v->cluster_networks, v->n_cluster_networks, dst)
              || view_locate(v, dst) ? "a pod"
            : list_has(v->join.items, v->join.n, dst)
            ? "in the join network"
            : list_has(o->service_networks, o->n_service_networks, dst)
            ? "a ClusterIP"
            : node_address_is_known(v, dst) ? "a node"
            : NULL);
}

/* Where a "reroute" leads. */
static void
follow_next_hop(struct tracing *tc)
{
    const struct trace_policy *w = tc->winner;
    struct in6_addr ip;
    const char *what;

    tc->way = WAY_ELSEWHERE;
    if (w->n_next_hops > 1) {
        trace_bad(tc, "ForeignPolicy", "several next hops: each connection "
                  "takes one of them");
    } else if (w->n_next_hops && ip_addr_parse(w->next_hops[0], &ip)) {
        tc->to = find_next_hop(tc->v, &ip, &what);
        if (tc->to) {
            tc->way = WAY_NODE;
            trace_ok(tc, "next hop %s is %s of %s", w->next_hops[0], what,
                     tc->to->name);
        } else {
            trace_note(tc, "next hop %s is of no known node",
                       w->next_hops[0]);
        }
    }
}

/* Says whether a policy of another owner that wins does us harm. */
static void
judge_foreign(struct tracing *tc)
{
    const struct trace_policy *w = tc->winner;

    if (tc->claimed && !(tc->s->by_network && !strcmp(w->action, "allow"))) {
        char *text = policy_text(w);
        trace_bad(tc, "ForeignPolicy", "policy %s takes the packet before any "
                  "of ours", text);
        free(text);
    }
}

void
trace_router(struct tracing *tc)
{
    const struct plan_options *o = tc->v->options;
    const char *inside = describe_inside(tc);

    tc->section = "Router";
    trace_ok(tc, "Logical_Router %s", o->router);
    if (!tc->v->nb->has_router) {
        trace_bad(tc, "NoRouter", "OVN_Northbound has no Logical_Router %s",
                  o->router);
        return;
    } else if (tc->pod_node && !tc->pod_node->local) {
        trace_bad(tc, "OtherZone", "%s is on %s, in another zone: look with "
                  "the OVN_Northbound of that zone", tc->src,
                  tc->pod_node->name);
        return;
    }

    if (!inside && view_is_pod_ip(tc->v, &tc->q->src) && !trace_route(tc)) {
        tc->way = WAY_DROP;
        return;
    }
    look_at_policies(tc);
    const struct trace_policy *w = tc->winner;
    if (!inside && w && w->ours && !strcmp(w->action, "allow")
        && node_address_is_reported(tc->v, &tc->q->dst)) {
        inside = "a node, as its helper says";
    }
    if (!w) {
        trace_ok(tc, "no policy decides: the routes of the router do");
    } else if (!strcmp(w->action, "reroute")) {
        follow_next_hop(tc);
    } else if (!strcmp(w->action, "drop")) {
        tc->way = WAY_DROP;
    }
    if (inside && !(w && w->ours && strcmp(w->action, "allow"))) {
        tc->way = WAY_INSIDE;
        trace_ok(tc, "the destination is %s: nothing that an EgressService "
                 "is for", inside);
    } else if (inside) {
        trace_bad(tc, "NoAllowPolicy", "the destination is %s, and no policy "
                  "of priority 102 lets the packet pass", inside);
    } else if (w && !w->ours) {
        judge_foreign(tc);
    } else if (w && !strcmp(w->action, "allow") && tc->claimed) {
        trace_bad(tc, "Allowed", "our own policy lets the packet pass");
    }
    if (tc->unless) {
        trace_bad(tc, "NotEvaluated", "policy %s may take the packet: its "
                  "match is not evaluated", tc->unless);
    }
}
