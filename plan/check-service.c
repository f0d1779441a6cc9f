/* SPDX-License-Identifier: Apache-2.0 */

/* Checks Services for what the load balancers that we provide (ingress.c) do
 * not do, so that nobody relies on it.  See check.h. */

#include <config.h>

#include "plan/check.h"

#include "plan/problem.h"

#define WARN(C, OBJ, FIELD, ...) \
    plan_problem_of((C)->problems, INTENT_WARNING, OBJ, FIELD, __VA_ARGS__)

static void
check_service(struct check *c, const struct intent_object *obj)
{
    const struct intent_service *svc = &obj->service;

    if (svc->type == INTENT_NODE_PORT) {
        WARN(c, obj, "spec.type", "node ports are not served, only the "
             "ClusterIP is");
    }
    if (svc->external_ips.n) {
        WARN(c, obj, "spec.externalIPs", "these addresses are not served");
    }
    if (svc->itp_local) {
        WARN(c, obj, "spec.internalTrafficPolicy", "\"Local\" has no effect: "
             "the endpoints of all nodes answer");
    }
    if (svc->source_ranges.n && svc->type == INTENT_LOAD_BALANCER) {
        WARN(c, obj, "spec.loadBalancerSourceRanges", "has no effect: all "
             "clients may connect");
    }
    if (svc->affinity_timeout && svc->etp_local
        && svc->type == INTENT_LOAD_BALANCER) {
        WARN(c, obj, "spec.sessionAffinity", "has no effect for clients "
             "outside, with externalTrafficPolicy Local");
    }
}

void
check_services(struct check *c)
{
    if (c->is_alone ? c->v->options->ingress == PLAN_INGRESS_ON
        : ingress_is_on(c->v)) {
        for (size_t i = 0; i < c->v->kinds[INTENT_SERVICE].n; i++) {
            check_service(c, c->v->kinds[INTENT_SERVICE].objs[i]);
        }
    }
}
