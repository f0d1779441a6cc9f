/* SPDX-License-Identifier: Apache-2.0 */

/* Is somebody alive who writes a number that changes?  See the header. */

#include <config.h>

#include "ovsdb/liveness.h"

#include <limits.h>

/* Heartbeats that bring somebody back who was given up. */
#define RETURNS 2

long long int
liveness_patience(unsigned int interval)
{
    return 3LL * interval + 1000;
}

void
liveness_init(struct liveness *l, int64_t value, long long int now)
{
    *l = (struct liveness) { .value = value, .heard = now, .alive = true };
}

void
liveness_hear(struct liveness *l, int64_t value, long long int now,
              long long int patience)
{
    if (value == l->value) {
        return;
    }
    if (!l->alive) {
        /* A heartbeat that comes much later than the one before is a new
         * beginning. */
        bool late = now - l->heard > patience;

        l->n_returns = late ? 1 : l->n_returns + 1;
        l->alive = l->n_returns >= RETURNS;
    }
    l->value = value;
    l->heard = now;
}

bool
liveness_run(struct liveness *l, long long int now, long long int patience)
{
    if (l->alive && now - l->heard > patience) {
        l->alive = false;
        l->n_returns = 0;
        return true;
    }
    return false;
}

void
liveness_skip(struct liveness *l, long long int ms)
{
    l->heard += ms;
}

long long int
liveness_deadline(const struct liveness *l, long long int patience)
{
    return l->alive ? l->heard + patience + 1 : LLONG_MAX;
}
