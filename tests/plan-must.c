/* SPDX-License-Identifier: Apache-2.0 */

/* Asking a plan what must hold: see plan-must.h. */

#include <config.h>

#include "tests/plan-must.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "util.h"

void
plan_must_fail(const struct world *w, const struct plan *plan,
               const char *condition, const char *format, ...)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    struct shash_node *sn;
    va_list args;

    SHASH_FOR_EACH (sn, &w->prior.services) {
        const struct plan_prior_work *p = sn->data;
        ds_put_format(&s, "before: %s %s%s %s", sn->name, p->state,
                      strcmp(p->acked, p->revision) ? "" : " acked",
                      p->error);
        const char **eps = sset_sort(&p->endpoints);
        for (size_t i = 0; i < sset_count(&p->endpoints); i++) {
            ds_put_format(&s, " %s", eps[i]);
        }
        free(eps);
        ds_put_char(&s, '\n');
    }
    SHASH_FOR_EACH (sn, &w->prior.steered) {
        ds_put_format(&s, "steered: %s to %s\n", sn->name,
                      (char *) sn->data);
    }
    world_format_diff(w, plan, &s);
    fputs(ds_cstr(&s), stderr);
    fprintf(stderr, "failed: %s: ", condition);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    putc('\n', stderr);
    exit(EXIT_FAILURE);
}

bool
plan_must_know_node(const struct world *w, const char *name)
{
    for (size_t i = 0; i < w->list.n; i++) {
        if (w->list.objs[i]->kind == INTENT_NODE
            && !strcmp(w->list.objs[i]->name, name)) {
            return true;
        }
    }
    return false;
}

bool
plan_must_hear_any(const struct world *w)
{
    struct shash_node *sn;

    SHASH_FOR_EACH (sn, &w->prior.nodes) {
        const struct plan_prior_node *helper = sn->data;

        if (helper->alive) {
            return true;
        }
    }
    return false;
}

bool
plan_must_live(const struct world *w, const char *node)
{
    const struct plan_prior_node *helper
        = shash_find_data(&w->prior.nodes, node);

    for (size_t i = 0; i < w->list.n; i++) {
        const struct intent_object *obj = w->list.objs[i];

        if (obj->kind == INTENT_NODE && !strcmp(obj->name, node)) {
            return (obj->node.ready
                    && ((helper && helper->alive) || !plan_must_hear_any(w)));
        }
    }
    return false;
}
