/* SPDX-License-Identifier: Apache-2.0 */

/* Netlink sockets: see nlsk.h. */

#include <config.h>

#include "node/nlsk.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/netlink.h>
#include <netlink/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "byte-order.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(nlsk);

/* The kernel answers at once, so a pause of this many seconds means that an
 * answer was lost. */
#define TIMEOUT 5

/* The kernel fills at most 32 kB at a time. */
#define RECEIVE_SIZE 65536

/* So much waits in the kernel for us to receive it. */
#define RECEIVE_BUFFER (1024 * 1024)

/* libnl's own size of the buffer for what we send. */
#define SEND_BUFFER 32768

#define END (-1)

int
nlsk_open(int protocol, struct nl_sock **sockp)
{
    struct nl_sock *sock = nl_socket_alloc();

    errno = 0;
    if (!sock || nl_connect(sock, protocol)) {
        int error = errno ? errno : ENOMEM;

        nl_socket_free(sock);
        *sockp = NULL;
        return error;
    }

    int fd = nl_socket_get_fd(sock);
    struct timeval timeout = { .tv_sec = TIMEOUT };
    int size = RECEIVE_BUFFER;
    int one = 1;

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);

    /* A larger buffer only makes it rarer that notifications are lost. */
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);

    /* Both came after Linux 4.19, and all works without. */
    setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof one);
    setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof one);
    *sockp = sock;
    return 0;
}

int
nlsk_join(struct nl_sock *sock, int group)
{
    errno = 0;
    return (nl_socket_add_membership(sock, group)
            ? errno ? errno : EPROTO : 0);
}

/* Sends 'data', whatever its size.  Returns 0 or a positive errno. */
static int
send_all(struct nl_sock *sock, const void *data, size_t len)
{
    int fd = nl_socket_get_fd(sock);
    int size = len * 2;
    ssize_t n;

    /* The kernel refuses a message larger than the socket's buffer. */
    if (len > SEND_BUFFER
        && setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size)) {
        return errno;
    }
    do {
        n = send(fd, data, len, 0);
    } while (n < 0 && errno == EINTR);
    return n < 0 ? errno : 0;
}

/* Receives one datagram and passes its messages to 'cb' until that returns
 * nonzero.  Returns what it did, or a positive errno. */
static int
receive(struct nl_sock *sock, int flags,
        int (*cb)(const struct nlmsghdr *, void *aux), void *aux)
{
    uint64_t buffer[RECEIVE_SIZE / sizeof(uint64_t)];
    struct sockaddr_nl from;
    struct iovec iov = { buffer, sizeof buffer };
    struct msghdr msg = {
        .msg_name = &from,
        .msg_namelen = sizeof from,
        .msg_iov = &iov,
        .msg_iovlen = 1,
    };
    ssize_t n;

    do {
        n = recvmsg(nl_socket_get_fd(sock), &msg, flags);
    } while ((n < 0 && errno == EINTR) || (n >= 0 && from.nl_pid));

    if (n < 0) {
        return errno == EAGAIN && !flags ? ETIMEDOUT : errno;
    } else if (msg.msg_flags & MSG_TRUNC) {
        return E2BIG;
    }

    int retval = 0;
    int left = n;
    for (struct nlmsghdr *nlh = (struct nlmsghdr *) buffer;
         !retval && nlmsg_ok(nlh, left); nlh = nlmsg_next(nlh, &left)) {
        retval = cb(nlh, aux);
    }
    return retval;
}

/* Notifications. */

struct listener {
    nlsk_cb *cb;
    void *aux;
};

static int
take_message(const struct nlmsghdr *nlh, void *listener_)
{
    const struct listener *listener = listener_;

    listener->cb(nlh, listener->aux);
    return 0;
}

bool
nlsk_listen(struct nl_sock *sock, nlsk_cb *cb, void *aux)
{
    struct listener listener = { cb, aux };
    bool complete = true;

    for (;;) {
        int error = receive(sock, MSG_DONTWAIT, take_message, &listener);

        if (error == EAGAIN) {
            return complete;
        } else if (error) {
            VLOG_DBG("messages were lost: %s", ovs_strerror(error));
            complete = false;
            if (error != ENOBUFS && error != E2BIG) {
                return false;
            }
        }
    }
}

static void
ignore_message(const struct nlmsghdr *nlh OVS_UNUSED, void *aux OVS_UNUSED)
{
}

/* Throws away what an operation that failed may have left in the socket: the
 * rest of a dump, for example, without whose end there is no other one. */
static void
drain(struct nl_sock *sock)
{
    nlsk_listen(sock, ignore_message, NULL);
}

