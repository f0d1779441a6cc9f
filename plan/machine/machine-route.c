/* SPDX-License-Identifier: Apache-2.0 */

/* Routes as values: see machine-route.h. */

#include <config.h>

#include "plan/machine/machine-route.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/json.h"
#include "plan/rows/row.h"
#include "svec.h"
#include "util.h"

static const char *const types[] = {
    [INTENT_UNICAST] = "unicast",
    [INTENT_BLACKHOLE] = "blackhole",
    [INTENT_UNREACHABLE] = "unreachable",
    [INTENT_PROHIBIT] = "prohibit",
};

void
machine_route_init(struct machine_route *route)
{
    memset(route, 0, sizeof *route);
}

void
machine_route_destroy(struct machine_route *route)
{
    if (route) {
        free(route->hops);
        machine_route_init(route);
    }
}

void
machine_route_add_hop(struct machine_route *route,
                      const struct machine_hop *hop)
{
    route->hops = xrealloc(route->hops,
                           (route->n_hops + 1) * sizeof *route->hops);
    route->hops[route->n_hops++] = *hop;
}

char *
machine_route_key(const struct machine_route *r)
{
    char buf[IP_STRLEN];

    return xasprintf("%"PRIu32" %s metric %"PRIu32, r->table,
                     ip_prefix_format(&r->prefix, buf), r->metric);
}

static char *
format_hop(const struct machine_hop *hop)
{
    char buf[IP_STRLEN];

    return (ip_is_set(&hop->via)
            ? xasprintf("via %s dev %s weight %u",
                        ip_format(&hop->via, buf), hop->dev, hop->weight)
            : xasprintf("dev %s weight %u", hop->dev, hop->weight));
}

/* Parses what format_hop() made. */
static void
parse_hop(const char *s, struct machine_hop *hop)
{
    char *copy = xstrdup(s);
    char *save = NULL;

    memset(hop, 0, sizeof *hop);
    for (char *word = strtok_r(copy, " ", &save); word;
         word = strtok_r(NULL, " ", &save)) {
        char *value = strtok_r(NULL, " ", &save);

        if (!value) {
            break;
        } else if (!strcmp(word, "via")) {
            ip_addr_parse(value, &hop->via);
        } else if (!strcmp(word, "dev")) {
            ovs_strlcpy(hop->dev, value, sizeof hop->dev);
        } else if (!strcmp(word, "weight")) {
            str_to_uint(value, 10, &hop->weight);
        }
    }
    free(copy);
}

struct plan_row *
machine_route_to_row(const struct machine_route *r)
{
    char *key = machine_route_key(r);
    struct plan_row *row = plan_row_create("route", key);
    struct svec hops = SVEC_EMPTY_INITIALIZER;
    char buf[IP_STRLEN];

    free(key);
    plan_row_set_string(row, "type", types[r->type]);
    plan_row_set_string(row, "source",
                        ip_is_set(&r->source) ? ip_format(&r->source, buf)
                        : "");
    for (size_t i = 0; i < r->n_hops; i++) {
        svec_add_nocopy(&hops, format_hop(&r->hops[i]));
    }
    plan_row_set_strings(row, "hops", &hops);
    svec_destroy(&hops);
    if (r->protocol) {
        plan_row_set_integer(row, "protocol", r->protocol);
    }
    return row;
}

void
machine_route_from_row(const struct plan_row *row, struct machine_route *r)
{
    const char *type = plan_row_string(row, "type", "");
    const struct plan_column *hops = plan_row_get(row, "hops");
    char prefix[IP_STRLEN];

    machine_route_init(r);
    ovs_scan(row->key, "%"SCNu32" %49s metric %"SCNu32,
             &r->table, prefix, &r->metric);
    ip_prefix_parse(prefix, &r->prefix, NULL);
    for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
        if (!strcmp(type, types[i])) {
            r->type = i;
        }
    }
    ip_addr_parse(plan_row_string(row, "source", ""), &r->source);
    for (size_t i = 0; hops && i < hops->datum.n; i++) {
        struct machine_hop hop;

        parse_hop(json_string(hops->datum.keys[i].s), &hop);
        machine_route_add_hop(r, &hop);
    }
    r->protocol = plan_row_integer(row, "protocol", 0);
}

/* True if one of the hops has the address and interface of 'absent', where
 * given. */
static bool
hop_is_absent(const struct machine_route *r, const struct intent_route *a)
{
    if (!ip_is_set(&a->next_hop) && !*a->interface) {
        return true;
    }
    for (size_t i = 0; i < r->n_hops; i++) {
        const struct machine_hop *hop = &r->hops[i];

        if ((!ip_is_set(&a->next_hop) || !ip_compare(&a->next_hop, &hop->via))
            && (!*a->interface || !strcmp(a->interface, hop->dev))) {
            return true;
        }
    }
    return false;
}

bool
machine_route_is_absent(const struct machine_route *r,
                        const struct intent_route *a,
                        uint32_t table)
{
    return ((!a->has_destination
             || !ip_prefix_compare(&a->destination, &r->prefix))
            && (!table || table == r->table)
            && (a->type == INTENT_UNICAST || a->type == r->type)
            && (!ip_is_set(&a->source) || !ip_compare(&a->source, &r->source))
            && hop_is_absent(r, a));
}
