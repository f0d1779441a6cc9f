/* SPDX-License-Identifier: Apache-2.0 */

/* wait: until objects have a condition, or are gone.
 *
 * Nothing polls: the session runs the command again when the database has
 * changed, and gives up when the time is over. */

#include <config.h>
#include "utilities/egressctl.h"

#include <stdlib.h>
#include <string.h>

#include "util.h"

#include "ovsdb/egress-idl.h"
#include "utilities/ctl-command.h"
#include "utilities/ctl-object.h"
#include "utilities/ctl-session.h"

/* What --for asks for. */
struct wish {
    bool deleted;               /* That the objects are gone, else ... */
    char *type;                 /* ... that this condition ... */
    const char *status;         /* ... has this status. */
};

/* Parses "delete", "TYPE", "TYPE=STATUS" and kubectl's "condition=TYPE" and
 * "condition=TYPE=STATUS".  Returns false if 's' is none of them. */
static bool
wish_parse(const char *s, struct wish *w)
{
    const char prefix[] = "condition=";

    *w = (struct wish) { .status = "True" };
    if (!strcmp(s, "delete")) {
        w->deleted = true;
        return true;
    }
    if (!strncmp(s, prefix, strlen(prefix))) {
        s += strlen(prefix);
    }
    w->type = xstrdup(s);

    char *equals = strchr(w->type, '=');
    if (equals) {
        *equals = '\0';
        w->status = equals + 1;
    }
    if (!w->type[0] || (strcmp(w->status, "True") && strcmp(w->status, "False")
                        && strcmp(w->status, "Unknown"))) {
        free(w->type);
        return false;
    }
    return true;
}

static void
wish_destroy(struct wish *w)
{
    free(w->type);
}

static void
wait_prerequisites(struct ctl_context *ctx)
{
    const struct command *cmd
        = command_parse(ctx, CMD_NAMESPACE | CMD_FOR | CMD_TIMEOUT);
    struct wish w;

    if (!cmd) {
        return;
    }
    if (!cmd->condition) {
        ctl_error(ctx, "wait: --for=CONDITION[=STATUS] or --for=delete "
                  "is required");
        return;
    }
    if (!wish_parse(cmd->condition, &w)) {
        ctl_error(ctx, "wait: --for=%s is not CONDITION, CONDITION=True, "
                  "=False or =Unknown, or \"delete\"", cmd->condition);
        return;
    }
    wish_destroy(&w);

    struct object_refs refs = command_refs(ctx, cmd);
    object_monitor_refs(ctx, &refs);
    object_refs_destroy(&refs);
    session_set_timeout(cmd->timeout);
}

/* Returns NULL if 'row' is as wished, else how it is, to be freed by the
 * caller. */
static char *
check_row(const struct egressrec_object *row, const struct wish *w)
{
    char *id = object_id(row);
    char *text;

    if (w->deleted) {
        text = xasprintf("%s is still there", id);
    } else {
        struct object_condition c;
        bool known = object_condition_get(row, w->type, &c);

        text = (!strcmp(c.status, w->status) ? NULL
                : !known ? xasprintf("%s has no condition %s (yet)", id,
                                     w->type)
                : xasprintf("%s: %s is %s%s%s%s%s", id, w->type, c.status,
                            c.reason[0] ? ", " : "", c.reason,
                            c.message[0] ? ": " : "", c.message));
        object_condition_destroy(&c);
    }
    free(id);
    return text;
}

static void
wait_run(struct ctl_context *ctx)
{
    const struct command *cmd = command_get(ctx);
    struct wish w;

    if (!wish_parse(cmd->condition, &w)) {
        OVS_NOT_REACHED();
    }

    struct object_refs refs = command_refs(ctx, cmd);
    struct object_rows rows = object_rows_select(ctx, &refs, w.deleted);
    bool named = refs.n && refs.items[0].name;
    if (!named && !rows.n && !w.deleted) {
        session_report_missing(xstrdup("wait: there is no such object"));
    }

    /* An object that is not there is reported, not awaited. */
    bool wait = w.deleted || !named || rows.n >= refs.n;
    for (size_t i = 0; i < rows.n; i++) {
        char *id = object_id(rows.rows[i]);
        char *problem = check_row(rows.rows[i], &w);

        if (!problem) {
            ds_put_format(&ctx->output, "%s condition met\n", id);
        } else if (wait) {
            session_set_awaited(problem);
            ctx->try_again = true;
        } else {
            free(problem);
        }
        free(id);
        if (ctx->try_again) {
            break;
        }
    }
    for (size_t i = 0; w.deleted && !ctx->try_again && i < refs.n; i++) {
        char *id = object_ref_id(&refs.items[i]);

        ds_put_format(&ctx->output, "%s deleted\n", id);
        free(id);
    }
    object_rows_destroy(&rows);
    object_refs_destroy(&refs);
    wish_destroy(&w);
}

const struct ctl_command_syntax wait_commands[] = {
    {"wait", 0, INT_MAX, "KIND [NAME]... --for=CONDITION[=STATUS]",
     wait_prerequisites, wait_run, NULL, "", RO},
    {NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, RO},
};
