/* SPDX-License-Identifier: Apache-2.0 */

/* Merge patches: see the header. */

#include <config.h>

#include "kube/kube-patch.h"

#include <stdlib.h>
#include <string.h>

#include "kube/kube-kind.h"
#include "openvswitch/json.h"
#include "smap.h"
#include "util.h"

/* What a condition has that has none of its own. */
#define NO_TIME "1970-01-01T00:00:00Z"
#define NO_REASON "Unknown"

/* Returns {KEY: 'value'}, which takes 'value' over. */
static struct json *
wrap(const char *key, struct json *value)
{
    struct json *object = json_object_create();

    json_object_put(object, key, value);
    return object;
}

/* Returns 'json', which it destroys, as text. */
static char *
to_text(struct json *json)
{
    char *text = json_to_string(json, JSSF_SORT);

    json_destroy(json);
    return text;
}

/* Returns a condition, "STATUS REASON MESSAGE" in a row. */
static struct json *
make_condition(const char *type, const char *text, const char *since)
{
    size_t n_status = strcspn(text, " ");
    const char *reason = text + n_status + strspn(text + n_status, " ");
    size_t n_reason = strcspn(reason, " ");
    const char *message = reason + n_reason + strspn(reason + n_reason, " ");
    struct json *c = json_object_create();

    json_object_put_string(c, "type", type);
    json_object_put(c, "status",
                           json_string_create_nocopy(xmemdup0(text,
                                                              n_status)));
    json_object_put(c, "reason", json_string_create_nocopy(
                               n_reason ? xmemdup0(reason, n_reason)
                               : xstrdup(NO_REASON)));
    json_object_put_string(c, "message", message);
    json_object_put_string(c, "lastTransitionTime", since);
    return c;
}

char *
kube_patch_conditions(const struct smap *conditions,
                      const struct smap *transitions)
{
    const struct smap_node **nodes = smap_sort(conditions);
    struct json *array = json_array_create_empty();

    for (size_t i = 0; i < smap_count(conditions); i++) {
        json_array_add(array, make_condition(
                           nodes[i]->key, nodes[i]->value,
                           smap_get_def(transitions, nodes[i]->key,
                                        NO_TIME)));
    }
    free(nodes);
    return to_text(array);
}

char *
kube_patch_egress_service(const struct kube_object *o, const char *host,
                          const char *conditions)
{
    const char *old_host = smap_get(&o->facts, "host");
    const char *old = smap_get_def(&o->facts, "conditions", "[]");
    bool same = old_host ? !strcmp(old_host, host) : !*host;

    if (same && (!conditions || !strcmp(old, conditions))) {
        return NULL;
    }

    struct json *status = json_object_create();
    json_object_put_string(status, "host", host);
    if (conditions) {
        json_object_put(status, "conditions", json_from_string(conditions));
    }
    return to_text(wrap("status", status));
}

char *
kube_patch_node(const struct kube_object *o, const struct smap *status)
{
    const char wanted[] = "label:", present[] = "label ";
    struct json *labels = json_object_create();
    bool change = false;
    struct smap_node *node;

    SMAP_FOR_EACH (node, status) {
        const char *key = node->key + sizeof wanted - 1;

        if (!strncmp(node->key, wanted, sizeof wanted - 1)) {
            char *fact = xasprintf("%s%s", present, key);
            const char *value = smap_get(&o->facts, fact);

            if (!value || strcmp(value, node->value)) {
                json_object_put_string(labels, key, node->value);
                change = true;
            }
            free(fact);
        }
    }
    SMAP_FOR_EACH (node, &o->facts) {
        const char *key = node->key + sizeof present - 1;

        if (!strncmp(node->key, present, sizeof present - 1)) {
            char *name = xasprintf("%s%s", wanted, key);

            if (!smap_get(status, name)) {
                json_object_put(labels, key, json_null_create());
                change = true;
            }
            free(name);
        }
    }
    if (!change) {
        json_destroy(labels);
        return NULL;
    }
    return to_text(wrap("metadata", wrap("labels", labels)));
}

char *
kube_patch_service(const struct kube_object *o, const char *ingress)
{
    char *copy = xstrdup(ingress);
    char *save_ptr = NULL;
    struct json *array = json_array_create_empty();
    bool some = false;

    if (!*smap_get_def(&o->facts, "ingress", "")) {
        for (char *ip = strtok_r(copy, ", ", &save_ptr); ip;
             ip = strtok_r(NULL, ", ", &save_ptr)) {
            json_array_add(array, wrap("ip", json_string_create(ip)));
            some = true;
        }
    }
    free(copy);
    if (!some) {
        json_destroy(array);
        return NULL;
    }
    return to_text(wrap("status",
                        wrap("loadBalancer", wrap("ingress", array))));
}
