/* SPDX-License-Identifier: Apache-2.0 */

/* IPAddressPools: which addresses they have, and which Services they are for.
 * See pools.h; pools.c allocates. */

#include <config.h>

#include "plan/decide/pools.h"

#include <stdlib.h>
#include <string.h>

#include "plan/decide/decide.h"
#include "util.h"

void
pools_init(struct allocator *a, struct view *v)
{
    memset(a, 0, sizeof *a);
    a->v = v;
    hmap_init(&a->used);
    shash_init(&a->sharing);
    shash_init(&a->by_name);
    a->n_pools = v->kinds[INTENT_IP_ADDRESS_POOL].n;
    a->pools = xcalloc(a->n_pools, sizeof *a->pools);
    for (size_t i = 0; i < a->n_pools; i++) {
        a->pools[i].obj = v->kinds[INTENT_IP_ADDRESS_POOL].objs[i];
        shash_add_once(&a->by_name, a->pools[i].obj->name, &a->pools[i]);
    }
    pool_index_init(&a->index, &v->kinds[INTENT_IP_ADDRESS_POOL]);
}

void
pools_destroy(struct allocator *a)
{
    struct shash_node *sn;

    SHASH_FOR_EACH (sn, &a->sharing) {
        struct sharing *sh = sn->data;
        free(sh->ips);
    }
    shash_destroy_free_data(&a->sharing);
    hmap_destroy(&a->used);
    shash_destroy(&a->by_name);
    pool_index_destroy(&a->index);
    free(a->pools);
}

struct pool *
pools_find(struct allocator *a, const char *name)
{
    return shash_find_data(&a->by_name, name);
}

struct pool *
pools_find_by_ip(struct allocator *a, const struct in6_addr *ip)
{
    size_t i;

    return pool_index_find(&a->index, ip, &i) ? &a->pools[i] : NULL;
}

bool
pool_contains(const struct pool *pool, const struct in6_addr *ip)
{
    const struct intent_ip_address_pool *p = &pool->obj->pool;

    for (size_t i = 0; i < p->n_ranges; i++) {
        if (ip_range_contains(&p->ranges[i], ip)) {
            return !(p->avoid_buggy_ips && pool_is_buggy_ip(ip));
        }
    }
    return false;
}

bool
pool_cursor_get(const struct pool *pool, struct pool_cursor *c,
                enum ip_family family, struct in6_addr *ip)
{
    const struct intent_ip_address_pool *p = &pool->obj->pool;

    while (c->range < p->n_ranges) {
        const struct ip_range *r = &p->ranges[c->range];

        if (ip_family(&r->first) != family) {
            c->range++;
            continue;
        } else if (!c->started) {
            c->ip = r->first;
            c->started = true;
        }
        if (!(p->avoid_buggy_ips && pool_is_buggy_ip(&c->ip))) {
            *ip = c->ip;
            return true;
        }
        pool_cursor_next(pool, c);
    }
    return false;
}

void
pool_cursor_next(const struct pool *pool, struct pool_cursor *c)
{
    if (!ip_compare(&c->ip, &pool->obj->pool.ranges[c->range].last)) {
        c->range++;
        c->started = false;
    } else {
        ip_next(&c->ip, &c->ip);
    }
}

static bool
is_listed(const struct intent_strings *list, const char *s)
{
    for (size_t i = 0; i < list->n; i++) {
        if (!strcmp(list->items[i], s)) {
            return true;
        }
    }
    return false;
}

bool
pool_matches(const struct allocator *a, const struct pool *pool,
             const struct intent_object *svc)
{
    const struct intent_ip_address_pool *p = &pool->obj->pool;

    if (!p->has_allocation) {
        return true;
    }
    if ((p->namespaces.n || p->namespace_selectors.n)
        && !is_listed(&p->namespaces, svc->namespace)) {
        const struct intent_object *ns
            = view_find_object(a->v, INTENT_NAMESPACE, "", svc->namespace);
        if (!ns || !p->namespace_selectors.n
            || !intent_selectors_match(p->namespace_selectors.items,
                                       p->namespace_selectors.n,
                                       &ns->labels)) {
            return false;
        }
    }
    return intent_selectors_match(p->service_selectors.items,
                                  p->service_selectors.n, &svc->labels);
}

