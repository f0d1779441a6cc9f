/* SPDX-License-Identifier: Apache-2.0 */

/* Reading a world to plan for from JSON.  The members, all optional:
 *
 *   "options": {"KEY": "VALUE"}
 *   "refused": {"ID": "MESSAGE"}
 *   "scheduler", "zone": true or false
 *   "nodes": {"NODE": {"alive": true, "addresses": ["IP"],
 *                      "kept": "TEXT"}}                       helpers
 *   "status": {"ID": {"KEY": "VALUE"}}                        as published
 *   "steered": {"IP": "NODE"}
 *   "sets": ["NAME"]
 *   "work": [{"node": "NODE", "service": "NS/NAME", "state": "active",
 *             "endpoints": ["IP"], "sources": ["IP"], "acked": true,
 *             "error": ""}]
 *   "nb": {"router": true, "kubernetes": true, "zone": "NAME",
 *          "networks": ["PREFIX"],
 *          "cluster-networks": ["PREFIX"], "foreign-sets": ["NAME"],
 *          "join-networks", "masquerade-networks": ["PREFIX"],
 *          "inside-networks", "uplink-networks": ["PREFIX"],
 *          "source-routes": ["PREFIX"]     without, there is a default route
 *          "foreign": [{"priority": 102, "match": "...", "action": "allow",
 *                       "next-hop": "IP", "egress-svc": "NS/NAME"}],
 *          "switches", "routers": ["NAME"]         beside those of the nodes
 *          "nodes": {"NODE": {"local": true, "unlocated": false,
 *                             "switch": "NAME", "gateway-router": "NAME",
 *                             "subnets": ["PREFIX"], "mgmt": ["IP"],
 *                             "join": ["IP"], "transit": ["IP"]}}} */

#include <config.h>

#include "tests/plan-world.h"

#include <stdlib.h>
#include <string.h>

#include "lib/json-array.h"
#include "util.h"

/* Returns member 'name' of 'json', or NULL. */
static const struct json *
get(const struct json *json, const char *name)
{
    return json ? shash_find_data(json_object(json), name) : NULL;
}

static const char *
get_string(const struct json *json, const char *name)
{
    const struct json *member = get(json, name);

    return member ? json_string(member) : "";
}

static bool
get_bool(const struct json *json, const char *name, bool def)
{
    const struct json *member = get(json, name);

    return member ? json_boolean(member) : def;
}

static size_t
get_n(const struct json *array)
{
    return array ? egress_json_array_size(array) : 0;
}

static const char *
element(const struct json *array, size_t i)
{
    return json_string(egress_json_array_at(array, i));
}

static void
read_smap(const struct json *json, struct smap *smap)
{
    if (json) {
        struct shash_node *sn;
        SHASH_FOR_EACH (sn, json_object(json)) {
            smap_replace(smap, sn->name, json_string(sn->data));
        }
    }
}

static void
read_sset(const struct json *array, struct sset *sset)
{
    for (size_t i = 0; i < get_n(array); i++) {
        sset_add(sset, element(array, i));
    }
}

static void
read_prefixes(const struct json *array, struct ip_prefix **prefixes,
              size_t *n)
{
    *prefixes = xcalloc(get_n(array), sizeof **prefixes);
    *n = get_n(array);
    for (size_t i = 0; i < *n; i++) {
        if (!ip_prefix_parse(element(array, i), &(*prefixes)[i], NULL)) {
            ovs_fatal(0, "%s: not a network", element(array, i));
        }
    }
}

static void
read_ips(const struct json *array, struct in6_addr ips[IP_N_FAMILIES])
{
    for (size_t i = 0; i < get_n(array); i++) {
        struct in6_addr ip;
        if (!ip_addr_parse(element(array, i), &ip)) {
            ovs_fatal(0, "%s: not an address", element(array, i));
        }
        ips[ip_family(&ip)] = ip;
    }
}

