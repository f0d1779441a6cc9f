/* SPDX-License-Identifier: Apache-2.0 */

/* What all kinds need.  See kind.h. */

#include <config.h>

#include "node/kind.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#include "node/rtnl.h"
#include "smap.h"
#include "util.h"

const struct plan_row *
kind_change_row(const struct plan_change *change)
{
    return change->want ? change->want : change->have;
}

void
kind_error(struct smap *errors, const struct plan_change *change,
           const char *format, ...)
{
    const struct plan_row *row = kind_change_row(change);
    va_list args;

    va_start(args, format);
    char *reason = xvasprintf(format, args);
    va_end(args);

    char *message = xasprintf("%s %s: %s", row->table, row->key, reason);
    machine_row_error(errors, row, message);
    free(message);
    free(reason);
}

void
kind_report(const struct rtnl_batch *batch, struct smap *errors)
{
    for (size_t i = 0; i < batch->n; i++) {
        const struct rtnl_request *r = &batch->requests[i];

        if (r->what && r->error && r->error != EEXIST && r->error != ESRCH) {
            char *reason = rtnl_request_error(r);

            kind_error(errors, r->what, "%s", reason);
            free(reason);
        }
    }
}

void
kind_add_row(struct plan_rows *rows, struct plan_row *row)
{
    if (rows->n >= rows->allocated) {
        rows->rows = x2nrealloc(rows->rows, &rows->allocated,
                                sizeof *rows->rows);
    }
    rows->rows[rows->n++] = row;
}

bool
kind_is_wanted(const struct kind_view *view, const struct plan_row *row)
{
    return plan_rows_find(&view->machine->want, row->table, row->key) != NULL;
}
