/* SPDX-License-Identifier: Apache-2.0 */

/* An FRR configuration, taken apart: a set of paths, each of which is a line
 * after the lines of the blocks that it is in, with a line feed between them.
 *
 * For plan/frr/frr-diff.c.  Lines are normalised to how frr_render() writes
 * them. Pure. */

#ifndef PLAN_FRR_FRR_CONFIG_H
#define PLAN_FRR_FRR_CONFIG_H 1

#include <stdbool.h>

#include "sset.h"
#include "svec.h"

/* How the first line of a BGP router begins. */
#define FRR_ROUTER "router bgp "

struct frr_config {
    struct svec order;          /* Paths as they came. */
    struct sset paths;
    struct sset routers;        /* First lines of "router bgp" of ours. */
    struct sset neighbors;      /* Of ours, as of frr_neighbor_of(). */
};

void frr_config_init(struct frr_config *, const char *text);
void frr_config_destroy(struct frr_config *);

/* True if the first bytes of 's' are 'prefix'. */
bool frr_starts_with(const char *s, const char *prefix);

/* Returns the last line of 'path'. */
const char *frr_last_line(const char *path);

/* Returns the first line of 'path'.  The caller frees it. */
char *frr_first_line(const char *path);

/* Returns what tells a neighbor of a router (the router's first line, and
 * "neighbor NAME"), if 'path' is one of its lines, or NULL.  The caller frees
 * it. */
char *frr_neighbor_of(const char *path);

#endif /* plan/frr/frr-config.h */
