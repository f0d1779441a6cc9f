/* SPDX-License-Identifier: Apache-2.0 */

/* The agent: from what is known to what should be, again and again.
 *
 * A turn of the loop runs both IDLs, takes in what changed, plans if something
 * did (once, however much changed), and takes the plan's next step:
 *
 *     AGENT_IDLE   no plan, or one that was given up: wait for a change
 *     AGENT_WORK   the nodes' work and the objects' status go to OVN_Egress
 *     AGENT_STEER  the rows of OVN_Northbound follow once that has succeeded
 *     AGENT_DONE   all of the plan is in force: wait for a change
 *
 * so that, if we are killed in between, a node at most has work that no packet
 * needs yet.  What a node must lose is taken from it by a later plan, which
 * has seen that OVN_Northbound does not steer to it any more.
 *
 * No plan is made from a replica that lacks what our own last transaction
 * wrote.  A step that fails leads to a new plan.
 *
 * A turn costs what changed.  The observers keep what is known, 'prior' and
 * the objects, and note in 'changes' what of it changed; the plan follows
 * (plan_update()); and only those rows are compared and written that changed
 * in the plan or in the database, the 'pending' ones.
 *
 * Called by ovn-egress-agent.c; agent-unixctl.c looks into it. */

#ifndef AGENT_AGENT_H
#define AGENT_AGENT_H 1

#include <stdbool.h>
#include <stdint.h>

#include "agent/agent-database.h"
#include "agent/agent-topology.h"
#include "ovsdb-idl.h"
#include "ovsdb/apply.h"
#include "ovsdb/db-session.h"
#include "plan/plan.h"

struct agent_db;
struct egress_leader;
struct egress_observer;
struct nb_observer;
struct simap;

enum agent_stage { AGENT_IDLE, AGENT_WORK, AGENT_STEER, AGENT_DONE };

/* What changed since the plan. */
enum agent_news { NEWS_NONE, NEWS_SOME, NEWS_OF_OVN };

/* Why there is no plan. */
struct agent_hold {
    char *why;                  /* NULL if nothing holds us. */
    bool keeping;               /* OVN_Egress is not what it was: what is in
                                 * force stays. */
    bool reported;              /* In Egress_Global. */
    long long int since;        /* In ms. */
};

/* One of the two databases. */
struct agent_db {
    const char *name;           /* "OVN_Northbound". */
    const char *remote;         /* As given by the user. */
    const char *lock;           /* Name of the lock that makes us active; NULL
                                 * if that is not one of the server. */
    struct ovsdb_idl_loop loop;
    struct ovsdb_idl_txn *txn;  /* In this turn, or NULL. */
    struct db_session session;
    bool connected;             /* In this turn, and its rows are here. */
    bool has_lock;              /* We are the active one, who may write. */
    bool wrote;                 /* In this turn. */
    bool in_flight;             /* Waiting for the answer to a transaction. */
    struct db_pending pending;  /* Rows to compare with the plan. */
    char *problem;              /* What could not be written last, or NULL. */
};

struct agent {
    struct agent_db nb_db, egress_db;
    struct egress_leader *leader;       /* Of 'egress_db'. */
    struct nb_observer *nb;
    struct egress_observer *egress;

    struct agent_database database;     /* What 'egress' is. */
    struct agent_topology topology;     /* What 'nb' has of it. */
    struct plan_options *options;       /* As of 'egress->options'. */
    struct plan_prior prior;    /* What is in force; the observers keep it. */
    struct plan_changes changes;        /* Since the plan. */
    struct plan *plan;          /* The newest, or NULL. */
    struct db_pending status;   /* Objects to compare with it. */
    int64_t plan_now;           /* When it was made, seconds since 1970. */
    int64_t plan_cfg;           /* "next_cfg" that it knows of. */
    enum agent_stage stage;
    enum agent_news news;

    bool paused;                /* By the user. */
    bool saw_objects;           /* In this connection. */
    bool accept_empty;          /* The user says that no objects is right, in
                                 * this connection. */
    struct agent_hold hold;
    unsigned int n_failures;    /* Transactions that failed in a row. */
    long long int retry_at;     /* Not before, in ms. */

    /* Counters, for people. */
    unsigned long long int n_plans, n_whole_plans;
    unsigned long long int n_nb_txns, n_egress_txns, n_failed_txns;
};

/* Opens both databases.  The remotes must live as long as the agent. */
struct agent *agent_create(const char *nb_remote, const char *sb_remote,
                           const char *egress_remote);
void agent_destroy(struct agent *);

/* Notes that something changed, which needs a plan. */
void agent_note(struct agent *, enum agent_news);

/* A turn of the loop, up to what has to wait. */
void agent_run(struct agent *);
void agent_wait(struct agent *);

/* Lets another agent be active, or takes part again. */
void agent_pause(struct agent *);
void agent_resume(struct agent *);

/* Forgets all that was read and plans from scratch. */
void agent_recompute(struct agent *);

/* Adds to 'usage' what the agent holds. */
void agent_memory(const struct agent *, struct simap *usage);

/* Registers the commands of the control socket. */
void agent_unixctl_init(struct agent *);

#endif /* agent/agent.h */
