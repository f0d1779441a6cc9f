/* SPDX-License-Identifier: Apache-2.0 */

/* The kind "conntrack": connections that must not live on
 * (plan/machine/machine.h).
 *
 * Its row is there when the kernel tracks none of them, so the kernel is the
 * only record of whether they were flushed.
 *
 * Called by the reconciler, after the kind "nft"; calls node/leftover.c. */

#include <config.h>

#include <stdlib.h>

#include "node/kind.h"
#include "node/leftover.h"
#include "util.h"

static char *
conntrack_observe(const struct kind_view *view, struct plan_rows *have)
{
    const struct plan_row *want = plan_rows_find(&view->machine->want,
                                                 "conntrack", "leftovers");
    bool clean = false;
    char *error = want ? leftover_run(view, false, &clean) : NULL;

    if (!error && clean) {
        const struct plan_column *behind = plan_row_get(want, "behind");
        struct ovsdb_datum copy;

        ovsdb_datum_clone(&copy, &behind->datum);
        plan_row_take_datum(plan_rows_add(have, "conntrack", want->key),
                            "behind", &behind->type, &copy);
        ovsdb_datum_destroy(&copy, &behind->type);
    }
    return error;
}

static void
conntrack_apply(const struct kind_view *view,
                const struct plan_change *changes, size_t n,
                struct smap *errors)
{
    bool clean;
    char *error = leftover_run(view, true, &clean);

    for (size_t i = 0; i < n && error; i++) {
        kind_error(errors, &changes[i], "%s", error);
    }
    free(error);
}

const struct kind kind_conntrack = {
    .name = "conntrack",
    .observe = conntrack_observe,
    .apply = conntrack_apply,
};
