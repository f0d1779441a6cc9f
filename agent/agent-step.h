/* SPDX-License-Identifier: Apache-2.0 */

/* The agent's writing: a plan's steps, and what becomes of their
 * transactions.  Called by agent.c. */

#ifndef AGENT_STEP_H
#define AGENT_STEP_H 1

#include <stdbool.h>

struct agent;
struct agent_db;

/* Takes the next step of 'agent->plan', if it can be taken in this turn. */
void agent_step_run(struct agent *);

/* Writes to Egress_Global why there is no plan, if we may; returns true if
 * so. */
bool agent_step_report_hold(struct agent *);

/* Takes the lead of OVN_Egress, keeps it, or gives it up, as is due.  That is
 * no step of a plan: nothing waits for it, and it is not counted. */
void agent_step_lead(struct agent *);

/* Notes whether what was sent to 'db' before has succeeded; to be called after
 * the IDL ran. */
void agent_step_check(struct agent *, struct agent_db *);

/* Sends what was written to 'db' in this turn, or goes on with what was sent
 * before, and arranges to wake up for it. */
void agent_step_commit(struct agent *, struct agent_db *);

#endif /* agent/agent-step.h */