const char *
pools_lack_namespace(const struct allocator *a,
                     const struct intent_object *svc)
{
    if (view_find_object(a->v, INTENT_NAMESPACE, "", svc->namespace)) {
        return NULL;
    }
    for (size_t i = 0; i < a->n_pools; i++) {
        if (a->pools[i].obj->pool.namespace_selectors.n) {
            return a->pools[i].obj->name;
        }
    }
    return NULL;
}

/* Orders pools: those for certain Services first, by their priority, where 0
 * is the last; then by name. */
static int
compare_pools(const void *a_, const void *b_)
{
    const struct pool *const *ap = a_;
    const struct pool *const *bp = b_;
    const struct intent_ip_address_pool *a = &(*ap)->obj->pool;
    const struct intent_ip_address_pool *b = &(*bp)->obj->pool;

    if (a->has_allocation != b->has_allocation) {
        return a->has_allocation ? -1 : 1;
    } else if (a->has_allocation && a->priority != b->priority) {
        return (!a->priority ? 1 : !b->priority ? -1
                : a->priority < b->priority ? -1 : 1);
    }
    return *ap < *bp ? -1 : *ap > *bp;
}

struct pool **
pools_for(struct allocator *a, const struct intent_object *svc, size_t *n)
{
    struct pool **pools = xcalloc(a->n_pools, sizeof *pools);

    *n = 0;
    for (size_t i = 0; i < a->n_pools; i++) {
        struct pool *pool = &a->pools[i];
        if (pool->obj->pool.auto_assign && pool_matches(a, pool, svc)) {
            pools[(*n)++] = pool;
        }
    }
    if (*n) {
        qsort(pools, *n, sizeof *pools, compare_pools);
    }
    return pools;
}

/* Returns the low 64 bits of 'ip'. */
static uint64_t
low_bits(const struct in6_addr *ip)
{
    uint64_t bits = 0;

    for (int i = 8; i < 16; i++) {
        bits = bits << 8 | ip->s6_addr[i];
    }
    return bits;
}

/* Returns how many of the numbers below 'x' are 'rest' modulo 256. */
static uint64_t
count_below(uint64_t x, unsigned int rest)
{
    return x / 256 + (x % 256 > rest);
}

/* Returns how many addresses of 'family' the pool gives out, at most
 * INT64_MAX. */
static uint64_t
pool_size(const struct pool *pool, enum ip_family family)
{
    const struct intent_ip_address_pool *p = &pool->obj->pool;
    uint64_t sum = 0;

    for (size_t i = 0; i < p->n_ranges; i++) {
        const struct ip_range *r = &p->ranges[i];
        uint64_t first = low_bits(&r->first) & (family == IP_V4 ? UINT32_MAX
                                                : UINT64_MAX);
        uint64_t last = low_bits(&r->last) & (family == IP_V4 ? UINT32_MAX
                                              : UINT64_MAX);

        if (ip_family(&r->first) != family) {
            continue;
        }
        if (memcmp(&r->first, &r->last, 8)
            || last - first >= INT64_MAX - sum) {
            return INT64_MAX;
        }
        sum += last - first + 1;
        if (p->avoid_buggy_ips && family == IP_V4) {
            sum -= count_below(last + 1, 0) - count_below(first, 0);
            sum -= count_below(last + 1, 255) - count_below(first, 255);
        }
    }
    return sum;
}

void
pools_count(const struct allocator *a)
{
    struct view *v = a->v;

    free(v->pools);
    v->n_pools = a->n_pools;
    v->pools = xcalloc(a->n_pools, sizeof *v->pools);
    for (size_t i = 0; i < a->n_pools; i++) {
        v->pools[i].obj = a->pools[i].obj;
        for (int f = 0; f < IP_N_FAMILIES; f++) {
            v->pools[i].size[f] = pool_size(&a->pools[i], f);
            v->pools[i].n_assigned[f] = a->pools[i].n_assigned[f];
        }
    }
}
