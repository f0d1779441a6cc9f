/* SPDX-License-Identifier: Apache-2.0 */

/* Policies of others that steer one address each, as ovn-kubernetes writes
 * them for its own EgressService.  Part of the view.
 *
 * In general, an address that another owner steers is left alone.  A twin is
 * the exception: a policy of ovn-kubernetes for the same service that leads to
 * the host that the service has with us.  Ours beside it makes no difference
 * to any packet, so we serve and steer the address as if the twin were not
 * there, and it can be deleted at any time: "ovn-egressctl migrate".  This
 * takes that we begin with the host that ovn-kubernetes has chosen. */

#include <config.h>

#include "plan/world/view.h"

#include <string.h>

#include "plan/rows/policy-source.h"
#include "util.h"

/* Finds the addresses that policies of others steer one by one. */
void
view_read_foreign_ips(struct view *v)
{
    for (size_t i = 0; i < v->nb->n_foreign; i++) {
        const struct plan_nb_policy *p = &v->nb->foreign[i];
        struct in6_addr ip;
        char buf[IP_STRLEN];

        if (p->priority == POLICY_STEER
            && policy_source_parse(p->match, &ip)) {
            const char *text = ip_format(&ip, buf);
            struct shash_node *sn = shash_find(&v->foreign_ips, text);

            if (sn) {
                sn->data = NULL;        /* Who knows which one wins. */
            } else {
                shash_add(&v->foreign_ips, text, p);
            }
        }
    }
}

/* True if 'e' is steered by a policy that ovn-kubernetes made of its service,
 * in this zone or for packets that come in from another one. */
static bool
is_of_same_service(const struct view_endpoint *e)
{
    const char *owner = e->other ? e->other->egress_svc : "";
    size_t len = strlen(e->service->key);

    return (!strncmp(owner, e->service->key, len)
            && (!owner[len] || !strcmp(owner + len, ":ic"))
            && !strcmp(e->other->action, "reroute"));
}

/* Returns the node to which the policy of another owner that steers 'e' leads,
 * as ours would, or NULL. */
static const struct view_node *
find_target(const struct view *v, const struct view_endpoint *e)
{
    struct in6_addr ip;

    return (is_of_same_service(e) && ip_addr_parse(e->other->next_hop, &ip)
            && ip_family(&ip) == e->family
            ? view_find_next_hop(v, &ip) : NULL);
}

/* Returns the node to which ovn-kubernetes steers the first endpoint of 's',
 * or NULL. */
static const struct view_node *
find_steered_host(const struct view *v, const struct view_service *s)
{
    const struct view_node *node = NULL;

    for (size_t i = 0; i < s->n_endpoints && !node; i++) {
        node = find_target(v, &s->endpoints[i]);
    }
    return node;
}

/* Finds out which host ovn-kubernetes has chosen for 's', if we have not
 * chosen one yet, and which endpoints have a twin. */
void
view_find_twins(const struct view *v, struct view_service *s)
{
    const char *before = smap_get_def(s->prior_status, "host", "");
    const char *adopted = smap_get_def(s->prior_status, "adopted", "");
    const struct view_node *host = view_find_node(v, before);

    if (!host && !s->by_network) {
        s->adopted = find_steered_host(v, s);
        if (!s->adopted) {
            s->adopted = view_find_node(v, s->es->egress_service.status_host);
        }
    } else if (host && !strcmp(adopted, before)) {
        s->adopted = host;
    }
    s->twin_host = s->by_network ? NULL : host ? host : s->adopted;
    s->must_stay = s->twin_host && s->n_endpoints;
    for (size_t i = 0; i < s->n_endpoints; i++) {
        struct view_endpoint *e = &s->endpoints[i];

        e->twin = s->twin_host && find_target(v, e) == s->twin_host;
        s->must_stay = s->must_stay && e->twin;
        e->foreign = e->foreign && !e->twin;
        s->n_foreign += e->foreign;
    }
}

/* The policy of another owner that steers 'e' is no twin after all.  Rows keep
 * it until OVN has processed that ours is gone. */
static void
yield(struct view *v, struct view_endpoint *e)
{
    struct view_service *s = e->service;

    e->twin = false;
    e->foreign = true;
    s->n_foreign++;
    for (size_t i = 0; i < s->n_works; i++) {
        struct view_work *w = s->works[i];

        if (w->prior && sset_contains(&w->prior->endpoints, e->text)) {
            view_read_prior_endpoint(v, w, e->text);
        }
    }
}

/* The host of 's' is not the one to which its twins lead: they are none. */
void
view_yield_twins(struct view *v, const struct view_service *s)
{
    for (size_t i = 0; i < s->n_endpoints; i++) {
        if (s->endpoints[i].twin) {
            yield(v, &s->endpoints[i]);
        }
    }
}
