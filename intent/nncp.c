/* SPDX-License-Identifier: Apache-2.0 */

/* NodeNetworkConfigurationPolicy of nmstate.io: the policy, and what must fit
 * together within it. */

#include "intent/nncp.h"

#include <stdlib.h>
#include <string.h>

#include "intent/kind-info.h"

/* Checks over several interfaces. */

/* A name or number, and the interface that claims it. */
struct claim {
    const char *name;
    uint32_t number;
    size_t index;
};

static int
compare_claims(const void *a_, const void *b_)
{
    const struct claim *a = a_;
    const struct claim *b = b_;
    int cmp = strcmp(a->name, b->name);

    cmp = cmp ? cmp : (a->number > b->number) - (a->number < b->number);
    return cmp ? cmp : (a->index > b->index) - (a->index < b->index);
}

static bool
is_same_claim(const struct claim *a, const struct claim *b)
{
    return !strcmp(a->name, b->name) && a->number == b->number;
}

/* Reports 'message' and 'name' for the member 'sub' of an interface. */
static void
interface_error(struct decoder *d, const struct value *map, size_t index,
                const char *sub, const char *message, const char *name)
{
    const struct value *at = value_get(map, "interfaces")->items[index];
    struct path interfaces, item;

    decode_push(d, &interfaces, "interfaces", 0);
    decode_push(d, &item, NULL, index);
    decode_error(d, at, sub, "%s %s", message, decode_quote(d, name));
    decode_pop(d);
    decode_pop(d);
}

/* Reports claims that are there twice. */
static void
check_claims(struct decoder *d, const struct value *map, struct claim *claims,
             size_t n, const char *sub, const char *message,
             const struct intent_nncp *nncp)
{
    if (n < 2) {
        return;
    }
    qsort(claims, n, sizeof *claims, compare_claims);
    for (size_t i = 1; i < n; i++) {
        if (is_same_claim(&claims[i - 1], &claims[i])) {
            size_t other = claims[i - 1].index;

            interface_error(d, map, claims[i].index, sub, message,
                            nncp->interfaces[other].name);
        }
    }
}

static void
check_interfaces(struct decoder *d, const struct value *map,
                 const struct intent_nncp *nncp)
{
    size_t n_ports = 0;

    for (size_t i = 0; i < nncp->n_interfaces; i++) {
        n_ports += nncp->interfaces[i].vrf_ports.n;
    }

    struct claim *names = arena_zalloc(d->arena,
                                       nncp->n_interfaces * sizeof *names);
    struct claim *tables = arena_zalloc(d->arena,
                                        nncp->n_interfaces * sizeof *tables);
    struct claim *ports = arena_zalloc(d->arena, n_ports * sizeof *ports);
    size_t n_names = 0;
    size_t n_tables = 0;
    n_ports = 0;
    for (size_t i = 0; i < nncp->n_interfaces; i++) {
        const struct intent_interface *iface = &nncp->interfaces[i];

        if (*iface->name) {
            /* Open vSwitch has a bridge and an interface of one name. */
            names[n_names++] = (struct claim) {
                iface->name, !nncp_is_device_type(iface->type), i
            };
        }
        if (iface->vrf_table && !strcmp(iface->type, "vrf")) {
            tables[n_tables++] = (struct claim) { "", iface->vrf_table, i };
        }
        for (size_t j = 0; j < iface->vrf_ports.n; j++) {
            const char *port = iface->vrf_ports.items[j];

            if (*port && (!j || strcmp(port, iface->vrf_ports.items[j - 1]))) {
                ports[n_ports++] = (struct claim) { port, 0, i };
            }
        }
    }
    check_claims(d, map, names, n_names, "name", "there is another interface",
                 nncp);
    check_claims(d, map, tables, n_tables, "vrf",
                 "the table belongs to another VRF,", nncp);
    check_claims(d, map, ports, n_ports, "vrf",
                 "a port belongs to another VRF,", nncp);
}

/* Checks of routes against interfaces. */

static const struct intent_interface *
find_interface(const struct intent_nncp *nncp, const char *name)
{
    for (size_t i = 0; i < nncp->n_interfaces; i++) {
        const struct intent_interface *iface = &nncp->interfaces[i];

        if (!strcmp(iface->name, name) && nncp_is_device_type(iface->type)) {
            return iface;
        }
    }
    return NULL;
}

static void
check_next_hop(struct decoder *d, const struct value *entry,
               const struct intent_route *route,
               const struct intent_interface *iface)
{
    enum ip_family family = ip_family(&route->destination.addr);
    const struct value *at = value_get(entry, "next-hop-interface");

    if (iface->state == INTENT_IF_ABSENT || iface->state == INTENT_IF_DOWN) {
        decode_error(d, at, "next-hop-interface",
                     "the policy makes the interface %s %s",
                     decode_quote(d, iface->name),
                     iface->state == INTENT_IF_DOWN ? "down" : "absent");
    } else if (route->has_destination && iface->ip[family].given
               && !iface->ip[family].enabled) {
        decode_error(d, at, "next-hop-interface",
                     "the policy disables %s on the interface %s",
                     ip_family_name(family), decode_quote(d, iface->name));
    }
}

static void
check_routes(struct decoder *d, const struct value *map,
             struct intent_nncp *nncp)
{
    const struct value *list = value_get(value_get(map, "routes"), "config");
    struct path routes, config, item;

