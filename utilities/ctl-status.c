/* SPDX-License-Identifier: Apache-2.0 */

/* status: is all well?  The agent, the nodes, how many objects there are, and
 * what is wrong with which. */

#include <config.h>
#include "utilities/egressctl.h"

#include <stdlib.h>
#include <string.h>

#include "ovsdb-idl.h"
#include "smap.h"
#include "util.h"

#include "ovsdb/egress-idl.h"
#include "utilities/ctl-command.h"
#include "utilities/ctl-object.h"
#include "utilities/ctl-text.h"

static void
status_prerequisites(struct ctl_context *ctx)
{
    const struct command *cmd = command_parse(ctx, 0);

    if (!cmd) {
        return;
    }
    if (cmd->n_words) {
        ctl_error(ctx, "status: unexpected argument \"%s\"", cmd->words[0]);
        return;
    }
    object_monitor(ctx);
    ovsdb_idl_add_column(ctx->idl, &egressrec_egress_global_col_effective);
    ovsdb_idl_add_column(ctx->idl, &egressrec_egress_global_col_status);
    ovsdb_idl_add_column(ctx->idl, &egressrec_egress_global_col_next_cfg);
    ovsdb_idl_add_column(ctx->idl, &egressrec_egress_global_col_cur_cfg);
    ovsdb_idl_add_column(ctx->idl, &egressrec_node_col_name);
    ovsdb_idl_add_column(ctx->idl, &egressrec_node_col_heartbeat);
    ovsdb_idl_add_column(ctx->idl, &egressrec_node_service_col_node);
    ovsdb_idl_add_column(ctx->idl, &egressrec_node_service_col_revision);
    ovsdb_idl_add_column(ctx->idl, &egressrec_node_service_col_acked);
    ovsdb_idl_add_column(ctx->idl, &egressrec_node_service_col_error);
    ovsdb_idl_add_column(ctx->idl, &egressrec_node_policy_col_node);
    ovsdb_idl_add_column(ctx->idl, &egressrec_node_policy_col_revision);
    ovsdb_idl_add_column(ctx->idl, &egressrec_node_policy_col_acked);
    ovsdb_idl_add_column(ctx->idl, &egressrec_node_policy_col_error);
}

static void
put_map(struct ds *s, const char *title, const struct smap *map)
{
    const struct smap_node **sorted = smap_sort(map);

    ds_put_format(s, "%s:%s\n", title, smap_is_empty(map) ? " none" : "");
    for (size_t i = 0; i < smap_count(map); i++) {
        ds_put_format(s, "  %s: %s\n", sorted[i]->key, sorted[i]->value);
    }
    free(sorted);
}

static void
put_global(struct ctl_context *ctx)
{
    const struct egressrec_egress_global *global
        = egressrec_egress_global_first(ctx->idl);

    if (!global) {
        ds_put_cstr(&ctx->output, "Agent: has never used this database\n");
        return;
    }
    put_map(&ctx->output, "Agent", &global->status);
    if (global->cur_cfg < global->next_cfg) {
        ds_put_format(&ctx->output, "  behind: has answered change %"PRId64
                      " of %"PRId64"\n", global->cur_cfg, global->next_cfg);
    }
    put_map(&ctx->output, "Options in effect", &global->effective);
}

/* How far a node is with its work. */
struct tally {
    bool heard;                 /* Its helper has been heard of. */
    size_t done, pending, failed;
};

/* Returns the tally of the node 'name', a new one if need be. */
static struct tally *
get_tally(struct shash *tallies, const char *name)
{
    struct tally *tally = shash_find_data(tallies, name);

    if (!tally) {
        tally = xzalloc(sizeof *tally);
        shash_add(tallies, name, tally);
    }
    return tally;
}

static void
add_work(struct shash *tallies, const char *node, const char *revision,
         const char *acked, const char *error)
{
    struct tally *tally = get_tally(tallies, node);

    if (error[0]) {
        tally->failed++;
    } else if (strcmp(revision, acked)) {
        tally->pending++;
    } else {
        tally->done++;
    }
}

