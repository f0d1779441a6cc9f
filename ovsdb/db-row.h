/* SPDX-License-Identifier: Apache-2.0 */

/* Rows of an IDL as plan_rows: the border at which they become values.
 *
 * Generic over tables through db-table.h and the IDL's own descriptions.
 * Used by db-mirror.c and apply.c. */

#ifndef DB_ROW_H
#define DB_ROW_H 1

#include "ovsdb-data.h"

struct db_table;
struct ovsdb_idl_row;
struct plan_row;
struct smap;

/* Returns 'row' as a plan_row with the columns of 'table' that are ours, or
 * NULL if it is not a row of ours.  A row with our mark but no key gets one
 * that no plan uses, so that it is removed. */
struct plan_row *db_row_read(const struct db_table *,
                             const struct ovsdb_idl_row *);

/* Sets '*dst' to those pairs of 'src', a map of strings, whose key is one of
 * ours. */
void db_datum_our_keys(struct ovsdb_datum *dst, const struct ovsdb_datum *src);

/* Adds the pairs of 'datum', a map of strings, to 'smap'. */
void db_datum_to_smap(const struct ovsdb_datum *, struct smap *);

/* Returns the single string of 'row''s column, or "" if it is not one.  It
 * lives as long as the row does not change. */
const char *db_row_string(const struct ovsdb_idl_row *, const char *column);

#endif /* ovsdb/db-row.h */
