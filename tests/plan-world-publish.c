/* SPDX-License-Identifier: Apache-2.0 */

/* Carrying out a plan on a world.  See plan-world.h. */

#include <config.h>

#include "tests/plan-world.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "util.h"

/* Returns what "acked" and "error" a node has written for 'row'. */
static void
copy_work(struct world *world, struct plan_prior_work *w,
          const struct shash *old, const struct plan_row *row)
{
    const struct plan_prior_work *was = shash_find_data(old, row->key);
    const struct plan_column *endpoints = plan_row_get(row, "endpoints");

    free(w->state);
    w->state = xstrdup(plan_row_string(row, "state", ""));
    free(w->manifest);
    w->manifest = xstrdup(plan_row_string(row, "manifest", ""));
    free(w->revision);
    w->revision = xstrdup(plan_row_string(row, "revision", ""));
    if (was) {
        free(w->acked);
        w->acked = xstrdup(was->acked);
        free(w->error);
        w->error = xstrdup(was->error);
        free(w->session);
        w->session = xstrdup(was->session);
        sset_clone(&w->advertised, &was->advertised);
    }
    for (unsigned int i = 0; endpoints && i < endpoints->datum.n; i++) {
        sset_add(&w->endpoints, json_string(endpoints->datum.keys[i].s));
    }
    w->row = plan_row_clone(row);
    plan_rows_push(&world->prior_rows, CONST_CAST(struct plan_row *, w->row));
}

static void
status_to_text(const struct plan_status *st, struct ds *s)
{
    const struct smap_node **nodes = smap_sort(&st->status);

    for (size_t i = 0; i < smap_count(&st->status); i++) {
        ds_put_format(s, "  %s=%s\n", nodes[i]->key, nodes[i]->value);
    }
    free(nodes);
    for (size_t i = 0; i < st->n_conditions; i++) {
        const struct plan_condition *c = &st->conditions[i];
        ds_put_format(s, "  %s: %s %s%s%s\n", c->type, c->status, c->reason,
                      *c->message ? ": " : "", c->message);
    }
}

/* Notes the objects of which the status that is published differs. */
static void
note_status(const struct shash *old, const struct shash *new,
            struct plan_changes *changes)
{
    const struct shash *maps[] = { old, new };

    for (size_t i = 0; i < ARRAY_SIZE(maps); i++) {
        struct shash_node *sn;
        SHASH_FOR_EACH (sn, maps[i]) {
            const struct plan_prior_status *a = shash_find_data(old, sn->name);
            const struct plan_prior_status *b = shash_find_data(new, sn->name);

            if (!a || !b || !smap_equal(&a->status, &b->status)) {
                plan_changes_add_status(changes, sn->name);
            }
        }
    }
}

static void
publish_status(struct world *w, const struct plan *plan)
{
    struct plan_prior old = w->prior;
    struct plan_prior empty;
    struct shash_node *sn;

    plan_prior_init(&empty);
    shash_init(&w->prior.status);
    smap_clear(&w->status);
    SHASH_FOR_EACH (sn, &plan->status) {
        const struct plan_status *st = sn->data;
        struct plan_prior_status *p = xzalloc(sizeof *p);
        struct ds text = DS_EMPTY_INITIALIZER;

        p->id = xstrdup(st->id);
        smap_clone(&p->status, &st->status);
        shash_add(&w->prior.status, st->id, p);
        status_to_text(st, &text);
        smap_add(&w->status, st->id, ds_cstr(&text));
        ds_destroy(&text);
    }
    note_status(&old.status, &w->prior.status, &w->changes);
    shash_swap(&empty.status, &old.status);
    plan_prior_destroy(&empty);
}

/* True if what a node has to do is not the same in 'a' and 'b'. */
static bool
work_differs(const struct plan_prior_work *a, const struct plan_prior_work *b)
{
    return (!a || !b || !plan_row_equals(a->row, b->row)
            || strcmp(a->acked, b->acked) || strcmp(a->error, b->error));
}

/* Notes the services of which a row differs. */
static void
note_work(const struct shash *old, const struct shash *new,
          struct plan_changes *changes)
{
    const struct shash *maps[] = { old, new };