static void
read_nb_node(struct plan_nb *nb, const char *name, const struct json *json)
{
    struct plan_nb_node *node = xzalloc(sizeof *node);

    node->name = xstrdup(name);
    node->local = get_bool(json, "local", true);
    node->remote = !node->local && !get_bool(json, "unlocated", false);
    node->switch_name = xstrdup(get(json, "switch")
                                ? get_string(json, "switch")
                                : node->local ? name : "");
    node->gateway_router = xstrdup(get_string(json, "gateway-router"));
    read_prefixes(get(json, "subnets"), &node->subnets, &node->n_subnets);
    read_ips(get(json, "mgmt"), node->mgmt_ips);
    read_ips(get(json, "join"), node->join_ips);
    read_ips(get(json, "transit"), node->transit_ips);
    shash_add(&nb->nodes, name, node);
    if (*node->switch_name) {
        sset_add(&nb->switches, node->switch_name);
    }
    if (*node->gateway_router) {
        sset_add(&nb->routers, node->gateway_router);
    }
}

static int
compare_policies(const void *a_, const void *b_)
{
    const struct plan_nb_policy *a = a_;
    const struct plan_nb_policy *b = b_;

    return (a->priority != b->priority ? (a->priority < b->priority ? -1 : 1)
            : strcmp(a->match, b->match));
}

void
world_sort_foreign(struct plan_nb *nb)
{
    if (nb->n_foreign) {
        qsort(nb->foreign, nb->n_foreign, sizeof *nb->foreign,
              compare_policies);
    }
}

/* Reads "discards": routes by source, or the default route. */
static void
read_discards(struct plan_nb *nb, const struct json *json)
{
    struct ip_prefix *prefixes = NULL;
    size_t n = 0;

    read_prefixes(json, &prefixes, &n);
    nb->routes = xcalloc(n, sizeof *nb->routes);
    nb->n_routes = n;
    for (size_t i = 0; i < n; i++) {
        bool by_source = prefixes[i].plen > 0;

        nb->routes[i] = (struct plan_nb_route) { prefixes[i], by_source,
                                                 true };
    }
    free(prefixes);
}

static void
read_nb(struct plan_nb *nb, const struct json *json)
{
    const struct json *foreign = get(json, "foreign");
    struct shash_node *sn;

    plan_nb_destroy(nb);
    plan_nb_init(nb);
    nb->has_router = get_bool(json, "router", true);
    nb->zone = nullable_xstrdup(*get_string(json, "zone")
                                ? get_string(json, "zone") : NULL);
    nb->kubernetes = get_bool(json, "kubernetes", true);
    read_prefixes(get(json, "networks"), &nb->networks, &nb->n_networks);
    read_prefixes(get(json, "cluster-networks"), &nb->cluster_networks,
                  &nb->n_cluster_networks);
    read_prefixes(get(json, "inside-networks"), &nb->inside_networks,
                  &nb->n_inside_networks);
    read_prefixes(get(json, "uplink-networks"), &nb->uplink_networks,
                  &nb->n_uplink_networks);
    read_prefixes(get(json, "source-routes"), &nb->source_routes,
                  &nb->n_source_routes);
    for (int f = 0; f < IP_N_FAMILIES; f++) {
        nb->has_default[f] = !get(json, "source-routes");
        nb->shortest[f] = f == IP_V4 ? 16 : 64;
    }
    read_discards(nb, get(json, "discards"));
    read_prefixes(get(json, "join-networks"), &nb->join_networks,
                  &nb->n_join_networks);
    read_prefixes(get(json, "masquerade-networks"), &nb->masquerade_networks,
                  &nb->n_masquerade_networks);
    read_sset(get(json, "switches"), &nb->switches);
    read_sset(get(json, "routers"), &nb->routers);
    read_sset(get(json, "foreign-sets"), &nb->foreign_sets);
    read_smap(get(json, "foreign-vips"), &nb->foreign_vips);
    if (get(json, "nodes")) {
        SHASH_FOR_EACH (sn, json_object(get(json, "nodes"))) {
            read_nb_node(nb, sn->name, sn->data);
        }
    }
    nb->n_foreign = get_n(foreign);
    nb->foreign = xcalloc(nb->n_foreign, sizeof *nb->foreign);
    for (size_t i = 0; i < nb->n_foreign; i++) {
        const struct json *p = egress_json_array_at(foreign, i);

        nb->foreign[i].priority = json_integer(get(p, "priority"));
        nb->foreign[i].match = xstrdup(get_string(p, "match"));
        nb->foreign[i].action = xstrdup(get_string(p, "action"));
        nb->foreign[i].next_hop = xstrdup(get_string(p, "next-hop"));
        nb->foreign[i].egress_svc = xstrdup(get_string(p, "egress-svc"));
    }
    world_sort_foreign(nb);
}

