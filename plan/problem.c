/* SPDX-License-Identifier: Apache-2.0 */

/* Recording problems.  See problem.h. */

#include <config.h>

#include "plan/problem.h"

#include <stdarg.h>
#include <stdlib.h>

#include "util.h"

void
plan_problem_add(struct intent_problems *problems,
                 enum intent_severity severity, const char *object,
                 const char *field, const char *message)
{
    if (problems->n >= problems->allocated) {
        problems->items = x2nrealloc(problems->items, &problems->allocated,
                                     sizeof *problems->items);
    }
    problems->items[problems->n++] = (struct intent_problem) {
        .severity = severity,
        .object = xstrdup(object),
        .field = xstrdup(field),
        .file = xstrdup(""),
        .message = xstrdup(message),
    };
}

void
plan_problem(struct intent_problems *problems, enum intent_severity severity,
             const char *object, const char *field, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    char *message = xvasprintf(format, args);
    va_end(args);
    plan_problem_add(problems, severity, object, field, message);
    free(message);
}
