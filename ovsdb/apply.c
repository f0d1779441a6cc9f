/* SPDX-License-Identifier: Apache-2.0 */

/* Makes a database what a plan wants: see the header. */

#include <config.h>

#include "ovsdb/apply.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/shash.h"
#include "ovsdb-error.h"
#include "ovsdb-idl-provider.h"
#include "ovsdb/db-mirror.h"
#include "ovsdb/db-row.h"
#include "ovsdb/db-table.h"
#include "plan/row.h"
#include "util.h"

/* Changes that a transaction's comment describes one by one. */
#define MAX_COMMENTS 8

struct apply {
    struct ovsdb_idl_txn *txn;
    struct ovsdb_idl *idl;
    const struct db_mirror *have;
    struct db_apply_stats *stats;

    struct plan_change *changes;
    size_t n_changes, allocated_changes;

    /* "TABLE NAME" to a row that may refer to ours; filled when needed. */
    struct shash parents;
    bool parents_filled;
};

void
db_apply_stats_destroy(struct db_apply_stats *stats)
{
    if (stats) {
        free(stats->problem);
        stats->problem = NULL;
    }
}

bool
db_apply_stats_is_empty(const struct db_apply_stats *stats)
{
    return !stats->n_inserted && !stats->n_modified && !stats->n_deleted;
}

/* Counts a row that cannot be written.  Takes 'why'. */
static void
block(struct apply *a, const struct plan_row *row, char *why)
{
    a->stats->n_blocked++;
    if (!a->stats->problem) {
        a->stats->problem = xasprintf("%s \"%s\": %s", row->table, row->key,
                                      why);
    }
    free(why);
}

/* Members of sets and maps. */

/* Returns a new datum that holds member 'i' of 'src', as the functions for
 * partial updates want to be given it. */
static struct ovsdb_datum *
one_member(const struct ovsdb_datum *src, size_t i,
           const struct ovsdb_type *type)
{
    struct ovsdb_datum *datum = xmalloc(sizeof *datum);

    ovsdb_datum_init_empty(datum);
    ovsdb_datum_add_from_index_unsafe(datum, src, i, type);
    return datum;
}

/* Writes the difference between 'old' and 'new' into a set, member by
 * member. */
static void
write_members(const struct ovsdb_idl_row *row,
              const struct ovsdb_idl_column *c,
              const struct ovsdb_datum *old, const struct ovsdb_datum *new)
{
    struct ovsdb_datum added, removed;

    ovsdb_datum_added_removed(&added, &removed, old, new, &c->type);
    for (size_t i = 0; i < removed.n; i++) {
        ovsdb_idl_txn_delete_partial_set(row, c,
                                         one_member(&removed, i, &c->type));
    }
    for (size_t i = 0; i < added.n; i++) {
        ovsdb_idl_txn_write_partial_set(row, c,
                                        one_member(&added, i, &c->type));
    }
    ovsdb_datum_destroy(&added, &c->type);
    ovsdb_datum_destroy(&removed, &c->type);
}

/* Writes the difference between 'old' and 'new' into a map, key by key. */
static void
write_keys(const struct ovsdb_idl_row *row, const struct ovsdb_idl_column *c,
           const struct ovsdb_datum *old, const struct ovsdb_datum *new)
{
    for (size_t i = 0; i < old->n; i++) {
        if (!ovsdb_datum_find_key(new, &old->keys[i], c->type.key.type,
                                  NULL)) {
            ovsdb_idl_txn_delete_partial_map(row, c,
                                             one_member(old, i, &c->type));
        }
    }
    for (size_t i = 0; i < new->n; i++) {
        unsigned int pos;

        if (!ovsdb_datum_find_key(old, &new->keys[i], c->type.key.type, &pos)
            || !ovsdb_atom_equals(&old->values[pos], &new->values[i],
                                  c->type.value.type)) {
            ovsdb_idl_txn_write_partial_map(row, c,
                                            one_member(new, i, &c->type));
        }
    }
}

/* Columns. */

