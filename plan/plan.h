/* SPDX-License-Identifier: Apache-2.0 */

/* The plan: what should be, decided from all that is known.
 *
 * plan_build() takes a "struct plan_input" (intent, topology, and what was in
 * force before) and returns a "struct plan": the rows that OVN_Northbound and
 * OVN_Egress should have, and each object's status.  It is pure: the same
 * input gives the same plan; it does no I/O, reads no clock, keeps no state
 * and does not log.  The agent calls it; ovsdb/ collects the input and
 * applies the result.
 *
 * What was in force is an input because three promises need it: an allocation
 * is sticky, a packet is never steered to a node that is not ready for it, and
 * a node never loses what packets still need.  See Documentation/architecture
 * for the order of a move.
 *
 * plan_update() brings a plan from one input to the next, at the cost of the
 * services that changed.  It is as pure: what it makes is what plan_build()
 * would make of the same input, and the tests hold it to that.
 *
 * All pointers in the input are borrowed.  What does not change may not move
 * in memory between plan_build() and the last plan_update(). */

#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H 1

#include <stdbool.h>

#include "plan/rows/output.h"
#include "plan/world/input.h"

/* Appends to 'problems' what is wrong between the manifests of 'in', each of
 * which is valid by itself: a BGPPeer in a VRF that no policy makes, and so
 * on.  Of 'in' only "objs" and "options" are needed; "nb" and "prior" may be
 * NULL.  Each problem names its object and field. */
void plan_check(const struct plan_input *in, struct intent_problems *problems);

/* Decides.  "nb", "prior" and "refused" may be NULL: nothing known. */
void plan_build(const struct plan_input *, struct plan *);
void plan_destroy(struct plan *);

/* Makes 'plan' that of 'in', which differs from its former input, that of
 * plan_build() or of the last plan_update(), in 'changes' alone.  Returns true
 * if it did so service by service, false if all was planned anew. */
bool plan_update(struct plan *, const struct plan_input *,
                 const struct plan_changes *);

/* Return the name of the node to which the next hop 'ip' leads in the topology
 * that 'plan' was made for, or the next hop of a node.  NULL if there is
 * none. */
const char *plan_find_node(const struct plan *, const struct in6_addr *ip);
const struct in6_addr *plan_find_next_hop(const struct plan *,
                                          const char *node, enum ip_family);

/* True if the address is of a pod in the zone that 'plan' was made for. */
bool plan_is_local(const struct plan *, const struct in6_addr *ip);

/* Returns the name of the stage number 'i' of planning, as plan_input's
 * "watch" is told of it, or NULL if there are no more. */
const char *plan_stage_name(size_t i);

/* Appends to 's' how 'plan' differs from what plan_build() makes of 'in', the
 * input that it was last updated for: nothing. */
void plan_verify(const struct plan *, const struct plan_input *, struct ds *s);

/* Appends to 's' how the status of objects differs. */
void plan_format_status_diff(const struct plan *, const struct plan *,
                             struct ds *s);

/* Appends 'plan' to 's' as text: rows in order, one column a line, then the
 * status.  Stable, for golden files and for "plan/show". */
void plan_format(const struct plan *, struct ds *s);

#endif /* plan/plan.h */
