/* SPDX-License-Identifier: Apache-2.0 */

/* Checks of NodeNetworkConfigurationPolicies against each other, the nodes and
 * the cluster's networks.  Called by check.c. */

#include <config.h>

#include "plan/check/check.h"

#include <stdlib.h>
#include <string.h>

#include "plan/rows/problem.h"
#include "util.h"

#define WARN(C, OBJ, FIELD, ...) \
    plan_problem_of((C)->problems, INTENT_WARNING, OBJ, FIELD, __VA_ARGS__)

#define TABLE_MAIN 254

/* The kernel's rule for VRF devices: rules that shall go before it must have a
 * lower number. */
#define L3MDEV_PRIORITY 1000

bool
check_policy_matches(const struct intent_object *policy,
                     const struct view_node *node)
{
    const struct intent_map *sel = &policy->nncp.node_selector;

    for (size_t i = 0; i < sel->n; i++) {
        const char *value = intent_map_get(&node->labels, sel->pairs[i].key);
        if (!value || strcmp(value, sel->pairs[i].value)) {
            return false;
        }
    }
    return true;
}

const struct check_table *
check_find_table(const struct check *c, uint32_t table)
{
    char *key = xasprintf("%"PRIu32, table);
    const struct check_table *t = shash_find_data(&c->tables, key);

    free(key);
    return t;
}

/* Notes that 'policy' makes 'table', and returns what is known of it. */
static struct check_table *
add_table(struct check *c, uint32_t table, const struct intent_object *policy)
{
    char *key = xasprintf("%"PRIu32, table);
    struct check_table *t = shash_find_data(&c->tables, key);

    if (!t) {
        t = xzalloc(sizeof *t);
        shash_add(&c->tables, key, t);
    }
    if (!t->n_policies || t->policies[t->n_policies - 1] != policy) {
        t->policies = xrealloc(t->policies, (t->n_policies + 1)
                               * sizeof *t->policies);
        t->policies[t->n_policies++] = policy;
    }
    free(key);
    return t;
}

/* Returns a node that both policies apply to, or NULL. */
static const struct view_node *
find_common_node(const struct check *c, const struct intent_object *a,
                 const struct intent_object *b)
{
    for (size_t i = 0; i < c->v->n_nodes; i++) {
        const struct view_node *node = c->v->node_array[i];
        if (check_policy_matches(a, node) && check_policy_matches(b, node)) {
            return node;
        }
    }
    return NULL;
}

/* A port of a VRF. */
struct check_port {
    const struct intent_object *policy;
    const char *vrf;
};

/* Complains of each port of 'vrf' that a VRF of another policy has on the same
 * node.  'ports' is from the name of a port to the first VRF that has it. */
static void
check_vrf_ports(struct check *c, const struct intent_object *policy,
                const struct intent_interface *vrf, struct shash *ports)
{
    for (size_t i = 0; i < vrf->vrf_ports.n; i++) {
        const char *name = vrf->vrf_ports.items[i];
        const struct check_port *old = shash_find_data(ports, name);

        if (!old) {
            struct check_port *new = xmalloc(sizeof *new);

            *new = (struct check_port) { policy, vrf->name };
            shash_add(ports, name, new);
        } else if (strcmp(old->vrf, vrf->name)
                   && find_common_node(c, policy, old->policy)) {
            WARN(c, policy, "spec.desiredState.interfaces", "port %s of VRF %s"
                 " is also that of VRF %s in policy %s", name, vrf->name,
                 old->vrf, old->policy->name);
        }
    }
}

/* Adds the VRFs and routes of 'policy' to the indexes. */
static void
index_policy(struct check *c, const struct intent_object *policy,
             struct shash *ports)
{
    const struct intent_nncp *nncp = &policy->nncp;

    for (size_t i = 0; i < nncp->n_interfaces; i++) {
        const struct intent_interface *iface = &nncp->interfaces[i];

        if (!iface->vrf_table || iface->state != INTENT_IF_UP) {
            continue;
        }
        const struct check_table *old
            = check_find_table(c, iface->vrf_table);
        for (size_t j = 0; old && j < old->n_policies; j++) {
            const struct view_node *node
                = find_common_node(c, policy, old->policies[j]);
            if (node && old->vrf && policy != old->policies[j]
                && !shash_find(&c->vrfs, iface->name)) {
                WARN(c, policy, "spec.desiredState.interfaces",
                     "VRF %s has the routing table %"PRIu32", like a VRF of "
                     "policy %s on node %s", iface->name, iface->vrf_table,
                     old->policies[j]->name, node->name);
            }
        }
        check_vrf_ports(c, policy, iface, ports);
        struct check_table *t = add_table(c, iface->vrf_table, policy);
        t->vrf = t->vrf ? t->vrf : iface->name;
        shash_add_once(&c->vrfs, iface->name, policy);
    }
    for (size_t i = 0; i < nncp->n_routes; i++) {
        const struct intent_route *r = &nncp->routes[i];
        if (!r->absent && r->has_destination) {
            struct check_table *t = add_table(c, r->table, policy);
            enum ip_family family = ip_family(&r->destination.addr);
            t->has_route[family] = true;
            if (!r->destination.plen) {
                t->has_default[family] = true;
            }
        }
    }
}

