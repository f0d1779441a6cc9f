/* SPDX-License-Identifier: Apache-2.0 */

/* Steering: see steer.h. */

#include <config.h>

#include "plan/decide/steer.h"

#include "plan/decide/decide.h"
#include "util.h"

/* A zone steers its own endpoints, and on the node's side also those of other
 * zones. */
bool
steer_in_scope(const struct view_node *node, const struct view_endpoint *e)
{
    return node->local || e->node->local;
}

bool
steer_has_role(const struct view *v, const struct view_work *w,
               enum view_role role, const struct view_endpoint *e)
{
    return (!v->options->wait_for_nodes
            || (w->acked && w->prior
                && (w->before == WORK_STANDBY || w->before == WORK_ACTIVE)
                && w->role_before == role
                && sset_contains(&w->prior->endpoints, e->text)));
}

bool
steer_is_programmed(const struct view *v, const struct view_work *w,
                    const struct view_endpoint *e)
{
    return steer_has_role(v, w, ROLE_HOST, e);
}

/* True if the row of 'w', a part in e's service, will have 'e'. */
static bool
will_have(const struct view_work *w, const struct view_endpoint *e)
{
    return (schedule_is_live(w)
            && (w->next->frozen ? sset_contains(&w->prior->endpoints, e->text)
                : !w->service->choice->is_all || e->node == w->node));
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
            && steer_in_scope(e->steered, e)
            && still_serves(view_find_work(v, e->steered, e->service), e)
            ? e->steered : NULL);
}

const struct view_node *
steer_to(const struct view *v, const struct view_work *target,
         const struct view_endpoint *e)
{
    bool programmed = steer_is_programmed(v, target, e);

    if (e->foreign) {
        return NULL;
    } else if (!steer_in_scope(target->node, e)) {
        /* The host's zone does it, or will do when the host can. */
        if (programmed) {
            return NULL;
        }
    } else if (!target->node->no_way[e->family]
               && (programmed || (e->steered == target->node
                                  && target->before != WORK_REMOVING))) {
        return target->node;
    }
    return e->steered != target->node ? stay_steered(v, e) : NULL;
}

/* Until its own node serves it, if only as another former host, that is the
 * former host. */
const struct view_node *
steer_to_own(const struct view *v, const struct view_endpoint *e)
{
    const struct view_work *own = view_find_work(v, e->node, e->service);
    enum view_role role = own && own->next->frozen ? ROLE_HOST : ROLE_LOCAL;
    bool is_local = (!own || own->node == e->steered
                     || steer_has_role(v, own, role, e));

    return e->foreign || is_local ? NULL : stay_steered(v, e);
}

/* OVN may still send it there; does its new owner have a row on the node that
 * takes it over at once? */
bool
steer_stray_stays(const struct view *v, const struct view_work *w,
                  const char *text)
{
    struct in6_addr ip;
    const struct view_endpoint *e
        = ip_addr_parse(text, &ip) ? view_find_claim(v, &ip) : NULL;

    const struct view_work *taker
        = e && e->service != w->service
          ? view_find_work(v, w->node, e->service) : NULL;

    return !(schedule_is_live(taker) && !taker->next->frozen
             && (e->service->choice->is_all ? e->node == w->node
                 : !e->foreign));
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
        const struct view_node *host = e ? e->service->choice->host : NULL;

        if (host && !e->foreign && e->node == w->node
            && !host->no_way[e->family] && steer_in_scope(host, e)) {
            v->plan->waits_for_ovn |= v->prior->all_unconfirmed;
            if (!e->steered || e->unconfirmed || v->prior->all_unconfirmed) {
                return true;
            }
        }
    }
    return false;
}

bool
steer_may_get_packets(const struct view *v, const struct view_work *w)
{
    if (w->prior && w->role_before == ROLE_LOCAL && waits_for_host(v, w)) {
        return true;
    }
    for (size_t i = 0; i < w->strays.n; i++) {
        if (steer_stray_stays(v, w, w->strays.names[i])) {
            return true;
        }
    }
    return w->serves || w->held;
}
