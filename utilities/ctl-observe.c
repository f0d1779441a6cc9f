/* SPDX-License-Identifier: Apache-2.0 */

/* Both databases as the agent sees them: see the header. */

#include <config.h>
#include "utilities/ctl-observe.h"

#include <stdlib.h>
#include <string.h>

#include "ovsdb-idl.h"
#include "simap.h"
#include "timeval.h"
#include "util.h"

#include "ovsdb/db-mirror.h"
#include "ovsdb/egress-idl.h"
#include "ovsdb/egress-observe.h"
#include "ovsdb/nb-idl.h"
#include "ovsdb/nb-observe.h"
#include "utilities/ctl-heartbeat.h"
#include "utilities/ctl-object.h"
#include "utilities/ctl-session.h"

/* The observers, and what they keep; one for the one session. */
static struct egress_observer *egress;
static struct nb_observer *nb;
static struct plan_prior prior;
static struct plan_changes changes;

/* When we began to listen, in ms by time_msec(), or 0; and for each node the
 * low bits of the heartbeat that it had then. */
static long long int listening_since;
static struct simap first_heartbeats
    = SIMAP_INITIALIZER(&first_heartbeats);

/* We listen no longer than this, in ms. */
#define MAX_PATIENCE 10000

void
observe_monitor(struct ctl_context *ctx, bool all_policies)
{
    if (!egress) {
        object_monitor(ctx);    /* First: it does not track changes. */
        plan_prior_init(&prior);
        plan_changes_init(&changes);
        egress = egress_observer_create(ctx->idl, &prior, &changes);
        nb = nb_observer_create(session_northbound(), NULL, &prior,
                                &changes);
    }
    if (all_policies) {
        struct ovsdb_idl_condition all;

        ovsdb_idl_condition_init(&all);
        ovsdb_idl_condition_add_clause_true(&all);
        nbrec_logical_router_policy_set_condition(session_northbound(), &all);
        ovsdb_idl_condition_destroy(&all);
    }
}

/* Who is alive? */

/* True if the agent says that 'name' cannot be host. */
static bool
is_unfit(const char *name)
{
    const struct egressrec_object *row = object_find(INTENT_NODE, "", name);
    struct object_condition c;
    bool unfit;

    if (!row) {
        return false;
    }
    unfit = (object_condition_get(row, "Eligible", &c)
             && !strcmp(c.reason, "Unfit"));
    object_condition_destroy(&c);
    return unfit;
}

/* Notes in 'o' how old the heartbeat of 'node' is.  Returns true if that needs
 * no more listening: our clock and the node's may differ, so that one which
 * seems older than 'patience' ms is believed only if the agent gave up the
 * node too, or if it does not change until 'end'. */
static bool
judge_heartbeat(const struct egressrec_node *node, long long int patience,
                long long int end, struct observation *o)
{
    unsigned int low_bits = node->heartbeat;
    const struct simap_node *first
        = simap_find(&first_heartbeats, node->name);
    long long int age;

    if (heartbeat_get_age(node->heartbeat, &age)) {
        smap_add_nocopy(&o->heartbeats, xstrdup(node->name),
                        xasprintf("%lld s ago", age / 1000));
    } else {
        smap_add(&o->heartbeats, node->name, "at a time not known");
    }
    if (!first) {
        simap_put(&first_heartbeats, node->name, low_bits);
    }
    if (!node->heartbeat || llabs(age) <= patience
        || (first && first->data != low_bits)) {
        return true;
    }
    if (is_unfit(node->name) || time_msec() >= end) {
        sset_add(&o->silent, node->name);
        return true;
    }
    return false;
}

/* Finds out who is alive.  Returns false if that takes longer. */
static bool
judge_heartbeats(struct ctl_context *ctx, struct observation *o)
{
    listening_since = listening_since ? listening_since : time_msec();

    long long int patience = heartbeat_patience(&egress->options);
    long long int end = listening_since + MIN(patience, MAX_PATIENCE);
    const struct egressrec_node *node;
    bool sure = true;

    EGRESSREC_NODE_FOR_EACH (node, ctx->idl) {
        if (!judge_heartbeat(node, patience, end, o)) {
            session_set_awaited(xasprintf("listening whether the helper of %s "
                                          "is alive", node->name));
            sure = false;
        }
    }
    if (!sure) {
        session_try_again_at(ctx, end);
    }
    return sure;
}

