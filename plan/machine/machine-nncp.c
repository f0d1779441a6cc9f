/* SPDX-License-Identifier: Apache-2.0 */

/* What NodeNetworkConfigurationPolicies want of a host: objects of classes
 * vrf, port, link, address, sysctl, route and rule.  Called by
 * machine_build().
 *
 * The meaning is NMState's, which is additive: what a policy does not mention
 * stays as it is.  What it declared earlier and does not any more is no longer
 * among the objects, and so is removed where it was ours. */

#include <config.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "plan/machine/machine-build.h"
#include "plan/machine/machine-link.h"
#include "plan/machine/machine-route.h"
#include "plan/machine/machine-rule.h"
#include "util.h"

/* NMState lets the system choose from here on. */
#define AUTO_PRIORITY 30000

/* A policy that is being turned into objects. */
struct context {
    struct machine_builder *b;
    const struct intent_nncp *nncp;
    char *origin;
    uint32_t *next_priority;    /* Of the next rule without one. */
};

static void OVS_PRINTF_FORMAT(2, 3)
fail(struct context *c, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    char *message = xvasprintf(format, args);
    va_end(args);
    machine_error(&c->b->machine->errors, c->origin, "%s", message);
    free(message);
}

static const struct machine_link *
find_link(const struct context *c, const char *name)
{
    return machine_facts_find_link(c->b->in->facts, name);
}

/* VRFs and their ports. */

/* Returns the name of another VRF that has 'table' and that is here to stay,
 * or NULL. */
static const char *
find_other_vrf(const struct context *c, const char *name, uint32_t table)
{
    const struct machine_facts *facts = c->b->in->facts;
    const struct machine_objects *want = &c->b->machine->want;

    for (size_t i = 0; i < facts->n_links; i++) {
        const struct machine_link *link = &facts->links[i];

        if (link->is_vrf && !link->ours && link->table == table
            && strcmp(link->name, name)) {
            return link->name;
        }
    }
    for (size_t i = 0; i < want->n; i++) {
        const struct machine_iface *vrf = (const void *) want->items[i];

        if (vrf->object.class == &machine_class_vrf && strcmp(vrf->name, name)
            && vrf->table == table) {
            return vrf->name;
        }
    }
    return NULL;
}

/* Reports an error of the policy and of each service whose network this VRF
 * would be. */
static void OVS_PRINTF_FORMAT(3, 4)
fail_vrf(struct context *c, const struct intent_interface *iface,
         const char *format, ...)
{
    va_list args;

    va_start(args, format);
    char *message = xvasprintf(format, args);
    va_end(args);
    fail(c, "%s", message);
    if (iface->vrf_table) {
        char *origin = machine_table_origin(iface->vrf_table);

        machine_error(&c->b->machine->errors, origin, "%s", message);
        free(origin);
    }
    free(message);
}

/* Returns the table for the VRF 'iface', or 0 after saying why not. */
static uint32_t
choose_vrf_table(struct context *c, const struct intent_interface *iface)
{
    const struct machine_link *link = find_link(c, iface->name);
    uint32_t table = iface->vrf_table;

    if (link && !link->is_vrf) {
        fail_vrf(c, iface, "interface %s exists and is not a VRF",
                 iface->name);
        return 0;
    } else if (!table && !link) {
        fail_vrf(c, iface, "VRF %s needs a route-table-id", iface->name);
        return 0;
    } else if (!table) {
        table = link->table;
    } else if (link && !link->ours && link->table != table) {
        fail_vrf(c, iface, "VRF %s exists with table %"PRIu32", not "
                 "%"PRIu32, iface->name, link->table, table);
        return 0;
    } else if (!machine_is_network_table(table)) {
        fail_vrf(c, iface, "VRF %s: table %"PRIu32" is the host's own",
             iface->name, table);
        return 0;
    }

    const char *other = find_other_vrf(c, iface->name, table);
    if (other) {
        fail_vrf(c, iface, "VRF %s: table %"PRIu32" belongs to VRF %s",
             iface->name, table, other);
        return 0;
    }
    return table;
}

static void
add_port(struct context *c, const char *vrf, const char *port)
{
    const struct machine_link *link = find_link(c, port);

    if (link && *link->master && strcmp(link->master, vrf)) {
        const struct machine_link *master = find_link(c, link->master);

        if (!(master && master->is_vrf && master->ours)) {
            fail(c, "interface %s is enslaved to %s", port, link->master);
            return;
        }
    }

    struct machine_iface iface = machine_iface(&machine_class_port, port);
    ovs_strlcpy(iface.vrf, vrf, sizeof iface.vrf);
    machine_builder_add(c->b, &iface, c->origin);
}

/* A VRF that cannot be as wanted stays as it is if it is ours: an error takes
 * nothing away. */
