/* SPDX-License-Identifier: Apache-2.0 */

/* A step of a trace: whose endpoint the address is, and if nobody claims it,
 * why.  See trace-build.h. */

#include <config.h>

#include "plan/trace/trace-build.h"

#include <stdlib.h>
#include <string.h>

#include "util.h"

/* Finds the endpoint of 'slice' with the address of the packet, or NULL. */
static const struct intent_endpoint *
find_in_slice(const struct intent_endpoint_slice *slice,
              const struct in6_addr *ip)
{
    for (size_t i = 0; i < slice->n_endpoints && !slice->fqdn; i++) {
        const struct intent_endpoint *e = &slice->endpoints[i];
        for (size_t j = 0; j < e->addresses.n; j++) {
            if (!ip_compare(&e->addresses.items[j], ip)) {
                return e;
            }
        }
    }
    return NULL;
}

/* Why 's', of which 'e' is an endpoint, does not claim it. */
static void
explain_unclaimed(struct tracing *tc, const struct view_service *s,
                  const struct intent_endpoint *e)
{
    const char *family = ip_family_title(tc->family);
    const struct plan_condition *c
        = trace_condition(tc, s, "IngressAllocated");

    if (s->refused.reason) {
        trace_bad(tc, s->refused.reason, "EgressService %s is not accepted: "
                  "%s", s->key, s->refused.message);
    } else if (!view_is_pod_ip(tc->v, &tc->q->src)) {
        trace_bad(tc, "HostNetwork", "%s is an address of the hosts' network, "
                  "not of a pod: EgressService %s leaves it alone", tc->src,
                  s->key);
    } else if (!view_find_endpoint_node(tc->v, e, &tc->q->src)) {
        trace_bad(tc, "NoNode", "endpoint %s of EgressService %s is on no "
                  "known node", tc->src, s->key);
    } else if (!s->served[tc->family] && c && strcmp(c->status, "True")) {
        trace_bad(tc, c->reason, "EgressService %s has no source address: %s",
                  s->key, c->message);
    } else if (!s->served[tc->family]) {
        trace_bad(tc, "NoIngressOfFamily", "Service %s has no %s ingress "
                  "address, so its %s endpoints are not served", s->key,
                  family, family);
    } else {
        const struct view_service *owner = tc->e ? tc->e->service : NULL;
        trace_bad(tc, "EndpointClaimed", "%s belongs to EgressService %s, "
                  "which is older than %s", tc->src,
                  owner ? owner->key : "(none)", s->key);
    }
}

/* What to say of Service 'name', which has 'e' as an endpoint.  Returns true
 * if it is an EgressService's. */
static bool
look_at_owner(struct tracing *tc, const struct intent_object *obj,
              const struct intent_endpoint *e)
{
    const char *name = obj->endpoint_slice.service;
    const struct view_service *s
        = view_find_service(tc->v, obj->namespace, name);
    bool ours = s && s->es;

    if (!e->ready) {
        trace_note(tc, "the endpoint of Service %s/%s is not ready (it is "
                   "served all the same)", obj->namespace, name);
    }
    if (!ours) {
        trace_note(tc, "Service %s/%s has it as an endpoint, but there is no "
                   "EgressService of this name", obj->namespace, name);
    } else if (tc->e && tc->e->service == s) {
        /* Told by trace_claim(). */
    } else if (s == tc->s || (!tc->e && !tc->s)) {
        tc->s = s;
        explain_unclaimed(tc, s, e);
    } else {
        trace_note(tc, "EgressService %s has it too, and does not get it",
                   s->key);
    }
    return ours;
}

/* Says which of the stages of 's' are not passed. */
static void
tell_conditions(struct tracing *tc, const struct view_service *s)
{
    static const char *const types[] = {
        "Accepted", "IngressAllocated", "HostSelected", "HostProgrammed",
        "Steered", "Announced",
    };

    for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
        const struct plan_condition *c = trace_condition(tc, s, types[i]);
        if (c && strcmp(c->status, "True") && strcmp(c->reason, "Pending")) {
            trace_note(tc, "%s is %s, %s%s%s", c->type, c->status, c->reason,
                       *c->message ? ": " : "", c->message);
        }
    }
}

/* Says what is promised to the endpoints of 's'. */
static void
tell_promise(struct tracing *tc, const struct view_service *s)
{
    const struct in6_addr *source = &s->sources[tc->family];
    const char *network = s->es->egress_service.network;
    char buf[IP_STRLEN];

    trace_ok(tc, "EgressService %s claims %s: source %s, network %s, host %s",
             s->key, tc->src, s->by_network ? "of the network"
             : ip_format(source, buf),
             *network ? network : "of the host",
             *trace_fact(tc, s, "host") ? trace_fact(tc, s, "host") : "none");
}

/* Finds the service that is asked for. */
static const struct view_service *
find_asked(const struct tracing *tc)
{
    const char *slash = tc->q->service ? strchr(tc->q->service, '/') : NULL;

    if (!slash) {
        return NULL;
    }
    char *namespace = xmemdup0(tc->q->service, slash - tc->q->service);
    const struct view_service *s
        = view_find_service(tc->v, namespace, slash + 1);
    free(namespace);
    return s && s->es ? s : NULL;
}

void
trace_claim(struct tracing *tc)
{
    const struct view *v = tc->v;
    const struct in6_addr *ip = &tc->q->src;
    bool any = false;
    bool any_es = false;

    tc->section = "Service";
    tc->e = view_find_claim(v, ip);
    tc->s = find_asked(tc);
    tc->pod_node = tc->e ? tc->e->node : view_locate(v, ip);
    if (tc->e && (!tc->s || tc->s == tc->e->service)) {
        tc->s = tc->e->service;
        tc->claimed = true;
        tell_promise(tc, tc->s);
    }
    for (size_t i = 0; i < v->kinds[INTENT_ENDPOINT_SLICE].n; i++) {
        const struct intent_object *obj
            = v->kinds[INTENT_ENDPOINT_SLICE].objs[i];
        const struct intent_endpoint *e
            = find_in_slice(&obj->endpoint_slice, ip);

        if (e) {
            any = true;
            any_es |= look_at_owner(tc, obj, e);
            tc->pod_node = (tc->pod_node ? tc->pod_node
                            : view_find_endpoint_node(v, e, ip));
        }
    }
    if (!any) {
        trace_bad(tc, TRACE_NO_ENDPOINT, "no EndpointSlice has %s", tc->src);
    } else if (!any_es) {
        trace_bad(tc, "NoEgressService", "no EgressService has %s as an "
                  "endpoint", tc->src);
    }
    if (tc->s) {
        tell_conditions(tc, tc->s);
    }
}
