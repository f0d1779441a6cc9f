/* SPDX-License-Identifier: Apache-2.0 */

/* The rtnetlink socket: see rtnl.h. */

#include <config.h>

#include "node/rtnl.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "coverage.h"
#include "openvswitch/vlog.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(rtnl);
COVERAGE_DEFINE(rtnl_dump);
COVERAGE_DEFINE(rtnl_dump_again);
COVERAGE_DEFINE(rtnl_request);

/* The kernel answers at once, so a pause of this many seconds means that an
 * answer was lost. */
#define TIMEOUT 5

/* Dumps of one kind before giving up. */
#define DUMP_TRIES 10

/* Enough for every message but a route with many next hops. */
#define MESSAGE_SIZE 512

/* The kernel fills at most 32 kB at a time. */
#define RECEIVE_SIZE 65536

static struct nl_sock *sock;
static uint32_t sequence;
static char *buffer;            /* RECEIVE_SIZE bytes. */

int
rtnl_init(void)
{
    sock = nl_socket_alloc();
    int error = sock ? nl_connect(sock, NETLINK_ROUTE) : -NLE_NOMEM;
    if (error) {
        error = errno ? errno : EPROTO;
        nl_socket_free(sock);
        sock = NULL;
        return error;
    }

    int fd = nl_socket_get_fd(sock);
    struct timeval timeout = { .tv_sec = TIMEOUT };
    int one = 1;

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);

    /* Both came after Linux 4.19, and all works without. */
    setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof one);
    setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof one);

    buffer = xmalloc(RECEIVE_SIZE);
    sequence = getpid();
    return 0;
}

void
rtnl_destroy(void)
{
    nl_socket_free(sock);
    sock = NULL;
    free(buffer);
    buffer = NULL;
}

uint32_t
rtnl_port(void)
{
    return nl_socket_get_local_port(sock);
}

/* Receives a datagram into 'buffer'.  Returns its length or a negative
 * errno. */
static int
receive(void)
{
    struct sockaddr_nl from;
    struct iovec iov = { buffer, RECEIVE_SIZE };
    struct msghdr msg = {
        .msg_name = &from,
        .msg_namelen = sizeof from,
        .msg_iov = &iov,
        .msg_iovlen = 1,
    };
    ssize_t n;

    do {
        n = recvmsg(nl_socket_get_fd(sock), &msg, 0);
    } while ((n < 0 && errno == EINTR) || (n >= 0 && from.nl_pid));

    if (n < 0) {
        return errno == EAGAIN ? -ETIMEDOUT : -errno;
    }
    return msg.msg_flags & MSG_TRUNC ? -E2BIG : n;
}

/* Throws away what an operation that failed may have left in the socket. */
static void
drain(void)
{
    int fd = nl_socket_get_fd(sock);

    while (recv(fd, buffer, RECEIVE_SIZE, MSG_DONTWAIT) >= 0
           || errno == EINTR || errno == ENOBUFS) {
        continue;
    }
}

/* Dumps. */

/* Takes one message of the dump 'seq'.  Returns 0 to go on, -1 at the end, or
 * a positive errno. */
static int
handle_dump_message(const struct nlmsghdr *nlh, uint32_t seq,
                    bool *interrupted,
                    void (*cb)(const struct nlmsghdr *, void *aux), void *aux)
{
    if (nlh->nlmsg_seq != seq) {
        return 0;               /* Left over from before. */
    }
    if (nlh->nlmsg_flags & NLM_F_DUMP_INTR) {
        *interrupted = true;
    }
    if (nlh->nlmsg_type == NLMSG_DONE) {
        int status = (nlmsg_datalen(nlh) >= sizeof status
                      ? *ALIGNED_CAST(int *, nlmsg_data(nlh)) : 0);
        return status < 0 ? -status : -1;
    } else if (nlh->nlmsg_type == NLMSG_ERROR) {
        const struct nlmsgerr *err = nlmsg_data(nlh);
        return err->error ? -err->error : EPROTO;
    } else if (nlh->nlmsg_type == NLMSG_OVERRUN) {
        return ENOBUFS;
    }
    cb(nlh, aux);
    return 0;
}

