/* SPDX-License-Identifier: Apache-2.0 */

/* IPAddressPools, for pools.c: which addresses they have, and for whom. */

#ifndef PLAN_DECIDE_POOLS_H
#define PLAN_DECIDE_POOLS_H 1

#include "plan/world/pool-index.h"
#include "plan/world/view.h"

/* A place in the addresses of one family of a pool. */
struct pool_cursor {
    size_t range;               /* Index of pool->obj's range. */
    bool started;               /* 'ip' is in it. */
    struct in6_addr ip;
};

struct pool {
    const struct intent_object *obj;
    struct pool_cursor cursors[IP_N_FAMILIES];
    uint64_t n_assigned[IP_N_FAMILIES];
};

/* Addresses that Services with the same sharing key have. */
struct sharing {
    struct in6_addr *ips;
    size_t n;
};

struct allocator {
    struct view *v;
    struct pool *pools;         /* By namespace and name. */
    size_t n_pools;
    struct shash by_name;       /* To "struct pool". */
    struct pool_index index;
    struct hmap used;           /* Of pools.c. */
    struct shash sharing;       /* Key to "struct sharing". */
};

void pools_init(struct allocator *, struct view *);
void pools_destroy(struct allocator *);

/* Return the pool of that name, or with that address, or NULL. */
struct pool *pools_find(struct allocator *, const char *name);
struct pool *pools_find_by_ip(struct allocator *, const struct in6_addr *);

/* Returns the pools that may give 'svc' an address unasked, the preferred one
 * first.  The caller frees the array. */
struct pool **pools_for(struct allocator *, const struct intent_object *svc,
                        size_t *n);

/* True if 'svc' may use 'pool'. */
bool pool_matches(const struct allocator *, const struct pool *,
                  const struct intent_object *svc);

/* Returns the name of a pool that might be for 'svc' if the Namespace of 'svc'
 * existed and had the right labels, or NULL. */
const char *pools_lack_namespace(const struct allocator *,
                                 const struct intent_object *svc);

/* True if the pool gives out 'ip'. */
bool pool_contains(const struct pool *, const struct in6_addr *ip);

/* Gets the address at the cursor; false at the end. */
bool pool_cursor_get(const struct pool *, struct pool_cursor *,
                     enum ip_family, struct in6_addr *);
void pool_cursor_next(const struct pool *, struct pool_cursor *);

/* Notes in the view how much of each pool is assigned. */
void pools_count(const struct allocator *);

#endif /* plan/decide/pools.h */
