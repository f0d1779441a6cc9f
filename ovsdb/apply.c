/* SPDX-License-Identifier: Apache-2.0 */

/* Makes a database what a plan wants: see the header. */

#include <config.h>

#include "ovsdb/apply.h"

#include <stdlib.h>
#include <string.h>

#include "ovsdb-error.h"
#include "ovsdb-idl-provider.h"
#include "ovsdb/db-mirror.h"
#include "ovsdb/db-references.h"
#include "ovsdb/db-row.h"
#include "ovsdb/db-table.h"
#include "plan/rows/row.h"
#include "util.h"

/* Changes that a transaction's comment describes one by one. */
#define MAX_COMMENTS 8

struct apply {
    struct ovsdb_idl_txn *txn;
    struct ovsdb_idl *idl;
    const struct db_mirror *have;
    struct db_apply_stats *stats;
    struct db_pending *pending;

    struct plan_change *changes;
    size_t n_changes, allocated_changes;
    struct db_references references;
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

/* Counts a row that cannot be written, and stays pending.  Takes 'why'. */
static void
block(struct apply *a, const struct plan_row *row, char *why)
{
    sset_add_and_free(&a->pending->names, plan_row_name(row));
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

    plan_datum_diff(old, new, &c->type, &added, &removed);
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
    struct ovsdb_type keys = c->type;

    keys.value.type = OVSDB_TYPE_VOID;
    for (size_t i = 0; i < old->n; i++) {
        if (!ovsdb_datum_find_key(new, &old->keys[i], c->type.key.type,
                                  NULL)) {
            ovsdb_idl_txn_delete_partial_map(row, c,
                                             one_member(old, i, &keys));
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
            if (ovsdb_type_is_map(&c->type)) {
                write_keys(row, c, &h->datum, &w->datum);
            } else {
                write_members(row, c, &h->datum, &w->datum);
            }
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

/* Rows. */

static void
insert_row(struct apply *a, const struct plan_row *want)
{
    const struct db_table *table = db_schema_find(a->have->schema,
                                                  want->table);
    char *why = check_row(table, want);

    if (!why && want->n_parents
        && !db_references_add(&a->references, NULL, NULL, want)) {
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
    db_references_add(&a->references, row, NULL, want);
    db_references_insert(&a->references, row, want);
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
    db_references_add(&a->references, row, have, want);
    db_references_remove(&a->references, have, want);
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
    db_references_remove(&a->references, have, NULL);
    if (table->class->is_root) {
        ovsdb_idl_txn_delete(row);
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

/* What decides the order of changes. */
struct load_key {
    size_t table;               /* Index in the schema. */
    int64_t first;              /* Greatest first. */
    struct plan_change change;
};

static const struct plan_row *
change_row(const struct plan_change *change)
{
    return change->want ? change->want : change->have;
}

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
        return strcmp(change_row(&a->change)->key,
                      change_row(&b->change)->key);
    }
}

/* Brings the changes into the order in which they should be done: rows that
 * others refer to come first. */
static void
order_changes(struct apply *a)
{
    const struct db_schema *schema = a->have->schema;
    struct load_key *keys = xcalloc(a->n_changes, sizeof *keys);

    for (size_t i = 0; i < a->n_changes; i++) {
        const struct plan_row *row = change_row(&a->changes[i]);
        const struct db_table *t = db_schema_find(schema, row->table);
        const struct plan_column *first
            = t && t->first ? plan_row_get(row, t->first) : NULL;

        keys[i].change = a->changes[i];
        keys[i].table = t ? t - schema->tables : schema->n;
        if (first && first->datum.n == 1
            && first->type.key.type == OVSDB_TYPE_INTEGER) {
            keys[i].first = first->datum.keys[0].integer;
        }
    }
    if (a->n_changes) {
        qsort(keys, a->n_changes, sizeof *keys, compare_load_keys);
    }
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
    const struct plan_row *row = change_row(change);

    ovsdb_idl_txn_add_comment(a->txn, "%s %s \"%s\"%s%s",
                              verbs[change->type], row->table, row->key,
                              *row->origin ? " for " : "", row->origin);
}

void
db_pending_init(struct db_pending *p)
{
    p->all = true;
    sset_init(&p->names);
}

void
db_pending_destroy(struct db_pending *p)
{
    if (p) {
        sset_destroy(&p->names);
    }
}

void
db_pending_add(struct db_pending *p, bool all, const struct sset *names)
{
    const char *name;

    p->all = p->all || all;
    if (p->all) {
        sset_clear(&p->names);
        return;
    }
    SSET_FOR_EACH (name, names) {
        sset_add(&p->names, name);
    }
}

/* Finds out what has to change, and lets nothing be pending any more. */
static void
collect_changes(struct apply *a, const struct plan_rows *want)
{
    const struct plan_rows *have = &a->have->rows;

    if (a->pending->all) {
        plan_rows_diff(have, want, collect_change, a);
    } else {
        plan_rows_diff_some(have, want, &a->pending->names, collect_change, a);
    }
    a->pending->all = false;
    sset_clear(&a->pending->names);
    order_changes(a);
}

static void
make_change(struct apply *a, const struct plan_change *change)
{
    if (change->type == PLAN_INSERT) {
        insert_row(a, change->want);
    } else if (change->type == PLAN_MODIFY) {
        modify_row(a, change->have, change->want);
    } else {
        delete_row(a, change->have);
    }
}

void
db_apply(struct ovsdb_idl_txn *txn, struct ovsdb_idl *idl,
         const struct db_mirror *have, const struct plan_rows *want,
         struct db_pending *pending, size_t max_rows,
         struct db_apply_stats *stats)
{
    struct apply a = {
        .txn = txn,
        .idl = idl,
        .have = have,
        .stats = stats,
        .pending = pending,
    };

    *stats = (struct db_apply_stats) { .problem = NULL };
    db_references_init(&a.references, idl, have);
    collect_changes(&a, want);

    bool load = is_load(&a, max_rows);
    for (size_t i = 0; i < a.n_changes; i++) {
        const struct plan_change *change = &a.changes[i];

        if (load && stats->n_inserted >= max_rows) {
            stats->more = true;
            sset_add_and_free(&pending->names,
                              plan_row_name(change_row(change)));
            continue;
        }
        if (i < MAX_COMMENTS) {
            comment_change(&a, change);
        }
        make_change(&a, change);
    }
    if (a.n_changes > MAX_COMMENTS) {
        ovsdb_idl_txn_add_comment(txn, "and %"PRIuSIZE" more",
                                  a.n_changes - MAX_COMMENTS);
    }
    free(a.changes);
    db_references_destroy(&a.references);
}