static int
try_dump(int type, unsigned char af, bool *interrupted,
         void (*cb)(const struct nlmsghdr *, void *aux), void *aux)
{
    struct rtgenmsg header = { .rtgen_family = af };
    struct nl_msg *msg = rtnl_new(type, NLM_F_DUMP, &header, sizeof header);
    struct nlmsghdr *request = nlmsg_hdr(msg);
    uint32_t seq = ++sequence;

    request->nlmsg_flags |= NLM_F_REQUEST;
    request->nlmsg_seq = seq;
    ssize_t sent = send(nl_socket_get_fd(sock), request, request->nlmsg_len,
                        0);
    int error = sent < 0 ? errno : 0;
    nlmsg_free(msg);

    while (!error) {
        int n = receive();
        if (n < 0) {
            return -n;
        }
        for (struct nlmsghdr *nlh = ALIGNED_CAST(struct nlmsghdr *, buffer);
             nlmsg_ok(nlh, n) && !error; nlh = nlmsg_next(nlh, &n)) {
            error = handle_dump_message(nlh, seq, interrupted, cb, aux);
        }
    }
    return error < 0 ? 0 : error;
}

int
rtnl_dump(int type, unsigned char af, void (*reset)(void *aux),
          void (*cb)(const struct nlmsghdr *, void *aux), void *aux)
{
    for (int i = 0; i < DUMP_TRIES; i++) {
        bool interrupted = false;

        COVERAGE_INC(rtnl_dump);
        reset(aux);
        int error = try_dump(type, af, &interrupted, cb, aux);
        if (error) {
            drain();
            return error;
        } else if (!interrupted) {
            return 0;
        }
        COVERAGE_INC(rtnl_dump_again);
    }
    return EINTR;
}

/* Batches. */

void
rtnl_batch_init(struct rtnl_batch *batch)
{
    *batch = (struct rtnl_batch) { NULL, 0, 0 };
}

void
rtnl_batch_destroy(struct rtnl_batch *batch)
{
    if (batch) {
        for (size_t i = 0; i < batch->n; i++) {
            nlmsg_free(batch->requests[i].msg);
            free(batch->requests[i].text);
        }
        free(batch->requests);
        rtnl_batch_init(batch);
    }
}

void
rtnl_batch_add(struct rtnl_batch *batch, struct nl_msg *msg, const void *what)
{
    if (batch->n >= batch->allocated) {
        batch->requests = x2nrealloc(batch->requests, &batch->allocated,
                                     sizeof *batch->requests);
    }
    nlmsg_hdr(msg)->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
    batch->requests[batch->n++] = (struct rtnl_request) {
        .msg = msg,
        .what = what,
        .error = ENOBUFS,
    };
}

void
rtnl_batch_append(struct rtnl_batch *batch, struct rtnl_batch *other)
{
    for (size_t i = 0; i < other->n; i++) {
        rtnl_batch_add(batch, other->requests[i].msg,
                       other->requests[i].what);
    }
    other->n = 0;
}

/* Takes the answer in 'nlh' to one of the 'n' requests, of which the first has
 * the number 'first'.  Returns true if it is one. */
static bool
take_answer(const struct nlmsghdr *nlh, uint32_t first,
            struct rtnl_request *requests, size_t n)
{
    uint32_t i = nlh->nlmsg_seq - first;

    if (nlh->nlmsg_type != NLMSG_ERROR || i >= n) {
        return false;
    }

