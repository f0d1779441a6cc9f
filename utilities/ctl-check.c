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

#include "util.h"

#include "intent/intent.h"
#include "ovsdb/egress-idl.h"
#include "utilities/ctl-command.h"
#include "utilities/ctl-manifests.h"
#include "utilities/ctl-object.h"
#include "utilities/ctl-session.h"

/* Prints 'problems', which are those of each of 'objs' alone, and those of
 * all of them together.  Ends the program if one is an error. */
static void
check_objects(const struct intent_list *objs, struct intent_problems *problems)
{
    intent_list_check(objs, problems);
    manifests_print_problems(problems);
    if (intent_problems_have_error(problems)) {
        session_fatal(EGRESSCTL_BAD_INPUT, "check: there are errors");
    }
    printf("%"PRIuSIZE" objects checked, %"PRIuSIZE" warnings\n",
           objs->n, problems->n);
}

static void
check_prerequisites(struct ctl_context *ctx)
{
    const struct command *cmd = command_parse(ctx, CMD_FILE | CMD_NAMESPACE);

    if (!cmd) {
        return;
    }
    if (cmd->n_words) {
        ctl_error(ctx, "check: unexpected argument \"%s\" (files go behind "
                  "-f)", cmd->words[0]);
    } else if (cmd->files.n) {
        struct intent_problems problems = INTENT_PROBLEMS_INITIALIZER;

        check_objects(&cmd->objs, &problems);
        intent_problems_destroy(&problems);
        session_set_offline();
    } else {
        object_monitor(ctx);
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

    parse_rows(ctx, &objs, &problems);
    check_objects(&objs, &problems);
    intent_list_destroy(&objs);
    intent_problems_destroy(&problems);
}

const struct ctl_command_syntax check_commands[] = {
    {"check", 0, INT_MAX, "[-f FILE]...", check_prerequisites, check_run, NULL,
     "", RO},
    {NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, RO},
};
