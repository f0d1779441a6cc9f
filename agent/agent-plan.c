/* SPDX-License-Identifier: Apache-2.0 */

/* The agent's planning: see the header. */

#include <config.h>

#include "agent/agent-plan.h"

#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "coverage.h"
#include "intent/intent.h"
#include "openvswitch/vlog.h"
#include "ovsdb/db-mirror.h"
#include "ovsdb/egress-idl.h"
#include "ovsdb/egress-observe.h"
#include "ovsdb/egress-schema.h"
#include "ovsdb/nb-observe.h"
#include "plan/plan.h"
#include "stopwatch.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(agent_plan);

COVERAGE_DEFINE(egress_plan);
COVERAGE_DEFINE(egress_plan_whole);

void
agent_plan_read_options(struct agent *agent)
{
    struct intent_problems problems = INTENT_PROBLEMS_INITIALIZER;

    if (agent->options) {
        plan_options_destroy(agent->options);
    } else {
        agent->options = xmalloc(sizeof *agent->options);
    }

    const struct egressrec_egress_global *global
        = egressrec_egress_global_first(agent->egress->idl);
    plan_options_read(agent->options, &agent->egress->options,
                      global ? &global->effective : NULL, &problems);
    for (size_t i = 0; i < problems.n; i++) {
        char *s = intent_problem_to_string(&problems.items[i]);

        VLOG_WARN("%s", s);
        free(s);
    }
    intent_problems_destroy(&problems);
}

/* May we plan? */

/* Returns why what OVN_Egress says must not be followed, or NULL. */
static char *
why_keep(const struct agent *agent, size_t n_rows)
{
    const struct egress_objects *objects = &agent->egress->objects;

    if (n_rows && !agent->saw_objects && !agent->accept_empty
        && !objects->n_objs && smap_is_empty(&objects->refused)) {
        return xasprintf("%s holds no objects, but %"PRIuSIZE" rows are in "
                         "force: keeping them (\"accept-empty\" removes them)",
                         agent->egress_db.name, n_rows);
    }
    return agent_database_hindrance(agent);
}

char *
agent_plan_why_not(struct agent *agent)
{
    agent->hold.keeping = false;
    if (!agent->egress_db.connected || !agent->nb_db.connected) {
        return xasprintf("not connected to %s",
                         agent->nb_db.connected ? agent->egress_db.name
                         : agent->nb_db.name);
    }

    char *why_not = egress_schema_why_not(agent->egress_db.loop.idl,
                                          egress_schema_work);
    if (why_not) {
        return why_not;
    }
    if (!nb_observer_is_complete(agent->nb)) {
        return xasprintf("waiting for the rows of %s", agent->nb_db.name);
    }
    if (agent->paused) {
        return xstrdup("paused");
    }
    if (!agent->nb_db.has_lock && !agent->egress_db.has_lock) {
        return xstrdup("another agent is active");
    }

    agent_database_recall(agent);
    size_t n_rows = (nb_observer_mirror(agent->nb)->rows.n
                     + agent->egress->mirror->rows.n);
    char *keep = why_keep(agent, n_rows);
    if (keep) {
        agent->hold.keeping = true;
        return keep;
    }
    return agent_topology_hindrance(agent, n_rows);
}

/* The input. */

static void
get_input(struct agent *agent, struct plan_input *in)
{
    *in = (struct plan_input) {
        .options = agent->options,
        .nb = nb_observer_topology(agent->nb),
        .prior = &agent->prior,
        .objs = agent->egress->objects.objs,
        .n_objs = agent->egress->objects.n_objs,
        .refused = &agent->egress->objects.refused,
        .now = agent->plan_now,
        .scheduler = agent->egress_db.has_lock,
        .zone = agent->nb_db.has_lock,
    };
}

/* The plan. */

void
agent_plan_clear(struct agent *agent)
{
    if (agent->plan) {
        plan_destroy(agent->plan);
        free(agent->plan);
        agent->plan = NULL;
    }
}

/* Makes pending what the plan changed. */
static void
take_delta(struct agent *agent)
{
    struct plan_delta *delta = &agent->plan->delta;

    db_pending_add(&agent->nb_db.pending, delta->all, &delta->nb);
    db_pending_add(&agent->egress_db.pending, delta->all, &delta->work);
    db_pending_add(&agent->status, delta->all, &delta->status);
    plan_delta_destroy(delta);
    plan_delta_init(delta);
}

void
agent_plan_create_stopwatches(void)
{
    stopwatch_create("egress-plan", SW_US);
    for (size_t i = 0; plan_stage_name(i); i++) {
        stopwatch_create(plan_stage_name(i), SW_US);
    }
}

/* Starts the stopwatch of the stage of planning that begins now, and stops
 * that of the one before. */
static void
watch_stage(const char *stage)
{
    static const char *running;

    if (running) {
        stopwatch_stop(running, time_usec());
    }
    if (stage) {
        stopwatch_start(stage, time_usec());
    }
    running = stage;
}

void
agent_plan_update(struct agent *agent)
{
    struct plan_input in;
    bool whole = true;

    stopwatch_start("egress-plan", time_usec());
    agent->plan_now = time_wall_msec() / 1000;
    agent_database_accept(agent);
    agent_topology_accept(agent);
    get_input(agent, &in);
    in.watch = watch_stage;
    if (agent->plan) {
        whole = !plan_update(agent->plan, &in, &agent->changes);
    } else {
        agent->plan = xmalloc(sizeof *agent->plan);
        plan_build(&in, agent->plan);
    }
    plan_changes_clear(&agent->changes);
    take_delta(agent);
    if (agent->plan->waits_for_ovn) {
        nb_confirm_want(nb_observer_confirm(agent->nb));
    }
    agent->plan_cfg = agent->egress->next_cfg;
    agent->n_plans++;
    agent->n_whole_plans += whole;
    COVERAGE_INC(egress_plan);
    if (whole) {
        COVERAGE_INC(egress_plan_whole);
    }
    stopwatch_stop("egress-plan", time_usec());
    VLOG_DBG("planned %"PRIuSIZE" services%s", agent->plan->n_planned,
             whole ? ", all" : "");

    for (size_t i = 0; i < agent->plan->problems.n; i++) {
        char *s = intent_problem_to_string(&agent->plan->problems.items[i]);

        VLOG_DBG("%s", s);
        free(s);
    }
}

void
agent_plan_verify(struct agent *agent, struct ds *s)
{
    struct plan_input in;

    nb_observer_verify(agent->nb, s);
    egress_observer_verify(agent->egress, s);
    get_input(agent, &in);
    plan_verify(agent->plan, &in, s);
}
