/* SPDX-License-Identifier: Apache-2.0 */

/* Routes as values: see machine-route.h. */

#include <config.h>

#include "plan/machine/machine-route.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "plan/rows/lower-bound.h"
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
    route->object.class = &machine_class_route;
}

void
machine_route_destroy(struct machine_route *route)
{
    if (route) {
        free(route->hops);
        route->hops = NULL;
        route->n_hops = 0;
    }
}

static int
compare_hops(const void *a_, const void *b_)
{
    const struct machine_hop *a = a_;
    const struct machine_hop *b = b_;
    int cmp = ip_compare(&a->via, &b->via);

    cmp = cmp ? cmp : strcmp(a->dev, b->dev);
    return cmp ? cmp : a->weight < b->weight ? -1 : a->weight > b->weight;
}

void
machine_route_add_hop(struct machine_route *route,
                      const struct machine_hop *hop)
{
    size_t i = lower_bound(hop, route->hops, route->n_hops,
                           sizeof *route->hops, compare_hops);

    if (i < route->n_hops && !compare_hops(hop, &route->hops[i])) {
        return;
    }
    route->hops = xrealloc(route->hops,
                           (route->n_hops + 1) * sizeof *route->hops);
    memmove(&route->hops[i + 1], &route->hops[i],
            (route->n_hops - i) * sizeof *route->hops);
    route->hops[i] = *hop;
    route->n_hops++;
}

/* The class. */

static int
route_compare(const void *a_, const void *b_)
{
    const struct machine_route *a = a_;
    const struct machine_route *b = b_;
    int cmp = a->table < b->table ? -1 : a->table > b->table;

    cmp = cmp ? cmp : ip_prefix_compare(&a->prefix, &b->prefix);
    return cmp ? cmp : a->metric < b->metric ? -1 : a->metric > b->metric;
}

static bool
route_is_satisfied(const void *have_, const void *want_)
{
    const struct machine_route *have = have_;
    const struct machine_route *want = want_;

    if (have->type != want->type || ip_compare(&have->source, &want->source)
        || have->n_hops != want->n_hops) {
        return false;
    }
    for (size_t i = 0; i < want->n_hops; i++) {
        if (compare_hops(&have->hops[i], &want->hops[i])) {
            return false;
        }
    }
    return true;
}

static void
route_format(const void *route_, struct ds *s)
{
    const struct machine_route *r = route_;
    char buf[IP_STRLEN];

    ds_put_format(s, "%"PRIu32" %s metric %"PRIu32, r->table,
                  ip_prefix_format(&r->prefix, buf), r->metric);
}

static void
route_describe(const void *route_, struct machine_text *text)
{
    const struct machine_route *r = route_;
    struct svec *hops = machine_text_put_list(text, "hops", "[]");
    char buf[IP_STRLEN];

    for (size_t i = 0; i < r->n_hops; i++) {
        const struct machine_hop *hop = &r->hops[i];
        bool via = ip_is_set(&hop->via);

        svec_add_nocopy(hops, xasprintf("\"%s%s%sdev %s weight %u\"",
                                        via ? "via " : "",
                                        via ? ip_format(&hop->via, buf) : "",
                                        via ? " " : "", hop->dev,
                                        hop->weight));
    }
    machine_text_put_string(text, "source", ip_is_set(&r->source)
                            ? ip_format(&r->source, buf) : "");
    machine_text_put_string(text, "type", types[r->type]);
}

static void
route_destroy(void *route)
{
    machine_route_destroy(route);
}

const struct machine_class machine_class_route = {
    .name = "route", .size = sizeof(struct machine_route),
    .compare = route_compare, .is_satisfied = route_is_satisfied,
    .format = route_format, .describe = route_describe,
    .destroy = route_destroy,
};

/* What is to be absent. */

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