    const struct nlmsgerr *err = nlmsg_data(nlh);
    requests[i].error = -err->error;
    if (nlh->nlmsg_flags & NLM_F_ACK_TLVS) {
        int skip = sizeof *err;

        if (!(nlh->nlmsg_flags & NLM_F_CAPPED)) {
            skip += err->msg.nlmsg_len - sizeof err->msg;
        }

        struct nlattr *text = nlmsg_find_attr(
            CONST_CAST(struct nlmsghdr *, nlh), skip, NLMSGERR_ATTR_MSG);
        if (text) {
            free(requests[i].text);
            requests[i].text = xstrdup(nla_get_string(text));
        }
    }
    return true;
}

/* Sends 'n' requests in one go and takes their answers. */
static void
run_chunk(struct rtnl_request *requests, size_t n)
{
    uint32_t first = sequence + 1;
    size_t n_answers = 0;
    struct iovec *iov = xcalloc(n, sizeof *iov);
    struct sockaddr_nl to = { .nl_family = AF_NETLINK };
    struct msghdr msg = {
        .msg_name = &to,
        .msg_namelen = sizeof to,
        .msg_iov = iov,
        .msg_iovlen = n,
    };

    for (size_t i = 0; i < n; i++) {
        struct nlmsghdr *nlh = nlmsg_hdr(requests[i].msg);

        nlh->nlmsg_seq = ++sequence;
        iov[i] = (struct iovec) { nlh, NLMSG_ALIGN(nlh->nlmsg_len) };
        COVERAGE_INC(rtnl_request);
    }

    int error = (sendmsg(nl_socket_get_fd(sock), &msg, 0) < 0 ? errno : 0);
    while (!error && n_answers < n) {
        int len = receive();

        error = len < 0 ? -len : 0;
        for (struct nlmsghdr *nlh = ALIGNED_CAST(struct nlmsghdr *, buffer);
             nlmsg_ok(nlh, len); nlh = nlmsg_next(nlh, &len)) {
            n_answers += take_answer(nlh, first, requests, n);
        }
    }
    if (error) {
        VLOG_DBG("%"PRIuSIZE" of %"PRIuSIZE" answers: %s", n_answers, n,
                 ovs_strerror(error));
        drain();
    }
    free(iov);
}

void
rtnl_batch_run(struct rtnl_batch *batch)
{
    for (size_t i = 0; i < batch->n; i += RTNL_CHUNK) {
        run_chunk(&batch->requests[i], MIN(RTNL_CHUNK, batch->n - i));
    }
}

char *
rtnl_request_error(const struct rtnl_request *r)
{
    return (r->text ? xasprintf("%s (%s)", ovs_strerror(r->error), r->text)
            : xstrdup(ovs_strerror(r->error)));
}

/* Messages. */

struct nl_msg *
rtnl_new(int type, int flags, const void *header, size_t len)
{
    struct nl_msg *msg = nlmsg_alloc_size(MESSAGE_SIZE);

    if (!msg || !nlmsg_put(msg, 0, 0, type, 0, flags)
        || nlmsg_append(msg, CONST_CAST(void *, header), len, NLMSG_ALIGNTO)) {
        out_of_memory();
    }
    return msg;
}

int
rtnl_af(enum ip_family family)
{
    return family == IP_V4 ? AF_INET : AF_INET6;
}

void
rtnl_put_ip(struct nl_msg *msg, int attr, const struct in6_addr *ip)
{
    if (ip_family(ip) == IP_V4) {
        nla_put(msg, attr, 4, &ip->s6_addr[12]);
    } else {
        nla_put(msg, attr, sizeof *ip, ip);
    }
}

bool
rtnl_get_ip(const struct nlattr *attr, unsigned char af, struct in6_addr *ip)
{
    size_t len = af == AF_INET ? 4 : sizeof *ip;

    if (!attr || nla_len(attr) != len) {
        return false;
    }
    memset(ip, 0, sizeof *ip);
    if (af == AF_INET) {
        ip->s6_addr[10] = ip->s6_addr[11] = 0xff;
        memcpy(&ip->s6_addr[12], nla_data(attr), len);
    } else {
        memcpy(ip, nla_data(attr), len);
    }
    return true;
}
