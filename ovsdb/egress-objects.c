/* SPDX-License-Identifier: Apache-2.0 */

/* The objects that OVN_Egress holds, decoded: see the header. */

#include <config.h>

#include "ovsdb/egress-objects.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "hmapx.h"
#include "intent/intent.h"
#include "ovsdb-idl-provider.h"
#include "ovsdb/egress-idl.h"
#include "ovsdb/egress-source.h"
#include "plan/plan.h"
#include "plan/rows/lower-bound.h"
#include "util.h"

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
 * '*why' set to a message that the caller frees.  What an API server has
 * checked may have fields of later versions. */
static struct intent_object *
decode(const struct egressrec_object *row, const char *manifest, char **why)
{
    struct intent_problems problems = INTENT_PROBLEMS_INITIALIZER;
    struct intent_object *obj = intent_object_from_json(
        manifest, strlen(manifest),
        (egress_is_kubernetes(&row->external_ids)
         ? INTENT_LENIENT : INTENT_STRICT), &problems);

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

/* What changes. */

static void
push(struct intent_object ***objs, size_t *n, size_t *allocated,
     struct intent_object *obj)
{
    if (*n >= *allocated) {
        *objs = x2nrealloc(*objs, allocated, sizeof **objs);
    }
    (*objs)[(*n)++] = obj;
}

/* Makes 'obj', which may be NULL, the good version of 'o'. */
static void
replace_object(struct egress_objects *objects, struct egress_object *o,
               struct intent_object *obj)
{
    if (o->obj) {
        plan_changes_add_object(objects->changes, o->obj);
        push(&objects->gone, &objects->n_gone, &objects->allocated_gone,
             o->obj);
    }
    if (obj) {
        plan_changes_add_object(objects->changes, obj);
        push(&objects->come, &objects->n_come, &objects->allocated_come, obj);
    }
    o->obj = obj;
}

/* Notes why the newest version of 'o' is refused, NULL if it is not.  Takes
 * 'why'. */
static void
set_refused(struct egress_objects *objects, struct egress_object *o,
            char *why)
{
    if (!nullable_string_is_equal(o->refused, why)) {
        objects->changes->all = true;
        smap_remove(&objects->refused, o->id);
        if (why) {
            smap_add(&objects->refused, o->id, why);
        }
    }
    free(o->refused);
    o->refused = why;
}

/* Takes the newest manifest of 'row' into 'o'. */
static void
update_object(struct egress_objects *objects, struct egress_object *o,
              const struct egressrec_object *row)
{
    char *why;
    struct intent_object *obj = decode(row, row->manifest, &why);

    if (obj) {
        replace_object(objects, o, obj);
    } else if (!o->obj) {
        replace_object(objects, o, decode_accepted(row));
    }
    set_refused(objects, o, why);
}

/* Makes what is known of the status of 'o' what 'row' says, NULL for
 * nothing. */
static void
update_status(struct egress_objects *objects, struct egress_object *o,
              const struct egressrec_object *row)
{
    struct shash *all = &objects->prior->status;
    struct plan_prior_status *s = shash_find_data(all, o->id);
    const struct smap none = SMAP_INITIALIZER(&none);
    const struct smap *status = row ? &row->status : &none;

    if (smap_equal(s ? &s->status : &none, status)) {
        return;
    }
    objects->changed = true;
    plan_changes_add_status(objects->changes, o->id);
    if (smap_is_empty(status)) {
        shash_find_and_delete(all, o->id);
        smap_destroy(&s->status);
        free(s->id);
        free(s);
        return;
    }
    if (!s) {
        s = xzalloc(sizeof *s);
        s->id = xstrdup(o->id);
        smap_init(&s->status);
        shash_add(all, o->id, s);
    }
    smap_destroy(&s->status);
    smap_clone(&s->status, status);
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

    hash_bytes128(row->manifest, strlen(row->manifest),
                  egress_is_kubernetes(&row->external_ids), &digest);
    if (!o) {
        o = w->data = xzalloc(sizeof *o);
        o->uuid = w->uuid;
        o->id = xasprintf("%s %s%s%s", row->kind, row->namespace_,
                          *row->namespace_ ? "/" : "", row->name);
        shash_add(&objects->by_id, o->id, o);
    }
    sset_add(&objects->rows, o->id);
    if (!ovs_u128_equals(o->digest, digest)) {
        o->digest = digest;
        update_object(objects, o, row);
        objects->changed = true;
    }
    if (o->obj && !*o->obj->created) {
        /* Of no consequence for the order of what there is. */
        const char *created = smap_get(&row->transitions, EGRESS_CREATED);

        if (created) {
            intent_object_set_created(o->obj, created);
        }
    }
    update_status(objects, o, row);
}

static void
object_gone(struct db_watched *w, void *objects_)
{
    struct egress_objects *objects = objects_;
    struct egress_object *o = w->data;

    update_status(objects, o, NULL);
    shash_find_and_delete(&objects->by_id, o->id);
    replace_object(objects, o, NULL);
    set_refused(objects, o, NULL);
    sset_find_and_delete(&objects->rows, o->id);
    free(o->id);
    free(o);
    objects->changed = true;
}

static const struct db_watch_ops object_ops = {
    object_changed, object_gone
};

void
egress_objects_init(struct egress_objects *objects, struct ovsdb_idl *idl,
                    struct plan_prior *prior, struct plan_changes *changes)
{
    *objects = (struct egress_objects) {
        .idl = idl,
        .prior = prior,
        .changes = changes,
        .by_id = SHASH_INITIALIZER(&objects->by_id),
        .refused = SMAP_INITIALIZER(&objects->refused),
        .rows = SSET_INITIALIZER(&objects->rows),
    };
    db_watch_init(&objects->watch, &egressrec_table_object);
    for (size_t i = 0; i < EGRESSREC_OBJECT_N_COLUMNS; i++) {
        ovsdb_idl_track_add_column(idl, &egressrec_object_columns[i]);
    }
}

/* The array of all objects. */

static int
compare_objects(const void *a, const void *b)
{
    const struct intent_object *const *element = b;

    return plan_compare_objects(a, *element);
}

static void
remove_gone(struct egress_objects *objects)
{
    struct hmapx gone = HMAPX_INITIALIZER(&gone);
    size_t n = 0;

    for (size_t i = 0; i < objects->n_gone; i++) {
        hmapx_add(&gone, objects->gone[i]);
    }
    for (size_t i = 0; i < objects->n_objs && objects->n_gone; i++) {
        if (!hmapx_contains(&gone, objects->objs[i])) {
            objects->objs[n++] = objects->objs[i];
        }
    }
    objects->n_objs = objects->n_gone ? n : objects->n_objs;
    for (size_t i = 0; i < objects->n_gone; i++) {
        intent_object_destroy(objects->gone[i]);
    }
    objects->n_gone = 0;
    hmapx_destroy(&gone);
}

/* So many objects are better sorted than put in their places one by one. */
#define MANY 100

static void
add_come(struct egress_objects *objects)
{
    bool many = objects->n_come > MANY;

    for (size_t i = 0; i < objects->n_come; i++) {
        struct intent_object *obj = objects->come[i];
        size_t pos = many ? objects->n_objs : lower_bound(
                          obj, objects->objs, objects->n_objs,
                          sizeof *objects->objs, compare_objects);

        push(&objects->objs, &objects->n_objs, &objects->allocated_objs, obj);
        memmove(&objects->objs[pos + 1], &objects->objs[pos],
                (objects->n_objs - 1 - pos) * sizeof *objects->objs);
        objects->objs[pos] = obj;
    }
    if (many) {
        plan_sort_objects(objects->objs, objects->n_objs);
    }
    objects->n_come = 0;
}

void
egress_objects_destroy(struct egress_objects *objects)
{
    if (objects) {
        db_watch_destroy(&objects->watch, &object_ops, objects);
        remove_gone(objects);
        shash_destroy(&objects->by_id);
        smap_destroy(&objects->refused);
        sset_destroy(&objects->rows);
        free(objects->gone);
        free(objects->come);
        free(objects->objs);
    }
}

bool
egress_objects_run(struct egress_objects *objects)
{
    objects->changed = false;
    db_watch_run(&objects->watch, objects->idl, &object_ops, objects);
    remove_gone(objects);
    add_come(objects);
    return objects->changed;
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
