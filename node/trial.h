/* SPDX-License-Identifier: Apache-2.0 */

/* Policies on trial: what a new text of a policy changes, or its removal, is
 * undone unless the node can still be reached.
 *
 * One change is on trial at a time:
 *
 *     trial_select()      which texts are in force, for work-policy.c
 *     trial_prepare()     before it is applied: remembers the kernel
 *     trial_applied()     OVN_Egress is asked
 *     trial_run()         the answer is there, or its time is over
 *
 * plan/machine/machine-trial.h decides, node/checkpoint.h restores.  What is
 * needed for that is in members "trial" and "checkpoint" of node/state.h, so
 * that a helper that was killed rolls back at its next start, be OVN_Egress
 * there or not. */

#ifndef NODE_TRIAL_H
#define NODE_TRIAL_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct machine_input;
struct smap;

/* A policy as OVN_Egress has it. */
struct trial_policy {
    const char *name;
    const char *created;        /* When, or "". */
    const char *manifest;
};

struct trial;

/* 'protocol' is the kernel tag of what is ours, 'now' of time_msec(). */
struct trial *trial_create(uint8_t protocol, long long int now);
void trial_destroy(struct trial *);

/* Takes note of the policies that there are, and puts new texts on trial
 * unless one is already, and the removal of those that are not there any more.
 * Returns true if other texts are in force than after
 * the last call. */
bool trial_select(struct trial *, const struct trial_policy *, size_t n);

/* Adds to 'policies' the names of those that there are, and of those that are
 * in force all the same, and when they were made, or "". */
void trial_list(const struct trial *, struct smap *policies);

/* Returns which policies that are gone are in force, because their removal was
 * rolled back, and why, or "".  The caller frees it. */
char *trial_describe_kept(const struct trial *);

/* Returns the text of the policy 'name', one of those, that is in force, or
 * NULL if none is, and in '*why' NULL, or why it is not the newest one. */
const char *trial_get(const struct trial *, const char *name,
                      const char **why);

/* True if the text of the policy 'name' that is in force is on trial. */
bool trial_is_on(const struct trial *, const char *name);

/* Before 'in' is applied. */
void trial_prepare(struct trial *, const struct machine_input *in);

/* It has been applied, for the first time if this returns true: then the
 * caller asks OVN_Egress something and passes what it answers to trial_run().
 * 'changed' tells whether anything had to be changed: if not, nobody need be
 * asked. */
bool trial_applied(struct trial *, bool changed, long long int now);

/* Ends the trial if it can be: 'answered' tells whether OVN_Egress has
 * answered since.  Returns true if it is time to collect and apply again. */
bool trial_run(struct trial *, const struct machine_input *, bool answered,
               long long int now);

/* Returns when the trial is over, LLONG_MAX if there is none. */
long long int trial_deadline(const struct trial *);

#endif /* node/trial.h */
