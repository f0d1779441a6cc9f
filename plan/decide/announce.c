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
#include "plan/decide/decide.h"
#include "util.h"

/* A Service that we may announce. */
struct lb_service {
    const struct intent_object *svc;
    const struct view_service *service; /* Of the view, or NULL. */
    struct ledger_entry *entry;
    bool bound;                 /* To the nodes that are active for it. */
    bool usable;                /* Unless bound: there is an endpoint. */
    struct hmapx nodes;         /* Unless bound, and if ETP is Local: nodes
                                 * with a usable endpoint. */
};

/* The adverts of a pool on a node. */
struct node_set {
    struct hmap_node hmap_node; /* In announce.sets. */
    const struct view_node *node;
    size_t pool;                /* Index. */
    struct advert_set *set;
};

/* Nodes. */

static bool
may_announce(const struct view *v, const struct view_node *node)
{
    return (node->obj && announce_get_node(v->announce, node)->n_sessions
            && !node->obj->node.network_unavailable
            && !node->obj->node.exclude_lb);
}

static struct advert_set *
make_set(const struct view *v, const struct view_node *node, size_t pool)
{
    struct intent_map labels = labels_get(v, node);
    struct advert_set *set = adverts_find(
        &v->announce->adverts, pool, &labels,
        &ledger_node(v->ledger, node)->labels);

    free(labels.pairs);
    return set;
}

/* Returns the adverts of the pool with that index on 'node', or NULL if nobody
 * has asked for them. */
static const struct node_set *
find_set(const struct announce *a, const struct view_node *node, size_t pool)
{
    struct node_set *ns;

    HMAP_FOR_EACH_WITH_HASH (ns, hmap_node, hash_pointer(node, pool),
                             &a->sets) {
        if (ns->node == node && ns->pool == pool) {
            return ns;
        }
    }
    return NULL;
}

static const struct advert_set *
get_set(struct view *v, const struct view_node *node, const struct pool *pool)
{
    struct announce *a = v->announce;
    size_t index = pool - a->pools.pools;
    const struct node_set *old = find_set(a, node, index);

    if (old) {
        return old->set;
    }
    struct node_set *ns = xmalloc(sizeof *ns);
    *ns = (struct node_set) {
        .node = node,
        .pool = index,
        .set = make_set(v, node, index),
    };
    hmap_insert(&a->sets, &ns->hmap_node, hash_pointer(node, index));
    return ns->set;
}

/* Finds out whether other adverts are for 'node' since it has other labels of
 * ours: that concerns all services there. */
static bool
sets_changed(const struct view *v, const struct view_node *node)
{
    const struct announce *a = v->announce;
    bool changed = false;

    for (size_t i = 0; i < a->pools.n_pools && !changed; i++) {
        const struct node_set *old = find_set(a, node, i);

        if (old) {
            struct advert_set *new = make_set(v, node, i);

            changed = !advert_set_equals(old->set, new);
            advert_set_destroy(new);
        }
    }
    return changed;
}

/* Services. */

