/* SPDX-License-Identifier: Apache-2.0 */

/* Keeping the addresses of an interface over a change that flushes them.
 *
 * The kernel removes IPv6 addresses when an interface goes into or out of a
 * VRF, and IPv4 addresses when the first one of their network goes.  Used by
 * kind-link.c and kind-address.c. */

#ifndef NODE_RTNL_ADDRESS_H
#define NODE_RTNL_ADDRESS_H 1

#include "intent/ip.h"

struct rtnl_batch;

/* Adds to 'batch' requests that put back each address of 'family' that the
 * interface 'index' has now, with all its properties, but for 'except' (NULL
 * for none).  Those that are still there when the batch runs are not touched.
 * IPv6 addresses come back without duplicate address detection, for they have
 * passed it.  Link-local ones are left to the kernel.  Returns 0 or a positive
 * errno. */
int rtnl_address_keep(struct rtnl_batch *batch, int index,
                      enum ip_family family, const struct ip_prefix *except);

#endif /* node/rtnl-address.h */
