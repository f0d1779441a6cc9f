/* SPDX-License-Identifier: Apache-2.0 */

/* The agent's planning: whether it may plan, and the plan.
 *
 * Collects what the observers hold into a plan_input and calls the planner.
 * Called by agent.c; writes nothing. */

#ifndef AGENT_PLAN_H
#define AGENT_PLAN_H 1

struct agent;

/* Parses 'agent->egress->options' into 'agent->options', and logs what is
 * wrong with them. */
void agent_plan_read_options(struct agent *);

/* Returns why the agent must not plan now, which the caller frees, or NULL if
 * it may.  Nothing is planned from what is not known: without a plan, all
 * stays as it is. */
char *agent_plan_why_not(const struct agent *);

/* Replaces 'agent->plan' by a new one. */
void agent_plan_build(struct agent *);

/* Frees 'agent->plan'. */
void agent_plan_clear(struct agent *);

#endif /* agent/agent-plan.h */
