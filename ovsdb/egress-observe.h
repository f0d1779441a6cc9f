/* SPDX-License-Identifier: Apache-2.0 */

/* What OVN_Egress says: objects, options, our rows of work, and the nodes'
 * answers.
 *
 * The agent makes one, runs it in each turn of its loop, and gives what it
 * finds to the planner.  Only reads. */

#ifndef EGRESS_OBSERVE_H
#define EGRESS_OBSERVE_H 1

#include <stdbool.h>
#include <stdint.h>

#include "ovsdb/egress-nodes.h"
#include "ovsdb/egress-objects.h"
#include "openvswitch/uuid.h"
#include "smap.h"

struct db_mirror;
struct ds;
struct ovsdb_idl;
struct plan_changes;
struct plan_prior;

struct egress_observer {
    struct ovsdb_idl *idl;
    struct plan_prior *prior;
    struct plan_changes *changes;
    struct egress_objects objects;      /* Run by agent/source-db.c. */
    struct egress_nodes nodes;
    struct db_mirror *mirror;   /* Of our rows of work. */
    bool has_global;            /* There is a row of Egress_Global. */
    struct uuid global;         /* Its UUID, or zero. */
    struct smap options;        /* Its "options". */
    int64_t next_cfg;           /* Its "next_cfg". */
    int64_t beat;               /* Its "leader_beat", if that is read. */
    bool beats;                 /* That changed. */
};

/* 'idl' must be new: not connected, nothing monitored.  What is found is kept
 * in 'status', 'nodes', 'services', 'policies' and 'peers' of 'prior', and
 * what changes there is noted in 'changes'; both must outlive the observer. */
struct egress_observer *egress_observer_create(struct ovsdb_idl *idl,
                                               struct plan_prior *prior,
                                               struct plan_changes *changes);
void egress_observer_destroy(struct egress_observer *);

/* Brings all but the objects up to date; returns true if something changed
 * that a plan depends on.  'now' is in ms of a monotonic clock. */
bool egress_observer_run(struct egress_observer *, long long int now);
void egress_observer_wait(const struct egress_observer *);

/* Makes the next run read everything anew. */
void egress_observer_forget(struct egress_observer *);

/* Appends to 's' in what 'prior' is not what the database says: nothing. */
void egress_observer_verify(const struct egress_observer *, struct ds *s);

#endif /* ovsdb/egress-observe.h */
