/* SPDX-License-Identifier: Apache-2.0 */

/* Checks of BGPPeers, IPAddressPools and BGPAdvertisements against each other
 * and the policies.  Called by check.c. */

#include <config.h>

#include "plan/check/check.h"

#include <stdlib.h>
#include <string.h>

#include "plan/rows/problem.h"
#include "util.h"

#define WARN(C, OBJ, FIELD, ...) \
    plan_problem_of((C)->problems, INTENT_WARNING, OBJ, FIELD, __VA_ARGS__)
#define ERROR(C, OBJ, FIELD, ...) \
    plan_problem_of((C)->problems, INTENT_ERROR, OBJ, FIELD, __VA_ARGS__)

/* Peers. */

/* True if some node may have both peers. */
static bool
may_share_node(const struct check *c, const struct intent_bgp_peer *a,
               const struct intent_bgp_peer *b)
{
    for (size_t i = 0; i < c->v->n_nodes; i++) {
        const struct intent_map *labels = &c->v->node_array[i]->labels;
        if (intent_selectors_match(a->node_selectors.items,
                                   a->node_selectors.n, labels)
            && intent_selectors_match(b->node_selectors.items,
                                      b->node_selectors.n, labels)) {
            return true;
        }
    }
    return !c->v->n_nodes;
}

/* Checks 'a' against 'b', an earlier one. */
static void
check_two_peers(struct check *c, const struct intent_object *a_,
                const struct intent_object *b_)
{
    const struct intent_bgp_peer *a = &a_->bgp_peer;
    const struct intent_bgp_peer *b = &b_->bgp_peer;
    bool same_vrf = !strcmp(a->vrf, b->vrf);
    bool same_peer = (same_vrf && !strcmp(a->interface, b->interface)
                      && !ip_compare(&a->peer_address, &b->peer_address));
    bool other_asn = same_vrf && a->my_asn != b->my_asn;
    bool other_id = *a->router_id && *b->router_id
                    && strcmp(a->router_id, b->router_id);

    if ((same_peer || other_asn || other_id) && may_share_node(c, a, b)) {
        const char *name = b_->name;
        if (same_peer) {
            ERROR(c, a_, "spec.peerAddress", "BGPPeer %s has the same peer in "
                  "the same VRF on the same nodes", name);
        } else if (other_asn) {
            ERROR(c, a_, "spec.myASN", "must be that of BGPPeer %s in the same"
                  " VRF", name);
        } else {
            ERROR(c, a_, "spec.routerID", "must be that of BGPPeer %s", name);
        }
    }
}

/* Finds out whether 'peer' is on one of the networks of the VRF's ports, or
 * routed in its table; and whether any address of a port is known at all. */
static bool
is_reachable(const struct intent_nncp *nncp, const char *vrf,
             const struct in6_addr *peer, bool *known)
{
    const struct intent_interface *v = NULL;

    for (size_t i = 0; i < nncp->n_interfaces && !v; i++) {
        if (!strcmp(nncp->interfaces[i].name, vrf)) {
            v = &nncp->interfaces[i];
        }
    }
    for (size_t i = 0; v && i < v->vrf_ports.n; i++) {
        for (size_t j = 0; j < nncp->n_interfaces; j++) {
            const struct intent_interface *port = &nncp->interfaces[j];
            const struct intent_prefixes *ips
                = &port->ip[ip_family(peer)].addresses;

            for (size_t k = 0; k < ips->n
                 && !strcmp(port->name, v->vrf_ports.items[i]); k++) {
                *known = true;
                if (ip_prefix_contains(&ips->items[k], peer)) {
                    return true;
                }
            }
        }
    }
    for (size_t i = 0; v && i < nncp->n_routes; i++) {
        const struct intent_route *r = &nncp->routes[i];
        if (r->table == v->vrf_table && !r->absent
            && ip_prefix_contains(&r->destination, peer)) {
            return true;
        }
    }
    return false;
}

/* True if 'policy' makes the VRF 'name'. */
static bool
makes_vrf(const struct intent_object *policy, const char *name)
{
    for (size_t i = 0; i < policy->nncp.n_interfaces; i++) {
        const struct intent_interface *iface = &policy->nncp.interfaces[i];
        if (iface->vrf_table && iface->state == INTENT_IF_UP
            && !strcmp(iface->name, name)) {
            return true;
        }
    }
    return false;
}

