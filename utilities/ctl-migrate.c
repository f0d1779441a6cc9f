/* SPDX-License-Identifier: Apache-2.0 */

/* migrate: from ovn-kubernetes' own EgressService to ovn-egress, and back.
 *
 *     migrate                look: what it has, and what changes without it
 *     migrate --take-over    delete its rows once ours do the same
 *     migrate --back         make the rows that it would make, beside ours
 *     migrate --release      delete our EgressServices, once it has its rows
 *
 * No step changes what happens to a packet: each waits until both sides do the
 * same, and fails if they do not. */

#include <config.h>
#include "utilities/egressctl.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "ovsdb-idl.h"
#include "timeval.h"
#include "util.h"

#include "ovsdb/egress-idl.h"
#include "ovsdb/nb-idl.h"
#include "utilities/ctl-command.h"
#include "utilities/ctl-migrate.h"
#include "utilities/ctl-object.h"
#include "utilities/ctl-observe.h"
#include "utilities/ctl-session.h"
#include "utilities/ctl-text.h"

/* How long to look, in ms, whether ovn-kubernetes makes again what was
 * deleted. */
#define LOOK_AGAIN 2000

/* What --take-over has done: it runs again to see whether that lasts. */
static size_t n_deleted;
static long long int deleted_at;

static bool
is_step(const struct command *cmd, const char *step)
{
    return cmd->step && !strcmp(cmd->step, step);
}

static void
migrate_prerequisites(struct ctl_context *ctx)
{
    const struct command *cmd = command_parse(
        ctx, CMD_MIGRATE | CMD_DRY_RUN | CMD_TIMEOUT);

    if (!cmd) {
        return;
    }
    for (size_t i = 0; i < cmd->n_words; i++) {
        if (!strchr(cmd->words[i], '/')) {
            ctl_error(ctx, "migrate: \"%s\" is not NAMESPACE/SERVICE",
                      cmd->words[i]);
            return;
        }
    }
    if (cmd->force && !is_step(cmd, "take-over")) {
        ctl_error(ctx, "migrate: --force needs --take-over");
    } else if (cmd->step && !session_is_single_command()) {
        ctl_error(ctx, "migrate: --%s must be the only command", cmd->step);
    } else {
        n_deleted = 0;
        observe_monitor(ctx, false);
        if (cmd->step) {
            session_set_timeout(cmd->timeout);
        }
    }
}

/* Has the command run again, because 'what' is to come. */
static void
wait_for(struct ctl_context *ctx, char *what)
{
    session_set_awaited(what);
    ctx->try_again = true;
}

/* Refuses to do something that changes the way of packets. */
static void
refuse(struct ctl_context *ctx, char *why)
{
    session_set_code(EGRESSCTL_DIFFERENT);
    ctl_error(ctx, "migrate: nothing was done: %s", why);
    free(why);
}

/* Looks whether what was deleted has come back. */
static void
look_again(struct ctl_context *ctx, const struct migration *m)
{
    if (m->n_policies) {
        session_set_code(EGRESSCTL_DIFFERENT);
        ctl_error(ctx, "migrate: ovn-kubernetes made policies again (%"PRIuSIZE
                  ") after they were deleted: it still runs with "
                  "--enable-egress-service", m->n_policies);
    } else if (time_msec() < deleted_at + LOOK_AGAIN) {
        session_try_again_at(ctx, deleted_at + LOOK_AGAIN);
    } else {
        ds_put_format(&ctx->output, "%"PRIuSIZE" policies of ovn-kubernetes "
                      "deleted\n", n_deleted);
        migration_format_remains(&ctx->output);
    }
}

static void
take_over(struct ctl_context *ctx, const struct command *cmd,
          const struct migration *m)
{
    size_t n_bad = m->counts[MIGRATE_MOVES] + m->counts[MIGRATE_LEAVES];

    if (n_deleted) {
        look_again(ctx, m);
    } else if (!m->n_policies) {
        ds_put_cstr(&ctx->output, "ovn-kubernetes has no policies to take "
                    "over\n");
    } else if (n_bad && !cmd->force) {
        refuse(ctx, xasprintf("without %"PRIuSIZE" of %"PRIuSIZE" policies "
                              "packets would go another way (see "
                              "\"ovn-egressctl migrate\"; --force deletes "
                              "them anyway)", n_bad, m->n_policies));
    } else if (m->counts[MIGRATE_WAITS]) {
        wait_for(ctx, xasprintf("nothing was done, because for %"PRIuSIZE
                                " policies those of ovn-egress are not in "
                                "effect yet", m->counts[MIGRATE_WAITS]));
    } else {
        char *error = migration_take_over(m);

        if (error) {
            ctl_error(ctx, "migrate: %s", error);
            free(error);
        } else if (session_is_dry_run()) {
            ds_put_format(&ctx->output, "%"PRIuSIZE" policies of "
                          "ovn-kubernetes deleted (dry run)\n",
                          m->n_policies);
        } else {
            n_deleted = m->n_policies;
            deleted_at = time_msec();
            session_try_again_at(ctx, deleted_at + LOOK_AGAIN);
        }
    }
}

