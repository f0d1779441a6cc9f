/* SPDX-License-Identifier: Apache-2.0 */

/* The agent: see the header.  This file is the loop; planning is in
 * agent-plan.c, writing in agent-step.c. */

#include <config.h>

#include "agent/agent.h"

#include <stdlib.h>

#include "agent/agent-plan.h"
#include "agent/agent-step.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovsdb/db-mirror.h"
#include "ovsdb/egress-idl.h"
#include "ovsdb/egress-leader.h"
#include "ovsdb/egress-observe.h"
#include "ovsdb/egress-schema.h"
#include "ovsdb/nb-idl.h"
#include "ovsdb/nb-observe.h"
#include "plan/plan.h"
#include "simap.h"
#include "stopwatch.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(agent);

/* How long there must be no plan until Egress_Global says why, in ms. */
#define HOLD_REPORT_MS 3000

static void
open_db(struct agent_db *db, const char *name, const char *lock,
        const char *remote, const struct ovsdb_idl_class *class)
{
    struct ovsdb_idl *idl = ovsdb_idl_create(remote, class, false, true);

    db->name = name;
    db->lock = lock;
    db->remote = remote;
    db->loop = (struct ovsdb_idl_loop) OVSDB_IDL_LOOP_INITIALIZER(idl);
    db_pending_init(&db->pending);
    if (lock) {
        ovsdb_idl_set_lock(idl, lock);
    }
}

static void
close_db(struct agent_db *db)
{
    ovsdb_idl_loop_destroy(&db->loop);
    db_pending_destroy(&db->pending);
    free(db->problem);
}

struct agent *
agent_create(const char *nb_remote, const char *sb_remote,
             const char *egress_remote)
{
    struct agent *agent = xzalloc(sizeof *agent);

    open_db(&agent->nb_db, "OVN_Northbound", "ovn_egress_agent", nb_remote,
            &nbrec_idl_class);
    open_db(&agent->egress_db, "OVN_Egress", NULL, egress_remote,
            &egressrec_idl_class);
    agent->leader = egress_leader_create(agent->egress_db.loop.idl,
                                         egress_remote,
                                         &egress_leader_scheduler);
    plan_prior_init(&agent->prior);
    plan_changes_init(&agent->changes);
    agent_database_init(&agent->database);
    agent_topology_init(&agent->topology);
    db_pending_init(&agent->status);
    agent->nb = nb_observer_create(agent->nb_db.loop.idl, sb_remote,
                                   &agent->prior, &agent->changes);
    agent->egress = egress_observer_create(agent->egress_db.loop.idl,
                                           &agent->prior, &agent->changes);
    agent_plan_read_options(agent);
    agent_plan_create_stopwatches();
    stopwatch_create("egress-apply", SW_US);
    return agent;
}

void
agent_destroy(struct agent *agent)
{
    if (agent) {
        egress_leader_destroy(agent->leader);
        agent_plan_clear(agent);
        nb_observer_destroy(agent->nb);
        egress_observer_destroy(agent->egress);
        plan_prior_destroy(&agent->prior);
        plan_changes_destroy(&agent->changes);
        agent_database_destroy(&agent->database);
        agent_topology_destroy(&agent->topology);
        db_pending_destroy(&agent->status);
        close_db(&agent->nb_db);
        close_db(&agent->egress_db);
        plan_options_destroy(agent->options);
        free(agent->options);
        free(agent->hold.why);
        free(agent);
    }
}

/* True if we are the active agent of 'db'.  Of an OVN_Egress that is not as
 * new as we are nobody is. */
static bool
run_lock(struct agent *agent, const struct agent_db *db, bool connected)
{
    if (db != &agent->egress_db) {
        return connected && ovsdb_idl_has_lock(db->loop.idl);
    }

    char *why_not = (connected ? egress_schema_why_not(db->loop.idl,
                                                       egress_schema_work)
                     : NULL);
    bool leads = egress_leader_run(agent->leader, connected && !why_not,
                                   time_msec());

    free(why_not);
    return leads;
}

/* Runs the IDL, and notes what became of connection and lock. */
static void
run_db(struct agent *agent, struct agent_db *db)
{
    db->txn = ovsdb_idl_loop_run(&db->loop);
    agent_step_check(agent, db);

    struct ovsdb_idl *idl = db->loop.idl;
    bool connected = db_session_run(&db->session, idl);
    bool has_lock = run_lock(agent, db, connected);

    if (connected != db->connected) {
        VLOG_INFO("%s: %s", db->name,
                  connected ? "connected" : "not connected");
        db->connected = connected;
        agent_note(agent, NEWS_SOME);
        if (db == &agent->egress_db && !connected) {
            agent_database_lost(agent);
            agent->saw_objects = agent->accept_empty = false;
        }
    }
    if (has_lock != db->has_lock) {
        VLOG_INFO("%s: now %s", db->name, has_lock ? "active" : "on standby");
        db->has_lock = has_lock;
        agent->changes.all = true;
        agent_note(agent, NEWS_SOME);
        agent->stage = AGENT_IDLE;
        agent->status.all = db->pending.all = true;
    }
}

void
agent_note(struct agent *agent, enum agent_news news)
{
    agent->news = MAX(agent->news, news);
}

/* Makes pending which rows of 'db' changed, whoever changed them. */
static void
note_rows(struct agent_db *db, const struct db_mirror *mirror)
{
    db_pending_add(&db->pending, false, &mirror->changed);
}

