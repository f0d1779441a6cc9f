/* SPDX-License-Identifier: Apache-2.0 */

/* Desired rows as values: making them, comparing them, printing them.
 * See row.h.  Arrays of rows are in rows.c, their diff is in row-diff.c. */

#include <config.h>

#include "plan/rows/row.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "sha1.h"
#include "smap.h"
#include "plan/rows/lower-bound.h"
#include "util.h"

/* Rows. */

struct plan_row *
plan_row_create(const char *table, const char *key)
{
    struct plan_row *row = xzalloc(sizeof *row);

    row->table = table;
    row->key = xstrdup(key);
    row->origin = xstrdup("");
    return row;
}

struct plan_row *
plan_row_clone(const struct plan_row *old)
{
    struct plan_row *row = plan_row_create(old->table, old->key);

    plan_row_add_origin(row, old->origin);
    row->columns = xmalloc(old->n_columns * sizeof *row->columns);
    row->n_columns = old->n_columns;
    for (size_t i = 0; i < old->n_columns; i++) {
        row->columns[i] = old->columns[i];
        ovsdb_datum_clone(&row->columns[i].datum, &old->columns[i].datum);
    }
    for (size_t i = 0; i < old->n_parents; i++) {
        const struct plan_parent *p = &old->parents[i];
        plan_row_add_parent(row, p->table, p->column, p->name);
    }
    return row;
}

void
plan_row_destroy(struct plan_row *row)
{
    if (row) {
        for (size_t i = 0; i < row->n_columns; i++) {
            struct plan_column *c = &row->columns[i];
            ovsdb_datum_destroy(&c->datum, &c->type);
        }
        for (size_t i = 0; i < row->n_parents; i++) {
            free(row->parents[i].name);
        }
        free(row->columns);
        free(row->parents);
        free(row->origin);
        free(row->key);
        free(row);
    }
}

static int
compare_parents(const void *a_, const void *b_)
{
    const struct plan_parent *a = a_;
    const struct plan_parent *b = b_;
    int cmp = strcmp(a->table, b->table);

    cmp = cmp ? cmp : strcmp(a->column, b->column);
    return cmp ? cmp : strcmp(a->name, b->name);
}

/* Returns the index of the first parent of 'row' that is not less than 'p'. */
static size_t
find_parent(const struct plan_row *row, const struct plan_parent *p)
{
    return lower_bound(p, row->parents, row->n_parents, sizeof *row->parents,
                       compare_parents);
}

size_t
plan_row_add_parent(struct plan_row *row, const char *table,
                    const char *column, const char *name)
{
    const struct plan_parent new = { table, column, xstrdup(name) };
    size_t i = find_parent(row, &new);

    row->parents = xrealloc(row->parents,
                            (row->n_parents + 1) * sizeof *row->parents);
    memmove(&row->parents[i + 1], &row->parents[i],
            (row->n_parents - i) * sizeof *row->parents);
    row->parents[i] = new;
    row->n_parents++;
    return i;
}

bool
plan_row_has_parent(const struct plan_row *row, const struct plan_parent *p)
{
    size_t i = find_parent(row, p);

    return i < row->n_parents && !compare_parents(&row->parents[i], p);
}

bool
plan_row_same_parents(const struct plan_row *a, const struct plan_row *b)
{
    if (a->n_parents != b->n_parents) {
        return false;
    }
    for (size_t i = 0; i < a->n_parents; i++) {
        if (compare_parents(&a->parents[i], &b->parents[i])) {
            return false;
        }
    }
    return true;
}

void
plan_row_add_origin(struct plan_row *row, const char *origin)
{
    char *old = row->origin;

    row->origin = *old ? xasprintf("%s, %s", old, origin) : xstrdup(origin);
    free(old);
}

/* Columns. */

/* Returns the index of the first column of 'row' whose name is not less than
 * 'name'. */
static size_t
find_column(const struct plan_row *row, const char *name)
{
    size_t i = 0;

    while (i < row->n_columns && strcmp(row->columns[i].name, name) < 0) {
        i++;
    }
    return i;
}

/* Adds column 'name' to 'row', which must not have it yet, with an empty
 * datum, and returns it. */
