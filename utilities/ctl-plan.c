/* SPDX-License-Identifier: Apache-2.0 */

/* plan: what ovn-egress-agent would write now, or would if manifests were
 * applied.  Nothing is written and no lock is taken. */

#include <config.h>
#include "utilities/egressctl.h"

#include <limits.h>

#include "ovsdb-idl.h"
#include "util.h"

#include "plan/row.h"
#include "utilities/ctl-command.h"
#include "utilities/ctl-manifests.h"
#include "utilities/ctl-observe.h"
#include "utilities/ctl-session.h"

static void
plan_prerequisites(struct ctl_context *ctx)
{
    const struct command *cmd = command_parse(ctx, CMD_FILE | CMD_NAMESPACE);

    if (cmd && cmd->n_words) {
        ctl_error(ctx, "plan: unexpected argument \"%s\" (files go behind "
                  "-f)", cmd->words[0]);
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

static void
plan_run(struct ctl_context *ctx)
{
    struct observation o;

    if (!observe_run(ctx, &command_get(ctx)->objs, &o)) {
        return;
    }
    if (!o.in.nb->has_router) {
        ctl_error(ctx, "plan: OVN_Northbound has no Logical_Router \"%s\", "
                  "and without it the agent changes nothing",
                  o.options.router);
        observe_destroy(&o);
        return;
    }
    put_diff(&ctx->output, "OVN_Egress", o.work, &o.plan.work);
    put_diff(&ctx->output, "OVN_Northbound", o.nb, &o.plan.nb);
    if (ctx->output.length) {
        session_set_code(EGRESSCTL_DIFFERENT);
    } else {
        ds_put_cstr(&ctx->output, "nothing to do: all rows are as planned\n");
    }
    if (o.hold) {
        ds_put_format(&ctx->output, "but ovn-egress-agent writes nothing: "
                      "%s\n", o.hold);
    }
    manifests_print_problems(&o.plan.problems);
    observe_destroy(&o);
}

const struct ctl_command_syntax plan_commands[] = {
    {"plan", 0, INT_MAX, "[-f FILE]...", plan_prerequisites, plan_run, NULL,
     "", RO},
    {NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, RO},
};
