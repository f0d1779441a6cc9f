/* SPDX-License-Identifier: Apache-2.0 */

/* Finding a place in a sorted array. */

#ifndef PLAN_ROWS_LOWER_BOUND_H
#define PLAN_ROWS_LOWER_BOUND_H 1

#include <stddef.h>

/* Returns the index of the first of 'n' elements at 'base', which are in order
 * and of 'size' bytes each, for which 'compare', of 'key' and the element as
 * for bsearch(), is not positive; 'n' if there is none. */
static inline size_t
lower_bound(const void *key, const void *base, size_t n, size_t size,
            int (*compare)(const void *key, const void *element))
{
    size_t lo = 0;
    size_t hi = n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (compare(key, (const char *) base + mid * size) > 0) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return lo;
}

#endif /* plan/rows/lower-bound.h */
