/* SPDX-License-Identifier: Apache-2.0 */

/* Objects of the kernel, and sets of them.  See object.h. */

#include <config.h>

#include "plan/machine/object.h"

#include <stdlib.h>
#include <string.h>

#include "plan/rows/lower-bound.h"
#include "util.h"

struct machine_object *
machine_object_ref(struct machine_object *object)
{
    object->n_refs++;
    return object;
}

void
machine_object_destroy(struct machine_object *object)
{
    if (object && object->n_refs) {
        object->n_refs--;
    } else if (object) {
        if (object->class->destroy) {
            object->class->destroy(object);
        }
        svec_destroy(&object->origins);
        free(object);
    }
}

int
machine_object_compare(const struct machine_object *a,
                       const struct machine_object *b)
{
    return (a->class == b->class ? a->class->compare(a, b)
            : strcmp(a->class->name, b->class->name));
}

bool
machine_object_is_satisfied(const struct machine_object *have,
                            const struct machine_object *want)
{
    return (!want->class->is_satisfied
            || want->class->is_satisfied(have, want));
}

/* Sets. */

void
machine_objects_init(struct machine_objects *objects)
{
    *objects = (struct machine_objects) { NULL, 0, 0 };
}

void
machine_objects_truncate(struct machine_objects *objects, size_t n)
{
    while (objects->n > n) {
        machine_object_destroy(objects->items[--objects->n]);
    }
}

void
machine_objects_destroy(struct machine_objects *objects)
{
    if (objects) {
        machine_objects_truncate(objects, 0);
        free(objects->items);
        machine_objects_init(objects);
    }
}

/* For pointers to objects. */
static int
compare_items(const void *a_, const void *b_)
{
    const struct machine_object *const *a = a_;
    const struct machine_object *const *b = b_;

    return machine_object_compare(*a, *b);
}

static int
compare_with_seq(const void *a_, const void *b_)
{
    const struct machine_object *const *a = a_;
    const struct machine_object *const *b = b_;
    int cmp = compare_items(a, b);

    return cmp ? cmp : (*a)->seq < (*b)->seq ? -1 : (*a)->seq > (*b)->seq;
}

void
machine_objects_sort(struct machine_objects *objects)
{
    if (objects->n) {
        qsort(objects->items, objects->n, sizeof *objects->items,
              compare_with_seq);
    }
}

void
machine_objects_push(struct machine_objects *objects,
                     struct machine_object *object)
{
    if (objects->n >= objects->allocated) {
        objects->items = x2nrealloc(objects->items, &objects->allocated,
                                    sizeof *objects->items);
    }
    objects->items[objects->n++] = object;
}

struct machine_object *
machine_objects_add(struct machine_objects *objects, const void *object_)
{
    const struct machine_object *object = object_;
    struct machine_object *copy = xmemdup(object, object->class->size);

    machine_objects_push(objects, copy);
    return copy;
}

const void *
machine_objects_find(const struct machine_objects *objects, const void *object)
{
    size_t i = lower_bound(&object, objects->items, objects->n,
                           sizeof *objects->items, compare_items);

    return (i < objects->n && !machine_object_compare(objects->items[i],
                                                      object)
            ? objects->items[i] : NULL);
}

void
machine_objects_merge(struct machine_objects *objects,
                      struct machine_object *(*merge)(
                          struct machine_object *, struct machine_object *,
                          void *aux),
                      void *aux)
{
    size_t n = 0;

    for (size_t i = 0; i < objects->n; i++) {
        struct machine_object *object = objects->items[i];
        struct machine_object *last = n ? objects->items[n - 1] : NULL;

        if (last && !machine_object_compare(last, object)) {
            struct machine_object *stays = merge(last, object, aux);

            machine_object_destroy(stays == last ? object : last);
            objects->items[n - 1] = stays;
        } else {
            objects->items[n++] = object;
        }
    }
    objects->n = n;
}

/* Changes. */

const struct machine_object *
machine_change_object(const struct machine_change *change)
{
    return change->want ? change->want : change->have;
}

static bool
is_satisfied(const void *have_, const void *want_)
{
    const struct machine_object *const *have = have_;
    const struct machine_object *const *want = want_;

    return machine_object_is_satisfied(*have, *want);
}

struct objects_diff {
    void (*cb)(const struct machine_change *, void *aux);
    void *aux;
};

static void
take_change(enum plan_change_type type, const void *have_, const void *want_,
            void *diff_)
{
    const struct machine_object *const *have = have_;
    const struct machine_object *const *want = want_;
    struct objects_diff *diff = diff_;

    diff->cb(&(struct machine_change) {
                 type, have ? *have : NULL, want ? *want : NULL
             }, diff->aux);
}

void
machine_objects_diff(const struct machine_objects *have,
                     const struct machine_objects *want,
                     void (*cb)(const struct machine_change *, void *aux),
                     void *aux)
{
    static const struct diff_items items = {
        sizeof(struct machine_object *), compare_items, is_satisfied,
    };
    struct objects_diff diff = { cb, aux };

    diff_walk(&items, (struct diff_side) { have->items, have->n },
              (struct diff_side) { want->items, want->n }, take_change, &diff);
}
