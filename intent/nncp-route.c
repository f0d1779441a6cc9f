/* SPDX-License-Identifier: Apache-2.0 */

/* The routes and the routing rules of NMState's desiredState. */

#include "intent/nncp.h"

#include <string.h>

enum { TABLE_MAIN = 254 };

static const struct enum_name states[] = {
    { "absent", true },
    { NULL, 0 },
};

/* Reports the member 'sub' of 'map' if it is "" in an entry to remove.  There
 * NMState reads it as "only those without". */
static void
check_not_empty(struct decoder *d, const struct value *map, const char *sub)
{
    const struct value *v = value_get(map, sub);

    if (v && v->type == VALUE_STRING && !v->n) {
        decode_error(d, v, sub, "\"\" for those without one is not "
                     "supported");
    }
}

/* Routes. */

static const struct enum_name route_types[] = {
    { "blackhole", INTENT_BLACKHOLE },
    { "unreachable", INTENT_UNREACHABLE },
    { "prohibit", INTENT_PROHIBIT },
    { NULL, 0 },
};

static const struct field route_fields[] = {
    FIELD("state", enum_bool, intent_route, absent, .arg = states),
    FIELD("destination", prefix, intent_route, destination),
    FIELD("next-hop-address", ip, intent_route, next_hop),
    FIELD("next-hop-interface", string, intent_route, interface,
          .syntax = nncp_syntax_interface),
    FIELD("vrf-name", string, intent_route, vrf_name,
          .syntax = syntax_interface),
    FIELD("metric", i64, intent_route, metric, RANGE(-1, UINT32_MAX),
          .flags = F_NMSTATE),
    FIELD("table-id", u32, intent_route, table, RANGE(0, UINT32_MAX),
          .flags = F_NMSTATE),
    FIELD("weight", u32, intent_route, weight, RANGE(1, 256),
          .flags = F_NMSTATE),
    FIELD("route-type", enum, intent_route, type, .arg = route_types),
    FIELD("source", ip, intent_route, source),
    UNUSED("cwnd", T_INT),
    UNUSED("initcwnd", T_INT),
    UNUSED("initrwnd", T_INT),
    UNUSED("mtu", T_INT),
    UNUSED("quickack", T_ANY),
    UNUSED("advmss", T_INT),
    { .name = NULL },
};

static void
init_route(void *route_)
{
    struct intent_route *route = route_;

    route->metric = -1;
}

/* The rules for a route to a destination of 'family'. */
static void
check_families(struct decoder *d, const struct value *map,
               const struct intent_route *route, enum ip_family family)
{
    if (ip_is_set(&route->next_hop)
        && ip_family(&route->next_hop) != family) {
        decode_error(d, value_get(map, "next-hop-address"),
                     "next-hop-address",
                     "must be of the family of destination, %s",
                     ip_family_name(family));
    }
    if (ip_is_set(&route->source) && ip_family(&route->source) != family) {
        decode_error(d, value_get(map, "source"), "source",
                     "must be of the family of destination, %s",
                     ip_family_name(family));
    }
    if (route->weight && family == IP_V6) {
        decode_error(d, value_get(map, "weight"), "weight",
                     "needs an IPv4 destination");
    }
}

/* The rules for a route that is to be there. */
static void
check_present_route(struct decoder *d, const struct value *map,
                    const struct intent_route *route)
{
    const struct value *hop = value_get(map, "next-hop-address");
    const struct value *interface = value_get(map, "next-hop-interface");
    const struct ip_prefix *dst = &route->destination;

    if (!value_get(map, "destination")
        || !*value_get_string(map, "destination")) {
        decode_error(d, map, "destination", "required");
    }
    if (value_get(map, "route-type")) {
        if (ip_is_set(&route->next_hop)) {
            decode_error(d, hop, "next-hop-address",
                         "cannot be together with route-type");
        }
        if (*route->interface && strcmp(route->interface, "lo")) {
            decode_error(d, interface, "next-hop-interface",
                         "must be lo or absent with route-type");
        }
        return;
    }
    if (!interface || (interface->type == VALUE_STRING && !interface->n)) {
        decode_error(d, map, "next-hop-interface", "required");
    }
    if (route->has_destination && ip_family(&dst->addr) == IP_V4
        && !dst->addr.s6_addr[12] && dst->plen >= 8) {
        decode_error(d, value_get(map, "destination"), "destination",
                     "must not be in 0.0.0.0/8; the default route is "
                     "0.0.0.0/0");
    }
}

static void
check_route(struct decoder *d, const struct value *map, void *route_)
{
    struct intent_route *route = route_;
    const char *destination = value_get_string(map, "destination");
    const struct value *cwnd = value_get(map, "cwnd");

    route->has_destination = ip_prefix_parse(destination,
                                             &route->destination, NULL);
    if (route->absent) {
        check_not_empty(d, map, "next-hop-address");
        check_not_empty(d, map, "next-hop-interface");
    } else {
        check_present_route(d, map, route);
        if (!route->table && !*route->vrf_name) {
            route->table = TABLE_MAIN;
        }
    }
    if (route->has_destination) {
        check_families(d, map, route, ip_family(&route->destination.addr));
    }
    if (cwnd && cwnd->type == VALUE_INT && !cwnd->integer) {
        decode_error(d, cwnd, "cwnd", "must not be 0");
    }
    if (syntax_is_sriov(route->interface)) {
        decode_warn(d, value_get(map, "next-hop-interface"),
                    "next-hop-interface", "ovn-egress does not look up "
                    "virtual functions: the route is not applied");
        route->absent = route->has_destination = false;
    }
}

