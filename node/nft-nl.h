/* SPDX-License-Identifier: Apache-2.0 */

/* Messages to and from nf_tables, over nfnetlink.
 *
 * A batch is one nftables transaction: the kernel carries out all of its
 * messages or none, and packets see it happen at once.  Everything here is
 * about one table, "inet ovn_egress".  The message format is that of
 * <linux/netfilter/nf_tables.h>.
 *
 * node/nft-*.c and kind-nft.c use this, and conntrack.c the socket; there is
 * one for the process.  It does not know what is in the table. */

#ifndef NODE_NFT_NL_H
#define NODE_NFT_NL_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "node/nlsk.h"
#include "openvswitch/compiler.h"
#include "svec.h"

/* The table that is ours: whatever is in it is, and nothing else. */
#define NFT_TABLE "ovn_egress"

/* Opens the socket.  Returns 0 or a positive errno. */
int nft_nl_init(void);
void nft_nl_destroy(void);
struct nl_sock *nft_nl_socket(void);

/* Starts a message of any subsystem of netfilter: see nlsk_new(). */
struct nl_msg *nft_nl_new(uint16_t type, uint16_t flags, uint8_t family,
                          size_t room);

struct nft_batch {
    struct nlsk_batch messages;
    struct svec labels;         /* What each message does, for errors. */
};

void nft_batch_init(struct nft_batch *);
void nft_batch_destroy(struct nft_batch *);

/* Starts a message with command 'cmd' (NFT_MSG_*) and 'flags' (NLM_F_*), to
 * which the caller adds attributes, for which there is 'room': NFT_ROOM is
 * enough for all but elements.  The format says what the message does: "add
 * set snat4". */
#define NFT_ROOM 4096
struct nl_msg *nft_batch_put(struct nft_batch *, uint8_t cmd, uint16_t flags,
                             size_t room, const char *label, ...)
    OVS_PRINTF_FORMAT(5, 6);

/* Sends the batch.  Returns NULL if the kernel did all of it, or what failed
 * first, which the caller frees: then it did nothing. */
char *nft_batch_commit(struct nft_batch *) OVS_WARN_UNUSED_RESULT;

/* Makes a query with command 'cmd', to which the caller may add names. */
struct nl_msg *nft_query_new(uint8_t cmd, uint16_t flags);

/* If 'nlh', from the kernel, is an nf_tables message, parses its attributes as
 * nlsk_parse() does and returns true. */
bool nft_msg_parse(const struct nlmsghdr *nlh, const struct nla_policy *,
                   struct nlattr **, size_t n);

#endif /* node/nft-nl.h */
