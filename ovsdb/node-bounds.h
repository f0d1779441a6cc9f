/* SPDX-License-Identifier: Apache-2.0 */

/* How much of what a node writes into OVN_Egress is taken.
 *
 * A node is not trusted: however many and long the texts are that its helper,
 * or whoever has its certificate, writes, what is kept of them is bounded and
 * printable, and who exceeds a bound is named.  No helper of ours comes near
 * the bounds.  Pure; used by egress-nodes.c. */

#ifndef NODE_BOUNDS_H
#define NODE_BOUNDS_H 1

#include <stdbool.h>
#include <stddef.h>

struct egressrec_node;
struct sset;

#define NODE_BOUNDS_ADDRESSES 64        /* Of a host. */
#define NODE_BOUNDS_ADVERTISED 65536    /* Prefixes, to a peer. */
#define NODE_BOUNDS_MAP 64              /* Conditions, counters. */
#define NODE_BOUNDS_WORD 128            /* Bytes: names, versions, states. */
#define NODE_BOUNDS_TEXT 1024           /* Bytes: an error. */

/* Replaces '*s' by what is taken of 'text', of at most 'max' bytes: valid
 * UTF-8 without control characters.  Returns true if it is all of it. */
bool node_bounds_text(char **s, const char *text, size_t max);

/* Replaces '*s' by 'text' if that is a word of letters, digits and signs, or
 * else by "".  Returns true if it is one. */
bool node_bounds_word(char **s, const char *text);

/* Replaces 'set' by the first of the 'n' strings, at most 'max' of them, that
 * are addresses or prefixes.  Returns true unless there are more, or one is
 * too long to be one. */
bool node_bounds_addresses(struct sset *set, char *const *strings, size_t n,
                           size_t max);

/* Returns the column of 'row' that exceeds its bound, or NULL; static. */
const char *node_bounds_check(const struct egressrec_node *row);

#endif /* ovsdb/node-bounds.h */
