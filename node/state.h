/* SPDX-License-Identifier: Apache-2.0 */

/* What the helper must still know after it was killed, and the kernel cannot
 * tell: a file in the run directory, which like the kernel's state is gone
 * after a boot.
 *
 * Used by node/ alone.  One JSON object, whose members belong to one file of
 * node/ each, which says what is in them.  Before state_init() nothing is
 * remembered. */

#ifndef NODE_STATE_H
#define NODE_STATE_H 1

struct json;

/* Reads the file of 'node'.  One that cannot be read counts as empty: whoever
 * wrote it was killed before anything was done. */
void state_init(const char *node);
void state_destroy(void);

/* Returns the member 'name', or NULL if there is none.  It lives until the
 * next state_set() of that name. */
const struct json *state_get(const char *name);

/* Puts 'value', which this takes, in the place of the member 'name'; NULL
 * removes it.  Returns 0 if the file says so now, or else a positive errno:
 * then what must not be forgotten must not be done. */
int state_set(const char *name, struct json *value);

#endif /* node/state.h */
