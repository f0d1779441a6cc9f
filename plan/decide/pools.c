/* SPDX-License-Identifier: Apache-2.0 */

/* Pools: ingress addresses for Services of type LoadBalancer, from
 * IPAddressPools, by the rules of MetalLB.
 *
 * A Service whose status already has an ingress got it from somebody else; it
 * only takes the addresses out of the pools.  One that we served before keeps
 * what it has as long as it may.  Called by plan.c before all else; what it
 * finds is in view->ingress.  pool-match.c says which pools a Service may
 * use. */

#include <config.h>

#include "plan/decide/decide.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "plan/decide/pools.h"
#include "plan/rows/ip-hash.h"
#include "plan/world/reserved.h"
#include "util.h"

/* So many addresses in a row that may not be given are passed over for one
 * Service; of a whole network of IPv6 there would be no end. */
#define MAX_RESERVED 10000

/* An address in use. */
struct used_ip {
    struct hmap_node hmap_node; /* In allocator.used. */
    struct in6_addr ip;
    const struct intent_object **users;
    size_t n_users;
};

static struct used_ip *
find_used(const struct allocator *a, const struct in6_addr *ip)
{
    struct used_ip *u;

    HMAP_FOR_EACH_WITH_HASH (u, hmap_node, ip_hash(ip), &a->used) {
        if (!memcmp(&u->ip, ip, sizeof *ip)) {
            return u;
        }
    }
    return NULL;
}

/* Records that 'svc' uses 'ip'. */
static void
use_ip(struct allocator *a, const struct in6_addr *ip,
       const struct intent_object *svc)
{
    struct used_ip *u = find_used(a, ip);

    if (!u) {
        u = xzalloc(sizeof *u);
        u->ip = *ip;
        hmap_insert(&a->used, &u->hmap_node, ip_hash(ip));

        struct pool *pool = pools_find_by_ip(a, ip);
        if (pool) {
            pool->n_assigned[ip_family(ip)]++;
        }
    }
    u->users = xrealloc(u->users, (u->n_users + 1) * sizeof *u->users);
    u->users[u->n_users++] = svc;

    const char *key = svc->service.sharing_key;
    if (*key) {
        struct sharing *sh = shash_find_data(&a->sharing, key);
        if (!sh) {
            sh = xzalloc(sizeof *sh);
            shash_add(&a->sharing, key, sh);
        }
        sh->ips = xrealloc(sh->ips, (sh->n + 1) * sizeof *sh->ips);
        sh->ips[sh->n++] = *ip;
    }
}

static bool
share_port(const struct intent_service *a, const struct intent_service *b)
{
    for (size_t i = 0; i < a->n_ports; i++) {
        for (size_t j = 0; j < b->n_ports; j++) {
            if (a->ports[i].port == b->ports[j].port
                && a->ports[i].protocol == b->ports[j].protocol) {
                return true;
            }
        }
    }
    return false;
}

/* True if the traffic of both goes to the same pods on a node. */
static bool
same_backends(const struct intent_service *a, const struct intent_service *b)
{
    return ((!a->etp_local && !b->etp_local)
            || (a->etp_local && b->etp_local && a->selector.n
                && intent_map_equals(&a->selector, &b->selector)));
}

/* Returns why 'svc' cannot have 'ip', or NULL if it can. */
static const char *
find_conflict(const struct allocator *a, const struct in6_addr *ip,
              const struct intent_object *svc)
{
    const struct used_ip *u = find_used(a, ip);
    const struct intent_service *s = &svc->service;

    for (size_t i = 0; u && i < u->n_users; i++) {
        const struct intent_service *other = &u->users[i]->service;

        if (u->users[i] == svc) {
            continue;
        } else if (!*s->sharing_key
                   || strcmp(s->sharing_key, other->sharing_key)) {
            return "is used by another Service";
        } else if (share_port(s, other)) {
            return "is shared with a Service that has the same port";
        } else if (!same_backends(s, other)) {
            return "cannot be shared with externalTrafficPolicy Local, but by "
                   "Services with the same selector";
        }
    }
    return NULL;
}

