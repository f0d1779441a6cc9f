/* SPDX-License-Identifier: Apache-2.0 */

/* Is OVN_Egress the database whose plan is in force?
 *
 * A server may lose its file, be restored, join another cluster, or be another
 * one altogether, while the agent runs.  The database is known by the UUID of
 * its row of Egress_Global.  In another one, what is not there (yet) was not
 * taken away by a user; so nothing is planned until all objects are there that
 * the former one had, or the user says that they will not come
 * ("accept-empty").  Then, until the nodes' helpers have found their work
 * there, OVN_Northbound stays as it is: what it steers is in force.
 *
 * An agent that starts, or takes over, when it has been replaced knows that by
 * what OVN_Northbound says (ovsdb/nb-origin.h), and waits for the user.
 *
 * Used by agent.c and agent-plan.c. */

#ifndef AGENT_DATABASE_H
#define AGENT_DATABASE_H 1

#include <stdbool.h>

#include "openvswitch/uuid.h"
#include "sset.h"

struct agent;

struct agent_database {
    struct uuid seen;           /* That we look at, or zero. */
    struct uuid id;             /* Whose plan is in force, or zero. */
    struct uuid former;         /* In whose place 'id' is, or zero. */
    struct sset objects;        /* Of 'id', when it was there last. */
    bool unknown;               /* 'id' is what OVN_Northbound says, and what
                                 * objects it had nobody knows. */
    long long int settled_at;   /* At the latest, in ms, or 0: it is. */
};

void agent_database_init(struct agent_database *);
void agent_database_destroy(struct agent_database *);

/* To be called before the observers run, if the connection has ended: what is
 * known is what there was. */
void agent_database_lost(struct agent *);

/* To be called after the observers have run.  Returns true if it is another
 * database than in the last call. */
bool agent_database_run(struct agent *);

/* Finds out, if this agent has not planned yet, from which database
 * OVN_Northbound, which must be complete, has its rows. */
void agent_database_recall(struct agent *);

/* Returns why it must not be planned from, or NULL; the caller frees it. */
char *agent_database_hindrance(const struct agent *);

/* Notes that the plan is made from it. */
void agent_database_accept(struct agent *);

/* True if the plan would take away what OVN_Northbound has, and that must wait
 * for the helpers, for as long as it takes to give one up and a bit. */
bool agent_database_is_settling(struct agent *);
void agent_database_wait(const struct agent *);

#endif /* agent/agent-database.h */
