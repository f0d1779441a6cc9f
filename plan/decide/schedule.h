/* SPDX-License-Identifier: Apache-2.0 */

/* What is next: the state of each node's part in a service, where NB should
 * steer each endpoint, and how new each announcement is.
 *
 * All may read it, through service->next and work->next; only schedule.c can
 * change it, for the memory is its own. */

#ifndef PLAN_DECIDE_SCHEDULE_H
#define PLAN_DECIDE_SCHEDULE_H 1

#include "plan/world/view.h"

/* How new an announcement is: routers prefer the greatest epoch by MED, or the
 * fewest prepends by the length of the AS path. */
struct rank {
    uint32_t epoch;             /* 0 if it never had one. */
    int prepends;               /* How often it has the node's AS more than it
                                 * needs to. */
};

/* Of a service. */
struct service_next {
    const struct view_node **steer;     /* By endpoint: NULL if NB should not
                                         * steer it. */
    struct rank rank_of_all;    /* If the host is "ALL": of what all nodes
                                 * announce. */
};

/* Of a node's part in a service. */
struct work_next {
    enum view_state state;
    bool needed;                /* NB goes on steering to it. */
    bool frozen;                /* The row stays as it is, but for 'rank'. */
    struct rank rank;           /* Of its announcement. */
    struct svec locals;         /* Host "ALL": the endpoints on the node. */
};

/* Gives what is planned a next, of nothing yet; and takes it back. */
void schedule_begin(struct view *);
void schedule_forget(struct view *);

/* Decides. */
void schedule_run(struct view *);

/* True if the node has, or gets, what it needs for the service.  The part may
 * be NULL. */
bool schedule_is_live(const struct view_work *);

/* True if the part is that of the host that ovn-kubernetes has chosen, and not
 * active with us yet. */
bool schedule_is_adopted(const struct view_work *);

#endif /* plan/decide/schedule.h */
