/* SPDX-License-Identifier: Apache-2.0 */

/* Tables as kubectl prints them: see the header. */

#include <config.h>
#include "utilities/ctl-text.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "util.h"

#include "intent/intent.h"

/* Spaces between columns. */
#define GAP 3

void
text_table_init(struct text_table *t)
{
    svec_init(&t->cells);
    t->n_columns = 0;
}

void
text_table_destroy(struct text_table *t)
{
    svec_destroy(&t->cells);
}

void
text_table_add_column(struct text_table *t, const char *heading)
{
    ovs_assert(t->cells.n == t->n_columns);
    svec_add(&t->cells, heading);
    t->n_columns++;
}

void
text_table_init_columns(struct text_table *t, const char *const headings[])
{
    text_table_init(t);
    for (; *headings; headings++) {
        text_table_add_column(t, *headings);
    }
}

void
text_table_add_cell(struct text_table *t, const char *text)
{
    svec_add_nocopy(&t->cells, intent_clean(text[0] ? text : "-",
                                            INTENT_MAX_MESSAGE));
}

void
text_table_add_cell_nocopy(struct text_table *t, char *text)
{
    text_table_add_cell(t, text);
    free(text);
}

bool
text_table_is_empty(const struct text_table *t)
{
    return t->cells.n == t->n_columns;
}

static int
compare_rows(const void *a_, const void *b_, void *n_columns_)
{
    char *const *a = a_;
    char *const *b = b_;
    const size_t *n_columns = n_columns_;
    int cmp = 0;

    for (size_t i = 0; i < *n_columns && !cmp; i++) {
        cmp = strcmp(a[i], b[i]);
    }
    return cmp;
}

void
text_table_sort(struct text_table *t)
{
    if (!text_table_is_empty(t)) {
        qsort_r(t->cells.names + t->n_columns,
                t->cells.n / t->n_columns - 1,
                t->n_columns * sizeof *t->cells.names,
                compare_rows, &t->n_columns);
    }
}

void
text_table_format(const struct text_table *t, bool headings, size_t indent,
                  struct ds *s)
{
    size_t *widths = xcalloc(t->n_columns, sizeof *widths);
    size_t first = headings ? 0 : t->n_columns;

    for (size_t i = first; i < t->cells.n; i++) {
        size_t *width = &widths[i % t->n_columns];

        *width = MAX(*width, strlen(t->cells.names[i]));
    }
    for (size_t i = first; i < t->cells.n; i++) {
        size_t column = i % t->n_columns;
        const char *text = t->cells.names[i];

        if (!column) {
            ds_put_char_multiple(s, ' ', indent);
        }
        ds_put_cstr(s, text);
        if (column == t->n_columns - 1) {
            ds_put_char(s, '\n');
        } else {
            ds_put_char_multiple(s, ' ', widths[column] - strlen(text) + GAP);
        }
    }
    free(widths);
}

void
text_put(struct ds *s, const char *text)
{
    char *clean = intent_clean(text, INTENT_MAX_MESSAGE);

    ds_put_cstr(s, clean);
    free(clean);
}

void
text_indent(const char *text, size_t indent, struct ds *s)
{
    while (text[0]) {
        size_t n = strcspn(text, "\n");

        if (n) {
            ds_put_char_multiple(s, ' ', indent);
            ds_put_buffer(s, text, n);
        }
        ds_put_char(s, '\n');
        text += n + (text[n] == '\n');
    }
}
