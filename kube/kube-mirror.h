/* SPDX-License-Identifier: Apache-2.0 */

/* The objects of Kubernetes that are needed, as rows of OVN_Egress.
 *
 * A row of ours says so in external_ids: "source" is "kubernetes", with "uid"
 * and "resource-version" of the object.  Rows without it are a user's
 * ("ovn-egressctl apply") and are left alone, but for one of an object that
 * Kubernetes has too: there Kubernetes wins, and "replaced" in external_ids
 * says so.
 *
 * Nothing is written before all kinds that every cluster has are listed, and
 * no row is deleted before its kind is listed, and those by which it is
 * selected.
 * Another cluster, known by the UID of its namespace kube-system, and one that
 * has nothing at all where there was something, change nothing until a person
 * says that this is right (kube_mirror_accept()).
 *
 * kube.c owns one and gives it transactions while it is the active mirror.
 * Does not log. */

#ifndef KUBE_MIRROR_H
#define KUBE_MIRROR_H 1

#include <stdbool.h>
#include <stdint.h>

#include "intent/intent.h"
#include "kube/kube-select.h"
#include "ovsdb/db-watch.h"
#include "smap.h"
#include "sset.h"

struct ovsdb_idl;
struct ovsdb_idl_txn;
struct kube_discovery;
struct kube_store;

/* Keys and values of Object's external_ids. */
#define KUBE_KEY_UID "uid"
#define KUBE_KEY_VERSION "resource-version"
#define KUBE_KEY_REPLACED "replaced"

/* In Egress_Global's external_ids: the UID of the cluster's kube-system. */
#define KUBE_KEY_CLUSTER "kubernetes-uid"

struct kube_mirror {
    struct ovsdb_idl *idl;
    struct ovsdb_idl_index *by_name;
    struct db_watch watch;      /* 'data' is a "struct mirror_row". */
    size_t n_rows[INTENT_N_KINDS];      /* Of ours. */
    struct kube_selection selection;
    struct kube_select_options options; /* That it was made with. */
    struct sset pending;        /* Ids to look at. */
    struct sset changed_rows;   /* Ids, until somebody clears them. */
    bool all;                   /* Look at all. */
    bool unsure;                /* Set by the owner: the API server was away,
                                 * and may be that of another cluster. */
    bool accepted;              /* A person has said that it is right. */
    bool hindered;              /* Some were passed over. */
    struct smap replaced;       /* Ids of rows that were a user's, to the
                                 * manifest's apply set or "". */
    struct sset new_replaced;   /* Until somebody clears them. */
    char *hold;                 /* Why nothing is written, or NULL. */
    char *keep[INTENT_N_KINDS]; /* Why none of the kind is deleted, or NULL. */
    bool confirm;               /* A person has to confirm it. */
    uint64_t n_inserted, n_modified, n_deleted;
};

/* Makes 'idl', which is new, replicate what is needed. */
void kube_mirror_init(struct kube_mirror *, struct ovsdb_idl *idl);
void kube_mirror_destroy(struct kube_mirror *);

/* Takes in what changed in 'store' and in the database, whose replica is
 * current.  To be called after each run of the IDL. */
void kube_mirror_run(struct kube_mirror *, struct kube_store *store,
                     const struct kube_discovery *);

/* Adds to 'txn' what has to be written, some of it if it is much.  Returns
 * true if there is something. */
bool kube_mirror_write(struct kube_mirror *, const struct kube_store *store,
                       struct ovsdb_idl_txn *txn);

/* True if kube_mirror_write() has something to do. */
bool kube_mirror_has_work(const struct kube_mirror *);

/* The last transaction has failed: looks at everything again. */
void kube_mirror_forget(struct kube_mirror *);

/* A person says that the cluster is the right one, and what it does not have
 * is to be deleted. */
void kube_mirror_accept(struct kube_mirror *);

/* Returns the row of the object 'id', or NULL. */
const struct egressrec_object *kube_mirror_find(const struct kube_mirror *,
                                                const char *id);

/* Returns the row of 'o' if it is of this very object: not of one that had its
 * name before, or has it in another cluster.  Else NULL. */
const struct egressrec_object *
kube_mirror_find_same(const struct kube_mirror *, const struct kube_object *o);

#endif /* kube/kube-mirror.h */
