/* SPDX-License-Identifier: Apache-2.0 */

/* NodeNetworkConfigurationPolicies: the rows of Node_Policy, and how far each
 * policy has come.  Called by plan.c. */

#include <config.h>

#include "plan/emit/emit.h"

#include <stdlib.h>

#include "plan/emit/status.h"
#include "util.h"

static void
write_row(const struct view *v, const struct intent_object *policy,
          const struct view_rollout_part *part)
{
    char *key = xasprintf("%s %s", part->node->name, policy->name);
    struct plan_row *row = plan_rows_add(&v->plan->work, "Node_Policy", key);

    plan_row_set_string(row, "node", part->node->name);
    plan_row_set_string(row, "policy", policy->name);
    plan_row_set_string(row, "manifest", part->manifest);
    char *revision = plan_row_revision(row, NULL);
    plan_row_set_string(row, "revision", revision);
    free(revision);
    if (*policy->created) {
        struct smap ids = SMAP_CONST1(&ids, "created", policy->created);

        plan_row_set_map(row, "external_ids", &ids);
    }
    plan_row_add_origin(row, intent_object_id(policy));
    free(key);
}

static void
put_status(const struct view *v, const struct view_rollout *r)
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
                         stuck ? r->n_waiting : 0, r->errors);
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

void
policy_write(const struct view *v)
{
    for (size_t i = 0; i < v->n_rollouts; i++) {
        const struct view_rollout *r = &v->rollouts[i];

        for (size_t j = 0; j < r->n_parts; j++) {
            write_row(v, r->policy, &r->parts[j]);
        }
        put_status(v, r);
    }
}
