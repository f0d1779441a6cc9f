/* SPDX-License-Identifier: Apache-2.0 */

/* The schedule: what each node has to do for each service, and to which node
 * NB steers each endpoint, so that a node is ready before a packet comes and
 * stays ready until the last one has.
 *
 * It remembers nothing: what is published, acknowledged and steered now says
 * how far a move has come (Documentation/architecture.md, "The order of a
 * move").  Called by plan.c with the hosts selected. */

#include <config.h>

#include "plan/decide/schedule.h"

#include <stdlib.h>
#include <string.h>

#include "plan/decide/decide.h"
#include "util.h"

/* What is decided: of services by their index, of parts by their id. */
struct schedule {
    struct service_next *services;
    struct work_next **works;
    size_t n_works, allocated_works;
};

/* A service on its way to, or at rest on, its host. */
struct move {
    const struct view_service *s;
    const struct view_work *to; /* Of the host. */
    enum view_state state;      /* What 'to' is now. */
    bool ready;                 /* 'to' acknowledged that. */
    const struct view_work *from;       /* Another node that serves and is
                                         * alive. */
    const struct view_work *announced;  /* Another node that is alive and
                                         * announced. */
    bool left_dead;             /* Another node serves but is dead. */
    const struct view_work *target;     /* Decided: NB steers to this one. */
};

/* Returns what is decided for 'w', to change it. */
static struct work_next *
next_of(const struct view *v, const struct view_work *w)
{
    return v->schedule->works[w->id];
}

/* Gives 'w' a next. */
static void
begin_work(struct view *v, struct view_work *w)
{
    struct schedule *schedule = v->schedule;
    struct work_next *next = xzalloc(sizeof *next);

    if (schedule->n_works >= schedule->allocated_works) {
        schedule->works = x2nrealloc(schedule->works,
                                     &schedule->allocated_works,
                                     sizeof *schedule->works);
    }
    svec_init(&next->locals);
    w->id = schedule->n_works++;
    w->next = schedule->works[w->id] = next;
}

void
schedule_begin(struct view *v)
{
    struct schedule *schedule = xzalloc(sizeof *schedule);
    struct view_service *s;
    struct view_work *w;

    v->schedule = schedule;
    schedule->services = xcalloc(hmap_count(&v->services),
                                 sizeof *schedule->services);
    HMAP_FOR_EACH (s, hmap_node, &v->services) {
        struct service_next *next = &schedule->services[s->index];

        next->steer = xcalloc(s->n_endpoints, sizeof *next->steer);
        s->next = next;
    }
    HMAP_FOR_EACH (w, hmap_node, &v->works) {
        begin_work(v, w);
    }
}

void
schedule_forget(struct view *v)
{
    struct schedule *schedule = v->schedule;

    if (schedule) {
        for (size_t i = 0; i < hmap_count(&v->services); i++) {
            free(schedule->services[i].steer);
        }
        free(schedule->services);
        for (size_t i = 0; i < schedule->n_works; i++) {
            svec_destroy(&schedule->works[i]->locals);
            free(schedule->works[i]);
        }
        free(schedule->works);
        free(schedule);
        v->schedule = NULL;
    }
}

/* Returns the part of 'node' in 's', which is made if there is none. */
static const struct view_work *
add_work(struct view *v, const struct view_node *node, struct view_service *s)
{
    struct view_work *w = view_add_work(v, node, s);

    if (!w->next) {
        begin_work(v, w);
    }
    return w;
}

bool
schedule_is_live(const struct view_work *w)
{
    return w && (w->next->state == WORK_STANDBY
                 || w->next->state == WORK_ACTIVE);
}

