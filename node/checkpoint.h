/* SPDX-License-Identifier: Apache-2.0 */

/* The network configuration of the kernel as it was, to have it back.
 *
 * Called by node/trial.c before and after a change.  Remembers devices, and
 * addresses, routes and rules as the messages that make them, whoever made
 * them; not what the kernel or a routing daemon keeps up to date by itself. */

#ifndef NODE_CHECKPOINT_H
#define NODE_CHECKPOINT_H 1

#include <stdint.h>

struct json;

/* Reads the kernel into '*checkpoint', for checkpoint_restore(), which the
 * caller frees with json_destroy().  Objects with the kernel tag 'protocol'
 * are ours.  Returns NULL, or why not, which the caller frees. */
char *checkpoint_read(uint8_t protocol, struct json **checkpoint);

/* Makes the kernel as 'checkpoint' says: removes what is ours and was not
 * there, and adds what was there.  Goes on after a failure.  Returns NULL, or
 * what failed, which the caller frees. */
char *checkpoint_restore(const struct json *checkpoint, uint8_t protocol);

#endif /* node/checkpoint.h */
