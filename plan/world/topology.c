/* SPDX-License-Identifier: Apache-2.0 */

/* Nodes: what the Node objects, OVN_Northbound and the helpers say of them,
 * merged; and which node an address belongs to.  Part of the view. */

#include <config.h>

#include "plan/world/view.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/shash.h"
#include "plan/rows/set-name.h"
#include "util.h"

static struct view_node *
find_node(const struct view *v, const char *name)
{
    struct view_node *node;

    HMAP_FOR_EACH_WITH_HASH (node, hmap_node, hash_string(name, 0),
                             &v->nodes) {
        if (!strcmp(node->name, name)) {
            return node;
        }
    }
    return NULL;
}

const struct view_node *
view_find_node(const struct view *v, const char *name)
{
    return find_node(v, name);
}

static struct view_node *
add_node(struct view *v, const char *name)
{
    struct view_node *node = find_node(v, name);

    if (!node) {
        node = xzalloc(sizeof *node);
        node->name = xstrdup(name);
        node->switch_name = "";
        node->gateway_router = "";
        node->no_switch = "";
        node->no_router = "";
        node->unfit_as_told = "it has no Node object";
        node->unfit = node->unfit_to_stay = node->unfit_as_told;
        sset_init(&node->prior_labels);
        for (int f = 0; f < IP_N_FAMILIES; f++) {
            node->no_way[f] = "it is not known";
        }
        node->index = hmap_count(&v->nodes);
        hmap_insert(&v->nodes, &node->hmap_node, hash_string(name, 0));
    }
    return node;
}

/* Returns the node called 'name', which is made if nothing was heard of it. */
const struct view_node *
view_add_node(struct view *v, const char *name)
{
    return add_node(v, name);
}

/* Returns the node among whose pods 'ip' is, or NULL if there is none. */
const struct view_node *
view_locate(const struct view *v, const struct in6_addr *ip)
{
    return prefix_index_find(&v->subnets, ip);
}

/* Returns the node with an object to which the next hop 'ip' of the cluster
 * router leads, or NULL. */
const struct view_node *
view_find_next_hop(const struct view *v, const struct in6_addr *ip)
{
    for (size_t i = 0; i < v->n_nodes && ip_is_set(ip); i++) {
        if (!ip_compare(&v->node_array[i]->next_hops[ip_family(ip)], ip)) {
            return v->node_array[i];
        }
    }
    return NULL;
}

/* True if 'ip' is a pod's, not a host's, or if no network is known. */
bool
view_is_pod_ip(const struct view *v, const struct in6_addr *ip)
{
    if (!v->n_cluster_networks && hmap_is_empty(&v->subnets.map)) {
        return true;
    }
    for (size_t i = 0; i < v->n_cluster_networks; i++) {
        if (ip_prefix_contains(&v->cluster_networks[i], ip)) {
            return true;
        }
    }
    return view_locate(v, ip) != NULL;
}

/* Returns the first of 'a' and 'b' that is set; both may be NULL. */
static struct in6_addr
first_set(const struct in6_addr *a, const struct in6_addr *b)
{
    static const struct in6_addr none = IN6ADDR_ANY_INIT;

    return a && ip_is_set(a) ? *a : b ? *b : none;
}

/* Returns the address of the management port of 'node': what the Node object
 * or NB says, or else the second of its subnet, as ovn-kubernetes gives it
 * out. */
static struct in6_addr
mgmt_ip(const struct view_node *node, enum ip_family family)
{
    struct in6_addr ip = first_set(
        node->obj ? &node->obj->node.mgmt_ips[family] : NULL,
        node->nb ? &node->nb->mgmt_ips[family] : NULL);

    for (size_t i = 0; i < node->n_subnets && !ip_is_set(&ip); i++) {
        if (ip_family(&node->subnets[i].addr) == family) {
            ip_next(&node->subnets[i].addr, &ip);
            ip_next(&ip, &ip);
        }
    }
    return ip;
}

/* True if another owner has a set 'name', or the policy that we would make of
 * it. */