/* Finds an address of 'pool' and 'family' for 'svc': one that it may share, or
 * else the next free one.  Returns false if there is none. */
static bool
find_free(struct allocator *a, struct pool *pool, enum ip_family family,
          const struct intent_object *svc, struct in6_addr *ip)
{
    const struct sharing *sh
        = (*svc->service.sharing_key
           ? shash_find_data(&a->sharing, svc->service.sharing_key) : NULL);

    for (size_t i = 0; sh && i < sh->n; i++) {
        if (ip_family(&sh->ips[i]) == family
            && pool_contains(pool, &sh->ips[i])
            && !find_conflict(a, &sh->ips[i], svc)) {
            *ip = sh->ips[i];
            return true;
        }
    }

    /* What is before the cursor is in use, and nothing becomes free while we
     * allocate. */
    struct pool_cursor *c = &pool->cursors[family];
    size_t n_reserved = 0;
    while (pool_cursor_get(pool, c, family, ip)) {
        bool reserved = reserved_has(a->v->reserved, ip);

        if (!reserved && !find_used(a, ip)) {
            return true;
        }
        n_reserved += reserved;
        if (n_reserved > MAX_RESERVED) {
            return false;
        }
        pool_cursor_next(pool, c);
    }
    return false;
}

/* Allocation for one Service. */

/* Sets 'want' to the families that 'svc' gets addresses of; returns true if
 * one of them is enough. */
static bool
wanted_families(const struct intent_service *s, bool want[IP_N_FAMILIES])
{
    bool both = (s->families[IP_V4] && s->families[IP_V6]
                 && s->family_policy != INTENT_SINGLE_STACK);

    for (int f = 0; f < IP_N_FAMILIES; f++) {
        want[f] = both || f == (int) s->first_family;
    }
    return both && s->family_policy == INTENT_PREFER_DUAL_STACK;
}

static void
take(struct allocator *a, const struct pool *pool,
     const struct intent_object *svc, struct view_ingress *in,
     const struct in6_addr ips[IP_N_FAMILIES])
{
    for (int f = 0; f < IP_N_FAMILIES; f++) {
        if (ip_is_set(&ips[f])) {
            use_ip(a, &ips[f], svc);
            in->ips[f] = ips[f];
        }
    }
    in->pool = pool->obj->name;
}

/* Tries to allocate addresses of all families in 'want' from 'pool'. */
static bool
allocate_from(struct allocator *a, struct pool *pool,
              const struct intent_object *svc, const bool want[IP_N_FAMILIES],
              struct view_ingress *in)
{
    struct in6_addr ips[IP_N_FAMILIES] = { IN6ADDR_ANY_INIT };

    for (int f = 0; f < IP_N_FAMILIES; f++) {
        if (want[f] && !find_free(a, pool, f, svc, &ips[f])) {
            return false;
        }
    }
    take(a, pool, svc, in, ips);
    return true;
}

/* Sets 'failure' and returns true if 'ip' is somebody else's by its nature. */
static bool
is_reserved(const struct allocator *a, const struct in6_addr *ip,
            struct view_reason *failure)
{
    char *why = reserved_why(a->v->reserved, ip);
    char text[IP_STRLEN];

    if (!why) {
        return false;
    }
    view_reason_set(failure, "AddressReserved", "the address %s %s",
                    ip_format(ip, text), why);
    free(why);
    return true;
}

/* Gives 'svc' exactly the 'n' addresses in 'ips', if it may have them.  Unless
 * it 'has' them already, none may be reserved. */
