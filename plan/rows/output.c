/* SPDX-License-Identifier: Apache-2.0 */

/* What a plan has that is not what it was.  See output.h. */

#include <config.h>

#include "plan/rows/output.h"

#include "util.h"

void
plan_delta_init(struct plan_delta *d)
{
    d->all = false;
    sset_init(&d->nb);
    sset_init(&d->work);
    sset_init(&d->status);
}

void
plan_delta_destroy(struct plan_delta *d)
{
    if (d) {
        sset_destroy(&d->nb);
        sset_destroy(&d->work);
        sset_destroy(&d->status);
    }
}
