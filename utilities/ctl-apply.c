/* SPDX-License-Identifier: Apache-2.0 */

/* apply and delete: manifests into the table Object, and out of it.
 *
 * What the agent writes into a row (status, conditions, what is in force) is
 * left alone, so that a new version that the agent refuses changes nothing. */

#include <config.h>
#include "utilities/egressctl.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "ovsdb-idl.h"
#include "smap.h"
#include "sset.h"
#include "timeval.h"
#include "util.h"

#include "ovsdb/egress-idl.h"
#include "ovsdb/egress-objects.h"
#include "ovsdb/egress-source.h"
#include "utilities/ctl-command.h"
#include "utilities/ctl-object.h"
#include "utilities/ctl-session.h"

/* The key in Object's external_ids for --apply-set. */
#define APPLY_SET "apply-set"

/* Prints what happens to the object 'id'. */
static void
report(struct ctl_context *ctx, const char *id, const char *what)
{
    ds_put_format(&ctx->output, "%s %s%s\n", id, what,
                  session_is_dry_run() ? " (dry run)" : "");
}

static void
apply_prerequisites(struct ctl_context *ctx)
{
    const struct command *cmd
        = command_parse(ctx, (CMD_FILES | CMD_NAMESPACE | CMD_DRY_RUN
                              | CMD_PRUNE | CMD_WAIT | CMD_TIMEOUT));
    if (!cmd) {
        return;
    }
    if (cmd->n_words) {
        ctl_error(ctx, "apply: unexpected argument \"%s\" "
                  "(use -f for files)", cmd->words[0]);
    } else if (!cmd->files.n) {
        ctl_error(ctx, "apply: -f FILE is required");
    } else if (cmd->prune && !cmd->apply_set) {
        ctl_error(ctx, "apply: --prune needs --apply-set=NAME, so that it "
                  "deletes nothing that was applied otherwise");
    } else if (!cmd->objs.n) {
        session_fatal(EGRESSCTL_BAD_INPUT, "apply: the input has no objects");
    }
    object_monitor(ctx);
}

/* Returns true if 'row' is a user's.  If it is Kubernetes', sets an error of
 * the command 'name'. */
static bool
check_source(struct ctl_context *ctx, const char *name,
             const struct egressrec_object *row)
{
    if (egress_is_kubernetes(&row->external_ids)) {
        char *id = object_id(row);

        ctl_error(ctx, "%s: %s comes from Kubernetes: change it there, with "
                  "kubectl", name, id);
        free(id);
        return false;
    }
    return true;
}

/* Makes the row for 'obj', which has none. */
static void
create_object(struct ctl_context *ctx, const struct intent_object *obj,
              const char *apply_set)
{
    const struct egressrec_object *row = egressrec_object_insert(ctx->txn);

    egressrec_object_set_kind(row, intent_kind_name(obj->kind));
    egressrec_object_set_namespace_(row, obj->namespace);
    egressrec_object_set_name(row, obj->name);
    egressrec_object_set_manifest(row, obj->manifest);
    egressrec_object_set_generation(row, 1);

    char *now = xastrftime_msec("%Y-%m-%dT%H:%M:%S.###Z", time_wall_msec(),
                                true);
    struct smap made = SMAP_CONST1(&made, EGRESS_CREATED, now);
    egressrec_object_set_transitions(row, &made);
    free(now);
    if (apply_set) {
        struct smap ids = SMAP_CONST1(&ids, APPLY_SET, apply_set);

        egressrec_object_set_external_ids(row, &ids);
    }
    report(ctx, intent_object_id(obj), "created");
}

/* Returns the manifest of 'obj' with those members of "status" that the one of
 * 'row' has and it does not: as with an API server, who applies a manifest
 * says nothing of a status that is not in it.  So a Service keeps the ingress
 * that an earlier dump has given.  An empty member takes it away.  The caller
 * frees the result. */
static char *
keep_status(const struct egressrec_object *row,
            const struct intent_object *obj)
{
    struct json *old = json_from_string(row->manifest);
    struct json *new = json_from_string(obj->manifest);
    const struct json *old_status
        = (old->type == JSON_OBJECT
           ? shash_find_data(json_object(old), "status") : NULL);
    const struct json *new_status = shash_find_data(json_object(new),
                                                    "status");
    struct json *keep = json_object_create();
    struct shash_node *node;

    if (old_status && old_status->type == JSON_OBJECT
        && (obj->kind == INTENT_SERVICE || obj->kind == INTENT_NODE)) {
        SHASH_FOR_EACH (node, json_object(old_status)) {
            if (!new_status
                || !shash_find(json_object(new_status), node->name)) {
                json_object_put(keep, node->name, json_clone(node->data));
            }
        }
    }

    char *manifest = NULL;
    if (!shash_is_empty(json_object(keep))) {
        struct json *overlay = json_object_create();
        json_object_put(overlay, "status", json_clone(keep));
        char *text = json_to_string(overlay, 0);
        manifest = intent_json_merge(obj->manifest, text);
        free(text);
        json_destroy(overlay);
    }
    json_destroy(keep);
    json_destroy(new);
    json_destroy(old);
    return manifest ? manifest : xstrdup(obj->manifest);
}

