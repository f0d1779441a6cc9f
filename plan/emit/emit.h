/* SPDX-License-Identifier: Apache-2.0 */

/* Decisions turned into rows, in the order of their calls: see plan.c. */

#ifndef PLAN_EMIT_EMIT_H
#define PLAN_EMIT_EMIT_H 1

#include "plan/decide/decide.h"

/* The writing files. */
void policy_write(const struct view *);
void peer_write(const struct view *);
void pools_put_status(const struct view *);
void work_write_nodes(const struct view *);
void work_write(const struct view *);
void zone_write(const struct view *);

/* Of all Services, or of those among the services that are planned. */
void ingress_write(const struct view *);

/* The conditions of the BGPPeers: announce-status.c. */
void announce_put_status(const struct view *);

/* Writes the status of all objects; 'problems' are of plan/check, sorted by
 * object. */
void status_write(const struct view *, const struct intent_problems *problems);

/* Returns why the load balancer of the Service of 's' is not attached where
 * its traffic enters 'node', or NULL if it is, or if there is none of ours.
 * The caller frees it. */
char *ingress_find_unattached(const struct view *, const struct view_service *,
                              const struct view_node *);

/* sets.c: address sets in NB. */
void sets_write_one(const struct view *, const char *name,
                    const struct svec *members, const char *node,
                    const char *origin);
void sets_write(const struct view *, const char *name,
                const struct svec *members, const char *node,
                const char *origin, struct svec *names);

#endif /* plan/emit/emit.h */
