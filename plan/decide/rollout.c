/* SPDX-License-Identifier: Apache-2.0 */

/* The rollout of each NodeNetworkConfigurationPolicy: which nodes get it now,
 * and how far it has come.
 *
 * At most maxUnavailable nodes at a time have a manifest that they have not
 * acknowledged; the others keep the one that they have.  Called by plan.c
 * before nodes are selected, because a node where a policy failed gets no new
 * service that needs it. */

#include <config.h>

#include "plan/decide/decide.h"

#include <stdlib.h>
#include <string.h>

#include "util.h"

static bool
matches(const struct intent_nncp *nncp, const struct view_node *node)
{
    for (size_t i = 0; i < nncp->node_selector.n; i++) {
        const struct intent_pair *p = &nncp->node_selector.pairs[i];
        const char *value = intent_map_get(&node->labels, p->key);

        if (!value || strcmp(value, p->value)) {
            return false;
        }
    }
    return true;
}

static const struct plan_prior_work *
find_prior(const struct view *v, const struct view_node *node,
           const struct intent_object *policy)
{
    char *key = xasprintf("%s %s", node->name, policy->name);
    const struct plan_prior_work *w
        = shash_find_data(&v->prior->policies, key);

    free(key);
    return w;
}

/* True if the node has not acknowledged what is published for it. */
static bool
is_busy(const struct view *v, const struct plan_prior_work *w)
{
    return (w && v->options->wait_for_nodes
            && (strcmp(w->acked, w->revision) || *w->error));
}

/* Notes that 'node' gets 'manifest'. */
static void
add_part(struct view_rollout *r, const struct view_node *node,
         const char *manifest)
{
    if (r->n_parts >= r->allocated_parts) {
        r->parts = x2nrealloc(r->parts, &r->allocated_parts,
                              sizeof *r->parts);
    }
    r->parts[r->n_parts++] = (struct view_rollout_part) { node, manifest };
}

static unsigned int
max_unavailable(const struct intent_nncp *nncp, unsigned int n_nodes)
{
    unsigned int max = nncp->max_unavailable;

    if (nncp->max_unavailable_percent) {
        max = DIV_ROUND_UP(n_nodes * max, 100);
    }
    return MAX(max, 1);
}

static void
add_error(struct view_rollout *r, const struct view_node *node,
          const char *error)
{
    char *errors = xasprintf("%s; %s: %s", r->errors ? r->errors : "",
                             node->name, error);

    free(r->errors);
    r->errors = errors;
}

/* Decides for 'node', to which the policy applies. */
static void
roll_to_node(struct view *v, struct view_rollout *r,
             const struct view_node *node)
{
    const struct intent_object *policy = r->policy;
    const struct plan_prior_work *w = find_prior(v, node, policy);
    bool busy = is_busy(v, w);

    if (w && !strcmp(w->manifest, policy->manifest)) {
        add_part(r, node, policy->manifest);
        if (!busy) {
            r->n_done++;
        } else if (*w->error) {
            r->n_failed++;
            add_error(r, node, w->error);
        }
    } else if (node->heard && (busy || r->n_busy < r->max)) {
        /* A node that is busy already counts already. */
        r->n_busy += !busy && v->options->wait_for_nodes;
        add_part(r, node, policy->manifest);
    } else {
        r->n_waiting++;
        r->n_silent += !node->heard;
        if (w) {
            add_part(r, node, w->manifest);
        }
    }
}

static void
roll_out(struct view *v, const struct intent_object *policy,
         struct view_rollout *r)
{
    const struct view_node **nodes = xmalloc(v->n_nodes * sizeof *nodes);

    r->policy = policy;

    for (size_t i = 0; i < v->n_nodes; i++) {
        const struct view_node *node = v->node_array[i];
        if (matches(&policy->nncp, node)) {
            nodes[r->n_nodes++] = node;
            if (node->heard && is_busy(v, find_prior(v, node, policy))) {
                r->n_busy++;
            }
        }
    }
    r->max = max_unavailable(&policy->nncp, r->n_nodes);
    for (size_t i = 0; i < r->n_nodes; i++) {
        roll_to_node(v, r, nodes[i]);
    }
    free(nodes);
}

/* Remembers for 'node' the tables that a policy which failed there makes. */
static void
add_bad_tables(struct ledger_node *node, const struct intent_nncp *nncp)
{
    size_t n = nncp->n_interfaces + nncp->n_routes;

    node->bad_tables = xrealloc(node->bad_tables, (node->n_bad_tables + n)
                                * sizeof *node->bad_tables);
    for (size_t i = 0; i < nncp->n_interfaces; i++) {
        if (nncp->interfaces[i].vrf_table) {
            node->bad_tables[node->n_bad_tables++]
                = nncp->interfaces[i].vrf_table;
        }
    }
    for (size_t i = 0; i < nncp->n_routes; i++) {
        if (!nncp->routes[i].absent) {
            node->bad_tables[node->n_bad_tables++] = nncp->routes[i].table;
        }
    }
}

/* Decides which nodes get which policy, and finds out where policies
 * failed. */
void
rollout_run(struct view *v)
{
    struct shash_node *sn;

    SHASH_FOR_EACH (sn, &v->prior->policies) {
        const struct plan_prior_work *w = sn->data;
        const struct view_node *node = view_find_node(v, w->node);
        const struct intent_object *policy
            = view_find_object(v, INTENT_NNCP, "", w->name);

        if (*w->error && node && policy) {
            add_bad_tables(ledger_node(v->ledger, node), &policy->nncp);
        }
    }
    v->n_rollouts = v->kinds[INTENT_NNCP].n;
    v->rollouts = xcalloc(v->n_rollouts, sizeof *v->rollouts);
    for (size_t i = 0; i < v->n_rollouts; i++) {
        roll_out(v, v->kinds[INTENT_NNCP].objs[i], &v->rollouts[i]);
    }
}

void
rollout_forget(struct view *v)
{
    for (size_t i = 0; i < v->n_rollouts; i++) {
        free(v->rollouts[i].parts);
        free(v->rollouts[i].errors);
    }
    free(v->rollouts);
    v->rollouts = NULL;
    v->n_rollouts = 0;
}
