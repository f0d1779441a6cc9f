/* SPDX-License-Identifier: Apache-2.0 */

/* Recording problems.  See problem.h. */

#include <config.h>

#include "plan/rows/problem.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

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

void
plan_problem_of(struct intent_problems *problems,
                enum intent_severity severity,
                const struct intent_object *obj, const char *field,
                const char *format, ...)
{
    va_list args;

    va_start(args, format);
    char *message = xvasprintf(format, args);
    va_end(args);
    plan_problem_add(problems, severity, intent_object_id(obj), field,
                     message);
    free(message);

    struct intent_problem *p = &problems->items[problems->n - 1];
    free(p->file);
    p->file = xstrdup(obj->file);
    p->line = obj->line;
    p->column = obj->line > 0;
}

void
plan_problem_clone(struct intent_problems *problems,
                   const struct intent_problem *old)
{
    plan_problem_add(problems, old->severity, old->object, old->field,
                     old->message);

    struct intent_problem *p = &problems->items[problems->n - 1];
    free(p->file);
    p->file = xstrdup(old->file);
    p->line = old->line;
    p->column = old->column;
}

/* A problem and its place, which decides between those of one object. */
struct placed {
    struct intent_problem problem;
    size_t place;
};

static int
compare_placed(const void *a_, const void *b_)
{
    const struct placed *a = a_;
    const struct placed *b = b_;
    int cmp = strcmp(a->problem.object, b->problem.object);

    return cmp ? cmp : a->place < b->place ? -1 : a->place > b->place;
}

void
plan_problems_sort(struct intent_problems *problems)
{
    struct placed *all = xmalloc(problems->n * sizeof *all);

    for (size_t i = 0; i < problems->n; i++) {
        all[i] = (struct placed) { problems->items[i], i };
    }
    if (problems->n) {
        qsort(all, problems->n, sizeof *all, compare_placed);
    }
    for (size_t i = 0; i < problems->n; i++) {
        problems->items[i] = all[i].problem;
    }
    free(all);
}
