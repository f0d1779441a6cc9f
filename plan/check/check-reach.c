/* SPDX-License-Identifier: Apache-2.0 */

/* Checks of NodeNetworkConfigurationPolicies: what may cut a node off, which
 * its helper would roll back (plan/machine/machine-trial.h).  Called by
 * check-network.c. */

#include <config.h>

#include "plan/check/check.h"

#include <string.h>

#include "plan/rows/problem.h"

#define WARN(C, OBJ, FIELD, ...) \
    plan_problem_of((C)->problems, INTENT_WARNING, OBJ, FIELD, __VA_ARGS__)

#define TABLE_MAIN 254
#define TABLE_LOCAL 255

/* ovn-kubernetes' name of the management port, which may have a number. */
#define MANAGEMENT_PORT "ovn-k8s-mp"

/* The main table is looked up by a rule of this priority. */
#define MAIN_PRIORITY 32766

static void
check_interface(struct check *c, const struct intent_object *policy,
                const struct intent_interface *iface)
{
    if (!strcmp(iface->name, "lo") && iface->state != INTENT_IF_UP
        && iface->state != INTENT_IF_IGNORE) {
        WARN(c, policy, "spec.desiredState.interfaces", "without the interface"
             " lo, a node does not reach its own addresses");
    }
    if (iface->state != INTENT_IF_UP
        && !strncmp(iface->name, MANAGEMENT_PORT, strlen(MANAGEMENT_PORT))) {
        WARN(c, policy, "spec.desiredState.interfaces", "without %s, the "
             "management port, a node does not reach its pods", iface->name);
    }
    for (size_t i = 0; i < iface->vrf_ports.n; i++) {
        const char *port = iface->vrf_ports.items[i];

        if (!strncmp(port, MANAGEMENT_PORT, strlen(MANAGEMENT_PORT))) {
            WARN(c, policy, "spec.desiredState.interfaces", "with %s, the "
                 "management port, in VRF %s a node does not reach its pods",
                 port, iface->name);
        }
    }
}

static void
check_route(struct check *c, const struct intent_object *policy,
            const struct intent_route *r)
{
    bool is_main = r->table == TABLE_MAIN || (r->absent && !r->table);
    enum ip_family family = ip_family(&r->destination.addr);

    if (r->table == TABLE_LOCAL && !r->absent && !r->destination.plen) {
        WARN(c, policy, "spec.desiredState.routes", "the default route of %s "
             "in the table of local addresses (255) comes before all others",
             ip_family_title(family));
    }
    if (!is_main || *r->vrf_name || (r->absent && *r->interface)
        || (r->has_destination && r->destination.plen)) {
        return;
    } else if (r->absent) {
        WARN(c, policy, "spec.desiredState.routes", "the main table (254) "
             "loses its default route%s%s", r->has_destination ? " of " : "",
             r->has_destination ? ip_family_title(family) : "");
    } else if (r->type != INTENT_UNICAST) {
        WARN(c, policy, "spec.desiredState.routes", "the default route of %s "
             "in the main table (254) leads nowhere", ip_family_title(family));
    }
}

static void
check_rule(struct check *c, const struct intent_object *policy,
           const struct intent_rule *r)
{
    if (!r->absent && r->action != INTENT_RULE_TABLE && !r->fwmask && !*r->iif
        && !r->has_from && r->priority >= 0 && r->priority < MAIN_PRIORITY) {
        char buf[IP_STRLEN];

        WARN(c, policy, "spec.desiredState.route-rules", "the rule of priority"
             " %"PRId64" drops all packets%s%s before the main table (254)",
             r->priority, r->has_to ? " to " : " of ",
             r->has_to ? ip_prefix_format(&r->to, buf)
             : ip_family_title(r->family));
    }
}

void
check_reach(struct check *c, const struct intent_object *policy)
{
    const struct intent_nncp *nncp = &policy->nncp;

    for (size_t i = 0; i < nncp->n_interfaces; i++) {
        check_interface(c, policy, &nncp->interfaces[i]);
    }
    for (size_t i = 0; i < nncp->n_routes; i++) {
        check_route(c, policy, &nncp->routes[i]);
    }
    for (size_t i = 0; i < nncp->n_rules; i++) {
        check_rule(c, policy, &nncp->rules[i]);
    }
}