static struct plan_column *
add_column(struct plan_row *row, const char *name, enum ovsdb_atomic_type key,
           enum ovsdb_atomic_type value, unsigned int n_min,
           unsigned int n_max)
{
    size_t i = find_column(row, name);

    ovs_assert(i >= row->n_columns || strcmp(row->columns[i].name, name));
    row->columns = xrealloc(row->columns,
                            (row->n_columns + 1) * sizeof *row->columns);
    struct plan_column *c = &row->columns[i];
    memmove(c + 1, c, (row->n_columns - i) * sizeof *c);
    row->n_columns++;

    memset(c, 0, sizeof *c);
    c->name = name;
    ovsdb_base_type_init(&c->type.key, key);
    ovsdb_base_type_init(&c->type.value, value);
    c->type.n_min = n_min;
    c->type.n_max = n_max;
    ovsdb_datum_init_empty(&c->datum);
    return c;
}

static struct plan_column *
add_scalar(struct plan_row *row, const char *name, enum ovsdb_atomic_type type)
{
    struct plan_column *c = add_column(row, name, type, OVSDB_TYPE_VOID, 1, 1);

    ovsdb_datum_init_default(&c->datum, &c->type);
    ovsdb_datum_unshare(&c->datum, &c->type);
    return c;
}

/* Sets 'c', a set of strings, from the 'n' names in 'names'. */
static void
set_names(struct plan_column *c, const char *const *names, size_t n)
{
    struct ovsdb_datum *d = &c->datum;

    d->n = n;
    d->keys = n ? xmalloc(n * sizeof *d->keys) : NULL;
    d->refcnt = NULL;
    for (size_t i = 0; i < n; i++) {
        d->keys[i].s = ovsdb_atom_string_create(names[i]);
    }
    ovsdb_datum_sort_unique(d, &c->type);
}

void
plan_row_set_string(struct plan_row *row, const char *column,
                    const char *value)
{
    struct plan_column *c = add_scalar(row, column, OVSDB_TYPE_STRING);

    ovsdb_atom_destroy(&c->datum.keys[0], OVSDB_TYPE_STRING);
    c->datum.keys[0].s = ovsdb_atom_string_create(value);
}

void
plan_row_set_integer(struct plan_row *row, const char *column, int64_t value)
{
    struct plan_column *c = add_scalar(row, column, OVSDB_TYPE_INTEGER);

    c->datum.keys[0].integer = value;
}

void
plan_row_set_bool(struct plan_row *row, const char *column, bool value)
{
    struct plan_column *c = add_scalar(row, column, OVSDB_TYPE_BOOLEAN);

    c->datum.keys[0].boolean = value;
}

void
plan_row_set_strings(struct plan_row *row, const char *column,
                     const struct svec *value)
{
    struct plan_column *c = add_column(row, column, OVSDB_TYPE_STRING,
                                       OVSDB_TYPE_VOID, 0, UINT_MAX);

    set_names(c, (const char *const *) value->names, value->n);
}

void
plan_row_set_sset(struct plan_row *row, const char *column,
                  const struct sset *value)
{
    struct plan_column *c = add_column(row, column, OVSDB_TYPE_STRING,
                                       OVSDB_TYPE_VOID, 0, UINT_MAX);
    const char **names = sset_array(value);

    set_names(c, names, sset_count(value));
    free(names);
}

void
plan_row_set_integers(struct plan_row *row, const char *column,
                      const int64_t *value, size_t n)
{
    struct plan_column *c = add_column(row, column, OVSDB_TYPE_INTEGER,
                                       OVSDB_TYPE_VOID, 0, UINT_MAX);
    struct ovsdb_datum *d = &c->datum;

    d->n = n;
    d->keys = n ? xmalloc(n * sizeof *d->keys) : NULL;
    d->refcnt = NULL;
    for (size_t i = 0; i < n; i++) {
        d->keys[i].integer = value[i];
    }
    ovsdb_datum_sort_unique(d, &c->type);
}

