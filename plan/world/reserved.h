/* SPDX-License-Identifier: Apache-2.0 */

/* Addresses that are somebody's, or nobody's, and so are no good as ingress
 * addresses: of nodes and pods, ClusterIPs, gateways, BGP peers, loopback,
 * multicast.
 *
 * pools.c makes it for the view and gives out none of them; the checks warn
 * of those that somebody else gave. */

#ifndef PLAN_WORLD_RESERVED_H
#define PLAN_WORLD_RESERVED_H 1

#include <stdbool.h>

#include "intent/ip.h"

struct reserved;
struct view;

/* Collects them from the objects, the options and the topology. */
struct reserved *reserved_create(const struct view *);
void reserved_destroy(struct reserved *);

/* Returns whose 'ip' is, "is an address of Node worker1", which the caller
 * frees, or NULL if it may be an ingress address. */
char *reserved_why(const struct reserved *, const struct in6_addr *ip);

/* True if reserved_why() has an answer. */
bool reserved_has(const struct reserved *, const struct in6_addr *ip);

#endif /* plan/world/reserved.h */