bool
schedule_is_adopted(const struct view_work *w)
{
    const struct view_service *s = w->service;

    return (w->next->state == WORK_STANDBY && s->adopted
            && w->node == s->choice->host && s->choice->host == s->adopted);
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
    const struct view_work *to = m->to;

    m->state = to->role_before == ROLE_HOST ? to->before : WORK_NONE;
    if (!wait && m->state != WORK_STANDBY && m->state != WORK_ACTIVE) {
        m->state = WORK_STANDBY;
    }
    m->ready = (m->state == WORK_STANDBY || m->state == WORK_ACTIVE)
               && (to->acked || !wait);

    for (size_t i = 0; i < m->s->n_works; i++) {
        const struct view_work *w = m->s->works[i];

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

/* True if ovn-northd has compiled that all endpoints for which the host is
 * programmed are steered to it: the chassis have it in a moment. */
static bool
is_compiled(const struct view *v, const struct move *m)
{
    for (size_t i = 0; i < m->s->n_endpoints; i++) {
        const struct view_endpoint *e = &m->s->endpoints[i];

        if (!e->foreign && steer_in_scope(m->to->node, e)
            && !m->to->node->no_way[e->family]
            && steer_is_programmed(v, m->to, e)
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
    for (size_t i = 0; s->shared->group && i < s->shared->group->n; i++) {
        const struct view_work *w
            = view_find_work(v, s->choice->host, s->shared->group->members[i]);

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
    const struct share_group *g = m->s->shared->group;

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
    const struct view_work *to = m->to;
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
        next_of(v, to)->state = after;
    }
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
    struct move m = { .s = s, .to = add_work(v, s->choice->host, s) };

    find_out(v, &m);
    for (size_t i = 0; i < s->n_works; i++) {
        const struct view_work *w = s->works[i];
        struct work_next *next = next_of(v, w);

        next->frozen = (w != m.to
                        && (was_one_of_all(w)
                            || (stays(&m, w) && has_other_way(s, w))));
        next->state = (!v->in->scheduler || next->frozen || stays(&m, w)
                       ? w->before : WORK_DRAINING);
    }
    step(v, &m);

    for (size_t i = 0; i < s->n_endpoints; i++) {
        const struct view_node *node = steer_to(v, m.target, &s->endpoints[i]);
        const struct view_work *w = node ? view_find_work(v, node, s) : NULL;

        v->schedule->services[s->index].steer[i] = node;
        if (w) {
            next_of(v, w)->needed = true;
        }
    }

    /* Who is announced stays so until the peers have been told of the host,
     * whose announcement is newer and wins. */
    bool told = m.state == WORK_ACTIVE && m.ready;
    for (size_t i = 0; i < s->n_works && v->in->scheduler; i++) {
        const struct view_work *w = s->works[i];
        struct work_next *next = next_of(v, w);

        if (w != m.to && m.target == m.to && !next->needed
            && (told || w->before != WORK_ACTIVE || !w->node->alive)) {
            next->state = WORK_DRAINING;
            next->frozen = false;
        }
    }
}

/* Decides for 's', whose endpoints leave through their own nodes: a part for
 * each node that has some, and no steering but by what is left. */
static void
schedule_local(struct view *v, struct view_service *s)
{
    bool leaves_host = false;

    for (size_t i = 0; i < s->n_works; i++) {
        const struct view_work *w = s->works[i];
        struct work_next *next = next_of(v, w);

        /* One that was host changes when OVN has stopped sending to it. */
        next->frozen = (w->node->obj && w->before != WORK_REMOVING
                        && w->role_before == ROLE_HOST
                        && steer_may_get_packets(v, w));
        next->state = next->frozen ? w->before : WORK_DRAINING;
        leaves_host = (leaves_host
                       || (next->frozen && w->node->alive
                           && w->before == WORK_ACTIVE));
    }
    for (size_t i = 0; i < s->n_endpoints; i++) {
        const struct view_endpoint *e = &s->endpoints[i];

        if (e->node->obj) {
            const struct view_work *w = add_work(v, e->node, s);
            struct work_next *next = next_of(v, w);
            bool waits = (leaves_host
                          && !(w->role_before == ROLE_LOCAL
                               && w->before == WORK_ACTIVE));

            /* Others are not announced while packets leave by the host: the
             * answers would come to them. */
            next->state = (next->frozen ? next->state
                           : waits ? WORK_STANDBY : WORK_ACTIVE);
            svec_add(&next->locals, e->text);
        }
        v->schedule->services[s->index].steer[i] = steer_to_own(v, e);
    }
}

/* Decides for 's', which has no host (any more): the former one stays
 * announced as long as OVN may send something there, or what leaves by it
 * would get no answers. */
static void
schedule_nowhere(const struct view *v, const struct view_service *s)
{
    bool exists = view_find_object(v, INTENT_SERVICE, s->namespace, s->name);

    for (size_t i = 0; i < s->n_works; i++) {
        const struct view_work *w = s->works[i];
        struct work_next *next = next_of(v, w);

        next->frozen = (exists && w->node->obj && w->node->alive
                        && w->role_before == ROLE_HOST
                        && w->before == WORK_ACTIVE
                        && steer_may_get_packets(v, w));
        next->state = next->frozen ? w->before : WORK_DRAINING;
    }
}

/* Ends the part of 'w': when no peer is told of it any more and OVN sends it
 * nothing, the node cleans up, and when it has, or is gone, that was it. */
static void
settle(const struct view *v, const struct view_work *w)
{
    struct work_next *next = next_of(v, w);

    if (!w->node->obj) {
        next->state = WORK_NONE;
    } else if (next->state != WORK_DRAINING) {
        return;
    } else if (!w->prior || (w->before == WORK_REMOVING && w->acked)) {
        next->state = WORK_NONE;
    } else if (w->before == WORK_REMOVING
               || (w->before == WORK_DRAINING && w->acked
                   && !steer_may_get_packets(v, w))) {
        next->state = WORK_REMOVING;
    }
}

void
schedule_run(struct view *v)
{
    struct view_service *s;
    const struct view_work *w;

    HMAP_FOR_EACH (s, hmap_node, &v->services) {
        if (s->choice->host) {
            schedule_host(v, s);
        }
    }

    /* These ask who else takes over an endpoint. */
    HMAP_FOR_EACH (s, hmap_node, &v->services) {
        if (!s->choice->host && !s->choice->is_all) {
            schedule_nowhere(v, s);
        }
    }
    for (size_t i = 0; i < v->n_services; i++) {
        if (v->service_array[i]->choice->is_all) {
            schedule_local(v, v->service_array[i]);
        }
    }
    for (size_t i = 0; i < v->n_services; i++) {
        s = v->service_array[i];
        if (s->choice->is_all) {
            v->schedule->services[s->index].rank_of_all
                = epoch_get_of_all(v, s);
        }
    }
    HMAP_FOR_EACH (w, hmap_node, &v->works) {
        struct work_next *next = next_of(v, w);

        if (v->in->scheduler) {
            settle(v, w);
            next->rank = epoch_get(v, w);
        } else if (w->service->choice->host || w->service->choice->is_all
                   || w->before == WORK_REMOVING) {
            next->state = w->before;
        }
    }
}
