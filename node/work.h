/* SPDX-License-Identifier: Apache-2.0 */

/* The node's rows of OVN_Egress: as input for plan/machine/machine.h, and the
 * answers to them.
 *
 * Called by ovn-egress-node.c.  Reads the IDL, and writes only the columns
 * that RBAC leaves to a node: acked and error of its work. */

#ifndef NODE_WORK_H
#define NODE_WORK_H 1

#include <stdbool.h>

#include "plan/machine/machine.h"

struct ovsdb_idl;
struct ovsdb_idl_txn;
struct peers;
struct reconcile_result;
struct simap;
struct trial;

struct work;

/* Registers what is needed with 'idl', which must not be connected yet: of the
 * tables with work only the rows of 'node'.  The trial says which texts of
 * policies are in force. */
struct work *work_create(struct ovsdb_idl *idl, const char *node,
                         struct trial *);
void work_destroy(struct work *);

/* Returns NULL if the database has been read completely and the agent has
 * filled it, or else why its rows must not be collected: an empty database is
 * not an order to remove everything, nor is one that does not know the node
 * when we start, perhaps under a wrong name. */
const char *work_hindrance(const struct work *);

/* Reads the rows anew into what work_get_input() returns.  'now' is
 * time_msec(); 'done' tells whether the kernel is as work_get_input() has it.
 *
 * A service whose row is gone is there still, in state MACHINE_DRAINING, until
 * its time is over and its endpoints are silent, and then in MACHINE_REMOVING,
 * until that was done; a policy whose row is gone stays while services leave.
 * An ingress IP that 'peers' announces still fades. */
void work_collect(struct work *, long long int now, bool done,
                  struct peers *peers);

/* Returns what work_collect() read last (without facts), or NULL if it was
 * never called.  Lives until the next one. */
const struct machine_input *work_get_input(const struct work *);

/* Returns when the next service has been drained or the next policy goes,
 * LLONG_MAX for never. */
long long int work_get_deadline(const struct work *);

/* True if a service without a row has been drained: once that is done, it is
 * time to collect again. */
bool work_has_left(const struct work *);

/* True if an ingress IP fades: when peers have something new, it is time to
 * collect again. */
bool work_is_fading(const struct work *);

/* Adds to 'txn' the answers to the rows as work_collect() read them, given
 * what the reconciler and 'peers' said: the revision as acked where the kernel
 * matches and what is to be announced is, or an error.  A row that has changed
 * since then is passed over.  Writes only what differs. */
void work_answer(const struct work *, struct ovsdb_idl_txn *txn,
                 const struct reconcile_result *, struct peers *);

/* Adds counts to 'usage'. */
void work_memory(const struct work *, struct simap *usage);

#endif /* node/work.h */
