/* SPDX-License-Identifier: Apache-2.0 */

/* The rollout of each NodeNetworkConfigurationPolicy: which nodes get it now,
 * as Node_Policy rows, and how far it has come.
 *
 * At most maxUnavailable nodes at a time have a manifest that they have not
 * acknowledged; the others keep the one that they have.  Called by plan.c
 * before nodes are selected, because a node where a policy failed gets no new
 * service that needs it. */

#include <config.h>

#include "plan/view.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "plan/status.h"
#include "util.h"

/* A policy on its way through its nodes. */
struct rollout {
    const struct intent_object *policy;
    unsigned int n_nodes;
    unsigned int n_done;        /* Acknowledged the newest manifest. */
    unsigned int n_failed;      /* Have it, and an error. */
    unsigned int n_waiting;     /* Do not have it yet. */
    unsigned int n_silent;      /* ...because their helper is not heard. */
    unsigned int n_busy;        /* Count against maxUnavailable. */
    unsigned int max;
    struct ds errors;
};

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

/* Adds a row with 'manifest' and returns it. */
static struct plan_row *
add_row(struct view *v, const struct view_node *node,
        const struct intent_object *policy, const char *manifest)
{
    char *key = xasprintf("%s %s", node->name, policy->name);
    struct plan_row *row = plan_rows_add(&v->plan->work, "Node_Policy", key);

    plan_row_set_string(row, "node", node->name);
    plan_row_set_string(row, "policy", policy->name);
    plan_row_set_string(row, "manifest", manifest);
    char *revision = plan_row_revision(row, NULL);
    plan_row_set_string(row, "revision", revision);
    free(revision);
    if (*policy->created) {
        struct smap ids = SMAP_CONST1(&ids, "created", policy->created);

        plan_row_set_map(row, "external_ids", &ids);
    }
    plan_row_add_origin(row, intent_object_id(policy));
    free(key);
    return row;
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

/* Decides for 'node', to which the policy applies. */
static void
roll_to_node(struct view *v, struct rollout *r, const struct view_node *node)
{
    const struct intent_object *policy = r->policy;
    const struct plan_prior_work *w = find_prior(v, node, policy);
    bool busy = is_busy(v, w);

    if (w && !strcmp(w->manifest, policy->manifest)) {
        add_row(v, node, policy, policy->manifest);
        if (!busy) {
            r->n_done++;
        } else if (*w->error) {
            r->n_failed++;
            ds_put_format(&r->errors, "; %s: %s", node->name, w->error);
        }
    } else if (node->heard && (busy || r->n_busy < r->max)) {
        /* A node that is busy already counts already. */
        r->n_busy += !busy && v->options->wait_for_nodes;
        add_row(v, node, policy, policy->manifest);
    } else {
        r->n_waiting++;
        r->n_silent += !node->heard;
        if (w) {
            add_row(v, node, policy, w->manifest);
        }
    }
}

static void
put_status(struct view *v, const struct rollout *r)
{
    struct plan_status *st = status_get(v, r->policy);
    unsigned int n = r->n_nodes;
    unsigned int n_progressing = n - r->n_done - r->n_failed - r->n_waiting;
    bool stuck = r->n_waiting && r->n_failed >= r->max;
    bool progressing = !stuck && r->n_done + r->n_failed < n;

    status_set(st, "nodes", "%u", n);
    status_set(st, "configured", "%u", r->n_done);
    status_set(st, "failed", "%u", r->n_failed);
    status_set(st, "progressing", "%u", n_progressing);
    status_set(st, "waiting", "%u", r->n_waiting);
    if (!n) {
        status_condition(st, "Ignored", "True", "NoMatchingNode",
                         "Policy does not match any node");
        return;
    }
    status_condition(st, "Ignored", "False", "MatchingNodesFound", "%s", "");
    if (r->n_done == n) {
        status_condition(st, "Available", "True", "SuccessfullyConfigured",
                         "%u/%u nodes successfully configured", n, n);
    } else {
        status_condition(st, "Available", "False",
                         r->n_failed ? "FailedToConfigure"
                         : "ConfigurationProgressing",
                         "%u/%u nodes successfully configured", r->n_done, n);
    }
    if (r->n_failed) {
        status_condition(st, "Degraded", "True", "FailedToConfigure",
                         "%u/%u nodes failed to configure, %u nodes aborted "
                         "configuration%s", r->n_failed, n,
                         stuck ? r->n_waiting : 0, ds_cstr_ro(&r->errors));
    } else {
        status_condition(st, "Degraded", "False",
                         r->n_done == n ? "SuccessfullyConfigured"
                         : "ConfigurationProgressing", "%s", "");
    }
    if (progressing) {
        status_condition(st, "Progressing", "True", "ConfigurationProgressing",
                         "Policy is progressing %u/%u nodes finished%s",
                         r->n_done + r->n_failed, n,
                         r->n_silent ? ", some nodes' helpers are not heard "
                         "from" : "");
    } else {
        status_condition(st, "Progressing", "False",
                         r->n_failed ? "FailedToConfigure"
                         : "SuccessfullyConfigured", "%s", "");
    }
}

static void
roll_out(struct view *v, const struct intent_object *policy)
{
    struct view_node **nodes = xmalloc(v->n_nodes * sizeof *nodes);
    struct rollout r = { .policy = policy, .errors = DS_EMPTY_INITIALIZER };

    for (size_t i = 0; i < v->n_nodes; i++) {
        struct view_node *node = v->node_array[i];
        if (matches(&policy->nncp, node)) {
            nodes[r.n_nodes++] = node;
            if (node->heard && is_busy(v, find_prior(v, node, policy))) {
                r.n_busy++;
            }
        }
    }
    r.max = max_unavailable(&policy->nncp, r.n_nodes);
    for (size_t i = 0; i < r.n_nodes; i++) {
        roll_to_node(v, &r, nodes[i]);
    }
    put_status(v, &r);
    ds_destroy(&r.errors);
    free(nodes);
}

/* Remembers for 'node' the tables that a policy which failed there makes. */
static void
add_bad_tables(struct view_node *node, const struct intent_nncp *nncp)
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

/* Writes the rows of Node_Policy, and finds out where policies failed. */
void
rollout_run(struct view *v)
{
    struct shash_node *sn;

    SHASH_FOR_EACH (sn, &v->prior->policies) {
        const struct plan_prior_work *w = sn->data;
        struct view_node *node = view_find_node(v, w->node);
        const struct intent_object *policy
            = view_find_object(v, INTENT_NNCP, "", w->name);

        if (*w->error && node && policy) {
            add_bad_tables(node, &policy->nncp);
        }
    }
    for (size_t i = 0; i < v->kinds[INTENT_NNCP].n; i++) {
        roll_out(v, v->kinds[INTENT_NNCP].objs[i]);
    }
}
