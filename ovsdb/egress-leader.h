/* SPDX-License-Identifier: Apache-2.0 */

/* Which of several programs that do the same is the one that writes?  Of the
 * agents it is the scheduler, the one that decides; of the mirrors of
 * Kubernetes the active one.
 *
 * The one whose name is in a column of Egress_Global, "leader" or "mirror".
 * It changes "leader_beat" or "mirror_beat" all the time; who finds it
 * standing still (lease.h) puts its own name there, if nobody else has
 * meanwhile.  Every transaction of the leader says that it depends on its name
 * being there still, so that two never write, however late one of them
 * notices.
 *
 * This is not a lock of the OVSDB server, because those anybody can take who
 * can connect, the nodes too; Egress_Global they cannot write.  There is such
 * a lock, in a connection of its own, that the leader holds if it can.  It is
 * free as soon as a leader that was killed is gone, and so tells another one
 * to look closely.  Who steals it gains nothing.
 *
 * The agent owns one, and the mirror. */

#ifndef EGRESS_LEADER_H
#define EGRESS_LEADER_H 1

#include <stdbool.h>

struct egress_leader;
struct ovsdb_idl;
struct ovsdb_idl_txn;

/* What it is that only one does: the lock and the columns. */
struct egress_leader_role;
extern const struct egress_leader_role egress_leader_scheduler;
extern const struct egress_leader_role egress_leader_mirror;

/* 'idl', of OVN_Egress at 'remote', must be new. */
struct egress_leader *egress_leader_create(
    struct ovsdb_idl *idl, const char *remote,
    const struct egress_leader_role *);

/* Gives up the lead, for which it waits a moment. */
void egress_leader_destroy(struct egress_leader *);

/* Returns true if we are the leader.  'current' says whether the replica is
 * that of the present connection. */
bool egress_leader_run(struct egress_leader *, bool current,
                       long long int now);
void egress_leader_wait(const struct egress_leader *);

/* Gives up the lead and does not take it, or does again. */
void egress_leader_pause(struct egress_leader *, bool pause);

/* Adds to 'txn' what is due: that we lead, do so still, or do not want to. */
void egress_leader_write(struct egress_leader *, struct ovsdb_idl_txn *txn,
                         long long int now);

/* Lets the transaction that is open fail unless we are the leader. */
void egress_leader_verify(const struct egress_leader *);

#endif /* ovsdb/egress-leader.h */
