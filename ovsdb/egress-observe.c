/* SPDX-License-Identifier: Apache-2.0 */

/* What OVN_Egress says: see the header. */

#include <config.h>

#include "ovsdb/egress-observe.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "ovsdb-idl.h"
#include "ovsdb/db-mirror.h"
#include "ovsdb/db-table.h"
#include "ovsdb/egress-idl.h"
#include "ovsdb/egress-rbac.h"
#include "ovsdb/liveness.h"
#include "plan/plan.h"
#include "plan/world/option.h"
#include "util.h"

struct egress_observer *
egress_observer_create(struct ovsdb_idl *idl, struct plan_prior *prior,
                       struct plan_changes *changes)
{
    const struct ovsdb_idl_column *const global[] = {
        &egressrec_egress_global_col_options,
        &egressrec_egress_global_col_effective,
        &egressrec_egress_global_col_status,
        &egressrec_egress_global_col_next_cfg,
        &egressrec_egress_global_col_cur_cfg,
        &egressrec_egress_global_col_external_ids,
    };
    struct egress_observer *o = xzalloc(sizeof *o);

    o->idl = idl;
    o->prior = prior;
    o->changes = changes;
    o->mirror = db_mirror_create(&db_egress_schema);
    smap_init(&o->options);
    for (size_t i = 0; i < ARRAY_SIZE(global); i++) {
        ovsdb_idl_track_add_column(idl, global[i]);
    }
    egress_objects_init(&o->objects, idl, prior, changes);
    egress_nodes_init(&o->nodes, idl, prior, changes);
    egress_rbac_register(idl);
    db_schema_register(&db_egress_schema, idl);
    ovsdb_idl_set_write_changed_only_all(idl, true);
    return o;
}

void
egress_observer_destroy(struct egress_observer *o)
{
    if (o) {
        egress_nodes_destroy(&o->nodes);
        db_mirror_destroy(o->mirror);
        egress_objects_destroy(&o->objects);
        smap_destroy(&o->options);
        free(o);
    }
}

static bool
run_global(struct egress_observer *o)
{
    const struct egressrec_egress_global *row
        = egressrec_egress_global_first(o->idl);
    const struct smap none = SMAP_INITIALIZER(&none);
    const struct smap *options = row ? &row->options : &none;
    int64_t next_cfg = row ? row->next_cfg : 0;
    int64_t beat = row ? row->leader_beat : 0;
    bool changed = o->has_global != (row != NULL) || o->next_cfg != next_cfg;

    if (!smap_equal(&o->options, options)) {
        smap_destroy(&o->options);
        smap_clone(&o->options, options);
        changed = o->changes->all = true;
    }
    o->has_global = row != NULL;
    o->global = row ? row->header_.uuid : UUID_ZERO;
    o->next_cfg = next_cfg;
    o->beats = o->beat != beat;
    o->beat = beat;
    return changed;
}

static const struct shash *
works_of(const struct plan_prior *prior, const char *table)
{
    return (!strcmp(table, "Node_Service") ? &prior->services
            : !strcmp(table, "Node_Policy") ? &prior->policies
            : !strcmp(table, "Node_Peer") ? &prior->peers : NULL);
}

/* Lets the works of 'prior' point to their rows, as these are now. */
static void
renew_rows(struct egress_observer *o)
{
    const struct plan_rows *rows = &o->mirror->fresh;

    for (size_t i = 0; i < rows->n; i++) {
        const struct plan_row *row = rows->rows[i];
        const struct shash *map = works_of(o->prior, row->table);
        struct plan_prior_work *work = map ? shash_find_data(map, row->key)
                                           : NULL;

        if (work) {
            work->row = row;
        }
    }
}

bool
egress_observer_run(struct egress_observer *o, long long int now)
{
    bool global = run_global(o);
    bool work = db_mirror_run(o->mirror, o->idl);
    unsigned int interval = option_get_number(&o->options, NULL,
                                              "heartbeat-interval");
    bool nodes = egress_nodes_run(&o->nodes, now, interval, o->beats);

    renew_rows(o);
    return global || work || nodes;
}

void
egress_observer_wait(const struct egress_observer *o)
{
    egress_nodes_wait(&o->nodes);
}

void
egress_observer_forget(struct egress_observer *o)
{
    egress_objects_forget(&o->objects);
    egress_nodes_forget(&o->nodes);
    db_mirror_forget(o->mirror);
}

static bool
same_work(const struct plan_prior_work *work,
          const struct egressrec_node_service *row)
{
    struct sset endpoints = SSET_INITIALIZER(&endpoints);

    sset_add_array(&endpoints, row->endpoints, row->n_endpoints);
    bool same = (work && work->row && sset_equals(&endpoints, &work->endpoints)
                 && !strcmp(work->state, row->state)
                 && !strcmp(work->revision, row->revision)
                 && !strcmp(work->acked, row->acked)
                 && !strcmp(work->error, row->error));
    sset_destroy(&endpoints);
    return same;
}

void
egress_observer_verify(const struct egress_observer *o, struct ds *s)
{
    const struct egressrec_node_service *row;
    const struct egressrec_object *obj;
    size_t n_works = 0;
    size_t n_status = 0;

    EGRESSREC_NODE_SERVICE_FOR_EACH (row, o->idl) {
        char *key = xasprintf("%s %s", row->node, row->service);

        n_works++;
        if (!same_work(shash_find_data(&o->prior->services, key), row)) {
            ds_put_format(s, "not up to date: Node_Service %s\n", key);
        }
        free(key);
    }
    EGRESSREC_OBJECT_FOR_EACH (obj, o->idl) {
        char *id = xasprintf("%s %s%s%s", obj->kind, obj->namespace_,
                             *obj->namespace_ ? "/" : "", obj->name);
        const struct plan_prior_status *st
            = shash_find_data(&o->prior->status, id);
        bool empty = smap_is_empty(&obj->status);

        n_status += !empty;
        if (!empty && (!st || !smap_equal(&st->status, &obj->status))) {
            ds_put_format(s, "not up to date: status of %s\n", id);
        }
        free(id);
    }
    if (n_works != shash_count(&o->prior->services)
        || n_status != shash_count(&o->prior->status)) {
        ds_put_format(s, "not up to date: %"PRIuSIZE" rows of Node_Service "
                      "and %"PRIuSIZE" status, not %"PRIuSIZE" and %"PRIuSIZE
                      "\n", n_works, n_status,
                      shash_count(&o->prior->services),
                      shash_count(&o->prior->status));
    }
}
