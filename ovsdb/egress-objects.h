/* SPDX-License-Identifier: Apache-2.0 */

/* The objects that OVN_Egress holds, decoded.
 *
 * Keeps for each row of Object its last good version as an intent_object, and
 * decodes only what changed.  A row whose newest manifest is refused keeps the
 * version that is in force: the one that we hold, or after a restart the one
 * in its column "accepted".  The agent's source (agent/source-db.c) hands the
 * objects to the planner; egress-publish.c writes the verdicts back. */

#ifndef EGRESS_OBJECTS_H
#define EGRESS_OBJECTS_H 1

#include <stdbool.h>
#include <stddef.h>

#include "openvswitch/shash.h"
#include "openvswitch/uuid.h"
#include "ovsdb/db-watch.h"
#include "smap.h"
#include "sset.h"

struct intent_object;
struct plan_changes;
struct plan_prior;

/* One row of Object. */
/* In "transitions" of an Object: when it was made, if its manifest does not
 * say so.  Where two objects clash, the older one is in force. */
#define EGRESS_CREATED "Created"

struct egress_object {
    struct uuid uuid;
    ovs_u128 digest;            /* Of the manifest. */
    char *id;                   /* "EgressService test/server1". */
    struct intent_object *obj;  /* The last good version, or NULL. */
    char *refused;              /* Why the newest is refused, or NULL. */
};

struct egress_objects {
    const struct ovsdb_idl *idl;
    struct plan_prior *prior;   /* Its 'status' is kept here. */
    struct plan_changes *changes;       /* Where what changed is noted. */
    struct db_watch watch;      /* 'data' is a "struct egress_object". */
    struct shash by_id;         /* To "struct egress_object". */
    struct intent_object **objs;        /* Sorted as plan_input wants. */
    size_t n_objs, allocated_objs;
    struct smap refused;        /* Id to message. */
    struct sset rows;           /* Ids of those whose rows changed, until
                                 * somebody clears this. */
    bool changed;               /* In this run. */

    /* In this run, what to take out of 'objs' and what to put in.  The former
     * are destroyed when that is done. */
    struct intent_object **gone, **come;
    size_t n_gone, allocated_gone, n_come, allocated_come;
};

/* Makes 'idl' replicate what is needed. */
void egress_objects_init(struct egress_objects *, struct ovsdb_idl *idl,
                         struct plan_prior *, struct plan_changes *);
void egress_objects_destroy(struct egress_objects *);

/* Returns true if an object came, went or changed, or a verdict on one, or its
 * status. */
bool egress_objects_run(struct egress_objects *);

/* Makes the next run read all anew. */
void egress_objects_forget(struct egress_objects *);

#endif /* ovsdb/egress-objects.h */
