/* SPDX-License-Identifier: Apache-2.0 */

/* Our rows of a database, as they are: see the header. */

#include <config.h>

#include "ovsdb/db-mirror.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "ovsdb-idl-provider.h"
#include "ovsdb/db-row.h"
#include "ovsdb/db-table.h"
#include "ovsdb/db-watch.h"
#include "util.h"

struct db_mirror_table {
    struct db_mirror *mirror;
    const struct db_table *table;
    struct db_watch watch;      /* 'data' is a "struct db_mirror_row". */
    unsigned int parents_seqno[DB_MAX_PARENTS];
    bool any_new;               /* A row came in this run. */
};

static void
clear_references(struct db_mirror_row *m)
{
    for (size_t i = 0; i < m->row->n_parents; i++) {
        free(m->row->parents[i].name);
    }
    free(m->row->parents);
    m->row->parents = NULL;
    m->row->n_parents = 0;
    free(m->references);
    m->references = NULL;
}

static void
add_reference(struct db_mirror_row *m, const struct db_parent *parent,
              const struct ovsdb_idl_row *from)
{
    size_t i = plan_row_add_parent(m->row, parent->class->name, parent->column,
                                   db_row_string(from, "name"));
    size_t n = m->row->n_parents;

    m->references = xrealloc(m->references, n * sizeof *m->references);
    memmove(&m->references[i + 1], &m->references[i],
            (n - 1 - i) * sizeof *m->references);
    m->references[i] = (struct db_reference) { parent, from->uuid };
}

/* Makes the references to 'from', an older version, those to 'to'. */
static void
move_references(struct db_mirror_row *to, struct db_mirror_row *from)
{
    to->row->parents = from->row->parents;
    to->row->n_parents = from->row->n_parents;
    to->references = from->references;
    to->references_hash = from->references_hash;
    from->row->parents = NULL;
    from->row->n_parents = 0;
    from->references = NULL;
}

static void
note_change(struct db_mirror_table *t, const struct plan_row *row)
{
    sset_add_and_free(&t->mirror->changed, plan_row_name(row));
}

/* Takes 'm' out of the mirror; its row lives until the next run. */
static void
mirror_row_remove(struct db_mirror_table *t, struct db_mirror_row *m)
{
    if (m) {
        note_change(t, m->row);
        plan_rows_push(&t->mirror->former, m->row);
        hmap_remove(&t->mirror->by_row, &m->hmap_node);
        free(m->references);
        free(m);
    }
}

static bool
is_same(const struct db_mirror_row *m, const struct plan_row *new)
{
    return !strcmp(m->row->key, new->key) && plan_row_equals(m->row, new);
}

/* db_watch_ops for a table. */

static void
row_changed(const struct ovsdb_idl_row *row, struct db_watched *w, void *t_)
{
    struct db_mirror_table *t = t_;
    struct plan_row *new = db_row_read(t->table, row);

    if (!new && !w->data) {
        return;                 /* Of another owner. */
    }
    if (new && w->data && is_same(w->data, new)) {
        plan_row_destroy(new);  /* Only columns of others changed. */
        return;
    }

    struct db_mirror_row *old = w->data;

    w->data = NULL;
    if (new) {
        struct db_mirror_row *m = xzalloc(sizeof *m);

        m->uuid = row->uuid;
        m->row = new;
        if (old) {
            move_references(m, old);
        }
        t->any_new = t->any_new || !old;
        hmap_insert(&t->mirror->by_row, &m->hmap_node, hash_pointer(new, 0));
        plan_rows_push(&t->mirror->fresh, new);
        note_change(t, new);
        w->data = m;
    }
    mirror_row_remove(t, old);
}

static void
row_gone(struct db_watched *w, void *t_)
{
    struct db_mirror_table *t = t_;

    mirror_row_remove(t, w->data);
}

static const struct db_watch_ops row_ops = { row_changed, row_gone };

struct db_mirror *
db_mirror_create(const struct db_schema *schema)
{
    struct db_mirror *mirror = xzalloc(sizeof *mirror);

    mirror->schema = schema;
    mirror->tables = xcalloc(schema->n, sizeof *mirror->tables);
    plan_rows_init(&mirror->rows);
    plan_rows_init(&mirror->former);
    plan_rows_init(&mirror->fresh);
    sset_init(&mirror->changed);
    hmap_init(&mirror->by_row);
    for (size_t i = 0; i < schema->n; i++) {
        struct db_mirror_table *t = &mirror->tables[i];

        t->mirror = mirror;
        t->table = &schema->tables[i];
        db_watch_init(&t->watch, t->table->class);
    }
    return mirror;
}

