/* SPDX-License-Identifier: Apache-2.0 */

/* The maps and sets of our nftables table, and their elements.
 *
 * Here is what a "struct machine_set" is in the kernel.  A mark is a verdict
 * there: the element goes to a chain that sets that mark, because nftables
 * cannot merge a value that it looked up into the packet's mark and keep the
 * other bits.
 *
 * node/nft-*.c use this.  No I/O. */

#ifndef NODE_NFT_SET_H
#define NODE_NFT_SET_H 1

#include <stdbool.h>
#include <stddef.h>

#include "plan/machine/machine-set.h"

struct nft_batch;
struct nl_msg;
struct nlattr;

/* Makes '*set' the empty set with this name.  Returns false if there is
 * none. */
bool nft_set_find(const char *name, struct machine_set *set);

/* Appends the attributes that create the set, beyond its name. */
void nft_set_put(struct nl_msg *, const struct machine_set *);

/* True if 'attrs', indexed by NFTA_SET_*, are those of such a set. */
bool nft_set_is_valid(const struct machine_set *, struct nlattr *const *attrs);

/* Adds messages with command 'cmd' (NFT_MSG_NEWSETELEM or NFT_MSG_DELSETELEM)
 * for the elements of 'set' to 'batch'. */
void nft_set_put_elements(struct nft_batch *, unsigned int cmd,
                          const struct machine_set *set);

/* The same of a timed set: adds them for so many seconds from now, or deletes
 * them if that is 0, whether they are there or not. */
void nft_set_put_timed(struct nft_batch *, const struct machine_set *set,
                       unsigned int seconds);

/* Adds the elements in 'list', an attribute NFTA_SET_ELEM_LIST_ELEMENTS, to
 * 'set', unsorted.  Bounds of ranges are elements of their own. */
void nft_set_get_elements(struct machine_set *set, const struct nlattr *list);

/* To be called once all elements of 'set' were got: makes ranges of bounds,
 * and sorts. */
void nft_set_finish(struct machine_set *set);

#endif /* node/nft-set.h */
