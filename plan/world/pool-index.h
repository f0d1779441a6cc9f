/* SPDX-License-Identifier: Apache-2.0 */

/* Which IPAddressPool has an address. */

#ifndef PLAN_WORLD_POOL_INDEX_H
#define PLAN_WORLD_POOL_INDEX_H 1

#include <stdbool.h>
#include <stddef.h>

#include "intent/ip.h"

struct view_kind;

/* A range of a pool. */
struct pool_span {
    struct ip_range range;
    size_t pool;                /* Index among the pools. */
};

/* The ranges of all pools, by first address; of equal ones by pool. */
struct pool_index {
    struct pool_span *spans;
    size_t n;
};

/* Reads the ranges of 'pools', of INTENT_IP_ADDRESS_POOL. */
void pool_index_init(struct pool_index *, const struct view_kind *pools);
void pool_index_destroy(struct pool_index *);

/* Finds the pool that has 'ip' and sets '*pool' to its index, or returns
 * false.  Pools do not overlap: plan_check() complains. */
bool pool_index_find(const struct pool_index *, const struct in6_addr *ip,
                     size_t *pool);

/* Some devices think that every address that ends in .0 or .255 is a
 * network's or a broadcast address: true if 'ip' is one. */
bool pool_is_buggy_ip(const struct in6_addr *ip);

#endif /* plan/world/pool-index.h */
