/* SPDX-License-Identifier: Apache-2.0 */

/* The planner's entry point: who is asked in which order.  See plan.h. */

#include <config.h>

#include "plan/plan.h"

#include <stdlib.h>
#include <string.h>

#include "plan/announce.h"
#include "plan/view.h"
#include "util.h"

/* Sets plan->effective: the options with what is in force instead of what was
 * left open. */
static void
write_effective(const struct view *v)
{
    struct plan_options o = *v->options;

    o.cluster_networks = CONST_CAST(struct ip_prefix *, v->cluster_networks);
    o.n_cluster_networks = v->n_cluster_networks;
    plan_options_format(&o, &v->plan->effective);
}

void
plan_build(const struct plan_input *in, struct plan *plan)
{
    struct view v;

    plan_rows_init(&plan->nb);
    plan_rows_init(&plan->work);
    shash_init(&plan->status);
    smap_init(&plan->effective);
    intent_problems_init(&plan->problems);

    view_init(&v, in, plan);
    pools_run(&v);
    view_read_endpoints(&v);
    view_read_prior_works(&v);

    labels_assign(&v);
    if (in->scheduler) {
        rollout_run(&v);
    }
    select_run(&v);
    schedule_run(&v);

    if (in->scheduler) {
        labels_place(&v);
        work_write(&v);
        announce_run(&v);
        status_write(&v);
    }
    if (in->zone) {
        zone_write(&v);
    }
    ingress_write(&v);
    write_effective(&v);
    plan_rows_sort(&plan->nb);
    plan_rows_sort(&plan->work);
    view_destroy(&v);
}

void
plan_destroy(struct plan *plan)
{
    struct shash_node *sn;

    plan_rows_destroy(&plan->nb);
    plan_rows_destroy(&plan->work);
    SHASH_FOR_EACH (sn, &plan->status) {
        struct plan_status *st = sn->data;

        free(st->id);
        free(st->namespace);
        free(st->name);
        smap_destroy(&st->status);
        for (size_t i = 0; i < st->n_conditions; i++) {
            free(st->conditions[i].message);
        }
        free(st->conditions);
    }
    shash_destroy_free_data(&plan->status);
    smap_destroy(&plan->effective);
    intent_problems_destroy(&plan->problems);
}
