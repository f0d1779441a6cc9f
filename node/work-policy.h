/* SPDX-License-Identifier: Apache-2.0 */

/* The node's policies: rows of OVN_Egress's Node_Policy as input for
 * plan/machine/machine.h, and the answers to them.  Used by node/work.c. */

#ifndef NODE_WORK_POLICY_H
#define NODE_WORK_POLICY_H 1

#include <stdbool.h>
#include <stddef.h>

#include "openvswitch/shash.h"

struct machine_policy;
struct trial;
struct ovsdb_idl;
struct svec;

struct work_policies {
    struct machine_policy *policies;       /* Sorted by name. */
    size_t n;

    /* Of each policy, by name, the row that it was read from: "struct
     * work_policy_row". */
    struct shash rows;

    struct trial *trial;        /* Says which texts are in force. */
};

void work_policies_init(struct work_policies *, struct trial *);
void work_policies_destroy(struct work_policies *);

/* Reads the rows of 'node' anew.  A policy whose row is gone stays until
 * 'until' of its disappearing: where services leave that need what it made,
 * it must not go before them.  It stays on if its removal is rolled back.
 * 'now' and 'until' are of time_msec(); there are no such services if 'until'
 * is not after 'now'. */
void work_policies_collect(struct work_policies *, const struct ovsdb_idl *,
                           const char *node, long long int now,
                           long long int until);

/* Returns when the next policy goes that has no row any more, LLONG_MAX for
 * never. */
long long int work_policies_deadline(const struct work_policies *);

/* Writes the answers, to the rows as they were read: 'errors' has an element
 * for each policy.  A transaction must be open. */
void work_policies_answer(const struct work_policies *,
                          const struct ovsdb_idl *,
                          const struct svec *errors);

#endif /* node/work-policy.h */
