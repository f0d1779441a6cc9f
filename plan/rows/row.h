/* SPDX-License-Identifier: Apache-2.0 */

/* Desired rows of an OVSDB database, and their diff.
 *
 * A plan_row is a row that should exist: its table, a key that names it among
 * our rows of that table for ever, its columns as ovsdb data, the rows that
 * must refer to it, and where it comes from.  The planner makes them; ovsdb/
 * turns the rows that it reads into the same form, diffs, and writes.
 *
 * No I/O, no logging. */

#ifndef PLAN_ROWS_ROW_H
#define PLAN_ROWS_ROW_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ovsdb-data.h"
#include "ovsdb-types.h"
#include "plan/rows/diff.h"
#include "sset.h"
#include "svec.h"

struct ds;
struct smap;

struct plan_column {
    const char *name;           /* Static. */
    struct ovsdb_type type;     /* Without references and constraints. */
    struct ovsdb_datum datum;   /* Sorted. */
};

/* A row of another table that has this one in a set of references, such as
 * Logical_Router "ovn_cluster_router", column "policies". */
struct plan_parent {
    const char *table;          /* Static. */
    const char *column;         /* Static. */
    char *name;                 /* The value of its column "name". */
};

struct plan_row {
    const char *table;          /* Static. */
    char *key;
    char *origin;               /* Objects that it comes from, for people:
                                 * "EgressService test/server1". */
    struct plan_column *columns;        /* Sorted by name. */
    size_t n_columns;
    struct plan_parent *parents;        /* Sorted. */
    size_t n_parents;
};

/* Rows, sorted by table and key once plan_rows_sort() was called. */
struct plan_rows {
    struct plan_row **rows;
    size_t n, allocated;
};

void plan_rows_init(struct plan_rows *);
void plan_rows_destroy(struct plan_rows *);
void plan_rows_sort(struct plan_rows *);

/* The order, for qsort() of pointers to rows: by table and key. */
int plan_row_compare(const void *, const void *);

/* Returns the row, or NULL.  'rows' must be sorted. */
struct plan_row *plan_rows_find(const struct plan_rows *,
                                const char *table, const char *key);

/* Returns the first row of 'table', or NULL.  'rows' must be sorted. */
struct plan_row *plan_rows_first(const struct plan_rows *, const char *table);

/* Appends 'row', which 'rows' owns from now on. */
void plan_rows_push(struct plan_rows *, struct plan_row *row);

/* Takes those in 'removed' out of 'rows', which are sorted and stay so, and
 * puts those in 'added' in. */
void plan_rows_replace(struct plan_rows *rows, const struct plan_rows *removed,
                       const struct plan_rows *added);

/* The name of a row in a set of rows, "TABLE KEY".  The caller frees it. */
char *plan_row_name(const struct plan_row *);

/* A row by itself. */
struct plan_row *plan_row_create(const char *table, const char *key);
struct plan_row *plan_row_clone(const struct plan_row *);
void plan_row_destroy(struct plan_row *);

/* Adds a row, owned by 'rows'. */
struct plan_row *plan_rows_add(struct plan_rows *, const char *table,
                               const char *key);

/* Setters: each column once, in any order; they copy the values. */
void plan_row_set_string(struct plan_row *, const char *column,
                         const char *value);
void plan_row_set_integer(struct plan_row *, const char *column, int64_t);
void plan_row_set_bool(struct plan_row *, const char *column, bool);
void plan_row_set_strings(struct plan_row *, const char *column,
                          const struct svec *);
void plan_row_set_sset(struct plan_row *, const char *column,
                       const struct sset *);
void plan_row_set_integers(struct plan_row *, const char *column,
                           const int64_t *, size_t n);
void plan_row_set_map(struct plan_row *, const char *column,
                      const struct smap *);
/* Returns the index that the parent has in 'parents' now. */
size_t plan_row_add_parent(struct plan_row *, const char *table,
                           const char *column, const char *name);
bool plan_row_has_parent(const struct plan_row *, const struct plan_parent *);
void plan_row_add_origin(struct plan_row *, const char *origin);

