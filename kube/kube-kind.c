/* SPDX-License-Identifier: Apache-2.0 */

/* The kinds that are mirrored: see the header.  What is kept of an object is
 * in kube-prune.c. */

#include <config.h>

#include "kube/kube-kind.h"

#include <stdlib.h>
#include <string.h>

#include "kube/kube-json.h"
#include "kube/kube-prune.h"
#include "util.h"

bool
kube_kind_is_required(enum intent_kind kind)
{
    return (kind == INTENT_SERVICE || kind == INTENT_ENDPOINT_SLICE
            || kind == INTENT_NODE || kind == INTENT_NAMESPACE);
}

bool
kube_kind_is_by_name(enum intent_kind kind)
{
    return kind == INTENT_SECRET;
}

char *
kube_kind_path(enum intent_kind kind, const char *version,
               const char *namespace, const char *name)
{
    bool in_namespace = namespace && intent_kind_is_namespaced(kind);

    return xasprintf("/%s/%s%s%s/%s%s%s",
                     strchr(version, '/') ? "apis" : "api", version,
                     in_namespace ? "/namespaces/" : "",
                     in_namespace ? namespace : "", intent_kind_plural(kind),
                     name ? "/" : "", name ? name : "");
}

char *
kube_object_id(enum intent_kind kind, const char *namespace,
               const char *name)
{
    return xasprintf("%s %s%s%s", intent_kind_name(kind), namespace,
                     *namespace ? "/" : "", name);
}

/* True if 's' can be a name of Kubernetes, so that it may stand in a path and
 * in a message. */
static bool
is_name(const char *s)
{
    size_t n = strlen(s);

    return (n && n <= 253 && s[0] != '.'
            && !s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-.")]);
}

struct kube_object *
kube_object_from_json(enum intent_kind kind, const char *version,
                      const struct json *json, char **error)
{
    const struct json *metadata = kube_json_get(json, "metadata");
    const char *name = kube_json_string(metadata, "name");
    const char *namespace = (intent_kind_is_namespaced(kind)
                             ? kube_json_string(metadata, "namespace") : "");
    const char *json_kind = kube_json_string(json, "kind");

    *error = NULL;
    if (*json_kind && strcmp(json_kind, intent_kind_name(kind))) {
        char *clean = intent_clean(json_kind, 63);

        *error = xasprintf("a %s where a %s must be", clean,
                           intent_kind_name(kind));
        free(clean);
        return NULL;
    }
    if (!is_name(name)
        || (intent_kind_is_namespaced(kind) && !is_name(namespace))) {
        *error = xasprintf("a %s without a proper name",
                           intent_kind_name(kind));
        return NULL;
    }

    struct kube_object *o = xzalloc(sizeof *o);
    o->kind = kind;
    o->namespace = xstrdup(namespace);
    o->name = xstrdup(name);
    o->id = kube_object_id(kind, namespace, name);
    o->uid = xstrdup(kube_json_string(metadata, "uid"));
    o->resource_version = xstrdup(kube_json_string(metadata,
                                                   "resourceVersion"));
    o->api_version = xstrdup(version);
    smap_init(&o->facts);
    kube_prune(o, json);
    return o;
}

void
kube_object_destroy(struct kube_object *o)
{
    if (o) {
        free(o->namespace);
        free(o->name);
        free(o->id);
        free(o->uid);
        free(o->resource_version);
        free(o->api_version);
        free(o->manifest);
        smap_destroy(&o->facts);
        free(o);
    }
}
