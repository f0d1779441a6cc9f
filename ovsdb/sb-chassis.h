/* SPDX-License-Identifier: Apache-2.0 */

/* How far OVN has come: up to which NB_Global.nb_cfg ovn-northd has compiled
 * OVN_Northbound, and each chassis has installed the flows.
 *
 * ovn-northd copies nb_cfg to OVN_Southbound in the transaction that has all
 * that comes of it; each ovn-controller writes nb_cfg into its row of
 * Chassis_Private when ovs-vswitchd has confirmed its flows.  For whoever has
 * never been connected to OVN_Southbound there are sb_cfg and hv_cfg of
 * NB_Global: the same, but for all chassis at once.
 *
 * Unknown is not empty.  An OVN_Southbound that does not answer any more says
 * nothing (nor does NB_Global then, as hv_cfg of an ovn-northd whose
 * OVN_Southbound has lost all chassis is that of one in which all are up to
 * date).  In one that replaces another, which another row SB_Global tells, the
 * chassis of the former one are late until they are there again.  Without any
 * chassis, now and before, nobody has to be waited for: a network without
 * hosts, as in tests.
 *
 * Only reads.  Used by nb-confirm.c. */

#ifndef SB_CHASSIS_H
#define SB_CHASSIS_H 1

#include <stdbool.h>
#include <stdint.h>

struct ovsdb_idl;
struct ovsdb_idl_txn;
struct sb_chassis;

/* 'remote' is a connection method of OVN_Southbound.  'nb' is the IDL of
 * OVN_Northbound, which must not be connected yet. */
struct sb_chassis *sb_chassis_create(struct ovsdb_idl *nb, const char *remote);
void sb_chassis_destroy(struct sb_chassis *);

/* Returns true if something may have changed. */
bool sb_chassis_run(struct sb_chassis *);
void sb_chassis_wait(const struct sb_chassis *);

/* Forgets the chassis of former databases that have not come back. */
void sb_chassis_forget(struct sb_chassis *);

/* True while OVN_Southbound answers, and has said what there is. */
bool sb_chassis_is_connected(const struct sb_chassis *);

/* True if it has done so once, and does not now. */
bool sb_chassis_is_silent(const struct sb_chassis *);

/* NB_Global.nb_cfg, or -1 if there is no such row. */
int64_t sb_chassis_get_nb_cfg(const struct sb_chassis *);

/* Adds one to it in 'txn', if that has something else to do or 'force' is
 * true; returns false if that is not possible. */
bool sb_chassis_increment(const struct sb_chassis *, struct ovsdb_idl_txn *,
                          bool force);

/* Up to where ovn-northd has come. */
int64_t sb_chassis_get_northd_cfg(const struct sb_chassis *);

/* Up to where the chassis whose name or hostname is 'node' has come; if there
 * is none, or 'node' is NULL, the chassis that is farthest behind.  INT64_MAX
 * if there is no chassis at all, and has never been one.  Sets '*name' to what
 * people call the chassis, or NULL if that is not known. */
int64_t sb_chassis_get_cfg(const struct sb_chassis *, const char *node,
                           const char **name);

#endif /* ovsdb/sb-chassis.h */
