/* SPDX-License-Identifier: Apache-2.0 */

/* What people and tools read of a plan: see the header. */

#include <config.h>

#include "ovsdb/egress-publish.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "ovsdb-idl.h"
#include "ovsdb/apply.h"
#include "ovsdb/egress-idl.h"
#include "ovsdb/egress-observe.h"
#include "plan/plan.h"
#include "timeval.h"
#include "util.h"

/* The condition that tells whether the newest manifest is in force. */
#define ACCEPTED "Accepted"

/* Conditions. */

static void
add_condition(struct smap *conditions, const char *type, const char *status,
              const char *reason, const char *message)
{
    smap_replace_nocopy(conditions, type,
                        xasprintf("%s %s%s%s", status, reason,
                                  *message ? " " : "", message));
}

/* Adds to 'conditions' those of 'o', for which the plan says 'ps', or NULL. */
static void
get_conditions(const struct egress_object *o, const struct plan_status *ps,
               struct smap *conditions)
{
    for (size_t i = 0; ps && i < ps->n_conditions; i++) {
        const struct plan_condition *c = &ps->conditions[i];

        add_condition(conditions, c->type, c->status, c->reason, c->message);
    }
    if (!smap_get(conditions, ACCEPTED)) {
        if (o->refused) {
            add_condition(conditions, ACCEPTED, "False", "Invalid",
                          o->refused);
        } else {
            add_condition(conditions, ACCEPTED, "True", "Valid", "");
        }
    }
}

/* True if the first words of 'a' and 'b', both conditions, are the same. */
static bool
same_status(const char *a, const char *b)
{
    size_t len = strcspn(a, " ");

    return len == strcspn(b, " ") && !strncmp(a, b, len);
}

/* Adds to 'new' the time since which each of 'conditions' has its status:
 * what 'row' says, or 'now'. */
static void
get_transitions(const struct egressrec_object *row,
                const struct smap *conditions, long long int now,
                struct smap *new)
{
    char *stamp = xastrftime_msec("%Y-%m-%dT%H:%M:%SZ", now, true);
    const struct smap_node *node;

    SMAP_FOR_EACH (node, conditions) {
        const char *old = smap_get(&row->conditions, node->key);
        const char *since = smap_get(&row->transitions, node->key);

        smap_add(new, node->key,
                 (old && since && same_status(old, node->value)
                  ? since : stamp));
    }

    char *made = xastrftime_msec("%Y-%m-%dT%H:%M:%S.###Z", now, true);
    smap_add(new, EGRESS_CREATED,
             smap_get_def(&row->transitions, EGRESS_CREATED, made));
    free(made);
    free(stamp);
}

/* Objects. */

/* Writes what differs, and returns true if that was anything. */
static bool
publish_object(const struct egress_object *o, const struct plan_status *ps,
               const struct egressrec_object *row, long long int now)
{
    const struct smap none = SMAP_INITIALIZER(&none);
    const struct smap *status = ps ? &ps->status : &none;
    struct smap conditions = SMAP_INITIALIZER(&conditions);
    struct smap transitions = SMAP_INITIALIZER(&transitions);
    bool changed = false;

    get_conditions(o, ps, &conditions);
    get_transitions(row, &conditions, now, &transitions);
    if (!smap_equal(&row->status, status)) {
        egressrec_object_set_status(row, status);
        changed = true;
    }
    if (!smap_equal(&row->transitions, &transitions)) {
        egressrec_object_set_transitions(row, &transitions);
        changed = true;
    }
    if (!smap_equal(&row->conditions, &conditions)) {
        egressrec_object_set_conditions(row, &conditions);
        changed = true;
    }
    if (!o->refused && strcmp(row->accepted, row->manifest)) {
        egressrec_object_set_accepted(row, row->manifest);
        changed = true;
    }
    if (!o->refused && row->accepted_generation != row->generation) {
        egressrec_object_set_accepted_generation(row, row->generation);
        changed = true;
    }
    smap_destroy(&transitions);
    smap_destroy(&conditions);
    return changed;
}

/* Makes all objects pending one by one. */
static void
name_all(const struct egress_objects *objects, struct db_pending *pending)
{
    struct shash_node *sn;

    SHASH_FOR_EACH (sn, &objects->by_id) {
        sset_add(&pending->names, sn->name);
    }
    pending->all = false;
}

/* Publishes the object 'id'.  Returns true if something had to be written. */
static bool
publish_by_id(struct egress_observer *eo, const struct plan *plan,
              const char *id, long long int now)
{
    const struct egress_object *o = shash_find_data(&eo->objects.by_id, id);
    const struct egressrec_object *row
        = o ? egressrec_object_get_for_uuid(eo->idl, &o->uuid) : NULL;

    return row && publish_object(o, shash_find_data(&plan->status, id), row,
                                 now);
}

size_t
egress_publish_objects(struct ovsdb_idl_txn *txn, struct egress_observer *eo,
                       const struct plan *plan, struct db_pending *pending,
                       size_t max, long long int now)
{
    const char *id;
    size_t n = 0;

    if (pending->all) {
        name_all(&eo->objects, pending);
    }
    SSET_FOR_EACH_SAFE (id, &pending->names) {
        if (n >= max) {
            break;
        }
        n += publish_by_id(eo, plan, id, now);
        sset_delete(&pending->names, SSET_NODE_FROM_NAME(id));
    }
    if (n) {
        ovsdb_idl_txn_add_comment(txn, "status of %"PRIuSIZE" objects", n);
    }
    return n;
}

/* The global row. */

static bool
publish_former(const struct egressrec_egress_global *row,
               const struct uuid *former)
{
    const char *old = smap_get_def(&row->external_ids, EGRESS_FORMER_KEY, "");
    char *new = xasprintf(UUID_FMT, UUID_ARGS(former));
    bool change = !uuid_is_zero(former) && strcmp(old, new);

    if (change) {
        egressrec_egress_global_update_external_ids_setkey(
            row, EGRESS_FORMER_KEY, new);
    }
    free(new);
    return change;
}

bool
egress_publish_global(struct ovsdb_idl_txn *txn,
                      const struct egress_observer *eo,
                      const struct egress_publish_global *g)
{
    const struct egressrec_egress_global *row
        = egressrec_egress_global_first(eo->idl);
    bool changed = false;

    if (!row) {
        row = egressrec_egress_global_insert(txn);
        changed = true;
    }
    if (g->effective && !smap_equal(&row->effective, g->effective)) {
        egressrec_egress_global_set_effective(row, g->effective);
        changed = true;
    }
    if (!smap_equal(&row->status, g->status)) {
        egressrec_egress_global_set_status(row, g->status);
        changed = true;
    }
    changed = publish_former(row, g->former) || changed;
    return changed;
}

bool
egress_publish_cfg(struct ovsdb_idl_txn *txn OVS_UNUSED,
                   const struct egress_observer *eo, int64_t cfg)
{
    const struct egressrec_egress_global *row
        = egressrec_egress_global_first(eo->idl);

    if (row && row->cur_cfg != cfg) {
        egressrec_egress_global_set_cur_cfg(row, cfg);
        return true;
    }
    return false;
}
