/* SPDX-License-Identifier: Apache-2.0 */

/* Addresses that are no good as ingress addresses: see the header. */

#include <config.h>

#include "plan/world/reserved.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/hmap.h"
#include "plan/rows/ip-hash.h"
#include "plan/world/view.h"
#include "util.h"

/* An address that an object has. */
struct reserved_ip {
    struct hmap_node hmap_node; /* In reserved.ips. */
    struct in6_addr ip;
    const char *what;           /* "is an address of"; static. */
    char *owner;                /* "Node worker1". */
};

/* A network of which no address may be given. */
struct reserved_network {
    struct ip_prefix prefix;
    const char *what;           /* "is in the network of pods"; static. */
};

struct reserved {
    struct hmap ips;
    struct reserved_network *networks;
    size_t n_networks;
};

static const struct reserved_ip *
find_ip(const struct reserved *r, const struct in6_addr *ip)
{
    const struct reserved_ip *i;

    HMAP_FOR_EACH_WITH_HASH (i, hmap_node, ip_hash(ip), &r->ips) {
        if (!memcmp(&i->ip, ip, sizeof *ip)) {
            return i;
        }
    }
    return NULL;
}

static const struct reserved_network *
find_network(const struct reserved *r, const struct in6_addr *ip)
{
    for (size_t i = 0; i < r->n_networks; i++) {
        if (ip_family(&r->networks[i].prefix.addr) == ip_family(ip)
            && ip_prefix_contains(&r->networks[i].prefix, ip)) {
            return &r->networks[i];
        }
    }
    return NULL;
}

/* Filling. */

static void
add_ip(struct reserved *r, const struct in6_addr *ip, const char *what,
       const struct intent_object *owner)
{
    if (ip_is_set(ip) && !find_ip(r, ip)) {
        struct reserved_ip *i = xmalloc(sizeof *i);

        *i = (struct reserved_ip) {
            .ip = *ip, .what = what,
            .owner = xstrdup(intent_object_id(owner)),
        };
        hmap_insert(&r->ips, &i->hmap_node, ip_hash(ip));
    }
}

static void
add_ips(struct reserved *r, const struct intent_ips *ips, const char *what,
        const struct intent_object *owner)
{
    for (size_t i = 0; i < ips->n; i++) {
        add_ip(r, &ips->items[i], what, owner);
    }
}

static void
add_networks(struct reserved *r, const struct ip_prefix *prefixes, size_t n,
             const char *what)
{
    r->networks = xrealloc(r->networks,
                           (r->n_networks + n) * sizeof *r->networks);
    for (size_t i = 0; i < n; i++) {
        r->networks[r->n_networks++]
            = (struct reserved_network) { prefixes[i], what };
    }
}

static void
add_text_network(struct reserved *r, const char *text, const char *what)
{
    struct ip_prefix prefix;

    if (ip_prefix_parse(text, &prefix, NULL)) {
        add_networks(r, &prefix, 1, what);
    }
}

static void
add_nodes(struct reserved *r, const struct view *v)
{
    static const char what[] = "is an address of";

    for (size_t i = 0; i < v->n_nodes; i++) {
        const struct view_node *node = v->node_array[i];

        if (!node->obj) {
            continue;
        }
        add_ips(r, &node->obj->node.addresses, what, node->obj);
        for (int f = 0; f < IP_N_FAMILIES; f++) {
            add_ip(r, &node->obj->node.mgmt_ips[f], what, node->obj);
            add_ip(r, &node->obj->node.join_ips[f], what, node->obj);
            add_ip(r, &node->obj->node.transit_ips[f], what, node->obj);
            if (node->nb) {
                add_ip(r, &node->nb->mgmt_ips[f], what, node->obj);
                add_ip(r, &node->nb->join_ips[f], what, node->obj);
                add_ip(r, &node->nb->transit_ips[f], what, node->obj);
            }
        }
        add_networks(r, node->subnets, node->n_subnets,
                     "is in a node's network of pods");
    }
}

static void
add_policy(struct reserved *r, const struct intent_object *obj)
{
    const struct intent_nncp *nncp = &obj->nncp;

    for (size_t i = 0; i < nncp->n_interfaces; i++) {
        for (int f = 0; f < IP_N_FAMILIES; f++) {
            const struct intent_prefixes *addresses
                = &nncp->interfaces[i].ip[f].addresses;

            for (size_t j = 0; j < addresses->n; j++) {
                add_ip(r, &addresses->items[j].addr,
                       "is an address of nodes by", obj);
            }
        }
    }
    for (size_t i = 0; i < nncp->n_routes; i++) {
        if (!nncp->routes[i].absent) {
            add_ip(r, &nncp->routes[i].next_hop, "is a gateway of", obj);
        }
    }
}

static void
add_objects(struct reserved *r, const struct view *v)
{
    const struct view_kind *k = &v->kinds[INTENT_NNCP];

    for (size_t i = 0; i < k->n; i++) {
        add_policy(r, k->objs[i]);
    }
    k = &v->kinds[INTENT_BGP_PEER];
    for (size_t i = 0; i < k->n; i++) {
        add_ip(r, &k->objs[i]->bgp_peer.peer_address, "is the address of",
               k->objs[i]);
        add_ip(r, &k->objs[i]->bgp_peer.source_address,
               "is the nodes' address for", k->objs[i]);
    }
    k = &v->kinds[INTENT_SERVICE];
    for (size_t i = 0; i < k->n; i++) {
        add_ips(r, &k->objs[i]->service.cluster_ips, "is the ClusterIP of",
                k->objs[i]);
    }
}

struct reserved *
reserved_create(const struct view *v)
{
    const struct plan_options *o = v->options;
    struct reserved *r = xzalloc(sizeof *r);

    hmap_init(&r->ips);
    add_nodes(r, v);
    add_objects(r, v);
    add_networks(r, v->cluster_networks, v->n_cluster_networks,
                 "is in the network of pods");
    add_networks(r, o->service_networks, o->n_service_networks,
                 "is in the network of ClusterIPs");
    add_networks(r, v->join.items, v->join.n,
                 "is in the network between OVN's routers");
    add_networks(r, v->masquerade.items, v->masquerade.n,
                 "is in the masquerade network");
    add_text_network(r, "127.0.0.0/8", "is a loopback address");
    add_text_network(r, "::1/128", "is a loopback address");
    add_text_network(r, "224.0.0.0/4", "is a multicast address");
    add_text_network(r, "ff00::/8", "is a multicast address");
    add_text_network(r, "169.254.0.0/16", "is a link-local address");
    add_text_network(r, "fe80::/10", "is a link-local address");
    add_text_network(r, "0.0.0.0/8", "is no host's address");
    add_text_network(r, "255.255.255.255/32", "is the broadcast address");
    return r;
}

void
reserved_destroy(struct reserved *r)
{
    struct reserved_ip *i;

    if (!r) {
        return;
    }
    HMAP_FOR_EACH_POP (i, hmap_node, &r->ips) {
        free(i->owner);
        free(i);
    }
    hmap_destroy(&r->ips);
    free(r->networks);
    free(r);
}

char *
reserved_why(const struct reserved *r, const struct in6_addr *ip)
{
    const struct reserved_ip *i = find_ip(r, ip);
    const struct reserved_network *n = i ? NULL : find_network(r, ip);

    return (i ? xasprintf("%s %s", i->what, i->owner)
            : n ? xstrdup(n->what) : NULL);
}

bool
reserved_has(const struct reserved *r, const struct in6_addr *ip)
{
    return find_ip(r, ip) || find_network(r, ip);
}
