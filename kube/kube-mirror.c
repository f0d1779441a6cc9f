/* SPDX-License-Identifier: Apache-2.0 */

/* The objects of Kubernetes that are needed, as rows: see the header. */

#include <config.h>

#include "kube/kube-mirror.h"

#include <stdlib.h>
#include <string.h>

#include "kube/kube-discovery.h"
#include "kube/kube-json.h"
#include "kube/kube-kind.h"
#include "kube/kube-store.h"
#include "kube/kube-trust.h"
#include "openvswitch/dynamic-string.h"
#include "ovsdb-idl.h"
#include "ovsdb/egress-idl.h"
#include "ovsdb/egress-objects.h"
#include "ovsdb/egress-source.h"
#include "timeval.h"
#include "util.h"

/* So many objects at most are written in a transaction. */
#define BATCH 500

/* A row, as it was when we looked last. */
struct mirror_row {
    char *id;
    enum intent_kind kind;      /* INTENT_N_KINDS if it is not known. */
    bool own;
};

/* Rows. */

static bool
find_kind(const char *name, enum intent_kind *kind)
{
    return (intent_kind_from_string(name, kind)
            && !strcmp(intent_kind_name(*kind), name));
}

static void
count_row(struct kube_mirror *m, const struct mirror_row *r, int by)
{
    if (r->own && r->kind != INTENT_N_KINDS) {
        m->n_rows[r->kind] += by;
    }
}

static void
row_changed(const struct ovsdb_idl_row *row_, struct db_watched *w, void *m_)
{
    const struct egressrec_object *row
        = CONTAINER_OF(row_, struct egressrec_object, header_);
    struct mirror_row *r = w->data;
    struct kube_mirror *m = m_;

    if (!r) {
        r = w->data = xzalloc(sizeof *r);
        if (!find_kind(row->kind, &r->kind)) {
            r->kind = INTENT_N_KINDS;
        }
        r->id = xasprintf("%s %s%s%s", row->kind, row->namespace_,
                          *row->namespace_ ? "/" : "", row->name);
    }
    count_row(m, r, -1);
    r->own = egress_is_kubernetes(&row->external_ids);
    count_row(m, r, 1);

    const char *replaced = smap_get(&row->external_ids, KUBE_KEY_REPLACED);
    if (r->own && replaced) {
        smap_replace(&m->replaced, r->id, replaced);
    } else {
        smap_remove(&m->replaced, r->id);
    }
    sset_add(&m->pending, r->id);
    sset_add(&m->changed_rows, r->id);
}

static void
row_gone(struct db_watched *w, void *m_)
{
    struct mirror_row *r = w->data;
    struct kube_mirror *m = m_;

    count_row(m, r, -1);
    smap_remove(&m->replaced, r->id);
    sset_add(&m->pending, r->id);
    free(r->id);
    free(r);
}

static const struct db_watch_ops row_ops = { row_changed, row_gone };

void
kube_mirror_init(struct kube_mirror *m, struct ovsdb_idl *idl)
{
    const struct ovsdb_idl_column *columns[] = {
        &egressrec_object_col_kind,
        &egressrec_object_col_namespace_,
        &egressrec_object_col_name,
        &egressrec_object_col_manifest,
        &egressrec_object_col_generation,
        &egressrec_object_col_status,
        &egressrec_object_col_conditions,
        &egressrec_object_col_transitions,
        &egressrec_object_col_external_ids,
        &egressrec_egress_global_col_options,
        &egressrec_egress_global_col_effective,
        &egressrec_egress_global_col_external_ids,
    };
    struct ovsdb_idl_index_column key[] = {
        { .column = &egressrec_object_col_kind },
        { .column = &egressrec_object_col_namespace_ },
        { .column = &egressrec_object_col_name },
    };

    *m = (struct kube_mirror) {
        .idl = idl,
        .pending = SSET_INITIALIZER(&m->pending),
        .changed_rows = SSET_INITIALIZER(&m->changed_rows),
        .replaced = SMAP_INITIALIZER(&m->replaced),
        .new_replaced = SSET_INITIALIZER(&m->new_replaced),
        .all = true,
    };
    for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
        ovsdb_idl_track_add_column(idl, columns[i]);
    }
    m->by_name = ovsdb_idl_index_create(idl, key, ARRAY_SIZE(key));
    kube_selection_init(&m->selection);
    db_watch_init(&m->watch, &egressrec_table_object);
}