/* Returns why 'want' cannot be written to 'c', or NULL if it can. */
static char *
check_column(const struct plan_column *want, const struct ovsdb_idl_column *c)
{
    if (!c) {
        return xasprintf("%s: there is no such column", want->name);
    }
    if (want->type.key.type != c->type.key.type
        || want->type.value.type != c->type.value.type
        || !ovsdb_datum_conforms_to_type(&want->datum, &c->type)) {
        return xasprintf("%s: wrong type", want->name);
    }

    struct ovsdb_error *error = ovsdb_datum_check_constraints(&want->datum,
                                                              &c->type);
    if (error) {
        char *s = ovsdb_error_to_string_free(error);
        char *why = xasprintf("%s: %s", want->name, s);

        free(s);
        return why;
    }
    return NULL;
}

/* Returns why 'want' cannot be written, or NULL if it can. */
static char *
check_row(const struct db_table *table, const struct plan_row *want)
{
    if (!table) {
        return xstrdup("there is no such table");
    }
    for (size_t i = 0; i < want->n_columns; i++) {
        const struct plan_column *w = &want->columns[i];
        char *why = check_column(w, db_class_column(table->class, w->name));

        if (why) {
            return why;
        }
    }
    return NULL;
}

static enum db_ownership
column_ownership(const struct db_table *table, const char *name)
{
    for (size_t i = 0; i < DB_MAX_COLUMNS && table->columns[i].name; i++) {
        if (!strcmp(table->columns[i].name, name)) {
            return table->columns[i].ownership;
        }
    }
    return DB_WHOLE;
}

/* Writes the columns of 'want' to 'row', of which 'have' is what it holds now;
 * NULL if it is new. */
static void
write_columns(struct apply *a, const struct db_table *table,
              const struct ovsdb_idl_row *row, const struct plan_row *have,
              const struct plan_row *want)
{
    for (size_t i = 0; i < want->n_columns; i++) {
        const struct plan_column *w = &want->columns[i];
        const struct plan_column *h = have ? plan_row_get(have, w->name)
                                           : NULL;
        const struct ovsdb_idl_column *c = db_class_column(table->class,
                                                           w->name);

        if (!ovsdb_idl_server_has_column(a->idl, c)
            || (h && ovsdb_datum_equals(&h->datum, &w->datum, &c->type))) {
            continue;
        }
        switch (h ? column_ownership(table, w->name) : DB_WHOLE) {
        case DB_MEMBERS:
            write_members(row, c, &h->datum, &w->datum);
            break;
        case DB_OUR_KEYS:
            write_keys(row, c, &h->datum, &w->datum);
            break;
        case DB_WHOLE:
        default:
            ovsdb_idl_txn_write_clone(row, c, &w->datum);
            break;
        }
    }
}

/* References. */

static void
fill_parents(struct apply *a)
{
    const struct db_schema *schema = a->have->schema;

    for (size_t i = 0; i < schema->n; i++) {
        const struct db_table *t = &schema->tables[i];

        for (size_t j = 0; j < DB_MAX_PARENTS && t->parents[j].class; j++) {
            const struct ovsdb_idl_table_class *class = t->parents[j].class;
            const struct ovsdb_idl_row *row;

            for (row = ovsdb_idl_first_row(a->idl, class); row;
                 row = ovsdb_idl_next_row(row)) {
                char *id = xasprintf("%s %s", class->name,
                                     db_row_string(row, "name"));

                shash_add_once(&a->parents, id, row);
                free(id);
            }
        }
    }
    a->parents_filled = true;
}

static const struct ovsdb_idl_row *
find_parent(struct apply *a, const struct plan_parent *parent)
{
    if (!a->parents_filled) {
        fill_parents(a);
    }

    char *id = xasprintf("%s %s", parent->table, parent->name);
    const struct ovsdb_idl_row *row = shash_find_data(&a->parents, id);

    free(id);
    return row;
}

/* Adds 'child' to, or removes it from, 'column' of 'row'. */
static void
write_reference(const struct ovsdb_idl_row *row, const char *column,
                const struct uuid *child, bool add)
{
    const struct ovsdb_idl_column *c = db_class_column(row->table->class_,
                                                       column);
    struct ovsdb_datum *datum = xmalloc(sizeof *datum);
    union ovsdb_atom atom = { .uuid = *child };

    ovsdb_datum_init_empty(datum);
    ovsdb_datum_add_unsafe(datum, &atom, NULL, &c->type, NULL);
    if (add) {
        ovsdb_idl_txn_write_partial_set(row, c, datum);
    } else {
        ovsdb_idl_txn_delete_partial_set(row, c, datum);
    }
}

