/* SPDX-License-Identifier: Apache-2.0 */

/* "ovn-egress-test plan-sim SEED STEPS": changes a small world at random,
 * plans, carries the plan out (now and then only in part, or late), lets nodes
 * acknowledge or fail at random, and checks after each step what must hold
 * whatever happens.  Every now and then the changes stop: then the plan must
 * settle, with each service where it belongs. */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "plan/plan.h"
#include "tests/egress-test.h"
#include "tests/plan-must.h"
#include "tests/plan-sim.h"
#include "util.h"

#define SETTLE_EVERY 25
#define MAX_ROUNDS 18

/* What must hold. */

/* True if a Node_Service row for 'node' in the plan has endpoint 'ip', and is
 * not being cleaned up. */
static bool
is_in_row(const struct plan *plan, const char *node, const char *ip)
{
    for (size_t i = 0; i < plan->work.n; i++) {
        const struct plan_row *row = plan->work.rows[i];
        if (!strcmp(row->table, "Node_Service")
            && !strcmp(plan_row_string(row, "node", ""), node)
            && strcmp(plan_row_string(row, "state", ""), "removing")
            && plan_row_has(row, "endpoints", ip)) {
            return true;
        }
    }
    return false;
}

/* True if 'node' has acknowledged a row, to serve, that has 'ip'. */
static bool
is_acked(const struct world *w, const char *node, const char *ip)
{
    struct shash_node *sn;

    SHASH_FOR_EACH (sn, &w->prior.services) {
        const struct plan_prior_work *p = sn->data;
        if (!strcmp(p->node, node) && sset_contains(&p->endpoints, ip)
            && strcmp(p->state, "draining")
            && !strcmp(p->acked, p->revision) && !*p->error) {
            return true;
        }
    }
    return false;
}

/* True if a published row of 'node' has 'ip', and is not being cleaned up. */
static bool
is_published(const struct world *w, const char *node, const char *ip)
{
    struct shash_node *sn;

    SHASH_FOR_EACH (sn, &w->prior.services) {
        const struct plan_prior_work *p = sn->data;
        if (!strcmp(p->node, node) && sset_contains(&p->endpoints, ip)
            && strcmp(p->state, "removing")) {
            return true;
        }
    }
    return false;
}

/* Checks one address that the plan steers. */
static void
check_steered(const struct world *w, const struct plan *plan, const char *ip,
              const char *node, struct sset *seen)
{
    const char *now = shash_find_data(&w->prior.steered, ip);

    MUST(sset_add(seen, ip), "%s", ip);
    MUST(is_in_row(plan, node, ip), "%s %s", ip, node);
    MUST((now && !strcmp(now, node)) || is_acked(w, node, ip),
         "%s %s", ip, node);
}

static bool
is_of_family(const char *ip, const char *name)
{
    return (strchr(ip, ':') != NULL) == (strstr(name, "_v6") != NULL);
}

static void
check_nb(const struct world *w, const struct plan *plan)
{
    struct sset seen = SSET_INITIALIZER(&seen);

    for (size_t i = 0; i < plan->nb.n; i++) {
        const struct plan_row *row = plan->nb.rows[i];
        const char *node = plan_row_id(row, "node", NULL);

        MUST(!i || strcmp(plan->nb.rows[i - 1]->table, row->table)
             || strcmp(plan->nb.rows[i - 1]->key, row->key), "%s", row->key);
        if (!strcmp(row->table, "Address_Set")) {
            const struct plan_column *c = plan_row_get(row, "addresses");
            for (unsigned int j = 0; j < c->datum.n; j++) {
                const char *ip = json_string(c->datum.keys[j].s);
                MUST(is_of_family(ip, row->key), "%s %s", ip, row->key);
                if (node) {
                    check_steered(w, plan, ip, node, &seen);
                } else if (strstr(row->key, "unhosted")) {
                    MUST(sset_add(&seen, ip), "%s", ip);
                }
            }
        } else if (!strcmp(row->table, "Logical_Router_Policy")) {
            struct in6_addr ip;
            bool on_link = !*plan_row_string(row, "nexthops", "");
            for (size_t j = 0; j < w->nb.n_networks && !on_link; j++) {
                ovs_assert(ip_addr_parse(plan_row_string(row, "nexthops", ""),
                                         &ip));
                on_link = ip_prefix_contains(&w->nb.networks[j], &ip);
            }
            MUST(on_link, "%s", row->key);
            if (plan_row_id(row, "EgressSVC", NULL)) {
                const char *match = plan_row_string(row, "match", "");

                check_steered(w, plan, strstr(match, "== ") + 3, node, &seen);
            }
        }
    }
    sset_destroy(&seen);
}

