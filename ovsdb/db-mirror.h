/* SPDX-License-Identifier: Apache-2.0 */

/* Our rows of a database, as they are: the "have" side of the diff.
 *
 * Kept from one turn of the loop to the next; a turn costs what changed.  The
 * agent runs it after the IDL and before it writes; apply.c looks up in it
 * what a plan_row is in the database. */

#ifndef DB_MIRROR_H
#define DB_MIRROR_H 1

#include <stdbool.h>

#include "openvswitch/hmap.h"
#include "openvswitch/uuid.h"
#include "plan/rows/row.h"

struct db_schema;
struct ovsdb_idl;

/* Where a reference to a row of ours is. */
struct db_reference {
    const struct db_parent *parent;
    struct uuid uuid;           /* Of the row that refers. */
};

struct db_mirror_row {
    struct hmap_node hmap_node; /* In db_mirror's 'by_row', by 'row'. */
    struct uuid uuid;
    struct plan_row *row;

    /* In the same order as 'row->parents'. */
    struct db_reference *references;
    uint32_t references_hash;   /* As of the last run. */
};

struct db_mirror {
    const struct db_schema *schema;
    struct db_mirror_table *tables;     /* One for each of 'schema'. */
    struct plan_rows rows;      /* Sorted; owned by the db_mirror_rows. */
    struct hmap by_row;         /* Contains "struct db_mirror_row"s. */

    /* What the last run changed: the names of rows (plan_row_name()), and,
     * but for those of which only references changed, their versions before
     * and after. */
    struct sset changed;
    struct plan_rows former;    /* Owned. */
    struct plan_rows fresh;     /* In 'rows' too. */
};

/* A mirror of what 'schema' describes, empty until it is run. */
struct db_mirror *db_mirror_create(const struct db_schema *schema);
void db_mirror_destroy(struct db_mirror *);

/* Brings the mirror up to date.  Returns true if a row of ours changed, or a
 * reference to one. */
bool db_mirror_run(struct db_mirror *, const struct ovsdb_idl *);

/* Makes the next run read all rows anew. */
void db_mirror_forget(struct db_mirror *);

/* Returns what is known of 'row', which is one of 'rows'. */
const struct db_mirror_row *db_mirror_find(const struct db_mirror *,
                                           const struct plan_row *row);

#endif /* ovsdb/db-mirror.h */