/* Takes in what changed. */
static void
observe(struct agent *agent)
{
    struct smap options;

    smap_clone(&options, &agent->egress->options);
    bool changed = egress_observer_run(agent->egress, time_msec());
    if (!smap_equal(&options, &agent->egress->options)) {
        agent_plan_read_options(agent);
    }
    smap_destroy(&options);
    note_rows(&agent->egress_db, agent->egress->mirror);
    if (agent_database_run(agent)) {
        agent->saw_objects = false;
        changed = true;
    }

    changed |= egress_objects_run(&agent->egress->objects);
    if (agent->egress->objects.n_objs && agent->egress_db.connected) {
        agent->saw_objects = true;
    }
    if (nb_observer_run(agent->nb, agent->options->router,
                        agent->nb_db.has_lock ? NB_CONFIRM_ASK
                        : agent->egress_db.has_lock ? NB_CONFIRM_FOLLOW
                        : NB_CONFIRM_IDLE, time_msec())) {
        agent_note(agent, NEWS_OF_OVN);
    }
    note_rows(&agent->nb_db, nb_observer_mirror(agent->nb));
    db_pending_add(&agent->status, false, &agent->egress->objects.rows);
    sset_clear(&agent->egress->objects.rows);
    ovsdb_idl_track_clear(agent->nb_db.loop.idl);
    ovsdb_idl_track_clear(agent->egress_db.loop.idl);
    if (changed) {
        agent_note(agent, NEWS_SOME);
    }
}

/* Notes, and logs once, why there is no plan; 'why' may be NULL.  What
 * changes while there is none need not be remembered: the next plan is
 * whole. */
static void
set_hold(struct agent *agent, char *why)
{
    struct agent_hold *hold = &agent->hold;

    if (why && !nullable_string_is_equal(hold->why, why)) {
        VLOG_INFO("%s", why);
        hold->since = time_msec();
        hold->reported = false;
    } else if (!why && hold->why) {
        VLOG_INFO("planning");
    }
    if (why) {
        plan_changes_clear(&agent->changes);
        agent->changes.all = true;
    }
    free(hold->why);
    hold->why = why;
}

/* True if people should be told, who read Egress_Global, why there is no plan:
 * not of what passes, as while we connect. */
static bool
should_report_hold(const struct agent *agent)
{
    return (agent->hold.why && !agent->hold.reported
            && time_msec() >= agent->hold.since + HOLD_REPORT_MS);
}

/* While the other database is away, or is another one, the rows of
 * OVN_Northbound are held to the last plan. */
static bool
may_repair(const struct agent *agent)
{
    return (agent->plan && agent->news == NEWS_OF_OVN && !agent->paused
            && agent->nb_db.has_lock && agent->nb_db.connected
            && (!agent->egress_db.connected || agent->hold.keeping));
}

void
agent_run(struct agent *agent)
{
    run_db(agent, &agent->nb_db);
    run_db(agent, &agent->egress_db);
    observe(agent);

    if (agent->database.settled_at
        && time_msec() >= agent->database.settled_at) {
        agent_note(agent, NEWS_SOME);
    }

    bool at_rest = agent->stage == AGENT_IDLE || agent->stage == AGENT_DONE;
    bool quiet = (at_rest && !agent->nb_db.in_flight
                  && !agent->egress_db.in_flight
                  && time_msec() >= agent->retry_at);
    if (agent->news && quiet) {
        set_hold(agent, agent_plan_why_not(agent));
        if (!agent->hold.why) {
            agent_plan_update(agent);
            agent->news = NEWS_NONE;
            agent->stage = AGENT_WORK;
        } else if (may_repair(agent)) {
            agent->news = NEWS_SOME;
            agent->stage = AGENT_STEER;
        } else if (should_report_hold(agent)) {
            agent->hold.reported = agent_step_report_hold(agent);
        }
    }
    if (agent->plan) {
        agent_step_run(agent);
    }
    agent_step_lead(agent);
    agent_step_commit(agent, &agent->nb_db);
    agent_step_commit(agent, &agent->egress_db);
}

void
agent_wait(struct agent *agent)
{
    egress_observer_wait(agent->egress);
    nb_observer_wait(agent->nb);
    egress_leader_wait(agent->leader);
    agent_database_wait(agent);
    agent_topology_wait(agent);
    if (agent->news && agent->retry_at > time_msec()) {
        poll_timer_wait_until(agent->retry_at);
    }
    if (agent->hold.why && !agent->hold.reported
        && agent->hold.since + HOLD_REPORT_MS > time_msec()) {
        poll_timer_wait_until(agent->hold.since + HOLD_REPORT_MS);
    }
}

void
agent_pause(struct agent *agent)
{
    agent->paused = true;
    agent->stage = AGENT_IDLE;
    ovsdb_idl_set_lock(agent->nb_db.loop.idl, NULL);
    egress_leader_pause(agent->leader, true);
}

void
agent_resume(struct agent *agent)
{
    agent->paused = false;
    agent_note(agent, NEWS_SOME);
    ovsdb_idl_set_lock(agent->nb_db.loop.idl, agent->nb_db.lock);
    egress_leader_pause(agent->leader, false);
}

void
agent_recompute(struct agent *agent)
{
    nb_observer_forget(agent->nb);
    egress_observer_forget(agent->egress);
    egress_objects_forget(&agent->egress->objects);
    agent->nb_db.pending.all = agent->egress_db.pending.all = true;
    agent->status.all = agent->changes.all = true;
    agent_note(agent, NEWS_SOME);
    agent->retry_at = 0;
    poll_immediate_wake();
}

void
agent_memory(const struct agent *agent, struct simap *usage)
{
    simap_increase(usage, "objects", agent->egress->objects.n_objs);
    simap_increase(usage, "work-rows", agent->egress->mirror->rows.n);
    simap_increase(usage, "nb-rows", nb_observer_mirror(agent->nb)->rows.n);
    ovsdb_idl_get_memory_usage(agent->nb_db.loop.idl, usage);
    ovsdb_idl_get_memory_usage(agent->egress_db.loop.idl, usage);
}
