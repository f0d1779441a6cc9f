/* SPDX-License-Identifier: Apache-2.0 */

/* To which node our rows of OVN_Northbound steer each address: 'steered' and
 * 'sets' of a plan_prior, kept up to date with a mirror.
 *
 * What changes with endpoints and moves are members of sets, which are taken
 * one by one.  When a policy comes or goes, as with the first and the last
 * service on a node, all is read again.  Used by nb-observe.c. */

#ifndef NB_STEERING_H
#define NB_STEERING_H 1

struct db_mirror;
struct ds;
struct plan_changes;
struct plan_prior;

/* 'mirror', 'prior' and 'changes' must outlive it. */
struct nb_steering *nb_steering_create(const struct db_mirror *mirror,
                                       struct plan_prior *prior,
                                       struct plan_changes *changes);
void nb_steering_destroy(struct nb_steering *);

/* Takes in what the last run of the mirror changed. */
void nb_steering_run(struct nb_steering *);

/* Makes the next run read all anew. */
void nb_steering_forget(struct nb_steering *);

/* Appends to 's' in what 'prior' is not what the mirror says. */
void nb_steering_verify(const struct nb_steering *, struct ds *s);

#endif /* ovsdb/nb-steering.h */
