/* SPDX-License-Identifier: Apache-2.0 */

/* Policies on trial: may what a policy has changed of the host stay?
 *
 * Called by node/trial.c, which keeps what was there before, and puts it back
 * if it may not.  Pure: no I/O, no clock, no state. */

#ifndef PLAN_MACHINE_MACHINE_TRIAL_H
#define PLAN_MACHINE_MACHINE_TRIAL_H 1

#include <stdbool.h>
#include <stddef.h>

struct machine_facts;
struct machine_policy;
struct svec;

/* Appends to 'ways' what the host must not lose, as words for people, sorted:
 * "interface lo", "a default route of IPv4", "the default gateway 192.0.2.1 of
 * IPv4", "the route to the cluster by ovn-k8s-mp0". */
void machine_trial_ways(const struct machine_facts *, struct svec *ways);

/* Removes those from 'ways' that 'policy' means to change: a default gateway,
 * if it gives the main table another one. */
void machine_trial_drop_meant(const struct machine_policy *,
                              struct svec *ways);

enum machine_trial {
    MACHINE_TRIAL_WAIT,
    MACHINE_TRIAL_STAYS,
    MACHINE_TRIAL_FAILS
};

/* Judges a change, after which OVN_Egress has 'answered' or not.  The host had
 * 'before' and has 'after', both sorted.  Not before its time has 'expired' it
 * fails.  Then '*why' says of what, which the caller frees. */
enum machine_trial machine_trial_judge(const struct svec *before,
                                       const struct svec *after, bool answered,
                                       bool expired, char **why);

/* A policy with a text that was not tried yet. */
struct machine_trial_candidate {
    const char *name;
    const char *created;        /* When, or "". */
    bool alone;                 /* It failed together with others. */
};

/* True if candidate 'i' of 'n' is tried now: all at once, but those that
 * failed together one after the other, the oldest first. */
bool machine_trial_is_next(const struct machine_trial_candidate *candidates,
                           size_t n, size_t i);

#endif /* plan/machine/machine-trial.h */
