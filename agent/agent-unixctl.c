/* SPDX-License-Identifier: Apache-2.0 */

/* The agent's commands on the control socket: what ovn-egress-agent(8)
 * describes.  They look, and they set flags that the loop acts on; none of
 * them writes to a database. */

#include <config.h>

#include "agent/agent.h"

#include "agent/agent-plan.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "ovsdb/db-mirror.h"
#include "ovsdb/egress-observe.h"
#include "ovsdb/nb-observe.h"
#include "ovsdb/nb-topology.h"
#include "plan/plan.h"
#include "unixctl.h"
#include "util.h"

static void
reply(struct unixctl_conn *conn, struct ds *s)
{
    unixctl_command_reply(conn, ds_cstr(s));
    ds_destroy(s);
}

static const char *
stage_name(const struct agent *agent)
{
    switch (agent->stage) {
    case AGENT_IDLE:
    case AGENT_DONE:
        return agent->news ? "waiting to plan" : "nothing to do";
    case AGENT_WORK:
        return "writing the nodes' work";
    case AGENT_STEER:
        return "writing OVN_Northbound";
    default:
        OVS_NOT_REACHED();
    }
}

static void
format_db(const struct agent_db *db, struct ds *s)
{
    ds_put_format(s, "%s: %s, %s\n", db->name,
                  db->connected ? "connected" : "not connected",
                  db->has_lock ? "active" : "standby");
    if (db->problem) {
        ds_put_format(s, "%s problem: %s\n", db->name, db->problem);
    }
}

static void
cmd_status(struct unixctl_conn *conn, int argc OVS_UNUSED,
           const char *argv[] OVS_UNUSED, void *agent_)
{
    const struct agent *agent = agent_;
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_format(&s, "Status: %s\n",
                  agent->paused ? "paused"
                  : agent->nb_db.has_lock ? "active"
                  : "standby");
    format_db(&agent->nb_db, &s);
    format_db(&agent->egress_db, &s);
    nb_confirm_format(nb_observer_confirm(agent->nb), &s);
    if (agent->hold.why) {
        ds_put_format(&s, "hold: %s\n", agent->hold.why);
    }
    if (agent->database.settled_at) {
        ds_put_format(&s, "%s: in place of another one, waiting for the "
                      "nodes\n", agent->egress_db.name);
    }
    ds_put_format(&s, "now: %s\n", stage_name(agent));
    ds_put_format(&s, "plans: %llu, %llu of them whole\n", agent->n_plans,
                  agent->n_whole_plans);
    ds_put_format(&s, "transactions: %llu to OVN_Northbound, %llu to "
                  "OVN_Egress, %llu failed\n", agent->n_nb_txns,
                  agent->n_egress_txns, agent->n_failed_txns);
    reply(conn, &s);
}

static void
cmd_connection_status(struct unixctl_conn *conn, int argc OVS_UNUSED,
                      const char *argv[] OVS_UNUSED, void *agent_)
{
    const struct agent *agent = agent_;
    const struct agent_db *const dbs[] = { &agent->nb_db, &agent->egress_db };
    struct ds s = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < ARRAY_SIZE(dbs); i++) {
        ds_put_format(&s, "%s: %s\n", dbs[i]->name,
                      dbs[i]->connected ? "connected" : "not connected");
    }
    reply(conn, &s);
}

static void
cmd_pause(struct unixctl_conn *conn, int argc OVS_UNUSED,
          const char *argv[] OVS_UNUSED, void *agent_)
{
    agent_pause(agent_);
    poll_immediate_wake();
    unixctl_command_reply(conn, NULL);
}

static void
cmd_resume(struct unixctl_conn *conn, int argc OVS_UNUSED,
           const char *argv[] OVS_UNUSED, void *agent_)
{
    agent_resume(agent_);
    poll_immediate_wake();
    unixctl_command_reply(conn, NULL);
}