static bool
allocate_these(struct allocator *a, const struct intent_object *svc,
               const struct in6_addr *ips, size_t n, bool has,
               struct view_ingress *in)
{
    struct in6_addr got[IP_N_FAMILIES] = { IN6ADDR_ANY_INIT };
    const char *wanted_pool = svc->service.wanted_pool;
    struct view_reason *failure = &in->failure;
    const struct pool *pool = NULL;
    bool want[IP_N_FAMILIES];
    bool one_is_enough = wanted_families(&svc->service, want);

    for (size_t i = 0; i < n; i++) {
        struct pool *p = pools_find_by_ip(a, &ips[i]);
        const char *conflict = find_conflict(a, &ips[i], svc);
        char text[IP_STRLEN];

        ip_format(&ips[i], text);
        if (!has && is_reserved(a, &ips[i], failure)) {
            return false;
        } else if (!want[ip_family(&ips[i])]) {
            view_reason_set(failure, "WrongFamily",
                            "the Service is not for the family of %s", text);
        } else if (!p || !pool_contains(p, &ips[i])) {
            view_reason_set(failure, "NotInPool",
                            "the address %s is in no IPAddressPool", text);
        } else if (!pool_matches(a, p, svc)) {
            view_reason_set(failure, "PoolNotAllowed", "IPAddressPool %s, "
                            "which has %s, is not for this Service",
                            p->obj->name, text);
        } else if ((pool && pool != p)
                   || (*wanted_pool && strcmp(wanted_pool, p->obj->name))) {
            view_reason_set(failure, "OtherPool",
                            "the address %s is in IPAddressPool %s, not %s",
                            text, p->obj->name,
                            *wanted_pool ? wanted_pool : pool->obj->name);
        } else if (conflict) {
            view_reason_set(failure, "AddressInUse", "the address %s %s",
                            text, conflict);
        } else if (ip_is_set(&got[ip_family(&ips[i])])) {
            view_reason_set(failure, "TooManyAddresses",
                            "only one address of each family is possible");
        } else {
            got[ip_family(&ips[i])] = ips[i];
            pool = p;
            continue;
        }
        return false;
    }
    for (int f = 0; f < IP_N_FAMILIES; f++) {
        if (want[f] && !one_is_enough && !ip_is_set(&got[f])) {
            view_reason_set(failure, "WrongFamily", "the Service needs an "
                            "address of each family");
            return false;
        }
    }
    take(a, pool, svc, in, got);
    return true;
}

/* Gives 'svc' addresses from the first pool of 'pools' that has them. */
static bool
allocate_any(struct allocator *a, struct pool **pools, size_t n,
             const struct intent_object *svc, struct view_ingress *in)
{
    bool want[IP_N_FAMILIES];
    bool one_is_enough = wanted_families(&svc->service, want);

    for (size_t i = 0; i < n; i++) {
        if (allocate_from(a, pools[i], svc, want, in)) {
            return true;
        }
    }
    for (int k = 0; k < IP_N_FAMILIES && one_is_enough; k++) {
        int f = k ? !svc->service.first_family : svc->service.first_family;
        const bool one[IP_N_FAMILIES] = { f == IP_V4, f == IP_V6 };
        for (size_t i = 0; i < n; i++) {
            if (allocate_from(a, pools[i], svc, one, in)) {
                return true;
            }
        }
    }

    const char *families = (want[IP_V4] && want[IP_V6] ? "IPv4 and IPv6"
                            : want[IP_V4] ? "IPv4" : "IPv6");
    if (n) {
        struct ds names = DS_EMPTY_INITIALIZER;
        for (size_t i = 0; i < n; i++) {
            ds_put_format(&names, "%s%s", i ? ", " : "", pools[i]->obj->name);
        }
        view_reason_set(&in->failure, "PoolExhausted",
                        "no free %s address in IPAddressPool %s", families,
                        ds_cstr(&names));
        ds_destroy(&names);
    } else {
        const char *pool = pools_lack_namespace(a, svc);

        if (pool) {
            view_reason_set(&in->failure, "NoPool", "no IPAddressPool is for "
                            "this Service; there is no Namespace %s, by whose "
                            "labels IPAddressPool %s would select it",
                            svc->namespace, pool);
        } else {
            view_reason_set(&in->failure, "NoPool",
                            "no IPAddressPool is for this Service");
        }
    }
    return false;
}

