/* SPDX-License-Identifier: Apache-2.0 */

/* References to our rows: see the header. */

#include <config.h>

#include "ovsdb/db-references.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/json.h"
#include "ovsdb-idl-provider.h"
#include "ovsdb/db-mirror.h"
#include "ovsdb/db-row.h"
#include "ovsdb/db-table.h"
#include "plan/rows/row.h"
#include "util.h"

void
db_references_init(struct db_references *r, const struct ovsdb_idl *idl,
                   const struct db_mirror *have)
{
    *r = (struct db_references) { .idl = idl, .have = have };
    shash_init(&r->parents);
    hmapx_init(&r->new_parents);
}

void
db_references_destroy(struct db_references *r)
{
    shash_destroy(&r->parents);
    hmapx_destroy(&r->new_parents);
}

static void
fill_parents(struct db_references *r)
{
    const struct db_schema *schema = r->have->schema;

    for (size_t i = 0; i < schema->n; i++) {
        const struct db_table *t = &schema->tables[i];

        for (size_t j = 0; j < DB_MAX_PARENTS && t->parents[j].class; j++) {
            const struct ovsdb_idl_table_class *class = t->parents[j].class;
            const struct ovsdb_idl_row *row;

            for (row = ovsdb_idl_first_row(r->idl, class); row;
                 row = ovsdb_idl_next_row(row)) {
                char *id = xasprintf("%s %s", class->name,
                                     db_row_string(row, "name"));

                shash_add_once(&r->parents, id, row);
                free(id);
            }
        }
    }
    r->filled = true;
}

/* True if rows of 'table' may refer to rows of ours. */
static bool
is_parent_table(const struct db_schema *schema, const char *table)
{
    for (size_t i = 0; i < schema->n; i++) {
        const struct db_table *t = &schema->tables[i];

        for (size_t j = 0; j < DB_MAX_PARENTS && t->parents[j].class; j++) {
            if (!strcmp(t->parents[j].class->name, table)) {
                return true;
            }
        }
    }
    return false;
}

static const struct ovsdb_idl_row *
find_parent(struct db_references *r, const struct plan_parent *parent)
{
    if (!r->filled) {
        fill_parents(r);
    }

    char *id = xasprintf("%s %s", parent->table, parent->name);
    const struct ovsdb_idl_row *row = shash_find_data(&r->parents, id);

    free(id);
    return row;
}

void
db_references_insert(struct db_references *r, const struct ovsdb_idl_row *row,
                     const struct plan_row *want)
{
    const struct plan_column *name = plan_row_get(want, "name");

    if (!name || !is_parent_table(r->have->schema, want->table)) {
        return;
    }
    if (!r->filled) {
        fill_parents(r);
    }

    char *id = xasprintf("%s %s", want->table,
                         json_string(name->datum.keys[0].s));
    if (shash_add_once(&r->parents, id, row)) {
        hmapx_add(&r->new_parents, CONST_CAST(void *, row));
    }
    free(id);
}

/* Adds 'child' to 'column' of 'row', which this transaction inserts: there is
 * nothing yet that a change of one member could be based on. */
static void
write_new_reference(const struct ovsdb_idl_row *row,
                    const struct ovsdb_idl_column *c, const struct uuid *child)
{
    union ovsdb_atom atom = { .uuid = *child };
    struct ovsdb_datum datum;

    ovsdb_datum_clone(&datum, ovsdb_idl_read(row, c));
    ovsdb_datum_unshare(&datum, &c->type);
    ovsdb_datum_add_unsafe(&datum, &atom, NULL, &c->type, NULL);
    ovsdb_datum_sort_unique(&datum, &c->type);
    ovsdb_idl_txn_write(row, c, &datum);
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
    return row && plan_row_has_parent(row, parent);
}

static void
add_reference(struct db_references *r, const struct ovsdb_idl_row *parent,
              const char *column, const struct uuid *child)
{
    if (hmapx_contains(&r->new_parents, parent)) {
        write_new_reference(parent,
                            db_class_column(parent->table->class_, column),
                            child);
    } else {
        write_reference(parent, column, child, true);
    }
}

size_t
db_references_add(struct db_references *r, const struct ovsdb_idl_row *row,
                  const struct plan_row *have, const struct plan_row *want)
{
    size_t n = 0;

    for (size_t i = 0; i < want->n_parents; i++) {
        const struct plan_parent *p = &want->parents[i];
        const struct ovsdb_idl_row *parent = find_parent(r, p);

        if (parent && db_class_column(parent->table->class_, p->column)) {
            if (row && !has_parent(have, p)) {
                add_reference(r, parent, p->column, &row->uuid);
            }
            n++;
        }
    }
    return n;
}

void
db_references_remove(struct db_references *r, const struct plan_row *have,
                     const struct plan_row *want)
{
    const struct db_mirror_row *m = db_mirror_find(r->have, have);

    for (size_t i = 0; i < have->n_parents; i++) {
        const struct db_reference *ref = &m->references[i];

        if (!has_parent(want, &have->parents[i])) {
            const struct ovsdb_idl_row *parent = ovsdb_idl_get_row_for_uuid(
                r->idl, ref->parent->class, &ref->uuid);

            if (parent) {
                write_reference(parent, ref->parent->column, &m->uuid, false);
            }
        }
    }
}
