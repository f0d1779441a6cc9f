/* SPDX-License-Identifier: Apache-2.0 */

/* The topology that OVN_Northbound holds: see the header. */

#include <config.h>

#include "ovsdb/nb-topology.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "ovsdb-idl-provider.h"
#include "ovsdb/db-table.h"
#include "ovsdb/nb-idl.h"
#include "ovsdb/nb-routes.h"
#include "plan/plan.h"
#include "util.h"

void
nb_topology_register(struct ovsdb_idl *idl)
{
    const struct ovsdb_idl_column *const columns[] = {
        &nbrec_nb_global_col_name,
        &nbrec_logical_switch_col_name,
        &nbrec_logical_switch_col_ports,
        &nbrec_logical_switch_col_other_config,
        &nbrec_logical_switch_port_col_name,
        &nbrec_logical_switch_port_col_type,
        &nbrec_logical_switch_port_col_addresses,
        &nbrec_logical_switch_port_col_options,
        &nbrec_logical_router_col_name,
        &nbrec_logical_router_col_external_ids,
        &nbrec_logical_router_col_ports,
        &nbrec_logical_router_col_static_routes,
        &nbrec_logical_router_col_policies,
        &nbrec_logical_router_port_col_name,
        &nbrec_logical_router_port_col_networks,
        &nbrec_logical_router_static_route_col_ip_prefix,
        &nbrec_logical_router_static_route_col_policy,
        &nbrec_logical_router_static_route_col_nexthop,
        &nbrec_logical_router_static_route_col_route_table,
        &nbrec_logical_router_static_route_col_external_ids,
        &nbrec_logical_router_policy_col_priority,
        &nbrec_logical_router_policy_col_match,
        &nbrec_logical_router_policy_col_action,
        &nbrec_logical_router_policy_col_nexthop,
        &nbrec_logical_router_policy_col_nexthops,
        &nbrec_logical_router_policy_col_external_ids,
        &nbrec_address_set_col_name,
        &nbrec_address_set_col_external_ids,
    };

    for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
        ovsdb_idl_track_add_column(idl, columns[i]);
    }
}

/* Nodes. */

static struct plan_nb_node *
get_node(struct plan_nb *nb, const char *name)
{
    struct plan_nb_node *node = shash_find_data(&nb->nodes, name);

    if (!node) {
        node = xzalloc(sizeof *node);
        node->name = xstrdup(name);
        node->switch_name = xstrdup("");
        node->gateway_router = xstrdup("");
        shash_add(&nb->nodes, name, node);
    }
    return node;
}

/* If 's' is 'prefix' and a name, returns the name, otherwise NULL. */
static const char *
name_after(const char *s, const char *prefix)
{
    size_t len = strlen(prefix);

    return !strncmp(s, prefix, len) && s[len] ? s + len : NULL;
}

static void
replace_name(char **name, const char *new)
{
    free(*name);
    *name = xstrdup(new);
}

/* Addresses. */

/* Sets the member of 'ips' of the family of the address in 's', if there is
 * one and the member is not set yet. */
static void
set_ip(struct in6_addr ips[IP_N_FAMILIES], const char *s)
{
    struct in6_addr ip;

    if (nb_parse_host(s, &ip) && !ip_is_set(&ips[ip_family(&ip)])) {
        ips[ip_family(&ip)] = ip;
    }
}

/* Sets 'ips' from the addresses of a logical switch port, "MAC IP...". */
static void
set_port_ips(struct in6_addr ips[IP_N_FAMILIES],
             const struct nbrec_logical_switch_port *lsp)
{
    for (size_t i = 0; i < lsp->n_addresses; i++) {
        char *copy = xstrdup(lsp->addresses[i]);
        char *save = NULL;

        for (char *word = strtok_r(copy, " ", &save); word;
             word = strtok_r(NULL, " ", &save)) {
            set_ip(ips, word);
        }
        free(copy);
    }
}

/* Switches. */

