/* SPDX-License-Identifier: Apache-2.0 */

/* get: objects as a table, as documents, or as names. */

#include <config.h>
#include "utilities/egressctl.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/json.h"
#include "sset.h"
#include "util.h"

#include "intent/intent.h"
#include "ovsdb/egress-idl.h"
#include "utilities/ctl-columns.h"
#include "utilities/ctl-command.h"
#include "utilities/ctl-object.h"
#include "utilities/ctl-session.h"
#include "utilities/ctl-text.h"
#include "utilities/ctl-view.h"

/* Rows of one kind, beside each other in an "object_rows". */
struct section {
    enum intent_kind kind;
    const struct egressrec_object **rows;
    size_t n;
};

static void
get_prerequisites(struct ctl_context *ctx)
{
    const struct command *cmd
        = command_parse(ctx, (CMD_NAMESPACE | CMD_ALL_NAMESPACES | CMD_OUTPUT
                              | CMD_IGNORE_MISSING | CMD_WATCH));
    if (cmd && cmd->watch) {
        if (cmd->format == FORMAT_YAML || cmd->format == FORMAT_JSON) {
            ctl_error(ctx, "get: -w requires -o table, wide or name");
            return;
        }
        session_set_watch();
    }
    if (cmd) {
        struct object_refs refs = command_refs(ctx, cmd);

        object_monitor_refs(ctx, &refs);
        object_refs_destroy(&refs);
        columns_monitor(ctx);
    }
}

/* Returns "kind/KEY", as commands take it, to be freed by the caller. */
static char *
format_name(const struct egressrec_object *row, const char *key)
{
    char *kind = xstrdup(row->kind);
    for (char *p = kind; *p; p++) {
        *p = tolower((unsigned char) *p);
    }

    char *name = xasprintf("%s/%s", kind, key);
    free(kind);
    return name;
}

static void
add_cells(struct text_table *t, const struct column *columns, bool wide,
          const struct column_source *src)
{
    for (const struct column *c = columns; c->heading; c++) {
        if (!c->wide || wide) {
            struct ds s = DS_EMPTY_INITIALIZER;

            if (src->obj) {
                c->format(src, &s);
            }
            text_table_add_cell_nocopy(t, ds_steal_cstr(&s));
        }
    }
}

/* Appends the table of one kind, with the kind in the names if there are
 * 'several' kinds. */
static void
put_table(struct ctl_context *ctx, const struct command *cmd,
          const struct section *section, bool several)
{
    const struct column *columns = columns_of_kind(section->kind);
    bool namespaced = intent_kind_is_namespaced(section->kind);
    bool wide = cmd->format == FORMAT_WIDE;
    struct text_table t;

    text_table_init(&t);
    if (namespaced) {
        text_table_add_column(&t, "NAMESPACE");
    }
    text_table_add_column(&t, "NAME");
    for (const struct column *c = columns; c->heading; c++) {
        if (!c->wide || wide) {
            text_table_add_column(&t, c->heading);
        }
    }

    for (size_t i = 0; i < section->n; i++) {
        const struct egressrec_object *row = section->rows[i];
        struct intent_problems problems = INTENT_PROBLEMS_INITIALIZER;
        struct column_source src = {
            .row = row,
            .obj = intent_object_from_json(row->manifest,
                                           strlen(row->manifest),
                                           INTENT_LENIENT, &problems),
            .node = (section->kind == INTENT_NODE
                     ? columns_find_node(ctx, row->name) : NULL),
        };

        if (namespaced) {
            text_table_add_cell(&t, row->namespace_);
        }
        text_table_add_cell_nocopy(&t, (several ? format_name(row, row->name)
                                        : xstrdup(row->name)));
        add_cells(&t, columns, wide, &src);
        intent_object_destroy(CONST_CAST(struct intent_object *, src.obj));
        intent_problems_destroy(&problems);
    }
    text_table_format(&t, cmd->headings, 0, &ctx->output);
    text_table_destroy(&t);
}

