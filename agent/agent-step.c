/* SPDX-License-Identifier: Apache-2.0 */

/* The agent's writing: see the header.  A stage is left only when its
 * transaction has succeeded; a failure leads back to planning. */

#include <config.h>

#include "agent/agent-step.h"

#include <stdlib.h>

#include "agent/agent.h"
#include "coverage.h"
#include "intent/intent.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovsdb/apply.h"
#include "ovsdb/db-mirror.h"
#include "ovsdb/egress-leader.h"
#include "ovsdb/egress-observe.h"
#include "ovsdb/egress-publish.h"
#include "ovsdb/egress-rbac.h"
#include "ovsdb/nb-observe.h"
#include "ovsdb/nb-origin.h"
#include "plan/plan.h"
#include "plan/world/option.h"
#include "stopwatch.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(agent_step);

COVERAGE_DEFINE(egress_nb_txn);
COVERAGE_DEFINE(egress_work_txn);
COVERAGE_DEFINE(egress_txn_failed);

/* How long to wait after a transaction failed, in ms, doubled with each that
 * fails in a row up to the maximum. */
#define RETRY_MIN_MS 50
#define RETRY_MAX_MS 5000

/* Keeps and logs what could not be written, once for each problem. */
static void
note_problem(struct agent_db *db, const struct db_apply_stats *stats)
{
    if (stats->problem && !nullable_string_is_equal(db->problem,
                                                    stats->problem)) {
        VLOG_WARN("%s: %s (%"PRIuSIZE" rows could not be written)", db->name,
                  stats->problem, stats->n_blocked);
    }
    free(db->problem);
    db->problem = nullable_xstrdup(stats->problem);
}

static void
log_stats(const char *db, const struct db_apply_stats *stats)
{
    VLOG_DBG("%s: %"PRIuSIZE" rows inserted, %"PRIuSIZE" modified, "
             "%"PRIuSIZE" deleted%s", db, stats->n_inserted,
             stats->n_modified, stats->n_deleted,
             stats->more ? ", more to come" : "");
}

/* Adds those of the rows of 'want' that are pending to the transaction of
 * 'db'.  Returns true if there is more than fits into one. */
static bool
apply_rows(struct agent_db *db, const struct db_mirror *have,
           const struct plan_rows *want)
{
    struct db_apply_stats stats;

    stopwatch_start("egress-apply", time_usec());
    db_apply(db->txn, db->loop.idl, have, want, &db->pending,
             DB_APPLY_MAX_ROWS, &stats);
    stopwatch_stop("egress-apply", time_usec());
    note_problem(db, &stats);
    if (!db_apply_stats_is_empty(&stats)) {
        log_stats(db->name, &stats);
        db->wrote = true;
    }

    bool more = stats.more;
    db_apply_stats_destroy(&stats);
    return more;
}

/* Adds what is wrong with the options, which belong to no object. */
static void
format_options(const struct agent *agent, struct smap *status)
{
    struct intent_problems problems = INTENT_PROBLEMS_INITIALIZER;
    struct ds s = DS_EMPTY_INITIALIZER;

    option_check_all(&agent->egress->options, &problems);
    for (size_t i = 0; i < problems.n; i++) {
        ds_put_format(&s, "%s%s: %s", i ? "; " : "", problems.items[i].field,
                      problems.items[i].message);
    }
    if (problems.n) {
        smap_add_nocopy(status, xstrdup("options"),
                        intent_clean(ds_cstr(&s), INTENT_MAX_MESSAGE));
    }
    ds_destroy(&s);
    intent_problems_destroy(&problems);
}

/* What Egress_Global says of us: what is wrong with all of it, not with one
 * object. */
static void
format_status(const struct agent *agent, struct smap *status)
{
    const struct intent_problems *problems
        = agent->plan ? &agent->plan->problems : NULL;
    const char *problem = (agent->nb_db.problem ? agent->nb_db.problem
                           : agent->egress_db.problem);

    format_options(agent, status);
    if (agent->hold.why) {
        smap_add(status, "hold", agent->hold.why);
    }
    if (problem) {
        smap_add(status, "problem", problem);
    } else if (problems && problems->n) {
        smap_add_nocopy(status, xstrdup("problem"),
                        intent_problem_to_string(&problems->items[0]));
    }
    if (problems && problems->n) {
        smap_add_format(status, "problems", "%"PRIuSIZE, problems->n);
    }
}

static bool
publish_global(struct agent *agent)
{
    struct agent_db *db = &agent->egress_db;
    struct smap status = SMAP_INITIALIZER(&status);

    format_status(agent, &status);
    const struct egress_publish_global g = {
        .effective = (agent->plan && !agent->hold.why ? &agent->plan->effective
                      : NULL),
        .status = &status,
        .former = &agent->database.former,
    };
    bool changed = egress_publish_global(db->txn, agent->egress, &g);
    changed = egress_rbac_apply(db->txn, db->loop.idl) || changed;
    smap_destroy(&status);
    db->wrote = db->wrote || changed;
    return changed;
}

bool
agent_step_report_hold(struct agent *agent)
{
    const struct agent_db *db = &agent->egress_db;

    if (db->txn && db->has_lock && !db->wrote) {
        publish_global(agent);
        return true;
    }
    return false;
}

/* The stage AGENT_WORK.  What comes of it is known when the transaction has
 * been answered; if it is empty, that is at once. */
static void
write_work(struct agent *agent)
{
    struct agent_db *db = &agent->egress_db;

    if (!db->has_lock) {
        agent->stage = AGENT_STEER;
        return;
    }
    if (!db->txn) {
        return;
    }
    if (!apply_rows(db, agent->egress->mirror, &agent->plan->work)) {
        if (egress_publish_objects(db->txn, agent->egress, agent->plan,
                                   &agent->status, DB_APPLY_MAX_ROWS,
                                   time_wall_msec())) {
            db->wrote = true;
        }
        publish_global(agent);
    }
    if (!db->wrote) {
        agent->stage = AGENT_STEER;
    }
}

