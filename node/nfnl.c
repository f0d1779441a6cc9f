/* SPDX-License-Identifier: Apache-2.0 */

/* Dumps of netfilter's netlink subsystems: see nfnl.h. */

#include <config.h>

#include "node/nfnl.h"

#include <errno.h>
#include <linux/netlink.h>

#include "netlink-socket.h"
#include "netlink.h"
#include "openvswitch/ofpbuf.h"
#include "util.h"

#define END_OF_DUMP (-1)

/* Takes one message of the answer.  Returns 0 to go on, END_OF_DUMP, or a
 * positive errno value. */
static int
take_message(const struct ofpbuf *msg, bool *interrupted,
             bool (*cb)(const struct ofpbuf *msg, void *aux), void *aux)
{
    const struct nlmsghdr *nlh = nl_msg_nlmsghdr(msg);
    int error;

    if (nlh->nlmsg_flags & NLM_F_DUMP_INTR) {
        *interrupted = true;
    }
    if (nl_msg_nlmsgerr(msg, &error, NULL)) {
        return error ? error : EPROTO;
    } else if (nlh->nlmsg_type == NLMSG_DONE) {
        const int *status = ofpbuf_at(msg, NLMSG_HDRLEN, sizeof *status);

        return status && *status < 0 ? -*status : END_OF_DUMP;
    } else if (nlh->nlmsg_type == NLMSG_OVERRUN) {
        return ENOBUFS;
    }
    return cb(msg, aux) ? 0 : EPROTO;
}

int
nfnl_dump(struct ofpbuf *request,
          bool (*cb)(const struct ofpbuf *msg, void *aux), void *aux)
{
    bool interrupted = false;
    struct nl_sock *sock;
    struct ofpbuf buf, msg;

    /* A socket of its own, so that a dump that was given up cannot be taken
     * for the next one. */
    int error = nl_sock_create(NETLINK_NETFILTER, &sock);
    if (error) {
        return error;
    }
    ofpbuf_init(&buf, NL_DUMP_BUFSIZE);
    nl_msg_nlmsghdr(request)->nlmsg_flags |= NLM_F_REQUEST | NLM_F_DUMP;
    error = nl_sock_send(sock, request, true);
    while (!error) {
        error = nl_sock_recv(sock, &buf, NULL, true);
        while (!error && nl_msg_next(&buf, &msg)) {
            error = take_message(&msg, &interrupted, cb, aux);
        }
    }
    ofpbuf_uninit(&buf);
    nl_sock_destroy(sock);
    return error == END_OF_DUMP ? (interrupted ? EINTR : 0) : error;
}
