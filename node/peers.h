/* SPDX-License-Identifier: Apache-2.0 */

/* The node's BGP sessions: rows of Node_Peer, what FRR makes of them, and the
 * answers.
 *
 * Called by ovn-egress-node.c, beside work.h, with which it keeps this promise
 * to the planner (plan/decide/announce.h): a Node_Service row that is active
 * is acknowledged when all that announces it is loaded into FRR and the peers
 * of all sessions that are up were told, one that is draining when no peer is
 * told any more. */

#ifndef NODE_PEERS_H
#define NODE_PEERS_H 1

#include <stdbool.h>

struct ds;
struct machine_service;
struct in6_addr;
struct ovsdb_idl;
struct ovsdb_idl_txn;
struct peers;

/* Registers what is needed with 'idl', which must not be connected yet: only
 * the rows of 'node'.  For 'namespace' see node/frr.h. */
struct peers *peers_create(struct ovsdb_idl *idl, const char *node,
                           const char *namespace);
void peers_destroy(struct peers *);

/* Reads the rows anew, at the same time as work_collect(). */
void peers_collect(struct peers *);

/* Works on FRR; returns true if there may be something new to answer. */
bool peers_run(struct peers *);
void peers_wait(const struct peers *);

/* Says whether the row of 's' can be acknowledged as far as announcements go:
 * returns NULL if it can, "" if that takes a while, otherwise what is wrong.
 * The caller frees it.  An active row that was acknowledged once stays so
 * while the same is announced of it: when FRR fails later, its new endpoints
 * have to be steered nevertheless. */
char *peers_hold(struct peers *, const struct machine_service *s);

/* True unless it is certain that no peer is told of 'ip' any more, but by a
 * prefix that is to be announced: FRR has withdrawn it, or bgpd does not run
 * (then its sessions are over; with graceful restart, their routers may keep
 * routes for a while, and this waits for that).  An FRR that does not answer
 * is not certain of anything. */
bool peers_may_tell(const struct peers *, const struct in6_addr *ip);

/* Adds to 'txn' the answers to the rows as peers_collect() read them.  Writes
 * only what differs. */
void peers_answer(const struct peers *, struct ovsdb_idl_txn *txn);

/* Appends what FRR should have, and how it is, without passwords. */
void peers_format(const struct peers *, struct ds *);

#endif /* node/peers.h */
