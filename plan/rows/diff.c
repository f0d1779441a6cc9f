/* SPDX-License-Identifier: Apache-2.0 */

/* The one diff of the project.  See diff.h. */

#include <config.h>

#include "plan/rows/diff.h"

/* Returns the first of what is left of 'side', or NULL. */
static const void *
first(const struct diff_side *side)
{
    return side->n ? side->items : NULL;
}

static void
next(const struct diff_items *items, struct diff_side *side)
{
    side->items = (const char *) side->items + items->size;
    side->n--;
}

void
diff_walk(const struct diff_items *items, struct diff_side have,
          struct diff_side want,
          void (*cb)(enum plan_change_type, const void *have,
                     const void *want, void *aux),
          void *aux)
{
    while (have.n || want.n) {
        const void *h = first(&have);
        const void *w = first(&want);
        int cmp = !h ? 1 : !w ? -1 : items->compare(h, w);

        if (cmp < 0) {
            cb(PLAN_DELETE, h, NULL, aux);
        } else if (cmp > 0) {
            cb(PLAN_INSERT, NULL, w, aux);
        } else if (!items->is_satisfied(h, w)) {
            cb(PLAN_MODIFY, h, w, aux);
        }
        if (cmp <= 0) {
            next(items, &have);
        }
        if (cmp >= 0) {
            next(items, &want);
        }
    }
}
