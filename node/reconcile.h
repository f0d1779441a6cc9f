/* SPDX-License-Identifier: Apache-2.0 */

/* Makes the kernel hold what is wanted: reads it, compares, applies the
 * difference, and reads it again until nothing differs or nothing helps.
 *
 * Called by ovn-egress-node.c; calls plan/machine/machine.h to decide and the
 * kinds (kind.h) to read and write.  Keeps nothing between two runs but
 * statistics: what is ours says the kernel. */

#ifndef NODE_RECONCILE_H
#define NODE_RECONCILE_H 1

#include <stdbool.h>
#include <stdint.h>

#include "plan/machine/machine.h"
#include "smap.h"
#include "svec.h"

struct ds;

/* What came of it. */
struct reconcile_result {
    bool matches;               /* The kernel was read back: as wanted. */
    struct smap errors;         /* By origin, see plan/machine/machine.h. */
    struct smap warnings;       /* The same: may be wrong. */
    struct svec service_errors; /* Of each service of the input, in its order;
                                 * "" if there is none. */
    struct svec policy_errors;  /* The same of each policy. */
    unsigned int n_changes;     /* Objects changed. */
    unsigned int n_rounds;      /* Times that the kernel was changed. */
};

void reconcile_result_destroy(struct reconcile_result *);

/* Starts all kinds.  Returns NULL, or why that is not possible, which the
 * caller frees. */
char *reconcile_init(void);
void reconcile_destroy(void);

/* Does it.  'in' lacks the facts, which are read here.  Objects that it makes
 * get the kernel tag 'protocol'.  The caller frees the result with
 * reconcile_result_destroy(). */
struct reconcile_result *reconcile_run(const struct machine_input *in,
                                       uint8_t protocol);

/* Changes nothing; appends to 's' what reconcile_run() would do first, or why
 * that is not known. */
void reconcile_format_diff(const struct machine_input *in, uint8_t protocol,
                           struct ds *s);

/* Changes nothing; appends to 's' what is wanted, object by object, and what
 * is wrong with it. */
void reconcile_format_wanted(const struct machine_input *in, uint8_t protocol,
                             struct ds *s);

/* Appends 'problems' to 's', "WHAT: ORIGIN: MESSAGE" of each, sorted. */
void reconcile_format_problems(const char *what, const struct smap *problems,
                               struct ds *s);

/* True if somebody else changed something since the last call: it is time for
 * reconcile_run(). */
bool reconcile_kernel_changed(void);
void reconcile_wait(void);

#endif /* node/reconcile.h */
