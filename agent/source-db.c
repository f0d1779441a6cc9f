/* SPDX-License-Identifier: Apache-2.0 */

/* The source of objects that is the table Object of OVN_Egress: see source.h.
 * The decoding is in ovsdb/egress-objects.c. */

#include <config.h>

#include "agent/source.h"

#include <stdlib.h>

#include "ovsdb-idl.h"
#include "ovsdb/egress-observe.h"
#include "util.h"

struct source_db {
    struct source up;
    struct egress_observer *observer;
};

static struct source_db *
source_db_cast(const struct source *source)
{
    return CONTAINER_OF(source, struct source_db, up);
}

static bool
source_db_run(struct source *source)
{
    return egress_objects_run(&source_db_cast(source)->observer->objects);
}

static void
source_db_wait(struct source *source OVS_UNUSED)
{
    /* The agent waits for the IDL. */
}

static bool
source_db_is_ready(const struct source *source)
{
    const struct ovsdb_idl *idl = source_db_cast(source)->observer->idl;

    return ovsdb_idl_has_ever_connected(idl) && ovsdb_idl_is_connected(idl);
}

static void
source_db_get(const struct source *source, struct source_listing *listing)
{
    const struct egress_objects *objects
        = &source_db_cast(source)->observer->objects;

    listing->objs = objects->objs;
    listing->n_objs = objects->n_objs;
    listing->refused = &objects->refused;
}

static void
source_db_forget(struct source *source)
{
    egress_objects_forget(&source_db_cast(source)->observer->objects);
}

static void
source_db_destroy(struct source *source)
{
    free(source_db_cast(source));
}

static const struct source_class source_db_class = {
    .name = "OVN_Egress",
    .run = source_db_run,
    .wait = source_db_wait,
    .is_ready = source_db_is_ready,
    .get = source_db_get,
    .forget = source_db_forget,
    .destroy = source_db_destroy,
};

struct source *
source_db_create(struct egress_observer *observer)
{
    struct source_db *s = xzalloc(sizeof *s);

    s->up.class = &source_db_class;
    s->observer = observer;
    return &s->up;
}