static bool
build_vrf(struct context *c, const struct intent_interface *iface)
{
    const struct machine_link *link = find_link(c, iface->name);
    uint32_t table = choose_vrf_table(c, iface);
    bool ok = table != 0;

    if (!ok && link && link->is_vrf && link->ours) {
        table = link->table;
    }
    if (!table) {
        return false;
    }

    struct machine_iface vrf = machine_iface(&machine_class_vrf, iface->name);
    vrf.table = table;

    const struct machine_iface *first = machine_builder_find(c->b, &vrf);
    machine_builder_add(c->b, &vrf, c->origin);
    if (!first || first->table == table) {
        for (size_t i = 0; i < iface->vrf_ports.n; i++) {
            add_port(c, iface->name, iface->vrf_ports.items[i]);
        }
    }
    return ok;
}

/* Interfaces. */

static void
build_ip(struct context *c, const struct intent_interface *iface,
         enum ip_family family)
{
    const struct intent_if_ip *ip = &iface->ip[family];

    if (!ip->given) {
        return;
    }
    if (ip->forwarding >= 0) {
        struct machine_sysctl sysctl = machine_sysctl_of_link(
            family, iface->name, "forwarding", ip->forwarding ? "1" : "0");

        machine_builder_add(c->b, &sysctl, c->origin);
    }
    for (size_t i = 0; ip->enabled && i < ip->addresses.n; i++) {
        struct machine_address address = machine_address(
            iface->name, &ip->addresses.items[i]);

        machine_builder_add(c->b, &address, c->origin);
    }
}

static void
build_interface(struct context *c, const struct intent_interface *iface)
{
    bool is_vrf = !strcmp(iface->type, "vrf");

    switch (iface->state) {
    case INTENT_IF_UP:
    case INTENT_IF_DOWN:
        break;

    case INTENT_IF_ABSENT:
        if (is_vrf) {
            const struct machine_link *link = find_link(c, iface->name);

            if (link && link->is_vrf && !link->ours) {
                fail(c, "VRF %s was not made by ovn-egress-node and is not "
                     "removed", iface->name);
            }
        }
        return;

    case INTENT_IF_IGNORE:
    default:
        return;
    }

    if (is_vrf && !build_vrf(c, iface)) {
        return;
    }

    struct machine_iface link = machine_iface(&machine_class_link,
                                              iface->name);
    link.up = iface->state == INTENT_IF_UP;
    link.mtu = iface->mtu;
    machine_builder_add(c->b, &link, c->origin);

    if (iface->state == INTENT_IF_UP) {
        build_ip(c, iface, IP_V4);
        build_ip(c, iface, IP_V6);
    }
}

/* Routes. */

/* Returns the table of 'r', or 0 if it is in a VRF that does not exist. */
static uint32_t
find_route_table(const struct context *c, const struct intent_route *r)
{
    if (!*r->vrf_name) {
        return r->table;
    }

    const struct machine_iface place = machine_iface(&machine_class_vrf,
                                                     r->vrf_name);
    const struct machine_iface *vrf = machine_builder_find(c->b, &place);
    const struct machine_link *link = find_link(c, r->vrf_name);
    if (vrf) {
        return vrf->table;
    }
    return link && link->is_vrf ? link->table : 0;
}

/* Returns false, with nothing to destroy, after saying what is wrong. */
static bool
convert_route(struct context *c, const struct intent_route *r,
              struct machine_route *route)
{
    enum ip_family family = ip_family(&r->destination.addr);

    machine_route_init(route);
    route->table = find_route_table(c, r);
    if (!route->table) {
        fail(c, "route: there is no VRF %s", r->vrf_name);
        return false;
    }
    route->prefix = r->destination;
    route->metric = (r->metric >= 0 ? r->metric : 0);
    if (family == IP_V6 && !route->metric) {
        route->metric = MACHINE_IPV6_METRIC;
    }
    route->type = r->type;
    route->source = r->source;
    if (r->type == INTENT_UNICAST) {
        struct machine_hop hop = {
            .via = r->next_hop,
            .weight = r->weight ? r->weight : 1,
        };

        ovs_strlcpy(hop.dev, r->interface, sizeof hop.dev);
        machine_route_add_hop(route, &hop);
    }
    return true;
}

/* Notes what is to be absent.  In a VRF that does not exist it is. */
static void
add_absent_route(struct context *c, const struct intent_route *r)
{
    struct machine *machine = c->b->machine;
    uint32_t table = find_route_table(c, r);

    if (*r->vrf_name && !table) {
        return;
    }
    machine->absent_routes = xrealloc(machine->absent_routes,
                                      (machine->n_absent_routes + 1)
                                      * sizeof *machine->absent_routes);
    machine->absent_routes[machine->n_absent_routes++]
        = (struct machine_absent_route) { r, table };
}

/* Adds the hops of 'from' to 'to', which has the same key.  Returns false if
 * they differ otherwise. */
