/* SPDX-License-Identifier: Apache-2.0 */

/* Messages to and from nf_tables.  See nft-nl.h. */

#include <config.h>

#include "node/nft-nl.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "util.h"

static struct nl_sock *sock;

int
nft_nl_init(void)
{
    return nlsk_open(NETLINK_NETFILTER, &sock);
}

void
nft_nl_destroy(void)
{
    nl_socket_free(sock);
    sock = NULL;
}

struct nl_sock *
nft_nl_socket(void)
{
    return sock;
}

struct nl_msg *
nft_nl_new(uint16_t type, uint16_t flags, uint8_t family, size_t room)
{
    bool is_bound = NFNL_SUBSYS_ID(type) == NFNL_SUBSYS_NONE;
    struct nfgenmsg nfg = {
        .nfgen_family = family, .version = NFNETLINK_V0,
        .res_id = htons(is_bound ? NFNL_SUBSYS_NFTABLES : 0),
    };

    return nlsk_new(type, flags, &nfg, sizeof nfg, room);
}

static uint16_t
nft_type(uint8_t cmd)
{
    return NFNL_SUBSYS_NFTABLES << 8 | cmd;
}

/* Batches. */

static void
add_message(struct nft_batch *batch, struct nl_msg *msg, char *label)
{
    nlsk_batch_add(&batch->messages, msg, NULL);
    svec_add_nocopy(&batch->labels, label);
}

/* Adds the beginning or the end. */
static void
add_bound(struct nft_batch *batch, uint16_t type)
{
    add_message(batch, nft_nl_new(type, 0, AF_UNSPEC, 0),
                xstrdup("transaction"));
}

void
nft_batch_init(struct nft_batch *batch)
{
    nlsk_batch_init(&batch->messages);
    svec_init(&batch->labels);
    add_bound(batch, NFNL_MSG_BATCH_BEGIN);
}

void
nft_batch_destroy(struct nft_batch *batch)
{
    if (batch) {
        nlsk_batch_destroy(&batch->messages);
        svec_destroy(&batch->labels);
    }
}

struct nl_msg *
nft_batch_put(struct nft_batch *batch, uint8_t cmd, uint16_t flags,
              size_t room, const char *label, ...)
{
    struct nl_msg *msg = nft_nl_new(nft_type(cmd), flags, NFPROTO_INET, room);
    va_list args;

    va_start(args, label);
    add_message(batch, msg, xvasprintf(label, args));
    va_end(args);
    return msg;
}

/* Asks for an acknowledgement of the last message that is not the end: the
 * kernel sends it once the batch was committed (it has not always acknowledged
 * the end itself). */
char *
nft_batch_commit(struct nft_batch *batch)
{
    const struct nlsk_batch *messages = &batch->messages;
    char *text = NULL;

    if (messages->n == 1) {
        return NULL;            /* There is nothing to do. */
    }
    nlmsg_hdr(messages->requests[messages->n - 1].msg)->nlmsg_flags
        |= NLM_F_ACK;
    add_bound(batch, NFNL_MSG_BATCH_END);
    nlsk_batch_run(sock, &batch->messages, messages->n);
    for (size_t i = 0; i < messages->n && !text; i++) {
        if (messages->requests[i].error) {
            char *error = nlsk_request_error(&messages->requests[i]);

            text = xasprintf("%s: %s", batch->labels.names[i], error);
            free(error);
        }
    }
    return text;
}

/* Reading. */

struct nl_msg *
nft_query_new(uint8_t cmd, uint16_t flags)
{
    return nft_nl_new(nft_type(cmd), flags, NFPROTO_INET, NFT_ROOM);
}

bool
nft_msg_parse(const struct nlmsghdr *nlh, const struct nla_policy *policy,
              struct nlattr **attrs, size_t n)
{
    return (NFNL_SUBSYS_ID(nlh->nlmsg_type) == NFNL_SUBSYS_NFTABLES
            && nlsk_parse(nlh, sizeof(struct nfgenmsg), policy, attrs, n));
}
