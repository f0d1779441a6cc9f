/* SPDX-License-Identifier: Apache-2.0 */

/* check: are these manifests right, by themselves and together?
 *
 * With -f it looks at files and needs no database; without, at what is in the
 * database. */

#include <config.h>
#include "utilities/egressctl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ovsdb-idl.h"
#include "smap.h"
#include "util.h"

#include "intent/intent.h"
#include "ovsdb/egress-idl.h"
#include "plan/plan.h"
#include "utilities/ctl-command.h"
#include "utilities/ctl-manifests.h"
#include "utilities/ctl-object.h"
#include "utilities/ctl-session.h"

/* True if no manifest has an error. */
static bool
only_options_are_wrong(const struct intent_problems *problems)
{
    for (size_t i = 0; i < problems->n; i++) {
        const struct intent_problem *p = &problems->items[i];

        if (p->severity == INTENT_ERROR && strcmp(p->object, "options")) {
            return false;
        }
    }
    return true;
}

/* Prints 'problems', which are those of each of 'objs' alone, and those
 * between them, with the options 'option_map'.  Ends the program if one is an
 * error. */
static void
check_objects(struct intent_list *objs, const struct smap *option_map,
              struct intent_problems *problems)
{
    struct plan_options options;
    plan_options_init(&options, option_map, problems);
    plan_sort_objects(objs->objs, objs->n);
    struct plan_input input = {
        .options = &options,
        .objs = objs->objs,
        .n_objs = objs->n,
    };
    plan_check(&input, problems);
    plan_options_destroy(&options);

    manifests_print_problems(problems);
    if (intent_problems_have_error(problems)) {
        session_fatal((only_options_are_wrong(problems) ? EGRESSCTL_DIFFERENT
                       : EGRESSCTL_BAD_INPUT), "check: there are errors");
    }
    printf("%"PRIuSIZE" objects checked, %"PRIuSIZE" warnings\n",
           objs->n, problems->n);
}

static void
check_prerequisites(struct ctl_context *ctx)
{
    struct command *cmd = command_parse(ctx, CMD_FILES | CMD_NAMESPACE);

    if (!cmd) {
        return;
    }
    if (cmd->n_words) {
        ctl_error(ctx, "check: unexpected argument \"%s\" "
                  "(use -f for files)", cmd->words[0]);
    } else if (cmd->files.n) {
        struct intent_problems problems = INTENT_PROBLEMS_INITIALIZER;

        struct smap options = SMAP_INITIALIZER(&options);

        check_objects(&cmd->objs, &options, &problems);
        intent_problems_destroy(&problems);
        session_set_offline();
    } else {
        object_monitor(ctx);
        ovsdb_idl_add_column(ctx->idl, &egressrec_egress_global_col_options);
    }
}

/* Appends all objects of the database to 'objs'. */
static void
parse_rows(struct ctl_context *ctx, struct intent_list *objs,
           struct intent_problems *problems)
{
    struct object_refs refs = { NULL, 0 };
    for (int i = 0; i < INTENT_N_KINDS; i++) {
        object_refs_add(&refs, i, NULL, NULL);
    }

    struct object_rows rows = object_rows_select(ctx, &refs, true);
    for (size_t i = 0; i < rows.n; i++) {
        const char *manifest = rows.rows[i]->manifest;

        intent_parse(manifest, strlen(manifest), "", INTENT_STRICT, objs,
                     problems);
    }
    object_rows_destroy(&rows);
    object_refs_destroy(&refs);
}

static void
check_run(struct ctl_context *ctx)
{
    if (command_get(ctx)->files.n) {
        return;
    }

    struct intent_problems problems = INTENT_PROBLEMS_INITIALIZER;
    struct intent_list objs = INTENT_LIST_INITIALIZER;

    const struct smap none = SMAP_INITIALIZER(&none);
    const struct egressrec_egress_global *global
        = egressrec_egress_global_first(ctx->idl);

    parse_rows(ctx, &objs, &problems);
    check_objects(&objs, global ? &global->options : &none, &problems);
    intent_list_destroy(&objs);
    intent_problems_destroy(&problems);
}

const struct ctl_command_syntax check_commands[] = {
    {"check", 0, INT_MAX, "[-f FILE]...", check_prerequisites, check_run, NULL,
     "", RO},
    {NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, RO},
};