    for (size_t i = 0; i < ARRAY_SIZE(maps); i++) {
        struct shash_node *sn;
        SHASH_FOR_EACH (sn, maps[i]) {
            const struct plan_prior_work *w = sn->data;
            if (work_differs(shash_find_data(old, sn->name),
                             shash_find_data(new, sn->name))) {
                sset_add(&changes->services, w->name);
            }
        }
    }
}

static bool
differs(const struct shash *old, const struct shash *new)
{
    struct plan_changes changes;

    plan_changes_init(&changes);
    note_work(old, new, &changes);
    bool any = !plan_changes_is_empty(&changes);
    plan_changes_destroy(&changes);
    return any;
}

/* Notes the sessions of which a row differs. */
static void
note_sessions(const struct shash *old, const struct shash *new,
              struct plan_changes *changes)
{
    struct shash_node *sn;

    SHASH_FOR_EACH (sn, old) {
        const struct plan_prior_work *now = shash_find_data(new, sn->name);

        if (now && work_differs(sn->data, now)) {
            sset_add(&changes->sessions, sn->name);
        }
        changes->all |= !now;
    }
    SHASH_FOR_EACH (sn, new) {
        changes->all |= !shash_find(old, sn->name);
    }
}

void
world_publish_work(struct world *w, const struct plan *plan)
{
    struct plan_prior old;

    if (!w->scheduler) {
        return;
    }
    struct plan_rows old_rows = w->prior_rows;

    plan_rows_init(&w->prior_rows);
    plan_prior_init(&old);
    shash_swap(&old.services, &w->prior.services);
    shash_swap(&old.by_service, &w->prior.by_service);
    shash_swap(&old.policies, &w->prior.policies);
    shash_swap(&old.peers, &w->prior.peers);
    for (size_t i = 0; i < plan->work.n; i++) {
        const struct plan_row *row = plan->work.rows[i];
        const char *node = plan_row_string(row, "node", "");

        if (!strcmp(row->table, "Node_Service")) {
            copy_work(w, plan_prior_add_service(&w->prior, node,
                                                plan_row_string(row, "service",
                                                                "")),
                      &old.services, row);
        } else if (!strcmp(row->table, "Node_Policy")) {
            copy_work(w, plan_prior_add_work(&w->prior.policies, node,
                                             plan_row_string(row, "policy",
                                                             "")),
                      &old.policies, row);
        } else if (!strcmp(row->table, "Node_Peer")) {
            copy_work(w, plan_prior_add_work(&w->prior.peers, node,
                                             plan_row_string(row, "peer", "")),
                      &old.peers, row);
        }
    }
    note_work(&old.services, &w->prior.services, &w->changes);
    note_sessions(&old.peers, &w->prior.peers, &w->changes);
    w->changes.all |= differs(&old.policies, &w->prior.policies);
    plan_prior_destroy(&old);
    plan_rows_destroy(&old_rows);
    world_clone_rows(&w->work_rows, &plan->work);
    publish_status(w, plan);
}

static void
add_steered(struct world *w, const char *ip, const char *node)
{
    if (!shash_add_once(&w->prior.steered, ip, xstrdup(node))) {
        ovs_fatal(0, "%s is steered to two nodes", ip);
    }
}

void
world_forget_ways(struct world *w)
{
    struct shash_node *sn;

    SHASH_FOR_EACH (sn, &w->may_get) {
        sset_destroy(sn->data);
    }
    shash_clear_free_data(&w->may_get);
}

/* OVN has not taken in yet that 'ip' is steered elsewhere: its packets may
 * come to the 'former' node, which may be NULL, or to the new one. */
static void
add_unconfirmed(struct world *w, const char *ip, const char *former)
{
    struct plan_unconfirmed *u = shash_find_data(&w->prior.unconfirmed, ip);
    struct sset *nodes = shash_find_data(&w->may_get, ip);

    if (!u) {
        u = xzalloc(sizeof *u);
        u->waiting_for = xstrdup("ovn-northd");
        shash_add(&w->prior.unconfirmed, ip, u);
    }
    u->compiled = false;
    if (!nodes) {
        nodes = xmalloc(sizeof *nodes);
        sset_init(nodes);
        shash_add(&w->may_get, ip, nodes);
    }
    if (former) {
        sset_add(nodes, former);
    }
}