static void
check_work(const struct world *w, const struct plan *plan)
{
    struct shash_node *sn;
    struct shash active = SHASH_INITIALIZER(&active);

    for (size_t i = 0; i < plan->work.n; i++) {
        const struct plan_row *row = plan->work.rows[i];

        if (!strcmp(row->table, "Ingress_Port")) {
            continue;           /* Of all nodes, and not acknowledged. */
        }

        char *revision
            = (!strcmp(row->table, "Node_Service")
               ? plan_row_revision_of_two(row, "endpoints",
                                          "revision,prepends")
               : plan_row_revision(row, "revision,prepends"));

        MUST(!strcmp(row->table, "Node")
             || !strcmp(plan_row_string(row, "revision", ""), revision),
             "%s", row->key);
        free(revision);
        MUST(plan_must_know_node(w, !strcmp(row->table, "Node")
                         ? row->key : plan_row_string(row, "node", "")),
             "%s", row->key);
        if (!strcmp(plan_row_string(row, "state", ""), "active")
            && !strcmp(plan_row_string(row, "role", ""), "host")) {
            const struct plan_prior_node *helper
                = shash_find_data(&w->prior.nodes,
                                  plan_row_string(row, "node", ""));
            const char *name = helper->alive ? plan_row_string(row, "service",
                                                               "") : "";
            void *n = shash_find_data(&active, name);
            shash_replace(&active, name, (void *) ((uintptr_t) n + 1));
        }
    }
    SHASH_FOR_EACH (sn, &active) {
        MUST(!*sn->name || (uintptr_t) sn->data <= 2, "%s", sn->name);
    }
    shash_destroy(&active);

    /* What NB steers now, the node keeps. */
    SHASH_FOR_EACH (sn, &w->prior.steered) {
        MUST(!plan_must_know_node(w, sn->data)
             || is_in_row(plan, sn->data, sn->name)
             || !is_acked(w, sn->data, sn->name),
             "%s %s", sn->name, (char *) sn->data);
    }
}

static bool
is_active_host(const struct plan_row *row)
{
    return (!strcmp(row->table, "Node_Service")
            && !strcmp(plan_row_string(row, "state", ""), "active")
            && !strcmp(plan_row_string(row, "role", ""), "host"));
}

/* What schemas/ovn-egress.ovsschema lets a row have. */
#define MAX_PREPENDS 15

/* Of two hosts of a service the newer one has the shorter AS path, as long as
 * there is a shorter one. */
static void
check_paths(const struct world *w, const struct plan *plan)
{
    const char *newest_by = smap_get(&w->options, "newest-by");
    bool wanted = !strcmp(newest_by, "as-path");

    for (size_t i = 0; i < plan->work.n; i++) {
        const struct plan_row *a = plan->work.rows[i];
        int64_t prepends = plan_row_integer(a, "prepends", 0);

        MUST(!prepends || wanted, "%s", a->key);
        MUST(prepends >= 0 && prepends <= MAX_PREPENDS, "%s", a->key);
        for (size_t j = 0; j < plan->work.n && is_active_host(a); j++) {
            const struct plan_row *b = plan->work.rows[j];

            MUST(i == j || !is_active_host(b) || !wanted || !prepends
                 || strcmp(plan_row_string(a, "service", ""),
                           plan_row_string(b, "service", ""))
                 || (plan_row_integer(a, "epoch", 0)
                     < plan_row_integer(b, "epoch", 0))
                 || prepends < plan_row_integer(b, "prepends", 0),
                 "%s %s", a->key, b->key);
        }
    }
}

/* What OVN may still send to a node, the node keeps. */
static void
check_ways(const struct world *w, const struct plan *plan)
{
    struct shash_node *sn;

    SHASH_FOR_EACH (sn, &w->may_get) {
        const struct sset *nodes = sn->data;
        const char *node;

        SSET_FOR_EACH (node, nodes) {
            MUST(!plan_must_know_node(w, node)
                 || is_in_row(plan, node, sn->name)
                 || !is_published(w, node, sn->name), "%s %s", sn->name,
                 node);
        }
    }
}

/* True if NB steers an endpoint of 'row' to its node: it belongs to another
 * service now, whose node does not answer, and stays where it is. */
static bool
holds_some(const struct world *w, const struct plan_row *row)
{
    struct shash_node *sn;

    SHASH_FOR_EACH (sn, &w->prior.steered) {
        if (!strcmp(sn->data, plan_row_string(row, "node", ""))
            && plan_row_has(row, "endpoints", sn->name)) {
            return true;
        }
    }
    return false;
}

/* At rest: a service with a host that is programmed has all endpoints there,
 * and is active there alone.  If nobody is heard nothing moves. */
