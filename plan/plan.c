/* SPDX-License-Identifier: Apache-2.0 */

/* The planner's entry points. */

#include <config.h>
#include "plan/plan.h"

int
plan_first_revision(void)
{
    return 1;
}
