/* SPDX-License-Identifier: Apache-2.0 */

/* Rows of the table Object: see the header. */

#include <config.h>
#include "utilities/ctl-object.h"

#include <stdlib.h>
#include <string.h>

#include "ovsdb-idl.h"
#include "smap.h"
#include "util.h"

#include "ovsdb/egress-idl.h"
#include "utilities/ctl-session.h"
#include "utilities/egressctl.h"

/* The rows by kind, namespace and name; one for the one IDL. */
static struct ovsdb_idl_index *object_index;

void
object_monitor(struct ctl_context *ctx)
{
    if (object_index) {
        return;
    }

    for (size_t i = 0; i < EGRESSREC_OBJECT_N_COLUMNS; i++) {
        ovsdb_idl_add_column(ctx->idl, &egressrec_object_columns[i]);
    }

    struct ovsdb_idl_index_column key[] = {
        { .column = &egressrec_object_col_kind },
        { .column = &egressrec_object_col_namespace_ },
        { .column = &egressrec_object_col_name },
    };
    object_index = ovsdb_idl_index_create(ctx->idl, key, ARRAY_SIZE(key));
}

void
object_monitor_refs(struct ctl_context *ctx, const struct object_refs *refs)
{
    object_monitor(ctx);
    if (!session_is_single_command()) {
        return;
    }

    struct ovsdb_idl_condition condition;
    ovsdb_idl_condition_init(&condition);
    for (size_t i = 0; i < refs->n; i++) {
        const struct object_ref *ref = &refs->items[i];

        if (ref->name) {
            egressrec_object_add_clause_name(&condition, OVSDB_F_EQ,
                                             ref->name);
        } else {
            egressrec_object_add_clause_kind(&condition, OVSDB_F_EQ,
                                             intent_kind_name(ref->kind));
        }
    }
    egressrec_object_set_condition(ctx->idl, &condition);
    ovsdb_idl_condition_destroy(&condition);
}

static char *
format_id(const char *kind, const char *namespace, const char *name)
{
    return (!name ? xstrdup(kind)
            : namespace && namespace[0]
            ? xasprintf("%s %s/%s", kind, namespace, name)
            : xasprintf("%s %s", kind, name));
}

char *
object_id(const struct egressrec_object *row)
{
    return format_id(row->kind, row->namespace_, row->name);
}

char *
object_ref_id(const struct object_ref *ref)
{
    return format_id(intent_kind_name(ref->kind), ref->namespace, ref->name);
}

char *
object_key(const struct egressrec_object *row)
{
    return (row->namespace_[0]
            ? xasprintf("%s/%s", row->namespace_, row->name)
            : xstrdup(row->name));
}

bool
object_kind(const struct egressrec_object *row, enum intent_kind *kind)
{
    return (intent_kind_from_string(row->kind, kind)
            && !strcmp(intent_kind_name(*kind), row->kind));
}

/* Conditions: "STATUS REASON MESSAGE". */

bool
object_condition_get(const struct egressrec_object *row, const char *type,
                     struct object_condition *c)
{
    const char *text = smap_get(&row->conditions, type);
    char *save_ptr = NULL;

    c->text = xstrdup(text ? text : "Unknown");
    c->status = strtok_r(c->text, " ", &save_ptr);
    c->reason = strtok_r(NULL, " ", &save_ptr);
    c->message = strtok_r(NULL, "", &save_ptr);
    c->since = smap_get_def(&row->transitions, type, "");
    if (!c->status) {
        c->status = "Unknown";
    }
    if (!c->reason) {
        c->reason = "";
    }
    if (!c->message) {
        c->message = "";
    }
    return text != NULL;
}

void
object_condition_destroy(struct object_condition *c)
{
    free(c->text);
}

/* Finding. */