/* Gives 'row' the manifest of 'obj'. */
static void
update_object(struct ctl_context *ctx, const struct egressrec_object *row,
              const struct intent_object *obj, const char *apply_set)
{
    const char *old_set = smap_get(&row->external_ids, APPLY_SET);
    bool change_set = apply_set && !old_set;

    if (!check_source(ctx, "apply", row)) {
        return;
    }
    if (apply_set && old_set && strcmp(apply_set, old_set)) {
        ctl_error(ctx, "%s: already belongs to the apply set \"%s\"; delete "
                  "it there first", intent_object_id(obj), old_set);
        return;
    }

    char *manifest = keep_status(row, obj);
    bool change = strcmp(row->manifest, manifest);
    if (change) {
        /* Someone else may be at it. */
        egressrec_object_verify_manifest(row);
        egressrec_object_verify_generation(row);
        egressrec_object_set_manifest(row, manifest);
        egressrec_object_set_generation(row, row->generation + 1);
    }
    free(manifest);
    if (change_set) {
        egressrec_object_update_external_ids_setkey(row, APPLY_SET,
                                                    apply_set);
    }
    report(ctx, intent_object_id(obj),
           change || change_set ? "configured" : "unchanged");
}

/* Deletes what is in the apply set of 'cmd' and not in its files. */
static void
prune(struct ctl_context *ctx, const struct command *cmd)
{
    const struct egressrec_object *row;
    struct sset wanted = SSET_INITIALIZER(&wanted);

    for (size_t i = 0; i < cmd->objs.n; i++) {
        sset_add(&wanted, intent_object_id(cmd->objs.objs[i]));
    }
    EGRESSREC_OBJECT_FOR_EACH_SAFE (row, ctx->idl) {
        const char *set = smap_get(&row->external_ids, APPLY_SET);
        char *id = object_id(row);

        if (set && !strcmp(set, cmd->apply_set)
            && !egress_is_kubernetes(&row->external_ids)
            && !sset_contains(&wanted, id)) {
            egressrec_object_delete(row);
            report(ctx, id, "pruned");
        }
        free(id);
    }
    sset_destroy(&wanted);
}

static void
apply_run(struct ctl_context *ctx)
{
    const struct command *cmd = command_get(ctx);

    for (size_t i = 0; i < cmd->objs.n && !ctx->error; i++) {
        const struct intent_object *obj = cmd->objs.objs[i];
        const struct egressrec_object *row
            = object_find(obj->kind, obj->namespace, obj->name);

        if (row) {
            update_object(ctx, row, obj, cmd->apply_set);
        } else {
            create_object(ctx, obj, cmd->apply_set);
        }
    }
    if (cmd->prune && !ctx->error) {
        prune(ctx, cmd);
    }
}

static void
delete_prerequisites(struct ctl_context *ctx)
{
    const struct command *cmd
        = command_parse(ctx, (CMD_FILES | CMD_NAMESPACE | CMD_DRY_RUN
                              | CMD_WAIT | CMD_TIMEOUT | CMD_IGNORE_MISSING));
    if (!cmd) {
        return;
    }
    if (!cmd->files.n == !cmd->n_words) {
        ctl_error(ctx, "delete: either -f FILE or KIND NAME is required");
    }
    object_monitor(ctx);
}

/* Returns the objects that 'cmd' names in either way.  Never guesses: a name
 * without a namespace is in the default one, and a kind alone is not enough
 * to delete all of it. */
static struct object_refs
refs_to_delete(struct ctl_context *ctx, const struct command *cmd)
{
    struct object_refs refs = { NULL, 0 };

    if (cmd->n_words) {
        refs = command_refs(ctx, cmd);
    }
    for (size_t i = 0; i < refs.n; i++) {
        struct object_ref *ref = &refs.items[i];

        if (!ref->name) {
            ctl_error(ctx, "delete: name of the %s is required",
                      intent_kind_name(ref->kind));
            object_refs_destroy(&refs);
            break;
        }
        if (!ref->namespace) {
            ref->namespace = xstrdup(DEFAULT_NAMESPACE);
        }
    }
    for (size_t i = 0; i < cmd->objs.n; i++) {
        const struct intent_object *obj = cmd->objs.objs[i];

        object_refs_add(&refs, obj->kind, obj->namespace, obj->name);
    }
    return refs;
}

static void
delete_run(struct ctl_context *ctx)
{
    const struct command *cmd = command_get(ctx);
    struct object_refs refs = refs_to_delete(ctx, cmd);
    struct object_rows rows = object_rows_select(ctx, &refs,
                                                 cmd->ignore_missing);

    for (size_t i = 0; i < rows.n; i++) {
        if (!check_source(ctx, "delete", rows.rows[i])) {
            break;
        }

        char *id = object_id(rows.rows[i]);
        egressrec_object_delete(rows.rows[i]);
        report(ctx, id, "deleted");
        free(id);
    }
    object_rows_destroy(&rows);
    object_refs_destroy(&refs);
}

const struct ctl_command_syntax apply_commands[] = {
    {"apply", 0, INT_MAX, "-f FILE...", apply_prerequisites, apply_run, NULL,
     "", RW},
    {"delete", 0, INT_MAX, "KIND NAME...", delete_prerequisites, delete_run,
     NULL, "", RW},
    {NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, RO},
};
