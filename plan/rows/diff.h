/* SPDX-License-Identifier: Apache-2.0 */

/* The one diff of the project: two sorted arrays, walked once.
 *
 * Rows of databases (plan/rows/row.h) and objects of the kernel
 * (plan/machine/object.h) are compared by it.  No I/O. */

#ifndef PLAN_ROWS_DIFF_H
#define PLAN_ROWS_DIFF_H 1

#include <stdbool.h>
#include <stddef.h>

enum plan_change_type { PLAN_INSERT, PLAN_MODIFY, PLAN_DELETE };

/* What the elements are, as qsort() sees them. */
struct diff_items {
    size_t size;                /* Of an element. */
    int (*compare)(const void *, const void *);         /* By place. */
    bool (*is_satisfied)(const void *have, const void *want);
};

/* One of the two arrays, sorted. */
struct diff_side {
    const void *items;
    size_t n;
};

/* Calls 'cb' for each element that is in one of the two alone, or that is in
 * the same place in both and not as wanted, in order.  'have' is NULL to
 * insert, 'want' to delete. */
void diff_walk(const struct diff_items *, struct diff_side have,
               struct diff_side want,
               void (*cb)(enum plan_change_type, const void *have,
                          const void *want, void *aux),
               void *aux);

#endif /* plan/rows/diff.h */
