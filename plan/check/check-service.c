/* SPDX-License-Identifier: Apache-2.0 */

/* Checks Services for what the load balancers that we provide (ingress.c) do
 * not do, so that nobody relies on it, and for addresses that another
 * service's host takes.  See check.h. */

#include <config.h>

#include "plan/check/check.h"

#include <stdlib.h>
#include <string.h>

#include "plan/decide/decide.h"
#include "plan/rows/problem.h"
#include "plan/world/reserved.h"

#define WARN(C, OBJ, FIELD, ...) \
    plan_problem_of((C)->problems, INTENT_WARNING, OBJ, FIELD, __VA_ARGS__)

/* Looks for another owner's load balancer with 'ip'. */
static void
check_owner(struct check *c, const struct intent_object *obj,
            const struct in6_addr *ip)
{
    const struct intent_service *svc = &obj->service;
    char buf[IP_STRLEN];

    for (size_t i = 0; i < svc->n_ports; i++) {
        const struct intent_service_port *p = &svc->ports[i];
        const char *name = view_find_foreign_vip(c->v, p->protocol, ip,
                                                 p->port);

        if (name) {
            WARN(c, obj, "spec.ports", "%s port %d belongs to another owner's "
                 "load balancer in OVN_Northbound, \"%s\"",
                 ip_format(ip, buf), p->port, name);
        }
    }
}

static void
check_owners(struct check *c, const struct intent_object *obj)
{
    const struct intent_ips *cluster_ips = &obj->service.cluster_ips;
    struct in6_addr ips[VIEW_MAX_INGRESS];
    size_t n = view_get_ingress(c->v, obj, ips, VIEW_MAX_INGRESS);

    for (size_t i = 0; i < cluster_ips->n; i++) {
        check_owner(c, obj, &cluster_ips->items[i]);
    }
    for (size_t i = 0; i < n; i++) {
        check_owner(c, obj, &ips[i]);
    }
}

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

/* Warns of ingress addresses that somebody else has given and that are no
 * good: packets to them go to whom they belong. */
static void
check_given(struct check *c, const struct intent_object *obj)
{
    const struct intent_ips *ips = &obj->service.ingress_ips;

    for (size_t i = 0; i < ips->n; i++) {
        char *why = reserved_why(c->v->reserved, &ips->items[i]);
        char buf[IP_STRLEN];

        if (why) {
            WARN(c, obj, "status.loadBalancer.ingress", "%s %s",
                 ip_format(&ips->items[i], buf), why);
        }
        free(why);
    }
}

/* True if both have the same pods, and 'a' is served where 'b' is. */
static bool
have_same_pods(const struct intent_object *a, const struct intent_object *b)
{
    return (b->service.etp_local && a->service.selector.n
            && !strcmp(a->namespace, b->namespace)
            && intent_map_equals(&a->service.selector, &b->service.selector));
}

/* Warns if what comes in for 'ip' of a plain Service meets no endpoint of it,
 * because the host of 's' alone announces it.  Without hosts, if it may be. */
static void
check_plain(struct check *c, const struct view_service *s,
            const struct in6_addr *ip, const struct view_plain *p)
{
    char buf[IP_STRLEN];

    if (c->is_alone) {
        if (!have_same_pods(p->svc, s->svc)) {
            WARN(c, p->svc, "spec.externalTrafficPolicy", "\"Local\", but "
                 "ingress address %s is announced by the host of "
                 "EgressService %s alone: what comes in is dropped if no "
                 "endpoint is there", ip_format(ip, buf), s->key);
        }
    } else if (view_plain_serves(c->v, p, NULL)
               && !view_plain_serves(c->v, p, s->choice->host)) {
        WARN(c, p->svc, "spec.externalTrafficPolicy", "\"Local\", but "
             "ingress address %s is announced by %s alone, the host of "
             "EgressService %s, where no endpoint is: what comes in is "
             "dropped", ip_format(ip, buf), s->choice->host->name, s->key);
    }
}

/* Checks the plain Services that share an address of 's'. */
static void
check_plains(struct check *c, const struct view_service *s)
{
    for (size_t i = 0; i < s->n_ingress; i++) {
        const struct in6_addr *ip = &s->ingress[i];
        const struct view_plain *p = NULL;

        while ((c->is_alone
                || (s->choice->host && share_find_host(c->v, ip) == s))
               && (p = view_next_plain(c->v, ip, p)) != NULL) {
            check_plain(c, s, ip, p);
        }
    }
}

static void
check_one(struct check *c, const struct intent_object *obj)
{
    check_given(c, obj);
    if (c->is_alone ? c->v->options->ingress != PLAN_INGRESS_ON
        : !view_provides_ingress(c->v)) {
        return;
    }
    check_service(c, obj);
    if (!smap_is_empty(&c->v->nb->foreign_vips)) {
        check_owners(c, obj);
    }
}

void
check_services(struct check *c)
{
    const struct view_kind *services = &c->v->kinds[INTENT_SERVICE];
    const char *key;

    for (size_t i = 0; i < services->n && !c->v->keys; i++) {
        check_one(c, services->objs[i]);
    }
    if (c->v->keys) {
        SSET_FOR_EACH (key, c->v->keys) {
            const struct intent_object *obj
                = view_find_object_by_key(c->v, INTENT_SERVICE, key);

            if (obj) {
                check_one(c, obj);
            }
        }
    }
    for (size_t i = 0; i < c->v->n_services && c->v->n_plains; i++) {
        const struct view_service *s = c->v->service_array[i];

        if (s->svc && !s->by_network && !s->refused.reason) {
            check_plains(c, s);
        }
    }
}
