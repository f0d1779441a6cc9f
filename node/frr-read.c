/* SPDX-License-Identifier: Apache-2.0 */

/* BGP sessions as bgpd shows them.  See frr-read.h. */

#include <config.h>

#include "node/frr-read.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "util.h"

void
frr_neighbors_destroy(struct frr_neighbors *nn)
{
    for (size_t i = 0; i < nn->n; i++) {
        free(nn->items[i].vrf);
        free(nn->items[i].name);
        free(nn->items[i].state);
        free(nn->items[i].local);
        sset_destroy(&nn->items[i].wanted);
        simap_destroy(&nn->items[i].meds);
        simap_destroy(&nn->items[i].paths);
        simap_destroy(&nn->items[i].told);
        simap_destroy(&nn->items[i].told_paths);
    }
    free(nn->items);
    nn->items = NULL;
    nn->n = 0;
}

bool
frr_neighbor_is_up(const struct frr_neighbor *n)
{
    return !strcmp(n->state, "Established");
}

bool
frr_neighbor_is_told(const struct frr_neighbor *n, const char *prefix)
{
    const struct simap_node *told = simap_find(&n->told, prefix);
    const struct simap_node *med = simap_find(&n->meds, prefix);
    bool ranked = (!med || (told && med->data == told->data
                            && simap_get(&n->paths, prefix)
                               == simap_get(&n->told_paths, prefix)));

    return (told && ranked
            && !(n->mapped && strchr(prefix, ':')));
}

bool
frr_neighbor_is_good(const struct frr_neighbor *n)
{
    const char *prefix;

    if (!frr_neighbor_is_up(n)
        || simap_count(&n->told) != sset_count(&n->wanted)) {
        return false;
    }
    SSET_FOR_EACH (prefix, &n->wanted) {
        if (!frr_neighbor_is_told(n, prefix)) {
            return false;
        }
    }
    return true;
}

/* Commands. */

static const char *
vrf_name(const struct frr_neighbor *n)
{
    return *n->vrf ? n->vrf : "default";
}

char *
frr_summary_command(const struct frr_neighbor *n)
{
    return xasprintf("show bgp vrf %s summary json", vrf_name(n));
}

char *
frr_told_command(const struct frr_neighbor *n, enum ip_family family)
{
    return xasprintf("show bgp vrf %s %s unicast neighbors %s "
                     "advertised-routes json", vrf_name(n),
                     ip_family_name(family), n->name);
}

char *
frr_details_command(const struct frr_neighbor *n)
{
    return xasprintf("show bgp vrf %s neighbors %s json", vrf_name(n),
                     n->name);
}

/* Replies. */

/* Returns the object that 'reply' is in JSON, or NULL.  The caller destroys
 * it. */
static struct json *
parse_object(const char *reply)
{
    struct json *json = json_from_string(reply);

    if (json->type != JSON_OBJECT) {
        json_destroy(json);
        json = NULL;
    }
    return json;
}

/* Returns member 'name' of 'json', an object if it has a 'name', or NULL. */
static const struct json *
get(const struct json *json, const char *name)
{
    return (json && json->type == JSON_OBJECT
            ? shash_find_data(json_object(json), name) : NULL);
}

/* Returns the member 'name' of 'json' if that is a string, or NULL. */
static const char *
get_string(const struct json *json, const char *name)
{
    const struct json *value = get(json, name);

    return value && value->type == JSON_STRING ? json_string(value) : NULL;
}

bool
frr_read_summary(const char *reply, struct frr_neighbors *nn,
                 const struct frr_neighbor *which)
{
    static const char *const families[] = { "ipv4Unicast", "ipv6Unicast" };
    struct json *json = parse_object(reply);

    for (size_t i = 0; i < nn->n && json; i++) {
        struct frr_neighbor *n = &nn->items[i];
        const char *state = NULL;

        if (strcmp(n->vrf, which->vrf)) {
            continue;
        }
        for (size_t j = 0; j < ARRAY_SIZE(families) && !state; j++) {
            state = get_string(get(get(get(json, families[j]), "peers"),
                                   n->name), "state");
        }
        if (strcmp(n->state, state ? state : "")) {
            free(n->state);
            n->state = xstrdup(state ? state : "");
        }
    }
    json_destroy(json);
    return json != NULL;
}

/* Returns how many ASes the AS path 'path' has, which may be NULL. */
static unsigned int
path_length(const char *path)
{
    unsigned int n = 0;

    while (path && *(path += strspn(path, " "))) {
        path += strcspn(path, " ");
        n++;
    }
    return n;
}

bool
frr_read_told(const char *reply, struct simap *told, struct simap *paths)
{
    struct json *json = parse_object(reply);
    const struct json *routes = get(json, "advertisedRoutes");

    if (routes && routes->type == JSON_OBJECT) {
        struct shash_node *sn;

        SHASH_FOR_EACH (sn, json_object(routes)) {
            const struct json *metric = get(sn->data, "metric");
            long long int med = (metric && metric->type == JSON_INTEGER
                                 ? json_integer(metric) : 0);

            simap_put(told, sn->name, med);
            simap_put(paths, sn->name,
                      path_length(get_string(sn->data, "path")));
        }
    }
    json_destroy(json);
    return json != NULL;
}

bool
frr_read_details(const char *reply, struct frr_neighbor *n)
{
    struct json *json = parse_object(reply);

    if (json) {
        const struct json *peer = get(json, n->name);
        const char *hop = get_string(peer, "nexthopGlobal");
        const char *local = get_string(peer, "hostLocal");
        struct in6_addr ip;

        /* ip_addr_parse() makes an IPv4 address of a mapped one. */
        n->mapped = (hop && ip_addr_parse(hop, &ip)
                     && ip_family(&ip) == IP_V4);
        free(n->local);
        n->local = xstrdup(local ? local : "");
    }
    json_destroy(json);
    return json != NULL;
}