static bool
has_parent(const struct plan_row *row, const struct plan_parent *parent)
{
    for (size_t i = 0; row && i < row->n_parents; i++) {
        const struct plan_parent *p = &row->parents[i];

        if (!strcmp(p->table, parent->table)
            && !strcmp(p->column, parent->column)
            && !strcmp(p->name, parent->name)) {
            return true;
        }
    }
    return false;
}

/* Makes rows refer to 'row' that should and do not.  Returns how many of the
 * wanted parents exist. */
static size_t
add_references(struct apply *a, const struct ovsdb_idl_row *row,
               const struct plan_row *have, const struct plan_row *want)
{
    size_t n = 0;

    for (size_t i = 0; i < want->n_parents; i++) {
        const struct plan_parent *p = &want->parents[i];
        const struct ovsdb_idl_row *parent = find_parent(a, p);

        if (parent && db_class_column(parent->table->class_, p->column)) {
            if (row && !has_parent(have, p)) {
                write_reference(parent, p->column, &row->uuid, true);
            }
            n++;
        }
    }
    return n;
}

/* Removes the references to 'have' that 'want', NULL for none, does not
 * want. */
static void
remove_references(struct apply *a, const struct plan_row *have,
                  const struct plan_row *want)
{
    const struct db_mirror_row *m = db_mirror_find(a->have, have);

    for (size_t i = 0; i < have->n_parents; i++) {
        const struct db_reference *ref = &m->references[i];

        if (!has_parent(want, &have->parents[i])) {
            const struct ovsdb_idl_row *parent = ovsdb_idl_get_row_for_uuid(
                a->idl, ref->parent->class, &ref->uuid);

            if (parent) {
                write_reference(parent, ref->parent->column, &m->uuid, false);
            }
        }
    }
}

/* Rows. */

static void
insert_row(struct apply *a, const struct plan_row *want)
{
    const struct db_table *table = db_schema_find(a->have->schema,
                                                  want->table);
    char *why = check_row(table, want);

    if (!why && want->n_parents && !add_references(a, NULL, NULL, want)) {
        /* It would be collected as garbage at once. */
        why = xasprintf("%s \"%s\" does not exist", want->parents[0].table,
                        want->parents[0].name);
    }
    if (why) {
        block(a, want, why);
        return;
    }

    const struct ovsdb_idl_row *row = ovsdb_idl_txn_insert(a->txn,
                                                           table->class, NULL);
    write_columns(a, table, row, NULL, want);
    add_references(a, row, NULL, want);
    a->stats->n_inserted++;
}

static void
modify_row(struct apply *a, const struct plan_row *have,
           const struct plan_row *want)
{
    const struct db_table *table = db_schema_find(a->have->schema,
                                                  want->table);
    const struct db_mirror_row *m = db_mirror_find(a->have, have);
    const struct ovsdb_idl_row *row
        = ovsdb_idl_get_row_for_uuid(a->idl, table->class, &m->uuid);
    char *why = row ? check_row(table, want) : xstrdup("row is gone");

    if (why) {
        block(a, want, why);
        return;
    }
    write_columns(a, table, row, have, want);
    add_references(a, row, have, want);
    remove_references(a, have, want);
    a->stats->n_modified++;
}

static void
delete_row(struct apply *a, const struct plan_row *have)
{
    const struct db_table *table = db_schema_find(a->have->schema,
                                                  have->table);
    const struct db_mirror_row *m = db_mirror_find(a->have, have);
    const struct ovsdb_idl_row *row
        = ovsdb_idl_get_row_for_uuid(a->idl, table->class, &m->uuid);

    if (!row) {
        return;
    }
    if (table->class->is_root) {
        ovsdb_idl_txn_delete(row);      /* Weak references go with it. */
    } else {
        remove_references(a, have, NULL);
    }
    a->stats->n_deleted++;
}

/* The whole. */

static void
collect_change(const struct plan_change *change, void *a_)
{
    struct apply *a = a_;

    if (a->n_changes >= a->allocated_changes) {
        a->changes = x2nrealloc(a->changes, &a->allocated_changes,
                                sizeof *a->changes);
    }
    a->changes[a->n_changes++] = *change;
}

