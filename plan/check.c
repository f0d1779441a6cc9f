/* SPDX-License-Identifier: Apache-2.0 */

/* Checks across manifests.  See plan_check() in plan.h. */

#include <config.h>

#include "plan/plan.h"

#include "util.h"

void
plan_check(const struct plan_input *in OVS_UNUSED,
           struct intent_problems *problems OVS_UNUSED)
{
}
