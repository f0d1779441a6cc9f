/* SPDX-License-Identifier: Apache-2.0 */

/* An object as users see it: see the header. */

#include <config.h>
#include "utilities/ctl-view.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "smap.h"
#include "util.h"

#include "intent/intent.h"
#include "lib/json-array.h"
#include "ovsdb/egress-idl.h"
#include "plan/world/view.h"
#include "utilities/ctl-object.h"

/* Returns member 'name' of 'json', if that is an object, or NULL. */
static const struct json *
member(const struct json *json, const char *name)
{
    return (json && json->type == JSON_OBJECT
            ? shash_find_data(json->object, name) : NULL);
}

/* Returns the manifest of 'row', or NULL. */
static struct json *
parse_manifest(const struct egressrec_object *row)
{
    struct json *json = json_from_string(row->manifest);

    if (json->type != JSON_OBJECT) {
        json_destroy(json);
        return NULL;
    }
    return json;
}

/* Returns one condition as Kubernetes writes it. */
static struct json *
condition_to_json(const struct egressrec_object *row, const char *type)
{
    struct object_condition c;
    struct json *json = json_object_create();

    object_condition_get(row, type, &c);
    json_object_put_string(json, "type", type);
    json_object_put_string(json, "status", c.status);
    if (c.reason[0]) {
        json_object_put_string(json, "reason", c.reason);
    }
    if (c.message[0]) {
        json_object_put_string(json, "message", c.message);
    }
    if (c.since[0]) {
        json_object_put_string(json, "lastTransitionTime", c.since);
    }
    object_condition_destroy(&c);
    return json;
}

/* Returns the conditions of the manifest, which may have some of its own (a
 * Node's "Ready" is the kubelet's), with those of the row. */
static struct json *
merge_conditions(const struct egressrec_object *row,
                 const struct json *manifest)
{
    const struct json *old = member(member(manifest, "status"), "conditions");
    struct json *conditions = json_array_create_empty();

    if (old && old->type == JSON_ARRAY) {
        for (size_t i = 0; i < egress_json_array_size(old); i++) {
            const struct json *c = egress_json_array_at(old, i);
            const struct json *type = member(c, "type");

            if (!type || type->type != JSON_STRING
                || !smap_get(&row->conditions, json_string(type))) {
                json_array_add(conditions, json_clone(c));
            }
        }
    }

    const struct smap_node **sorted = smap_sort(&row->conditions);
    for (size_t i = 0; i < smap_count(&row->conditions); i++) {
        json_array_add(conditions, condition_to_json(row, sorted[i]->key));
    }
    free(sorted);
    return conditions;
}

/* Returns the comma-separated addresses 'ips' as a Service has them. */
static struct json *
ingress_to_json(const char *ips)
{
    struct json *ingress = json_array_create_empty();
    char *copy = xstrdup(ips);
    char *save_ptr = NULL;

    for (char *ip = strtok_r(copy, ",", &save_ptr); ip;
         ip = strtok_r(NULL, ",", &save_ptr)) {
        struct json *entry = json_object_create();

        json_object_put_string(entry, "ip", ip);
        json_array_add(ingress, entry);
    }
    free(copy);

    struct json *lb = json_object_create();
    json_object_put(lb, "ingress", ingress);
    return lb;
}

/* Returns "status": the agent's facts, in their Kubernetes form where there is
 * one, and the conditions. */
static struct json *
status_overlay(const struct egressrec_object *row, const struct json *manifest)
{
    struct json *status = json_object_create();
    const struct smap_node *node;

    SMAP_FOR_EACH (node, &row->status) {
        if (!strncmp(node->key, VIEW_LABEL, strlen(VIEW_LABEL))) {
            continue;
        } else if (!strcmp(row->kind, "Service")
                   && !strcmp(node->key, "ingress")) {
            json_object_put(status, "loadBalancer",
                            ingress_to_json(node->value));
        } else {
            json_object_put_string(status, node->key, node->value);
        }
    }
    if (!smap_is_empty(&row->conditions)) {
        json_object_put(status, "conditions",
                        merge_conditions(row, manifest));
    }
    return status;
}

