/* SPDX-License-Identifier: Apache-2.0 */

/* How new an announcement is: routers prefer the host that was chosen last, or
 * all nodes if that was last (Documentation/architecture.md, "Epochs").
 * Called by schedule.c when the states of all nodes' parts are decided. */

#include <config.h>

#include "plan/view.h"

#include <string.h>

#include "openvswitch/json.h"
#include "util.h"

/* How often the announcement of a host has the node's AS more than it needs
 * to: of one that is alone, and how many fewer a host gets than a former one.
 * That is more than there are ASes between two leaves of a fabric of three
 * tiers, so that those beside the former host see the new one as nearer, too.
 * At 0 only the MED is left. */
#define PREPENDS_AT_REST 15
#define PREPENDS_STEP 5
BUILD_ASSERT_DECL(EPOCH_PREPENDS_OF_NONE == PREPENDS_AT_REST + PREPENDS_STEP);

/* Returns an epoch that is newer than all that nodes have for 's'. */
static int64_t
newer_epoch(const struct view_service *s)
{
    int64_t epoch = 0;

    for (size_t i = 0; i < s->n_works; i++) {
        epoch = MAX(epoch, (int64_t) s->works[i]->epoch_before + 1);
    }
    return epoch;
}

/* True if a router may prefer another node, which was the host of 's', to
 * 'w'. */
static bool
outranks(const struct view_service *s, const struct view_work *w)
{
    for (size_t i = 0; i < s->n_works; i++) {
        const struct view_work *other = s->works[i];

        if (other->node != w->node && other->prior && other->epoch_before
            && other->before != WORK_REMOVING && other->node->obj
            && other->epoch_before >= w->epoch_before) {
            return true;
        }
    }
    return false;
}

/* True if the host 'w' is announced, but was chosen again after another one
 * that may still be. */
static bool
is_outranked(const struct view_work *w)
{
    const struct view_service *s = w->service;
    bool any = outranks(s, w);

    for (size_t i = 0; s->group && i < s->group->n && !any; i++) {
        any = outranks(s->group->members[i], w);
    }
    return any;
}

/* True if the row of 'w' gets an ingress address that it did not have: another
 * node may still announce it for another service. */
static bool
gains_address(const struct view_work *w)
{
    const struct view_service *s = w->service;
    const struct plan_column *c
        = (w->prior && w->prior->row && !w->frozen
           ? plan_row_get(w->prior->row, "ingress_ips") : NULL);

    for (size_t i = 0; c && i < s->n_ingress; i++) {
        char buf[IP_STRLEN];
        const char *text = ip_format(&s->ingress[i], buf);
        bool found = false;

        for (unsigned int j = 0; j < c->datum.n && !found; j++) {
            found = !strcmp(json_string(c->datum.keys[j].s), text);
        }
        if (!found) {
            return true;
        }
    }
    return false;
}

/* True if 'w' becomes the one that is announced. */
static bool
is_newest(const struct view_work *w)
{
    return (w->after == WORK_ACTIVE && !w->service->is_all
            && w->node == w->service->host
            && (!(w->before == WORK_ACTIVE && w->epoch_before)
                || is_outranked(w) || gains_address(w)));
}

/* Gives the announcement of 'w', if it is a new one, an epoch that is newer
 * than all that nodes may still announce of the service, or of others with an
 * address of it. */
static void
set_epoch(const struct view *v, struct view_work *w)
{
    const struct view_service *s = w->service;
    bool is_new = is_newest(w);
    int64_t epoch = w->epoch_before;

    if (is_new) {
        epoch = newer_epoch(s);
        for (size_t i = 0; s->group && i < s->group->n; i++) {
            epoch = MAX(epoch, newer_epoch(s->group->members[i]));
        }
    }
    w->epoch = MIN(is_new ? MAX(epoch, v->in->now) : epoch, UINT32_MAX);
}

/* What other nodes than one may still announce of a service. */
struct others {
    bool any;                   /* One of them was announced, and its row is
                                 * not gone. */
    int fewest;                 /* Prepends of those that may be announced
                                 * now. */
};

