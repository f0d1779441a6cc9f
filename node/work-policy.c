/* SPDX-License-Identifier: Apache-2.0 */

/* The rows of Node_Policy: see work-policy.h. */

#include <config.h>

#include "node/work-policy.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "node/trial.h"
#include "ovsdb-idl.h"
#include "ovsdb/egress-idl.h"
#include "plan/machine/machine.h"
#include "smap.h"
#include "svec.h"
#include "util.h"

struct work_policy_row {
    char *manifest;
    char *created;
    char *revision;
    long long int deadline;     /* The row is gone, and the policy goes then;
                                 * LLONG_MAX if the row is there. */
};

void
work_policies_init(struct work_policies *p, struct trial *trial)
{
    *p = (struct work_policies) { .trial = trial };
    shash_init(&p->rows);
}

static void
clear_policies(struct work_policies *p)
{
    for (size_t i = 0; i < p->n; i++) {
        machine_policy_destroy(&p->policies[i]);
    }
    free(p->policies);
    p->policies = NULL;
    p->n = 0;
}

static void
destroy_row(struct work_policy_row *row)
{
    if (row) {
        free(row->manifest);
        free(row->created);
        free(row->revision);
        free(row);
    }
}

void
work_policies_destroy(struct work_policies *p)
{
    if (p) {
        struct shash_node *node;

        clear_policies(p);
        SHASH_FOR_EACH (node, &p->rows) {
            destroy_row(node->data);
        }
        shash_destroy(&p->rows);
    }
}

/* Collecting. */

/* Takes note of a row.  Returns true if that changes the policy. */
static bool
read_row(struct work_policies *p, const struct egressrec_node_policy *row)
{
    struct work_policy_row *r = shash_find_data(&p->rows, row->policy);
    const char *created = smap_get_def(&row->external_ids, "created", "");
    bool changed = (!r || strcmp(r->manifest, row->manifest)
                    || strcmp(r->created, created));

    if (!r) {
        r = xzalloc(sizeof *r);
        shash_add(&p->rows, row->policy, r);
    }
    free(r->manifest);
    free(r->created);
    free(r->revision);
    r->manifest = xstrdup(row->manifest);
    r->created = xstrdup(created);
    r->revision = xstrdup(row->revision);
    r->deadline = LLONG_MAX;
    return changed;
}

/* Forgets policies without a row, but not before their time.  Those that have
 * one are in 'names'.  Returns true if it forgets any. */
static bool
forget_rows(struct work_policies *p, const struct svec *names,
            long long int now, long long int until)
{
    struct shash_node *node, *next;
    bool any = false;

    SHASH_FOR_EACH_SAFE (node, next, &p->rows) {
        struct work_policy_row *r = node->data;

        if (svec_contains(names, node->name)) {
            continue;
        }
        r->deadline = MIN(r->deadline, until);
        if (r->deadline <= now || until <= now) {
            destroy_row(r);
            shash_delete(&p->rows, node);
            any = true;
        }
    }
    return any;
}

/* Parses what is in force of the policy 'name', which was 'created' then. */
static void
parse(const struct work_policies *policies, const char *name,
      const char *created, struct machine_policy *p)
{
    struct intent_problems problems = INTENT_PROBLEMS_INITIALIZER;
    const char *held;
    const char *manifest = trial_get(policies->trial, name, &held);

    *p = (struct machine_policy) {
        .name = xstrdup(name),
        .created = xstrdup(created),
        .held = nullable_xstrdup(held),
    };
    if (!manifest) {
        return;
    }
    p->object = intent_object_from_json(manifest, strlen(manifest),
                                        INTENT_LENIENT, &problems);
    if (p->object && p->object->kind != INTENT_NNCP) {
        intent_object_destroy(p->object);
        p->object = NULL;
        p->error = xstrdup("the manifest is of another kind");
    } else if (!p->object) {
        char *text = (problems.n
                      ? intent_problem_to_string(&problems.items[0]) : NULL);

        p->error = xstrdup(text ? text : "the manifest is not valid");
        free(text);
    }
    intent_problems_destroy(&problems);
}

/* Asks which texts are in force.  Returns true if others are. */
static bool
select_texts(const struct work_policies *p)
{
    struct trial_policy *policies = xcalloc(shash_count(&p->rows),
                                            sizeof *policies);
    const struct shash_node *node;
    size_t n = 0;

    SHASH_FOR_EACH (node, &p->rows) {
        const struct work_policy_row *r = node->data;

        policies[n++] = (struct trial_policy) {
            node->name, r->created, r->manifest,
        };
    }
    bool changed = trial_select(p->trial, policies, n);
    free(policies);
    return changed;
}

void
work_policies_collect(struct work_policies *p, const struct ovsdb_idl *idl,
                      const char *node, long long int now,
                      long long int until)
{
    const struct egressrec_node_policy *row;
    struct svec names = SVEC_EMPTY_INITIALIZER;
    bool changed = false;

    EGRESSREC_NODE_POLICY_FOR_EACH (row, idl) {
        if (!strcmp(row->node, node)) {
            svec_add(&names, row->policy);
            changed |= read_row(p, row);
        }
    }
    svec_sort(&names);
    changed |= forget_rows(p, &names, now, until);
    svec_destroy(&names);
    changed |= select_texts(p);

    if (changed) {
        struct smap all = SMAP_INITIALIZER(&all);

        trial_list(p->trial, &all);
        const struct smap_node **nodes = smap_sort(&all);
        size_t n = smap_count(&all);

        clear_policies(p);
        p->policies = xcalloc(n, sizeof *p->policies);
        p->n = n;
        for (size_t i = 0; i < n; i++) {
            parse(p, nodes[i]->key, nodes[i]->value, &p->policies[i]);
        }
        free(nodes);
        smap_destroy(&all);
    }
}

long long int
work_policies_deadline(const struct work_policies *p)
{
    long long int first = LLONG_MAX;
    struct shash_node *node;

    SHASH_FOR_EACH (node, &p->rows) {
        const struct work_policy_row *r = node->data;

        first = MIN(first, r->deadline);
    }
    return first;
}

/* Answering. */

static int
compare_policy_name(const void *name_, const void *policy_)
{
    const struct machine_policy *policy = policy_;
    const char *name = name_;

    return strcmp(name, policy->name);
}

static void
answer(const struct work_policies *p, const struct egressrec_node_policy *row,
       const struct svec *errors)
{
    const struct work_policy_row *r = shash_find_data(&p->rows, row->policy);
    const struct machine_policy *policy
        = (p->n
           ? bsearch(row->policy, p->policies, p->n, sizeof *p->policies,
                     compare_policy_name) : NULL);
    if (!r || !policy || strcmp(r->revision, row->revision)
        || trial_is_on(p->trial, row->policy)) {
        return;
    }

    const char *error = errors->names[policy - p->policies];
    const char *acked = *error ? "" : row->revision;
    if (strcmp(acked, row->acked)) {
        egressrec_node_policy_set_acked(row, acked);
    }
    if (strcmp(error, row->error)) {
        egressrec_node_policy_set_error(row, error);
    }
}

void
work_policies_answer(const struct work_policies *p,
                     const struct ovsdb_idl *idl, const struct svec *errors)
{
    const struct egressrec_node_policy *row;

    EGRESSREC_NODE_POLICY_FOR_EACH (row, idl) {
        answer(p, row, errors);
    }
}
