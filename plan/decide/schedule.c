/* SPDX-License-Identifier: Apache-2.0 */

/* The schedule: what each node has to do for each service, and to which node
 * NB steers each endpoint, so that a node is ready before a packet comes and
 * stays ready until the last one has.
 *
 * It remembers nothing: what is published, acknowledged and steered now says
 * how far a move has come (Documentation/architecture.md, "The order of a
 * move").  Called by plan.c with the hosts selected. */

#include <config.h>

#include "plan/decide/decide.h"

#include <stdlib.h>
#include <string.h>

#include "util.h"

/* A service on its way to, or at rest on, its host. */
struct move {
    struct view_service *s;
    struct view_work *to;       /* Of the host. */
    enum view_state state;      /* What 'to' is now. */
    bool ready;                 /* 'to' acknowledged that. */
    struct view_work *from;     /* Another node that serves and is alive. */
    struct view_work *announced;        /* Another node that is alive and
                                         * announced. */
    bool left_dead;             /* Another node serves but is dead. */
    struct view_work *target;   /* Decided: NB steers to this one. */
};

/* True if the node has, or gets, what it needs for the service. */
bool
schedule_is_live(const struct view_work *w)
{
    return w && (w->after == WORK_STANDBY || w->after == WORK_ACTIVE);
}

/* True if 'w' is the host that ovn-kubernetes has chosen, and not active with
 * us yet. */
bool
schedule_is_adopted(const struct view_work *w)
{
    const struct view_service *s = w->service;

    return (w->after == WORK_STANDBY && s->adopted && w->node == s->host
            && s->host == s->adopted);
}

/* True if our zone's NB is the one that steers 'e' to 'node': a zone steers
 * its own endpoints, and on the node's side also those of other zones. */
bool
schedule_in_scope(const struct view_node *node, const struct view_endpoint *e)
{
    return node->local || e->node->local;
}

/* True if 'w' serves packets of its service: it is announced, or NB steers to
 * it. */
static bool
is_serving(const struct view_work *w)
{
    return (w->role_before == ROLE_HOST
            && (w->before == WORK_ACTIVE
                || (w->before == WORK_STANDBY && w->serves)));
}

/* True if 'a' is the better one to stay with than 'b'. */
static bool
serves_better(const struct view_work *a, const struct view_work *b)
{
    int a_rank = a->serves * 2 + (a->before == WORK_ACTIVE);
    int b_rank = b->serves * 2 + (b->before == WORK_ACTIVE);

    return a_rank > b_rank;
}

static void
find_out(const struct view *v, struct move *m)
{
    bool wait = v->options->wait_for_nodes;
    struct view_work *to = m->to;

    m->state = to->role_before == ROLE_HOST ? to->before : WORK_NONE;
    if (!wait && m->state != WORK_STANDBY && m->state != WORK_ACTIVE) {
        m->state = WORK_STANDBY;
    }
    m->ready = (m->state == WORK_STANDBY || m->state == WORK_ACTIVE)
               && (to->acked || !wait);

    for (size_t i = 0; i < m->s->n_works; i++) {
        struct view_work *w = m->s->works[i];

        if (w == to || !is_serving(w)) {
            continue;
        } else if (!w->node->alive) {
            m->left_dead = true;
            continue;
        }
        if (!m->from || serves_better(w, m->from)) {
            m->from = w;
        }
        if (w->before == WORK_ACTIVE
            && (!m->announced || serves_better(w, m->announced))) {
            m->announced = w;
        }
    }
}

/* True if 'w' stays as it is for now: NB steers to it, it is announced and the
 * host is not yet, or it is dead and cannot change. */
static bool
stays(const struct move *m, const struct view_work *w)
{
    return (w->node->obj && is_serving(w)
            && (w->serves || w == m->from || w == m->announced
                || !w->node->alive));
}

/* True if the row of 'w', of this 'role' and with 'e' in it, is what the node
 * has. */
static bool
has_role(const struct view *v, const struct view_work *w, enum view_role role,
         const struct view_endpoint *e)
{
    return (!v->options->wait_for_nodes
            || (w->acked && w->prior
                && (w->before == WORK_STANDBY || w->before == WORK_ACTIVE)
                && w->role_before == role
                && sset_contains(&w->prior->endpoints, e->text)));
}

static bool
is_programmed(const struct view *v, const struct view_work *w,
              const struct view_endpoint *e)
{
    return has_role(v, w, ROLE_HOST, e);
}

/* True if ovn-northd has compiled that all endpoints for which the host is
 * programmed are steered to it: the chassis have it in a moment. */
