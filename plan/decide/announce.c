/* SPDX-License-Identifier: Apache-2.0 */

/* Announcements.  See announce.h. */

#include <config.h>

#include "plan/decide/announce.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "hmapx.h"
#include "openvswitch/dynamic-string.h"
#include "plan/decide/announce-advert.h"
#include "plan/decide/decide.h"
#include "plan/decide/pools.h"
#include "plan/rows/problem.h"
#include "util.h"

/* A Service of type LoadBalancer that we may announce. */
struct lb_service {
    const struct intent_object *svc;
    struct view_service *owner; /* Its EgressService, or NULL. */
    bool bound;                 /* To the nodes that are active for 'owner'. */
    bool usable;                /* Unless bound: there is an endpoint. */
    struct hmapx nodes;         /* Unless bound, and if ETP is Local: nodes
                                 * with a usable endpoint. */
};

struct announce {
    struct announce_peer *peers;
    size_t n_peers;
    struct allocator pools;
    struct adverts adverts;
    struct shash services;      /* "ns/name" to "struct lb_service". */
    struct hmap sets;           /* Of "struct node_set". */
};

/* The adverts of a pool on a node. */
struct node_set {
    struct hmap_node hmap_node; /* In announce.sets. */
    const struct view_node *node;
    size_t pool;                /* Index. */
    struct advert_set *set;
};

/* Nodes. */

/* Makes the labels of ours among those of 'node' those that it gets now. */
static void
renew_labels(struct view_node *node)
{
    struct intent_map *labels = &node->labels;
    size_t n = 0;

    for (size_t i = 0; i < labels->n; i++) {
        if (strncmp(labels->pairs[i].key, VIEW_LABEL_PREFIX,
                    strlen(VIEW_LABEL_PREFIX))) {
            labels->pairs[n++] = labels->pairs[i];
        }
    }
    labels->pairs = xrealloc(labels->pairs,
                             (n + sset_count(&node->our_labels))
                             * sizeof *labels->pairs);

    const char *key;
    SSET_FOR_EACH (key, &node->our_labels) {
        labels->pairs[n++] = (struct intent_pair) {
            CONST_CAST(char *, key), CONST_CAST(char *, "")
        };
    }
    labels->n = n;
    intent_map_sort(labels);
}

static bool
may_announce(const struct view_node *node)
{
    return (node->obj && node->n_sessions
            && !node->obj->node.network_unavailable
            && !node->obj->node.exclude_lb);
}

/* Services. */

static void
read_services(struct announce *a, struct view *v)
{
    for (size_t i = 0; i < v->kinds[INTENT_SERVICE].n; i++) {
        const struct intent_object *svc = v->kinds[INTENT_SERVICE].objs[i];
        struct view_service *s
            = view_find_service(v, svc->namespace, svc->name);

        if (svc->service.type == INTENT_LOAD_BALANCER
            && !strcmp(svc->service.load_balancer_class,
                       v->options->lb_class)) {
            struct lb_service *lb = xzalloc(sizeof *lb);

            lb->svc = svc;
            lb->bound = share_is_bound(s);
            lb->owner = lb->bound || (s && s->es) ? s : NULL;
            hmapx_init(&lb->nodes);
            shash_add_nocopy(&a->services, xasprintf("%s/%s", svc->namespace,
                                                     svc->name), lb);
        }
    }
}

/* Finds out for all services that are not bound which nodes have endpoints
 * that traffic can go to. */
static void
read_endpoints(struct announce *a, struct view *v)
{
    for (size_t i = 0; i < v->kinds[INTENT_ENDPOINT_SLICE].n; i++) {
        const struct intent_object *obj
            = v->kinds[INTENT_ENDPOINT_SLICE].objs[i];
        const struct intent_endpoint_slice *slice = &obj->endpoint_slice;
        char *key = xasprintf("%s/%s", obj->namespace, slice->service);
        struct lb_service *lb = shash_find_data(&a->services, key);

        for (size_t j = 0; j < slice->n_endpoints && lb && !lb->bound; j++) {
            const struct intent_endpoint *e = &slice->endpoints[j];
            struct view_node *node
                = (e->addresses.n
                   ? view_find_endpoint_node(v, e, &e->addresses.items[0])
                   : NULL);

            if (view_is_usable(e)) {
                lb->usable = true;
                if (node && lb->svc->service.etp_local) {
                    hmapx_add(&lb->nodes, node);
                }
            }
        }
        free(key);
    }
}

