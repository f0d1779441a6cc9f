/* SPDX-License-Identifier: Apache-2.0 */

/* Tables as kubectl prints them: columns beside each other, as wide as they
 * need, no lines.  libopenvswitch's table.h is for the database commands; its
 * tables are made to be looked at, these also to be cut apart by scripts: a
 * cell is never empty.  Pure text. */

#ifndef CTL_TEXT_H
#define CTL_TEXT_H 1

#include <stdbool.h>
#include <stddef.h>

#include "svec.h"

struct ds;

struct text_table {
    struct svec cells;          /* Row by row, the headings first. */
    size_t n_columns;
};

void text_table_init(struct text_table *);
void text_table_destroy(struct text_table *);

/* Makes 't' a table with columns of these headings, up to a NULL. */
void text_table_init_columns(struct text_table *,
                             const char *const headings[]);

/* Adds a column.  All columns come before all cells. */
void text_table_add_column(struct text_table *, const char *heading);

/* Adds the next cell of the current row, a new one after the last column.  An
 * empty cell becomes "-"; 'text' is treated as by text_put().  The second form
 * takes ownership of 'text'. */
void text_table_add_cell(struct text_table *, const char *text);
void text_table_add_cell_nocopy(struct text_table *, char *text);

/* True if there are no cells. */
bool text_table_is_empty(const struct text_table *);

/* Sorts the rows by their cells, the first column first. */
void text_table_sort(struct text_table *);

/* Appends the table to 's', each line after 'indent' spaces. */
void text_table_format(const struct text_table *, bool headings,
                       size_t indent, struct ds *s);

/* Appends 'text', which somebody else has written, in one line that is not
 * too long and does nothing to a terminal: all that is printed of rows goes
 * this way, or into a cell, which does the same. */
void text_put(struct ds *s, const char *text);

/* Appends 'text', which may have several lines, to 's', each line after
 * 'indent' spaces. */
void text_indent(const char *text, size_t indent, struct ds *s);

#endif /* utilities/ctl-text.h */
