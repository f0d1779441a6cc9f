/* SPDX-License-Identifier: Apache-2.0 */

/* Watches rtnetlink: see rtnl-monitor.h. */

#include <config.h>

#include "node/rtnl-monitor.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "coverage.h"
#include "node/rtnl.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(rtnl_monitor);
COVERAGE_DEFINE(rtnl_monitor_event);
COVERAGE_DEFINE(rtnl_monitor_overflow);

static const int groups[] = {
    RTNLGRP_LINK,
    RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
    RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE,
    RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE,
    RTNLGRP_IPV4_NETCONF, RTNLGRP_IPV6_NETCONF,
};

static struct nl_sock *sock;

int
rtnl_monitor_init(void)
{
    sock = nl_socket_alloc();
    if (!sock || nl_connect(sock, NETLINK_ROUTE)) {
        int error = errno ? errno : ENOMEM;

        rtnl_monitor_destroy();
        return error;
    }
    for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
        if (nl_socket_add_membership(sock, groups[i])) {
            int error = errno ? errno : EPROTO;

            rtnl_monitor_destroy();
            return error;
        }
    }

    /* A larger buffer only makes overflows rarer. */
    int size = 1024 * 1024;
    if (setsockopt(nl_socket_get_fd(sock), SOL_SOCKET, SO_RCVBUFFORCE, &size,
                   sizeof size)) {
        VLOG_DBG("cannot enlarge the receive buffer: %s",
                 ovs_strerror(errno));
    }
    return 0;
}

void
rtnl_monitor_destroy(void)
{
    nl_socket_free(sock);
    sock = NULL;
}

/* True unless the change is one that came through our own socket, or of a kind
 * that never matters. */
static bool
is_relevant(const struct nlmsghdr *nlh)
{
    if (nlh->nlmsg_pid == rtnl_port()) {
        return false;
    }
    if (nlh->nlmsg_type == RTM_NEWROUTE || nlh->nlmsg_type == RTM_DELROUTE) {
        const struct rtmsg *rtm = nlmsg_data(nlh);

        return !(rtm->rtm_flags & RTM_F_CLONED);
    }
    return true;
}

bool
rtnl_monitor_run(void)
{
    uint64_t buffer[8192 / sizeof(uint64_t)];
    bool changed = false;

    for (;;) {
        int n = recv(nl_socket_get_fd(sock), buffer, sizeof buffer,
                     MSG_DONTWAIT | MSG_TRUNC);
        if (n < 0) {
            if (errno == EINTR) {
                continue;
            } else if (errno == EAGAIN) {
                return changed;
            }

            /* Notifications were lost: anything may have changed. */
            COVERAGE_INC(rtnl_monitor_overflow);
            VLOG_DBG("notifications were lost: %s", ovs_strerror(errno));
            changed = true;
            if (errno != ENOBUFS) {
                return changed;
            }
            continue;
        } else if (n > sizeof buffer) {
            changed = true;
            continue;
        }
        for (struct nlmsghdr *nlh = (struct nlmsghdr *) buffer;
             nlmsg_ok(nlh, n); nlh = nlmsg_next(nlh, &n)) {
            if (is_relevant(nlh)) {
                COVERAGE_INC(rtnl_monitor_event);
                changed = true;
            }
        }
    }
}

void
rtnl_monitor_wait(void)
{
    poll_fd_wait(nl_socket_get_fd(sock), POLLIN);
}