static void
check_rest(const struct world *w, const struct plan *plan)
{
    struct shash_node *sn;

    if (!plan_must_hear_any(w)) {
        return;
    }
    SHASH_FOR_EACH (sn, &plan->status) {
        const struct plan_status *st = sn->data;
        const char *host = smap_get_def(&st->status, "host", "");

        if (st->kind != INTENT_EGRESS_SERVICE || !strcmp(host, "ALL")) {
            continue;
        }
        for (size_t i = 0; i < plan->work.n; i++) {
            const struct plan_row *row = plan->work.rows[i];
            if (!strcmp(row->table, "Node_Service")
                && !strcmp(plan_row_string(row, "service", "") + 3,
                           st->name)) {
                const struct plan_prior_node *helper
                    = shash_find_data(&w->prior.nodes,
                                      plan_row_string(row, "node", ""));
                bool is_host = !strcmp(plan_row_string(row, "node", ""), host);
                MUST(!is_host || !strcmp(plan_row_string(row, "state", ""),
                                         "active"),
                     "%s", row->key);
                MUST(is_host || !helper->alive || holds_some(w, row), "%s",
                     row->key);
            }
        }
        for (size_t i = 0; i < st->n_conditions && *host; i++) {
            const struct plan_condition *c = &st->conditions[i];
            MUST(strcmp(c->type, "Ready") || !strcmp(c->status, "True")
                 || !strcmp(c->reason, "OtherZones")
                 || !strcmp(c->reason, "ForeignPolicy"),
                 "%s: %s %s", st->id, c->reason, c->message);
        }
    }
}

/* At rest, the agent of a zone that is not the scheduler comes to the same
 * rows of NB. */
static void
check_zone_alone(struct world *w, const struct plan *plan)
{
    struct ds diff = DS_EMPTY_INITIALIZER;
    struct plan alone;

    w->scheduler = false;
    world_plan(w, &alone);
    w->scheduler = true;
    plan_rows_format_diff(&plan->nb, &alone.nb, &diff);
    MUST(!diff.length, "%s", ds_cstr(&diff));
    plan_destroy(&alone);
    ds_destroy(&diff);
}

/* Plans twice, and once more from the plan before; all must be the same. */
static void
plan_checked(struct world *w, struct plan *plan)
{
    struct ds a = DS_EMPTY_INITIALIZER;
    struct ds b = DS_EMPTY_INITIALIZER;
    struct plan first;

    world_plan(w, &first);
    plan_format(&first, &a);
    plan_destroy(&first);
    world_plan(w, plan);
    plan_format(plan, &b);
    MUST(!strcmp(ds_cstr(&a), ds_cstr(&b)), "not deterministic");
    ds_clear(&a);
    world_update(w, &a);
    MUST(!a.length, "step by step it differs: %s", ds_cstr(&a));
    ds_destroy(&a);
    ds_destroy(&b);
    check_nb(w, plan);
    check_work(w, plan);
    check_paths(w, plan);
    check_ways(w, plan);
    plan_announced_check(w, plan);
}

static void
settle(struct world *w)
{
    world_sessions_up(w);
    for (int i = 0; ; i++) {
        struct ds diff = DS_EMPTY_INITIALIZER;
        struct plan p;
        const struct plan *plan = &p;

        plan_checked(w, &p);
        world_format_diff(w, &p, &diff);
        MUST(i < MAX_ROUNDS, "does not settle: %s", ds_cstr(&diff));
        /* What OVN takes in now is planned with in the next round. */
        bool changed = (diff.length || w->prior.all_unconfirmed
                        || !shash_is_empty(&w->prior.unconfirmed));
        world_publish_nb(w, &p);
        world_publish_work(w, &p);
        world_run_ovn(w, true);
        if (!world_ack(w, "", "", NULL) && !changed) {
            check_rest(w, &p);
            check_zone_alone(w, &p);
            if (plan_must_hear_any(w)) {
                plan_announced_check_rest(w, &p);
            }
            plan_destroy(&p);
            ds_destroy(&diff);
            return;
        }
        plan_destroy(&p);
        ds_destroy(&diff);
    }
}

static void
test_plan_sim(struct ovs_cmdl_context *ctx)
{
    unsigned int seed = atoi(ctx->argv[1]);
    int n_steps = atoi(ctx->argv[2]);
    struct world w;

    sim_make_world(&w, seed);
    for (int i = 0; i < n_steps; i++) {
        struct plan plan;

        for (int n = sim_below(3); n >= 0; n--) {
            sim_change(&w);
        }
        plan_checked(&w, &plan);
        if (!sim_one_in(5)) {
            world_publish_nb(&w, &plan);
        }
        if (!sim_one_in(5)) {
            world_publish_work(&w, &plan);
        }
        plan_destroy(&plan);
        if (i % SETTLE_EVERY == SETTLE_EVERY - 1) {
            settle(&w);
        }
    }
    printf("%"PRIuSIZE" plans were updated, %"PRIuSIZE" made anew\n",
           w.n_updates, w.n_whole);
    world_destroy(&w);
}

EGRESS_TEST("plan-sim", "SEED STEPS", 2, 2, test_plan_sim)
