/* SPDX-License-Identifier: Apache-2.0 */

/* What the API server has shown us: see the header. */

#include <config.h>

#include "kube/kube-store.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "util.h"

void
kube_store_init(struct kube_store *store)
{
    hmap_init(&store->objects);
    for (size_t i = 0; i < INTENT_N_KINDS; i++) {
        hmap_init(&store->kinds[i]);
        store->listed[i] = store->found_empty[i] = false;
    }
    sset_init(&store->listed_only);
    sset_init(&store->changed);
    store->selection_changed = false;
}

static struct kube_object *
find(const struct kube_store *store, const char *id)
{
    struct kube_object *o;

    HMAP_FOR_EACH_WITH_HASH (o, id_node, hash_string(id, 0),
                             &store->objects) {
        if (!strcmp(o->id, id)) {
            return o;
        }
    }
    return NULL;
}

const struct kube_object *
kube_store_find(const struct kube_store *store, const char *id)
{
    return find(store, id);
}

size_t
kube_store_count(const struct kube_store *store, enum intent_kind kind)
{
    return hmap_count(&store->kinds[kind]);
}

static void
insert(struct kube_store *store, struct kube_object *o)
{
    uint32_t hash = hash_string(o->id, 0);

    hmap_insert(&store->objects, &o->id_node, hash);
    hmap_insert(&store->kinds[o->kind], &o->kind_node, hash);
    store->found_empty[o->kind] = false;
}

static void
take_out(struct kube_store *store, struct kube_object *o)
{
    hmap_remove(&store->objects, &o->id_node);
    hmap_remove(&store->kinds[o->kind], &o->kind_node);
    kube_object_destroy(o);
}

/* Notes that 'old', NULL if there was none, is 'new' now, likewise. */
static void
note(struct kube_store *store, const struct kube_object *old,
     const struct kube_object *new)
{
    const struct kube_object *o = new ? new : old;
    bool selects = (o->kind == INTENT_EGRESS_SERVICE
                    || o->kind == INTENT_SERVICE
                    || o->kind == INTENT_BGP_PEER
                    || o->kind == INTENT_IP_ADDRESS_POOL);
    bool facts = (o->kind != INTENT_EGRESS_SERVICE
                  && old && new && !smap_equal(&old->facts, &new->facts));

    sset_add(&store->changed, o->id);
    if (selects && (!old || !new || facts)) {
        store->selection_changed = true;
    }
}

void
kube_store_put(struct kube_store *store, struct kube_object *o)
{
    struct kube_object *old = find(store, o->id);

    if (old && !strcmp(old->manifest, o->manifest)
        && !strcmp(old->uid, o->uid) && smap_equal(&old->facts, &o->facts)) {
        char *swap = old->resource_version;

        old->resource_version = o->resource_version;
        o->resource_version = swap;
        old->pass = o->pass;
        kube_object_destroy(o);
        return;
    }
    note(store, old, o);
    if (old) {
        take_out(store, old);
    }
    insert(store, o);
}

static void
remove_object(struct kube_store *store, struct kube_object *o)
{
    note(store, o, NULL);
    take_out(store, o);
}

void
kube_store_remove(struct kube_store *store, const char *id)
{
    struct kube_object *o = find(store, id);

    if (o) {
        remove_object(store, o);
    }
}

void
kube_store_end_listing(struct kube_store *store, enum intent_kind kind,
                       unsigned int pass, const char *only, bool unsure)
{
    struct kube_object *o, *next;

    HMAP_FOR_EACH_SAFE (o, next, kind_node, &store->kinds[kind]) {
        if (o->pass != pass && (!only || !strcmp(o->id, only))) {
            remove_object(store, o);
        }
    }
    if (only && unsure) {
        sset_find_and_delete(&store->listed_only, only);
        return;
    } else if (only) {
        if (sset_add(&store->listed_only, only)) {
            sset_add(&store->changed, only);
        }
        return;
    }
    store->unsure[kind] = unsure;
    if (!unsure && hmap_is_empty(&store->kinds[kind])) {
        store->found_empty[kind] = true;
    }
    if (!store->listed[kind]) {
        store->listed[kind] = true;
        store->selection_changed = true;
    }
}

void
kube_store_destroy(struct kube_store *store)
{
    if (store) {
        struct kube_object *o, *next;

        HMAP_FOR_EACH_SAFE (o, next, id_node, &store->objects) {
            take_out(store, o);
        }
        hmap_destroy(&store->objects);
        for (size_t i = 0; i < INTENT_N_KINDS; i++) {
            hmap_destroy(&store->kinds[i]);
        }
        sset_destroy(&store->listed_only);
        sset_destroy(&store->changed);
    }
}
