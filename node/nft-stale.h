/* SPDX-License-Identifier: Apache-2.0 */

/* Which tracked connections a change of the nftables table makes stale.
 *
 * node/kind-nft.c uses this, once a change is made.  No I/O. */

#ifndef NODE_NFT_STALE_H
#define NODE_NFT_STALE_H 1

#include <stddef.h>

struct conntrack_filter;
struct kind_view;
struct machine_change;

/* Adds to 'filter' the connections that must be forgotten because of
 * 'changes', which made the table what 'view' says. */
void nft_stale_add(const struct kind_view *view,
                   const struct machine_change *changes, size_t n,
                   struct conntrack_filter *filter);

/* Adds the connections of all endpoints of 'view' that have another source, as
 * nft_stale_add() does for those that come: before we started, somebody may
 * have been killed on the way there. */
void nft_stale_add_all(const struct kind_view *view,
                       struct conntrack_filter *filter);

#endif /* node/nft-stale.h */
