/* SPDX-License-Identifier: Apache-2.0 */

/* The addresses of nodes: see the header. */

#include <config.h>

#include "plan/world/node-address.h"

#include "plan/world/view.h"

/* True if pods may reach a node by 'ip': link-local and loopback addresses are
 * each host's own affair. */
static bool
is_reachable(const struct in6_addr *ip)
{
    if (ip_family(ip) == IP_V4) {
        const uint8_t *b = &ip->s6_addr[12];
        return (b[0] != 127 && b[0] != 0 && b[0] < 224
                && !(b[0] == 169 && b[1] == 254));
    }
    return (ip_is_set(ip) && !IN6_IS_ADDR_LOOPBACK(ip)
            && !IN6_IS_ADDR_LINKLOCAL(ip) && !IN6_IS_ADDR_MULTICAST(ip));
}

static void
add(struct svec *ips, const struct in6_addr *ip)
{
    char buf[IP_STRLEN];

    svec_add(ips, ip_format(ip, buf));
}

void
node_address_collect(const struct view *v, struct svec ips[IP_N_FAMILIES])
{
    for (size_t i = 0; i < v->n_nodes; i++) {
        const struct intent_ips *addresses
            = &v->node_array[i]->obj->node.addresses;

        for (size_t j = 0; j < addresses->n; j++) {
            const struct in6_addr *ip = &addresses->items[j];

            if (is_reachable(ip)) {
                add(&ips[ip_family(ip)], ip);
            }
        }
    }
}

static bool
is_in(const struct ip_prefix *nets, size_t n, const struct in6_addr *ip)
{
    for (size_t i = 0; i < n; i++) {
        if (ip_prefix_contains(&nets[i], ip)) {
            return true;
        }
    }
    return false;
}

/* True if no host has 'ip': it is for pods and what leads to them. */
static bool
is_inside(const struct view *v, const struct in6_addr *ip)
{
    const struct plan_options *o = v->options;

    return (is_in(v->cluster_networks, v->n_cluster_networks, ip)
            || is_in(o->service_networks, o->n_service_networks, ip)
            || is_in(v->join.items, v->join.n, ip)
            || view_locate(v, ip));
}

void
node_address_collect_reported(const struct view *v,
                              const struct view_node *node,
                              enum ip_family family, struct svec *ips)
{
    const char *text;

    if (!node->helper) {
        return;
    }
    SSET_FOR_EACH (text, &node->helper->addresses) {
        struct in6_addr ip;

        if (ip_addr_parse(text, &ip) && ip_family(&ip) == family
            && is_reachable(&ip) && !is_inside(v, &ip)
            && !node_address_is_known(v, &ip)) {
            add(ips, &ip);
        }
    }
}

bool
node_address_is_known(const struct view *v, const struct in6_addr *ip)
{
    for (size_t i = 0; i < v->n_nodes; i++) {
        const struct intent_ips *ips = &v->node_array[i]->obj->node.addresses;

        for (size_t j = 0; j < ips->n; j++) {
            if (!ip_compare(&ips->items[j], ip)) {
                return true;
            }
        }
    }
    return false;
}

bool
node_address_is_reported(const struct view *v, const struct in6_addr *ip)
{
    char text[IP_STRLEN];

    ip_format(ip, text);
    for (size_t i = 0; i < v->n_nodes; i++) {
        const struct plan_prior_node *helper = v->node_array[i]->helper;

        if (helper && sset_contains(&helper->addresses, text)) {
            return true;
        }
    }
    return false;
}
