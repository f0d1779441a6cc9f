/* SPDX-License-Identifier: Apache-2.0 */

/* Arrays of rows, sorted by table and key.  See row.h. */

#include <config.h>

#include "plan/rows/row.h"

#include <stdlib.h>
#include <string.h>

#include "hmapx.h"
#include "plan/rows/lower-bound.h"
#include "util.h"

/* So many rows are better sorted than put in their places one by one. */
#define MANY 1000

void
plan_rows_init(struct plan_rows *rows)
{
    *rows = (struct plan_rows) { NULL, 0, 0 };
}

void
plan_rows_destroy(struct plan_rows *rows)
{
    if (rows) {
        for (size_t i = 0; i < rows->n; i++) {
            plan_row_destroy(rows->rows[i]);
        }
        free(rows->rows);
        plan_rows_init(rows);
    }
}

static int
compare_place(const char *a_table, const char *a_key,
              const char *b_table, const char *b_key)
{
    int cmp = strcmp(a_table, b_table);
    return cmp ? cmp : strcmp(a_key, b_key);
}

int
plan_row_compare(const void *a_, const void *b_)
{
    const struct plan_row *const *a = a_;
    const struct plan_row *const *b = b_;

    return compare_place((*a)->table, (*a)->key, (*b)->table, (*b)->key);
}

void
plan_rows_sort(struct plan_rows *rows)
{
    if (rows->n) {
        qsort(rows->rows, rows->n, sizeof *rows->rows, plan_row_compare);
    }
}

struct place {
    const char *table, *key;
};

static int
compare_to_place(const void *place_, const void *row_)
{
    const struct plan_row *const *row = row_;
    const struct place *place = place_;

    return compare_place(place->table, place->key, (*row)->table,
                         (*row)->key);
}

/* Returns the index of the first row that is not before 'table' and 'key'. */
static size_t
find_place(const struct plan_rows *rows, const char *table, const char *key)
{
    struct place place = { table, key };

    return lower_bound(&place, rows->rows, rows->n, sizeof *rows->rows,
                       compare_to_place);
}

static bool
is_at(const struct plan_rows *rows, size_t i, const char *table,
      const char *key)
{
    return i < rows->n && !compare_place(rows->rows[i]->table,
                                         rows->rows[i]->key, table, key);
}

struct plan_row *
plan_rows_find(const struct plan_rows *rows, const char *table,
               const char *key)
{
    size_t i = find_place(rows, table, key);

    return is_at(rows, i, table, key) ? rows->rows[i] : NULL;
}

struct plan_row *
plan_rows_first(const struct plan_rows *rows, const char *table)
{
    size_t i = find_place(rows, table, "");

    return (i < rows->n && !strcmp(rows->rows[i]->table, table)
            ? rows->rows[i] : NULL);
}

static void
reserve(struct plan_rows *rows)
{
    if (rows->n >= rows->allocated) {
        rows->rows = x2nrealloc(rows->rows, &rows->allocated,
                                sizeof *rows->rows);
    }
}

struct plan_row *
plan_rows_add(struct plan_rows *rows, const char *table, const char *key)
{
    reserve(rows);
    return rows->rows[rows->n++] = plan_row_create(table, key);
}

void
plan_rows_push(struct plan_rows *rows, struct plan_row *row)
{
    reserve(rows);
    rows->rows[rows->n++] = row;
}

static void
insert_row(struct plan_rows *rows, struct plan_row *row)
{
    size_t i = find_place(rows, row->table, row->key);

    reserve(rows);
    memmove(&rows->rows[i + 1], &rows->rows[i],
            (rows->n - i) * sizeof *rows->rows);
    rows->rows[i] = row;
    rows->n++;
}

static void
remove_row(struct plan_rows *rows, const struct plan_row *row)
{
    size_t i = find_place(rows, row->table, row->key);

    while (rows->rows[i] != row) {
        i++;                    /* Others may have the same key. */
    }
    rows->n--;
    memmove(&rows->rows[i], &rows->rows[i + 1],
            (rows->n - i) * sizeof *rows->rows);
}

/* plan_rows_replace() of so many that all are sorted anew. */
static void
replace_many(struct plan_rows *rows, const struct plan_rows *removed,
             const struct plan_rows *added)
{
    struct hmapx gone = HMAPX_INITIALIZER(&gone);
    size_t n = 0;

    for (size_t i = 0; i < removed->n; i++) {
        hmapx_add(&gone, removed->rows[i]);
    }
    for (size_t i = 0; i < rows->n; i++) {
        if (!hmapx_contains(&gone, rows->rows[i])) {
            rows->rows[n++] = rows->rows[i];
        }
    }
    rows->n = n;
    for (size_t i = 0; i < added->n; i++) {
        plan_rows_push(rows, added->rows[i]);
    }
    plan_rows_sort(rows);
    hmapx_destroy(&gone);
}

void
plan_rows_replace(struct plan_rows *rows, const struct plan_rows *removed,
                  const struct plan_rows *added)
{
    if (removed->n + added->n > MANY) {
        replace_many(rows, removed, added);
        return;
    }
    for (size_t i = 0; i < removed->n; i++) {
        remove_row(rows, removed->rows[i]);
    }
    for (size_t i = 0; i < added->n; i++) {
        insert_row(rows, added->rows[i]);
    }
}

/* Subsets. */

char *
plan_row_name(const struct plan_row *row)
{
    return xasprintf("%s %s", row->table, row->key);
}

/* Adds to 'some' those of 'rows' that are called 'name'. */
static void
add_named(const struct plan_rows *rows, const char *name,
          struct plan_rows *some)
{
    char *table = xmemdup0(name, strcspn(name, " "));
    const char *key = name + strlen(table) + (name[strlen(table)] != '\0');

    for (size_t i = find_place(rows, table, key);
         is_at(rows, i, table, key); i++) {
        plan_rows_push(some, rows->rows[i]);
    }
    free(table);
}

void
plan_rows_diff_some(const struct plan_rows *have,
                    const struct plan_rows *want, const struct sset *names,
                    void (*cb)(const struct plan_change *, void *aux),
                    void *aux)
{
    struct plan_rows h = { NULL, 0, 0 };
    struct plan_rows w = { NULL, 0, 0 };
    const char *name;

    SSET_FOR_EACH (name, names) {
        add_named(have, name, &h);
        add_named(want, name, &w);
    }
    plan_rows_sort(&h);
    plan_rows_sort(&w);
    plan_rows_diff(&h, &w, cb, aux);
    free(h.rows);
    free(w.rows);
}

void
plan_db_rows_destroy(struct plan_db_rows *rows)
{
    free(rows->nb.rows);
    free(rows->work.rows);
}