static bool
is_foreign_set(const struct view *v, const char *name)
{
    char *shard = xasprintf("%s_0", name);
    char *match4 = xasprintf("101 ip4.src == $%s", name);
    char *match6 = xasprintf("101 ip6.src == $%s", name);
    bool foreign = (sset_contains(&v->nb->foreign_sets, name)
                    || sset_contains(&v->nb->foreign_sets, shard)
                    || sset_contains(&v->foreign, match4)
                    || sset_contains(&v->foreign, match6));

    free(match6);
    free(match4);
    free(shard);
    return foreign;
}

/* Returns why NB cannot steer 'family' to 'node', or NULL if it can. */
static const char *
find_obstacle(const struct view *v, const struct view_node *node,
              enum ip_family family)
{
    const struct in6_addr *ip = &node->next_hops[family];

    if (!ip_is_set(ip)) {
        return (family == IP_V4
                ? "no known IPv4 address in the cluster network"
                : "no known IPv6 address in the cluster network");
    }

    if (v->in->nb && node->local && v->options->gateway_mode == PLAN_GW_SHARED
        && !*node->gateway_router) {
        return (*node->no_router
                ? "the gateway router that its annotation names does not exist"
                : "its gateway router is not known");
    }

    char *set = set_name(node->name, family);
    bool foreign = is_foreign_set(v, set);
    free(set);
    if (foreign && v->options->layout == PLAN_LAYOUT_NODE) {
        return "another owner has an address set or policy of its name";
    }

    /* northd makes no flow for a next hop that no port of the router can
     * reach, and tells only its log. */
    return (v->nb->n_networks && !prefix_index_find(&v->networks, ip)
            ? "its address in the cluster network is in no network of the "
            "cluster router" : NULL);
}

static void
find_next_hops(const struct view *v, struct view_node *node)
{
    for (int f = 0; f < IP_N_FAMILIES; f++) {
        const struct plan_nb_node *nb = node->nb;
        const struct intent_node *o = node->obj ? &node->obj->node : NULL;
        struct in6_addr *ip = &node->next_hops[f];

        if (!node->local) {
            *ip = first_set(o ? &o->transit_ips[f] : NULL,
                            nb ? &nb->transit_ips[f] : NULL);
        } else if (v->options->gateway_mode == PLAN_GW_SHARED) {
            *ip = first_set(o ? &o->join_ips[f] : NULL,
                            nb ? &nb->join_ips[f] : NULL);
        } else {
            *ip = mgmt_ip(node, f);
        }

        node->no_way[f] = find_obstacle(v, node, f);
    }
}

/* Returns the name of our zone, or "".  Each zone has its own OVN_Northbound,
 * and they share the option. */
static const char *
own_zone(const struct view *v)
{
    return v->nb->zone ? v->nb->zone : v->options->zone;
}

/* True if 'node' is in the zone of our OVN_Northbound: that its switch is
 * there or that a port leads to its zone says so; then its annotation, if we
 * know our own zone; a name alone, such as that of a gateway router, does
 * not. */
static bool
is_local(const struct view *v, const struct view_node *node)
{
    const char *zone = node->obj ? node->obj->node.zone : "";

    return (node->nb && (node->nb->local || node->nb->remote)
            ? node->nb->local
            : *own_zone(v) && *zone ? !strcmp(zone, own_zone(v))
            : !*v->options->zone);
}

/* Makes the labels by which 'node' is selected: those of its manifest without
 * any under our prefix, which only we give, and those that we gave it. */
static void
make_labels(const struct view *v, struct view_node *node)
{
    const struct intent_map *have = &node->obj->labels;
    const struct plan_prior_status *st
        = shash_find_data(&v->prior->status, intent_object_id(node->obj));
    struct intent_map *labels = &node->labels;
    struct smap_node *s;

    free(labels->pairs);
    labels->n = 0;
    sset_clear(&node->prior_labels);
    labels->pairs = xmalloc((have->n + (st ? smap_count(&st->status) : 0))
                            * sizeof *labels->pairs);
    for (size_t i = 0; i < have->n; i++) {
        if (!view_is_our_label(have->pairs[i].key)) {
            labels->pairs[labels->n++] = have->pairs[i];
        }
    }
    if (st) {
        SMAP_FOR_EACH (s, &st->status) {
            if (!strncmp(s->key, "label:", 6)) {
                const char *key = sset_add(&node->prior_labels,
                                           s->key + 6)->name;
                labels->pairs[labels->n++] = (struct intent_pair) {
                    CONST_CAST(char *, key), CONST_CAST(char *, "")
                };
            }
        }
        intent_map_sort(labels);
    }
}

