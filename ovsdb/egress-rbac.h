/* SPDX-License-Identifier: Apache-2.0 */

/* What the helper of a node may write in OVN_Egress, as rows of RBAC_Role and
 * RBAC_Permission for ovsdb-server to enforce.
 *
 * A connection whose role is EGRESS_NODE_ROLE may change only the answers in
 * the rows of the node that the client's certificate names.  The agent that is
 * the scheduler keeps these rows; roles of others are left alone. */

#ifndef EGRESS_RBAC_H
#define EGRESS_RBAC_H 1

#include <stdbool.h>

struct ovsdb_idl;
struct ovsdb_idl_txn;

#define EGRESS_NODE_ROLE "ovn-egress-node"

/* Makes 'idl' replicate what is needed. */
void egress_rbac_register(struct ovsdb_idl *);

/* Adds to 'txn' what makes the rows right.  Returns true if that was
 * anything. */
bool egress_rbac_apply(struct ovsdb_idl_txn *txn, const struct ovsdb_idl *);

#endif /* ovsdb/egress-rbac.h */