static void
find_others(const struct view_service *s, const struct view_node *node,
            struct others *others)
{
    for (size_t i = 0; i < s->n_works; i++) {
        const struct view_work *w = s->works[i];

        if (w->node != node && w->prior && w->epoch_before) {
            others->any = true;
            if (w->before != WORK_REMOVING) {
                others->fewest = MIN(others->fewest, w->prepends_before);
            }
        }
    }
}

/* Gives the announcement of 'w', if it is a new one, a shorter AS path than
 * all that other nodes may still announce, as far as there is one: by
 * PREPENDS_STEP, so that it stays shorter across a fabric.  It grows again,
 * and no router changes its mind, when there is certainly no other. */
static void
set_prepends(const struct view *v, struct view_work *w)
{
    const struct view_service *s = w->service;
    struct others others = { .fewest = PREPENDS_AT_REST + PREPENDS_STEP };

    w->prepends = w->prepends_before;
    if (v->options->newest_by != PLAN_NEWEST_BY_AS_PATH) {
        w->prepends = 0;
    } else if (w->after == WORK_ACTIVE && !s->is_all) {
        find_others(s, w->node, &others);
        for (size_t i = 0; s->group && i < s->group->n; i++) {
            find_others(s->group->members[i], w->node, &others);
        }
        if (is_newest(w)) {
            w->prepends = MAX(others.fewest - PREPENDS_STEP, 0);
        } else if (!others.any) {
            w->prepends = PREPENDS_AT_REST;
        }
    }
}

/* True if 'w' is announced, or becomes so, as one of all nodes. */
static bool
is_one_of_all(const struct view_work *w)
{
    return (w->service->is_all && !w->frozen && w->after == WORK_ACTIVE);
}

/* What nodes may still announce of a service whose endpoints are to leave
 * through their own nodes. */
struct all_announced {
    bool any;                   /* A node becomes, or is, one of all. */
    bool any_host;              /* Some node may still announce it as host. */
    int64_t newest_host;        /* Epoch, or 0. */
    int64_t newest;             /* Likewise, of those that are one of all. */
    int host_prepends;          /* The fewest. */
    int prepends;               /* Of 'newest'. */
};

static void
find_all_announced(const struct view_service *s, struct all_announced *a)
{
    for (size_t i = 0; i < s->n_works; i++) {
        const struct view_work *w = s->works[i];

        a->any = a->any || is_one_of_all(w);
        if (!w->prior || !w->epoch_before || !w->node->obj) {
            continue;
        }
        a->any_host |= w->role_before == ROLE_HOST || !w->acked;
        if (w->role_before == ROLE_HOST) {
            if (w->before != WORK_REMOVING) {
                a->newest_host = MAX(a->newest_host, w->epoch_before);
                a->host_prepends = MIN(a->host_prepends, w->prepends_before);
            }
        } else if (w->epoch_before > a->newest) {
            a->newest = w->epoch_before;
            a->prepends = w->prepends_before;
        }
    }
}

/* Gives what all nodes announce of 's', and of the others of its kind that
 * share an address with it, one epoch: that of those that are announced
 * already unless a host was chosen since. */
void
epoch_set_all(const struct view *v, struct view_service *s)
{
    struct all_announced a = {
        .host_prepends = EPOCH_PREPENDS_OF_NONE
    };

    find_all_announced(s, &a);
    for (size_t i = 0; s->group && i < s->group->n; i++) {
        find_all_announced(s->group->members[i], &a);
    }
    if (!a.any) {
        s->epoch = s->prepends = 0;
        return;
    }

    bool is_new = a.newest <= a.newest_host;
    int64_t epoch = is_new ? MAX(a.newest_host + 1, v->in->now) : a.newest;

    s->epoch = MIN(epoch, UINT32_MAX);
    s->prepends = (v->options->newest_by != PLAN_NEWEST_BY_AS_PATH ? 0
                   : is_new ? MAX(a.host_prepends - PREPENDS_STEP, 0)
                   : a.any_host ? a.prepends : EPOCH_PREPENDS_OF_NONE);
}

/* Gives the announcement of 'w' its epoch and its prepends. */
void
epoch_set(const struct view *v, struct view_work *w)
{
    if (is_one_of_all(w)) {
        w->epoch = w->service->epoch;
        w->prepends = w->service->prepends;
    } else {
        set_epoch(v, w);
        set_prepends(v, w);
    }
}
