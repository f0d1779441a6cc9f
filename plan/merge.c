/* SPDX-License-Identifier: Apache-2.0 */

/* Merging what was planned anew into the plan.  See run.h. */

#include <config.h>

#include "plan/run.h"

#include <stdlib.h>
#include <string.h>

#include "plan/decide/ledger.h"
#include "plan/emit/status.h"
#include "plan/plan.h"
#include "plan/world/view.h"
#include "util.h"

/* Rows. */

/* The group of all load balancers is written with each of them, and stays as
 * long as there is one. */
#define GROUP "Load_Balancer_Group"
#define MEMBER "Load_Balancer"

static bool
is_same(const struct plan_row *a, const struct plan_row *b)
{
    return plan_row_equals(a, b) && plan_row_same_parents(a, b);
}

/* Makes 'fresh' part of 'rows' instead of those in 'stale'. */
static void
merge_rows(struct plan_rows *rows, const struct plan_rows *stale,
           struct plan_rows *fresh, struct sset *delta)
{
    plan_rows_sort(fresh);
    for (size_t i = 0; i < stale->n; i++) {
        struct plan_row *old = stale->rows[i];
        const struct plan_row *new = plan_rows_find(fresh, old->table,
                                                    old->key);

        if (!new || !is_same(old, new)) {
            sset_add_and_free(delta, plan_row_name(old));
        }
    }
    for (size_t i = 0; i < fresh->n; i++) {
        struct plan_row *new = fresh->rows[i];

        if (!plan_rows_find(rows, new->table, new->key)) {
            sset_add_and_free(delta, plan_row_name(new));
        }
    }
    plan_rows_replace(rows, stale, fresh);
    for (size_t i = 0; i < stale->n; i++) {
        plan_row_destroy(stale->rows[i]);
    }
    fresh->n = 0;
}

/* Status. */

static bool
same_status(const struct plan_status *a, const struct plan_status *b)
{
    if (!smap_equal(&a->status, &b->status)
        || a->n_conditions != b->n_conditions) {
        return false;
    }
    for (size_t i = 0; i < a->n_conditions; i++) {
        const struct plan_condition *x = &a->conditions[i];
        const struct plan_condition *y = &b->conditions[i];

        if (strcmp(x->type, y->type) || strcmp(x->status, y->status)
            || strcmp(x->reason, y->reason)
            || strcmp(x->message, y->message)) {
            return false;
        }
    }
    return true;
}

static void
merge_one_status(struct plan *plan, struct plan_status *new)
{
    struct plan_status *old = shash_find_and_delete(&plan->status, new->id);

    if (!old || !same_status(old, new)) {
        sset_add(&plan->delta.status, new->id);
    }
    status_destroy(old);
    shash_add(&plan->status, new->id, new);
}

static void
remove_status(struct plan *plan, const struct plan *fresh,
              enum intent_kind kind, const char *key)
{
    char *id = xasprintf("%s %s", intent_kind_name(kind), key);
    struct plan_status *old = shash_find_data(&plan->status, id);

    if (old && !shash_find(&fresh->status, id)) {
        shash_find_and_delete(&plan->status, id);
        status_destroy(old);
        sset_add(&plan->delta.status, id);
    }
    free(id);
}

static void
merge_status(struct plan *plan, const struct view *v, struct plan *fresh)
{
    struct shash_node *sn;
    const char *key;

    SSET_FOR_EACH (key, v->keys) {
        remove_status(plan, fresh, INTENT_EGRESS_SERVICE, key);
        remove_status(plan, fresh, INTENT_SERVICE, key);
    }
    SHASH_FOR_EACH (sn, &fresh->status) {
        merge_one_status(plan, sn->data);
    }
    shash_clear(&fresh->status);
}

/* Takes the group of load balancers out of the stale rows, unless it was
 * written anew, and returns it. */
static struct plan_row *
keep_group(struct ledger *l, const struct plan_rows *fresh)
{
    struct plan_rows *stale = &l->stale.nb;

    for (size_t i = 0; i < stale->n; i++) {
        struct plan_row *row = stale->rows[i];

        if (!strcmp(row->table, GROUP)
            && !plan_rows_find(fresh, row->table, row->key)) {
            stale->rows[i] = stale->rows[--stale->n];
            return row;
        }
    }
    return NULL;
}

static bool
has_table(const struct plan_rows *rows, const char *table)
{
    struct plan_row *row = plan_rows_first(rows, table);

    return row != NULL;
}

void
plan_merge(struct plan *plan, struct view *v, struct plan *fresh)
{
    plan_rows_sort(&fresh->nb);

    struct plan_row *group = keep_group(v->ledger, &fresh->nb);
    merge_rows(&plan->nb, &v->ledger->stale.nb, &fresh->nb, &plan->delta.nb);
    merge_rows(&plan->work, &v->ledger->stale.work, &fresh->work,
               &plan->delta.work);
    if (group && has_table(&plan->nb, MEMBER)) {
        ledger_own_common(v->ledger, group);
    } else if (group) {
        const struct plan_rows removed = { &group, 1, 1 };
        const struct plan_rows none = { NULL, 0, 0 };

        sset_add_and_free(&plan->delta.nb, plan_row_name(group));
        plan_rows_replace(&plan->nb, &removed, &none);
        plan_row_destroy(group);
    }
    merge_status(plan, v, fresh);
    plan->waits_for_ovn |= fresh->waits_for_ovn;
    plan_destroy(fresh);
}