/* Finds out which nodes have endpoints of 'lb' that traffic can go to. */
static void
read_endpoints(const struct view *v, struct lb_service *lb)
{
    size_t n;
    struct intent_object **slices = view_find_slices(
        v, lb->svc->namespace, lb->svc->name, &n);

    for (size_t i = 0; i < n; i++) {
        const struct intent_endpoint_slice *slice = &slices[i]->endpoint_slice;

        for (size_t j = 0; j < slice->n_endpoints; j++) {
            const struct intent_endpoint *e = &slice->endpoints[j];
            const struct view_node *node
                = (e->addresses.n
                   ? view_find_endpoint_node(v, e, &e->addresses.items[0])
                   : NULL);

            if (view_is_usable(e)) {
                lb->usable = true;
                if (node && lb->svc->service.etp_local) {
                    hmapx_add(&lb->nodes,
                              CONST_CAST(struct view_node *, node));
                }
            }
        }
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

/* Notes why 'lb' is not announced, if nobody did yet. */
static void OVS_PRINTF_FORMAT(3, 4)
explain(const struct lb_service *lb, const char *reason, const char *format,
        ...)
{
    struct announced *as = &lb->entry->announced;

    if (as->described && !as->why.reason) {
        va_list args;

        va_start(args, format);
        as->why.reason = reason;
        as->why.message = xvasprintf(format, args);
        va_end(args);
    }
}

/* Returns the rank of 'ip' of 'lb' on 'node': that of the host, or what all
 * nodes have, or of what no EgressService decides about, older than any. */
static struct rank
get_rank(const struct view *v, const struct lb_service *lb,
         const struct in6_addr *ip, const struct view_node *node)
{
    const struct view_service *s
        = lb->bound ? lb->service : share_find_host(v, ip);
    const struct view_service *all = s ? NULL : share_find_all(v, ip);
    const struct view_work *w
        = share_is_bound(s) ? view_find_work(v, node, s) : NULL;

    return (w ? w->next->rank
            : all && all->next->rank_of_all.epoch ? all->next->rank_of_all
            : (struct rank) { 0, EPOCH_PREPENDS_OF_NONE });
}

/* Announces 'ip' of 'lb' from 'node', as 'advert' says.  Returns true if there
 * is a peer to announce it to. */
static bool
announce_ip(const struct view *v, const struct lb_service *lb,
            const struct view_node *node, const struct in6_addr *ip,
            struct advert *advert)
{
    const struct announce_node *in = announce_get_node(v->announce, node);
    const struct ip_prefix prefix = aggregate(ip, advert);
    const struct rank rank = get_rank(v, lb, ip, node);
    bool any = false;

    for (size_t i = 0; i < in->n_sessions; i++) {
        struct announce_session *session = in->sessions[i];
        const struct intent_object *peer = session->peer->obj;

        if (!session->obstacle && advert_has_peer(advert, peer->name)
            && intent_bgp_peer_carries(&peer->bgp_peer, ip_family(ip))) {
            any = true;
            announce_add_claim(&lb->entry->announced, session, &prefix,
                               advert, rank.epoch, rank.prepends);
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
    const struct advert_set *set = get_set(v, node, pool);
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

    return !share_is_bound(s) || (w && w->next->state == WORK_ACTIVE);
}

/* Returns the addresses of 'lb' that 'node' may announce, '*n' of them, for
 * the caller to free: a former host has those of its row, but for one that
 * another service has now. */
static struct in6_addr *
get_ips(const struct view *v, const struct lb_service *lb,
        const struct view_node *node, size_t *n)
{
    const struct view_work *w
        = lb->bound ? view_find_work(v, node, lb->service) : NULL;
    const struct plan_column *c
        = w && w->next->frozen ? share_get_row_ingress(w) : NULL;
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

            *n += !s || s == lb->service;
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

    if (!may_announce(v, node)) {
        if (node->obj && announce_get_node(v->announce, node)->n_sessions) {
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
                lb->entry->announced.n_missing++;
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
    const struct view_service *s = lb->service;

    if (lb->bound) {
        for (size_t i = 0; i < s->n_works; i++) {
            const struct view_work *w = s->works[i];

            if (w->next->state == WORK_ACTIVE && w->node->obj) {
                announce_service_from(v, lb, w->node);
            }
        }
    } else if (lb->usable) {
        for (size_t i = 0; i < v->n_nodes; i++) {
            const struct view_node *node = v->node_array[i];

            if ((may_announce(v, node) || lb->entry->announced.described)
                && (!lb->svc->service.etp_local
                    || hmapx_contains(&lb->nodes, node))) {
                announce_service_from(v, lb, node);
            }
        }
    }
}

/* True if 'svc' is for us to announce. */
static bool
is_ours(const struct view *v, const struct intent_object *svc)
{
    return (svc && svc->service.type == INTENT_LOAD_BALANCER
            && !strcmp(svc->service.load_balancer_class,
                       v->options->lb_class));
}

/* Announces the Service of that name instead of what it was before. */
static void
announce_key(struct view *v, const char *namespace, const char *name)
{
    char *key = xasprintf("%s/%s", namespace, name);
    const struct intent_object *svc = view_find_object(v, INTENT_SERVICE,
                                                       namespace, name);
    const struct view_service *s = view_find_service(v, namespace, name);
    const struct ledger_entry *old = ledger_find_withdrawn(v->ledger, key);
    struct ledger_entry *entry = (s || is_ours(v, svc)
                                  ? ledger_get(v->ledger, key) : NULL);

    if (is_ours(v, svc)) {
        struct lb_service lb = {
            .svc = svc,
            .service = s,
            .entry = entry,
            .bound = share_is_bound(s),
            .nodes = HMAPX_INITIALIZER(&lb.nodes),
        };

        entry->announced.described = lb.bound || (s && s->es);
        ledger_note_addresses(v, svc, entry);
        if (!lb.bound) {
            read_endpoints(v, &lb);
        }
        announce_service(v, &lb);
        hmapx_destroy(&lb.nodes);
    }
    announce_enter(v, entry, old ? &old->announced : NULL);
    free(key);
}

/* Announces the services that are planned. */
static void
announce_keys(struct view *v)
{
    const char **keys = sset_sort(v->keys);

    for (size_t i = 0; i < sset_count(v->keys); i++) {
        const char *slash = strchr(keys[i], '/');

        if (slash) {
            char *namespace = xmemdup0(keys[i], slash - keys[i]);

            announce_key(v, namespace, slash + 1);
            free(namespace);
        }
    }
    free(keys);
}

static void
announce_all(struct view *v)
{
    struct announce *a = v->announce = xzalloc(sizeof *a);

    shash_init(&a->sessions);
    hmap_init(&a->sets);
    sset_init(&a->stale);
    pools_init(&a->pools, v);
    adverts_init(&a->adverts, v, &a->pools);
    announce_read_peers(v, a);
    for (size_t i = 0; i < v->kinds[INTENT_SERVICE].n; i++) {
        const struct intent_object *svc = v->kinds[INTENT_SERVICE].objs[i];

        announce_key(v, svc->namespace, svc->name);
    }
}

void
announce_run(struct view *v)
{
    struct hmapx_node *hn;

    if (!v->announces) {
        return;
    } else if (!v->keys) {
        announce_all(v);
        return;
    }
    HMAPX_FOR_EACH (hn, &v->ledger->touched) {
        const struct ledger_node *node = hn->data;

        v->ledger->clash |= sets_changed(v, node->node);
    }
    announce_keys(v);
}

void
announce_renew(struct view *v, const struct sset *changed)
{
    struct shash_node *sn;

    if (!v->announce) {
        return;
    }
    SHASH_FOR_EACH (sn, &v->announce->sessions) {
        struct announce_session *session = sn->data;

        session->prior = shash_find_data(&v->prior->peers, session->key);
        session->touched = sset_contains(changed, session->key);
    }
}

void
announce_end_run(struct announce *a, const struct sset *keys)
{
    struct shash_node *sn;
    const char *key;

    if (!a) {
        return;
    }
    SHASH_FOR_EACH (sn, &a->sessions) {
        struct announce_session *session = sn->data;

        session->touched = false;
    }
    if (keys) {
        SSET_FOR_EACH (key, keys) {
            sset_find_and_delete(&a->stale, key);
        }
    } else {
        sset_clear(&a->stale);
    }
}

void
announce_destroy(struct announce *a)
{
    struct node_set *ns;

    if (!a) {
        return;
    }
    HMAP_FOR_EACH_POP (ns, hmap_node, &a->sets) {
        advert_set_destroy(ns->set);
        free(ns);
    }
    hmap_destroy(&a->sets);
    adverts_destroy(&a->adverts);
    pools_destroy(&a->pools);
    shash_destroy(&a->sessions);
    announce_peers_destroy(a);
    sset_destroy(&a->stale);
    free(a);
}
