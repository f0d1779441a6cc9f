/* SPDX-License-Identifier: Apache-2.0 */

/* Keeps what is ours in the configuration of a running FRR as it should be,
 * and knows how its BGP sessions are, and what its neighbors were told.
 *
 * Each of FRR's daemons has its part of the configuration, and is handled
 * alone (frr-daemon.h): one that goes, or does not answer, keeps the others
 * from nothing.  FRR is never written to unless something of ours differs, so
 * a restart of ours changes nothing.  Nothing here blocks.  Called by
 * peers.c. */

#ifndef NODE_FRR_H
#define NODE_FRR_H 1

#include <stdbool.h>
#include <stddef.h>

#include "plan/frr/frr.h"
#include "sset.h"

struct ds;
struct frr;

/* 'namespace' is that of FRR's daemons ("-N", see zebra(8)), or NULL. */
struct frr *frr_create(const char *namespace);

/* Leaves FRR as it is. */
void frr_destroy(struct frr *);

/* Sets what FRR should have: the 'n' 'peers', which frr_check_peer() took, and
 * nothing else of ours.  Nothing is done before the first call. */
void frr_set(struct frr *, const struct frr_peer *peers, size_t n);

/* Works on it.  Returns true if one of the functions below may return
 * something new. */
bool frr_run(struct frr *);
void frr_wait(const struct frr *);

/* Returns NULL if FRR has what the last frr_set() said of 'peer', "" if that
 * takes a while, otherwise what is wrong.  The caller frees it. */
char *frr_get_trouble(const struct frr *, const struct intent_bgp_peer *peer);

/* True if 'peer' was told 'prefix' as it should be, or there is no session in
 * which it could be. */
bool frr_is_told(const struct frr *, const struct intent_bgp_peer *peer,
                 const struct ip_prefix *prefix);

/* True if it is certain that no peer is told of 'ip' any more, but by a prefix
 * that it should be told of. */
bool frr_is_withdrawn(const struct frr *, const struct in6_addr *ip);

/* Returns why frr_is_withdrawn() may take longer, "" if nothing is known to be
 * wrong. */
const char *frr_get_error(const struct frr *);

/* How the session with a peer is. */
struct frr_session {
    const char *state;          /* As FRR calls it. */
    struct sset advertised;     /* Prefixes that it was told as it should be,
                                 * or should not be told. */
};

/* Sets '*session', which the caller destroys, and returns true, if that is
 * known. */
bool frr_get_session(const struct frr *, const struct intent_bgp_peer *,
                     struct frr_session *session);
void frr_session_destroy(struct frr_session *);

/* Appends all that is known, without passwords, for people. */
void frr_format(const struct frr *, struct ds *);

#endif /* node/frr.h */