void
kube_mirror_destroy(struct kube_mirror *m)
{
    if (m) {
        db_watch_destroy(&m->watch, &row_ops, m);
        kube_selection_destroy(&m->selection);
        sset_destroy(&m->pending);
        sset_destroy(&m->changed_rows);
        smap_destroy(&m->replaced);
        sset_destroy(&m->new_replaced);
        free(m->hold);
        for (size_t i = 0; i < INTENT_N_KINDS; i++) {
            free(m->keep[i]);
        }
    }
}

static const struct egressrec_object *
find_row(const struct kube_mirror *m, const char *kind,
         const char *namespace, const char *name)
{
    struct egressrec_object *key
        = egressrec_object_index_init_row(m->by_name);

    egressrec_object_index_set_kind(key, kind);
    egressrec_object_index_set_namespace_(key, namespace);
    egressrec_object_index_set_name(key, name);

    const struct egressrec_object *row
        = egressrec_object_index_find(m->by_name, key);
    egressrec_object_index_destroy_row(key);
    return row;
}

const struct egressrec_object *
kube_mirror_find(const struct kube_mirror *m, const char *id)
{
    size_t n_kind = strcspn(id, " ");
    char *kind = xmemdup0(id, n_kind);
    const char *key = id + n_kind + (id[n_kind] == ' ');
    const char *slash = strchr(key, '/');
    char *namespace = slash ? xmemdup0(key, slash - key) : xstrdup("");
    const struct egressrec_object *row
        = find_row(m, kind, namespace, slash ? slash + 1 : key);

    free(namespace);
    free(kind);
    return row;
}

const struct egressrec_object *
kube_mirror_find_same(const struct kube_mirror *m, const struct kube_object *o)
{
    const struct egressrec_object *row = kube_mirror_find(m, o->id);

    return (row && egress_is_kubernetes(&row->external_ids)
            && !strcmp(smap_get_def(&row->external_ids, KUBE_KEY_UID, ""),
                       o->uid)
            ? row : NULL);
}

/* What changed. */

static const char *
get_option(const struct egressrec_egress_global *global, const char *name,
           const char *def)
{
    const char *value = global ? smap_get(&global->effective, name) : NULL;

    if (!value && global) {
        value = smap_get(&global->options, name);
    }
    return value ? value : def;
}

static struct kube_select_options
read_options(const struct kube_mirror *m)
{
    const struct egressrec_egress_global *global
        = egressrec_egress_global_first(m->idl);

    return (struct kube_select_options) {
        .allocate_ips = !strcmp(get_option(global, "allocate-ips", "true"),
                                "true"),
        .announce = !strcmp(get_option(global, "announce", "true"), "true"),
        .ingress = !strcmp(get_option(global, "ingress", "auto"), "true"),
    };
}

/* Makes the objects pending that 'a' has and 'b' has not. */
static void
add_difference(struct kube_mirror *m, const struct kube_store *store,
               const struct kube_selection *a, const struct kube_selection *b)
{
    static const enum intent_kind kinds[] = {
        INTENT_SERVICE, INTENT_ENDPOINT_SLICE, INTENT_NAMESPACE,
        INTENT_SECRET,
    };

    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        const struct kube_object *o;

        KUBE_STORE_FOR_EACH (o, store, kinds[i]) {
            if (kube_selection_has(a, o) && !kube_selection_has(b, o)) {
                sset_add(&m->pending, o->id);
            }
        }
    }
}

static void
select_anew(struct kube_mirror *m, const struct kube_store *store,
            const struct kube_select_options *options)
{
    struct kube_selection new;

    kube_selection_init(&new);
    kube_select(store, options, &new);
    add_difference(m, store, &new, &m->selection);
    add_difference(m, store, &m->selection, &new);
    kube_selection_swap(&m->selection, &new);
    kube_selection_destroy(&new);
    m->options = *options;
}

static void
set_text(char **to, char *new)
{
    free(*to);
    *to = new;
}

/* Finds out whether the rows may be written, and deleted.  Returns true if
 * nothing stands in the way. */
static bool
find_hindrances(struct kube_mirror *m, struct kube_trust *trust,
                bool accepted)
{
    bool free_way;

    trust->accepted = accepted;
    set_text(&m->hold, kube_trust_why_hold(trust, &m->confirm));
    m->confirm &= m->hold != NULL;
    free_way = !m->hold;
    for (size_t i = 0; i < INTENT_N_KINDS; i++) {
        bool confirm;

        set_text(&m->keep[i], kube_trust_why_keep(trust, i, &confirm));
        m->confirm |= confirm;
        free_way &= !m->keep[i];
    }
    return free_way;
}

