/* SPDX-License-Identifier: Apache-2.0 */

/* The objects that OVN_Egress holds, decoded: see the header. */

#include <config.h>

#include "ovsdb/egress-objects.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "intent/intent.h"
#include "ovsdb-idl-provider.h"
#include "ovsdb/egress-idl.h"
#include "plan/plan.h"
#include "util.h"

static void
object_destroy(struct egress_object *o)
{
    if (o) {
        intent_object_destroy(o->obj);
        free(o->refused);
        free(o->id);
        free(o);
    }
}

/* Decoding. */

/* Returns the first error of 'problems' as "FIELD: MESSAGE". */
static char *
first_error(const struct intent_problems *problems)
{
    for (size_t i = 0; i < problems->n; i++) {
        const struct intent_problem *p = &problems->items[i];

        if (p->severity == INTENT_ERROR) {
            return xasprintf("%s%s%s", p->field, *p->field ? ": " : "",
                             p->message);
        }
    }
    return xstrdup("manifest is not valid");
}

/* Returns why 'obj' does not belong into 'row', or NULL if it does. */
static char *
check_identity(const struct egressrec_object *row,
               const struct intent_object *obj)
{
    if (strcmp(row->kind, intent_kind_name(obj->kind))
        || strcmp(row->namespace_, obj->namespace)
        || strcmp(row->name, obj->name)) {
        return xasprintf("manifest is of %s", intent_object_id(obj));
    }
    return NULL;
}

/* Decodes 'manifest', which 'row' holds.  Returns the object, or NULL with
 * '*why' set to a message that the caller frees. */
static struct intent_object *
decode(const struct egressrec_object *row, const char *manifest, char **why)
{
    struct intent_problems problems = INTENT_PROBLEMS_INITIALIZER;
    struct intent_object *obj = intent_object_from_json(
        manifest, strlen(manifest), INTENT_STRICT, &problems);

    *why = obj ? check_identity(row, obj) : first_error(&problems);
    if (obj && *why) {
        intent_object_destroy(obj);
        obj = NULL;
    }
    intent_problems_destroy(&problems);
    return obj;
}

static struct intent_object *
decode_accepted(const struct egressrec_object *row)
{
    struct intent_object *obj = NULL;

    if (*row->accepted) {
        char *why;

        obj = decode(row, row->accepted, &why);
        free(why);
    }
    return obj;
}

/* Takes the newest manifest of 'row' into 'o'. */
static void
update_object(struct egress_object *o, const struct egressrec_object *row)
{
    char *why;
    struct intent_object *obj = decode(row, row->manifest, &why);

    if (obj) {
        intent_object_destroy(o->obj);
        o->obj = obj;
    } else if (!o->obj) {
        o->obj = decode_accepted(row);
    }
    free(o->refused);
    o->refused = why;
}

/* db_watch_ops. */

static void
object_changed(const struct ovsdb_idl_row *row_, struct db_watched *w,
               void *objects_)
{
    const struct egressrec_object *row
        = CONTAINER_OF(row_, struct egressrec_object, header_);
    struct egress_objects *objects = objects_;
    struct egress_object *o = w->data;
    ovs_u128 digest;

    hash_bytes128(row->manifest, strlen(row->manifest), 0, &digest);
    if (!o) {
        o = w->data = xzalloc(sizeof *o);
        o->uuid = w->uuid;
        o->id = xasprintf("%s %s%s%s", row->kind, row->namespace_,
                          *row->namespace_ ? "/" : "", row->name);
    } else if (ovs_u128_equals(o->digest, digest)) {
        o->published = 0;
        return;                 /* Only what we write changed. */
    }
    o->digest = digest;
    o->published = 0;
    update_object(o, row);
    objects->changed = true;
}

static void
object_gone(struct db_watched *w, void *objects_)
{
    struct egress_objects *objects = objects_;

    object_destroy(w->data);
    objects->changed = true;
}

static const struct db_watch_ops object_ops = {
    object_changed, object_gone
};

void
egress_objects_init(struct egress_objects *objects, struct ovsdb_idl *idl)
{
    *objects = (struct egress_objects) {
        .idl = idl,
        .refused = SMAP_INITIALIZER(&objects->refused),
    };
    db_watch_init(&objects->watch, &egressrec_table_object);
    for (size_t i = 0; i < EGRESSREC_OBJECT_N_COLUMNS; i++) {
        ovsdb_idl_add_column(idl, &egressrec_object_columns[i]);
    }
    ovsdb_idl_omit(idl, &egressrec_object_col_external_ids);
}

void
egress_objects_destroy(struct egress_objects *objects)
{
    if (objects) {
        db_watch_destroy(&objects->watch, &object_ops, objects);
        smap_destroy(&objects->refused);
        free(objects->objs);
    }
}

bool
egress_objects_run(struct egress_objects *objects)
{
    struct db_watched *w;
    size_t n = 0;

    objects->changed = false;
    db_watch_run(&objects->watch, objects->idl, &object_ops, objects);
    if (!objects->changed) {
        return false;
    }

    smap_clear(&objects->refused);
    objects->objs = xrealloc(objects->objs,
                             (hmap_count(&objects->watch.rows) + 1)
                             * sizeof *objects->objs);
    HMAP_FOR_EACH (w, hmap_node, &objects->watch.rows) {
        const struct egress_object *o = w->data;

        if (o->obj) {
            objects->objs[n++] = o->obj;
        }
        if (o->refused) {
            smap_add(&objects->refused, o->id, o->refused);
        }
    }
    objects->n_objs = n;
    plan_sort_objects(objects->objs, n);
    return true;
}

void
egress_objects_forget(struct egress_objects *objects)
{
    struct db_watched *w;

    HMAP_FOR_EACH (w, hmap_node, &objects->watch.rows) {
        struct egress_object *o = w->data;

        memset(&o->digest, 0, sizeof o->digest);
    }
    db_watch_forget(&objects->watch);
}

void
egress_objects_get_prior(const struct egress_objects *objects,
                         struct plan_prior *prior)
{
    const struct db_watched *w;

    HMAP_FOR_EACH (w, hmap_node, &objects->watch.rows) {
        const struct egress_object *o = w->data;
        const struct egressrec_object *row
            = egressrec_object_get_for_uuid(objects->idl, &o->uuid);

        if (row && !smap_is_empty(&row->status)) {
            struct plan_prior_status *s = xzalloc(sizeof *s);

            s->id = xstrdup(o->id);
            smap_clone(&s->status, &row->status);
            shash_add(&prior->status, o->id, s);
        }
    }
}
