/* SPDX-License-Identifier: Apache-2.0 */

/* What to do about a session in which a neighbor is not told what it should
 * be, though bgpd has the configuration.
 *
 * Called by frr-sessions.c. */

#ifndef NODE_FRR_HEAL_H
#define NODE_FRR_HEAL_H 1

struct frr_neighbor;

/* Returns a command that may help 'n', whose state was just read, at the time
 * 'now' (time_msec()), or NULL.  The caller frees it. */
char *frr_heal(struct frr_neighbor *n, long long int now);

#endif /* node/frr-heal.h */