/* What decides the order of insertion. */
struct load_key {
    size_t table;               /* Index in the schema. */
    int64_t first;              /* Greatest first. */
    struct plan_change change;
};

static int
compare_load_keys(const void *a_, const void *b_)
{
    const struct load_key *a = a_;
    const struct load_key *b = b_;

    if (a->table != b->table) {
        return a->table < b->table ? -1 : 1;
    } else if (a->first != b->first) {
        return a->first > b->first ? -1 : 1;
    } else {
        return strcmp(a->change.want->key, b->change.want->key);
    }
}

/* Brings the changes, all of them insertions, into the order in which they
 * should be done. */
static void
order_load(struct apply *a)
{
    const struct db_schema *schema = a->have->schema;
    struct load_key *keys = xcalloc(a->n_changes, sizeof *keys);

    for (size_t i = 0; i < a->n_changes; i++) {
        const struct plan_row *want = a->changes[i].want;
        const struct db_table *t = db_schema_find(schema, want->table);
        const struct plan_column *first
            = t && t->first ? plan_row_get(want, t->first) : NULL;

        keys[i].change = a->changes[i];
        keys[i].table = t ? t - schema->tables : schema->n;
        if (first && first->datum.n == 1
            && first->type.key.type == OVSDB_TYPE_INTEGER) {
            keys[i].first = first->datum.keys[0].integer;
        }
    }
    qsort(keys, a->n_changes, sizeof *keys, compare_load_keys);
    for (size_t i = 0; i < a->n_changes; i++) {
        a->changes[i] = keys[i].change;
    }
    free(keys);
}

/* True if all changes are insertions, and there are more than 'max'. */
static bool
is_load(const struct apply *a, size_t max)
{
    if (a->n_changes <= max) {
        return false;
    }
    for (size_t i = 0; i < a->n_changes; i++) {
        if (a->changes[i].type != PLAN_INSERT) {
            return false;
        }
    }
    return true;
}

static void
comment_change(struct apply *a, const struct plan_change *change)
{
    static const char *const verbs[] = {
        [PLAN_INSERT] = "insert",
        [PLAN_MODIFY] = "modify",
        [PLAN_DELETE] = "delete",
    };
    const struct plan_row *row = change->want ? change->want : change->have;

    ovsdb_idl_txn_add_comment(a->txn, "%s %s \"%s\"%s%s",
                              verbs[change->type], row->table, row->key,
                              *row->origin ? " for " : "", row->origin);
}

void
db_apply(struct ovsdb_idl_txn *txn, struct ovsdb_idl *idl,
         const struct db_mirror *have, const struct plan_rows *want,
         size_t max_rows, struct db_apply_stats *stats)
{
    struct apply a = {
        .txn = txn,
        .idl = idl,
        .have = have,
        .stats = stats,
        .parents = SHASH_INITIALIZER(&a.parents),
    };

    *stats = (struct db_apply_stats) { .problem = NULL };
    plan_rows_diff(&have->rows, want, collect_change, &a);

    bool load = is_load(&a, max_rows);
    if (load) {
        order_load(&a);
    }
    for (size_t i = 0; i < a.n_changes; i++) {
        const struct plan_change *change = &a.changes[i];

        if (load && stats->n_inserted >= max_rows) {
            stats->more = true;
            break;
        }
        if (i < MAX_COMMENTS) {
            comment_change(&a, change);
        }
        if (change->type == PLAN_INSERT) {
            insert_row(&a, change->want);
        } else if (change->type == PLAN_MODIFY) {
            modify_row(&a, change->have, change->want);
        } else {
            delete_row(&a, change->have);
        }
    }
    if (a.n_changes > MAX_COMMENTS) {
        ovsdb_idl_txn_add_comment(txn, "and %"PRIuSIZE" more",
                                  a.n_changes - MAX_COMMENTS);
    }
    free(a.changes);
    shash_destroy(&a.parents);
}

static void
count_change(const struct plan_change *change OVS_UNUSED, void *n_)
{
    size_t *n = n_;

    (*n)++;
}

bool
db_apply_needed(const struct db_mirror *have, const struct plan_rows *want)
{
    size_t n = 0;

    plan_rows_diff(&have->rows, want, count_change, &n);
    return n > 0;
}
