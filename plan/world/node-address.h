/* SPDX-License-Identifier: Apache-2.0 */

/* The addresses of nodes, to which pods may send without being steered.
 *
 * A node is not trusted.  What its Node object says of it is for all; what its
 * own helper says beside that is for the packets that are steered to that node
 * and no others, which it could misdirect anyway, and never for an address of
 * pods, Services or the join network. */

#ifndef PLAN_WORLD_NODE_ADDRESS_H
#define PLAN_WORLD_NODE_ADDRESS_H 1

#include <stdbool.h>

#include "intent/intent.h"
#include "svec.h"

struct view;
struct view_node;

/* Adds to 'ips' the addresses of all nodes, by their objects. */
void node_address_collect(const struct view *,
                          struct svec ips[IP_N_FAMILIES]);

/* Adds to 'ips' what the helper of 'node' says beside that, of 'family'. */
void node_address_collect_reported(const struct view *,
                                   const struct view_node *node,
                                   enum ip_family family, struct svec *ips);

/* True if the Node object of some node has 'ip'. */
bool node_address_is_known(const struct view *, const struct in6_addr *ip);

/* True if a helper says that its node has it. */
bool node_address_is_reported(const struct view *, const struct in6_addr *ip);

#endif /* plan/world/node-address.h */
