/* SPDX-License-Identifier: Apache-2.0 */

/* Messages to and from nf_tables.  See nft-nl.h.
 *
 * libopenvswitch sends one message at a time, but nf_tables wants a batch in
 * one buffer, so that is written to the socket here. */

#include <config.h>

#include "node/nft-nl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "netlink-socket.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

/* Not in the headers of kernels before 4.6. */
#ifndef SOL_NETLINK
#define SOL_NETLINK 270
#endif

/* Appends the headers of a message to 'buf'.  Returns their offset. */
static size_t
put_headers(struct ofpbuf *buf, uint16_t type, uint16_t flags,
            uint8_t family, uint16_t res_id)
{
    size_t ofs = buf->size;
    struct nlmsghdr *nlh = nl_msg_put_uninit(buf, NLMSG_HDRLEN);

    *nlh = (struct nlmsghdr) {
        .nlmsg_type = type, .nlmsg_flags = flags | NLM_F_REQUEST,
    };

    struct nfgenmsg *nfg = nl_msg_put_uninit(buf, sizeof *nfg);
    *nfg = (struct nfgenmsg) {
        .nfgen_family = family, .version = NFNETLINK_V0,
        .res_id = htons(res_id),
    };
    return ofs;
}

static uint16_t
nft_type(uint8_t cmd)
{
    return NFNL_SUBSYS_NFTABLES << 8 | cmd;
}

/* Batches. */

void
nft_batch_init(struct nft_batch *batch)
{
    ofpbuf_init(&batch->buf, 1024);
    svec_init(&batch->labels);
    svec_add(&batch->labels, "begin");
    batch->msg = put_headers(&batch->buf, NFNL_MSG_BATCH_BEGIN, 0, AF_UNSPEC,
                             NFNL_SUBSYS_NFTABLES);
}

void
nft_batch_destroy(struct nft_batch *batch)
{
    if (batch) {
        ofpbuf_uninit(&batch->buf);
        svec_destroy(&batch->labels);
    }
}

static struct nlmsghdr *
last_message(const struct nft_batch *batch)
{
    return ofpbuf_at_assert(&batch->buf, batch->msg, NLMSG_HDRLEN);
}

/* Fills in the length of the last message. */
static void
end_message(struct nft_batch *batch)
{
    last_message(batch)->nlmsg_len = batch->buf.size - batch->msg;
}

struct ofpbuf *
nft_batch_put(struct nft_batch *batch, uint8_t cmd, uint16_t flags,
              const char *label, ...)
{
    va_list args;

    va_start(args, label);
    svec_add_nocopy(&batch->labels, xvasprintf(label, args));
    va_end(args);

    end_message(batch);
    batch->msg = put_headers(&batch->buf, nft_type(cmd), flags, NFPROTO_INET,
                             0);
    return &batch->buf;
}

/* Numbers the messages from 'seq' on, and asks for an acknowledgement of the
 * last that is not the end of the batch: the kernel sends it once the batch
 * was committed (it has not always acknowledged the end itself). */
static void
finish_batch(struct nft_batch *batch, uint32_t seq)
{
    end_message(batch);
    last_message(batch)->nlmsg_flags |= NLM_F_ACK;
    batch->msg = put_headers(&batch->buf, NFNL_MSG_BATCH_END, 0, AF_UNSPEC,
                             NFNL_SUBSYS_NFTABLES);
    end_message(batch);

    for (size_t ofs = 0; ofs < batch->buf.size; ) {
        struct nlmsghdr *nlh = ofpbuf_at_assert(&batch->buf, ofs,
                                                NLMSG_HDRLEN);
        nlh->nlmsg_seq = seq++;
        ofs += NLMSG_ALIGN(nlh->nlmsg_len);
    }
}