/* Reads a row that an earlier version may have published. */
static void
read_work(struct world *w, const struct json *json)
{
    const char *node = get_string(json, "node");
    const char *service = get_string(json, "service");
    struct plan_prior_work *p
        = plan_prior_add_service(&w->prior, node, service);
    struct sset sources = SSET_INITIALIZER(&sources);

    read_sset(get(json, "endpoints"), &p->endpoints);
    read_sset(get(json, "sources"), &sources);
    free(p->state);
    p->state = xstrdup(get_string(json, "state"));
    free(p->revision);
    p->revision = xstrdup("0123456789abcdef");
    if (get_bool(json, "acked", false)) {
        free(p->acked);
        p->acked = xstrdup(p->revision);
    }
    free(p->error);
    p->error = xstrdup(get_string(json, "error"));

    char *key = xasprintf("%s %s", node, service);
    struct plan_row *row = plan_row_create("Node_Service", key);
    free(key);
    plan_row_set_string(row, "node", node);
    plan_row_set_string(row, "service", service);
    plan_row_set_string(row, "state", p->state);
    plan_row_set_string(row, "role", "host");
    plan_row_set_sset(row, "source_ips", &sources);
    plan_row_set_sset(row, "endpoints", &p->endpoints);
    plan_rows_push(&w->prior_rows, row);
    p->row = row;
    sset_destroy(&sources);
}

static void
read_prior(struct world *w, const struct json *json)
{
    struct shash_node *sn;

    if (get(json, "status")) {
        SHASH_FOR_EACH (sn, json_object(get(json, "status"))) {
            struct plan_prior_status *st = xzalloc(sizeof *st);
            st->id = xstrdup(sn->name);
            smap_init(&st->status);
            read_smap(sn->data, &st->status);
            shash_add(&w->prior.status, sn->name, st);
        }
    }
    if (get(json, "steered")) {
        SHASH_FOR_EACH (sn, json_object(get(json, "steered"))) {
            shash_add(&w->prior.steered, sn->name,
                      xstrdup(json_string(sn->data)));
        }
    }
    for (size_t i = 0; i < get_n(get(json, "sets")); i++) {
        shash_add(&w->prior.sets, element(get(json, "sets"), i), NULL);
    }
    for (size_t i = 0; i < get_n(get(json, "work")); i++) {
        read_work(w, egress_json_array_at(get(json, "work"), i));
    }
}

void
world_load(struct world *w, const char *file)
{
    world_load_json(w, json_from_file(file), file);
}

void
world_load_json(struct world *w, struct json *json, const char *file)
{
    struct shash_node *sn;

    if (json->type != JSON_OBJECT) {
        ovs_fatal(0, "%s: %s", file, (json->type == JSON_STRING
                                      ? json_string(json) : "no object"));
    }
    w->changes.all = true;
    w->scheduler = get_bool(json, "scheduler", w->scheduler);
    w->zone = get_bool(json, "zone", w->zone);
    read_smap(get(json, "options"), &w->options);
    read_smap(get(json, "refused"), &w->refused);
    if (get(json, "nb")) {
        read_nb(&w->nb, get(json, "nb"));
    }
    if (get(json, "nodes")) {
        SHASH_FOR_EACH (sn, json_object(get(json, "nodes"))) {
            struct plan_prior_node *node = world_helper(w, sn->name);
            node->alive = get_bool(sn->data, "alive", true);
            free(node->kept);
            node->kept = xstrdup(get_string(sn->data, "kept"));
            sset_clear(&node->addresses);
            read_sset(get(sn->data, "addresses"), &node->addresses);
        }
    }
    read_prior(w, json);
    json_destroy(json);
}