/* The stage AGENT_STEER. */
static void
write_steering(struct agent *agent)
{
    struct agent_db *db = &agent->nb_db;

    if (!db->has_lock || !nb_observer_topology(agent->nb)->has_router) {
        agent->stage = AGENT_DONE;
        return;
    }
    if (agent_database_is_settling(agent)) {
        /* Acknowledgements, or the clock, lead to the next plan. */
        agent->stage = AGENT_IDLE;
        return;
    }
    if (!db->txn) {
        return;
    }
    if (agent->plan->nb.n && nb_origin_set(db->loop.idl,
                                           &agent->database.id)) {
        db->wrote = true;
    }
    apply_rows(db, nb_observer_mirror(agent->nb), &agent->plan->nb);
    if (!db->wrote) {
        agent->stage = AGENT_DONE;
    } else {
        nb_confirm_ask(nb_observer_confirm(agent->nb), db->txn, false,
                       time_msec());
    }
}

/* Asks OVN how far it has come, where that could not go with what it is
 * about. */
static void
write_question(struct agent *agent)
{
    struct agent_db *db = &agent->nb_db;
    struct nb_confirm *confirm = nb_observer_confirm(agent->nb);

    if (db->has_lock && db->txn && !db->in_flight && !db->wrote
        && nb_confirm_is_due(confirm, time_msec())) {
        db->wrote = nb_confirm_ask(confirm, db->txn, true, time_msec());
    }
}

/* Once all of a plan is in force, and nothing has changed since, all that it
 * was asked for is done. */
static void
write_cfg(struct agent *agent)
{
    struct agent_db *db = &agent->egress_db;

    if (agent->stage == AGENT_DONE && !agent->news && db->has_lock && db->txn
        && !db->wrote
        && egress_publish_cfg(db->txn, agent->egress, agent->plan_cfg)) {
        db->wrote = true;
    }
}

void
agent_step_run(struct agent *agent)
{
    if (agent->stage == AGENT_WORK && !agent->egress_db.in_flight) {
        write_work(agent);
    }
    if (agent->stage == AGENT_STEER && !agent->nb_db.in_flight) {
        write_steering(agent);
    }
    write_question(agent);
    write_cfg(agent);
}

void
agent_step_lead(struct agent *agent)
{
    struct agent_db *db = &agent->egress_db;

    if (db->txn && db->wrote) {
        egress_leader_verify(agent->leader);
    }
    if (db->txn) {
        egress_leader_write(agent->leader, db->txn, time_msec());
    }
}

/* Transactions. */

static void
note_failure(struct agent *agent, struct agent_db *db)
{
    unsigned int shift = MIN(agent->n_failures, 10);

    COVERAGE_INC(egress_txn_failed);
    agent->n_failed_txns++;
    agent->n_failures++;
    agent->retry_at = time_msec() + MIN(RETRY_MIN_MS << shift, RETRY_MAX_MS);
    agent->stage = AGENT_IDLE;
    agent_note(agent, NEWS_SOME);
    db->pending.all = true;
    if (db == &agent->nb_db) {
        nb_confirm_asked(nb_observer_confirm(agent->nb), false);
    }
    if (db == &agent->egress_db) {
        agent->status.all = true;
        agent->hold.reported = false;
    }
    VLOG_DBG("%s: transaction failed", db->name);
}

static void
note_success(struct agent *agent, struct agent_db *db)
{
    agent->n_failures = 0;
    if (agent->stage == AGENT_WORK || agent->stage == AGENT_STEER) {
        /* The same stage again: there may be more, and if there is not, that
         * is what leads on. */
        poll_immediate_wake();
    }
    if (db == &agent->nb_db) {
        nb_confirm_asked(nb_observer_confirm(agent->nb), true);
        COVERAGE_INC(egress_nb_txn);
        agent->n_nb_txns++;
    } else {
        COVERAGE_INC(egress_work_txn);
        agent->n_egress_txns++;
    }
}

/* What was written turned out to be what is there already, as happens to rows
 * whose router does not exist. */
static void
note_unchanged(struct agent *agent, struct agent_db *db)
{
    if (db == &agent->nb_db) {
        nb_confirm_asked(nb_observer_confirm(agent->nb), false);
    }
    if (agent->stage == AGENT_WORK && db == &agent->egress_db) {
        agent->stage = AGENT_STEER;
        poll_immediate_wake();
    } else if (agent->stage == AGENT_STEER && db == &agent->nb_db) {
        agent->stage = AGENT_DONE;
        poll_immediate_wake();
    }
}

void
agent_step_check(struct agent *agent, struct agent_db *db)
{
    if (db->in_flight && !db->loop.committing_txn) {
        db->in_flight = false;
        note_success(agent, db);
    }
}

void
agent_step_commit(struct agent *agent, struct agent_db *db)
{
    bool sent = db->wrote || db->in_flight;
    int retval = ovsdb_idl_loop_commit_and_wait(&db->loop);
    bool waiting = db->loop.committing_txn != NULL;

    /* An empty transaction is not sent, and its failure, which is what happens
     * without the lock, is none. */
    if (sent && !waiting) {
        if (!retval) {
            note_failure(agent, db);
        } else if (db->in_flight) {
            note_success(agent, db);
        } else {
            note_unchanged(agent, db);
        }
    }
    db->in_flight = waiting && sent;
    db->wrote = false;
    db->txn = NULL;
}
