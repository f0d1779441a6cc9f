/* SPDX-License-Identifier: Apache-2.0 */

/* A step of a trace: what the node that the packet comes to does with it, as
 * far as its rows tell.  See trace-build.h.  What its kernel has, only the
 * node itself can show: ovn-egress-node(8), "node/show" and "node/diff". */

#include <config.h>

#include "plan/trace/trace-build.h"

#include <stdlib.h>
#include <string.h>

#include "util.h"

/* Is the node there, and does its helper live? */
static void
look_at_helper(struct tracing *tc, const struct view_node *node)
{
    const struct trace_input *in = tc->tr->in;
    const char *age = smap_get_def(in->heartbeats, node->name, "never heard");

    if (!node->helper) {
        if (tc->v->options->wait_for_nodes) {
            trace_bad(tc, "NodeSilent", "the helper of %s was never heard "
                      "from", node->name);
        }
    } else if (sset_contains(in->silent, node->name)) {
        trace_bad(tc, "NodeSilent", "the helper of %s is silent (last "
                  "heartbeat: %s): what its host does is not known",
                  node->name, age);
    } else {
        trace_ok(tc, "the helper of %s is heard from (last heartbeat: %s)",
                 node->name, age);
    }
    if (node->obj && !node->obj->node.ready) {
        trace_note(tc, "Node %s is not Ready", node->name);
    }
}

/* Says how far the node is with 'w'.  Returns true if it serves. */
static bool
look_at_work(struct tracing *tc, const struct view_node *node,
             const struct plan_prior_work *w)
{
    bool wait = tc->v->options->wait_for_nodes;

    if (!w) {
        trace_bad(tc, "NotServed", "%s has no Node_Service row for %s",
                  node->name, tc->s->key);
        return false;
    }
    trace_ok(tc, "Node_Service %s on %s: %s, %s", w->name, node->name,
             w->state, plan_row_string(w->row, "role", ""));
    if (!sset_contains(&w->endpoints, tc->src)) {
        trace_bad(tc, "NotServed", "the Node_Service row of %s does not have "
                  "%s", node->name, tc->src);
        return false;
    } else if (*w->error) {
        trace_bad(tc, "NodeError", "%s reports an error: %s", node->name,
                  w->error);
        return false;
    } else if (wait && !*w->acked) {
        trace_bad(tc, "NotAcknowledged", "%s has acknowledged nothing (wanted:"
                  " revision %s)", node->name, w->revision);
        return false;
    } else if (wait && !plan_revision_equals_first(w->acked, w->revision)) {
        trace_bad(tc, "NotAcknowledged", "%s has acknowledged revision %s, "
                  "but more than endpoints has changed since (wanted: "
                  "revision %s)", node->name, w->acked, w->revision);
        return false;
    } else if (wait && strcmp(w->acked, w->revision)) {
        trace_note(tc, "revision %s is acknowledged, not yet %s", w->acked,
                   w->revision);
    } else if (wait) {
        trace_ok(tc, "revision %s is acknowledged", w->revision);
    }
    return true;
}

/* Says which policy makes the routing table on 'node', and how far that is. */
static void
look_at_table(struct tracing *tc, const struct view_node *node,
              const char *network)
{
    const struct view *v = tc->v;
    uint32_t table = tc->s->es->egress_service.table;
    bool found = false;

    for (size_t i = 0; i < v->kinds[INTENT_NNCP].n; i++) {
        const struct intent_object *obj = v->kinds[INTENT_NNCP].objs[i];
        char *key = xasprintf("%s %s", node->name, obj->name);
        const struct plan_prior_work *w
            = shash_find_data(&v->prior->policies, key);

        free(key);
        for (size_t j = 0; w && j < obj->nncp.n_interfaces; j++) {
            const struct intent_interface *f = &obj->nncp.interfaces[j];
            if (!f->vrf_table || (table ? f->vrf_table != table
                                  : strcmp(f->name, network) != 0)) {
                continue;
            }
            found = true;
            if (*w->error) {
                trace_bad(tc, "NetworkError", "policy %s, which makes the VRF "
                          "%s with table %"PRIu32", failed on %s: %s",
                          obj->name, f->name, f->vrf_table, node->name,
                          w->error);
            } else {
                trace_ok(tc, "table %"PRIu32" is that of VRF %s of policy %s, "
                         "%s", f->vrf_table, f->name, obj->name,
                         strcmp(w->acked, w->revision)
                         ? "not acknowledged (yet)" : "acknowledged");
            }
        }
    }
    if (!found) {
        trace_note(tc, "no policy makes the network %s on %s: it must be "
                   "there", network, node->name);
    }
}

