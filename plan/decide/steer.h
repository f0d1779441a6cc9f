/* SPDX-License-Identifier: Apache-2.0 */

/* Steering: to which node NB should send an endpoint's packets, and whether a
 * node may still get some.  Asked by the schedule as it decides. */

#ifndef PLAN_DECIDE_STEER_H
#define PLAN_DECIDE_STEER_H 1

#include "plan/world/view.h"

/* True if our zone's NB is the one that steers the endpoint to the node. */
bool steer_in_scope(const struct view_node *, const struct view_endpoint *);

/* True if the row of the part, of this role and with the endpoint in it, is
 * what the node has. */
bool steer_has_role(const struct view *, const struct view_work *,
                    enum view_role, const struct view_endpoint *);

/* The same, of the host. */
bool steer_is_programmed(const struct view *, const struct view_work *,
                         const struct view_endpoint *);

/* Returns the node to which NB should steer an endpoint whose service goes to
 * the node of 'target', or NULL. */
const struct view_node *steer_to(const struct view *,
                                 const struct view_work *target,
                                 const struct view_endpoint *);

/* Returns the node to which NB should steer an endpoint that is to leave
 * through its own node, or NULL. */
const struct view_node *steer_to_own(const struct view *,
                                     const struct view_endpoint *);

/* True if endpoint 'text' of an older row, which the service does not claim
 * any more, has to stay in the row. */
bool steer_stray_stays(const struct view *, const struct view_work *,
                       const char *text);

/* True if the node may still get packets that only this row of it serves. */
bool steer_may_get_packets(const struct view *, const struct view_work *);

#endif /* plan/decide/steer.h */