void
plan_row_set_map(struct plan_row *row, const char *column,
                 const struct smap *value)
{
    struct plan_column *c = add_column(row, column, OVSDB_TYPE_STRING,
                                       OVSDB_TYPE_STRING, 0, UINT_MAX);

    ovsdb_datum_from_smap(&c->datum, value);
}

void
plan_row_take_datum(struct plan_row *row, const char *column,
                    const struct ovsdb_type *type, struct ovsdb_datum *datum)
{
    struct plan_column *c = add_column(row, column, type->key.type,
                                       type->value.type, type->n_min,
                                       type->n_max);

    ovsdb_datum_swap(&c->datum, datum);
}

const struct plan_column *
plan_row_get(const struct plan_row *row, const char *column)
{
    size_t i = find_column(row, column);

    return (i < row->n_columns && !strcmp(row->columns[i].name, column)
            ? &row->columns[i] : NULL);
}

/* Comparison and text. */

static void
format_column(const struct plan_column *c, struct ds *s)
{
    ds_put_format(s, "%s=", c->name);
    ovsdb_datum_to_string(&c->datum, &c->type, s);
}

/* True if 'name' is one of the comma separated words of 'list'. */
static bool
is_listed(const char *list, const char *name)
{
    size_t len = strlen(name);

    while (list) {
        if (!strncmp(list, name, len) && (!list[len] || list[len] == ',')) {
            return true;
        }
        list = strchr(list, ',');
        list = list ? list + 1 : NULL;
    }
    return false;
}

char *
plan_row_revision(const struct plan_row *row, const char *except)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    uint8_t digest[SHA1_DIGEST_SIZE];
    char hex[SHA1_HEX_DIGEST_LEN + 1];

    for (size_t i = 0; i < row->n_columns; i++) {
        if (!is_listed(except, row->columns[i].name)) {
            format_column(&row->columns[i], &s);
            ds_put_char(&s, '\n');
        }
    }
    sha1_bytes(ds_cstr(&s), s.length, digest);
    sha1_to_hex(digest, hex);
    ds_destroy(&s);
    return xmemdup0(hex, 16);
}

char *
plan_row_revision_of_two(const struct plan_row *row, const char *apart,
                         const char *except)
{
    char *both = xasprintf("%s,%s", apart, except);
    char *first = plan_row_revision(row, both);
    char *second = plan_row_revision(row, except);
    char *revision = xasprintf("%s-%s", first, second);

    free(both);
    free(first);
    free(second);
    return revision;
}

bool
plan_revision_equals_first(const char *a, const char *b)
{
    size_t len = strcspn(a, "-");

    return a[len] && !strncmp(a, b, len + 1);
}

bool
plan_row_equals(const struct plan_row *a, const struct plan_row *b)
{
    if (a->n_columns != b->n_columns) {
        return false;
    }
    for (size_t i = 0; i < a->n_columns; i++) {
        const struct plan_column *x = &a->columns[i];
        const struct plan_column *y = &b->columns[i];

        if (strcmp(x->name, y->name)
            || !ovsdb_datum_equals(&x->datum, &y->datum, &x->type)) {
            return false;
        }
    }
    return true;
}

void
plan_column_format(const struct plan_column *c,
                   const struct ovsdb_datum *datum, struct ds *s)
{
    if (!strcmp(c->name, "password") && datum->n
        && *json_string(datum->keys[0].s)) {
        ds_put_cstr(s, PLAN_HIDDEN);
    } else {
        ovsdb_datum_to_string(datum, &c->type, s);
    }
}

void
plan_row_format(const struct plan_row *row, struct ds *s)
{
    ds_put_format(s, "%s \"%s\"", row->table, row->key);
    if (*row->origin) {
        ds_put_format(s, " # %s", row->origin);
    }
    ds_put_char(s, '\n');
    for (size_t i = 0; i < row->n_parents; i++) {
        const struct plan_parent *p = &row->parents[i];
        ds_put_format(s, "  in %s \"%s\" %s\n", p->table, p->name, p->column);
    }
    for (size_t i = 0; i < row->n_columns; i++) {
        const struct plan_column *c = &row->columns[i];

        ds_put_format(s, "  %s=", c->name);
        plan_column_format(c, &c->datum, s);
        ds_put_char(s, '\n');
    }
}