/* Says how the host treats the packet. */
static void
tell_host(struct tracing *tc, const struct view_node *node)
{
    const char *network = tc->t->network;
    bool by_mark = tc->v->options->rules == PLAN_RULES_MARK;

    if (!*network) {
        trace_ok(tc, "it takes the host's own routing");
    } else {
        trace_ok(tc, "%s looks up table %s", by_mark
                 ? "nftables marks it by its source, and ip rule 5000 of that "
                 "mark" : "ip rule 5000 of its source", network);
        look_at_table(tc, node, network);
        trace_ok(tc, "what finds no route in that table is unreachable, "
                 "instead of taking another network");
    }
    if (!tc->s->by_network) {
        trace_ok(tc, "nftables (table inet ovn_egress) translates its source "
                 "to %s, and drops what is not translated", tc->t->source);
    }
}

/* Shared gateway mode: the gateway router translates. */
static void
look_at_nat(struct tracing *tc, const struct view_node *node)
{
    char *key = xasprintf("snat %s %s", node->gateway_router, tc->src);

    if (plan_rows_find(tc->tr->in->nb, "NAT", key)) {
        trace_ok(tc, "gateway router %s translates its source to %s (NAT)",
                 node->gateway_router, tc->t->source);
    } else {
        trace_bad(tc, "NoNat", "gateway router %s has no NAT row for %s",
                  node->gateway_router, tc->src);
    }
    free(key);
}

/* Sets the source address and the network that 'w' gives the packet. */
static void
read_work(struct tracing *tc, const struct plan_prior_work *w)
{
    const struct plan_column *c = plan_row_get(w->row, "source_ips");

    for (size_t i = 0; c && i < c->datum.n && !tc->s->by_network; i++) {
        const char *text = json_string(c->datum.keys[i].s);
        struct in6_addr ip;

        if (ip_addr_parse(text, &ip) && ip_family(&ip) == tc->family) {
            free(tc->t->source);
            tc->t->source = xstrdup(text);
        }
    }
    if (tc->v->options->gateway_mode == PLAN_GW_LOCAL) {
        free(tc->t->network);
        tc->t->network = xstrdup(plan_row_string(w->row, "network", ""));
    }
}

void
trace_node(struct tracing *tc)
{
    const struct view_node *node
        = (tc->way == WAY_NODE ? tc->to
           : tc->way == WAY_OWN ? tc->pod_node : NULL);
    bool ours = (tc->way == WAY_NODE ? tc->winner->ours
                 : tc->claimed && tc->s->by_network);

    tc->section = "Node";
    if (!node) {
        return;
    }
    free(tc->t->node);
    tc->t->node = xstrdup(node->name);
    if (!ours || !tc->claimed) {
        return;
    }

    char *key = xasprintf("%s %s", node->name, tc->s->key);
    tc->work = shash_find_data(&tc->v->prior->services, key);
    free(key);
    bool serves = look_at_work(tc, node, tc->work);
    look_at_helper(tc, node);
    if (tc->work && tc->work->row) {
        read_work(tc, tc->work);
    }
    if (serves) {
        if (tc->v->options->gateway_mode == PLAN_GW_SHARED) {
            look_at_nat(tc, node);
        } else {
            tell_host(tc, node);
        }
    }

    const char *host = trace_fact(tc, tc->s, "host");
    if (tc->work && *host && strcmp(host, node->name)
        && !tc->s->by_network) {
        trace_note(tc, "the service is moving: its host is %s now", host);
    }
}
