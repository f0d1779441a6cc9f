/* SPDX-License-Identifier: Apache-2.0 */

/* Which changes of the kernel wait until our nftables table is as wanted.
 *
 * That table translates what endpoints send, and its guard drops what would
 * leave wrongly.  When it cannot be changed or read, it may still send packets
 * by the former way, and it does not know new endpoints.  So the former way
 * stays, and new endpoints get none.  Whatever else is to be changed does not
 * wait: what policies want, what keeps packets back, and what lets them
 * through within the cluster.
 *
 * Called by the reconciler.  Pure. */

#ifndef NODE_HOLD_H
#define NODE_HOLD_H 1

#include <stdbool.h>

struct machine_change;
struct machine_objects;

/* True if 'change', which is no deletion, sends packets of somebody out whom
 * the guard in 'have' does not know.  'have' is NULL if that is not known. */
bool hold_is_new_way(const struct machine_change *change,
                     const struct machine_objects *have);

/* True if 'change' deletes what the nftables table may still count on. */
bool hold_is_former_way(const struct machine_change *change);

#endif /* node/hold.h */
