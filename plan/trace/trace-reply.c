/* SPDX-License-Identifier: Apache-2.0 */

/* A step of a trace: who tells the outside world where the source address is,
 * and what becomes of the replies.  See trace-build.h. */

#include <config.h>

#include "plan/trace/trace-build.h"

#include <stdlib.h>
#include <string.h>

#include "plan/decide/announce.h"
#include "util.h"

/* True if the announced 'prefix' has the packet's source address outside. */
static bool
has_source(const struct tracing *tc, const char *prefix)
{
    struct ip_prefix p;
    struct in6_addr ip;

    return (ip_addr_parse(tc->t->source, &ip)
            && ip_prefix_parse(prefix, &p, NULL)
            && ip_prefix_contains(&p, &ip));
}

/* Says what 'w', a session, does for 'prefix'. */
static void
tell_session(struct tracing *tc, const struct plan_prior_work *w,
             const char *prefix)
{
    bool here = !strcmp(w->node, tc->t->node);
    const char *state = (*w->error ? w->error
                         : strcmp(w->acked, w->revision)
                         ? "not acknowledged (yet)"
                         : strcmp(w->session, "Established")
                         ? (*w->session ? w->session : "no session")
                         : sset_contains(&w->advertised, prefix)
                         ? "Established, advertised"
                         : "Established, but not advertised");

    if (here) {
        trace_ok(tc, "%s to BGPPeer %s: %s", prefix, w->name, state);
    } else {
        trace_note(tc, "%s announces %s too, to BGPPeer %s: %s", w->node,
                   prefix, w->name, state);
    }
}

static void
tell_sessions(struct tracing *tc)
{
    const struct shash_node **peers = shash_sort(&tc->v->prior->peers);

    for (size_t i = 0; i < shash_count(&tc->v->prior->peers); i++) {
        const struct plan_prior_work *w = peers[i]->data;
        const struct plan_column *c
            = w->row ? plan_row_get(w->row, "announcements") : NULL;

        for (size_t j = 0; c && j < c->datum.n; j++) {
            const char *prefix = json_string(c->datum.keys[j].s);
            if (has_source(tc, prefix)) {
                tell_session(tc, w, prefix);
            }
        }
    }
    free(peers);
}

void
trace_announcement(struct tracing *tc)
{
    const struct plan_condition *c;

    tc->section = "Announcement";
    if (!tc->claimed || tc->s->by_network || tc->way != WAY_NODE
        || !tc->winner->ours || !*tc->t->source) {
        return;
    }
    tell_sessions(tc);
    c = trace_condition(tc, tc->s, "Announced");
    if (!c || !strcmp(c->reason, ANNOUNCE_NOT_MANAGED)) {
        trace_ok(tc, "who announces %s is not ours to say%s%s",
                 tc->t->source, c && *c->message ? ": " : "",
                 c ? c->message : "");
    } else if (!strcmp(c->status, "False")) {
        trace_bad(tc, c->reason, "%s is not announced, so replies do not come"
                  " back: %s", tc->t->source, c->message);
    }
}

/* The way of replies to what the pod sends. */
static void
tell_reply(struct tracing *tc)
{
    const char *node = tc->t->node;

    if (tc->v->options->gateway_mode == PLAN_GW_SHARED) {
        trace_ok(tc, "to %s come to %s; its gateway router undoes the "
                 "translation and sends them to the cluster router",
                 tc->t->source, node);
        return;
    }
    trace_ok(tc, "to %s come to %s, where connection tracking undoes the "
             "translation", *tc->t->source ? tc->t->source
             : "the address of the network", node);
    trace_ok(tc, "ip rule 997 keeps what is for %s in the main table, which "
             "leads to the management port of %s and into OVN", tc->src,
             node);
}

/* True if we provide the Services' load balancers, not ovn-kubernetes. */
static bool
is_ingress_ours(const struct view *v)
{
    return (v->options->ingress == PLAN_INGRESS_ON
            || (v->options->ingress == PLAN_INGRESS_AUTO
                && !v->nb->kubernetes));
}

/* The way of a client's request, and of the pod's reply to it. */
static void
tell_request(struct tracing *tc)
{
    const struct intent_service *svc = &tc->s->svc->service;
    const char *node = tc->t->node;
    char client[IP_STRLEN];

    ip_format(&tc->q->dst, client);
    trace_ok(tc, "%s asks %s: its packets come to %s, which is told to "
             "announce it", client, tc->t->source, node);
    if (!svc->etp_local) {
        trace_ok(tc, "to the ClusterIP, whose load balancer in OVN chooses an "
                 "endpoint, which sees an address of %s", node);
        trace_ok(tc, "the reply goes back to that address, so it is not "
                 "rerouted; on %s it takes the Service's network by its "
                 "source, the ClusterIP", node);
        trace_note(tc, "the steps above are those of a packet that the pod "
                   "itself sends to %s", client);
        return;
    }
    trace_ok(tc, "externalTrafficPolicy Local: to an endpoint on %s only, "
             "which sees %s", node, client);
    if (is_ingress_ours(tc->v)) {
        trace_ok(tc, "the reply takes the steps above, and connection "
                 "tracking on %s undoes the translation", node);
    } else {
        trace_ok(tc, "the reply comes back to %s as from the node port, and "
                 "takes the Service's network by that", node);
    }
}

void
trace_reply(struct tracing *tc)
{
    bool served = tc->claimed && (tc->s->by_network ? tc->way == WAY_OWN
                                  : tc->way == WAY_NODE && tc->winner->ours);

    tc->section = tc->q->inbound ? "Request" : "Reply";
    if (served && *tc->t->node && tc->work) {
        if (tc->q->inbound) {
            tell_request(tc);
        } else {
            tell_reply(tc);
        }
    }
}