static void
check_trust(struct kube_mirror *m, const struct kube_store *store,
            const struct kube_discovery *discovery)
{
    const struct egressrec_egress_global *global
        = egressrec_egress_global_first(m->idl);
    struct kube_trust trust = {
        .store = store,
        .discovery = discovery,
        .n_rows = m->n_rows,
        .known_uid = global ? smap_get(&global->external_ids,
                                       KUBE_KEY_CLUSTER) : NULL,
        .unsure = m->unsure,
    };

    if (find_hindrances(m, &trust, false)) {
        m->accepted = false;    /* There is nothing left to accept. */
        if (m->hindered) {
            m->hindered = false;
            m->all = true;      /* What was passed over. */
        }
    } else {
        m->hindered = true;
        if (m->accepted) {
            find_hindrances(m, &trust, true);
        }
    }
}

void
kube_mirror_run(struct kube_mirror *m, struct kube_store *store,
                const struct kube_discovery *discovery)
{
    struct kube_select_options options = read_options(m);
    const char *id;

    db_watch_run(&m->watch, m->idl, &row_ops, m);
    SSET_FOR_EACH (id, &store->changed) {
        sset_add(&m->pending, id);
    }
    if (store->selection_changed
        || memcmp(&options, &m->options, sizeof options)) {
        select_anew(m, store, &options);
        store->selection_changed = false;
    }
    check_trust(m, store, discovery);
}

/* Writing. */

static void
set_ids(const struct egressrec_object *row, const struct kube_object *o,
        const char *replaced)
{
    struct smap ids = SMAP_INITIALIZER(&ids);

    smap_clone(&ids, &row->external_ids);
    smap_replace(&ids, EGRESS_SOURCE, EGRESS_KUBERNETES);
    smap_replace(&ids, KUBE_KEY_UID, o->uid);
    smap_replace(&ids, KUBE_KEY_VERSION, o->resource_version);
    if (replaced) {
        smap_replace(&ids, KUBE_KEY_REPLACED, replaced);
        smap_remove(&ids, "apply-set");
    }
    egressrec_object_set_external_ids(row, &ids);
    smap_destroy(&ids);
}

/* Returns the manifest for the row of 'o', which has the manifest 'old' if it
 * exists.  It keeps the host that an EgressService had when the row was made:
 * the agent begins with the one that ovn-kubernetes has chosen.  Later hosts
 * are the agent's own.  The caller frees it. */
static char *
make_manifest(const struct kube_object *o, const char *old)
{
    char *manifest = NULL;

    if (o->kind == INTENT_EGRESS_SERVICE) {
        struct json *json = old ? json_from_string(old) : NULL;
        const char *host
            = (old ? kube_json_string(kube_json_get(json, "status"), "host")
               : smap_get_def(&o->facts, "host", ""));

        if (*host) {
            struct json *status = json_object_create();
            struct json *overlay = json_object_create();

            json_object_put_string(status, "host", host);
            json_object_put(overlay, "status", status);
            char *text = json_to_string(overlay, 0);
            manifest = intent_json_merge(o->manifest, text);
            free(text);
            json_destroy(overlay);
        }
        json_destroy(json);
    }
    return manifest ? manifest : xstrdup(o->manifest);
}

static void
insert_row(struct kube_mirror *m, const struct kube_object *o,
           struct ovsdb_idl_txn *txn)
{
    const struct egressrec_object *row = egressrec_object_insert(txn);
    char *now = xastrftime_msec("%Y-%m-%dT%H:%M:%S.###Z", time_wall_msec(),
                                true);
    struct smap made = SMAP_CONST1(&made, EGRESS_CREATED, now);
    char *manifest = make_manifest(o, NULL);

    egressrec_object_set_kind(row, intent_kind_name(o->kind));
    egressrec_object_set_namespace_(row, o->namespace);
    egressrec_object_set_name(row, o->name);
    egressrec_object_set_manifest(row, manifest);
    egressrec_object_set_generation(row, 1);
    egressrec_object_set_transitions(row, &made);
    set_ids(row, o, NULL);
    free(manifest);
    free(now);
    m->n_inserted++;
}

