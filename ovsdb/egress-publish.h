/* SPDX-License-Identifier: Apache-2.0 */

/* What people and tools read of a plan, written to OVN_Egress: status,
 * conditions and the accepted version of each object, the options in force,
 * and how far the plan has come.
 *
 * The agent that is the scheduler calls it, in the transaction in which it
 * writes the nodes' work: a host is never published without its work. */

#ifndef EGRESS_PUBLISH_H
#define EGRESS_PUBLISH_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct db_pending;
struct egress_observer;
struct ovsdb_idl_txn;
struct plan;
struct smap;
struct uuid;

/* In external_ids of Egress_Global: the UUID of the row that Egress_Global had
 * in the database in whose place the agent has taken this one. */
#define EGRESS_FORMER_KEY "former"

/* Adds to 'txn' what makes the status of those objects that are pending what
 * 'plan' says, but of no more than 'max' of them; the rest stays pending: call
 * it again after the transaction has succeeded.  'now' is the time of day in
 * ms, for the time of transitions.  Returns the number of rows that it wrote
 * to. */
size_t egress_publish_objects(struct ovsdb_idl_txn *txn,
                              struct egress_observer *, const struct plan *,
                              struct db_pending *, size_t max,
                              long long int now);

/* What the row of Egress_Global says of the plan. */
struct egress_publish_global {
    const struct smap *effective;       /* NULL leaves it as it is. */
    const struct smap *status;
    const struct uuid *former;  /* Database in whose place this one was taken,
                                 * or zero, which leaves that as it is. */
};

/* Makes sure that there is a row of Egress_Global, and adds to 'txn' what
 * makes it say that.  Returns true if that was anything. */
bool egress_publish_global(struct ovsdb_idl_txn *txn,
                           const struct egress_observer *,
                           const struct egress_publish_global *);

/* Adds to 'txn' that all that "next_cfg" asked for when it was 'cfg' is done.
 * Returns true if that was anything new. */
bool egress_publish_cfg(struct ovsdb_idl_txn *txn,
                        const struct egress_observer *, int64_t cfg);

#endif /* ovsdb/egress-publish.h */
