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

#include "plan/check/check.h"
#include "plan/decide/announce.h"
#include "plan/emit/emit.h"
#include "plan/emit/status.h"
#include "plan/run.h"
#include "plan/world/node-address.h"
#include "plan/world/view.h"
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

static void
init_view(struct view *v, const struct plan_input *in)
{
    view_init(v, in);
    v->ledger = ledger_create();
}

/* Gives all services that are planned now room for what is decided. */
static void
begin(struct view *v)
{
    labels_begin(v);
    share_begin(v);
    select_begin(v);
    schedule_begin(v);
}

void
plan_forget(struct view *v)
{
    announce_end_run(v->announce, v->keys);
    labels_forget(v);
    share_forget(v);
    select_forget(v);
    schedule_forget(v);
    rollout_forget(v);
    view_forget_services(v);
    ledger_end_run(v->ledger);
}

static void
destroy_view(struct view *v)
{
    plan_forget(v);
    announce_destroy(v->announce);
    check_destroy(v->check);
    ledger_destroy(v->ledger);
    view_destroy(v);
}

void
plan_check(const struct plan_input *in, struct intent_problems *problems)
{
    struct plan_input only_objects = *in;
    struct view v;

    only_objects.scheduler = only_objects.zone = false;
    init_view(&v, &only_objects);
    pools_run(&v);
    view_read_services(&v, NULL);
    view_read_endpoints(&v);
    view_read_plains(&v);
    begin(&v);
    labels_assign(&v);
    v.check = check_create(&v, true);
    check_run(v.check, problems);
    destroy_view(&v);
}

void
plan_build(const struct plan_input *in, struct plan *plan)
{
    struct view *v = xmalloc(sizeof *v);

    plan_init(plan);
    init_view(v, in);
    v->plan = plan;
    v->announces = (v->options->announce && v->kinds[INTENT_BGP_PEER].n);
    plan_run_pools(v);
    plan_run(v, NULL);
    write_effective(v);
    plan_rows_sort(&plan->nb);
    plan_rows_sort(&plan->work);
    plan->n_planned = v->n_services;
    plan->delta.all = true;
    plan_forget(v);
    plan->view = v;
}

/* Reads what is wrong between manifests. */
static void
read_checks(struct view *v)
{
    if (!v->check) {
        v->check = check_create(v, false);
    }
}

/* Writes the status of all objects, with what is wrong between manifests. */
static void
write_status(const struct view *v)
{
    struct intent_problems problems = INTENT_PROBLEMS_INITIALIZER;

    check_run(v->check, &problems);
    status_write(v, &problems);
    intent_problems_destroy(&problems);
}

/* Stages. */

/* When a stage is taken. */
enum {
    STAGE_WHOLE = 1 << 0,       /* If all services are planned. */
    STAGE_SCHEDULER = 1 << 1,   /* If that is asked for. */
    STAGE_ZONE = 1 << 2,        /* Likewise. */
    STAGE_POOLS = 1 << 3,       /* If a Service changed. */
};

/* Reads the services that are planned. */
static void
read_services(struct view *v)
{
    view_read_services(v, v->keys);
    view_read_endpoints(v);
    view_read_plains(v);
    view_read_prior_works(v);
    begin(v);
    ledger_check(v);
}

/* Writes the rows that are of no service. */
static void
write_nodes(const struct view *v)
{
    policy_write(v);
    work_write_nodes(v);
    ledger_skip_rows(v);
}

/* In the order in which they are taken.  A stage either decides something, or
 * writes rows and status.  It sees what those before it have decided, and of
 * the services only those that are planned: all, or those to which what
 * changed makes a difference (update.c). */
static const struct stage {
    const char *name;
    int when;
    void (*decide)(struct view *);
    void (*emit)(const struct view *);
} stages[] = {
#define STAGE(NAME, WHEN, ...) { .name = NAME, .when = WHEN, __VA_ARGS__ }
    STAGE("plan-pools", STAGE_POOLS, .decide = pools_run),
    STAGE("plan-pool-status", STAGE_POOLS | STAGE_SCHEDULER,
          .emit = pools_put_status),
    STAGE("plan-read", 0, .decide = read_services),
    STAGE("plan-labels", 0, .decide = labels_assign),
    STAGE("plan-rollout", STAGE_WHOLE | STAGE_SCHEDULER,
          .decide = rollout_run),
    STAGE("plan-share", STAGE_SCHEDULER, .decide = share_run),
    STAGE("plan-select", 0, .decide = select_run),
    STAGE("plan-schedule", 0, .decide = schedule_run),
    STAGE("plan-record", 0, .decide = ledger_record),
    STAGE("plan-place-labels", STAGE_SCHEDULER, .decide = labels_place),
    STAGE("plan-write-nodes", STAGE_WHOLE | STAGE_SCHEDULER,
          .emit = write_nodes),
    STAGE("plan-write-work", STAGE_SCHEDULER, .emit = work_write),
    STAGE("plan-announce", STAGE_SCHEDULER, .decide = announce_run),
    STAGE("plan-write-peers", STAGE_SCHEDULER, .emit = peer_write),
    STAGE("plan-check", STAGE_SCHEDULER, .decide = read_checks),
    STAGE("plan-status", STAGE_SCHEDULER, .emit = write_status),
    STAGE("plan-write-zone", STAGE_ZONE, .emit = zone_write),
    STAGE("plan-write-ingress", 0, .emit = ingress_write),
#undef STAGE
};

const char *
plan_stage_name(size_t i)
{
    return i < ARRAY_SIZE(stages) ? stages[i].name : NULL;
}

/* Takes the stages for which there is all that they need of 'have', but only
 * those that need 'only'. */
static void
run_stages(struct view *v, int have, int only)
{
    have |= ((v->in->scheduler ? STAGE_SCHEDULER : 0)
             | (v->in->zone ? STAGE_ZONE : 0));
    for (size_t i = 0; i < ARRAY_SIZE(stages); i++) {
        const struct stage *stage = &stages[i];

        if ((stage->when & have) == stage->when
            && (stage->when & only) == only) {
            if (v->in->watch) {
                v->in->watch(stage->name);
            }
            if (stage->decide) {
                stage->decide(v);
            } else {
                stage->emit(v);
            }
        }
    }
    if (v->in->watch) {
        v->in->watch(NULL);
    }
}

void
plan_run_pools(struct view *v)
{
    run_stages(v, STAGE_POOLS, STAGE_POOLS);
}

void
plan_run(struct view *v, const struct sset *keys)
{
    v->keys = keys;
    run_stages(v, keys ? 0 : STAGE_WHOLE, 0);
}

void
plan_destroy(struct plan *plan)
{
    struct shash_node *sn;

    if (plan->view) {
        destroy_view(plan->view);
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

const char *
plan_find_node(const struct plan *plan, const struct in6_addr *ip)
{
    const struct view_node *node = view_find_next_hop(plan->view, ip);

    return node ? node->name : NULL;
}

bool
plan_is_local(const struct plan *plan, const struct in6_addr *ip)
{
    const struct view_node *node = view_locate(plan->view, ip);

    return node && node->local;
}

const struct in6_addr *
plan_find_next_hop(const struct plan *plan, const char *name,
                   enum ip_family family)
{
    const struct view_node *node = view_find_node(plan->view, name);

    return (node && ip_is_set(&node->next_hops[family])
            ? &node->next_hops[family] : NULL);
}