/* Counts the endpoints without a policy of ovn-kubernetes.  Returns false,
 * after it has refused or waits, if the way of some is not clear. */
static bool
check_endpoints(struct ctl_context *ctx, const struct migration *m,
                size_t *n_missing)
{
    *n_missing = 0;
    for (size_t i = 0; i < m->n_endpoints; i++) {
        const struct migrate_endpoint *e = &m->endpoints[i];

        if (e->other) {
            refuse(ctx, xasprintf("ovn-kubernetes steers %s, of %s, to "
                                  "another node", e->ip, e->service));
            return false;
        } else if (!e->settled || !e->next_hop) {
            wait_for(ctx, xasprintf("nothing was done, because %s is not "
                                    "settled", e->service));
            return false;
        }
        *n_missing += !e->twin;
    }
    return true;
}

static void
give_back(struct ctl_context *ctx, const struct migration *m)
{
    size_t n;

    if (!check_endpoints(ctx, m, &n)) {
        return;
    }
    char *error = n ? migration_give_back(m) : NULL;
    if (error) {
        ctl_error(ctx, "migrate: %s", error);
        free(error);
        return;
    }
    ds_put_format(&ctx->output, "%"PRIuSIZE" policies made for "
                  "ovn-kubernetes%s, %"PRIuSIZE" were there\n", n,
                  session_is_dry_run() ? " (dry run)" : "",
                  m->n_endpoints - n);
    ds_put_cstr(&ctx->output, "Now stop ovn-egress-kube and start "
                "ovn-kubernetes with --enable-egress-service.  When its\n"
                "rules are on the nodes, run \"ovn-egressctl migrate "
                "--release\".\n");
}

static void
release(struct ctl_context *ctx, const struct svec *only,
        const struct migration *m)
{
    const struct egressrec_object *row;
    enum intent_kind kind;
    size_t n;

    if (!check_endpoints(ctx, m, &n)) {
        return;
    } else if (n) {
        refuse(ctx, xasprintf("ovn-kubernetes has no policies for %"PRIuSIZE
                              " of %"PRIuSIZE" endpoints (\"ovn-egressctl "
                              "migrate --back\" makes them)", n,
                              m->n_endpoints));
        return;
    }
    EGRESSREC_OBJECT_FOR_EACH_SAFE (row, ctx->idl) {
        char *key = object_key(row);

        if (object_kind(row, &kind) && kind == INTENT_EGRESS_SERVICE
            && migrate_wants(only, key)) {
            egressrec_object_delete(row);
            ds_put_cstr(&ctx->output, "egressservice ");
            text_put(&ctx->output, key);
            ds_put_cstr(&ctx->output, " released\n");
        }
        free(key);
    }
}

static void
migrate_run(struct ctl_context *ctx)
{
    const struct command *cmd = command_get(ctx);
    struct svec only = SVEC_EMPTY_INITIALIZER;
    struct observation o;
    struct migration m;

    if (!observe_run(ctx, &cmd->objs, &o)) {
        return;
    }
    for (size_t i = 0; i < cmd->n_words; i++) {
        svec_add(&only, cmd->words[i]);
    }
    svec_sort_unique(&only);
    migration_read(&o, &only, &m);
    if (!m.router) {
        ctl_error(ctx, "migrate: OVN_Northbound has no Logical_Router \"%s\"",
                  o.options.router);
    } else if (is_step(cmd, "take-over")) {
        take_over(ctx, cmd, &m);
    } else if (is_step(cmd, "back")) {
        give_back(ctx, &m);
    } else if (is_step(cmd, "release")) {
        release(ctx, &only, &m);
    } else {
        migration_format(&m, &ctx->output);
        if (m.n_policies) {
            session_set_code(EGRESSCTL_DIFFERENT);
        }
    }
    migration_destroy(&m);
    svec_destroy(&only);
    observe_destroy(&o);
}

const struct ctl_command_syntax migrate_commands[] = {
    {"migrate", 0, INT_MAX, "[NAMESPACE/SERVICE]...", migrate_prerequisites,
     migrate_run, NULL, "", RW},
    {NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, RO},
};