void
world_run_ovn(struct world *w, bool chassis)
{
    struct shash_node *sn, *next;

    SHASH_FOR_EACH_SAFE (sn, next, &w->prior.unconfirmed) {
        struct plan_unconfirmed *u = sn->data;

        sset_add(&w->changes.addresses, sn->name);
        if (chassis) {
            plan_prior_confirm(&w->prior, sn->name);
        } else if (!u->compiled) {
            u->compiled = true;
            free(u->waiting_for);
            u->waiting_for = xstrdup("ovn-controller on n1");
        }
    }
    if (chassis) {
        world_forget_ways(w);
        w->changes.confirmed |= w->prior.all_unconfirmed;
        w->prior.all_unconfirmed = false;
    }
}

/* Notes the addresses that are steered elsewhere. */
static void
note_steered(struct world *w, const struct shash *old,
             const struct shash *new)
{
    struct plan_changes *changes = &w->changes;
    const struct shash *maps[] = { old, new };

    for (size_t i = 0; i < ARRAY_SIZE(maps); i++) {
        struct shash_node *sn;
        SHASH_FOR_EACH (sn, maps[i]) {
            if (!nullable_string_is_equal(shash_find_data(old, sn->name),
                                          shash_find_data(new, sn->name))) {
                sset_add(&changes->addresses, sn->name);
                add_unconfirmed(w, sn->name, shash_find_data(old, sn->name));
            }
        }
    }
    if (!w->ovn_is_slow) {
        world_run_ovn(w, true);
    }
}

void
world_publish_nb(struct world *w, const struct plan *plan)
{
    if (!w->zone) {
        return;
    }
    struct shash old = SHASH_INITIALIZER(&old);

    shash_swap(&old, &w->prior.steered);
    shash_clear(&w->prior.sets);
    for (size_t i = 0; i < plan->nb.n; i++) {
        const struct plan_row *row = plan->nb.rows[i];
        const char *node = plan_row_id(row, "node", NULL);

        if (!strcmp(row->table, "Address_Set")) {
            const struct plan_column *c = plan_row_get(row, "addresses");
            shash_add(&w->prior.sets, plan_row_string(row, "name", ""), NULL);
            if (node) {
                sset_add(&w->changes.nodes, node);
            }
            for (unsigned int j = 0; node && j < c->datum.n; j++) {
                add_steered(w, json_string(c->datum.keys[j].s), node);
            }
        } else if (!strcmp(row->table, "Logical_Router_Policy") && node
                   && plan_row_id(row, "EgressSVC", NULL)) {
            const char *match = plan_row_string(row, "match", "");

            add_steered(w, strstr(match, "== ") + 3, node);
        }
    }
    for (size_t i = 0; i < w->nb_rows.n; i++) {
        const char *node = plan_row_id(w->nb_rows.rows[i], "node", NULL);

        if (node) {
            sset_add(&w->changes.nodes, node);
        }
    }
    note_steered(w, &old, &w->prior.steered);
    shash_destroy_free_data(&old);
    world_clone_rows(&w->nb_rows, &plan->nb);
}

void
world_format_diff(const struct world *w, const struct plan *plan,
                  struct ds *s)
{
    const struct shash_node **nodes = shash_sort(&plan->status);

    if (w->zone) {
        plan_rows_format_diff(&w->nb_rows, &plan->nb, s);
    }
    if (w->scheduler) {
        plan_rows_format_diff(&w->work_rows, &plan->work, s);
    }
    for (size_t i = 0; i < shash_count(&plan->status); i++) {
        struct ds text = DS_EMPTY_INITIALIZER;

        status_to_text(nodes[i]->data, &text);
        if (strcmp(ds_cstr(&text),
                   smap_get_def(&w->status, nodes[i]->name, ""))) {
            ds_put_format(s, "status %s\n%s", nodes[i]->name, ds_cstr(&text));
        }
        ds_destroy(&text);
    }
    free(nodes);
}
