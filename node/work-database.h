/* SPDX-License-Identifier: Apache-2.0 */

/* May the rows of OVN_Egress be taken for the node's orders?
 *
 * Not if the agent has not filled the database; nor, while we run, if another
 * database is there in place of the one whose orders were carried out, before
 * its agent has decided what that means.  See agent/agent-database.h; the
 * database is known by the UUID of its row of Egress_Global.
 *
 * Used by work.c. */

#ifndef NODE_WORK_DATABASE_H
#define NODE_WORK_DATABASE_H 1

#include <stdbool.h>

struct ovsdb_idl;
struct uuid;

/* Makes 'idl' replicate what is needed. */
void work_database_register(struct ovsdb_idl *idl);

/* Returns NULL, or why nothing may be concluded from what the database says,
 * as a text that lives for ever.  '*known' is the one whose orders were
 * carried out, or zero. */
const char *work_database_hindrance(const struct ovsdb_idl *idl,
                                    const struct uuid *known);

/* Notes in '*known' that it is this one. */
void work_database_accept(const struct ovsdb_idl *idl, struct uuid *known);

#endif /* node/work-database.h */
