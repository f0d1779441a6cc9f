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

void
kind_error(struct smap *errors, const struct machine_change *change,
           const char *format, ...)
{
    const struct machine_object *object = machine_change_object(change);
    char *name = machine_object_name(object, false);
    va_list args;

    va_start(args, format);
    char *reason = xvasprintf(format, args);
    va_end(args);

    char *message = xasprintf("%s: %s", name, reason);
    machine_object_error(errors, object, message);
    free(message);
    free(name);
    free(reason);
}

void
kind_report(const struct nlsk_batch *batch, struct smap *errors)
{
    for (size_t i = 0; i < batch->n; i++) {
        const struct nlsk_request *r = &batch->requests[i];

        if (r->what && r->error && r->error != EEXIST && r->error != ESRCH) {
            char *reason = nlsk_request_error(r);

            kind_error(errors, r->what, "%s", reason);
            free(reason);
        }
    }
}

bool
kind_is_wanted(const struct kind_view *view, const void *object)
{
    return machine_objects_find(&view->machine->want, object) != NULL;
}

void
kind_dump_reset(void *dump_)
{
    struct kind_dump *dump = dump_;

    machine_objects_truncate(dump->have, dump->n_before);
}
