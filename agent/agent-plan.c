/* SPDX-License-Identifier: Apache-2.0 */

/* The agent's planning: see the header. */

#include <config.h>

#include "agent/agent-plan.h"

#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/source.h"
#include "coverage.h"
#include "intent/intent.h"
#include "openvswitch/vlog.h"
#include "ovsdb/db-mirror.h"
#include "ovsdb/egress-observe.h"
#include "ovsdb/nb-observe.h"
#include "plan/plan.h"
#include "stopwatch.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(agent_plan);

COVERAGE_DEFINE(egress_plan);

void
agent_plan_read_options(struct agent *agent)
{
    struct intent_problems problems = INTENT_PROBLEMS_INITIALIZER;

    if (agent->options) {
        plan_options_destroy(agent->options);
    } else {
        agent->options = xmalloc(sizeof *agent->options);
    }
    plan_options_init(agent->options, &agent->egress->options, &problems);
    for (size_t i = 0; i < problems.n; i++) {
        char *s = intent_problem_to_string(&problems.items[i]);

        VLOG_WARN("%s", s);
        free(s);
    }
    intent_problems_destroy(&problems);
}

/* May we plan? */

static size_t
count_objects(const struct agent *agent)
{
    size_t n = 0;

    for (size_t i = 0; i < agent->n_sources; i++) {
        struct source_listing l;

        agent->sources[i]->class->get(agent->sources[i], &l);
        n += l.n_objs + smap_count(l.refused);
    }
    return n;
}

char *
agent_plan_why_not(const struct agent *agent)
{
    for (size_t i = 0; i < agent->n_sources; i++) {
        const struct source *s = agent->sources[i];

        if (!s->class->is_ready(s)) {
            return xasprintf("waiting for the objects of %s", s->class->name);
        }
    }
    if (!agent->egress_db.connected || !agent->nb_db.connected) {
        return xasprintf("not connected to %s",
                         agent->nb_db.connected ? agent->egress_db.name
                         : agent->nb_db.name);
    }
    if (agent->paused) {
        return xstrdup("paused");
    }
    if (!agent->nb_db.has_lock && !agent->egress_db.has_lock) {
        return xstrdup("another agent is active");
    }

    size_t n_rows = (nb_observer_mirror(agent->nb)->rows.n
                     + agent->egress->mirror->rows.n);
    if (n_rows && !agent->saw_objects && !agent->accept_empty
        && !count_objects(agent)) {
        return xasprintf("%s holds no objects, but %"PRIuSIZE" rows are in "
                         "force: keeping them (\"accept-empty\" removes them)",
                         agent->egress_db.name, n_rows);
    }
    if (n_rows && !nb_observer_topology(agent->nb)->has_router) {
        return xasprintf("%s has no Logical_Router \"%s\", but %"PRIuSIZE
                         " rows are in force: keeping them",
                         agent->nb_db.name, agent->options->router, n_rows);
    }
    return NULL;
}

/* The plan. */

/* All objects of all sources.  An object that two sources have is that of the
 * first of them. */
static struct intent_object **
collect_objects(const struct agent *agent, struct smap *refused, size_t *np)
{
    struct intent_object **objs = NULL;
    size_t n = 0;

    for (size_t i = 0; i < agent->n_sources; i++) {
        struct source_listing l;
        const struct smap_node *node;

        agent->sources[i]->class->get(agent->sources[i], &l);
        objs = xrealloc(objs, (n + l.n_objs + 1) * sizeof *objs);
        if (l.n_objs) {
            memcpy(objs + n, l.objs, l.n_objs * sizeof *objs);
        }
        n += l.n_objs;
        SMAP_FOR_EACH (node, l.refused) {
            smap_add_once(refused, node->key, node->value);
        }
    }
    if (agent->n_sources > 1) {
        size_t n_kept = 0;

        plan_sort_objects(objs, n);
        for (size_t i = 0; i < n; i++) {
            if (!n_kept || strcmp(intent_object_id(objs[n_kept - 1]),
                                  intent_object_id(objs[i]))) {
                objs[n_kept++] = objs[i];
            }
        }
        n = n_kept;
    }
    *np = n;
    return objs;
}

/* What the plan points to lives as long as it. */
struct agent_plan {
    struct plan plan;
    struct plan_prior prior;
    struct smap refused;
    struct intent_object **objs;
};

void
agent_plan_clear(struct agent *agent)
{
    if (agent->plan) {
        struct agent_plan *ap = CONTAINER_OF(agent->plan, struct agent_plan,
                                             plan);

        plan_destroy(&ap->plan);
        plan_prior_destroy(&ap->prior);
        smap_destroy(&ap->refused);
        free(ap->objs);
        free(ap);
        agent->plan = NULL;
    }
}

void
agent_plan_build(struct agent *agent)
{
    struct agent_plan *ap = xzalloc(sizeof *ap);
    struct plan_input in = {
        .options = agent->options,
        .nb = nb_observer_topology(agent->nb),
        .prior = &ap->prior,
        .refused = &ap->refused,
        .scheduler = agent->egress_db.has_lock,
        .zone = agent->nb_db.has_lock,
    };

    stopwatch_start("egress-plan", time_usec());
    agent_plan_clear(agent);
    plan_prior_init(&ap->prior);
    smap_init(&ap->refused);
    nb_observer_get_prior(agent->nb, &ap->prior);
    egress_observer_get_prior(agent->egress, &ap->prior);
    in.objs = ap->objs = collect_objects(agent, &ap->refused, &in.n_objs);
    plan_build(&in, &ap->plan);
    agent->plan = &ap->plan;
    agent->plan_cfg = agent->egress->next_cfg;
    agent->n_plans++;
    COVERAGE_INC(egress_plan);
    stopwatch_stop("egress-plan", time_usec());

    for (size_t i = 0; i < ap->plan.problems.n; i++) {
        char *s = intent_problem_to_string(&ap->plan.problems.items[i]);

        VLOG_DBG("%s", s);
        free(s);
    }
}
