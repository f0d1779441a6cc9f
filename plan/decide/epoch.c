/* SPDX-License-Identifier: Apache-2.0 */

/* How new an announcement is: routers prefer the host that was chosen last, or
 * all nodes if that was last (Documentation/architecture.md, "Epochs").
 * Called by schedule.c when the states of all nodes' parts are decided. */

#include <config.h>

#include "plan/decide/decide.h"

#include <string.h>

#include "openvswitch/json.h"
#include "util.h"

/* How often the announcement of a host has the node's AS more than it needs
 * to: of one that is alone; what all nodes announce; and how many fewer a host
 * gets than a former one.  A row has up to 15 (schemas/ovn-egress.ovsschema).
 * The step is more than there are ASes between two leaves of a fabric of three
 * tiers, so that those beside the former host see the new one as nearer, too.
 * At 0 only the MED is left. */
#define PREPENDS_AT_REST 10
#define PREPENDS_OF_ALL 15
#define PREPENDS_STEP 5
BUILD_ASSERT_DECL(PREPENDS_OF_ALL == PREPENDS_AT_REST + PREPENDS_STEP);
BUILD_ASSERT_DECL(EPOCH_PREPENDS_OF_NONE == PREPENDS_OF_ALL + PREPENDS_STEP);

/* Calls 'cb' for each row that may still announce something of 's': its own,
 * those of services that share an address with it, and those of whatever had
 * one of its addresses until now.  It may come more than once. */
static void
for_each_row(const struct view *v, const struct view_service *s,
             void (*cb)(const struct view_work *, void *aux), void *aux)
{
    const struct share_group *g = s->shared->group;
    size_t n_members = g ? g->n : 1;

    for (size_t i = 0; i < n_members; i++) {
        const struct view_service *m = g ? g->members[i] : s;

        for (size_t j = 0; j < m->n_works; j++) {
            cb(m->works[j], aux);
        }
    }
    for (size_t i = 0; i < s->n_ingress; i++) {
        struct view_work *const *rows;
        size_t n = share_get_address_rows(v, &s->ingress[i], &rows);

        for (size_t j = 0; j < n; j++) {
            cb(rows[j], aux);
        }
    }
}

/* What other nodes than one may still announce of the addresses of a
 * service. */
struct others {
    const struct view_node *node;       /* That one. */
    bool any;                   /* One of them was announced, and its row is
                                 * not gone. */
    int64_t newest;             /* Epoch, of all of them and of 'node'. */
    int64_t newest_other;       /* Of those that may be announced now. */
    int fewest;                 /* Prepends of those. */
};

static void
add_other(const struct view_work *w, void *others)
{
    struct others *o = others;

    if (!w->prior || !w->epoch_before) {
        return;
    }
    o->newest = MAX(o->newest, w->epoch_before);
    if (w->node != o->node) {
        o->any = true;
        if (w->before != WORK_REMOVING && w->node->obj) {
            o->newest_other = MAX(o->newest_other, w->epoch_before);
        }
        if (w->before != WORK_REMOVING) {
            o->fewest = MIN(o->fewest, w->prepends_before);
        }
    }
}

/* True if the row of 'w' gets an ingress address that it did not have: another
 * node may still announce it for another service. */
static bool
gains_address(const struct view_work *w)
{
    const struct view_service *s = w->service;

    for (size_t i = 0; i < s->n_ingress; i++) {
        if (!w->next->frozen && share_get_row_ingress(w)
            && !share_row_has_ingress(w, &s->ingress[i])) {
            return true;
        }
    }
    return false;
}

/* True if 'w' becomes the one that is announced, or is, but another one that
 * may still be was chosen meanwhile. */
static bool
is_newest(const struct view_work *w, const struct others *o)
{
    return (w->node == w->service->choice->host
            && (!(w->before == WORK_ACTIVE && w->epoch_before)
                || o->newest_other >= w->epoch_before || gains_address(w)));
}

/* Returns the epoch of what 'w' announces: if it is a new one, newer than all
 * that nodes may still announce. */
