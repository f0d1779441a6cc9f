/* SPDX-License-Identifier: Apache-2.0 */

/* What the API server has shown us, by kind, and what of it changed.
 *
 * The reflectors fill it; kube-mirror.c and kube-status.c read it.  While a
 * kind is listed anew, its old objects stay until the listing is complete.
 * Pure. */

#ifndef KUBE_STORE_H
#define KUBE_STORE_H 1

#include <stdbool.h>
#include <stddef.h>

#include "intent/intent.h"
#include "kube/kube-kind.h"
#include "openvswitch/hmap.h"
#include "sset.h"

struct kube_store {
    struct hmap objects;        /* Contains "struct kube_object"s, by id. */
    struct hmap kinds[INTENT_N_KINDS];  /* The same, each kind by itself. */

    /* Kinds of which a listing has been completed: what is not in the store,
     * is not there. */
    bool listed[INTENT_N_KINDS];
    struct sset listed_only;    /* The same for single objects: ids. */

    /* Kinds of which the last listing had an object that could not be read:
     * it may be one that seems to be missing. */
    bool unsure[INTENT_N_KINDS];

    /* Kinds of which a listing has found nothing, and nothing came since. */
    bool found_empty[INTENT_N_KINDS];

    /* Until somebody clears them: the ids of what came, went or changed, and
     * whether that may change which objects are needed. */
    struct sset changed;
    bool selection_changed;
};

void kube_store_init(struct kube_store *);
void kube_store_destroy(struct kube_store *);

/* Puts 'o', which it takes over, into the store, in the place of the one that
 * has its id. */
void kube_store_put(struct kube_store *, struct kube_object *o);

/* Removes the object 'id', if it is there. */
void kube_store_remove(struct kube_store *, const char *id);

/* Ends a listing of 'kind' ('pass' is its number): removes what it has not
 * seen.  It is 'unsure' if an object could not be read.  With 'only', an id,
 * it was one of this object alone. */
void kube_store_end_listing(struct kube_store *, enum intent_kind kind,
                            unsigned int pass, const char *only, bool unsure);

/* Returns the object 'id', or NULL. */
const struct kube_object *kube_store_find(const struct kube_store *,
                                          const char *id);

/* Returns how many objects of 'kind' there are. */
size_t kube_store_count(const struct kube_store *, enum intent_kind kind);

/* Runs over the objects of KIND. */
#define KUBE_STORE_FOR_EACH(O, STORE, KIND) \
    HMAP_FOR_EACH (O, kind_node, &(STORE)->kinds[KIND])

#endif /* kube/kube-store.h */
