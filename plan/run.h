/* SPDX-License-Identifier: Apache-2.0 */

/* What plan.c, update.c and merge.c share.  Internal to plan/. */

#ifndef PLAN_RUN_H
#define PLAN_RUN_H 1

struct plan;
struct sset;
struct view;

/* Allocates ingress addresses, for all services. */
void plan_run_pools(struct view *);

/* Plans the services 'keys', or all if that is NULL, with the rest of 'v'
 * known; writes what comes of it into 'v->plan'. */
void plan_run(struct view *v, const struct sset *keys);

/* Forgets the services that were planned. */
void plan_forget(struct view *);

void plan_init(struct plan *);

/* Puts the rows and status of 'fresh' into 'plan', in the place of the rows
 * that 'v->ledger' says are stale and of the status of the services
 * 'v->keys'; notes in 'plan->delta' what that changes.  Takes 'fresh'. */
void plan_merge(struct plan *, struct view *v, struct plan *fresh);

#endif /* plan/run.h */
