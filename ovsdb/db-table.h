/* SPDX-License-Identifier: Apache-2.0 */

/* The tables that we write, as data.
 *
 * For each table: how a row of ours is recognised, what its key is, which of
 * its columns are ours and how they may be written beside other writers, and
 * who refers to it.  db-mirror.c and apply.c are generic over this; a new
 * table is a few lines in db-table.c. */

#ifndef DB_TABLE_H
#define DB_TABLE_H 1

#include <stdbool.h>
#include <stddef.h>

struct ovsdb_idl;
struct ovsdb_idl_column;
struct ovsdb_idl_table_class;

/* How a column of a row of ours is written. */
enum db_ownership {
    DB_WHOLE,                   /* All of it, at once. */
    DB_MEMBERS,                 /* All of it, but member by member, so that a
                                 * change costs its own size. */
    DB_OUR_KEYS,                /* A map of which only our keys are ours. */
};

struct db_column {
    const char *name;
    enum db_ownership ownership;
};

/* A column of references that may have rows of the table: "policies" of
 * Logical_Router.  References to rows of others stay as they are. */
struct db_parent {
    const struct ovsdb_idl_table_class *class;
    const char *column;
};

#define DB_MAX_KEY 3
#define DB_MAX_COLUMNS 14
#define DB_MAX_PARENTS 2

struct db_table {
    const struct ovsdb_idl_table_class *class;

    /* The columns whose values, with a space between them, are the key.  None:
     * a row is ours if external_ids:owner is DB_OWNER, and its key is in
     * external_ids:key. */
    const char *key[DB_MAX_KEY];

    /* With 'key': the only key that is ours, or NULL if all are. */
    const char *only;

    struct db_column columns[DB_MAX_COLUMNS];   /* Ends with NULL. */
    struct db_parent parents[DB_MAX_PARENTS];   /* Ends with NULL. */

    /* An integer column, or NULL.  Rows in which it is greater are inserted
     * first when a load takes several transactions. */
    const char *first;
};

struct db_schema {
    /* In the order in which rows are inserted. */
    const struct db_table *tables;
    size_t n;
};

/* external_ids:owner of all that we make in OVN_Northbound. */
#define DB_OWNER "ovn-egress"

extern const struct db_schema db_nb_schema;     /* OVN_Northbound. */
extern const struct db_schema db_egress_schema; /* OVN_Egress. */

/* Returns the table or column, or NULL. */
const struct db_table *db_schema_find(const struct db_schema *,
                                      const char *table);
const struct ovsdb_idl_column *db_class_column(
    const struct ovsdb_idl_table_class *, const char *column);

/* True if 'key' of external_ids is one of ours. */
bool db_is_our_key(const char *key);

/* Makes 'idl' replicate all that the schema names. */
void db_schema_register(const struct db_schema *, struct ovsdb_idl *);

#endif /* ovsdb/db-table.h */