/* Announcing. */

/* Returns the prefix that announces 'ip'. */
static struct ip_prefix
aggregate(const struct in6_addr *ip, const struct advert *advert)
{
    char text[IP_STRLEN], buf[IP_STRLEN + 8];
    struct ip_prefix prefix;

    snprintf(buf, sizeof buf, "%s/%u", ip_format(ip, text),
             advert->length[ip_family(ip)]);
    bool ok = ip_prefix_parse(buf, &prefix, NULL);
    ovs_assert(ok);
    return prefix;
}

/* Adds 'prefix' to what 'session' announces, as 'advert' says, and returns its
 * text, which lives as long as 'session'. */
static const char *
add_prefix(struct view *v, struct announce_session *session,
           const struct ip_prefix *prefix, struct advert *advert)
{
    char text[IP_STRLEN];
    struct shash_node *node = shash_find(&session->prefixes,
                                         ip_prefix_format(prefix, text));
    const char *community;

    if (!node) {
        struct announce_prefix *new = xmalloc(sizeof *new);

        *new = (struct announce_prefix) {
            .prefix = *prefix,
            .local_pref = -1,
            .med = -1,
            .prepends = -1,
            .communities = SSET_INITIALIZER(&new->communities),
        };
        node = shash_add(&session->prefixes, text, new);
    }

    struct announce_prefix *p = node->data;
    SSET_FOR_EACH (community, &advert->communities) {
        sset_add(&p->communities, community);
    }
    if (p->local_pref >= 0 && advert->local_pref >= 0
        && p->local_pref != advert->local_pref && !advert->told) {
        plan_problem_of(&v->plan->problems, INTENT_WARNING, advert->obj,
                        "spec.localPref", "another BGPAdvertisement gives %s, "
                        "on the same node to the same peer, another localPref:"
                        " the higher one counts", text);
        advert->told = true;
    }
    p->local_pref = MAX(p->local_pref, advert->local_pref);
    return node->name;
}

static void
add_item(struct view_service *owner, const struct announce_session *session,
         const char *prefix)
{
    struct view_announced *as = &owner->announced;

    for (size_t i = as->n; i-- > 0
         && as->items[i].session->node == session->node; ) {
        if (as->items[i].session == session && as->items[i].prefix == prefix) {
            return;
        }
    }
    if (as->n >= as->allocated) {
        as->items = x2nrealloc(as->items, &as->allocated, sizeof *as->items);
    }
    as->items[as->n++] = (struct announce_item) { session, prefix };
}

/* Returns the adverts of 'pool' on 'node'. */
static const struct advert_set *
find_set(struct announce *a, const struct view_node *node,
         const struct pool *pool)
{
    size_t index = pool - a->pools.pools;
    uint32_t hash = hash_pointer(node, index);
    struct node_set *ns;

    HMAP_FOR_EACH_WITH_HASH (ns, hmap_node, hash, &a->sets) {
        if (ns->node == node && ns->pool == index) {
            return ns->set;
        }
    }
    ns = xmalloc(sizeof *ns);
    *ns = (struct node_set) {
        .node = node,
        .pool = index,
        .set = adverts_find(&a->adverts, index, &node->labels,
                            &node->our_labels),
    };
    hmap_insert(&a->sets, &ns->hmap_node, hash);
    return ns->set;
}

/* Notes why 'lb' is not announced, if nobody did yet. */
static void OVS_PRINTF_FORMAT(3, 4)
explain(const struct lb_service *lb, const char *reason, const char *format,
        ...)
{
    if (lb->owner && !lb->owner->announced.why.reason) {
        va_list args;

        va_start(args, format);
        char *message = xvasprintf(format, args);
        va_end(args);
        view_reason_set(&lb->owner->announced.why, reason, "%s", message);
        free(message);
    }
}

/* How new an announcement is: see epoch.c. */
struct rank {
    uint32_t epoch;
    int prepends;
};

/* Returns the rank of 'ip' of 'lb' on 'node': that of the host, or what all
 * nodes have, or of what no EgressService decides about, older than any. */
static struct rank
get_rank(struct view *v, const struct lb_service *lb,
         const struct in6_addr *ip, const struct view_node *node)
{
    const struct view_service *s
        = lb->bound ? lb->owner : share_find_host(v, ip);
    const struct view_service *all = s ? NULL : share_find_all(v, ip);
    const struct view_work *w
        = share_is_bound(s) ? view_find_work(v, node, s) : NULL;

    return (w ? (struct rank) { w->epoch, w->prepends }
            : all && all->epoch ? (struct rank) { all->epoch, all->prepends }
            : (struct rank) { 0, EPOCH_PREPENDS_OF_NONE });
}

