/* SPDX-License-Identifier: Apache-2.0 */

/* Intervals of addresses: in the kernel, each is an element where it begins
 * and one after its end.
 *
 * node/nft-set.c uses this.  No I/O. */

#ifndef NODE_NFT_INTERVAL_H
#define NODE_NFT_INTERVAL_H 1

struct nft_set;
struct ovsdb_datum;

/* While bounds are collected, the key of what ends an interval ends so. */
#define NFT_INTERVAL_END " end"

/* Makes intervals of the bounds in 'elements', of 'set'. */
void nft_interval_join(const struct nft_set *set,
                       struct ovsdb_datum *elements);

#endif /* node/nft-interval.h */