static void
put_nodes(struct ctl_context *ctx)
{
    static const char *const headings[] = {
        "NODE", "HELPER", "DONE", "PENDING", "FAILED", NULL
    };
    const struct egressrec_node_service *service;
    const struct egressrec_node_policy *policy;
    const struct egressrec_node *node;
    struct shash tallies = SHASH_INITIALIZER(&tallies);

    EGRESSREC_NODE_FOR_EACH (node, ctx->idl) {
        get_tally(&tallies, node->name)->heard = node->heartbeat != 0;
    }
    EGRESSREC_NODE_SERVICE_FOR_EACH (service, ctx->idl) {
        add_work(&tallies, service->node, service->revision, service->acked,
                 service->error);
    }
    EGRESSREC_NODE_POLICY_FOR_EACH (policy, ctx->idl) {
        add_work(&tallies, policy->node, policy->revision, policy->acked,
                 policy->error);
    }

    struct text_table t;
    text_table_init_columns(&t, headings);
    struct shash_node *sn;
    SHASH_FOR_EACH (sn, &tallies) {
        const struct tally *tally = sn->data;

        text_table_add_cell(&t, sn->name);
        text_table_add_cell(&t, tally->heard ? "seen" : "never");
        text_table_add_cell_nocopy(&t, xasprintf("%"PRIuSIZE, tally->done));
        text_table_add_cell_nocopy(&t, xasprintf("%"PRIuSIZE,
                                                 tally->pending));
        text_table_add_cell_nocopy(&t, xasprintf("%"PRIuSIZE, tally->failed));
    }
    text_table_sort(&t);

    ds_put_format(&ctx->output, "Nodes:%s\n",
                  shash_is_empty(&tallies) ? " none" : "");
    if (!shash_is_empty(&tallies)) {
        text_table_format(&t, true, 2, &ctx->output);
    }
    text_table_destroy(&t);
    shash_destroy_free_data(&tallies);
}

/* Appends a line if the condition 'type' of 'row' is there and is 'bad', or,
 * if 'bad' is NULL, is not "True". */
static bool
put_problem(struct ds *s, const struct egressrec_object *row,
            const char *type, const char *bad)
{
    struct object_condition c;
    bool is_problem = (object_condition_get(row, type, &c)
                       && (bad ? !strcmp(c.status, bad)
                           : strcmp(c.status, "True")));

    if (is_problem) {
        char *id = object_id(row);

        ds_put_format(s, "  %s: %s is %s%s%s%s%s\n", id, type, c.status,
                      c.reason[0] ? ", " : "", c.reason,
                      c.message[0] ? ": " : "", c.message);
        free(id);
    }
    object_condition_destroy(&c);
    return is_problem;
}

/* Appends what is wrong with 'row': the cause rather than its effects. */
static void
put_problems(struct ds *s, const struct egressrec_object *row)
{
    if (!put_problem(s, row, "Accepted", "False")
        && !put_problem(s, row, "Ready", NULL)
        && !smap_get(&row->conditions, "Ready")) {
        put_problem(s, row, "IngressAllocated", "False");
    }
    put_problem(s, row, "Conflicted", "True");
    put_problem(s, row, "Degraded", "True");
    put_problem(s, row, "Eligible", "False");
    put_problem(s, row, "Warning", "True");
}

static void
put_objects(struct ctl_context *ctx)
{
    struct ds problems = DS_EMPTY_INITIALIZER;
    bool any = false;

    ds_put_cstr(&ctx->output, "Objects:");
    for (int i = 0; i < INTENT_N_KINDS; i++) {
        struct object_refs refs = { NULL, 0 };
        object_refs_add(&refs, i, NULL, NULL);

        struct object_rows rows = object_rows_select(ctx, &refs, true);
        if (rows.n) {
            ds_put_format(&ctx->output, "%s  %s: %"PRIuSIZE"\n",
                          any ? "" : "\n", intent_kind_name(i), rows.n);
            any = true;
        }
        for (size_t j = 0; j < rows.n; j++) {
            put_problems(&problems, rows.rows[j]);
        }
        object_rows_destroy(&rows);
        object_refs_destroy(&refs);
    }
    ds_put_format(&ctx->output, "%sProblems:%s%s", any ? "" : " none\n",
                  problems.length ? "\n" : " none\n", ds_cstr(&problems));
    ds_destroy(&problems);
}

static void
status_run(struct ctl_context *ctx)
{
    put_global(ctx);
    put_nodes(ctx);
    put_objects(ctx);
}

const struct ctl_command_syntax status_commands[] = {
    {"status", 0, INT_MAX, "", status_prerequisites, status_run, NULL, "",
     RO},
    {NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, RO},
};
