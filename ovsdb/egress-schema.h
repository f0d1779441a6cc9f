/* SPDX-License-Identifier: Apache-2.0 */

/* Is the schema of the OVN_Egress that we are connected to as new as ours?
 *
 * A database is converted when its server is started anew; until then one may
 * lack tables or columns, in which nothing can be read or written.  All
 * programs ask this before they do anything, and say what is to be done. */

#ifndef EGRESS_SCHEMA_H
#define EGRESS_SCHEMA_H 1

struct ovsdb_idl;

/* Returns why the database of 'idl', which was connected once, cannot be used,
 * or NULL if it can.  The caller frees it. */
char *egress_schema_why_not(const struct ovsdb_idl *idl);

#endif /* ovsdb/egress-schema.h */