static void
read_node_switch(struct plan_nb *nb, const char *name,
                 const struct nbrec_logical_switch *ls,
                 const struct nbrec_logical_switch_port *mgmt)
{
    struct plan_nb_node *node = get_node(nb, name);
    const char *subnet = smap_get(&ls->other_config, "subnet");
    const char *prefix = smap_get(&ls->other_config, "ipv6_prefix");

    node->local = true;
    replace_name(&node->switch_name, ls->name);
    set_port_ips(node->mgmt_ips, mgmt);
    if (subnet) {
        nb_add_prefix(&node->subnets, &node->n_subnets, subnet);
    }
    if (prefix) {
        char *s = strchr(prefix, '/') ? xstrdup(prefix)
                                      : xasprintf("%s/64", prefix);

        nb_add_prefix(&node->subnets, &node->n_subnets, s);
        free(s);
    }
}

static void
read_switch(struct plan_nb *nb, const struct nbrec_logical_switch *ls)
{
    for (size_t i = 0; i < ls->n_ports; i++) {
        const struct nbrec_logical_switch_port *lsp = ls->ports[i];
        const char *name;

        if ((name = name_after(lsp->name, "k8s-"))
            && !strcmp(name, ls->name)) {
            read_node_switch(nb, name, ls, lsp);
        } else if ((name = name_after(lsp->name, "tstor-"))
                   && !strcmp(lsp->type, "remote")) {
            get_node(nb, name)->remote = true;
            set_port_ips(get_node(nb, name)->transit_ips, lsp);
        }
    }
}

/* Routers. */

/* True if 's' is a network out of those that ovn-kubernetes takes masquerade
 * subnets from, which no host has otherwise. */
static bool
is_masquerade(const char *s)
{
    return !strncmp(s, "169.254.", 8) || !strncmp(s, "fd69:", 5);
}

/* Notes the masquerade subnets of a gateway router: its port to the outside is
 * in them, or has a route to them. */
static void
read_masquerade(struct plan_nb *nb, const struct nbrec_logical_router *lr)
{
    for (size_t i = 0; i < lr->n_ports; i++) {
        const struct nbrec_logical_router_port *lrp = lr->ports[i];
        const char *owner = name_after(lrp->name, "rtoe-");

        for (size_t j = 0; owner && j < lrp->n_networks; j++) {
            if (is_masquerade(lrp->networks[j])) {
                nb_add_prefix(&nb->masquerade_networks,
                           &nb->n_masquerade_networks, lrp->networks[j]);
            }
        }
    }
    for (size_t i = 0; i < lr->n_static_routes; i++) {
        const char *prefix = lr->static_routes[i]->ip_prefix;
        struct ip_prefix p;

        if (is_masquerade(prefix) && ip_prefix_parse(prefix, &p, NULL)
            && p.plen < (ip_family(&p.addr) == IP_V4 ? 32 : 128)) {
            nb_add_prefix(&nb->masquerade_networks, &nb->n_masquerade_networks,
                       prefix);
        }
    }
}

static void
read_gateway_router(struct plan_nb *nb, const char *name,
                    const struct nbrec_logical_router *lr)
{
    struct plan_nb_node *node = get_node(nb, name);

    replace_name(&node->gateway_router, lr->name);
    for (size_t i = 0; i < lr->n_ports; i++) {
        const struct nbrec_logical_router_port *lrp = lr->ports[i];
        const char *owner = name_after(lrp->name, "rtoj-");

        for (size_t j = 0; owner && !strcmp(owner, lr->name)
                           && j < lrp->n_networks; j++) {
            set_ip(node->join_ips, lrp->networks[j]);
            nb_add_prefix(&nb->join_networks, &nb->n_join_networks,
                       lrp->networks[j]);
        }
    }
    read_masquerade(nb, lr);
}