/* True if some node that 'p' selects gets its VRF, or if it selects none. */
static bool
has_vrf_somewhere(const struct check *c, const struct intent_bgp_peer *p)
{
    const struct view *v = c->v;
    bool any = false;

    for (size_t i = 0; i < v->n_nodes; i++) {
        const struct view_node *node = v->node_array[i];

        if (!intent_selectors_match(p->node_selectors.items,
                                    p->node_selectors.n, &node->labels)) {
            continue;
        }
        any = true;
        for (size_t j = 0; j < v->kinds[INTENT_NNCP].n; j++) {
            const struct intent_object *policy = v->kinds[INTENT_NNCP].objs[j];
            if (makes_vrf(policy, p->vrf)
                && check_policy_matches(policy, node)) {
                return true;
            }
        }
    }
    return !any;
}

static void
check_peer(struct check *c, const struct intent_object *obj)
{
    const struct intent_bgp_peer *p = &obj->bgp_peer;
    const struct intent_object *policy = shash_find_data(&c->vrfs, p->vrf);

    if (*p->vrf && !policy) {
        WARN(c, obj, "spec.vrf", "no policy makes a VRF \"%s\"", p->vrf);
    } else if (*p->vrf && !has_vrf_somewhere(c, p)) {
        WARN(c, obj, "spec.nodeSelectors", "no policy makes the VRF %s on any "
             "of the nodes that are selected", p->vrf);
    } else if (*p->vrf && ip_is_set(&p->peer_address)) {
        bool known = false;
        char buf[IP_STRLEN];

        if (!is_reachable(&policy->nncp, p->vrf, &p->peer_address, &known)
            && known) {
            WARN(c, obj, "spec.peerAddress", "%s is in no network and no route"
                 " of VRF %s in policy %s", ip_format(&p->peer_address, buf),
                 p->vrf, policy->name);
        }
    }
    if (*p->bfd_profile
        && !view_find_object(c->v, INTENT_BFD_PROFILE, obj->namespace,
                             p->bfd_profile)) {
        WARN(c, obj, "spec.bfdProfile", "there is no BFDProfile %s/%s: "
             "without it the session has no BFD", obj->namespace,
             p->bfd_profile);
    }
    if (*p->password_secret
        && !view_find_object(c->v, INTENT_SECRET, obj->namespace,
                             p->password_secret)) {
        WARN(c, obj, "spec.passwordSecret", "there is no Secret %s/%s",
             obj->namespace, p->password_secret);
    }
}

/* Pools. */

/* Sorts the ranges of all pools, so that those that overlap follow each other,
 * and complains of these. */
static void
index_ranges(struct check *c)
{
    pool_index_init(&c->index, &c->v->kinds[INTENT_IP_ADDRESS_POOL]);
    for (size_t i = 1; i < c->index.n; i++) {
        const struct pool_span *a = &c->index.spans[i - 1];
        const struct pool_span *b = &c->index.spans[i];
        if (ip_range_overlaps(&a->range, &b->range)) {
            ERROR(c, c->pools[b->pool].obj, "spec.addresses",
                  "overlap with those of IPAddressPool %s",
                  c->pools[a->pool].obj->name);
        }
    }
}

/* Returns the pool that has 'ip', or NULL. */
const struct check_pool *
check_find_pool(const struct check *c, const struct in6_addr *ip)
{
    size_t i;

    return pool_index_find(&c->index, ip, &i) ? &c->pools[i] : NULL;
}

static void
check_pool(struct check *c, const struct intent_object *obj)
{
    const struct intent_ip_address_pool *p = &obj->pool;
    bool any = !p->n_ranges || !p->avoid_buggy_ips;

    for (size_t i = 0; i < p->n_ranges && !any; i++) {
        const struct ip_range *r = &p->ranges[i];
        any = ip_compare(&r->first, &r->last) || !pool_is_buggy_ip(&r->first);
    }
    if (!any) {
        WARN(c, obj, "spec.avoidBuggyIPs", "leaves no address: all end in .0 "
             "or .255");
    }
}

/* Advertisements. */

/* Returns the key of the one label of ours that all nodes of 'a' have, or NULL
 * if it is for other nodes too. */
static const char *
find_label(const struct intent_bgp_advertisement *a)
{
    const char *label = NULL;

    for (size_t i = 0; i < a->node_selectors.n; i++) {
        const struct intent_selector *sel = &a->node_selectors.items[i];
        const char *found = NULL;

        for (size_t j = 0; j < sel->n; j++) {
            const struct intent_requirement *r = &sel->reqs[j];
            if (!strncmp(r->key, VIEW_LABEL_PREFIX"/",
                         strlen(VIEW_LABEL_PREFIX"/"))
                && (r->op == INTENT_SEL_IN || r->op == INTENT_SEL_EXISTS)) {
                found = r->key;
            }
        }
        if (!found || (label && strcmp(label, found))) {
            return NULL;
        }
        label = found;
    }
    return label;
}