static void
cmd_is_paused(struct unixctl_conn *conn, int argc OVS_UNUSED,
              const char *argv[] OVS_UNUSED, void *agent_)
{
    const struct agent *agent = agent_;

    unixctl_command_reply(conn, agent->paused ? "true" : "false");
}

static void
cmd_recompute(struct unixctl_conn *conn, int argc OVS_UNUSED,
              const char *argv[] OVS_UNUSED, void *agent_)
{
    agent_recompute(agent_);
    unixctl_command_reply(conn, NULL);
}

static void
cmd_accept_empty(struct unixctl_conn *conn, int argc OVS_UNUSED,
                 const char *argv[] OVS_UNUSED, void *agent_)
{
    struct agent *agent = agent_;

    /* What is waited for is what is meant. */
    if (!agent_topology_give_up(agent)) {
        agent->accept_empty = true;
    }
    agent_note(agent, NEWS_SOME);
    poll_immediate_wake();
    unixctl_command_reply(conn, NULL);
}

static void
cmd_plan_show(struct unixctl_conn *conn, int argc OVS_UNUSED,
              const char *argv[] OVS_UNUSED, void *agent_)
{
    const struct agent *agent = agent_;

    if (!agent->plan) {
        unixctl_command_reply_error(conn, "there is no plan (see \"status\")");
        return;
    }

    struct ds s = DS_EMPTY_INITIALIZER;
    plan_format(agent->plan, &s);
    reply(conn, &s);
}

static void
cmd_plan_diff(struct unixctl_conn *conn, int argc OVS_UNUSED,
              const char *argv[] OVS_UNUSED, void *agent_)
{
    const struct agent *agent = agent_;

    if (!agent->plan) {
        unixctl_command_reply_error(conn, "there is no plan (see \"status\")");
        return;
    }

    struct ds s = DS_EMPTY_INITIALIZER;
    if (agent->egress_db.has_lock) {
        plan_rows_format_diff(&agent->egress->mirror->rows,
                              &agent->plan->work, &s);
    }
    if (agent->nb_db.has_lock) {
        plan_rows_format_diff(&nb_observer_mirror(agent->nb)->rows,
                              &agent->plan->nb, &s);
    }
    reply(conn, &s);
}

static void
cmd_plan_verify(struct unixctl_conn *conn, int argc OVS_UNUSED,
                const char *argv[] OVS_UNUSED, void *agent_)
{
    struct agent *agent = agent_;

    if (!agent->plan) {
        unixctl_command_reply_error(conn, "there is no plan (see \"status\")");
        return;
    }
    if (agent->news) {
        unixctl_command_reply_error(conn, "something is not planned yet");
        return;
    }

    struct ds s = DS_EMPTY_INITIALIZER;
    agent_plan_verify(agent, &s);
    reply(conn, &s);
}

static void
cmd_topology_show(struct unixctl_conn *conn, int argc OVS_UNUSED,
                  const char *argv[] OVS_UNUSED, void *agent_)
{
    const struct agent *agent = agent_;
    struct ds s = DS_EMPTY_INITIALIZER;

    nb_topology_format(nb_observer_topology(agent->nb), &s);
    reply(conn, &s);
}

void
agent_unixctl_init(struct agent *agent)
{
    static const struct {
        const char *name;
        unixctl_cb_func *cb;
    } commands[] = {
        { "status", cmd_status },
        { "connection-status", cmd_connection_status },
        { "pause", cmd_pause },
        { "resume", cmd_resume },
        { "is-paused", cmd_is_paused },
        { "recompute", cmd_recompute },
        { "accept-empty", cmd_accept_empty },
        { "plan/show", cmd_plan_show },
        { "plan/diff", cmd_plan_diff },
        { "plan/verify", cmd_plan_verify },
        { "topology/show", cmd_topology_show },
    };

    for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
        unixctl_command_register(commands[i].name, "", 0, 0, commands[i].cb,
                                 agent);
    }
}
