/* SPDX-License-Identifier: Apache-2.0 */

/* What changed: in the planner's input, and in a plan.  See plan.h. */

#include <config.h>

#include "plan/world/input.h"

#include <stdlib.h>
#include <string.h>

#include "util.h"

void
plan_changes_init(struct plan_changes *c)
{
    *c = (struct plan_changes) { .all = false };
    sset_init(&c->services);
    sset_init(&c->addresses);
    sset_init(&c->nodes);
    sset_init(&c->sessions);
}

void
plan_changes_destroy(struct plan_changes *c)
{
    if (c) {
        sset_destroy(&c->services);
        sset_destroy(&c->addresses);
        sset_destroy(&c->nodes);
        sset_destroy(&c->sessions);
    }
}

void
plan_changes_clear(struct plan_changes *c)
{
    plan_changes_destroy(c);
    plan_changes_init(c);
}

bool
plan_changes_is_empty(const struct plan_changes *c)
{
    return (!c->all && !c->ingress && !c->labels && !c->confirmed
            && sset_is_empty(&c->services) && sset_is_empty(&c->addresses)
            && sset_is_empty(&c->nodes) && sset_is_empty(&c->sessions));
}

static void
add_service(struct plan_changes *c, const char *namespace, const char *name)
{
    sset_add_and_free(&c->services, xasprintf("%s/%s", namespace, name));
}

void
plan_changes_add_object(struct plan_changes *c,
                        const struct intent_object *obj)
{
    if (obj->kind == INTENT_ENDPOINT_SLICE) {
        add_service(c, obj->namespace, obj->endpoint_slice.service);
    } else if (obj->kind == INTENT_EGRESS_SERVICE
               || obj->kind == INTENT_SERVICE) {
        add_service(c, obj->namespace, obj->name);
        c->ingress = c->ingress || obj->kind == INTENT_SERVICE;
    } else {
        c->all = true;
    }
}

void
plan_changes_add_status(struct plan_changes *c, const char *id)
{
    size_t len = strcspn(id, " ");
    char *word = xmemdup0(id, len);
    enum intent_kind kind;

    /* Nobody reads that of other kinds. */
    if (intent_kind_from_string(word, &kind)) {
        if (kind == INTENT_EGRESS_SERVICE || kind == INTENT_SERVICE) {
            sset_add(&c->services, id + len + 1);
            c->ingress = c->ingress || kind == INTENT_SERVICE;
        } else if (kind == INTENT_NODE) {
            c->labels = true;
        }
    }
    free(word);
}
