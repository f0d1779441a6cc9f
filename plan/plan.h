/* SPDX-License-Identifier: Apache-2.0 */

/* The interface of the planner. */

#ifndef PLAN_H
#define PLAN_H 1

/* The first revision of a plan. */
int plan_first_revision(void);

#endif /* plan.h */