/* Makes the labels of all nodes anew. */
void
view_renew_labels(struct view *v)
{
    for (size_t i = 0; i < v->n_nodes; i++) {
        make_labels(v, v->node_array[i]);
    }
}

/* True if 'key' is that of a label that we may give. */
bool
view_is_our_label(const char *key)
{
    return !strncmp(key, VIEW_LABEL_PREFIX, strlen(VIEW_LABEL_PREFIX));
}

/* True if 'sel' asks for a label that we give. */
bool
view_asks_for_our_label(const struct intent_selector *sel)
{
    for (size_t i = 0; i < sel->n; i++) {
        if (view_is_our_label(sel->reqs[i].key)) {
            return true;
        }
    }
    return false;
}

/* True if no node at all is heard.  A node that is silent while others are not
 * is dead, or its helper is.  All of them (or the only one) at once: that says
 * more of what is between them and us, and there is nowhere to go. */
static bool
is_all_silent(const struct view *v)
{
    const struct shash_node *s;

    SHASH_FOR_EACH (s, &v->prior->nodes) {
        const struct plan_prior_node *helper = s->data;

        if (helper->alive) {
            return false;
        }
    }
    for (size_t i = 0; i < v->n_nodes; i++) {
        if (v->node_array[i]->heard) {
            return false;
        }
    }
    return true;
}

/* Finds out whether 'node', which has an object, is alive, and what it could
 * not do however it is asked. */
static void
judge(const struct view *v, struct view_node *node)
{
    const struct intent_node *o = &node->obj->node;
    const char *told = (!o->ready ? "not Ready"
                        : o->network_unavailable ? "network unavailable"
                        : o->exclude_lb ? "excluded from load balancers"
                        : NULL);

    node->alive = o->ready && (node->heard || v->all_silent);
    node->unfit_as_told = told;
    node->unfit = (!o->ready || node->heard ? told
                   : node->helper ? "its helper is not heard from"
                   : "its helper was never heard from");
    node->unfit_to_stay = v->all_silent ? told : node->unfit;
}

static void
judge_all(struct view *v)
{
    for (size_t i = 0; i < v->n_nodes; i++) {
        struct view_node *node = v->node_array[i];

        node->heard = (node->helper ? node->helper->alive
                       : !v->options->wait_for_nodes);
    }
    v->all_silent = is_all_silent(v);
    for (size_t i = 0; i < v->n_nodes; i++) {
        judge(v, v->node_array[i]);
    }
}

/* Sets '*name' to what counts: 'annotated', or else 'found'.  Where it is the
 * former and not among the names that 'exist', "", and '*missing' to it. */
static void
choose_name(const char *annotated, const char *found,
            const struct sset *exist, const char **name,
            const char **missing)
{
    *name = *annotated ? annotated : found;
    if (*annotated && exist && !sset_contains(exist, annotated)) {
        *name = "";
        *missing = annotated;
    }
}

/* Finds what 'node' has in NB: annotations count before what is found by
 * names, even if what they name is not there. */
static void
find_names(const struct view *v, struct view_node *node)
{
    bool known = v->in->nb && node->local;
    const struct intent_node *o = node->obj ? &node->obj->node : NULL;
    const struct plan_nb_node *nb = node->nb;

    if (o && o->subnets.n) {
        node->subnets = o->subnets.items;
        node->n_subnets = o->subnets.n;
    } else if (nb) {
        node->subnets = nb->subnets;
        node->n_subnets = nb->n_subnets;
    }
    choose_name(o ? o->switch_name : "", nb ? nb->switch_name : "",
                known ? &v->nb->switches : NULL,
                &node->switch_name, &node->no_switch);
    choose_name(o ? o->gateway_router : "", nb ? nb->gateway_router : "",
                known ? &v->nb->routers : NULL,
                &node->gateway_router, &node->no_router);
}

