/* SPDX-License-Identifier: Apache-2.0 */

/* plan: what ovn-egress-agent would write now, or would if manifests were
 * applied.  Nothing is written and no lock is taken. */

#include <config.h>
#include "utilities/egressctl.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/shash.h"
#include "ovsdb-idl.h"
#include "smap.h"
#include "util.h"

#include "ovsdb/egress-idl.h"
#include "plan/rows/row.h"
#include "utilities/ctl-command.h"
#include "utilities/ctl-manifests.h"
#include "utilities/ctl-object.h"
#include "utilities/ctl-observe.h"
#include "utilities/ctl-session.h"
#include "utilities/ctl-text.h"

static void
plan_prerequisites(struct ctl_context *ctx)
{
    const struct command *cmd = command_parse(ctx, CMD_FILES | CMD_NAMESPACE);

    if (cmd && cmd->n_words) {
        ctl_error(ctx, "plan: unexpected argument \"%s\" "
                  "(use -f for files)", cmd->words[0]);
    } else if (cmd) {
        observe_monitor(ctx, false);
    }
}

/* Appends what makes 'have' into 'want', rows of the database 'name'. */
static void
put_diff(struct ds *s, const char *name, const struct plan_rows *have,
         const struct plan_rows *want)
{
    struct ds diff = DS_EMPTY_INITIALIZER;

    plan_rows_format_diff(have, want, &diff);
    if (diff.length) {
        ds_put_format(s, "%s:\n%s", name, ds_cstr(&diff));
    }
    ds_destroy(&diff);
}

/* Status. */

/* Returns the condition as a row has it, which the caller frees. */
static char *
format_condition(const struct plan_condition *c)
{
    return xasprintf("%s %s%s%s", c->status, c->reason,
                     *c->message ? " " : "", c->message);
}

/* Appends a line if 'old' is not 'new', either of which may be NULL. */
static void
put_change(struct ds *s, const char *key, const char *old, const char *new)
{
    if (!nullable_string_is_equal(old, new)) {
        ds_put_format(s, "  %s: ", key);
        text_put(s, !old ? "(none)" : *old ? old : "\"\"");
        ds_put_cstr(s, " -> ");
        text_put(s, !new ? "(none)" : *new ? new : "\"\"");
        ds_put_char(s, '\n');
    }
}

static bool
has_condition(const struct plan_status *st, const char *type)
{
    for (size_t i = 0; i < st->n_conditions; i++) {
        if (!strcmp(st->conditions[i].type, type)) {
            return true;
        }
    }
    return !strcmp(type, "Accepted");   /* Every object has that. */
}

/* Appends what would be said of an object that is not said now. */
static void
put_status(struct ds *s, const struct plan_status *st)
{
    const struct egressrec_object *row
        = object_find(st->kind, st->namespace, st->name);
    const struct smap none = SMAP_INITIALIZER(&none);
    const struct smap *facts = row ? &row->status : &none;
    const struct smap *conditions = row ? &row->conditions : &none;
    struct ds changes = DS_EMPTY_INITIALIZER;
    const struct smap_node *node;

    const struct smap_node **sorted = smap_sort(&st->status);
    for (size_t i = 0; i < smap_count(&st->status); i++) {
        put_change(&changes, sorted[i]->key,
                   smap_get(facts, sorted[i]->key), sorted[i]->value);
    }
    free(sorted);
    for (size_t i = 0; i < st->n_conditions; i++) {
        const struct plan_condition *c = &st->conditions[i];
        char *text = format_condition(c);

        put_change(&changes, c->type, smap_get(conditions, c->type), text);
        free(text);
    }
    SMAP_FOR_EACH (node, conditions) {
        if (!has_condition(st, node->key)) {
            put_change(&changes, node->key, node->value, NULL);
        }
    }
    if (changes.length) {
        ds_put_format(s, "%s\n%s", st->id, ds_cstr(&changes));
    }
    ds_destroy(&changes);
}

/* Appends how the status of all objects would change. */
static void
put_all_status(struct ds *s, const struct plan *plan)
{
    const struct shash_node **sorted = shash_sort(&plan->status);
    struct ds changes = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < shash_count(&plan->status); i++) {
        put_status(&changes, sorted[i]->data);
    }
    if (changes.length) {
        ds_put_format(s, "Status:\n%s", ds_cstr(&changes));
    }
    ds_destroy(&changes);
    free(sorted);
}

static void
plan_run(struct ctl_context *ctx)
{
    struct observation o;

    if (!observe_run(ctx, &command_get(ctx)->objs, &o)) {
        return;
    }
    if (!o.in.nb->has_router) {
        ctl_error(ctx, "plan: OVN_Northbound has no Logical_Router \"%s\", "
                  "which the agent requires",
                  o.options.router);
        observe_destroy(&o);
        return;
    }
    put_diff(&ctx->output, "OVN_Egress", o.work, &o.plan.work);
    put_diff(&ctx->output, "OVN_Northbound", o.nb, &o.plan.nb);
    put_all_status(&ctx->output, &o.plan);
    if (ctx->output.length) {
        session_set_code(EGRESSCTL_DIFFERENT);
    } else {
        ds_put_cstr(&ctx->output, "nothing to do: all rows are as planned\n");
    }
    if (o.hold) {
        ds_put_cstr(&ctx->output, "but ovn-egress-agent writes nothing: ");
        text_put(&ctx->output, o.hold);
        ds_put_char(&ctx->output, '\n');
    }
    manifests_print_problems(&o.plan.problems);
    observe_destroy(&o);
}

const struct ctl_command_syntax plan_commands[] = {
    {"plan", 0, INT_MAX, "[-f FILE]...", plan_prerequisites, plan_run, NULL,
     "", RO},
    {NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, RO},
};
