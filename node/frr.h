/* SPDX-License-Identifier: Apache-2.0 */

/* Keeps what is ours in the configuration of a running FRR as it should be,
 * and knows how its BGP sessions are.
 *
 * It reads FRR with vtysh(1), has plan/frr-diff.h find out what to change, has
 * another vtysh change it, and reads again: what FRR then has counts, not what
 * was sent.  After that it reads every few seconds, so that it notices when
 * FRR was restarted, or somebody changed what is ours.  FRR is never written
 * to unless something of ours differs, so a restart of ours changes nothing.
 *
 * vtysh runs beside the daemon, which is never blocked.  What it writes goes
 * through a pipe, and what it is to read is only in memory, because there are
 * passwords in it; they are hidden in messages.  Called by peers.c. */

#ifndef NODE_FRR_H
#define NODE_FRR_H 1

#include <stdbool.h>
#include <stddef.h>

#include "plan/frr.h"
#include "sset.h"

struct ds;
struct frr;

/* 'namespace' is that of FRR's daemons ("-N", see zebra(8)), or NULL. */
struct frr *frr_create(const char *namespace);

/* Leaves FRR as it is. */
void frr_destroy(struct frr *);

/* Sets what FRR should have: the 'n' 'peers', and nothing else of ours.
 * Nothing is done before the first call. */
void frr_set(struct frr *, const struct frr_peer *peers, size_t n);

/* Works on it.  Returns true if one of the functions below may return
 * something new. */
bool frr_run(struct frr *);
void frr_wait(const struct frr *);

/* True if FRR has what the last frr_set() said, but for the VRFs and neighbors
 * with a conflict. */
bool frr_is_loaded(const struct frr *);

/* True if that is so, and no peer is told of 'ip' any more but by a prefix
 * that it should be told of. */
bool frr_is_withdrawn(const struct frr *, const struct in6_addr *ip);

/* Returns why FRR cannot be made to have it, "" if nothing is known to be
 * wrong. */
const char *frr_get_error(const struct frr *);

/* Returns the line that makes a "router bgp" of another owner in the VRF of
 * 'peer', or a neighbor of another owner at its place, or NULL. */
const char *frr_get_conflict(const struct frr *,
                             const struct intent_bgp_peer *peer);

/* Returns the state of the session with 'peer', and what is advertised in it,
 * as they were read last.  NULL if the last frr_set() did not have it. */
const char *frr_get_session(const struct frr *, const struct intent_bgp_peer *,
                            const struct sset **advertised);

/* Appends all that is known, without passwords, for people. */
void frr_format(const struct frr *, struct ds *);

#endif /* node/frr.h */
