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