const struct table nncp_route_table = {
    .fields = route_fields,
    .size = sizeof(struct intent_route),
    .init = init_route,
    .check = check_route,
};

/* Rules. */

static const struct enum_name families[] = {
    { "ipv4", IP_V4 },
    { "ipv6", IP_V6 },
    { NULL, 0 },
};

static const struct enum_name actions[] = {
    { "blackhole", INTENT_RULE_BLACKHOLE },
    { "unreachable", INTENT_RULE_UNREACHABLE },
    { "prohibit", INTENT_RULE_PROHIBIT },
    { NULL, 0 },
};

#define SUPPRESS(NAME) \
    FIELD(NAME, i64, intent_rule, suppress_prefix_length, RANGE(0, 128), \
          .flags = F_NMSTATE)

static const struct field rule_fields[] = {
    FIELD("state", enum_bool, intent_rule, absent, .arg = states),
    FIELD("family", enum, intent_rule, family, .arg = families),
    FIELD("ip-from", prefix, intent_rule, from),
    FIELD("ip-to", prefix, intent_rule, to),
    FIELD("priority", i64, intent_rule, priority, RANGE(-1, UINT32_MAX),
          .flags = F_NMSTATE),
    FIELD("route-table", u32, intent_rule, table, RANGE(0, UINT32_MAX),
          .flags = F_NMSTATE),
    FIELD("fwmark", u32, intent_rule, fwmark, RANGE(0, UINT32_MAX),
          .flags = F_NMSTATE),
    FIELD("fwmask", u32, intent_rule, fwmask, RANGE(0, UINT32_MAX),
          .flags = F_NMSTATE),
    FIELD("action", enum, intent_rule, action, .arg = actions),
    FIELD("iif", string, intent_rule, iif, .syntax = syntax_interface),
    SUPPRESS("suppress-prefix-length"),
    SUPPRESS("suppress_prefixlength"),
    { .name = NULL },
};

static void
init_rule(void *rule_)
{
    struct intent_rule *rule = rule_;

    rule->priority = rule->suppress_prefix_length = -1;
}

/* Takes the family from the prefix 'sub', unless it is given, and compares. */
static void
check_rule_family(struct decoder *d, const struct value *map,
                  const char *sub, const struct ip_prefix *prefix,
                  struct intent_rule *rule)
{
    enum ip_family family = ip_family(&prefix->addr);

    if (!rule->has_family) {
        rule->has_family = true;
        rule->family = family;
    } else if (rule->family != family) {
        decode_error(d, value_get(map, sub), sub,
                     "must be of the family %s, as the rest of the rule",
                     ip_family_name(rule->family));
    }
}

static void
check_rule(struct decoder *d, const struct value *map, void *rule_)
{
    struct intent_rule *rule = rule_;
    const struct value *fwmask = value_get(map, "fwmask");

    rule->has_family = value_get(map, "family") != NULL;
    rule->has_from = ip_prefix_parse(value_get_string(map, "ip-from"),
                                     &rule->from, NULL);
    rule->has_to = ip_prefix_parse(value_get_string(map, "ip-to"),
                                   &rule->to, NULL);
    if (rule->has_from) {
        check_rule_family(d, map, "ip-from", &rule->from, rule);
    }
    if (rule->has_to) {
        check_rule_family(d, map, "ip-to", &rule->to, rule);
    }

    if (rule->absent) {
        check_not_empty(d, map, "ip-from");
        check_not_empty(d, map, "ip-to");
        check_not_empty(d, map, "iif");
    } else {
        if (!value_get(map, "family")
            && !*value_get_string(map, "ip-from")
            && !*value_get_string(map, "ip-to")) {
            decode_error(d, map, NULL,
                         "needs one of ip-from, ip-to and family");
        }
        if (rule->action == INTENT_RULE_TABLE && !rule->table) {
            rule->table = TABLE_MAIN;
        }
    }
    if (!value_get(map, "fwmark")) {
        if (fwmask) {
            decode_error(d, fwmask, "fwmask", "needs fwmark");
        }
    } else if (!fwmask) {
        rule->fwmask = UINT32_MAX;
    }
    if (value_get(map, "suppress-prefix-length")
        && value_get(map, "suppress_prefixlength")) {
        decode_error(d, value_get(map, "suppress_prefixlength"),
                     "suppress_prefixlength", "cannot be together with "
                     "suppress-prefix-length, which means the same");
    }
}

const struct table nncp_rule_table = {
    .fields = rule_fields,
    .size = sizeof(struct intent_rule),
    .init = init_rule,
    .check = check_rule,
};
