/* SPDX-License-Identifier: Apache-2.0 */

/* options: what Egress_Global's options are called and may be; and a look at
 * those that a command sets, before they are in the database. */

#include <config.h>
#include "utilities/egressctl.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ovsdb-idl.h"
#include "smap.h"
#include "util.h"

#include "intent/intent.h"
#include "ovsdb/egress-idl.h"
#include "plan/world/option.h"
#include "utilities/ctl-command.h"
#include "utilities/ctl-manifests.h"
#include "utilities/ctl-session.h"
#include "utilities/ctl-text.h"

static void
put_options(const struct command *cmd, struct ds *output)
{
    static const char *const headings[] = {
        "NAME", "VALUES", "DEFAULT", "READ BY", "MEANING", NULL
    };
    struct text_table t;

    text_table_init_columns(&t, headings);
    for (const struct option *o = option_table; o->name; o++) {
        if (cmd->format == FORMAT_NAME) {
            ds_put_format(output, "%s\n", o->name);
            continue;
        }
        text_table_add_cell(&t, o->name);
        text_table_add_cell_nocopy(&t, option_format_values(o));
        text_table_add_cell(&t, option_format_default(o));
        text_table_add_cell(&t, o->readers);
        text_table_add_cell(&t, o->text);
    }
    if (!text_table_is_empty(&t)) {
        text_table_format(&t, cmd->headings, 0, output);
    }
    text_table_destroy(&t);
}

static void
options_prerequisites(struct ctl_context *ctx)
{
    const struct command *cmd = command_parse(ctx, CMD_OUTPUT);

    if (!cmd) {
        return;
    }
    if (cmd->n_words) {
        ctl_error(ctx, "options: unexpected argument \"%s\" (\"set "
                  "Egress_Global . options:NAME=VALUE\" sets one)",
                  cmd->words[0]);
    } else if (cmd->format != FORMAT_TABLE && cmd->format != FORMAT_NAME) {
        ctl_error(ctx, "options: -o must be table or name");
    } else {
        struct ds output = DS_EMPTY_INITIALIZER;

        put_options(cmd, &output);
        fputs(ds_cstr(&output), stdout);
        ds_destroy(&output);
        session_set_offline();
    }
}

void
options_remember(struct ovsdb_idl *idl, struct smap *before)
{
    const struct egressrec_egress_global *global
        = egressrec_egress_global_first(idl);

    if (global) {
        smap_clone(before, &global->options);
    } else {
        smap_init(before);
    }
}

/* Adds what 'set' and 'add' commands give a single option to 'changed': of
 * that the IDL keeps no copy before it is in the database. */
static void
add_arguments(const struct ctl_command *c, struct smap *changed)
{
    bool is_set = !strcmp(c->argv[0], "set");
    bool is_add = !strcmp(c->argv[0], "add");

    if ((!is_set && !is_add) || c->argc < 4
        || strcasecmp(c->argv[1], "Egress_Global")
        || (is_add && strcmp(c->argv[3], "options"))) {
        return;
    }
    for (size_t i = is_set ? 3 : 4; i < c->argc; i++) {
        const char *arg = c->argv[i];
        const char *eq = strchr(arg, '=');

        if (is_set) {
            arg = !strncmp(arg, "options:", 8) ? arg + 8 : NULL;
        }
        if (arg && eq && eq > arg) {
            size_t n = strlen(eq + 1);
            bool quoted = n > 1 && eq[1] == '"' && eq[n] == '"';
            char *name = xmemdup0(arg, eq - arg);
            char *value = xmemdup0(eq + 1 + quoted, n - 2 * quoted);

            smap_replace(changed, name, value);
            free(name);
            free(value);
        }
    }
}

/* True if a value is wrong. */
static bool
is_wrong(const struct smap *options)
{
    struct smap_node *node;
    bool wrong = false;

    SMAP_FOR_EACH (node, options) {
        const struct option *o = option_find(node->key);
        char *why = o ? option_check(o, node->value) : NULL;

        wrong = wrong || why;
        free(why);
    }
    return wrong;
}

void
options_check_change(struct ovsdb_idl *idl, struct smap *before,
                     const struct ctl_command *commands, size_t n)
{
    const struct egressrec_egress_global *global
        = egressrec_egress_global_first(idl);
    struct intent_problems problems = INTENT_PROBLEMS_INITIALIZER;
    struct smap changed = SMAP_INITIALIZER(&changed);
    struct smap_node *node;

    if (global) {
        SMAP_FOR_EACH (node, &global->options) {
            const char *old = smap_get(before, node->key);

            if (!old || strcmp(old, node->value)) {
                smap_add(&changed, node->key, node->value);
            }
        }
    }
    for (size_t i = 0; i < n; i++) {
        add_arguments(&commands[i], &changed);
    }

    bool wrong = is_wrong(&changed);
    option_check_all(&changed, &problems);
    for (size_t i = 0; i < problems.n && !wrong; i++) {
        /* Another version may know it. */
        problems.items[i].severity = INTENT_WARNING;
    }
    manifests_print_problems(&problems);
    intent_problems_destroy(&problems);
    smap_destroy(&changed);
    smap_destroy(before);
    if (wrong) {
        session_fatal(EGRESSCTL_BAD_INPUT, "nothing was done, because of the "
                      "errors above (\"options\" lists what can be set)");
    }
}

const struct ctl_command_syntax options_commands[] = {
    {"options", 0, INT_MAX, "", options_prerequisites, NULL, NULL, "", RO},
    {NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, RO},
};
