/* SPDX-License-Identifier: Apache-2.0 */

/* describe: all that is known of an object, for a person to read: what is
 * wanted, what was decided and why, and what each node says of its part. */

#include <config.h>
#include "utilities/egressctl.h"

#include <stdlib.h>
#include <string.h>

#include "ovsdb-idl.h"
#include "smap.h"
#include "sset.h"
#include "util.h"

#include "ovsdb/egress-idl.h"
#include "utilities/ctl-command.h"
#include "utilities/ctl-heartbeat.h"
#include "utilities/ctl-object.h"
#include "utilities/ctl-text.h"
#include "utilities/ctl-view.h"

/* So many addresses of a node are shown. */
#define MAX_ADDRESSES 32

static void
describe_prerequisites(struct ctl_context *ctx)
{
    const struct command *cmd
        = command_parse(ctx, CMD_NAMESPACE | CMD_ALL_NAMESPACES);

    if (cmd) {
        struct object_refs refs = command_refs(ctx, cmd);

        object_monitor_refs(ctx, &refs);
        object_refs_destroy(&refs);
        for (size_t i = 0; i < EGRESSREC_NODE_N_COLUMNS; i++) {
            ovsdb_idl_add_column(ctx->idl, &egressrec_node_columns[i]);
        }
        for (size_t i = 0; i < EGRESSREC_NODE_SERVICE_N_COLUMNS; i++) {
            ovsdb_idl_add_column(ctx->idl, &egressrec_node_service_columns[i]);
        }
        for (size_t i = 0; i < EGRESSREC_NODE_POLICY_N_COLUMNS; i++) {
            ovsdb_idl_add_column(ctx->idl, &egressrec_node_policy_columns[i]);
        }
        for (size_t i = 0; i < EGRESSREC_NODE_PEER_N_COLUMNS; i++) {
            ovsdb_idl_add_column(ctx->idl, &egressrec_node_peer_columns[i]);
        }
    }
}

/* Appends "LABEL:   value" with the values below each other. */
static void
put_field(struct ds *s, const char *label, const char *value)
{
    ds_put_format(s, "%s:%*s", label, MAX(1, 14 - (int) strlen(label)), "");
    text_put(s, value);
    ds_put_char(s, '\n');
}

/* Appends "  KEY: VALUE". */
static void
put_member(struct ds *s, const char *key, const char *value)
{
    ds_put_cstr(s, "  ");
    text_put(s, key);
    ds_put_cstr(s, ": ");
    text_put(s, value);
    ds_put_char(s, '\n');
}

/* Appends the members of 'map' below 'title', if there are any. */
static void
put_map(struct ds *s, const char *title, const struct smap *map)
{
    if (smap_is_empty(map)) {
        return;
    }

    const struct smap_node **sorted = smap_sort(map);
    ds_put_format(s, "%s:\n", title);
    for (size_t i = 0; i < smap_count(map); i++) {
        put_member(s, sorted[i]->key, sorted[i]->value);
    }
    free(sorted);
}

/* Appends 't', sorted, below 'title', if it has rows, and destroys it. */
static void
put_table(struct ds *s, const char *title, struct text_table *t)
{
    if (!text_table_is_empty(t)) {
        text_table_sort(t);
        ds_put_format(s, "%s:\n", title);
        text_table_format(t, true, 2, s);
    }
    text_table_destroy(t);
}

static void
put_conditions(struct ds *s, const struct egressrec_object *row)
{
    static const char *const headings[] = {
        "TYPE", "STATUS", "SINCE", "REASON", "MESSAGE", NULL
    };
    const struct smap_node *node;
    struct text_table t;

    text_table_init_columns(&t, headings);
    SMAP_FOR_EACH (node, &row->conditions) {
        struct object_condition c;

        object_condition_get(row, node->key, &c);
        text_table_add_cell(&t, node->key);
        text_table_add_cell(&t, c.status);
        text_table_add_cell(&t, c.since);
        text_table_add_cell(&t, c.reason);
        text_table_add_cell(&t, c.message);
        object_condition_destroy(&c);
    }
    put_table(s, "Conditions", &t);
}

