/* SPDX-License-Identifier: Apache-2.0 */

/* Decisions, in the order of their calls: see plan.c.  Each file fills in what
 * the view says is decided, and asks those before it. */

#ifndef PLAN_DECIDE_DECIDE_H
#define PLAN_DECIDE_DECIDE_H 1

#include "plan/decide/ledger.h"
#include "plan/world/view.h"

/* select.c */
char *select_key(const struct intent_selector *);
bool select_wants_host(struct view_service *);
const struct view_node *select_previous_host(const struct view *,
                                             const struct view_service *);
bool select_suits(const struct view *, const struct view_service *,
                  const struct view_node *);

/* share.c */
void share_forget(struct view *);
size_t share_get_address_rows(const struct view *, const struct in6_addr *,
                              struct view_work *const **rows);
const struct plan_column *share_get_row_ingress(const struct view_work *);
bool share_row_has_ingress(const struct view_work *, const struct in6_addr *);
bool share_is_bound(const struct view_service *);
struct view_service *share_find_host(const struct view *,
                                     const struct in6_addr *);
struct view_service *share_find_all(const struct view *,
                                    const struct in6_addr *);
bool share_is_announced_for_other(const struct view *,
                                  const struct view_work *,
                                  const struct in6_addr *);

/* labels.c */
struct intent_map labels_get(const struct view *, const struct view_node *);

/* schedule.c */
bool schedule_is_live(const struct view_work *);
bool schedule_is_adopted(const struct view_work *);
bool schedule_stray_stays(const struct view *, const struct view_work *,
                          const char *endpoint);
bool schedule_in_scope(const struct view_node *, const struct view_endpoint *);

/* epoch.c */

/* How often what all nodes announce has the node's AS more than it needs to,
 * if that says what is newer: any host has it less often. */
#define EPOCH_PREPENDS_OF_NONE 20

/* Gives what all nodes announce of a service one epoch. */
void epoch_set_all(const struct view *, struct view_service *);

/* Gives the announcement of a node its epoch. */
void epoch_set(const struct view *, struct view_work *);

/* node-sets.c */

/* Finds out for which families the node of a work needs a set.  It has it as
 * long as it has a row that needs it, so that a move changes members only. */
void node_sets_find(const struct view_work *,
                    bool wanted[IP_N_FAMILIES]);

/* The deciding files, in the order of their calls. */
void pools_run(struct view *);
void labels_assign(struct view *);
void rollout_run(struct view *);
void rollout_forget(struct view *);
void share_run(struct view *);
void select_run(struct view *);
void schedule_run(struct view *);
void labels_place(struct view *);

#endif /* plan/decide/decide.h */