size_t
check_pool_count(const struct check_pool *pool, const char *label)
{
    const void *n = shash_find_data(&pool->by_label, label);

    return (uintptr_t) n;
}

static void
add_advert(struct check_pool *pool, const struct intent_object *obj,
           const char *label)
{
    if (pool->n_adverts >= pool->allocated_adverts) {
        pool->adverts = x2nrealloc(pool->adverts, &pool->allocated_adverts,
                                   sizeof *pool->adverts);
    }
    pool->adverts[pool->n_adverts++] = obj;
    if (label) {
        uintptr_t n = check_pool_count(pool, label) + 1;
        shash_replace(&pool->by_label, label, (void *) n);
    }
}

/* Checks that each name in 'names' is that of an object of 'kind'. */
static void
check_names(struct check *c, const struct intent_object *obj,
            const char *field, const struct intent_strings *names,
            enum intent_kind kind)
{
    for (size_t i = 0; i < names->n; i++) {
        if (!view_find_object(c->v, kind, obj->namespace, names->items[i])) {
            WARN(c, obj, field, "there is no %s %s/%s",
                 intent_kind_name(kind), obj->namespace, names->items[i]);
        }
    }
}

/* An alias must be one of some Community; others are numbers with colons. */
static void
check_communities(struct check *c, const struct intent_object *obj)
{
    const struct intent_strings *names = &obj->advertisement.communities;

    for (size_t i = 0; i < names->n; i++) {
        bool found = strchr(names->items[i], ':') != NULL;
        for (size_t j = 0; j < c->v->kinds[INTENT_COMMUNITY].n; j++) {
            const struct intent_object *o
                = c->v->kinds[INTENT_COMMUNITY].objs[j];
            found = found || intent_map_get(&o->community.aliases,
                                            names->items[i]);
        }
        if (!found) {
            WARN(c, obj, "spec.communities", "no Community has the alias "
                  "\"%s\"", names->items[i]);
        }
    }
}

static void
check_advert(struct check *c, const struct intent_object *obj)
{
    const struct intent_bgp_advertisement *a = &obj->advertisement;
    const char *label = find_label(a);

    check_names(c, obj, "spec.ipAddressPools", &a->pools,
                INTENT_IP_ADDRESS_POOL);
    check_names(c, obj, "spec.peers", &a->peers, INTENT_BGP_PEER);
    check_communities(c, obj);
    if (label && !sset_contains(&c->v->labels, label)
        && c->v->kinds[INTENT_EGRESS_SERVICE].n) {
        WARN(c, obj, "spec.nodeSelectors", "no EgressService gives a node the "
             "label \"%s\" (it is made of namespace and name)", label);
    }
    for (size_t i = 0; i < a->pools.n; i++) {
        struct check_pool *pool = shash_find_data(&c->pools_by_name,
                                                  a->pools.items[i]);
        if (pool) {
            add_advert(pool, obj, label);
        }
    }
    for (size_t i = 0; i < c->n_pools
         && (a->pool_selectors.n || !a->pools.n); i++) {
        if (intent_selectors_match(a->pool_selectors.items,
                                   a->pool_selectors.n,
                                   &c->pools[i].obj->labels)) {
            add_advert(&c->pools[i], obj, label);
        }
    }
}

/* Makes the index of pools and checks all of MetalLB's objects. */
void
check_bgp(struct check *c)
{
    const struct view *v = c->v;

    c->n_pools = v->kinds[INTENT_IP_ADDRESS_POOL].n;
    c->pools = xcalloc(c->n_pools, sizeof *c->pools);
    for (size_t i = 0; i < c->n_pools; i++) {
        c->pools[i].obj = v->kinds[INTENT_IP_ADDRESS_POOL].objs[i];
        shash_init(&c->pools[i].by_label);
        shash_add_once(&c->pools_by_name, c->pools[i].obj->name,
                       &c->pools[i]);
        check_pool(c, c->pools[i].obj);
    }
    index_ranges(c);
    const struct intent_object **peers = view_sort_by_age(v, INTENT_BGP_PEER);
    for (size_t i = 0; i < v->kinds[INTENT_BGP_PEER].n; i++) {
        check_peer(c, peers[i]);
        for (size_t j = 0; j < i; j++) {
            check_two_peers(c, peers[i], peers[j]);
        }
    }
    free(peers);
    for (size_t i = 0; i < v->kinds[INTENT_BGP_ADVERTISEMENT].n; i++) {
        check_advert(c, v->kinds[INTENT_BGP_ADVERTISEMENT].objs[i]);
    }
}