static bool
is_compiled(const struct view *v, const struct move *m)
{
    for (size_t i = 0; i < m->s->n_endpoints; i++) {
        const struct view_endpoint *e = &m->s->endpoints[i];

        if (!e->foreign && schedule_in_scope(m->to->node, e)
            && !m->to->node->no_way[e->family] && is_programmed(v, m->to, e)
            && (e->steered != m->to->node
                || (e->unconfirmed && !e->unconfirmed->compiled))) {
            return false;
        }
    }
    v->plan->waits_for_ovn |= v->prior->all_unconfirmed;
    return !v->prior->all_unconfirmed;
}

/* True if all services that share an address with 's' can go to its host: what
 * leaves with an address must leave where that is announced. */
static bool
group_is_ready(const struct view *v, const struct view_service *s)
{
    for (size_t i = 0; s->group && i < s->group->n; i++) {
        const struct view_work *w
            = view_find_work(v, s->host, s->group->members[i]);

        if (v->options->wait_for_nodes
            && !(w && w->role_before == ROLE_HOST
                 && (w->before == WORK_ACTIVE
                     || (w->before == WORK_STANDBY && w->acked)))) {
            return false;
        }
    }
    return true;
}

/* True if the host, to which NB steers already, cannot serve after all. */
static bool
has_failed(const struct move *m)
{
    const struct plan_prior_work *prior = m->to->prior;

    return m->state == WORK_STANDBY && prior && *prior->error;
}

/* True if 'w' is announced, as one of several nodes through which the service
 * left until now: it stays so until the host is. */
static bool
was_one_of_all(const struct view_work *w)
{
    return (w->node->obj && w->node->alive && w->role_before == ROLE_LOCAL
            && w->before == WORK_ACTIVE);
}

/* True if the host was announced as one of all nodes, and no other node as a
 * host: it stays so.  What left through the nodes themselves has their own
 * addresses, so that no answers to it come with the service's. */
static bool
is_host_of_all(const struct move *m)
{
    return !m->announced && was_one_of_all(m->to);
}

/* True if a service that shares an address with that of 'm' is still announced
 * by another node as its host. */
static bool
group_is_elsewhere(const struct move *m)
{
    const struct view_group *g = m->s->group;

    for (size_t i = 0; g && i < g->n; i++) {
        for (size_t j = 0; j < g->members[i]->n_works; j++) {
            const struct view_work *w = g->members[i]->works[j];

            if (w->node != m->to->node && w->node->alive
                && w->before == WORK_ACTIVE && w->role_before == ROLE_HOST) {
                return true;
            }
        }
    }
    return false;
}

/* Decides the next state of the host and where NB steers to.  One step at a
 * time: the next one comes when this one is acknowledged.
 *
 * NB steers first.  How long ovn-northd takes for that is not known, and it
 * may not even run; how long an announcement takes is.  So that comes when
 * ovn-northd is done, and packets out and in move at nearly the same time.
 * Without a former host nothing leaves with the service's address before NB
 * steers, and both can be at once. */
static void
step(const struct view *v, struct move *m)
{
    struct view_work *to = m->to;
    enum view_state after = (m->state == WORK_ACTIVE
                             ? WORK_ACTIVE : WORK_STANDBY);
    bool standby_ready = m->state == WORK_STANDBY && m->ready;

    m->target = to;
    if (m->from) {
        bool together = group_is_ready(v, m->s);

        if (standby_ready && together && is_compiled(v, m)) {
            after = WORK_ACTIVE;
        }
        if ((!m->ready || !together)
            && (has_failed(m) || !(to->serves && !m->from->serves))) {
            m->target = m->from;
        }
    } else if (standby_ready && (m->left_dead || !group_is_elsewhere(m))) {
        /* Nobody serves (any more), so there is nobody to wait for. */
        after = WORK_ACTIVE;
    }
    if (is_host_of_all(m)) {
        after = WORK_ACTIVE;
    }
    if (v->in->scheduler) {
        to->after = after;
    }
}

/* True if the row of 'w', a part in e's service, will have 'e'. */
static bool
will_have(const struct view_work *w, const struct view_endpoint *e)
{
    return (schedule_is_live(w)
            && (w->frozen ? sset_contains(&w->prior->endpoints, e->text)
                : !w->service->is_all || e->node == w->node));
}

/* True if 'w', the part of the node to which NB steers 'e' now, or else the
 * part of e's former service there, will go on serving it. */
static bool
still_serves(const struct view_work *w, const struct view_endpoint *e)
{
    const struct view_work *h = e->held_by;

    return (will_have(w, e)
            || (h && h->node->obj && h->before != WORK_REMOVING));
}

/* Returns the node to which NB steers 'e' now, if it may go on so. */
static const struct view_node *
stay_steered(const struct view *v, const struct view_endpoint *e)
{
    return (e->steered && !e->steered->no_way[e->family]
            && schedule_in_scope(e->steered, e)
            && still_serves(view_find_work(v, e->steered, e->service), e)
            ? e->steered : NULL);
}