static void
compare_names(const char *what, const char *annotated, const char *found,
              struct ds *s)
{
    if (*annotated && *found && strcmp(annotated, found)) {
        ds_put_format(s, "%s%s %s, not %s", s->length ? "; " : "", what,
                      annotated, found);
    }
}

static void
compare_ips(const char *what, const struct in6_addr annotated[IP_N_FAMILIES],
            const struct in6_addr found[IP_N_FAMILIES], struct ds *s)
{
    for (int f = 0; f < IP_N_FAMILIES; f++) {
        if (ip_is_set(&annotated[f]) && ip_is_set(&found[f])
            && ip_compare(&annotated[f], &found[f])) {
            char a[IP_STRLEN], b[IP_STRLEN];

            compare_names(what, ip_format(&annotated[f], a),
                          ip_format(&found[f], b), s);
        }
    }
}

/* Appends to 's' where the annotations of 'node' differ from what is found in
 * OVN_Northbound. */
void
view_compare_node(const struct view *v, const struct view_node *node,
                  struct ds *s)
{
    const struct plan_nb_node *nb = node->nb;
    const struct intent_node *o = node->obj ? &node->obj->node : NULL;

    if (!nb || !o) {
        return;
    }
    compare_names("logical switch", o->switch_name, nb->switch_name, s);
    compare_names("gateway router", o->gateway_router, nb->gateway_router, s);
    compare_ips("management port", o->mgmt_ips, nb->mgmt_ips, s);
    compare_ips("on the join switch", o->join_ips, nb->join_ips, s);
    compare_ips("on the transit switch", o->transit_ips, nb->transit_ips, s);
    if (nb->local) {
        compare_names("zone", o->zone, own_zone(v), s);
    }
}

/* Reads all that the input says of nodes. */
void
view_read_topology(struct view *v)
{
    struct shash_node *s;

    SHASH_FOR_EACH (s, &v->nb->nodes) {
        add_node(v, s->name)->nb = s->data;
    }
    SHASH_FOR_EACH (s, &v->prior->nodes) {
        add_node(v, s->name)->helper = s->data;
    }

    v->n_nodes = v->kinds[INTENT_NODE].n;
    v->node_array = xmalloc(v->n_nodes * sizeof *v->node_array);
    for (size_t i = 0; i < v->n_nodes; i++) {
        const struct intent_object *obj = v->kinds[INTENT_NODE].objs[i];
        struct view_node *node = add_node(v, obj->name);

        node->obj = obj;
        v->node_array[i] = node;
        make_labels(v, node);
    }
    judge_all(v);

    const struct intent_object **by_age = view_sort_by_age(v, INTENT_NODE);
    for (size_t i = 0; i < v->n_nodes; i++) {
        shash_add_once(&v->hostnames, by_age[i]->node.hostname,
                       add_node(v, by_age[i]->name));
    }
    free(by_age);

    for (size_t i = 0; i < v->nb->n_networks; i++) {
        prefix_index_add(&v->networks, &v->nb->networks[i],
                         &v->nb->networks[i]);
    }

    struct view_node *node;
    HMAP_FOR_EACH (node, hmap_node, &v->nodes) {
        node->local = is_local(v, node);
        find_names(v, node);
        for (size_t i = 0; i < node->n_subnets; i++) {
            prefix_index_add(&v->subnets, &node->subnets[i], node);
        }
        find_next_hops(v, node);
    }
}

void
view_destroy_topology(struct view *v)
{
    struct view_node *node;

    HMAP_FOR_EACH_POP (node, hmap_node, &v->nodes) {
        sset_destroy(&node->prior_labels);
        free(node->labels.pairs);
        free(node->name);
        free(node);
    }
    hmap_destroy(&v->nodes);
    prefix_index_destroy(&v->subnets);
    prefix_index_destroy(&v->networks);
    shash_destroy(&v->hostnames);
    free(v->node_array);
}
