/* SPDX-License-Identifier: Apache-2.0 */

/* A NodeNetworkConfigurationPolicy as text: see intent-dump.h. */

#include <config.h>
#include "tests/intent-dump.h"

#include "util.h"

static void
dump_interface(struct ds *s, const struct intent_interface *iface)
{
    static const char *const states[] = { "up", "down", "absent", "ignore" };

    ds_put_format(s, "  interface: %s type=\"%s\" %s\n", iface->name,
                  iface->type, states[iface->state]);
    intent_dump_int(s, "  vrf-table", iface->vrf_table, 0);
    intent_dump_strings(s, "  vrf-ports", &iface->vrf_ports);
    intent_dump_int(s, "  mtu", iface->mtu, 0);
    for (int i = 0; i < IP_N_FAMILIES; i++) {
        const struct intent_if_ip *ip = &iface->ip[i];

        if (ip->given) {
            ds_put_format(s, "    %s: %s%s\n", ip_family_name(i),
                          ip->enabled ? "enabled" : "disabled",
                          ip->dhcp ? " dhcp" : "");
            intent_dump_int(s, "    forwarding", ip->forwarding, -1);
            intent_dump_prefixes(s, "    addresses", &ip->addresses);
        }
    }
}

static void
dump_route(struct ds *s, const struct intent_route *route)
{
    static const char *const types[] = {
        "unicast", "blackhole", "unreachable", "prohibit",
    };
    char buf[IP_STRLEN];

    ds_put_format(s, "  route: %s%s %s table=%"PRIu32"\n",
                  route->absent ? "absent " : "",
                  route->has_destination
                  ? ip_prefix_format(&route->destination, buf) : "any",
                  types[route->type], route->table);
    intent_dump_ip(s, "  next-hop", &route->next_hop);
    intent_dump_string(s, "  interface", route->interface);
    intent_dump_string(s, "  vrf", route->vrf_name);
    intent_dump_int(s, "  metric", route->metric, -1);
    intent_dump_int(s, "  weight", route->weight, 0);
    intent_dump_ip(s, "  source", &route->source);
}

static void
dump_rule(struct ds *s, const struct intent_rule *rule)
{
    static const char *const actions[] = {
        "table", "blackhole", "unreachable", "prohibit",
    };
    char buf[IP_STRLEN];

    ds_put_format(s, "  rule: %s%s %s=%"PRIu32"\n",
                  rule->absent ? "absent " : "",
                  rule->has_family ? ip_family_name(rule->family) : "any",
                  actions[rule->action], rule->table);
    if (rule->has_from) {
        intent_dump_string(s, "  from", ip_prefix_format(&rule->from, buf));
    }
    if (rule->has_to) {
        intent_dump_string(s, "  to", ip_prefix_format(&rule->to, buf));
    }
    intent_dump_int(s, "  priority", rule->priority, -1);
    if (rule->fwmask) {
        ds_put_format(s, "    mark: %#"PRIx32"/%#"PRIx32"\n", rule->fwmark,
                      rule->fwmask);
    }
    intent_dump_string(s, "  iif", rule->iif);
    intent_dump_int(s, "  suppress", rule->suppress_prefix_length, -1);
}

void
intent_dump_nncp(const struct intent_nncp *nncp, struct ds *s)
{
    intent_dump_map(s, "node-selector", &nncp->node_selector);
    ds_put_format(s, "  max-unavailable: %d%s\n", nncp->max_unavailable,
                  nncp->max_unavailable_percent ? "%" : "");
    for (size_t i = 0; i < nncp->n_interfaces; i++) {
        dump_interface(s, &nncp->interfaces[i]);
    }
    for (size_t i = 0; i < nncp->n_routes; i++) {
        dump_route(s, &nncp->routes[i]);
    }
    for (size_t i = 0; i < nncp->n_rules; i++) {
        dump_rule(s, &nncp->rules[i]);
    }
}