/* Queries. */

struct query {
    nlsk_cb *cb;
    void *aux;
    uint32_t seq;
    bool interrupted;
};

/* Takes one message of the answer.  Returns 0 to go on, END or a positive
 * errno. */
static int
take_object(const struct nlmsghdr *nlh, void *query_)
{
    struct query *q = query_;
    int status = 0;

    if (nlh->nlmsg_seq != q->seq) {
        return 0;               /* Left over from before. */
    }
    q->interrupted |= (nlh->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
    if (nlh->nlmsg_type == NLMSG_DONE || nlh->nlmsg_type == NLMSG_ERROR) {
        /* Both begin with it. */
        if (nlmsg_datalen(nlh) >= (int) sizeof status) {
            memcpy(&status, nlmsg_data(nlh), sizeof status);
        }
        return status < 0 ? -status : END;
    } else if (nlh->nlmsg_type == NLMSG_OVERRUN) {
        return ENOBUFS;
    }
    q->cb(nlh, q->aux);
    return 0;
}

int
nlsk_query(struct nl_sock *sock, struct nl_msg *request, nlsk_cb *cb,
           void *aux)
{
    struct nlmsghdr *nlh = nlmsg_hdr(request);
    struct query q = { cb, aux, nl_socket_use_seq(sock), false };

    nlh->nlmsg_seq = q.seq;
    int error = send_all(sock, nlh, nlh->nlmsg_len);
    while (!error) {
        error = receive(sock, 0, take_object, &q);
    }
    if (error != END) {
        drain(sock);
        return error;
    }
    return q.interrupted ? EINTR : 0;
}

/* Batches. */

void
nlsk_batch_init(struct nlsk_batch *batch)
{
    *batch = (struct nlsk_batch) { NULL, 0, 0 };
}

void
nlsk_batch_destroy(struct nlsk_batch *batch)
{
    if (batch) {
        for (size_t i = 0; i < batch->n; i++) {
            nlmsg_free(batch->requests[i].msg);
            free(batch->requests[i].text);
        }
        free(batch->requests);
        nlsk_batch_init(batch);
    }
}

void
nlsk_batch_add(struct nlsk_batch *batch, struct nl_msg *msg, const void *what)
{
    if (batch->n >= batch->allocated) {
        batch->requests = x2nrealloc(batch->requests, &batch->allocated,
                                     sizeof *batch->requests);
    }
    batch->requests[batch->n++] = (struct nlsk_request) {
        .msg = msg,
        .what = what,
        .error = ENOBUFS,
    };
}

void
nlsk_batch_append(struct nlsk_batch *batch, struct nlsk_batch *other)
{
    for (size_t i = 0; i < other->n; i++) {
        nlsk_batch_add(batch, other->requests[i].msg,
                       other->requests[i].what);
    }
    other->n = 0;
}

/* Requests that were sent, of which the first has number 'first'. */
struct sent {
    struct nlsk_request *requests;
    size_t n;
    uint32_t first;
};

/* Returns what the kernel says beyond a number in 'nlh', or NULL. */
static char *
get_text(const struct nlmsghdr *nlh)
{
    const struct nlmsgerr *err = nlmsg_data(nlh);
    int skip = sizeof *err;

    if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS)) {
        return NULL;
    }
    if (!(nlh->nlmsg_flags & NLM_F_CAPPED)) {
        skip += err->msg.nlmsg_len - sizeof err->msg;
    }

    const struct nlattr *text = nlmsg_find_attr(
        CONST_CAST(struct nlmsghdr *, nlh), skip, NLMSGERR_ATTR_MSG);
    return text ? xstrdup(nla_get_string(text)) : NULL;
}

static int
take_answer(const struct nlmsghdr *nlh, void *sent_)
{
    const struct sent *sent = sent_;
    uint32_t i = nlh->nlmsg_seq - sent->first;

    if (nlh->nlmsg_type == NLMSG_ERROR && i < sent->n) {
        const struct nlmsgerr *err = nlmsg_data(nlh);

        free(sent->requests[i].text);
        sent->requests[i].error = -err->error;
        sent->requests[i].text = get_text(nlh);
    }
    return 0;
}

/* Sends 'n' requests in one go and takes their answers, which the kernel has
 * put into the socket before send() returns. */
