/* SPDX-License-Identifier: Apache-2.0 */

/* What the kernel's nftables table holds, kept up to date by notifications.
 *
 * The table is read once; then the kernel tells of each element that anybody,
 * also we ourselves, adds or deletes.  When it tells of anything else, or
 * notifications were lost, the table is read again.  So the answer is always
 * what the kernel said, and costs little when one element of many changes.
 *
 * node/kind-nft.c uses this; it reads with node/nft-read.c. */

#ifndef NODE_NFT_CACHE_H
#define NODE_NFT_CACHE_H 1

#include <stdbool.h>
#include <stdint.h>

#include "openvswitch/compiler.h"
#include "plan/machine/object.h"

struct nft_cache;

/* Creates an empty cache, after nft_nl_init().  Returns NULL if successful, or
 * an error that the caller frees. */
char *nft_cache_create(struct nft_cache **)
    OVS_WARN_UNUSED_RESULT;
void nft_cache_destroy(struct nft_cache *);

/* Adds all of the table to 'objects', sorted.  They are shared, and to be
 * destroyed before the next call: otherwise the table is read again. */
char *nft_cache_get(struct nft_cache *, struct machine_objects *objects)
    OVS_WARN_UNUSED_RESULT;

/* Has the table read again by the next nft_cache_get(). */
void nft_cache_invalidate(struct nft_cache *);

/* Takes in notifications.  Returns true if somebody else changed the table
 * since the last call, or may have. */
bool nft_cache_run(struct nft_cache *);
void nft_cache_wait(struct nft_cache *);

#endif /* node/nft-cache.h */
