/* SPDX-License-Identifier: Apache-2.0 */

/* Is somebody alive who writes a number that changes?
 *
 * Judged by our clock alone, so that clocks need not agree: alive is who was
 * seen to change the number within a time that allows for three heartbeats and
 * a second for the way.  Damped: one late heartbeat is no failure, and who was
 * given up must be heard twice before it counts again.
 *
 * Pure: time is an argument, in milliseconds of any monotonic clock.  Used by
 * egress-nodes.c for the nodes' helpers. */

#ifndef LIVENESS_H
#define LIVENESS_H 1

#include <stdbool.h>
#include <stdint.h>

/* How often a helper changes its heartbeat unless option "heartbeat-interval"
 * of Egress_Global says otherwise, in ms. */
#define LIVENESS_HEARTBEAT_MS 2000

struct liveness {
    int64_t value;              /* The newest heartbeat. */
    long long int heard;        /* When it changed. */
    unsigned int n_returns;     /* Heartbeats since it was given up. */
    bool alive;
};

/* Returns the silence after which somebody is given up whose heartbeats come
 * every 'interval' ms. */
long long int liveness_patience(unsigned int interval);

/* Starts to watch somebody whose heartbeat is 'value' at 'now': alive until
 * proven otherwise. */
void liveness_init(struct liveness *, int64_t value, long long int now);

/* Notes that the heartbeat is 'value' at 'now'.  'patience' is in ms. */
void liveness_hear(struct liveness *, int64_t value, long long int now,
                   long long int patience);

/* Looks at the clock.  Returns true if it turns out that nothing was heard for
 * longer than 'patience' ms. */
bool liveness_run(struct liveness *, long long int now,
                  long long int patience);

/* Passes over 'ms' in which we were not listening. */
void liveness_skip(struct liveness *, long long int ms);

/* Returns when liveness_run() has to be called next, LLONG_MAX for never. */
long long int liveness_deadline(const struct liveness *,
                                long long int patience);

#endif /* ovsdb/liveness.h */
