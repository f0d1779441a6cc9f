/* SPDX-License-Identifier: Apache-2.0 */

/* Where objects come from.
 *
 * A source delivers decoded objects to the agent: the table Object of
 * OVN_Egress (source-db.c), or another store.  The agent plans only while each
 * of its sources is ready, so a source that fails, or has not delivered its
 * first complete listing, deletes nothing: what was planned last stays in
 * force. */

#ifndef AGENT_SOURCE_H
#define AGENT_SOURCE_H 1

#include <stdbool.h>
#include <stddef.h>

struct intent_object;
struct smap;

/* What a source has.  All of it belongs to the source and lives until its next
 * run. */
struct source_listing {
    struct intent_object **objs;        /* Sorted by plan_sort_objects(). */
    size_t n_objs;
    const struct smap *refused; /* Id of what is refused, to the reason. */
};

struct source {
    const struct source_class *class;
};

struct source_class {
    const char *name;           /* For people: "OVN_Egress". */

    /* Takes in what is new, without blocking.  Returns true if the listing
     * changed. */
    bool (*run)(struct source *);

    /* Arranges for the poll loop to wake up when run() has something to do. */
    void (*wait)(struct source *);

    /* True if the listing is complete and current. */
    bool (*is_ready)(const struct source *);

    void (*get)(const struct source *, struct source_listing *);

    /* Makes the next run() read all anew. */
    void (*forget)(struct source *);

    void (*destroy)(struct source *);
};

struct egress_observer;

/* A source of the objects in OVN_Egress.  'observer' must outlive it; its IDL
 * is run by the agent. */
struct source *source_db_create(struct egress_observer *observer);

#endif /* agent/source.h */