/* Has a router prefer the newest of those who announce 'prefix', the address
 * of a service alone: it has the lowest MED and, if that is wanted, the
 * shortest AS path, whatever the others still announce. */
static void
set_rank(struct view *v, const struct lb_service *lb,
         const struct in6_addr *ip, const struct announce_session *session,
         const char *text, const struct ip_prefix *prefix)
{
    struct announce_prefix *p = shash_find_data(&session->prefixes, text);

    if (prefix->plen == (ip_family(&prefix->addr) == IP_V4 ? 32 : 128)) {
        const struct rank rank = get_rank(v, lb, ip, session->node);
        int64_t med = (int64_t) UINT32_MAX - rank.epoch;

        p->med = p->med < 0 ? med : MIN(p->med, med);
        if (v->options->newest_by == PLAN_NEWEST_BY_AS_PATH) {
            p->prepends = (p->prepends < 0 ? rank.prepends
                           : MIN(p->prepends, rank.prepends));
        }
    }
}

/* Announces 'ip' of 'lb' from 'node', as 'advert' says.  Returns true if there
 * is a peer to announce it to. */
static bool
announce_ip(struct view *v, const struct lb_service *lb,
            const struct view_node *node, const struct in6_addr *ip,
            struct advert *advert)
{
    const struct ip_prefix prefix = aggregate(ip, advert);
    bool any = false;

    for (size_t i = 0; i < node->n_sessions; i++) {
        struct announce_session *session = node->sessions[i];
        const struct intent_object *peer = session->peer->obj;

        if (!session->obstacle && advert_has_peer(advert, peer->name)
            && intent_bgp_peer_carries(&peer->bgp_peer, ip_family(ip))) {
            const char *text = add_prefix(v, session, &prefix, advert);

            any = true;
            set_rank(v, lb, ip, session, text, &prefix);
            if (lb->owner) {
                add_item(lb->owner, session, text);
            }
        }
    }
    if (!any) {
        explain(lb, "NoPeer", "no BGPPeer that BGPAdvertisement %s is for has "
                "a session with node %s for this family",
                advert->obj->name, node->name);
    }
    return any;
}

/* Announces 'ip' of 'lb' from 'node', if it may be.  Returns true if it is. */
static bool
announce_from(struct view *v, const struct lb_service *lb,
              const struct view_node *node, const struct in6_addr *ip,
              const struct pool *pool)
{
    const struct advert_set *set = find_set(v->announce, node, pool);
    bool any = false;
    bool announced = false;

    for (size_t i = 0; i < set->n; i++) {
        struct advert *advert = set->adverts[i];

        if (!advert_has_service(advert, &lb->svc->labels)) {
            continue;
        }
        any = true;
        if (advert->unknown_alias) {
            explain(lb, "UnknownCommunity", "BGPAdvertisement %s: no Community"
                    " has the alias \"%s\"", advert->obj->name,
                    advert->unknown_alias);
        } else if (announce_ip(v, lb, node, ip, advert)) {
            announced = true;
        }
    }
    if (!any) {
        explain(lb, "NoAdvertisement", "no BGPAdvertisement is for this "
                "Service, IPAddressPool %s and node %s", pool->obj->name,
                node->name);
    }
    return announced;
}

/* True if it is for 'node' to announce 'ip' of 'lb': an address that a service
 * with a host has too is announced there alone. */
static bool
may_announce_ip(const struct view *v, const struct lb_service *lb,
                const struct view_node *node, const struct in6_addr *ip)
{
    const struct view_service *s
        = lb->bound ? NULL : share_find_host(v, ip);
    const struct view_work *w = s ? view_find_work(v, node, s) : NULL;

    return !share_is_bound(s) || (w && w->after == WORK_ACTIVE);
}

/* Returns the addresses of 'lb' that 'node' may announce, '*n' of them, for
 * the caller to free: a former host has those of its row, but for one that
 * another service has now. */
