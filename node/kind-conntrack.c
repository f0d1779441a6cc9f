/* SPDX-License-Identifier: Apache-2.0 */

/* The kind "conntrack": connections that must not live on
 * (plan/machine/machine.h).
 *
 * Its object is there when the kernel tracks none of them, so the kernel is
 * the only record of whether they were flushed.
 *
 * Called by the reconciler, after the kind "nft"; calls node/leftover.c. */

#include <config.h>

#include <stdlib.h>

#include "node/kind.h"
#include "node/leftover.h"
#include "plan/machine/machine-set.h"
#include "util.h"

static char *
conntrack_observe(const struct kind_view *view, struct machine_objects *have)
{
    struct machine_set none;
    bool clean = false;

    machine_leftovers_init(&none);
    char *error = (kind_is_wanted(view, &none)
                   ? leftover_run(view, false, &clean) : NULL);
    if (!error && clean) {
        machine_objects_add(have, &none);
    }
    return error;
}

static void
conntrack_apply(const struct kind_view *view,
                const struct machine_change *changes, size_t n,
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
    .of_services = true,
    .observe = conntrack_observe,
    .apply = conntrack_apply,
};
