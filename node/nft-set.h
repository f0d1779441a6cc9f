/* SPDX-License-Identifier: Apache-2.0 */

/* The maps and sets of our nftables table, and their elements.
 *
 * Here is what a row of "nft-map" (plan/machine/machine.h) is in the kernel.
 * A mark is a verdict there: the element goes to a chain that sets that mark,
 * because nftables cannot merge a value that it looked up into the packet's
 * mark and keep the other bits.
 *
 * node/nft-*.c use this.  No I/O. */

#ifndef NODE_NFT_SET_H
#define NODE_NFT_SET_H 1

#include <stdbool.h>
#include <stddef.h>

#include "intent/ip.h"
#include "node/nft-value.h"
#include "openvswitch/compiler.h"
#include "ovsdb-data.h"

struct nft_batch;
struct nlattr;
struct ofpbuf;
struct smap;
struct sset;

struct nft_set {
    const char *name;           /* And key of its row. */
    enum ip_family family;
    enum nft_value key;
    enum nft_value data;

    /* Elements of a timed set have a time, after which the kernel removes
     * them.  Packets may add some, so that notifications do not tell all, and
     * only up to 'size' of them. */
    bool timed;
    uint32_t size;
};

/* Returns the set with this name, or NULL. */
const struct nft_set *nft_set_find(const char *name);

/* The type of the elements of a row of such a set. */
const struct ovsdb_type *nft_set_type(const struct nft_set *);

/* Appends the attributes that create the set, beyond its name. */
void nft_set_put(struct ofpbuf *, const struct nft_set *);

/* True if 'attrs', indexed by NFTA_SET_*, are those of such a set. */
bool nft_set_is_valid(const struct nft_set *, struct nlattr *const *attrs);

/* Adds messages with command 'cmd' (NFT_MSG_NEWSETELEM or NFT_MSG_DELSETELEM)
 * for the elements of 'elements' to 'batch'.  Returns NULL, or an error that
 * the caller frees. */
char *nft_set_put_elements(struct nft_batch *, unsigned int cmd,
                           const struct nft_set *,
                           const struct ovsdb_datum *elements)
    OVS_WARN_UNUSED_RESULT;

/* The same for 'keys' of a timed set: adds them for so many seconds from now,
 * or deletes them if that is 0, whether they are there or not. */
char *nft_set_put_timed(struct nft_batch *, const struct nft_set *,
                        const struct sset *keys, unsigned int seconds)
    OVS_WARN_UNUSED_RESULT;

/* Adds the elements in 'list', of a timed set, to 'elements': with their
 * remaining time in milliseconds. */
void nft_set_get_timed(const struct nft_set *, const struct nlattr *list,
                       struct smap *elements);

/* Adds the elements in 'list', an attribute NFTA_SET_ELEM_LIST_ELEMENTS, to
 * 'elements', unsorted.  A value that cannot be of such a set becomes "?". */
void nft_set_get_elements(const struct nft_set *, const struct nlattr *list,
                          struct ovsdb_datum *elements);

/* To be called once all of 'elements' were got: sorts them. */
void nft_set_finish(const struct nft_set *, struct ovsdb_datum *elements);

/* The chain that sets 'mark', text as in a row. */
char *nft_mark_chain(const char *mark);

#endif /* node/nft-set.h */
