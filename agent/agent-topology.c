/* SPDX-License-Identifier: Apache-2.0 */

/* Is the topology that OVN_Northbound has complete?  See the header. */

#include <config.h>

#include "agent/agent-topology.h"

#include <string.h>

#include "agent/agent.h"
#include "openvswitch/poll-loop.h"
#include "ovsdb/nb-observe.h"
#include "plan/plan.h"
#include "timeval.h"
#include "util.h"

void
agent_topology_init(struct agent_topology *t)
{
    *t = (struct agent_topology) { .lost = false };
    simap_init(&t->nodes);
}

void
agent_topology_destroy(struct agent_topology *t)
{
    simap_destroy(&t->nodes);
}

/* Returns what there is of 'node', as a set of bits. */
static unsigned int
get_parts(const struct plan_nb_node *node)
{
    unsigned int parts = 0;

    for (int f = 0; f < IP_N_FAMILIES; f++) {
        parts = (parts << 3 | ip_is_set(&node->mgmt_ips[f]) << 2
                 | ip_is_set(&node->join_ips[f]) << 1
                 | ip_is_set(&node->transit_ips[f]));
    }
    return (parts << 3 | (node->n_subnets > 0) << 2
            | (*node->switch_name != '\0') << 1
            | (*node->gateway_router != '\0'));
}

/* True if the router leads nowhere. */
static bool
is_bare(const struct plan_nb *nb)
{
    return !nb->n_networks || sset_is_empty(&nb->switches);
}

/* True if a node serves, whatever an agent that has not planned yet knows. */
static bool
any_serves(const struct agent *agent)
{
    const struct shash_node *sn;

    SHASH_FOR_EACH (sn, &agent->prior.services) {
        const struct plan_prior_work *w = sn->data;

        if (w->state && !strcmp(w->state, "active")) {
            return true;
        }
    }
    return false;
}

/* Returns how many nodes lack something that they had, and how many networks
 * the router lacks. */
static size_t
count_missing(const struct agent_topology *t, const struct plan_nb *nb)
{
    const struct simap_node *sn;
    size_t n = t->n_networks - MIN(t->n_networks, nb->n_networks);

    SIMAP_FOR_EACH (sn, &t->nodes) {
        const struct plan_nb_node *node = shash_find_data(&nb->nodes,
                                                          sn->name);

        n += !node || (sn->data & ~get_parts(node));
    }
    return n;
}

/* True if the router is there, but not all that was with it, and that may
 * still come. */
static bool
is_awaited(struct agent *agent, const struct plan_nb *nb)
{
    struct agent_topology *t = &agent->topology;
    size_t n_missing = count_missing(t, nb);

    if (!is_bare(nb) && !n_missing) {
        return false;
    }
    if (!t->until || n_missing < t->n_missing) {
        t->until = time_msec() + AGENT_TOPOLOGY_PATIENCE_MS;
        t->n_missing = n_missing;
    }
    return !t->accepted && time_msec() < t->until;
}

char *
agent_topology_hindrance(struct agent *agent, size_t n_rows)
{
    const struct plan_nb *nb = nb_observer_topology(agent->nb);
    struct agent_topology *t = &agent->topology;

    if (!n_rows) {
        return NULL;
    }
    if (!nb->has_router) {
        t->lost = true;
        t->until = 0;
        return xasprintf("%s has no Logical_Router \"%s\", but %"PRIuSIZE
                         " rows are in force: keeping them",
                         agent->nb_db.name, agent->options->router, n_rows);
    }
    t->lost = t->lost || (is_bare(nb) && (!simap_is_empty(&t->nodes)
                                          || any_serves(agent)));
    if (t->lost && is_awaited(agent, nb)) {
        return xasprintf("%s has lost what was with Logical_Router \"%s\", "
                         "and has not all of it again, but %"PRIuSIZE" rows "
                         "are in force: keeping them until nothing has come "
                         "for %d s (\"accept-empty\" waits no longer)",
                         agent->nb_db.name, agent->options->router, n_rows,
                         AGENT_TOPOLOGY_PATIENCE_MS / 1000);
    }
    return NULL;
}

void
agent_topology_accept(struct agent *agent)
{
    const struct plan_nb *nb = nb_observer_topology(agent->nb);
    struct agent_topology *t = &agent->topology;
    const struct shash_node *sn;

    t->lost = t->accepted = false;
    t->until = 0;
    t->n_networks = 0;
    simap_clear(&t->nodes);
    if (nb->has_router && !is_bare(nb)) {
        t->n_networks = nb->n_networks;
        SHASH_FOR_EACH (sn, &nb->nodes) {
            simap_put(&t->nodes, sn->name, get_parts(sn->data));
        }
    }
}

bool
agent_topology_give_up(struct agent *agent)
{
    struct agent_topology *t = &agent->topology;

    t->accepted = t->lost && t->until && !agent->hold.keeping;
    return t->accepted;
}

void
agent_topology_wait(const struct agent *agent)
{
    const struct agent_topology *t = &agent->topology;

    if (t->lost && t->until > time_msec()) {
        poll_timer_wait_until(t->until);
    }
}
