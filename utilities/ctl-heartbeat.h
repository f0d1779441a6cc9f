/* SPDX-License-Identifier: Apache-2.0 */

/* How old is the last heartbeat of a node's helper, by our clock?  The agent
 * does not ask that, because clocks differ; people do.
 *
 * Called by status, describe and ctl-observe.c. */

#ifndef CTL_HEARTBEAT_H
#define CTL_HEARTBEAT_H 1

#include <stdbool.h>
#include <stdint.h>

struct smap;

/* Sets '*age' to how many ms ago 'heartbeat' was written (less than 0: in the
 * future).  Returns false if it is 0, which is never, or not a time. */
bool heartbeat_get_age(int64_t heartbeat, long long int *age);

/* Returns the age, in ms, beyond which the agent would give up a node, as
 * 'options', of Egress_Global, say. */
long long int heartbeat_patience(const struct smap *options);

#endif /* utilities/ctl-heartbeat.h */
