/* SPDX-License-Identifier: Apache-2.0 */

/* The agent's planning: whether it may plan, and the plan.
 *
 * Shows the planner what the observers hold, as a plan_input.  Called by
 * agent.c and agent-unixctl.c; writes nothing. */

#ifndef AGENT_PLAN_H
#define AGENT_PLAN_H 1

struct agent;
struct ds;

/* Parses 'agent->egress->options' into 'agent->options', and logs what is
 * wrong with them. */
void agent_plan_read_options(struct agent *);

/* Returns why the agent must not plan now, which the caller frees, or NULL if
 * it may.  Nothing is planned from what is not known: without a plan, all
 * stays as it is. */
char *agent_plan_why_not(struct agent *);

/* Creates the stopwatches of planning, a stage each. */
void agent_plan_create_stopwatches(void);

/* Brings 'agent->plan' to what is known now, and makes pending what that
 * changes. */
void agent_plan_update(struct agent *);

/* Appends to 's' how 'agent->plan', and what it was made of, differ from what
 * reading and planning from scratch would give: nothing.  There must be a
 * plan, and nothing to plan. */
void agent_plan_verify(struct agent *, struct ds *s);

/* Frees 'agent->plan'. */
void agent_plan_clear(struct agent *);

#endif /* agent/agent-plan.h */