/* Returns the node to which NB should steer 'e', or NULL. */
static const struct view_node *
steer(const struct view *v, const struct move *m,
      const struct view_endpoint *e)
{
    const struct view_work *target = m->target;

    if (e->foreign) {
        return NULL;
    }
    bool programmed = is_programmed(v, target, e);
    if (!schedule_in_scope(target->node, e)) {
        /* The host's zone does it, or will do when the host can. */
        if (programmed) {
            return NULL;
        }
    } else if (!target->node->no_way[e->family]
               && (programmed || (e->steered == target->node
                                  && target->before != WORK_REMOVING))) {
        return target->node;
    }
    return (e->steered != target->node ? stay_steered(v, e) : NULL);
}

/* True if the network or the ingress addresses of 's' are others than in the
 * row of 'w'.  A former host need not have the network, and goes on with the
 * addresses with which it began. */
static bool
has_other_way(const struct view_service *s, const struct view_work *w)
{
    const char *network
        = w->prior ? plan_row_string(w->prior->row, "network", NULL) : NULL;
    const struct plan_column *ips = share_get_row_ingress(w);

    for (size_t i = 0; ips && i < s->n_ingress; i++) {
        if (!share_row_has_ingress(w, &s->ingress[i])) {
            return true;
        }
    }
    return ((ips && ips->datum.n != s->n_ingress)
            || (network
                && strcmp(network, s->es->egress_service.network)));
}

/* Decides for 's', which has a host. */
static void
schedule_host(struct view *v, struct view_service *s)
{
    struct move m = { .s = s, .to = view_add_work(v, s->host, s) };

    find_out(v, &m);
    for (size_t i = 0; i < s->n_works; i++) {
        struct view_work *w = s->works[i];

        w->frozen = (w != m.to
                     && (was_one_of_all(w)
                         || (stays(&m, w) && has_other_way(s, w))));
        w->after = (!v->in->scheduler || w->frozen || stays(&m, w)
                    ? w->before : WORK_DRAINING);
    }
    step(v, &m);

    for (size_t i = 0; i < s->n_endpoints; i++) {
        struct view_endpoint *e = &s->endpoints[i];
        struct view_work *w;

        e->steer = steer(v, &m, e);
        w = e->steer ? view_find_work(v, e->steer, s) : NULL;
        if (w) {
            w->needed = true;
        }
    }

    /* Who is announced stays so until the peers have been told of the host,
     * whose announcement is newer and wins. */
    bool told = m.state == WORK_ACTIVE && m.ready;
    for (size_t i = 0; i < s->n_works && v->in->scheduler; i++) {
        struct view_work *w = s->works[i];
        if (w != m.to && m.target == m.to && !w->needed
            && (told || w->before != WORK_ACTIVE || !w->node->alive)) {
            w->after = WORK_DRAINING;
            w->frozen = false;
        }
    }
}

/* True if endpoint 'text' of the older row 'w', which the service does not
 * claim any more, has to stay in the row: OVN may still send it there, and its
 * new owner has no row on the node that takes it over at once. */
bool
schedule_stray_stays(const struct view *v, const struct view_work *w,
                     const char *text)
{
    struct in6_addr ip;
    const struct view_endpoint *e
        = ip_addr_parse(text, &ip) ? view_find_claim(v, &ip) : NULL;

    const struct view_work *taker
        = e && e->service != w->service
          ? view_find_work(v, w->node, e->service) : NULL;

    return !(schedule_is_live(taker) && !taker->frozen
             && (e->service->is_all ? e->node == w->node : !e->foreign));
}

/* True if an endpoint of the older row of 'w', which left through its own
 * node, will be steered to a host but is not yet: until then it leaves as it
 * did. */
static bool
waits_for_host(const struct view *v, const struct view_work *w)
{
    const char *text;

    SSET_FOR_EACH (text, &w->prior->endpoints) {
        struct in6_addr ip;
        const struct view_endpoint *e
            = ip_addr_parse(text, &ip) ? view_find_claim(v, &ip) : NULL;
        const struct view_node *host = e ? e->service->host : NULL;

        if (host && !e->foreign && e->node == w->node
            && !host->no_way[e->family] && schedule_in_scope(host, e)) {
            v->plan->waits_for_ovn |= v->prior->all_unconfirmed;
            if (!e->steered || e->unconfirmed || v->prior->all_unconfirmed) {
                return true;
            }
        }
    }
    return false;
}

