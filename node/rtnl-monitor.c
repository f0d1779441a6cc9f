/* SPDX-License-Identifier: Apache-2.0 */

/* Watches rtnetlink: see rtnl-monitor.h. */

#include <config.h>

#include "node/rtnl-monitor.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "coverage.h"
#include "node/rtnl.h"
#include "openvswitch/poll-loop.h"
#include "util.h"

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
    int error = nlsk_open(NETLINK_ROUTE, &sock);

    for (size_t i = 0; i < ARRAY_SIZE(groups) && !error; i++) {
        error = nlsk_join(sock, groups[i]);
    }
    if (error) {
        rtnl_monitor_destroy();
    }
    return error;
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

static void
take_notification(const struct nlmsghdr *nlh, void *changed)
{
    if (is_relevant(nlh)) {
        COVERAGE_INC(rtnl_monitor_event);
        *(bool *) changed = true;
    }
}

/* When notifications were lost, anything may have changed. */
bool
rtnl_monitor_run(void)
{
    bool changed = false;

    if (!nlsk_listen(sock, take_notification, &changed)) {
        COVERAGE_INC(rtnl_monitor_overflow);
        changed = true;
    }
    return changed;
}

void
rtnl_monitor_wait(void)
{
    poll_fd_wait(nl_socket_get_fd(sock), POLLIN);
}
