/* SPDX-License-Identifier: Apache-2.0 */

/* Routes as rtnetlink messages.
 *
 * Used by kind-route.c, and by facts.c to see where a table leads to. */

#ifndef NODE_RTNL_ROUTE_H
#define NODE_RTNL_ROUTE_H 1

#include <stdbool.h>
#include <stdint.h>

#include <linux/rtnetlink.h>

#include "plan/machine/machine-route.h"

struct nl_msg;
struct nlmsghdr;

/* Parses a RTM_NEWROUTE into '*route', which the caller destroys.  Devices are
 * named as links_read() last saw them.  Returns false, with nothing to
 * destroy, for what is no route of a user: cache entries, and types that the
 * kernel keeps for itself. */
bool rtnl_route_parse(const struct nlmsghdr *, struct machine_route *route);

/* Returns a message of 'type' and 'flags' for 'route'.  To delete, the next
 * hops are left out: the key and 'protocol' are enough. */
struct nl_msg *rtnl_route_build(int type, int flags,
                                const struct machine_route *route,
                                uint8_t protocol);

#endif /* node/rtnl-route.h */
