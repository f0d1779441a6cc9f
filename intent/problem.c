/* SPDX-License-Identifier: Apache-2.0 */

/* Problems: what is wrong, and where.  See problem.h and intent.h. */

#include "intent/problem.h"

#include <stdlib.h>
#include <string.h>

#include "intent/arena.h"

void
intent_problems_init(struct intent_problems *problems)
{
    *problems = (struct intent_problems) INTENT_PROBLEMS_INITIALIZER;
}

void
intent_problems_destroy(struct intent_problems *problems)
{
    if (!problems) {
        return;
    }
    for (size_t i = 0; i < problems->n; i++) {
        struct intent_problem *p = &problems->items[i];

        free(p->object);
        free(p->field);
        free(p->file);
        free(p->message);
    }
    free(problems->items);
    intent_problems_init(problems);
}

bool
intent_problems_have_error(const struct intent_problems *problems)
{
    for (size_t i = 0; i < problems->n; i++) {
        if (problems->items[i].severity == INTENT_ERROR) {
            return true;
        }
    }
    return false;
}

static char *
xstrdup(const char *s)
{
    size_t size = strlen(s) + 1;

    return memcpy(arena_xrealloc(NULL, size), s, size);
}

void
problem_add_valist(struct intent_problems *problems,
                   enum intent_severity severity,
                   const char *object, const char *field, const char *file,
                   unsigned int line, unsigned int column,
                   const char *format, va_list args)
{
    struct text message = TEXT_INITIALIZER;

    text_put_valist(&message, format, args);
    if (problems->n >= problems->allocated) {
        problems->allocated = problems->n * 2 + 4;
        problems->items = arena_xrealloc(
            problems->items, problems->allocated * sizeof *problems->items);
    }
    problems->items[problems->n++] = (struct intent_problem) {
        .severity = severity,
        .object = xstrdup(object),
        .field = xstrdup(field),
        .file = xstrdup(file),
        .line = line,
        .column = column,
        .message = message.s,
    };
}

void
problem_add(struct intent_problems *problems, enum intent_severity severity,
            const char *object, const char *field, const char *file,
            unsigned int line, unsigned int column, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    problem_add_valist(problems, severity, object, field, file, line, column,
                       format, args);
    va_end(args);
}

static bool
is_before(const struct intent_problem *a, const struct intent_problem *b)
{
    return (a->line < b->line
            || (a->line == b->line && a->column < b->column));
}

void
problems_sort_from(struct intent_problems *problems, size_t first)
{
    for (size_t i = first + 1; i < problems->n; i++) {
        struct intent_problem p = problems->items[i];
        size_t j = i;

        for (; j > first && is_before(&p, &problems->items[j - 1]); j--) {
            problems->items[j] = problems->items[j - 1];
        }
        problems->items[j] = p;
    }
}

char *
intent_problem_to_string(const struct intent_problem *p)
{
    struct text s = TEXT_INITIALIZER;

    if (p->file[0]) {
        text_printf(&s, "%s:", p->file);
        if (p->line) {
            text_printf(&s, "%u:%u:", p->line, p->column);
        }
        text_put_char(&s, ' ');
    }
    text_puts(&s, p->severity == INTENT_ERROR ? "error: " : "warning: ");
    if (p->object[0]) {
        text_printf(&s, "%s: ", p->object);
    }
    if (p->field[0]) {
        text_printf(&s, "%s: ", p->field);
    }
    text_puts(&s, p->message);
    return s.s;
}
