/* SPDX-License-Identifier: Apache-2.0 */

/* A plan as text: for golden files and for "plan/show". */

#include <config.h>

#include "plan/plan.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "util.h"

static void
format_rows(const char *title, const struct plan_rows *rows, struct ds *s)
{
    ds_put_format(s, "== %s\n", title);
    for (size_t i = 0; i < rows->n; i++) {
        plan_row_format(rows->rows[i], s);
    }
}

static void
format_smap(const char *indent, const struct smap *smap, struct ds *s)
{
    const struct smap_node **nodes = smap_sort(smap);

    for (size_t i = 0; i < smap_count(smap); i++) {
        ds_put_format(s, "%s%s=%s\n", indent, nodes[i]->key,
                      nodes[i]->value);
    }
    free(nodes);
}

static void
format_status(const struct plan_status *st, struct ds *s)
{
    ds_put_format(s, "%s\n", st->id);
    format_smap("  ", &st->status, s);
    for (size_t i = 0; i < st->n_conditions; i++) {
        const struct plan_condition *c = &st->conditions[i];
        ds_put_format(s, "  %s: %s %s%s%s\n", c->type, c->status, c->reason,
                      *c->message ? ": " : "", c->message);
    }
}

void
plan_format(const struct plan *plan, struct ds *s)
{
    const struct shash_node **status = shash_sort(&plan->status);

    format_rows("OVN_Northbound", &plan->nb, s);
    format_rows("OVN_Egress", &plan->work, s);
    ds_put_cstr(s, "== Status\n");
    for (size_t i = 0; i < shash_count(&plan->status); i++) {
        format_status(status[i]->data, s);
    }
    free(status);
    ds_put_cstr(s, "== Effective options\n");
    format_smap("", &plan->effective, s);
    ds_put_cstr(s, "== Problems\n");
    for (size_t i = 0; i < plan->problems.n; i++) {
        char *text = intent_problem_to_string(&plan->problems.items[i]);
        ds_put_format(s, "%s\n", text);
        free(text);
    }
}

/* Appends the status of 'id' in 'plan', if that is there. */
static void
put_status(const struct plan *plan, const char *id, struct ds *s)
{
    const struct plan_status *st = shash_find_data(&plan->status, id);

    if (st) {
        format_status(st, s);
    }
}

/* Appends "status" and both versions, if they differ. */
static void
format_one_diff(const struct plan *a, const struct plan *b, const char *id,
                struct ds *s)
{
    struct ds old = DS_EMPTY_INITIALIZER;
    struct ds new = DS_EMPTY_INITIALIZER;

    put_status(a, id, &old);
    put_status(b, id, &new);
    if (strcmp(ds_cstr(&old), ds_cstr(&new))) {
        ds_put_format(s, "status of %s:\n-%s+%s", id, ds_cstr(&old),
                      ds_cstr(&new));
    }
    ds_destroy(&old);
    ds_destroy(&new);
}

void
plan_format_status_diff(const struct plan *a, const struct plan *b,
                        struct ds *s)
{
    struct shash_node *sn;

    SHASH_FOR_EACH (sn, &a->status) {
        format_one_diff(a, b, sn->name, s);
    }
    SHASH_FOR_EACH (sn, &b->status) {
        if (!shash_find(&a->status, sn->name)) {
            format_one_diff(a, b, sn->name, s);
        }
    }
}