    decode_push(d, &routes, "routes", 0);
    decode_push(d, &config, "config", 0);
    for (size_t i = 0; i < nncp->n_routes; i++) {
        struct intent_route *route = &nncp->routes[i];
        const struct intent_interface *iface
            = find_interface(nncp, route->interface);
        const struct intent_interface *vrf
            = *route->vrf_name ? find_interface(nncp, route->vrf_name) : NULL;

        decode_push(d, &item, NULL, i);
        if (iface && !route->absent) {
            check_next_hop(d, list->items[i], route, iface);
        }
        if (vrf && !route->table) {
            route->table = vrf->vrf_table;
        }
        decode_pop(d);
    }
    decode_pop(d);
    decode_pop(d);
}

/* The desired state. */

static const struct field routes_fields[] = {
    FIELD("config", structs, intent_nncp, routes, .arg = &nncp_route_table,
          .flags = F_CAPTURES),
    IGNORED("running", T_LIST),
    { .name = NULL },
};

static const struct table routes_table = { .fields = routes_fields };

static const struct field rules_fields[] = {
    FIELD("config", structs, intent_nncp, rules, .arg = &nncp_rule_table,
          .flags = F_CAPTURES),
    { .name = NULL },
};

static const struct table rules_table = { .fields = rules_fields };

static const struct field desired_fields[] = {
    FIELD("interfaces", structs, intent_nncp, interfaces,
          .arg = &nncp_interface_table, .flags = F_CAPTURES),
    { .name = "routes", .decode = decode_struct, .arg = &routes_table,
      .flags = F_CAPTURES },
    { .name = "route-rules", .decode = decode_struct, .arg = &rules_table,
      .flags = F_CAPTURES },
    IGNORED("description", T_STRING),
    UNUSED("dns-resolver", T_MAP),
    UNUSED("hostname", T_MAP),
    UNUSED("ovs-db", T_MAP),
    UNUSED("ovn", T_MAP),
    { .name = NULL },
};

/* Removes what turned out not to be for us, which by now has a warning: what
 * has no name, a route without a destination and a rule without a family. */
static void
drop_unused(struct intent_nncp *nncp)
{
    size_t n = 0;

    for (size_t i = 0; i < nncp->n_interfaces; i++) {
        if (*nncp->interfaces[i].name) {
            nncp->interfaces[n++] = nncp->interfaces[i];
        }
    }
    nncp->n_interfaces = n;

    n = 0;
    for (size_t i = 0; i < nncp->n_routes; i++) {
        if (nncp->routes[i].absent || nncp->routes[i].has_destination) {
            nncp->routes[n++] = nncp->routes[i];
        }
    }
    nncp->n_routes = n;

    n = 0;
    for (size_t i = 0; i < nncp->n_rules; i++) {
        if (nncp->rules[i].absent || nncp->rules[i].has_family) {
            nncp->rules[n++] = nncp->rules[i];
        }
    }
    nncp->n_rules = n;
}

static void
check_desired(struct decoder *d, const struct value *map, void *nncp)
{
    check_interfaces(d, map, nncp);
    check_routes(d, map, nncp);
    drop_unused(nncp);
}

static const struct table desired_table = {
    .fields = desired_fields,
    .check = check_desired,
};

/* The policy. */

/* A number of nodes, or a percentage; 'dst' is the struct intent_nncp. */
static void
decode_max_unavailable(struct decoder *d, const struct value *value,
                       const struct field *f, void *dst)
{
    struct intent_nncp *nncp = dst;
    int64_t number;

    if (value->type == VALUE_STRING) {
        char *s = arena_strdup(d->arena, value->string);
        uint64_t percent;

        if (value->n && s[value->n - 1] == '%') {
            s[value->n - 1] = '\0';
            if (syntax_parse_number(s, 100, &percent)) {
                nncp->max_unavailable = percent;
                nncp->max_unavailable_percent = true;
                return;
            }
        }
        decode_error(d, value, NULL, "must be a number of nodes or a "
                     "percentage such as \"50%%\", not %s",
                     decode_quote(d, value->string));
    } else if (decode_check_type(d, value, T_INT | T_STRING)
               && decode_number(d, value, f, &number)) {
        nncp->max_unavailable = number;
        nncp->max_unavailable_percent = false;
    }
}

static const struct field spec_fields[] = {
    FIELD("nodeSelector", map, intent_nncp, node_selector,
          .syntax = syntax_label_value),
    UNUSED("capture", T_MAP),
    { .name = "maxUnavailable", .decode = decode_max_unavailable,
      RANGE(0, INT32_MAX) },
    { .name = "desiredState", .decode = decode_struct,
      .arg = &desired_table },
    { .name = NULL },
};

static void
init_spec(void *nncp_)
{
    struct intent_nncp *nncp = nncp_;

    nncp->max_unavailable = 50;
    nncp->max_unavailable_percent = true;
}

static const struct table spec_table = {
    .fields = spec_fields,
    .init = init_spec,
};

static const struct field object_fields[] = {
    OBJECT_FIELDS,
    SECTION("spec", spec_table, nncp),
    IGNORED("status", T_MAP),
    { .name = NULL },
};

const struct table nncp_table = { .fields = object_fields };