static bool
merge_routes(struct machine_route *to, const struct machine_route *from)
{
    if (to->type != INTENT_UNICAST || from->type != INTENT_UNICAST
        || ip_compare(&to->source, &from->source)) {
        return false;
    }
    for (size_t i = 0; i < from->n_hops; i++) {
        machine_route_add_hop(to, &from->hops[i]);
    }
    return true;
}

/* Returns the one of 'n' routes in the place of 'route', or NULL. */
static struct machine_route *
find_same_key(struct machine_route *routes, size_t n,
              const struct machine_route *route)
{
    for (size_t i = 0; i < n; i++) {
        if (!machine_object_compare(&routes[i].object, &route->object)) {
            return &routes[i];
        }
    }
    return NULL;
}

/* Routes to the same destination with the same metric are one with several
 * next hops. */
static void
build_routes(struct context *c)
{
    const struct intent_nncp *nncp = c->nncp;
    struct machine_route *routes = xcalloc(nncp->n_routes, sizeof *routes);
    size_t n = 0;

    for (size_t i = 0; i < nncp->n_routes; i++) {
        const struct intent_route *r = &nncp->routes[i];
        struct machine_route route;

        if (r->absent) {
            add_absent_route(c, r);
        } else if (convert_route(c, r, &route)) {
            struct machine_route *same = find_same_key(routes, n, &route);

            if (!same) {
                routes[n++] = route;
                continue;
            } else if (!merge_routes(same, &route)) {
                char *name = machine_object_name(&same->object, false);

                fail(c, "%s is there twice", name);
                free(name);
            }
            machine_route_destroy(&route);
        }
    }

    for (size_t i = 0; i < n; i++) {
        if (routes[i].n_hops == 1) {
            routes[i].hops[0].weight = 1;       /* It has no meaning. */
        }
        machine_builder_add(c->b, &routes[i], c->origin);
    }
    free(routes);
}

/* Rules. */

static void
build_rule(struct context *c, const struct intent_rule *r)
{
    struct machine_rule rule;

    if (r->absent) {
        struct machine *machine = c->b->machine;

        machine->absent_rules = xrealloc(machine->absent_rules,
                                         (machine->n_absent_rules + 1)
                                         * sizeof *machine->absent_rules);
        machine->absent_rules[machine->n_absent_rules++] = r;
        return;
    }

    machine_rule_init(&rule, r->family);
    rule.priority = r->priority >= 0 ? r->priority : (*c->next_priority)++;
    if (r->has_from && r->from.plen) {
        rule.from = r->from;
    }
    if (r->has_to && r->to.plen) {
        rule.to = r->to;
    }
    rule.fwmark = r->fwmark;
    rule.fwmask = r->fwmask;
    ovs_strlcpy(rule.iif, r->iif, sizeof rule.iif);
    rule.action = r->action;
    rule.table = r->action == INTENT_RULE_TABLE ? r->table : 0;
    rule.suppress_prefix_length = r->suppress_prefix_length;
    machine_builder_add(c->b, &rule, c->origin);
}

static int
compare_age(const void *a_, const void *b_)
{
    const struct machine_policy *const *a = a_;
    const struct machine_policy *const *b = b_;

    return machine_policy_compare_age(*a, *b);
}

/* Interfaces of all policies come before routes, which may name a VRF of
 * another policy.  Older policies come before younger ones, so that these fail
 * where they do not go together. */
void
machine_build_policies(struct machine_builder *b)
{
    size_t n = b->in->n_policies;
    const struct machine_policy **policies = xmalloc(n * sizeof *policies);
    uint32_t next_priority = AUTO_PRIORITY;

    for (size_t i = 0; i < n; i++) {
        policies[i] = &b->in->policies[i];
    }
    if (n) {
        qsort(policies, n, sizeof *policies, compare_age);
    }
    for (int step = 0; step < 2; step++) {
        for (size_t i = 0; i < n; i++) {
            const struct machine_policy *policy = policies[i];
            struct context c = {
                .b = b,
                .nncp = policy->object ? &policy->object->nncp : NULL,
                .origin = machine_policy_origin(policy),
                .next_priority = &next_priority,
            };

            if (policy->held && step == 0) {
                fail(&c, "%s", policy->held);
            }
            if (!policy->object) {
                b->machine->incomplete |= policy->error != NULL;
                if (policy->error) {
                    fail(&c, "%s", policy->error);
                }
            } else if (step == 0) {
                for (size_t j = 0; j < c.nncp->n_interfaces; j++) {
                    build_interface(&c, &c.nncp->interfaces[j]);
                }
            } else {
                build_routes(&c);
                for (size_t j = 0; j < c.nncp->n_rules; j++) {
                    build_rule(&c, &c.nncp->rules[j]);
                }
            }
            free(c.origin);
        }
    }
    free(policies);
}
