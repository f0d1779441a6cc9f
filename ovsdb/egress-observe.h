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
#include "smap.h"

struct db_mirror;
struct ovsdb_idl;
struct plan_prior;

struct egress_observer {
    struct ovsdb_idl *idl;
    struct egress_objects objects;      /* Run by agent/source-db.c. */
    struct egress_nodes nodes;
    struct db_mirror *mirror;   /* Of our rows of work. */
    bool has_global;            /* There is a row of Egress_Global. */
    struct smap options;        /* Its "options". */
    int64_t next_cfg;           /* Its "next_cfg". */
};

/* 'idl' must be new: not connected, nothing monitored. */
struct egress_observer *egress_observer_create(struct ovsdb_idl *idl);
void egress_observer_destroy(struct egress_observer *);

/* Brings all but the objects up to date; returns true if something changed
 * that a plan depends on.  'now' is in ms of a monotonic clock. */
bool egress_observer_run(struct egress_observer *, long long int now);
void egress_observer_wait(const struct egress_observer *);

/* Makes the next run read everything anew. */
void egress_observer_forget(struct egress_observer *);

/* Fills 'status', 'nodes', 'services' and 'policies' of 'prior'. */
void egress_observer_get_prior(const struct egress_observer *,
                               struct plan_prior *);

#endif /* ovsdb/egress-observe.h */