/* Appends a table for each kind in 'rows', which are sorted by kind. */
static void
put_tables(struct ctl_context *ctx, const struct command *cmd,
           const struct object_rows *rows)
{
    bool several = false;

    for (size_t i = 0; i < rows->n; ) {
        struct section section = { .rows = &rows->rows[i] };

        object_kind(rows->rows[i], &section.kind);
        while (i < rows->n && !strcmp(rows->rows[i]->kind,
                                      section.rows[0]->kind)) {
            section.n++;
            i++;
        }
        if (several) {
            ds_put_char(&ctx->output, '\n');
        }
        several |= i < rows->n;
        put_table(ctx, cmd, &section, several);
    }
}

/* Returns one object, or several as a List, as JSON. */
static char *
make_document(const struct object_rows *rows, bool single)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    if (!single) {
        ds_put_cstr(&s, "{\"apiVersion\":\"v1\",\"items\":[");
    }
    for (size_t i = 0; i < rows->n; i++) {
        char *document = view_document(rows->rows[i]);

        ds_put_format(&s, "%s%s", i ? "," : "", document);
        free(document);
    }
    if (!single) {
        ds_put_cstr(&s, "],\"kind\":\"List\"}");
    }
    return ds_steal_cstr(&s);
}

/* Appends 'rows' as YAML or JSON, without a List if 'single'. */
static void
put_document(struct ctl_context *ctx, const struct command *cmd,
             const struct object_rows *rows, bool single)
{
    char *text = make_document(rows, single);

    if (cmd->format == FORMAT_YAML) {
        char *yaml = intent_json_to_yaml(text);

        ds_put_cstr(&ctx->output, yaml ? yaml : text);
        free(yaml);
    } else {
        struct json *json = json_from_string(text);

        json_to_ds(json, JSSF_PRETTY | JSSF_SORT, &ctx->output);
        ds_put_char(&ctx->output, '\n');
        json_destroy(json);
    }
    free(text);
}

/* With -w: leaves in 'output' the lines that the last one did not have, and
 * remembers all of them. */
static void
keep_news(struct ds *output)
{
    static struct sset *shown;
    struct sset *lines = xmalloc(sizeof *lines);
    struct ds news = DS_EMPTY_INITIALIZER;
    char *text = ds_steal_cstr(output);
    char *save_ptr = NULL;

    sset_init(lines);
    for (char *line = strtok_r(text, "\n", &save_ptr); line;
         line = strtok_r(NULL, "\n", &save_ptr)) {
        if (!shown || !sset_contains(shown, line)) {
            ds_put_format(&news, "%s\n", line);
        }
        sset_add(lines, line);
    }
    if (shown) {
        sset_destroy(shown);
        free(shown);
    }
    shown = lines;
    free(text);
    ds_swap(output, &news);
    ds_destroy(&news);
}

static void
get_run(struct ctl_context *ctx)
{
    const struct command *cmd = command_get(ctx);
    struct object_refs refs = command_refs(ctx, cmd);
    struct object_rows rows = object_rows_select(ctx, &refs,
                                                 cmd->ignore_missing);
    bool single = refs.n == 1 && refs.items[0].name && rows.n == 1;
    bool named = refs.n && refs.items[0].name;

    if (cmd->format == FORMAT_YAML || cmd->format == FORMAT_JSON) {
        if (single || !named || rows.n) {
            put_document(ctx, cmd, &rows, single);
        }
    } else if (cmd->format == FORMAT_NAME) {
        for (size_t i = 0; i < rows.n; i++) {
            char *key = object_key(rows.rows[i]);
            char *name = format_name(rows.rows[i], key);

            ds_put_format(&ctx->output, "%s\n", name);
            free(name);
            free(key);
        }
    } else if (rows.n) {
        put_tables(ctx, cmd, &rows);
    } else if (!named && !cmd->watch) {
        ovs_error(0, "no objects found");
    }
    if (cmd->watch) {
        keep_news(&ctx->output);
    }
    object_rows_destroy(&rows);
    object_refs_destroy(&refs);
}

const struct ctl_command_syntax get_commands[] = {
    {"get-objects", 0, INT_MAX, "KIND [NAME]...", get_prerequisites, get_run,
     NULL, "", RO},
    {NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, RO},
};