static void
read_cluster_port(struct plan_nb *nb,
                  const struct nbrec_logical_router_port *lrp)
{
    const char *to_switch = name_after(lrp->name, "rtos-");
    const char *to_transit = name_after(lrp->name, "rtots-");
    const char *to_join = name_after(lrp->name, "rtoj-");

    for (size_t i = 0; i < lrp->n_networks; i++) {
        const char *network = lrp->networks[i];

        nb_add_prefix(&nb->networks, &nb->n_networks, network);
        if (to_switch) {
            struct plan_nb_node *node = get_node(nb, to_switch);

            nb_add_prefix(&node->subnets, &node->n_subnets, network);
        } else if (to_transit) {
            set_ip(get_node(nb, to_transit)->transit_ips, network);
        } else if (to_join) {
            nb_add_prefix(&nb->join_networks, &nb->n_join_networks, network);
        }
    }
}

static int
compare_policies(const void *a_, const void *b_)
{
    const struct plan_nb_policy *a = a_;
    const struct plan_nb_policy *b = b_;

    if (a->priority != b->priority) {
        return a->priority < b->priority ? -1 : 1;
    }
    int cmp = strcmp(a->match, b->match);
    cmp = cmp ? cmp : strcmp(a->action, b->action);
    cmp = cmp ? cmp : strcmp(a->next_hop, b->next_hop);
    return cmp ? cmp : strcmp(a->egress_svc, b->egress_svc);
}

static void
read_foreign_policies(struct plan_nb *nb,
                      const struct nbrec_logical_router *lr)
{
    size_t n = 0;

    nb->foreign = xmalloc(MAX(lr->n_policies, 1) * sizeof *nb->foreign);
    for (size_t i = 0; i < lr->n_policies; i++) {
        const struct nbrec_logical_router_policy *p = lr->policies[i];

        if (!nb_is_ours(&p->external_ids)) {
            nb->foreign[n++] = (struct plan_nb_policy) {
                .priority = p->priority,
                .match = xstrdup(p->match),
                .action = xstrdup(p->action),
                .next_hop = xstrdup(p->n_nexthops == 1 && !p->nexthop
                                    ? p->nexthops[0] : ""),
                .egress_svc = xstrdup(smap_get_def(&p->external_ids,
                                                   "EgressSVC", "")),
            };
        }
    }
    nb->n_foreign = n;
    if (n) {
        qsort(nb->foreign, n, sizeof *nb->foreign, compare_policies);
    }
}

static void
read_cluster_router(struct plan_nb *nb, const struct nbrec_logical_router *lr)
{
    nb->has_router = true;
    for (size_t i = 0; i < lr->n_ports; i++) {
        read_cluster_port(nb, lr->ports[i]);
    }
    read_foreign_policies(nb, lr);
}

/* Reads what load balancers of others serve. */
static void
read_load_balancers(struct plan_nb *nb, const struct ovsdb_idl *idl)
{
    const struct nbrec_load_balancer *lb;

    NBREC_LOAD_BALANCER_FOR_EACH (lb, idl) {
        const char *protocol = lb->protocol ? lb->protocol : "tcp";
        const struct smap_node *vip;

        SMAP_FOR_EACH (vip, &lb->vips) {
            if (!nb_is_ours(&lb->external_ids)) {
                char *key = xasprintf("%s %s", protocol, vip->key);
                smap_add_once(&nb->foreign_vips, key, lb->name);
                free(key);
            }
        }
    }
}

/* The changes of these concern us if they are of another owner: not if the row
 * is ours, and was it before. */

static bool
set_matters(const struct ovsdb_idl_row *row_)
{
    const struct nbrec_address_set *row
        = CONTAINER_OF(row_, struct nbrec_address_set, header_);

    return (!row_->old_datum || !nb_is_ours(&row->external_ids)
            || (!nbrec_address_set_is_new(row)
                && nbrec_address_set_is_updated(
                    row, NBREC_ADDRESS_SET_COL_EXTERNAL_IDS)));
}

static bool
load_balancer_matters(const struct ovsdb_idl_row *row_)
{
    const struct nbrec_load_balancer *row
        = CONTAINER_OF(row_, struct nbrec_load_balancer, header_);

    return (!row_->old_datum || !nb_is_ours(&row->external_ids)
            || (!nbrec_load_balancer_is_new(row)
                && nbrec_load_balancer_is_updated(
                    row, NBREC_LOAD_BALANCER_COL_EXTERNAL_IDS)));
}

