/* SPDX-License-Identifier: Apache-2.0 */

/* Decisions, in the order of their calls: see plan.c.  Each file fills in what
 * the view says is decided, and asks those before it. */

#ifndef PLAN_DECIDE_DECIDE_H
#define PLAN_DECIDE_DECIDE_H 1

#include "plan/decide/labels.h"
#include "plan/decide/ledger.h"
#include "plan/decide/schedule.h"
#include "plan/decide/select.h"
#include "plan/decide/share.h"
#include "plan/decide/steer.h"
#include "plan/world/view.h"

/* epoch.c */

/* How often what all nodes announce has the node's AS more than it needs to,
 * if that says what is newer: any host has it less often. */
#define EPOCH_PREPENDS_OF_NONE 20

/* Returns the one rank of what all nodes announce of a service. */
struct rank epoch_get_of_all(const struct view *, const struct view_service *);

/* Returns the rank of what the node of a part announces. */
struct rank epoch_get(const struct view *, const struct view_work *);

/* node-sets.c */

/* Finds out for which families the node of a work needs a set.  It has it as
 * long as it has a row that needs it, so that a move changes members only. */
void node_sets_find(const struct view_work *,
                    bool wanted[IP_N_FAMILIES]);

/* The deciding files, in the order of their calls. */
void pools_run(struct view *);
void rollout_run(struct view *);
void rollout_forget(struct view *);

#endif /* plan/decide/decide.h */