static void
run_chunk(struct nl_sock *sock, struct nlsk_request *requests, size_t n)
{
    struct ds data = DS_EMPTY_INITIALIZER;
    struct sent sent = { requests, n, 0 };

    for (size_t i = 0; i < n; i++) {
        struct nlmsghdr *nlh = nlmsg_hdr(requests[i].msg);

        nlh->nlmsg_seq = nl_socket_use_seq(sock);
        requests[i].error = -1;
        ds_put_buffer(&data, (char *) nlh, NLMSG_ALIGN(nlh->nlmsg_len));
    }
    sent.first = nlmsg_hdr(requests[0].msg)->nlmsg_seq;

    int error = send_all(sock, data.string, data.length);
    ds_destroy(&data);
    while (!error) {
        error = receive(sock, MSG_DONTWAIT, take_answer, &sent);
    }
    if (error != EAGAIN) {
        VLOG_DBG("%"PRIuSIZE" requests: %s", n, ovs_strerror(error));
        drain(sock);
    }
    for (size_t i = 0; i < n; i++) {
        bool wants_answer = nlmsg_hdr(requests[i].msg)->nlmsg_flags
                            & NLM_F_ACK;

        if (requests[i].error < 0) {
            requests[i].error = (error != EAGAIN ? error
                                 : wants_answer ? ENOBUFS : 0);
        }
    }
}

void
nlsk_batch_run(struct nl_sock *sock, struct nlsk_batch *batch, size_t chunk)
{
    for (size_t i = 0; i < batch->n; i += chunk) {
        run_chunk(sock, &batch->requests[i], MIN(chunk, batch->n - i));
    }
}

char *
nlsk_request_error(const struct nlsk_request *r)
{
    return (r->text ? xasprintf("%s (%s)", ovs_strerror(r->error), r->text)
            : xstrdup(ovs_strerror(r->error)));
}

/* Making messages. */

struct nl_msg *
nlsk_new(int type, int flags, const void *header, size_t len, size_t room)
{
    struct nl_msg *msg = nlmsg_alloc_size(NLMSG_SPACE(len) + room);

    if (!msg || !nlmsg_put(msg, 0, 0, type, 0, flags | NLM_F_REQUEST)
        || nlmsg_append(msg, CONST_CAST(void *, header), len, NLMSG_ALIGNTO)) {
        out_of_memory();
    }
    return msg;
}

void
nlsk_put(struct nl_msg *msg, int type, const void *data, size_t len)
{
    if (nla_put(msg, type, len, data)) {
        OVS_NOT_REACHED();      /* There is no room. */
    }
}

void
nlsk_put_u8(struct nl_msg *msg, int type, uint8_t value)
{
    nlsk_put(msg, type, &value, sizeof value);
}

void
nlsk_put_u32(struct nl_msg *msg, int type, uint32_t value)
{
    nlsk_put(msg, type, &value, sizeof value);
}

void
nlsk_put_be32(struct nl_msg *msg, int type, uint32_t value)
{
    nlsk_put_u32(msg, type, htonl(value));
}

void
nlsk_put_be64(struct nl_msg *msg, int type, uint64_t value)
{
    ovs_be64 be = htonll(value);

    nlsk_put(msg, type, &be, sizeof be);
}

void
nlsk_put_string(struct nl_msg *msg, int type, const char *s)
{
    nlsk_put(msg, type, s, strlen(s) + 1);
}

struct nlattr *
nlsk_nest(struct nl_msg *msg, int type)
{
    struct nlattr *nest = nla_reserve(msg, type, 0);

    ovs_assert(nest);
    return nest;
}

void
nlsk_nest_end(struct nl_msg *msg, struct nlattr *nest)
{
    if (nla_nest_end_keep_empty(msg, nest)) {
        OVS_NOT_REACHED();      /* It is too long. */
    }
}

/* Reading messages. */

bool
nlsk_parse(const struct nlmsghdr *nlh, size_t header_len,
           const struct nla_policy *policy, struct nlattr **attrs, size_t n)
{
    return !nlmsg_parse(CONST_CAST(struct nlmsghdr *, nlh), header_len, attrs,
                        n - 1, policy);
}

bool
nlsk_parse_nest(const struct nlattr *nest, const struct nla_policy *policy,
                struct nlattr **attrs, size_t n)
{
    return !nla_parse(attrs, n - 1, nla_data(nest), nla_len(nest), policy);
}

const struct nlattr *
nlsk_find(const struct nlattr *nest, int type)
{
    return nla_find(nla_data(nest), nla_len(nest), type);
}

uint32_t
nlsk_get_be32(const struct nlattr *attr)
{
    return ntohl(nla_get_u32(attr));
}

uint64_t
nlsk_get_be64(const struct nlattr *attr)
{
    return ntohll(nla_get_u64(attr));
}
