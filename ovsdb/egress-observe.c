/* SPDX-License-Identifier: Apache-2.0 */

/* What OVN_Egress says: see the header. */

#include <config.h>

#include "ovsdb/egress-observe.h"

#include <stdlib.h>
#include <string.h>

#include "ovsdb-idl.h"
#include "ovsdb/db-mirror.h"
#include "ovsdb/db-table.h"
#include "ovsdb/egress-idl.h"
#include "ovsdb/egress-rbac.h"
#include "ovsdb/liveness.h"
#include "plan/plan.h"
#include "util.h"

struct egress_observer *
egress_observer_create(struct ovsdb_idl *idl)
{
    const struct ovsdb_idl_column *const global[] = {
        &egressrec_egress_global_col_options,
        &egressrec_egress_global_col_effective,
        &egressrec_egress_global_col_status,
        &egressrec_egress_global_col_next_cfg,
        &egressrec_egress_global_col_cur_cfg,
    };
    struct egress_observer *o = xzalloc(sizeof *o);

    o->idl = idl;
    o->mirror = db_mirror_create(&db_egress_schema);
    smap_init(&o->options);
    for (size_t i = 0; i < ARRAY_SIZE(global); i++) {
        ovsdb_idl_add_column(idl, global[i]);
    }
    egress_objects_init(&o->objects, idl);
    egress_nodes_init(&o->nodes, idl);
    egress_rbac_register(idl);
    db_schema_register(&db_egress_schema, idl);
    ovsdb_idl_set_write_changed_only_all(idl, true);
    return o;
}

void
egress_observer_destroy(struct egress_observer *o)
{
    if (o) {
        db_mirror_destroy(o->mirror);
        egress_nodes_destroy(&o->nodes);
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
    bool changed = o->has_global != (row != NULL) || o->next_cfg != next_cfg;

    if (!smap_equal(&o->options, options)) {
        smap_destroy(&o->options);
        smap_clone(&o->options, options);
        changed = true;
    }
    o->has_global = row != NULL;
    o->next_cfg = next_cfg;
    return changed;
}

bool
egress_observer_run(struct egress_observer *o, long long int now)
{
    bool global = run_global(o);
    bool work = db_mirror_run(o->mirror, o->idl);
    unsigned int interval = smap_get_uint(&o->options, "heartbeat-interval",
                                          LIVENESS_HEARTBEAT_MS);
    bool nodes = egress_nodes_run(&o->nodes, now, interval);

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

/* Adds to the works of 'prior' their rows. */
static void
get_rows(const struct egress_observer *o, struct plan_prior *prior)
{
    const struct plan_rows *rows = &o->mirror->rows;

    for (size_t i = 0; i < rows->n; i++) {
        const struct plan_row *row = rows->rows[i];
        const struct shash *map
            = (!strcmp(row->table, "Node_Service") ? &prior->services
               : !strcmp(row->table, "Node_Policy") ? &prior->policies
               : !strcmp(row->table, "Node_Peer") ? &prior->peers
               : NULL);
        struct plan_prior_work *work = map ? shash_find_data(map, row->key)
                                           : NULL;

        if (work && !work->row) {
            work->row = row;
        }
    }
}

void
egress_observer_get_prior(const struct egress_observer *o,
                          struct plan_prior *prior)
{
    egress_objects_get_prior(&o->objects, prior);
    egress_nodes_get_prior(&o->nodes, prior);
    get_rows(o, prior);
}
