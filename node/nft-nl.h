/* SPDX-License-Identifier: Apache-2.0 */

/* Messages to and from nf_tables, over nfnetlink.
 *
 * A batch is one nftables transaction: the kernel carries out all of its
 * messages or none, and packets see it happen at once.  Everything here is
 * about one table, "inet ovn_egress".  The message format is that of
 * <linux/netfilter/nf_tables.h>.
 *
 * node/nft-*.c and kind-nft.c use this; it uses libopenvswitch's netlink
 * sockets.  It does not know what is in the table. */

#ifndef NODE_NFT_NL_H
#define NODE_NFT_NL_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netlink.h"
#include "openvswitch/compiler.h"
#include "openvswitch/ofpbuf.h"
#include "svec.h"

struct nl_sock;

/* The table that is ours: whatever is in it is, and nothing else. */
#define NFT_TABLE "ovn_egress"

struct nft_batch {
    struct ofpbuf buf;          /* Messages, one after the other. */
    size_t msg;                 /* Offset of the last one. */
    struct svec labels;         /* What each message does, for errors. */
};

void nft_batch_init(struct nft_batch *);
void nft_batch_destroy(struct nft_batch *);

/* Starts a message with command 'cmd' (NFT_MSG_*) and 'flags' (NLM_F_*), to
 * which the caller adds attributes in the buffer that is returned.  The format
 * says what the message does: "add set snat4". */
struct ofpbuf *nft_batch_put(struct nft_batch *, uint8_t cmd, uint16_t flags,
                             const char *label, ...)
    OVS_PRINTF_FORMAT(4, 5);

/* Sends the batch through 'sock'.  Returns NULL if the kernel did all of it,
 * or what failed first, which the caller frees: then it did nothing. */
char *nft_batch_commit(struct nft_batch *, struct nl_sock *)
    OVS_WARN_UNUSED_RESULT;

/* Makes 'msg' a request with command 'cmd', to which the caller may add
 * attributes. */
void nft_request_init(struct ofpbuf *msg, uint8_t cmd, uint16_t flags);

/* If 'msg', from the kernel, is an nf_tables message, stores its command in
 * '*cmd', parses its attributes and returns true. */
bool nft_msg_parse(const struct ofpbuf *msg, uint8_t *cmd,
                   const struct nl_policy *, struct nlattr **, size_t n);

/* Stores the number of the ruleset's generation, which every transaction of
 * anybody increments.  Returns 0 or a positive errno value. */
int nft_get_generation(uint32_t *generation);

#endif /* node/nft-nl.h */