/* Sends 'buf', whatever its size.  Returns 0 or a positive errno value. */
static int
send_all(struct nl_sock *sock, const struct ofpbuf *buf)
{
    int fd = nl_sock_fd(sock);
    int size = buf->size * 2;
    ssize_t n;

    /* The kernel refuses a message larger than the socket's send buffer. */
    if (buf->size > 65536
        && setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size)) {
        return errno;
    }
    do {
        n = send(fd, buf->data, buf->size, 0);
    } while (n < 0 && errno == EINTR);
    return n < 0 ? errno : n != buf->size ? EMSGSIZE : 0;
}

/* Reads the kernel's answers to the messages with numbers 'first' to 'last'.
 * The kernel has put all of them into the socket before send() returned.
 * Returns NULL if 'last' is acknowledged and there is no error. */
static char *
receive_answers(struct nl_sock *sock, const struct nft_batch *batch,
                uint32_t first, uint32_t last)
{
    struct ofpbuf reply;
    bool acked = false;
    char *text = NULL;
    int error;

    ofpbuf_init(&reply, 4096);
    while (!(error = nl_sock_recv(sock, &reply, NULL, false))) {
        uint32_t seq = nl_msg_nlmsghdr(&reply)->nlmsg_seq;
        const char *detail = NULL;
        int code;

        if (seq - first > last - first
            || !nl_msg_nlmsgerr(&reply, &code, &detail)) {
            continue;
        }
        if (code && !text) {
            text = xasprintf("%s: %s%s%s", batch->labels.names[seq - first],
                             ovs_strerror(code), detail ? ": " : "",
                             detail ? detail : "");
        }
        acked |= seq == last;
    }
    if (!text && !acked) {
        text = xasprintf("no answer from nf_tables (%s)",
                         ovs_strerror(error));
    }
    ofpbuf_uninit(&reply);
    return text;
}

char *
nft_batch_commit(struct nft_batch *batch, struct nl_sock *sock)
{
    static uint32_t next_seq = 1;
    uint32_t first = next_seq;
    uint32_t last = first + batch->labels.n - 1;

    if (batch->labels.n == 1) {
        return NULL;            /* There is nothing to do. */
    }
    next_seq = last + 2;
    finish_batch(batch, first);
    nl_sock_drain(sock);

    int error = send_all(sock, &batch->buf);
    if (error) {
        return xasprintf("sending %"PRIuSIZE" bytes to nf_tables: %s",
                         (size_t) batch->buf.size, ovs_strerror(error));
    }
    return receive_answers(sock, batch, first, last);
}

/* Reading. */

void
nft_request_init(struct ofpbuf *msg, uint8_t cmd, uint16_t flags)
{
    ofpbuf_init(msg, 256);
    put_headers(msg, nft_type(cmd), flags, NFPROTO_INET, 0);
}

bool
nft_msg_parse(const struct ofpbuf *msg, uint8_t *cmd,
              const struct nl_policy *policy, struct nlattr **attrs, size_t n)
{
    uint16_t type = nl_msg_nlmsghdr(msg)->nlmsg_type;

    *cmd = NFNL_MSG_TYPE(type);
    return (NFNL_SUBSYS_ID(type) == NFNL_SUBSYS_NFTABLES
            && nl_policy_parse(msg, NLMSG_HDRLEN + sizeof(struct nfgenmsg),
                               policy, attrs, n));
}

int
nft_get_generation(uint32_t *generation)
{
    static const struct nl_policy policy[] = {
        [NFTA_GEN_ID] = { .type = NL_A_BE32 },
    };
    struct nlattr *attrs[ARRAY_SIZE(policy)];
    struct ofpbuf request, *reply;
    uint8_t cmd;

    nft_request_init(&request, NFT_MSG_GETGEN, 0);
    int error = nl_transact(NETLINK_NETFILTER, &request, &reply);
    ofpbuf_uninit(&request);
    if (error) {
        return error;
    }
    if (nft_msg_parse(reply, &cmd, policy, attrs, ARRAY_SIZE(attrs))) {
        *generation = ntohl(nl_attr_get_be32(attrs[NFTA_GEN_ID]));
    } else {
        error = EPROTO;
    }
    ofpbuf_delete(reply);
    return error;
}