void
db_mirror_destroy(struct db_mirror *mirror)
{
    if (mirror) {
        for (size_t i = 0; i < mirror->schema->n; i++) {
            struct db_mirror_table *t = &mirror->tables[i];

            db_watch_destroy(&t->watch, &row_ops, t);
        }
        free(mirror->tables);
        free(mirror->rows.rows);
        plan_rows_destroy(&mirror->former);
        free(mirror->fresh.rows);
        sset_destroy(&mirror->changed);
        hmap_destroy(&mirror->by_row);
        free(mirror);
    }
}

/* References. */

/* True if the sequence number of a table that refers to 't' changed. */
static bool
parents_changed(struct db_mirror_table *t, const struct ovsdb_idl *idl)
{
    bool changed = false;

    for (size_t i = 0; i < DB_MAX_PARENTS && t->table->parents[i].class; i++) {
        unsigned int seqno
            = ovsdb_idl_table_get_seqno(idl, t->table->parents[i].class);

        changed = changed || seqno != t->parents_seqno[i];
        t->parents_seqno[i] = seqno;
    }
    return changed;
}

/* Notes which rows of 't' 'row' refers to. */
static void
read_references(struct db_mirror_table *t, const struct db_parent *parent,
                const struct ovsdb_idl_row *row)
{
    const struct ovsdb_datum *datum
        = ovsdb_idl_read(row, db_class_column(parent->class, parent->column));

    for (size_t i = 0; i < datum->n; i++) {
        const struct db_watched *w = db_watch_find(&t->watch,
                                                   &datum->keys[i].uuid);

        if (w && w->data) {
            add_reference(w->data, parent, row);
        }
    }
}

/* A number that changes if the references to 'm' do. */
static uint32_t
hash_references(const struct db_mirror_row *m)
{
    uint32_t hash = 0;

    for (size_t i = 0; i < m->row->n_parents; i++) {
        hash = hash_string(m->row->parents[i].name,
                           hash_string(m->row->parents[i].column, hash));
    }
    return hash;
}

static void
run_references(struct db_mirror_table *t, const struct ovsdb_idl *idl)
{
    struct db_watched *w;

    HMAP_FOR_EACH (w, hmap_node, &t->watch.rows) {
        if (w->data) {
            clear_references(w->data);
        }
    }
    for (size_t i = 0; i < DB_MAX_PARENTS && t->table->parents[i].class; i++) {
        const struct db_parent *parent = &t->table->parents[i];
        const struct ovsdb_idl_row *row;

        for (row = ovsdb_idl_first_row(idl, parent->class); row;
             row = ovsdb_idl_next_row(row)) {
            read_references(t, parent, row);
        }
    }
    HMAP_FOR_EACH (w, hmap_node, &t->watch.rows) {
        struct db_mirror_row *m = w->data;
        uint32_t hash = m ? hash_references(m) : 0;

        if (m && hash != m->references_hash) {
            m->references_hash = hash;
            note_change(t, m->row);
        }
    }
}

bool
db_mirror_run(struct db_mirror *mirror, const struct ovsdb_idl *idl)
{
    sset_clear(&mirror->changed);
    plan_rows_destroy(&mirror->former);
    mirror->fresh.n = 0;
    for (size_t i = 0; i < mirror->schema->n; i++) {
        struct db_mirror_table *t = &mirror->tables[i];
        bool references = parents_changed(t, idl);

        t->any_new = false;
        db_watch_run(&t->watch, idl, &row_ops, t);
        if (t->table->parents[0].class && (references || t->any_new)) {
            run_references(t, idl);
        }
    }

    /* Rows may have the same key, which only happens after somebody copied
     * one: the diff then keeps the first and deletes the rest. */
    plan_rows_replace(&mirror->rows, &mirror->former, &mirror->fresh);
    return !sset_is_empty(&mirror->changed);
}

void
db_mirror_forget(struct db_mirror *mirror)
{
    for (size_t i = 0; i < mirror->schema->n; i++) {
        struct db_mirror_table *t = &mirror->tables[i];

        db_watch_forget(&t->watch);
        memset(t->parents_seqno, 0, sizeof t->parents_seqno);
    }
}

const struct db_mirror_row *
db_mirror_find(const struct db_mirror *mirror, const struct plan_row *row)
{
    const struct db_mirror_row *m;

    HMAP_FOR_EACH_WITH_HASH (m, hmap_node, hash_pointer(row, 0),
                             &mirror->by_row) {
        if (m->row == row) {
            return m;
        }
    }
    return NULL;
}