/* Makes 'row' what 'o' is.  Returns true if it was not. */
static bool
update_row(struct kube_mirror *m, const struct egressrec_object *row,
           const struct kube_object *o)
{
    bool own = egress_is_kubernetes(&row->external_ids);
    bool same_uid = !strcmp(smap_get_def(&row->external_ids, KUBE_KEY_UID,
                                         ""), o->uid);
    char *manifest = make_manifest(o, row->manifest);
    bool same_text = !strcmp(row->manifest, manifest);

    if (!same_text) {
        egressrec_object_verify_manifest(row);
        egressrec_object_verify_generation(row);
        egressrec_object_set_manifest(row, manifest);
        egressrec_object_set_generation(row, row->generation + 1);
    }
    free(manifest);
    if (own && same_uid && same_text) {
        return false;
    }
    if (!own) {
        sset_add(&m->new_replaced, o->id);
    }
    set_ids(row, o, own ? NULL
            : smap_get_def(&row->external_ids, "apply-set", ""));
    m->n_modified++;
    return true;
}

/* True if the row of the object 'id' may be deleted. */
static bool
may_delete(const struct kube_mirror *m, const struct kube_store *store,
           const char *id)
{
    const char secret[] = "Secret ";
    char *name = xmemdup0(id, strcspn(id, " "));
    enum intent_kind kind;
    bool keep = !find_kind(name, &kind) || m->keep[kind];

    free(name);
    if (keep) {
        return false;
    }
    /* Secrets are asked for one by one. */
    return (strncmp(id, secret, sizeof secret - 1)
            || sset_contains(&store->listed_only, id)
            || !sset_contains(&m->selection.secrets,
                              id + sizeof secret - 1));
}

/* Makes the row of the object 'id' right.  Returns true if it was not. */
static bool
write_object(struct kube_mirror *m, const struct kube_store *store,
             const char *id, struct ovsdb_idl_txn *txn)
{
    const struct egressrec_object *row = kube_mirror_find(m, id);
    const struct kube_object *o = kube_store_find(store, id);

    if (o && kube_selection_has(&m->selection, o)) {
        if (row) {
            return update_row(m, row, o);
        }
        insert_row(m, o, txn);
        return true;
    }
    if (row && egress_is_kubernetes(&row->external_ids)
        && may_delete(m, store, id)) {
        egressrec_object_delete(row);
        m->n_deleted++;
        return true;
    }
    return false;
}

/* Makes everything pending. */
static void
add_all(struct kube_mirror *m, const struct kube_store *store)
{
    const struct kube_object *o;
    struct db_watched *w;

    HMAP_FOR_EACH (w, hmap_node, &m->watch.rows) {
        const struct mirror_row *r = w->data;

        sset_add(&m->pending, r->id);
    }
    HMAP_FOR_EACH (o, id_node, &store->objects) {
        sset_add(&m->pending, o->id);
    }
    m->all = false;
}

/* Notes which cluster it is.  Returns true if that was not known. */
static bool
write_cluster(struct kube_mirror *m, const struct kube_store *store,
              struct ovsdb_idl_txn *txn)
{
    const struct egressrec_egress_global *global
        = egressrec_egress_global_first(m->idl);
    const char *uid = kube_trust_get_uid(store);

    if (!uid || (global && !strcmp(smap_get_def(&global->external_ids,
                                                KUBE_KEY_CLUSTER, ""),
                                   uid))) {
        return false;
    }
    if (!global) {
        global = egressrec_egress_global_insert(txn);
    }
    egressrec_egress_global_update_external_ids_setkey(global,
                                                       KUBE_KEY_CLUSTER, uid);
    return true;
}

bool
kube_mirror_write(struct kube_mirror *m, const struct kube_store *store,
                  struct ovsdb_idl_txn *txn)
{
    const char *id;
    size_t n = 0;

    if (m->hold) {
        m->all = true;
        return false;
    }
    if (m->all) {
        add_all(m, store);
    }
    bool changed = write_cluster(m, store, txn);
    SSET_FOR_EACH_SAFE (id, &m->pending) {
        if (n >= BATCH) {
            break;
        }
        n += write_object(m, store, id, txn);
        sset_delete(&m->pending, SSET_NODE_FROM_NAME(id));
    }
    if (n) {
        ovsdb_idl_txn_add_comment(txn, "ovn-egress-kube: %"PRIuSIZE
                                  " objects", n);
    }
    return n || changed;
}

bool
kube_mirror_has_work(const struct kube_mirror *m)
{
    return !m->hold && (m->all || !sset_is_empty(&m->pending));
}

void
kube_mirror_forget(struct kube_mirror *m)
{
    m->all = true;
}

void
kube_mirror_accept(struct kube_mirror *m)
{
    m->accepted = true;
    m->all = true;
}
