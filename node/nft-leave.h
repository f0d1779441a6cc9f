/* SPDX-License-Identifier: Apache-2.0 */

/* What has left: the sets "leaving" and "gone" of our nftables table.
 *
 * Whatever the guard's sets lose goes into one of these in the same
 * transaction, for a time that the kernel keeps, unless it is live again:
 * endpoints, ClusterIPs, ingress and source IPs into "leaving", an ingress IP
 * with a link into "gone".  So there is no moment at which a packet of theirs
 * is nobody's, and the kernel, not the memory of a process, knows what has
 * still to be cleaned up after (node/leftover.h).
 *
 * node/kind-nft.c calls this; leftover.c and reconcile.c ask. */

#ifndef NODE_NFT_LEAVE_H
#define NODE_NFT_LEAVE_H 1

#include <stdbool.h>
#include <stddef.h>

#include "intent/ip.h"
#include "openvswitch/compiler.h"

struct kind_view;
struct nft_batch;
struct machine_change;
struct machine_objects;
struct machine_set;

void nft_leave_init(void);
void nft_leave_destroy(void);

/* For how long what leaves is kept. */
unsigned int nft_leave_seconds(const struct kind_view *);

/* Reads what has left.  In these sets among 'have' are then the elements that
 * are live again, as 'view' wants it. */
char *nft_leave_observe(const struct kind_view *view,
                        struct machine_objects *have) OVS_WARN_UNUSED_RESULT;

/* Adds what 'changes' let go to 'batch'; if the table is built anew
 * ('rebuild'), also what left before. */
void nft_leave_put(const struct kind_view *view,
                   const struct machine_change *changes, size_t n,
                   bool rebuild, struct nft_batch *batch);

/* The addresses that have left, as of the last observation and what was put
 * since. */
const struct machine_set *nft_leave_get(enum ip_family);

/* When all that left will have expired, in time_msec(), or LLONG_MAX if
 * nothing left or this is known. */
long long int nft_leave_expiry(void);

/* Returns true, once, if that time is over. */
bool nft_leave_has_expired(void);

/* Stores whether 'table', all of it, has something that is live, or something
 * has left. */
char *nft_leave_is_guarding(const struct machine_objects *table,
                            bool *guarding)
    OVS_WARN_UNUSED_RESULT;

#endif /* node/nft-leave.h */
