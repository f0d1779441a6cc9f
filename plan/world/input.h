/* SPDX-License-Identifier: Apache-2.0 */

/* All that the planner is asked with, and what changed in it. */

#ifndef PLAN_WORLD_INPUT_H
#define PLAN_WORLD_INPUT_H 1

#include <stdbool.h>
#include <stdint.h>

#include "intent/intent.h"
#include "plan/world/nb.h"
#include "plan/world/options.h"
#include "plan/world/prior.h"

struct plan_input {
    const struct plan_options *options;
    const struct plan_nb *nb;
    const struct plan_prior *prior;

    /* The last good version of each object, sorted by plan_compare_objects();
     * no two with the same kind, namespace and name. */
    struct intent_object **objs;
    size_t n_objs;

    /* Objects whose newest version is refused: id to message. */
    const struct smap *refused;

    int64_t now;                /* Seconds since 1970: a new announcement has
                                 * no older epoch. */
    bool scheduler;             /* Decide hosts, addresses, node work and
                                 * status (holds the lock on OVN_Egress). */
    bool zone;                  /* Decide rows of OVN_Northbound. */

    /* Is told the name of each stage of planning when it begins, and NULL when
     * the last one ends: plan/ has no clock.  May be NULL. */
    void (*watch)(const char *stage);
};

/* The order in which plan_input wants objects: by kind, namespace and name;
 * EndpointSlices by the service, before the name. */
int plan_compare_objects(const struct intent_object *,
                         const struct intent_object *);

/* Sorts 'objs' by that. */
void plan_sort_objects(struct intent_object **objs, size_t n);

/* What changed in a plan_input since a plan was made of it.  Who names too
 * much only loses time. */
struct plan_changes {
    /* Something that is not below: options, topology, what is refused, a
     * helper or a row of Node_Policy, an object of another kind, ... */
    bool all;

    /* "NS/NAME": an EgressService, Service or EndpointSlice (the service that
     * it belongs to, or did), the status of one of the former, or a row of
     * Node_Service. */
    struct sset services;
    bool ingress;               /* A Service, or the status of one. */
    struct sset addresses;      /* That OVN_Northbound steers elsewhere, or
                                 * of which OVN has taken that in. */
    struct sset nodes;          /* Whose address sets came or went. */
    struct sset sessions;       /* "NODE NS/NAME": a row of Node_Peer, neither
                                 * new nor gone. */
    bool labels;                /* The status of a Node. */
    bool confirmed;             /* 'all_unconfirmed' is not true any more. */
};

void plan_changes_init(struct plan_changes *);
void plan_changes_destroy(struct plan_changes *);
void plan_changes_clear(struct plan_changes *);

/* True if nothing changed. */
bool plan_changes_is_empty(const struct plan_changes *);

/* Notes that 'obj' came, went or changed. */
void plan_changes_add_object(struct plan_changes *,
                             const struct intent_object *obj);

/* Notes that the status of the object 'id' changed, intent_object_id(). */
void plan_changes_add_status(struct plan_changes *, const char *id);

#endif /* plan/world/input.h */
