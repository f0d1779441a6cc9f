/* SPDX-License-Identifier: Apache-2.0 */

/* The planner's entry points: who is asked in which order.  See plan.h.
 *
 * plan_build() asks for all services; update.c asks for those that changed.
 * Both write what comes of it into a plan of its own and merge that
 * (merge.c). */

#include <config.h>

#include "plan/plan.h"

#include <stdlib.h>
#include <string.h>

#include "plan/announce.h"
#include "plan/node-address.h"
#include "plan/run.h"
#include "plan/status.h"
#include "plan/view.h"
#include "util.h"

void
plan_init(struct plan *plan)
{
    *plan = (struct plan) { .n_planned = 0 };
    plan_rows_init(&plan->nb);
    plan_rows_init(&plan->work);
    shash_init(&plan->status);
    smap_init(&plan->effective);
    intent_problems_init(&plan->problems);
    plan_delta_init(&plan->delta);
}

/* Sets "node-addresses": those that pods may reach without being steered. */
static void
write_node_addresses(const struct view *v)
{
    struct svec ips[IP_N_FAMILIES] = {
        SVEC_EMPTY_INITIALIZER, SVEC_EMPTY_INITIALIZER,
    };
    struct sset all = SSET_INITIALIZER(&all);

    node_address_collect(v, ips);
    for (int f = 0; f < IP_N_FAMILIES; f++) {
        sset_add_array(&all, ips[f].names, ips[f].n);
        svec_destroy(&ips[f]);
    }
    smap_replace_nocopy(&v->plan->effective, "node-addresses",
                        sset_join(&all, ", ", ""));
    sset_destroy(&all);
}

/* Sets plan->effective: the options with what is in force instead of what was
 * left open. */
static void
write_effective(const struct view *v)
{
    struct plan_options o = *v->options;

    o.cluster_networks = CONST_CAST(struct ip_prefix *, v->cluster_networks);
    o.n_cluster_networks = v->n_cluster_networks;
    o.join_networks = v->join.items;
    o.n_join_networks = v->join.n;
    o.masquerade_networks = v->masquerade.items;
    o.n_masquerade_networks = v->masquerade.n;
    plan_options_format(&o, &v->plan->effective);
    smap_replace(&v->plan->effective, "join-networks-from", v->join.from);
    smap_replace(&v->plan->effective, "masquerade-networks-from",
                 v->masquerade.from);
    write_node_addresses(v);
}

void
plan_build(const struct plan_input *in, struct plan *plan)
{
    struct view *v = xmalloc(sizeof *v);

    plan_init(plan);
    view_init(v, in);
    v->plan = plan;
    v->announces = (v->options->announce && v->kinds[INTENT_BGP_PEER].n);
    pools_run(v);
    plan_run(v, NULL);
    write_effective(v);
    plan_rows_sort(&plan->nb);
    plan_rows_sort(&plan->work);
    plan->n_planned = v->n_services;
    plan->delta.all = true;
    view_forget_services(v);
    plan->view = v;
}

/* Writes the ingress of the services 'keys' alone.  ingress.c does so for all
 * objects of two kinds that it sees. */
static void
write_some_ingress(struct view *v, const struct sset *keys)
{
    struct view_kind services = v->kinds[INTENT_SERVICE];
    struct view_kind slices = v->kinds[INTENT_ENDPOINT_SLICE];
    struct view_kind some_services = { NULL, 0 };
    struct view_kind some_slices = { NULL, 0 };
    const char *key;

    some_services.objs = xmalloc(sset_count(keys) * sizeof *services.objs);
    SSET_FOR_EACH (key, keys) {
        const struct intent_object *svc
            = view_find_object_by_key(v, INTENT_SERVICE, key);
        struct intent_object **objs;
        size_t n;

        if (svc) {
            some_services.objs[some_services.n++]
                = CONST_CAST(struct intent_object *, svc);
            objs = view_find_slices(v, svc->namespace, svc->name, &n);
            some_slices.objs = xrealloc(some_slices.objs, (some_slices.n + n)
                                        * sizeof *objs);
            for (size_t i = 0; i < n; i++) {
                some_slices.objs[some_slices.n++] = objs[i];
            }
        }
    }
    v->kinds[INTENT_SERVICE] = some_services;
    v->kinds[INTENT_ENDPOINT_SLICE] = some_slices;
    ingress_write(v);
    v->kinds[INTENT_SERVICE] = services;
    v->kinds[INTENT_ENDPOINT_SLICE] = slices;
    free(some_services.objs);
    free(some_slices.objs);
}

void
plan_run(struct view *v, const struct sset *keys)
{
    bool scheduler = v->in->scheduler;

    view_read_services(v, keys);
    view_read_endpoints(v);
    view_read_plains(v);
    view_read_prior_works(v);

    labels_assign(v);
    if (scheduler && !keys) {
        rollout_run(v);
    }
    if (scheduler) {
        share_run(v);
    }
    select_run(v);
    schedule_run(v);
    ledger_record(v);

    if (scheduler) {
        labels_place(v);
        if (!keys) {
            work_write_nodes(v);
            ledger_skip_rows(v);
        }
        work_write(v);
        if (!keys) {
            announce_run(v);
            ledger_skip_rows(v);
        }
        if (v->announces) {
            ledger_record_announcements(v);
        }
        status_write(v);
    }
    if (v->in->zone) {
        zone_write(v);
    }
    if (keys) {
        write_some_ingress(v, keys);
    } else {
        ingress_write(v);
    }
}

void
plan_destroy(struct plan *plan)
{
    struct shash_node *sn;

    if (plan->view) {
        view_destroy(plan->view);
        free(plan->view);
    }
    plan_rows_destroy(&plan->nb);
    plan_rows_destroy(&plan->work);
    SHASH_FOR_EACH (sn, &plan->status) {
        status_destroy(sn->data);
    }
    shash_destroy(&plan->status);
    smap_destroy(&plan->effective);
    intent_problems_destroy(&plan->problems);
    plan_delta_destroy(&plan->delta);
}