/* Returns "metadata": the generation, and the labels that a node has from
 * us. */
static struct json *
metadata_overlay(const struct egressrec_object *row)
{
    struct json *metadata = json_object_create();
    struct json *labels = json_object_create();
    const struct smap_node *node;

    SMAP_FOR_EACH (node, &row->status) {
        if (!strncmp(node->key, VIEW_LABEL, strlen(VIEW_LABEL))) {
            json_object_put_string(labels, node->key + strlen(VIEW_LABEL),
                                   node->value);
        }
    }
    if (shash_is_empty(json_object(labels))) {
        json_destroy(labels);
    } else {
        json_object_put(metadata, "labels", labels);
    }
    json_object_put(metadata, "generation",
                    json_integer_create(row->generation));
    return metadata;
}

char *
view_document(const struct egressrec_object *row)
{
    struct json *manifest = parse_manifest(row);
    if (!manifest) {
        return NULL;
    }

    struct json *overlay = json_object_create();
    json_object_put(overlay, "metadata", metadata_overlay(row));
    if (!smap_is_empty(&row->status) || !smap_is_empty(&row->conditions)) {
        json_object_put(overlay, "status", status_overlay(row, manifest));
    }
    json_destroy(manifest);
    char *text = json_to_string(overlay, 0);
    json_destroy(overlay);

    char *document = intent_json_merge(row->manifest, text);
    free(text);
    return document;
}

/* Undoing. */

/* Sets 'name' of 'overlay' to null if 'json' has it. */
static void
drop_member(struct json *overlay, const struct json *json, const char *name)
{
    if (member(json, name)) {
        json_object_put(overlay, name, json_null_create());
    }
}

/* True if the condition 'c' of a Service or Node is the agent's. */
static bool
is_our_condition(const struct json *c)
{
    static const char *const types[] = {
        "Accepted", "Conflicted", "Degraded", "Eligible", "IngressAllocated",
        "Warning",
    };
    const struct json *type = member(c, "type");

    for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
        if (type && type->type == JSON_STRING
            && !strcmp(json_string(type), types[i])) {
            return true;
        }
    }
    return false;
}

/* Adds the conditions that are left of those of 'status' to 'overlay'. */
static void
undo_conditions(struct json *overlay, const struct json *status)
{
    const struct json *old = member(status, "conditions");
    size_t n = old && old->type == JSON_ARRAY ? egress_json_array_size(old)
               : 0;
    struct json *left = json_array_create_empty();
    size_t n_left = 0;

    for (size_t i = 0; i < n; i++) {
        const struct json *c = egress_json_array_at(old, i);

        if (!is_our_condition(c)) {
            json_array_add(left, json_clone(c));
            n_left++;
        }
    }
    if (n_left == n) {
        json_destroy(left);
    } else if (n_left) {
        json_object_put(overlay, "conditions", left);
    } else {
        json_destroy(left);
        json_object_put(overlay, "conditions", json_null_create());
    }
}

/* Returns what makes 'status' the user's: null if nothing is left of it, or
 * NULL if it is that. */
static struct json *
undo_status(const struct json *status, bool is_service)
{
    struct json *overlay = json_object_create();
    size_t n_dropped = 0;
    struct shash_node *node;

    undo_conditions(overlay, status);
    if (is_service && member(status, "pool")) {
        drop_member(overlay, status, "loadBalancer");
    }
    if (is_service) {
        drop_member(overlay, status, "pool");
        drop_member(overlay, status, "ingress");
    }
    SHASH_FOR_EACH (node, json_object(overlay)) {
        const struct json *value = node->data;
        n_dropped += value->type == JSON_NULL;
    }
    if (shash_is_empty(json_object(overlay))) {
        json_destroy(overlay);
        return NULL;
    } else if (n_dropped == shash_count(json_object(status))) {
        json_destroy(overlay);
        return json_null_create();
    }
    return overlay;
}

