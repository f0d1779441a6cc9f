/* SPDX-License-Identifier: Apache-2.0 */

/* Notices what others change in links, addresses, routes, rules and forwarding
 * sysctls, through rtnetlink's multicast groups.
 *
 * Called by kind-link.c on behalf of all kinds that live in rtnetlink, and so
 * by reconcile.c.  It tells that something changed, never what: the next dump
 * says what is. */

#ifndef NODE_RTNL_MONITOR_H
#define NODE_RTNL_MONITOR_H 1

#include <stdbool.h>

/* Opens the socket.  Returns 0 or a positive errno. */
int rtnl_monitor_init(void);
void rtnl_monitor_destroy(void);

/* Returns true if somebody else changed something since the last call, or if
 * notifications were lost. */
bool rtnl_monitor_run(void);
void rtnl_monitor_wait(void);

#endif /* node/rtnl-monitor.h */