/* True if the node may still get what only the row of 'w' serves. */
static bool
may_get_packets(const struct view *v, const struct view_work *w)
{
    if (w->prior && w->role_before == ROLE_LOCAL && waits_for_host(v, w)) {
        return true;
    }
    for (size_t i = 0; i < w->strays.n; i++) {
        if (schedule_stray_stays(v, w, w->strays.names[i])) {
            return true;
        }
    }
    return w->serves || w->held;
}

/* Returns the node to which NB should go on steering 'e', which is to leave
 * through its own: the former host, until its own serves it, if only as
 * another former host. */
static const struct view_node *
steer_until_local(const struct view *v, const struct view_endpoint *e)
{
    const struct view_work *own = view_find_work(v, e->node, e->service);
    bool is_local = (!own || own->node == e->steered
                     || has_role(v, own, own->frozen ? ROLE_HOST : ROLE_LOCAL,
                                 e));

    return e->foreign || is_local ? NULL : stay_steered(v, e);
}

/* Decides for 's', whose endpoints leave through their own nodes: a part for
 * each node that has some, and no steering but by what is left. */
static void
schedule_local(struct view *v, struct view_service *s)
{
    bool leaves_host = false;

    for (size_t i = 0; i < s->n_works; i++) {
        struct view_work *w = s->works[i];

        /* One that was host changes when OVN has stopped sending to it. */
        w->frozen = (w->node->obj && w->before != WORK_REMOVING
                     && w->role_before == ROLE_HOST && may_get_packets(v, w));
        w->after = w->frozen ? w->before : WORK_DRAINING;
        leaves_host = (leaves_host
                       || (w->frozen && w->node->alive
                           && w->before == WORK_ACTIVE));
    }
    for (size_t i = 0; i < s->n_endpoints; i++) {
        struct view_endpoint *e = &s->endpoints[i];

        if (e->node->obj) {
            struct view_work *w = view_add_work(v, e->node, s);
            bool waits = (leaves_host
                          && !(w->role_before == ROLE_LOCAL
                               && w->before == WORK_ACTIVE));

            /* Others are not announced while packets leave by the host: the
             * answers would come to them. */
            w->after = (w->frozen ? w->after
                        : waits ? WORK_STANDBY : WORK_ACTIVE);
            svec_add(&w->locals, e->text);
        }
        e->steer = steer_until_local(v, e);
    }
}

/* Decides for 's', which has no host (any more): the former one stays
 * announced as long as OVN may send something there, or what leaves by it
 * would get no answers. */
static void
schedule_nowhere(const struct view *v, struct view_service *s)
{
    bool exists = view_find_object(v, INTENT_SERVICE, s->namespace, s->name);

    for (size_t i = 0; i < s->n_works; i++) {
        struct view_work *w = s->works[i];

        w->frozen = (exists && w->node->obj && w->node->alive
                     && w->role_before == ROLE_HOST
                     && w->before == WORK_ACTIVE && may_get_packets(v, w));
        w->after = w->frozen ? w->before : WORK_DRAINING;
    }
}

/* Ends the part of 'w': when no peer is told of it any more and OVN sends it
 * nothing, the node cleans up, and when it has, or is gone, that was it. */
static void
settle(const struct view *v, struct view_work *w)
{
    if (!w->node->obj) {
        w->after = WORK_NONE;
    } else if (w->after != WORK_DRAINING) {
        return;
    } else if (!w->prior || (w->before == WORK_REMOVING && w->acked)) {
        w->after = WORK_NONE;
    } else if (w->before == WORK_REMOVING
               || (w->before == WORK_DRAINING && w->acked
                   && !may_get_packets(v, w))) {
        w->after = WORK_REMOVING;
    }
}

/* Decides the state of each node's part in each service, and where NB steers
 * each endpoint to. */
void
schedule_run(struct view *v)
{
    struct view_service *s;
    struct view_work *w;

    HMAP_FOR_EACH (s, hmap_node, &v->services) {
        if (s->host) {
            schedule_host(v, s);
        }
    }

    /* These ask who else takes over an endpoint. */
    HMAP_FOR_EACH (s, hmap_node, &v->services) {
        if (!s->host && !s->is_all) {
            schedule_nowhere(v, s);
        }
    }
    for (size_t i = 0; i < v->n_services; i++) {
        if (v->service_array[i]->is_all) {
            schedule_local(v, v->service_array[i]);
        }
    }
    for (size_t i = 0; i < v->n_services; i++) {
        if (v->service_array[i]->is_all) {
            epoch_set_all(v, v->service_array[i]);
        }
    }
    HMAP_FOR_EACH (w, hmap_node, &v->works) {
        if (v->in->scheduler) {
            settle(v, w);
            epoch_set(v, w);
        } else if (w->service->host || w->service->is_all
                   || w->before == WORK_REMOVING) {
            w->after = w->before;
        }
    }
}
