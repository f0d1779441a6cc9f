/* SPDX-License-Identifier: Apache-2.0 */

/* The planner's entry points.  See plan.h. */

#include <config.h>

#include "plan/plan.h"

#include <stdlib.h>
#include <string.h>

static int
compare_objects(const void *a_, const void *b_)
{
    const struct intent_object *const *ap = a_;
    const struct intent_object *const *bp = b_;
    const struct intent_object *a = *ap;
    const struct intent_object *b = *bp;

    if (a->kind != b->kind) {
        return a->kind < b->kind ? -1 : 1;
    }
    int cmp = strcmp(a->namespace, b->namespace);
    return cmp ? cmp : strcmp(a->name, b->name);
}

void
plan_sort_objects(struct intent_object **objs, size_t n)
{
    if (n) {
        qsort(objs, n, sizeof *objs, compare_objects);
    }
}
