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

#include "openvswitch/uuid.h"
#include "ovsdb/db-watch.h"
#include "smap.h"

struct intent_object;
struct plan_prior;

/* One row of Object. */
struct egress_object {
    struct uuid uuid;
    ovs_u128 digest;            /* Of the manifest. */
    char *id;                   /* "EgressService test/server1". */
    struct intent_object *obj;  /* The last good version, or NULL. */
    char *refused;              /* Why the newest is refused, or NULL. */

    /* A number that tells what of its status has been compared with the
     * database; see egress-publish.c. */
    uint32_t published;
};

struct egress_objects {
    const struct ovsdb_idl *idl;
    struct db_watch watch;      /* 'data' is a "struct egress_object". */
    struct intent_object **objs;        /* Sorted as plan_input wants. */
    size_t n_objs;
    struct smap refused;        /* Id to message. */
    bool changed;               /* In this run. */
};

/* Makes 'idl' replicate what is needed. */
void egress_objects_init(struct egress_objects *, struct ovsdb_idl *idl);
void egress_objects_destroy(struct egress_objects *);

/* Returns true if an object came, went or changed, or a verdict on one. */
bool egress_objects_run(struct egress_objects *);

/* Makes the next run read all anew. */
void egress_objects_forget(struct egress_objects *);

/* Fills 'prior->status' from the column "status". */
void egress_objects_get_prior(const struct egress_objects *,
                              struct plan_prior *);

#endif /* ovsdb/egress-objects.h */
