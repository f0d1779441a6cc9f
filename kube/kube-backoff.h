/* SPDX-License-Identifier: Apache-2.0 */

/* When to try again: later each time, and not all at once.
 *
 * Pure but for the random numbers of libopenvswitch; time is an argument, in
 * ms of the monotonic clock.  Used by all in kube/ that asks the server. */

#ifndef KUBE_BACKOFF_H
#define KUBE_BACKOFF_H 1

#include "random.h"
#include "util.h"

#define KUBE_BACKOFF_MIN 500
#define KUBE_BACKOFF_MAX 30000

/* All zero at first. */
struct kube_backoff {
    unsigned int ms;            /* How long the last wait was, without
                                 * jitter. */
};

/* Something failed at 'now'; the server asks for 'retry_after' seconds, or 0.
 * Returns when to try again. */
static inline long long int
kube_backoff_next(struct kube_backoff *b, long long int now, int retry_after)
{
    b->ms = (b->ms ? MIN(2 * b->ms, KUBE_BACKOFF_MAX) : KUBE_BACKOFF_MIN);
    return (now + MAX(b->ms, 1000u * retry_after)
            + random_range(b->ms / 2 + 1));
}

/* It works again. */
static inline void
kube_backoff_reset(struct kube_backoff *b)
{
    b->ms = 0;
}

#endif /* kube/kube-backoff.h */