/* Says how far the node is with a work row. */
static const char *
progress(const char *revision, const char *acked, const char *error)
{
    return (error[0] ? "Failed"
            : strcmp(revision, acked) ? "Pending"
            : "Done");
}

static void
add_progress(struct text_table *t, const char *revision, const char *acked,
             const char *error)
{
    text_table_add_cell(t, progress(revision, acked, error));
    text_table_add_cell(t, revision);
    text_table_add_cell(t, acked);
    text_table_add_cell(t, error);
}

/* Appends the rows of Node_Service of one 'node' or of one 'service', the
 * other being NULL. */
static void
put_node_services(struct ctl_context *ctx, const char *node,
                  const char *service)
{
    static const char *const headings[] = {
        "NODE", "SERVICE", "ROLE", "STATE", "NETWORK", "ENDPOINTS", "STATUS",
        "REVISION", "ACKED", "ERROR", NULL
    };
    const struct egressrec_node_service *row;
    struct text_table t;

    text_table_init_columns(&t, headings);
    EGRESSREC_NODE_SERVICE_FOR_EACH (row, ctx->idl) {
        if (node ? strcmp(row->node, node) : strcmp(row->service, service)) {
            continue;
        }
        text_table_add_cell(&t, row->node);
        text_table_add_cell(&t, row->service);
        text_table_add_cell(&t, row->role);
        text_table_add_cell(&t, row->state);
        text_table_add_cell(&t, row->network);
        text_table_add_cell_nocopy(
            &t, xasprintf("%"PRIuSIZE, row->n_endpoints));
        add_progress(&t, row->revision, row->acked, row->error);
    }
    put_table(&ctx->output, "Services on nodes", &t);
}

/* Likewise for Node_Policy. */
static void
put_node_policies(struct ctl_context *ctx, const char *node,
                  const char *policy)
{
    static const char *const headings[] = {
        "NODE", "POLICY", "STATUS", "REVISION", "ACKED", "ERROR", NULL
    };
    const struct egressrec_node_policy *row;
    struct text_table t;

    text_table_init_columns(&t, headings);
    EGRESSREC_NODE_POLICY_FOR_EACH (row, ctx->idl) {
        if (node ? strcmp(row->node, node) : strcmp(row->policy, policy)) {
            continue;
        }
        text_table_add_cell(&t, row->node);
        text_table_add_cell(&t, row->policy);
        add_progress(&t, row->revision, row->acked, row->error);
    }
    put_table(&ctx->output, "Policies on nodes", &t);
}

/* Likewise for Node_Peer. */
static void
put_node_peers(struct ctl_context *ctx, const char *node, const char *peer)
{
    static const char *const headings[] = {
        "NODE", "PEER", "SESSION", "PREFIXES", "ADVERTISED", "STATUS",
        "REVISION", "ACKED", "ERROR", NULL
    };
    const struct egressrec_node_peer *row;
    struct text_table t;

    text_table_init_columns(&t, headings);
    EGRESSREC_NODE_PEER_FOR_EACH (row, ctx->idl) {
        if (node ? strcmp(row->node, node) : strcmp(row->peer, peer)) {
            continue;
        }
        text_table_add_cell(&t, row->node);
        text_table_add_cell(&t, row->peer);
        text_table_add_cell(&t, row->session);
        text_table_add_cell_nocopy(
            &t, xasprintf("%"PRIuSIZE, smap_count(&row->announcements)));
        text_table_add_cell_nocopy(
            &t, xasprintf("%"PRIuSIZE, row->n_advertised));
        add_progress(&t, row->revision, row->acked, row->error);
    }
    put_table(&ctx->output, "BGP sessions of nodes", &t);
}

/* Appends the addresses that 'node' says it has, of which there may be any
 * number. */
