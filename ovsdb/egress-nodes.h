/* SPDX-License-Identifier: Apache-2.0 */

/* What the nodes' helpers say in OVN_Egress: who is alive, which addresses a
 * host has, and what of its work each node acknowledged.
 *
 * Reads the tables Node, Node_Service, Node_Policy and Node_Peer.  Used by
 * egress-observe.c. */

#ifndef EGRESS_NODES_H
#define EGRESS_NODES_H 1

#include <stdbool.h>

#include "ovsdb/db-watch.h"

struct plan_changes;
struct plan_prior;

struct egress_nodes {
    const struct ovsdb_idl *idl;
    struct plan_prior *prior;   /* What is known is kept there. */
    struct plan_changes *changes;       /* Where what changed is noted. */
    struct db_watch nodes;      /* 'data' is a "struct egress_helper". */
    struct db_watch services;   /* 'data' is the key in 'prior'. */
    struct db_watch policies;   /* Likewise. */
    struct db_watch peers;      /* Likewise. */
    long long int now;          /* Of this run, in ms. */
    long long int patience;     /* See liveness_patience(). */
    long long int heard;        /* When it was seen last, or 0, that what is
                                 * written comes to us. */
    bool hear;                  /* One was seen in this run. */
    long long int deadline;     /* When somebody may turn out dead. */
    bool changed;               /* In this run. */
};

/* Makes 'idl' replicate what is needed.  'nodes', 'services', 'policies' and
 * 'peers' of the plan_prior, but for their "row", are kept from now on. */
void egress_nodes_init(struct egress_nodes *, struct ovsdb_idl *idl,
                       struct plan_prior *, struct plan_changes *);
void egress_nodes_destroy(struct egress_nodes *);

/* Returns true if something changed that a plan depends on: not by a mere
 * heartbeat.  'now' is in ms of a monotonic clock; 'interval' is that of
 * heartbeats, in ms; 'beat' says that the active agent was heard, which may be
 * ourselves.
 *
 * Nobody is given up while neither a helper nor an agent is heard: then it is
 * our connection, the database or we ourselves that stand still.  The time
 * until somebody is heard again does not count. */
bool egress_nodes_run(struct egress_nodes *, long long int now,
                      unsigned int interval, bool beat);
void egress_nodes_wait(const struct egress_nodes *);

/* Makes the next run read all anew; who is alive stays. */
void egress_nodes_forget(struct egress_nodes *);

#endif /* ovsdb/egress-nodes.h */
