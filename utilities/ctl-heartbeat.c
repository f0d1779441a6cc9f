/* SPDX-License-Identifier: Apache-2.0 */

/* The age of heartbeats: see the header. */

#include <config.h>
#include "utilities/ctl-heartbeat.h"

#include "smap.h"
#include "timeval.h"

#include "ovsdb/liveness.h"
#include "plan/world/option.h"

/* Heartbeats are times of day in ms.  Less, in 2001, is no such time. */
#define MIN_HEARTBEAT 1000000000000

bool
heartbeat_get_age(int64_t heartbeat, long long int *age)
{
    *age = time_wall_msec() - heartbeat;
    return heartbeat >= MIN_HEARTBEAT;
}

long long int
heartbeat_patience(const struct smap *options)
{
    return liveness_patience(option_get_number(options, NULL,
                                               "heartbeat-interval"));
}