static uint32_t
get_epoch(const struct view *v, const struct view_work *w,
          const struct others *o)
{
    return (is_newest(w, o) ? MIN(MAX(o->newest + 1, v->in->now), UINT32_MAX)
            : w->epoch_before);
}

/* Returns the prepends of what 'w' announces: if it is a new one, for a
 * shorter AS path than all that other nodes may still announce, as far as
 * there is one, by PREPENDS_STEP, so that it stays shorter across a fabric.
 * It grows again, and no router changes its mind, when there is certainly no
 * other. */
static int
get_prepends(const struct view *v, const struct view_work *w,
             const struct others *o)
{
    return (v->options->newest_by != PLAN_NEWEST_BY_AS_PATH ? 0
            : is_newest(w, o) ? MAX(o->fewest - PREPENDS_STEP, 0)
            : o->any ? w->prepends_before : PREPENDS_AT_REST);
}

/* True if 'w' is announced, or becomes so, as one of all nodes. */
static bool
is_one_of_all(const struct view_work *w)
{
    return (w->service->choice->is_all && !w->next->frozen
            && w->next->state == WORK_ACTIVE);
}

/* What nodes may still announce of a service whose endpoints are to leave
 * through their own nodes. */
struct all_announced {
    bool any;                   /* A node becomes, or is, one of all. */
    bool any_host;              /* Some node may still announce it as host. */
    int64_t newest_host;        /* Epoch, or 0. */
    int64_t newest;             /* Likewise, of those that are one of all. */
    int host_prepends;          /* The fewest. */
    int prepends;               /* The fewest of 'newest'. */
};

static void
add_announced(const struct view_work *w, void *all_announced)
{
    struct all_announced *a = all_announced;

    a->any = a->any || is_one_of_all(w);
    if (!w->prior || !w->epoch_before || !w->node->obj) {
        return;
    }
    a->any_host |= w->role_before == ROLE_HOST || !w->acked;
    if (w->role_before == ROLE_HOST) {
        if (w->before != WORK_REMOVING) {
            a->newest_host = MAX(a->newest_host, w->epoch_before);
            a->host_prepends = MIN(a->host_prepends, w->prepends_before);
        }
    } else if (w->epoch_before >= a->newest) {
        a->prepends = (w->epoch_before > a->newest ? w->prepends_before
                       : MIN(a->prepends, w->prepends_before));
        a->newest = w->epoch_before;
    }
}

/* It is the rank of those of its kind that share an address with it, too: that
 * of those that are announced already unless a host was chosen since. */
struct rank
epoch_get_of_all(const struct view *v, const struct view_service *s)
{
    struct all_announced a = { .host_prepends = EPOCH_PREPENDS_OF_NONE };

    for_each_row(v, s, add_announced, &a);
    if (!a.any) {
        return (struct rank) { 0, 0 };
    }

    bool is_new = a.newest <= a.newest_host;
    int64_t epoch = is_new ? MAX(a.newest_host + 1, v->in->now) : a.newest;

    return (struct rank) {
        .epoch = MIN(epoch, UINT32_MAX),
        .prepends = (v->options->newest_by != PLAN_NEWEST_BY_AS_PATH ? 0
                     : is_new ? MAX(a.host_prepends - PREPENDS_STEP, 0)
                     : a.any_host ? a.prepends : PREPENDS_OF_ALL),
    };
}

struct rank
epoch_get(const struct view *v, const struct view_work *w)
{
    bool by_path = v->options->newest_by == PLAN_NEWEST_BY_AS_PATH;

    if (is_one_of_all(w)) {
        return w->service->next->rank_of_all;
    } else if (w->next->state == WORK_ACTIVE && !w->service->choice->is_all) {
        struct others o = { .node = w->node, .fewest = PREPENDS_OF_ALL };

        for_each_row(v, w->service, add_other, &o);
        return (struct rank) { get_epoch(v, w, &o), get_prepends(v, w, &o) };
    }
    return (struct rank) {
        .epoch = w->epoch_before,
        .prepends = by_path ? w->prepends_before : 0,
    };
}