const struct egressrec_object *
object_find(enum intent_kind kind, const char *namespace, const char *name)
{
    struct egressrec_object *key
        = egressrec_object_index_init_row(object_index);

    egressrec_object_index_set_kind(key, intent_kind_name(kind));
    egressrec_object_index_set_namespace_(key, namespace);
    egressrec_object_index_set_name(key, name);

    const struct egressrec_object *row
        = egressrec_object_index_find(object_index, key);
    egressrec_object_index_destroy_row(key);
    return row;
}

static void
add_row(struct object_rows *rows, const struct egressrec_object *row)
{
    if (rows->n >= rows->allocated) {
        rows->rows = x2nrealloc(rows->rows, &rows->allocated,
                                sizeof *rows->rows);
    }
    rows->rows[rows->n++] = row;
}

/* Adds all rows that 'ref' means.  Returns how many. */
static size_t
add_matches(struct object_rows *rows, const struct object_ref *ref)
{
    const struct egressrec_object *row;
    size_t n = rows->n;

    if (ref->namespace && ref->name) {
        row = object_find(ref->kind, ref->namespace, ref->name);
        if (row) {
            add_row(rows, row);
        }
        return rows->n - n;
    }

    /* All of the kind, which are beside each other in the index. */
    const char *kind = intent_kind_name(ref->kind);
    struct egressrec_object *first
        = egressrec_object_index_init_row(object_index);
    egressrec_object_index_set_kind(first, kind);
    EGRESSREC_OBJECT_FOR_EACH_RANGE (row, first, NULL, object_index) {
        if (strcmp(row->kind, kind)) {
            break;
        }
        if ((!ref->namespace || !strcmp(row->namespace_, ref->namespace))
            && (!ref->name || !strcmp(row->name, ref->name))) {
            add_row(rows, row);
        }
    }
    egressrec_object_index_destroy_row(first);
    return rows->n - n;
}

static int
compare_rows(const void *a_, const void *b_)
{
    const struct egressrec_object *const *ap = a_;
    const struct egressrec_object *const *bp = b_;
    const struct egressrec_object *a = *ap;
    const struct egressrec_object *b = *bp;
    enum intent_kind a_kind = INTENT_N_KINDS, b_kind = INTENT_N_KINDS;

    object_kind(a, &a_kind);
    object_kind(b, &b_kind);
    if (a_kind != b_kind) {
        return a_kind < b_kind ? -1 : 1;
    }
    int cmp = strcmp(a->namespace_, b->namespace_);
    return cmp ? cmp : strcmp(a->name, b->name);
}

/* Puts 'rows' in order, each once. */
static void
sort_rows(struct object_rows *rows)
{
    size_t n = 0;

    if (rows->n) {
        qsort(rows->rows, rows->n, sizeof *rows->rows, compare_rows);
    }
    for (size_t i = 0; i < rows->n; i++) {
        if (!n || rows->rows[n - 1] != rows->rows[i]) {
            rows->rows[n++] = rows->rows[i];
        }
    }
    rows->n = n;
}

struct object_rows
object_rows_select(struct ctl_context *ctx, const struct object_refs *refs,
                   bool ignore_missing)
{
    struct object_rows rows = { NULL, 0, 0 };

    for (size_t i = 0; i < refs->n; i++) {
        const struct object_ref *ref = &refs->items[i];
        size_t n = add_matches(&rows, ref);

        if (!n && ref->name && !ignore_missing) {
            char *id = object_ref_id(ref);

            session_report_missing(xasprintf("%s: not found", id));
            free(id);
        } else if (n > 1 && ref->name) {
            char *a = object_id(rows.rows[rows.n - n]);
            char *b = object_id(rows.rows[rows.n - n + 1]);

            ctl_error(ctx, "%s: \"%s\" is ambiguous: it can be %s or %s; "
                      "use -n",
                      ctx->argv[0], ref->name, a, b);
            free(a);
            free(b);
            break;
        }
    }
    sort_rows(&rows);
    return rows;
}

void
object_rows_destroy(struct object_rows *rows)
{
    free(rows->rows);
    *rows = (struct object_rows) { NULL, 0, 0 };
}
