/* SPDX-License-Identifier: Apache-2.0 */

/* How the BGP sessions are, and what each neighbor was told.
 *
 * bgpd is asked every few seconds, and again and again just after a change,
 * until the neighbors were told.  A neighbor is told what bgpd shows as
 * advertised: it comes to be there when the message is made.  Called by
 * frr.c, beside frr-daemon.h, whose connection to bgpd it uses. */

#ifndef NODE_FRR_SESSIONS_H
#define NODE_FRR_SESSIONS_H 1

#include <stdbool.h>
#include <stddef.h>

#include "node/frr-read.h"

struct ds;
struct frr_daemon;
struct frr_peer;
struct frr_sessions;

/* Knows of no neighbors yet. */
struct frr_sessions *frr_sessions_create(void);
void frr_sessions_destroy(struct frr_sessions *);

/* Sets the neighbors, and what they should be told. */
void frr_sessions_set(struct frr_sessions *, const struct frr_peer *peers,
                      size_t n);

/* Works on it, with a daemon that is bgpd.  Returns true if something was
 * read. */
bool frr_sessions_run(struct frr_sessions *, struct frr_daemon *);
void frr_sessions_wait(const struct frr_sessions *, const struct frr_daemon *);

/* Returns the neighbor, with all that is known, or NULL. */
const struct frr_neighbor *frr_sessions_find(const struct frr_sessions *,
                                             const char *vrf,
                                             const char *name);

/* True if a neighbor may have been told of 'ip', but for a prefix that it
 * should be told.  Where nothing is known, that is so. */
bool frr_sessions_may_tell(const struct frr_sessions *,
                           const struct in6_addr *ip);

/* True if all was read after the last change of bgpd's configuration, or bgpd
 * does not run. */
bool frr_sessions_are_fresh(const struct frr_sessions *,
                            const struct frr_daemon *);

/* Appends a line for each neighbor, for people. */
void frr_sessions_format(const struct frr_sessions *, struct ds *);

#endif /* node/frr-sessions.h */