/* A rule of 'policy' that sends 'net' to the main table, or NULL. */
static const struct intent_rule *
find_rule(const struct intent_nncp *nncp, const struct ip_prefix *net)
{
    const struct intent_rule *late = NULL;

    for (size_t i = 0; i < nncp->n_rules; i++) {
        const struct intent_rule *r = &nncp->rules[i];

        if (!r->absent && r->action == INTENT_RULE_TABLE
            && r->table == TABLE_MAIN && r->has_to && !r->has_from
            && !r->fwmask && !*r->iif && r->to.plen <= net->plen
            && ip_prefix_contains(&r->to, &net->addr)) {
            if (r->priority >= 0 && r->priority < L3MDEV_PRIORITY) {
                return r;
            }
            late = r;
        }
    }
    return late;
}

/* Checks that traffic to 'net' is kept out of the VRF of 'policy'. */
static void
check_rule(struct check *c, const struct intent_object *policy,
           const struct ip_prefix *net, const char *what)
{
    const struct intent_rule *r = find_rule(&policy->nncp, net);
    char buf[IP_STRLEN];

    ip_prefix_format(net, buf);
    if (!r) {
        WARN(c, policy, "spec.desiredState.route-rules", "no rule sends %s, "
             "%s, to the main table (254)", buf, what);
    } else if (r->priority < 0 || r->priority >= L3MDEV_PRIORITY) {
        WARN(c, policy, "spec.desiredState.route-rules", "the rule for %s, %s,"
             " must have a priority below %d, that of the VRFs' rule", buf,
             what, L3MDEV_PRIORITY);
    }
}

/* Which families the policy's VRFs route. */
static void
find_families(const struct check *c, const struct intent_nncp *nncp,
              bool families[IP_N_FAMILIES])
{
    for (size_t i = 0; i < nncp->n_interfaces; i++) {
        const struct check_table *t
            = check_find_table(c, nncp->interfaces[i].vrf_table);
        for (int f = 0; t && nncp->interfaces[i].vrf_table
             && f < IP_N_FAMILIES; f++) {
            families[f] = families[f] || t->has_route[f];
        }
    }
}

static void
check_rules(struct check *c, const struct intent_object *policy)
{
    const struct view *v = c->v;
    const struct plan_options *o = v->options;
    bool families[IP_N_FAMILIES] = { false, false };
    const struct {
        const struct ip_prefix *nets;
        size_t n;
        const char *what;
    } kinds[] = {
        { v->cluster_networks, v->n_cluster_networks, "the pods' network" },
        { o->service_networks, o->n_service_networks,
          "the Services' network" },
        { v->masquerade.items, v->masquerade.n,
          "the masquerade subnet" },
    };

    find_families(c, &policy->nncp, families);
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        for (size_t j = 0; j < kinds[i].n; j++) {
            if (families[ip_family(&kinds[i].nets[j].addr)]) {
                check_rule(c, policy, &kinds[i].nets[j], kinds[i].what);
            }
        }
    }
}

/* One address on several nodes answers from all of them. */
static void
check_addresses(struct check *c, const struct intent_object *policy)
{
    const struct intent_nncp *nncp = &policy->nncp;
    size_t n_nodes = 0;

    for (size_t i = 0; i < c->v->n_nodes; i++) {
        n_nodes += check_policy_matches(policy, c->v->node_array[i]);
    }
    for (size_t i = 0; i < nncp->n_interfaces; i++) {
        const struct intent_interface *iface = &nncp->interfaces[i];
        for (int f = 0; f < IP_N_FAMILIES; f++) {
            const struct intent_prefixes *ips = &iface->ip[f].addresses;
            if (ips->n && n_nodes > 1 && iface->state == INTENT_IF_UP) {
                char buf[IP_STRLEN];
                WARN(c, policy, "spec.desiredState.interfaces", "%"PRIuSIZE
                     " nodes get the same address %s on %s", n_nodes,
                     ip_format(&ips->items[0].addr, buf), iface->name);
            }
            if (!iface->ip[f].forwarding && *iface->name
                && iface->ip[f].given && iface->ip[f].enabled) {
                WARN(c, policy, "spec.desiredState.interfaces", "forwarding is"
                     " off on %s: nothing is routed from or to it",
                     iface->name);
            }
        }
    }
}

/* Of what a Node names of its host, some is not taken. */
static void
check_node(struct check *c, const struct intent_object *node)
{
    const struct intent_prefixes *nets = &node->node.masquerade;
    char buf[IP_STRLEN];

    for (size_t i = 0; i < nets->n; i++) {
        if (!view_is_masquerade(&nets->items[i])) {
            WARN(c, node, "metadata.annotations", "masquerade subnet %s is "
                 "ignored, because a host outside may have such an address: "
                 "use option masquerade-networks",
                 ip_prefix_format(&nets->items[i], buf));
        }
    }
}

/* Makes the indexes of tables and VRFs and checks all policies, and nodes. */
void
check_networks(struct check *c)
{
    for (size_t i = 0; i < c->v->kinds[INTENT_NODE].n; i++) {
        check_node(c, c->v->kinds[INTENT_NODE].objs[i]);
    }

    const struct intent_object **policies = view_sort_by_age(c->v,
                                                             INTENT_NNCP);
    size_t n = c->v->kinds[INTENT_NNCP].n;
    struct shash ports = SHASH_INITIALIZER(&ports);

    for (size_t i = 0; i < n; i++) {
        index_policy(c, policies[i], &ports);
    }
    shash_destroy_free_data(&ports);
    for (size_t i = 0; i < n; i++) {
        check_rules(c, policies[i]);
        check_addresses(c, policies[i]);
        check_reach(c, policies[i]);
    }
    free(policies);
}
