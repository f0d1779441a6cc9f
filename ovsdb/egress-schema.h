/* SPDX-License-Identifier: Apache-2.0 */

/* Is the schema of the OVN_Egress that we are connected to as new as ours?
 *
 * A database is converted when its server is started anew; until then one may
 * lack tables or columns, in which nothing can be read or written.  All
 * programs ask this before they do anything, and say what is to be done. */

#ifndef EGRESS_SCHEMA_H
#define EGRESS_SCHEMA_H 1

struct ovsdb_idl;
struct ovsdb_idl_table_class;

/* What agents write and helpers read; ends with NULL. */
extern const struct ovsdb_idl_table_class *const egress_schema_work[];

/* Returns why the database of 'idl', which was connected once, cannot be used,
 * or NULL if it can.  The caller frees it.
 *
 * 'needed' are tables of which the program has monitored something, and which
 * must be there; it ends with NULL, or is NULL.  For others, the IDL cannot
 * tell one that is not there from one that nobody asked for. */
char *egress_schema_why_not(const struct ovsdb_idl *idl,
                            const struct ovsdb_idl_table_class *const *needed);

#endif /* ovsdb/egress-schema.h */