/* Takes '*datum', of 'type', from a row that was read. */
void plan_row_take_datum(struct plan_row *, const char *column,
                         const struct ovsdb_type *, struct ovsdb_datum *);

/* Returns the column, or NULL. */
const struct plan_column *plan_row_get(const struct plan_row *,
                                       const char *column);

/* row-get.c: reading columns.  'row' may be NULL. */

/* Return the value, or the least, of a column of strings or integers; or
 * 'def' if 'row' does not have the column, or nothing in it. */
const char *plan_row_string(const struct plan_row *, const char *column,
                            const char *def);
int64_t plan_row_integer(const struct plan_row *, const char *column,
                         int64_t def);

/* True if 'value' is in a column of strings, or a key of it. */
bool plan_row_has(const struct plan_row *, const char *column,
                  const char *value);

/* Returns the value of 'key' in external_ids, or 'def'. */
const char *plan_row_id(const struct plan_row *, const char *key,
                        const char *def);

/* 16 hexadecimal digits that change when a column other than those in
 * 'except' (comma separated, or NULL) does.  The caller frees it. */
char *plan_row_revision(const struct plan_row *, const char *except);

/* Two of those, joined by a dash: the first does not change with the columns
 * 'apart', the second does.  The caller frees it. */
char *plan_row_revision_of_two(const struct plan_row *, const char *apart,
                               const char *except);

/* True if the first of the two is the same in both. */
bool plan_revision_equals_first(const char *a, const char *b);

/* True if all columns of both are equal (parents and origin do not count). */
bool plan_row_equals(const struct plan_row *, const struct plan_row *);

/* True if both have the same parents. */
bool plan_row_same_parents(const struct plan_row *, const struct plan_row *);

/* One row as text, a column a line, indented by two.  A password is replaced
 * by PLAN_HIDDEN, here and wherever else rows become text for people. */
void plan_row_format(const struct plan_row *, struct ds *);

#define PLAN_HIDDEN "(hidden)"

/* Appends the value of a column, for people. */
void plan_column_format(const struct plan_column *,
                        const struct ovsdb_datum *, struct ds *);

/* The diff. */

struct plan_change {
    enum plan_change_type type;
    const struct plan_row *have;        /* NULL to insert. */
    const struct plan_row *want;        /* NULL to delete. */
};

/* Walks 'have' and 'want', both sorted, once, and calls 'cb' for each row that
 * is not the same in both, in order of table and key.  A column that 'want'
 * does not have is not compared; parents are. */
void plan_rows_diff(const struct plan_rows *have, const struct plan_rows *want,
                    void (*cb)(const struct plan_change *, void *aux),
                    void *aux);

/* The same for the rows with 'names', as of plan_row_name(), alone. */
void plan_rows_diff_some(const struct plan_rows *have,
                         const struct plan_rows *want,
                         const struct sset *names,
                         void (*cb)(const struct plan_change *, void *aux),
                         void *aux);

/* Initialises '*added' and '*removed' with the members that 'new' has and
 * 'old' has not, and the other way round; a key of a map with another value is
 * in both.  (ovsdb_datum_added_removed() has other arguments in each version
 * of Open vSwitch.) */
void plan_datum_diff(const struct ovsdb_datum *old,
                     const struct ovsdb_datum *new,
                     const struct ovsdb_type *type,
                     struct ovsdb_datum *added, struct ovsdb_datum *removed);

/* Appends the difference to 's', a change a line ("insert", "modify" with the
 * columns old and new, "delete"): "plan/diff". */
void plan_rows_format_diff(const struct plan_rows *have,
                           const struct plan_rows *want, struct ds *s);

/* Rows of OVN_Northbound and of OVN_Egress that come and go together; another
 * set owns them. */
struct plan_db_rows {
    struct plan_rows nb, work;
};

/* Frees the arrays, not the rows. */
void plan_db_rows_destroy(struct plan_db_rows *);

#endif /* plan/rows/row.h */
