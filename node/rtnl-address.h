/* SPDX-License-Identifier: Apache-2.0 */

/* Addresses of interfaces: what the kernel says of one, and keeping those of
 * an interface over a change that flushes them.
 *
 * The kernel removes IPv6 addresses when an interface goes into or out of a
 * VRF, and IPv4 addresses when the first one of their network goes.  Used by
 * kind-link.c, kind-address.c and facts.c. */

#ifndef NODE_RTNL_ADDRESS_H
#define NODE_RTNL_ADDRESS_H 1

#include <stdbool.h>
#include <stdint.h>

#include "intent/ip.h"

struct nlmsghdr;
struct nlsk_batch;

struct rtnl_address {
    int index;                  /* Of its interface. */
    struct in6_addr ip;
    uint8_t plen;
    uint8_t scope;              /* RT_SCOPE_*. */
    uint8_t protocol;           /* IFA_PROTO, or 0. */
    bool is_peer_to_peer;       /* The network is that of a peer, whose
                                 * address is another one. */
};

/* If 'nlh', of any type and with any content, tells of an address, stores it
 * in '*a' and returns true. */
bool rtnl_address_parse(const struct nlmsghdr *nlh, struct rtnl_address *a);

/* Adds to 'batch' requests that put back each address of 'family' that the
 * interface 'index' has now, with all its properties, but for 'except' (NULL
 * for none).  Those that are still there when the batch runs are not touched.
 * IPv6 addresses come back without duplicate address detection, for they have
 * passed it.  Link-local ones are left to the kernel.  Returns 0 or a positive
 * errno. */
int rtnl_address_keep(struct nlsk_batch *batch, int index,
                      enum ip_family family, const struct ip_prefix *except);

#endif /* node/rtnl-address.h */
