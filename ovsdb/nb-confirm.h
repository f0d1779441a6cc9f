/* SPDX-License-Identifier: Apache-2.0 */

/* What OVN has taken in of where our rows of OVN_Northbound steer addresses
 * to: 'unconfirmed' and 'all_unconfirmed' of a plan_prior.
 *
 * A row that is committed is not a flow that is installed.  The transaction
 * that steers adds one to NB_Global.nb_cfg, and what comes back says who has
 * it (sb-chassis.h): ovn-northd, and then the chassis on which the address is,
 * because that is where a distributed router decides.  Where the nodes' pods
 * have no subnets of their own it is all chassis.
 *
 * Asking is cheap from OVN 24.03 on (about 1 ms of ovn-northd) but has each
 * chassis write a row, and makes ovn-northd 23.03 compute everything anew, so
 * a question waits until the last one has been answered, and then for twice as
 * long as that took.
 *
 * Owned and run by nb-observe.c. */

#ifndef NB_CONFIRM_H
#define NB_CONFIRM_H 1

#include <stdbool.h>

struct ds;
struct nb_confirm;
struct ovsdb_idl;
struct ovsdb_idl_txn;
struct plan_changes;
struct plan_nb;
struct plan_prior;
struct sset;

/* 'nb' must be new, 'prior' and 'changes' must outlive it. */
struct nb_confirm *nb_confirm_create(struct ovsdb_idl *nb,
                                     const char *sb_remote,
                                     struct plan_prior *prior,
                                     struct plan_changes *changes);
void nb_confirm_destroy(struct nb_confirm *);

/* Waits no more for chassis of which this OVN_Southbound knows nothing. */
void nb_confirm_forget(struct nb_confirm *);

/* From now on addresses are where 'topology' says; NULL if it is not known. */
void nb_confirm_set_topology(struct nb_confirm *,
                             const struct plan_nb *topology);

enum nb_confirm_role {
    NB_CONFIRM_IDLE,            /* Nobody wants to know. */
    NB_CONFIRM_FOLLOW,          /* Another agent steers, and asks. */
    NB_CONFIRM_ASK,
};

/* Takes in that 'addresses' are steered elsewhere, and what OVN answered.
 * Returns true if 'prior' changed. */
bool nb_confirm_run(struct nb_confirm *, const struct sset *addresses,
                    enum nb_confirm_role, long long int now);
void nb_confirm_wait(const struct nb_confirm *);

/* Has it asked of what has been there all along. */
void nb_confirm_want(struct nb_confirm *);

/* Returns true if something has to be asked, and it is time to. */
bool nb_confirm_is_due(const struct nb_confirm *, long long int now);

/* Asks in 'txn'; returns false if that is not possible or not yet due.  If
 * 'alone' is false, the question is only sent with what else is in 'txn'. */
bool nb_confirm_ask(struct nb_confirm *, struct ovsdb_idl_txn *txn, bool alone,
                    long long int now);

/* What became of that transaction, before the next nb_confirm_run(). */
void nb_confirm_asked(struct nb_confirm *, bool success);

/* Appends to 's' how far OVN has come. */
void nb_confirm_format(const struct nb_confirm *, struct ds *s);

#endif /* ovsdb/nb-confirm.h */