/* The agent's judgement goes before what we could hear in so short a time. */
static void
correct_prior(const struct observation *o)
{
    struct shash_node *sn;

    SHASH_FOR_EACH (sn, &prior.nodes) {
        struct plan_prior_node *node = sn->data;

        if (sset_contains(&o->silent, node->name) && is_unfit(node->name)) {
            node->alive = false;
        }
    }
}

/* The plan. */

/* Returns the objects of the database, with those of 'overlay' in the place of
 * the same. */
static struct intent_object **
merge_objects(const struct intent_list *overlay, size_t *np)
{
    const struct egress_objects *db = &egress->objects;
    struct intent_object **objs
        = xmalloc((db->n_objs + overlay->n + 1) * sizeof *objs);
    struct sset ids = SSET_INITIALIZER(&ids);
    size_t n = 0;

    for (size_t i = 0; i < overlay->n; i++) {
        objs[n++] = overlay->objs[i];
        sset_add(&ids, intent_object_id(overlay->objs[i]));
    }
    for (size_t i = 0; i < db->n_objs; i++) {
        if (!sset_contains(&ids, intent_object_id(db->objs[i]))) {
            objs[n++] = db->objs[i];
        }
    }
    sset_destroy(&ids);
    plan_sort_objects(objs, n);
    *np = n;
    return objs;
}

/* Copies what is refused, but for the objects of 'overlay', which are good. */
static void
copy_refused(const struct intent_list *overlay, struct smap *refused)
{
    smap_clone(refused, &egress->objects.refused);
    for (size_t i = 0; i < overlay->n; i++) {
        smap_remove(refused, intent_object_id(overlay->objs[i]));
    }
}

static void
build_plan(const struct intent_list *overlay, struct observation *o)
{
    struct intent_problems problems = INTENT_PROBLEMS_INITIALIZER;

    const struct egressrec_egress_global *global
        = egressrec_egress_global_first(egress->idl);
    plan_options_read(&o->options, &egress->options,
                      global ? &global->effective : NULL, &problems);
    intent_problems_destroy(&problems);
    nb_observer_run(nb, o->options.router, NB_CONFIRM_IDLE, 0);
    correct_prior(o);
    copy_refused(overlay, &o->refused);
    o->in = (struct plan_input) {
        .options = &o->options,
        .nb = nb_observer_topology(nb),
        .prior = &prior,
        .refused = &o->refused,
        .scheduler = true,
        .zone = true,
    };
    o->in.objs = o->objs = merge_objects(overlay, &o->in.n_objs);
    plan_build(&o->in, &o->plan);
    o->nb = &nb_observer_mirror(nb)->rows;
    o->work = &egress->mirror->rows;
}

bool
observe_run(struct ctl_context *ctx, const struct intent_list *overlay,
            struct observation *o)
{
    const struct egressrec_egress_global *global
        = egressrec_egress_global_first(ctx->idl);

    egress_observer_run(egress, time_msec());
    egress_objects_run(&egress->objects);
    smap_init(&o->heartbeats);
    sset_init(&o->silent);
    if (!judge_heartbeats(ctx, o)) {
        smap_destroy(&o->heartbeats);
        sset_destroy(&o->silent);
        return false;
    }
    o->hold = global ? smap_get(&global->status, "hold") : NULL;
    build_plan(overlay, o);
    return true;
}

void
observe_destroy(struct observation *o)
{
    plan_destroy(&o->plan);
    plan_options_destroy(&o->options);
    smap_destroy(&o->refused);
    free(o->objs);
    smap_destroy(&o->heartbeats);
    sset_destroy(&o->silent);
}

void
observe_close(void)
{
    if (egress) {
        egress_observer_destroy(egress);
        nb_observer_destroy(nb);
        plan_prior_destroy(&prior);
        plan_changes_destroy(&changes);
    }
    egress = NULL;
    nb = NULL;
    simap_destroy(&first_heartbeats);
}