/* Adds to 'overlay', of "metadata", what takes our labels away. */
static void
undo_labels(struct json *overlay, const struct json *metadata)
{
    const struct json *labels = member(metadata, "labels");
    struct json *drop = json_object_create();
    struct shash_node *node;

    if (labels && labels->type == JSON_OBJECT) {
        SHASH_FOR_EACH (node, json_object(labels)) {
            if (view_is_our_label(node->name)) {
                drop_member(drop, labels, node->name);
            }
        }
    }
    if (shash_is_empty(json_object(drop))) {
        json_destroy(drop);
    } else if (shash_count(json_object(drop))
               == shash_count(json_object(labels))) {
        json_destroy(drop);
        json_object_put(overlay, "labels", json_null_create());
    } else {
        json_object_put(overlay, "labels", drop);
    }
}

/* Returns what makes 'manifest', of 'obj', the user's. */
static struct json *
undo_overlay(const struct intent_object *obj, const struct json *manifest)
{
    const struct json *metadata = member(manifest, "metadata");
    const struct json *status = member(manifest, "status");
    struct json *overlay = json_object_create();
    struct json *of_metadata = json_object_create();

    drop_member(of_metadata, metadata, "generation");
    if (obj->kind == INTENT_NODE) {
        undo_labels(of_metadata, metadata);
    }
    if (shash_is_empty(json_object(of_metadata))) {
        json_destroy(of_metadata);
    } else {
        json_object_put(overlay, "metadata", of_metadata);
    }

    if (obj->kind != INTENT_SERVICE && obj->kind != INTENT_NODE) {
        drop_member(overlay, manifest, "status");
    } else if (status && status->type == JSON_OBJECT) {
        struct json *of_status = undo_status(status,
                                             obj->kind == INTENT_SERVICE);
        if (of_status) {
            json_object_put(overlay, "status", of_status);
        }
    }
    return overlay;
}

char *
view_undo(const struct intent_object *obj)
{
    struct json *manifest = json_from_string(obj->manifest);
    char *undone = NULL;

    if (manifest->type == JSON_OBJECT) {
        struct json *overlay = undo_overlay(obj, manifest);

        if (!shash_is_empty(json_object(overlay))) {
            char *text = json_to_string(overlay, 0);

            undone = intent_json_merge(obj->manifest, text);
            free(text);
        }
        json_destroy(overlay);
    }
    json_destroy(manifest);
    return undone;
}

/* Describing. */

/* Replaces what is in 'data', of a Secret, by how much it is. */
static void
hide_data(struct json *data)
{
    struct shash_node *node;

    if (data->type != JSON_OBJECT) {
        return;
    }
    SHASH_FOR_EACH (node, json_object(data)) {
        const struct json *value = node->data;
        size_t n = (value->type == JSON_STRING
                    ? strlen(json_string(value)) : 0);

        json_destroy(node->data);
        node->data = json_string_create_nocopy(
            xasprintf("%"PRIuSIZE" characters", n));
    }
}

char *
view_spec(const struct egressrec_object *row)
{
    static const char *const others[] = {
        "apiVersion", "kind", "metadata", "status",
    };
    struct json *manifest = parse_manifest(row);
    if (!manifest) {
        return NULL;
    }

    for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
        json_destroy(shash_find_and_delete(json_object(manifest), others[i]));
    }
    if (!strcmp(row->kind, "Secret")) {
        static const char *const secrets[] = { "data", "stringData" };

        for (size_t i = 0; i < ARRAY_SIZE(secrets); i++) {
            struct json *data = shash_find_data(json_object(manifest),
                                                secrets[i]);
            if (data) {
                hide_data(data);
            }
        }
    }

    char *text = json_to_string(manifest, 0);
    char *yaml = intent_json_to_yaml(text);
    free(text);
    json_destroy(manifest);
    return yaml;
}
