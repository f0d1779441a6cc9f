/* SPDX-License-Identifier: Apache-2.0 */

/* What a node says of itself: its row in Node.
 *
 * Called by ovn-egress-node.c; node/work.h registers the columns. */

#ifndef NODE_BEAT_H
#define NODE_BEAT_H 1

#include <stdint.h>

struct guard_report;
struct ovsdb_idl;
struct ovsdb_idl_txn;

/* Adds to 'txn' the facts of node 'name' and a heartbeat of the time 'wall'
 * (ms since the epoch), if it has a row.  'condition' tells how it is, 'kept'
 * which policies could not be removed, 'guard' what was dropped. */
void beat_write(struct ovsdb_idl *, const char *name,
                struct ovsdb_idl_txn *txn, long long int wall,
                const char *condition, const char *kept,
                const struct guard_report *guard);

/* Returns the time of the last heartbeat that OVN_Egress has of node 'name',
 * or INT64_MAX if it has no row, so that there is nothing to write. */
int64_t beat_get(const struct ovsdb_idl *, const char *name);

#endif /* node/beat.h */
