/* SPDX-License-Identifier: Apache-2.0 */
/* temporary until the node branch is merged */
#include <config.h>
#include "node/kind.h"
#include <stdarg.h>
#include <stdlib.h>
#include "smap.h"
#include "util.h"
void
kind_error(struct smap *errors, const struct plan_change *change,
           const char *format, ...)
{
    const struct plan_row *row = change->want ? change->want : change->have;
    va_list args;

    va_start(args, format);
    char *reason = xvasprintf(format, args);
    va_end(args);
    smap_replace_nocopy(errors, row->origin, xasprintf("%s %s: %s", row->table, row->key, reason));
    free(reason);
}
