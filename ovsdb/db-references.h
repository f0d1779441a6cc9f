/* SPDX-License-Identifier: Apache-2.0 */

/* Who refers to our rows: the sets of references in other rows, such as
 * "policies" of Logical_Router, within one transaction.
 *
 * Used by apply.c alone.  Members are added and removed one by one, so that
 * those of other writers stay. */

#ifndef DB_REFERENCES_H
#define DB_REFERENCES_H 1

#include <stdbool.h>
#include <stddef.h>

#include "hmapx.h"
#include "openvswitch/shash.h"

struct db_mirror;
struct ovsdb_idl;
struct ovsdb_idl_row;
struct plan_row;

struct db_references {
    const struct ovsdb_idl *idl;
    const struct db_mirror *have;

    /* "TABLE NAME" to a row that may refer to ours; filled when needed. */
    struct shash parents;
    bool filled;

    /* Of these, the rows that this transaction inserts. */
    struct hmapx new_parents;
};

void db_references_init(struct db_references *, const struct ovsdb_idl *,
                        const struct db_mirror *have);
void db_references_destroy(struct db_references *);

/* Lets rows that are inserted after 'row', which 'want' is the plan of, name
 * it as their parent. */
void db_references_insert(struct db_references *, const struct ovsdb_idl_row *,
                          const struct plan_row *want);

/* Makes rows refer to 'row' that should, as 'want' says, and do not, as 'have'
 * says (NULL if 'row' is new).  Returns how many of the wanted parents exist.
 * With 'row' NULL it only counts. */
size_t db_references_add(struct db_references *,
                         const struct ovsdb_idl_row *row,
                         const struct plan_row *have,
                         const struct plan_row *want);

/* Removes the references to 'have' that 'want', NULL for none, does not
 * want. */
void db_references_remove(struct db_references *, const struct plan_row *have,
                          const struct plan_row *want);

#endif /* ovsdb/db-references.h */
