/* SPDX-License-Identifier: Apache-2.0 */

/* Problems: what is wrong, and where.  See problem.h and intent.h. */

#include "intent/problem.h"

#include <stdlib.h>
#include <string.h>

#include "intent/arena.h"
#include "intent/clean.h"

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

/* Merges the sorted 'n' problems at 'a' and those behind them, 'm' in all, by
 * way of 'buf'.  Of equals the former come first. */
static void
merge_sorted(struct intent_problem *a, size_t n, size_t m,
             struct intent_problem *buf)
{
    size_t i = 0;
    size_t j = n;

    memcpy(buf, a, n * sizeof *a);
    for (size_t k = 0; i < n; k++) {
        a[k] = j < m && is_before(&a[j], &buf[i]) ? a[j++] : buf[i++];
    }
}

void
problems_sort_from(struct intent_problems *problems, size_t first)
{
    size_t n = problems->n - first;
    struct intent_problem *items, *buf;

    if (n < 2) {
        return;
    }
    items = problems->items + first;
    buf = arena_xrealloc(NULL, n * sizeof *buf);
    for (size_t width = 1; width < n; width *= 2) {
        for (size_t i = 0; i + width < n; i += 2 * width) {
            size_t m = n - i < 2 * width ? n - i : 2 * width;

            merge_sorted(items + i, width, m, buf);
        }
    }
    free(buf);
}

/* Appends 's' with what is after it, unless it is empty. */
static void
put_part(struct text *text, const char *s, const char *after)
{
    if (*s) {
        text_put_clean(text, s, INTENT_MAX_MESSAGE);
        text_puts(text, after);
    }
}

char *
intent_problem_to_string(const struct intent_problem *p)
{
    struct text s = TEXT_INITIALIZER;

    if (p->file[0]) {
        put_part(&s, p->file, ":");
        if (p->line) {
            text_printf(&s, "%u:%u:", p->line, p->column);
        }
        text_put_char(&s, ' ');
    }
    text_puts(&s, p->severity == INTENT_ERROR ? "error: " : "warning: ");
    put_part(&s, p->object, ": ");
    put_part(&s, p->field, ": ");
    put_part(&s, p->message, "");
    return s.s;
}
