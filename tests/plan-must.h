/* SPDX-License-Identifier: Apache-2.0 */

/* Asking a plan what must hold, for test-plan-sim.c and plan-announced.c. */

#ifndef TESTS_PLAN_MUST_H
#define TESTS_PLAN_MUST_H 1

#include "tests/plan-world.h"

/* Ends the program, with all that was known before 'plan', and what it
 * changes, unless CONDITION holds.  Needs 'w' and 'plan'. */
#define MUST(CONDITION, ...)                                            \
    do {                                                                \
        if (!(CONDITION)) {                                             \
            plan_must_fail(w, plan, #CONDITION, __VA_ARGS__);           \
        }                                                               \
    } while (0)

/* Does so, for a 'condition' that is named so. */
OVS_NO_RETURN OVS_PRINTF_FORMAT(4, 5)
void plan_must_fail(const struct world *w, const struct plan *plan,
                    const char *condition, const char *format, ...);

/* True if there is a Node object. */
bool plan_must_know_node(const struct world *w, const char *name);

/* True if any helper is heard from. */
bool plan_must_hear_any(const struct world *w);

/* True if there is a Node object that is Ready, and its helper is heard from,
 * or nobody is, which says nothing of the nodes. */
bool plan_must_live(const struct world *w, const char *node);

/* What must hold of announcements, after each step and at rest:
 * plan-announced.c. */
void plan_announced_check(const struct world *w, const struct plan *plan);
void plan_announced_check_rest(const struct world *w, const struct plan *plan);

#endif /* tests/plan-must.h */
