/* SPDX-License-Identifier: Apache-2.0 */

/* Is somebody alive who writes a number that changes?
 *
 * Judged by our clock alone, so that clocks need not agree: alive is who was
 * seen to change the number within LIVENESS_DEAD_MS.  Damped: one late
 * heartbeat of three is no failure, and who was given up must be heard twice
 * before it counts again.  Time in which we were not listening (no connection,
 * a stopped process) is nobody's fault and does not count.
 *
 * Pure: time is an argument, in milliseconds of any monotonic clock.  Used by
 * egress-nodes.c for the nodes' helpers. */

#ifndef LIVENESS_H
#define LIVENESS_H 1

#include <stdbool.h>
#include <stdint.h>

/* How often a helper changes its heartbeat, in ms. */
#define LIVENESS_HEARTBEAT_MS 5000

/* Silence after which a helper is given up: three heartbeats, and a second
 * for the way. */
#define LIVENESS_DEAD_MS (3 * LIVENESS_HEARTBEAT_MS + 1000)

struct liveness {
    int64_t value;              /* The newest heartbeat. */
    long long int heard;        /* When it changed. */
    unsigned int n_returns;     /* Heartbeats since it was given up. */
    bool alive;
};

/* Starts to watch somebody whose heartbeat is 'value' at 'now': alive until
 * proven otherwise. */
void liveness_init(struct liveness *, int64_t value, long long int now);

/* Notes that the heartbeat is 'value' at 'now'. */
void liveness_hear(struct liveness *, int64_t value, long long int now);

/* Looks at the clock.  Returns true if 'alive' changed since the last time it
 * was looked at, by silence. */
bool liveness_run(struct liveness *, long long int now);

/* Passes over 'ms' in which we were not listening. */
void liveness_skip(struct liveness *, long long int ms);

/* Returns when liveness_run() has to be called next, LLONG_MAX for never. */
long long int liveness_deadline(const struct liveness *);

#endif /* ovsdb/liveness.h */