static bool
any_matters(const struct ovsdb_idl *idl,
            const struct ovsdb_idl_table_class *class,
            bool (*matters)(const struct ovsdb_idl_row *))
{
    const struct ovsdb_idl_row *row;

    for (row = ovsdb_idl_track_get_first(idl, class); row;
         row = ovsdb_idl_track_get_next(row)) {
        if (matters(row)) {
            return true;
        }
    }
    return false;
}

bool
nb_topology_is_changed(const struct ovsdb_idl *idl)
{
    static const struct ovsdb_idl_table_class *const classes[] = {
        &nbrec_table_logical_router,
        &nbrec_table_logical_router_policy,
        &nbrec_table_logical_router_port,
        &nbrec_table_logical_router_static_route,
        &nbrec_table_logical_switch,
        &nbrec_table_logical_switch_port,
        &nbrec_table_nb_global, /* Only its name counts. */
    };

    for (size_t i = 0; i < ARRAY_SIZE(classes); i++) {
        if (ovsdb_idl_track_get_first(idl, classes[i])) {
            return true;
        }
    }
    return (any_matters(idl, &nbrec_table_address_set, set_matters)
            || any_matters(idl, &nbrec_table_load_balancer,
                           load_balancer_matters));
}

void
nb_topology_build(const struct ovsdb_idl *idl, const char *router,
                  struct plan_nb *nb)
{
    const struct nbrec_logical_router *lr, *cluster = NULL;
    const struct nbrec_logical_switch *ls;
    const struct nbrec_address_set *as;
    const struct nbrec_nb_global *global = nbrec_nb_global_first(idl);
    struct shash_node *sn;

    if (global && *global->name) {
        nb->zone = xstrdup(global->name);
    }
    NBREC_LOGICAL_SWITCH_FOR_EACH (ls, idl) {
        sset_add(&nb->switches, ls->name);
        read_switch(nb, ls);
    }
    NBREC_LOGICAL_ROUTER_FOR_EACH (lr, idl) {
        const char *name = name_after(lr->name, "GR_");

        sset_add(&nb->routers, lr->name);
        if (!strcmp(lr->name, router)) {
            cluster = lr;
        } else if (name) {
            read_gateway_router(nb, name, lr);
        }
    }
    if (cluster) {
        nb->kubernetes = smap_get_bool(&cluster->external_ids,
                                       "k8s-cluster-router", false);
        read_cluster_router(nb, cluster);
        nb_routes_read(idl, cluster, nb);
    }
    if (!nb->kubernetes) {
        read_load_balancers(nb, idl);
    }
    NBREC_ADDRESS_SET_FOR_EACH (as, idl) {
        if (!nb_is_ours(&as->external_ids)) {
            sset_add(&nb->foreign_sets, as->name);
        }
    }

    nb_sort_prefixes(nb->networks, nb->n_networks);
    nb_sort_prefixes(nb->join_networks, nb->n_join_networks);
    nb_sort_prefixes(nb->masquerade_networks, nb->n_masquerade_networks);
    SHASH_FOR_EACH (sn, &nb->nodes) {
        struct plan_nb_node *node = sn->data;

        nb_sort_prefixes(node->subnets, node->n_subnets);
    }
}

/* Text. */

static void
format_prefixes(const char *name, const struct ip_prefix *prefixes, size_t n,
                struct ds *s)
{
    char buf[IP_STRLEN];

    ds_put_cstr(s, name);
    for (size_t i = 0; i < n; i++) {
        ds_put_format(s, " %s", ip_prefix_format(&prefixes[i], buf));
    }
    ds_put_char(s, '\n');
}

static void
format_ips(const char *name, const struct in6_addr ips[IP_N_FAMILIES],
           struct ds *s)
{
    char buf[IP_STRLEN];

