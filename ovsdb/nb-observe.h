/* SPDX-License-Identifier: Apache-2.0 */

/* What OVN_Northbound says: topology, our rows, and what they do.
 *
 * The agent makes one, runs it in each turn of its loop, and gives what it
 * finds to the planner.  Only reads; what to replicate is decided here, so
 * that rows of other owners stay away as far as possible: only policies of the
 * two priorities that we use, and no NAT rows or load balancers but ours. */

#ifndef NB_OBSERVE_H
#define NB_OBSERVE_H 1

#include <stdbool.h>

#include "ovsdb/nb-confirm.h"

struct db_mirror;
struct ds;
struct ovsdb_idl;
struct plan_changes;
struct plan_nb;
struct plan_prior;

struct nb_observer;

/* 'idl' must be new: not connected, nothing monitored.  What is found is kept
 * in 'steered', 'sets' and 'unconfirmed' of 'prior', and what changes is noted
 * in 'changes'; both must outlive the observer.  'sb_remote' is
 * OVN_Southbound; NULL if it does not matter what OVN has taken in. */
struct nb_observer *nb_observer_create(struct ovsdb_idl *idl,
                                       const char *sb_remote,
                                       struct plan_prior *prior,
                                       struct plan_changes *changes);
void nb_observer_destroy(struct nb_observer *);

/* Brings all up to date.  'router' is the name of the cluster router.  Returns
 * true if something changed that a plan depends on.  'now' is in ms of a
 * monotonic clock. */
bool nb_observer_run(struct nb_observer *, const char *router,
                     enum nb_confirm_role, long long int now);
void nb_observer_wait(const struct nb_observer *);

/* True if all rows that are asked for have arrived: which ones these are, the
 * topology says. */
bool nb_observer_is_complete(const struct nb_observer *);

/* Makes the next run read everything anew. */
void nb_observer_forget(struct nb_observer *);

/* What there is.  The mirror lives as long as the observer, the topology until
 * the next run. */
const struct plan_nb *nb_observer_topology(const struct nb_observer *);
const struct db_mirror *nb_observer_mirror(const struct nb_observer *);

/* What OVN has taken in of it; lives as long as the observer.  NULL if that
 * does not matter. */
struct nb_confirm *nb_observer_confirm(const struct nb_observer *);

/* Appends to 's' in what the topology or 'prior' is not what the database
 * says: nothing. */
void nb_observer_verify(const struct nb_observer *, struct ds *s);

#endif /* ovsdb/nb-observe.h */