/* Gives 'svc' what it asks for. */
static void
allocate(struct allocator *a, const struct intent_object *svc,
         struct view_ingress *in)
{
    const struct intent_service *s = &svc->service;

    if (s->wanted_ips.n) {
        allocate_these(a, svc, s->wanted_ips.items, s->wanted_ips.n, false,
                       in);
    } else if (ip_is_set(&s->load_balancer_ip)) {
        allocate_these(a, svc, &s->load_balancer_ip, 1, false, in);
    } else if (*s->wanted_pool) {
        struct pool *pool = pools_find(a, s->wanted_pool);
        if (!pool) {
            view_reason_set(&in->failure, "PoolNotFound",
                            "there is no IPAddressPool %s", s->wanted_pool);
        } else if (!pool_matches(a, pool, svc)) {
            view_reason_set(&in->failure, "PoolNotAllowed",
                            "IPAddressPool %s is not for this Service",
                            s->wanted_pool);
        } else {
            allocate_any(a, &pool, 1, svc, in);
        }
    } else {
        size_t n;
        struct pool **pools = pools_for(a, svc, &n);
        allocate_any(a, pools, n, svc, in);
        free(pools);
    }
}

/* Returns true if the addresses that 'svc' asks for now are those in 'ips'. */
static bool
still_wants(const struct intent_service *s, const struct in6_addr *ips,
            size_t n)
{
    const struct in6_addr *wanted
        = s->wanted_ips.n ? s->wanted_ips.items : &s->load_balancer_ip;
    size_t n_wanted = s->wanted_ips.n ? s->wanted_ips.n
                      : ip_is_set(&s->load_balancer_ip);
    bool want[IP_N_FAMILIES];
    bool one_is_enough = wanted_families(s, want);
    bool have[IP_N_FAMILIES] = { false, false };
    size_t n_found = 0;

    for (size_t i = 0; i < n; i++) {
        have[ip_family(&ips[i])] = true;
        for (size_t j = 0; j < n_wanted; j++) {
            n_found += !memcmp(&ips[i], &wanted[j], sizeof ips[i]);
        }
    }
    if (n_wanted) {
        return n_found == n_wanted && n == n_wanted;
    }
    for (int f = 0; f < IP_N_FAMILIES; f++) {
        if (have[f] ? !want[f] : want[f] && !one_is_enough) {
            return false;
        }
    }
    return n > 0;
}

/* Gives 'svc' the addresses that its status says it has, if it may keep
 * them. */
static bool
keep(struct allocator *a, const struct intent_object *svc,
     struct view_ingress *in)
{
    struct in6_addr ips[IP_N_FAMILIES];
    size_t n = 0;
    char *list = xstrdup(view_status_get(a->v, intent_object_id(svc),
                                         "ingress"));
    char *save = NULL;

    for (char *s = strtok_r(list, ", ", &save); s && n < IP_N_FAMILIES;
         s = strtok_r(NULL, ", ", &save)) {
        n += ip_addr_parse(s, &ips[n]);
    }
    free(list);

    bool kept = (n && still_wants(&svc->service, ips, n)
                 && allocate_these(a, svc, ips, n, true, in));
    if (!kept) {
        free(in->failure.message);
        in->failure = (struct view_reason) { NULL, NULL };
    }
    return kept;
}

/* Gives 'svc', which has an address but would rather have one of each family,
 * the other one from the same pool, if there is one now. */
static void
complete(struct allocator *a, const struct intent_object *svc,
         struct view_ingress *in)
{
    struct pool *pool = *in->pool ? pools_find(a, in->pool) : NULL;
    bool want[IP_N_FAMILIES];