    ds_put_format(s, "  %s", name);
    for (int i = 0; i < IP_N_FAMILIES; i++) {
        if (ip_is_set(&ips[i])) {
            ds_put_format(s, " %s", ip_format(&ips[i], buf));
        }
    }
    ds_put_char(s, '\n');
}

static void
format_names(const char *what, const struct sset *names, struct ds *s)
{
    const char **sorted = sset_sort(names);

    for (size_t i = 0; i < sset_count(names); i++) {
        ds_put_format(s, "%s: %s\n", what, sorted[i]);
    }
    free(sorted);
}

static void
format_discards(const struct plan_nb *nb, struct ds *s)
{
    for (size_t i = 0; i < nb->n_routes; i++) {
        const struct plan_nb_route *r = &nb->routes[i];
        char buf[IP_STRLEN];

        if (r->discard) {
            ds_put_format(s, "discards by %s: %s\n", r->by_source
                          ? "source" : "destination",
                          ip_prefix_format(&r->prefix, buf));
        }
    }
}

void
nb_topology_format(const struct plan_nb *nb, struct ds *s)
{
    const struct shash_node **nodes = shash_sort(&nb->nodes);
    const struct smap_node **vips = smap_sort(&nb->foreign_vips);

    ds_put_format(s, "router %s%s\n", nb->has_router ? "found" : "missing",
                  nb->kubernetes ? ", of ovn-kubernetes" : "");
    if (nb->zone) {
        ds_put_format(s, "zone %s\n", nb->zone);
    }
    for (size_t i = 0; i < shash_count(&nb->nodes); i++) {
        const struct plan_nb_node *node = nodes[i]->data;

        ds_put_format(s, "node %s%s\n", node->name,
                      node->local ? "" : node->remote
                      ? " (not of this zone)" : " (no switch of its name)");
        ds_put_format(s, "  switch %s\n", node->switch_name);
        ds_put_format(s, "  gateway router %s\n", node->gateway_router);
        format_prefixes("  subnets", node->subnets, node->n_subnets, s);
        format_ips("management", node->mgmt_ips, s);
        format_ips("join", node->join_ips, s);
        format_ips("transit", node->transit_ips, s);
    }
    format_prefixes("networks", nb->networks, nb->n_networks, s);
    format_prefixes("cluster networks", nb->cluster_networks,
                    nb->n_cluster_networks, s);
    format_prefixes("inside networks", nb->inside_networks,
                    nb->n_inside_networks, s);
    format_prefixes("uplink networks", nb->uplink_networks,
                    nb->n_uplink_networks, s);
    format_prefixes("routes by source", nb->source_routes,
                    nb->n_source_routes, s);
    ds_put_format(s, "default routes%s%s\n",
                  nb->has_default[IP_V4] ? " IPv4" : "",
                  nb->has_default[IP_V6] ? " IPv6" : "");
    ds_put_format(s, "shortest destinations %u %u\n", nb->shortest[IP_V4],
                  nb->shortest[IP_V6]);
    format_discards(nb, s);
    format_prefixes("join networks", nb->join_networks,
                    nb->n_join_networks, s);
    format_prefixes("masquerade networks", nb->masquerade_networks,
                    nb->n_masquerade_networks, s);
    for (size_t i = 0; i < nb->n_foreign; i++) {
        const struct plan_nb_policy *p = &nb->foreign[i];

        ds_put_format(s, "policy of another owner: %"PRId64" %s %s",
                      p->priority, p->match, p->action);
        if (*p->next_hop) {
            ds_put_format(s, " %s", p->next_hop);
        }
        if (*p->egress_svc) {
            ds_put_format(s, " for %s", p->egress_svc);
        }
        ds_put_char(s, '\n');
    }
    format_names("set of another owner", &nb->foreign_sets, s);
    for (size_t i = 0; i < smap_count(&nb->foreign_vips); i++) {
        ds_put_format(s, "load balancer of another owner: %s for %s\n",
                      vips[i]->value, vips[i]->key);
    }
    free(vips);
    free(nodes);
    format_names("logical switch", &nb->switches, s);
    format_names("logical router", &nb->routers, s);
}