static struct in6_addr *
get_ips(const struct view *v, const struct lb_service *lb,
        const struct view_node *node, size_t *n)
{
    const struct view_work *w
        = lb->bound ? view_find_work(v, node, lb->owner) : NULL;
    const struct plan_column *c
        = w && w->frozen ? share_get_row_ingress(w) : NULL;
    size_t max = (c ? c->datum.n
                  : lb->svc->service.ingress_ips.n + IP_N_FAMILIES);
    struct in6_addr *ips = xmalloc(MAX(max, 1) * sizeof *ips);

    if (!c) {
        *n = view_get_ingress(v, lb->svc, ips, max);
        return ips;
    }
    *n = 0;
    for (size_t i = 0; i < max; i++) {
        if (ip_addr_parse(json_string(c->datum.keys[i].s), &ips[*n])) {
            const struct view_service *s = share_find_host(v, &ips[*n]);

            *n += !s || s == lb->owner;
        }
    }
    return ips;
}

static void
announce_service_from(struct view *v, const struct lb_service *lb,
                      const struct view_node *node)
{
    size_t n;
    struct in6_addr *ips = get_ips(v, lb, node, &n);

    if (!may_announce(node)) {
        if (node->obj && node->n_sessions) {
            explain(lb, "NodeExcluded", "node %s is %s", node->name,
                    node->obj->node.network_unavailable
                    ? "without network" : "excluded from load balancers");
        } else {
            explain(lb, "NoPeer", "no BGPPeer is for node %s", node->name);
        }
        n = 0;
    }
    for (size_t i = 0; i < n; i++) {
        struct pool *pool = pools_find_by_ip(&v->announce->pools, &ips[i]);

        if (!may_announce_ip(v, lb, node, &ips[i])) {
            continue;
        } else if (pool) {
            if (!announce_from(v, lb, node, &ips[i], pool) && lb->bound) {
                lb->owner->announced.n_missing++;
            }
        } else {
            char buf[IP_STRLEN];
            explain(lb, ANNOUNCE_NOT_MANAGED, "%s is in no IPAddressPool",
                    ip_format(&ips[i], buf));
        }
    }
    free(ips);
}

/* Announces 'lb' from all nodes that may. */
static void
announce_service(struct view *v, const struct lb_service *lb)
{
    const struct view_service *s = lb->owner;

    if (lb->bound) {
        for (size_t i = 0; i < s->n_works; i++) {
            if (s->works[i]->after == WORK_ACTIVE && s->works[i]->node->obj) {
                announce_service_from(v, lb, s->works[i]->node);
            }
        }
    } else if (lb->usable) {
        for (size_t i = 0; i < v->n_nodes; i++) {
            struct view_node *node = v->node_array[i];

            if ((may_announce(node) || lb->owner)
                && (!lb->svc->service.etp_local
                    || hmapx_contains(&lb->nodes, node))) {
                announce_service_from(v, lb, node);
            }
        }
    }
}

void
announce_run(struct view *v)
{
    const struct shash_node **sorted;
    struct announce *a;

    if (!v->options->announce || !v->kinds[INTENT_BGP_PEER].n) {
        return;
    }
    v->announce = a = xzalloc(sizeof *a);
    shash_init(&a->services);
    hmap_init(&a->sets);
    for (size_t i = 0; i < v->n_nodes; i++) {
        renew_labels(v->node_array[i]);
    }
    a->peers = announce_read_peers(v, &a->n_peers);
    pools_init(&a->pools, v);
    adverts_init(&a->adverts, v, &a->pools);
    read_services(a, v);
    read_endpoints(a, v);

    sorted = shash_sort(&a->services);
    for (size_t i = 0; i < shash_count(&a->services); i++) {
        announce_service(v, sorted[i]->data);
    }
    free(sorted);
}

const struct announce_peer *
announce_get_peers(const struct view *v, size_t *n)
{
    *n = v->announce ? v->announce->n_peers : 0;
    return v->announce ? v->announce->peers : NULL;
}

void
announce_destroy(struct announce *a)
{
    struct shash_node *sn;
    struct node_set *ns;

    if (!a) {
        return;
    }
    SHASH_FOR_EACH (sn, &a->services) {
        struct lb_service *lb = sn->data;
        hmapx_destroy(&lb->nodes);
    }
    shash_destroy_free_data(&a->services);
    HMAP_FOR_EACH_POP (ns, hmap_node, &a->sets) {
        advert_set_destroy(ns->set);
        free(ns);
    }
    hmap_destroy(&a->sets);
    adverts_destroy(&a->adverts);
    pools_destroy(&a->pools);
    announce_peers_destroy(a->peers, a->n_peers);
    free(a);
}