    if (!pool || svc->service.wanted_ips.n
        || ip_is_set(&svc->service.load_balancer_ip)) {
        return;
    }
    wanted_families(&svc->service, want);
    for (int f = 0; f < IP_N_FAMILIES; f++) {
        struct in6_addr ip;

        if (want[f] && !ip_is_set(&in->ips[f])
            && find_free(a, pool, f, svc, &ip)) {
            use_ip(a, &ip, svc);
            in->ips[f] = ip;
        }
    }
}

/* True if it is for us to give 'svc' an ingress address. */
static bool
is_ours(const struct view *v, const struct intent_object *svc)
{
    const struct intent_service *s = &svc->service;

    return (v->options->allocate_ips && s->type == INTENT_LOAD_BALANCER
            && !s->ingress_ips.n && !s->has_ingress_hostname
            && !strcmp(s->load_balancer_class, v->options->lb_class));
}

static int
compare_age(const void *a_, const void *b_)
{
    const struct intent_object *const *a = a_;
    const struct intent_object *const *b = b_;

    return view_compare_age(*a, *b);
}

/* Has the Services keep the addresses that they have.  Returns those that have
 * none yet, oldest first, '*n_rest' of them; the caller frees the array. */
static const struct intent_object **
keep_all(struct allocator *a, size_t *n_rest)
{
    struct view *v = a->v;
    size_t n = v->kinds[INTENT_SERVICE].n;
    const struct intent_object **rest = xmalloc(n * sizeof *rest);

    *n_rest = 0;
    for (size_t i = 0; i < n; i++) {
        const struct intent_object *svc = v->kinds[INTENT_SERVICE].objs[i];
        for (size_t j = 0; j < svc->service.ingress_ips.n; j++) {
            use_ip(a, &svc->service.ingress_ips.items[j], svc);
        }
    }
    for (size_t i = 0; i < n; i++) {
        const struct intent_object *svc = v->kinds[INTENT_SERVICE].objs[i];

        if (is_ours(v, svc)) {
            struct view_ingress *in = xzalloc(sizeof *in);
            char *key = xasprintf("%s/%s", svc->namespace, svc->name);

            shash_add_nocopy(&v->ingress, key, in);
            in->pool = "";
            if (!keep(a, svc, in)) {
                rest[(*n_rest)++] = svc;
            }
        }
    }
    if (*n_rest) {
        qsort(rest, *n_rest, sizeof *rest, compare_age);
    }
    return rest;
}

static struct view_ingress *
find_ingress(const struct view *v, const struct intent_object *svc)
{
    char *key = xasprintf("%s/%s", svc->namespace, svc->name);
    struct view_ingress *in = shash_find_data(&v->ingress, key);

    free(key);
    return in;
}

/* Allocates addresses: those that Services have stay; then each that has none
 * gets some; then those that would rather have more do. */
void
pools_run(struct view *v)
{
    struct allocator a;
    size_t n_rest;

    reserved_destroy(v->reserved);
    v->reserved = reserved_create(v);
    pools_init(&a, v);
    const struct intent_object **rest = keep_all(&a, &n_rest);
    for (size_t i = 0; i < n_rest; i++) {
        allocate(&a, rest[i], find_ingress(v, rest[i]));
    }
    free(rest);
    for (size_t i = 0; i < v->kinds[INTENT_SERVICE].n; i++) {
        const struct intent_object *svc = v->kinds[INTENT_SERVICE].objs[i];
        struct view_ingress *in
            = (svc->service.family_policy == INTENT_PREFER_DUAL_STACK
               ? find_ingress(v, svc) : NULL);

        if (in) {
            complete(&a, svc, in);
        }
    }
    pools_count(&a);

    struct used_ip *u;
    HMAP_FOR_EACH_POP (u, hmap_node, &a.used) {
        free(u->users);
        free(u);
    }
    pools_destroy(&a);
}