static void
put_addresses(struct ds *s, const struct egressrec_node *node)
{
    ds_put_cstr(s, "  addresses:");
    for (size_t i = 0; i < node->n_addresses && i < MAX_ADDRESSES; i++) {
        ds_put_char(s, ' ');
        text_put(s, node->addresses[i]);
    }
    if (node->n_addresses > MAX_ADDRESSES) {
        ds_put_format(s, " and %"PRIuSIZE" more",
                      node->n_addresses - MAX_ADDRESSES);
    }
    ds_put_char(s, '\n');
}

/* Appends what the helper of the node 'name' says of itself. */
static void
put_helper(struct ctl_context *ctx, const char *name)
{
    const struct egressrec_node *node;

    EGRESSREC_NODE_FOR_EACH (node, ctx->idl) {
        if (strcmp(node->name, name) || !node->heartbeat) {
            continue;
        }

        long long int age;

        ds_put_cstr(&ctx->output, "Helper:\n");
        if (heartbeat_get_age(node->heartbeat, &age)) {
            ds_put_format(&ctx->output, "  heard: %lld s ago (by this "
                          "machine's clock)\n", age / 1000);
        }
        put_member(&ctx->output, "version", node->version);
        put_member(&ctx->output, "hostname", node->hostname);
        put_addresses(&ctx->output, node);
        put_map(&ctx->output, "Helper conditions", &node->conditions);
        return;
    }
    ds_put_cstr(&ctx->output, "Helper:\n  never heard of on this node\n");
}

static void
put_object(struct ctl_context *ctx, const struct egressrec_object *row)
{
    struct ds *s = &ctx->output;

    put_field(s, "Kind", row->kind);
    if (row->namespace_[0]) {
        put_field(s, "Namespace", row->namespace_);
    }
    put_field(s, "Name", row->name);

    char *generation = (row->accepted_generation == row->generation
                        ? xasprintf("%"PRId64, row->generation)
                        : row->accepted_generation
                        ? xasprintf("%"PRId64" (in force: %"PRId64")",
                                    row->generation, row->accepted_generation)
                        : xasprintf("%"PRId64" (not in force)",
                                    row->generation));
    put_field(s, "Generation", generation);
    free(generation);
    put_map(s, "External IDs", &row->external_ids);

    char *spec = view_spec(row);
    ds_put_cstr(s, "Manifest:\n");
    text_indent(spec ? spec : row->manifest, 2, s);
    free(spec);

    put_map(s, "Status", &row->status);
    put_conditions(s, row);

    enum intent_kind kind;
    if (!object_kind(row, &kind)) {
        return;
    } else if (kind == INTENT_EGRESS_SERVICE) {
        char *key = object_key(row);

        put_node_services(ctx, NULL, key);
        free(key);
    } else if (kind == INTENT_NNCP) {
        put_node_policies(ctx, NULL, row->name);
    } else if (kind == INTENT_BGP_PEER) {
        char *key = object_key(row);

        put_node_peers(ctx, NULL, key);
        free(key);
    } else if (kind == INTENT_NODE) {
        put_helper(ctx, row->name);
        put_node_services(ctx, row->name, NULL);
        put_node_policies(ctx, row->name, NULL);
        put_node_peers(ctx, row->name, NULL);
    }
}

static void
describe_run(struct ctl_context *ctx)
{
    struct object_refs refs = command_refs(ctx, command_get(ctx));
    struct object_rows rows = object_rows_select(ctx, &refs, false);

    for (size_t i = 0; i < rows.n; i++) {
        if (i) {
            ds_put_char(&ctx->output, '\n');
        }
        put_object(ctx, rows.rows[i]);
    }
    object_rows_destroy(&rows);
    object_refs_destroy(&refs);
}

const struct ctl_command_syntax describe_commands[] = {
    {"describe", 0, INT_MAX, "KIND [NAME]...", describe_prerequisites,
     describe_run, NULL, "", RO},
    {NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, RO},
};
