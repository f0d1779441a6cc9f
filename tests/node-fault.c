/* SPDX-License-Identifier: Apache-2.0 */

/* Netlink that fails: see node-fault.h. */

#include <config.h>

#include "tests/node-fault.h"

#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util.h"

static struct {
    enum node_fault_how how;
    uint16_t type;              /* Of the request ... */
    uint8_t family;             /* ... and its first byte, or 0 for any. */
    int skip;                   /* Let so many pass. */
    bool stays;                 /* Not just once. */
    int error;                  /* For REFUSED: a positive errno. */

    unsigned int n_seen;        /* Such requests so far. */
    struct { int fd; uint32_t seq; } notes[64]; /* Requests to spoil. */
    size_t n_notes;
} fault;

void
node_fault_inject(enum node_fault_how how, uint16_t type, uint8_t family,
                  int skip, bool stays, int error)
{
    memset(&fault, 0, sizeof fault);
    fault.how = how;
    fault.type = type;
    fault.family = family;
    fault.skip = skip;
    fault.stays = stays;
    fault.error = error;
}

void
node_fault_end(void)
{
    memset(&fault, 0, sizeof fault);
}

unsigned int
node_fault_n_seen(void)
{
    return fault.n_seen;
}

/* Returns the note of a request, or -1. */
static int
find_note(int fd, uint32_t seq)
{
    for (size_t i = 0; i < fault.n_notes; i++) {
        if (fault.notes[i].fd == fd && fault.notes[i].seq == seq) {
            return i;
        }
    }
    return -1;
}

/* Forgets notes with the numbers of the requests in 'nlh', of 'left' bytes:
 * these were of another socket, closed since then. */
static void
forget_notes(int fd, struct nlmsghdr *nlh, int left)
{
    for (; nlmsg_ok(nlh, left); nlh = nlmsg_next(nlh, &left)) {
        int old = find_note(fd, nlh->nlmsg_seq);

        if (old >= 0) {
            fault.notes[old] = fault.notes[--fault.n_notes];
        }
    }
}

/* Returns true if the request 'nlh' through 'fd' is one to spoil, and notes
 * it. */
static bool
is_due(int fd, const struct nlmsghdr *nlh)
{
    if (nlh->nlmsg_type != fault.type
        || (fault.family && *(const uint8_t *) (nlh + 1) != fault.family)) {
        return false;
    }

    int n = fault.n_seen++;
    if (fault.how == NO_FAULT || n < fault.skip
        || (n > fault.skip && !fault.stays)) {
        return false;
    }
    if (fault.n_notes >= ARRAY_SIZE(fault.notes)) {
        memmove(&fault.notes[0], &fault.notes[1],
                --fault.n_notes * sizeof fault.notes[0]);
    }
    fault.notes[fault.n_notes].fd = fd;
    fault.notes[fault.n_notes++].seq = nlh->nlmsg_seq;
    return true;
}

/* Makes a request one that no kernel knows. */
static void
spoil_request(struct nlmsghdr *nlh)
{
    nlh->nlmsg_type |= 0xff;
}

static void
stop_if_due(void)
{
    if (fault.how == STOPS) {
        raise(SIGSTOP);
    }
}

/* One that fails in a batch of nftables makes all fail. */
static void
spoil_transaction(int fd, struct nlmsghdr *begin)
{
    struct nlmsghdr *nlh = ALIGNED_CAST(
        struct nlmsghdr *, (char *) begin + NLMSG_ALIGN(begin->nlmsg_len));

    if (fault.type == NFNL_MSG_BATCH_BEGIN) {
        fault.type = nlh->nlmsg_type;
        if (is_due(fd, nlh)) {
            spoil_request(nlh);
        }
        fault.type = NFNL_MSG_BATCH_BEGIN;
    }
}

/* What is put back in one batch with a change of something else could not be
 * put back later. */
static void
spoil_changes(int fd, struct nlmsghdr *nlh, int left)
{
    bool may = fault.how == REFUSED && nlh->nlmsg_type == fault.type;

    for (; may && nlmsg_ok(nlh, left); nlh = nlmsg_next(nlh, &left)) {
        if (is_due(fd, nlh)) {
            spoil_request(nlh);
        }
    }
}

ssize_t
send(int fd, const void *buf, size_t len, int flags)
{
    struct nlmsghdr *nlh = CONST_CAST(void *, buf);

    forget_notes(fd, nlh, len);
    if (len < sizeof *nlh) {
        /* Not netlink. */
    } else if (nlh->nlmsg_flags & NLM_F_ACK && nlh->nlmsg_type < RTM_MAX) {
        stop_if_due();
        spoil_changes(fd, nlh, len);
    } else if (nlh->nlmsg_type == NFNL_MSG_BATCH_BEGIN) {
        stop_if_due();
        spoil_transaction(fd, nlh);
    } else {
        is_due(fd, nlh);
    }
    return syscall(SYS_sendto, fd, buf, len, flags, NULL, 0);
}

/* Ends the dump in 'buf', of 'n' bytes, with an error, after half of its
 * messages.  Returns its new length. */
static ssize_t
cut(char *buf, ssize_t n)
{
    struct nlmsghdr *nlh = ALIGNED_CAST(struct nlmsghdr *, buf);
    ssize_t ofs = 0;

    while (ofs + (ssize_t) sizeof *nlh <= n
           && ofs + NLMSG_ALIGN(nlh->nlmsg_len) <= n / 2) {
        ofs += NLMSG_ALIGN(nlh->nlmsg_len);
        nlh = ALIGNED_CAST(struct nlmsghdr *, buf + ofs);
    }

    int error = -EIO;
    nlh->nlmsg_type = NLMSG_DONE;
    nlh->nlmsg_len = NLMSG_LENGTH(sizeof error);
    memcpy(nlh + 1, &error, sizeof error);
    return ofs + NLMSG_ALIGN(nlh->nlmsg_len);
}

static ssize_t
make_error(struct nlmsghdr *nlh, int error)
{
    nlh->nlmsg_type = NLMSG_ERROR;
    nlh->nlmsg_flags = 0;
    nlh->nlmsg_len = NLMSG_LENGTH(sizeof(struct nlmsgerr));
    memset(nlh + 1, 0, sizeof(struct nlmsgerr));
    ((struct nlmsgerr *) (nlh + 1))->error = -error;
    return nlh->nlmsg_len;
}

ssize_t
recvmsg(int fd, struct msghdr *msg, int flags)
{
    ssize_t n = syscall(SYS_recvmsg, fd, msg, flags);
    struct nlmsghdr *nlh = msg->msg_iov[0].iov_base;

    if (n < (ssize_t) sizeof *nlh || find_note(fd, nlh->nlmsg_seq) < 0) {
        return n;
    }
    switch (fault.how) {
    case FAILS:
        return make_error(nlh, EIO);
    case FAILS_HALF_WAY:
        return cut(msg->msg_iov[0].iov_base,
                   MIN(n, (ssize_t) msg->msg_iov[0].iov_len));
    case INTERRUPTED:
        nlh->nlmsg_flags |= NLM_F_DUMP_INTR;
        return n;
    case LOST:
        errno = ENOBUFS;
        return -1;
    case REFUSED:
        ((struct nlmsgerr *) (nlh + 1))->error = -fault.error;
        return n;
    case NO_FAULT:
    case STOPS:
    default:
        return n;
    }
}
