/* SPDX-License-Identifier: Apache-2.0 */

/* What of an object of Kubernetes is kept: see the header. */

#include <config.h>

#include "kube/kube-prune.h"

#include <stdlib.h>
#include <string.h>

#include "kube/kube-json.h"
#include "kube/kube-kind.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/shash.h"
#include "util.h"

/* Returns the members of 'object' that 'keys', which ends with NULL, names;
 * NULL if there are none. */
static struct json *
pick(const struct json *object, const char *const keys[])
{
    struct json *out = NULL;

    for (size_t i = 0; keys[i]; i++) {
        const struct json *value = kube_json_get(object, keys[i]);

        if (value && value->type != JSON_NULL) {
            out = out ? out : json_object_create();
            json_object_put(out, keys[i], json_clone(value));
        }
    }
    return out;
}

/* Adds 'value' to 'object' unless it is NULL. */
static void
put(struct json *object, const char *key, struct json *value)
{
    if (value) {
        json_object_put(object, key, value);
    }
}

/* Copies the member 'key' of 'from', if it is there, to 'object'. */
static void
put_copy(struct json *object, const struct json *from, const char *key)
{
    const struct json *value = kube_json_get(from, key);

    if (value && value->type != JSON_NULL) {
        json_object_put(object, key, json_clone(value));
    }
}

/* Returns an array of what 'each' makes of the elements of 'array', NULL if
 * there are none. */
static struct json *
map_array(const struct json *array,
          struct json *(*each)(const struct json *))
{
    struct json *out = NULL;

    for (size_t i = 0; i < kube_json_n(array); i++) {
        struct json *value = each(kube_json_elem(array, i));

        if (value) {
            out = out ? out : json_array_create_empty();
            json_array_add(out, value);
        }
    }
    return out;
}

/* Metadata. */

static bool
starts_with(const char *s, const char *prefix)
{
    return !strncmp(s, prefix, strlen(prefix));
}

static bool
want_label(enum intent_kind kind, const char *key)
{
    return (kind == INTENT_ENDPOINT_SLICE
            ? !strcmp(key, "kubernetes.io/service-name")
            : kind == INTENT_NODE ? !starts_with(key, KUBE_LABEL_PREFIX)
            : kind != INTENT_SECRET);
}

static bool
want_annotation(enum intent_kind kind, const char *key)
{
    static const char *const service[] = {
        "address-pool", "allow-shared-ip", "loadBalancerIPs",
    };
    static const char *const node[] = {
        "host-addresses", "host-cidrs", "node-gateway-router-lrp-ifaddr",
        "node-gateway-router-lrp-ifaddrs", "node-masquerade-subnet",
        "node-primary-ifaddr", "node-subnets",
        "node-transit-switch-port-ifaddr", "zone-name",
    };
    const char *slash = strchr(key, '/');
    bool own = starts_with(key, "ovn-egress.org/");

    if (!slash || own) {
        return own;
    }
    if (kind == INTENT_SERVICE && (starts_with(key, "metallb.io/")
                                   || starts_with(key,
                                                  "metallb.universe.tf/"))) {
        for (size_t i = 0; i < ARRAY_SIZE(service); i++) {
            if (!strcmp(slash + 1, service[i])) {
                return true;
            }
        }
    } else if (kind == INTENT_NODE && starts_with(key, "k8s.ovn.org/")) {
        for (size_t i = 0; i < ARRAY_SIZE(node); i++) {
            if (!strcmp(slash + 1, node[i])) {
                return true;
            }
        }
    }
    return false;
}

/* Returns the pairs of 'map' that 'want' wants, NULL if there are none. */
static struct json *
pick_pairs(const struct json *map, enum intent_kind kind,
           bool (*want)(enum intent_kind, const char *key))
{
    struct json *out = NULL;
    struct shash_node *node;

    if (map && map->type == JSON_OBJECT) {
        SHASH_FOR_EACH (node, json_object(map)) {
            if (want(kind, node->name)) {
                out = out ? out : json_object_create();
                json_object_put(out, node->name, json_clone(node->data));
            }
        }
    }
    return out;
}

static struct json *
prune_metadata(enum intent_kind kind, const struct json *metadata)
{
    static const char *const keys[] = {
        "name", "namespace", "creationTimestamp", NULL,
    };
    struct json *out = pick(metadata, keys);

    put(out, "labels", pick_pairs(kube_json_get(metadata, "labels"), kind,
                                  want_label));
    put(out, "annotations",
        pick_pairs(kube_json_get(metadata, "annotations"), kind,
                   want_annotation));
    return out;
}

/* Service. */

static struct json *
prune_service_port(const struct json *port)
{
    static const char *const keys[] = {
        "name", "protocol", "port", "nodePort", "targetPort", NULL,
    };

    return pick(port, keys);
}

static void
add_address(struct kube_object *o, const char *address)
{
    struct in6_addr ip;

    if (ip_addr_parse(address, &ip)) {
        char buf[IP_STRLEN];
        char *key = xasprintf("address %s", ip_format(&ip, buf));

        smap_replace(&o->facts, key, "");
        free(key);
    }
}

/* Adds the addresses in 'list', between commas. */
static void
add_addresses(struct kube_object *o, const char *list)
{
    char *copy = xstrdup(list);
    char *save_ptr = NULL;

    for (char *word = strtok_r(copy, ", ", &save_ptr); word;
         word = strtok_r(NULL, ", ", &save_ptr)) {
        add_address(o, word);
    }
    free(copy);
}

static void
find_service_facts(struct kube_object *o, const struct json *json)
{
    const struct json *spec = kube_json_get(json, "spec");
    const struct json *annotations = kube_json_at(json, "metadata",
                                                  "annotations", NULL);
    const struct json *ingress = kube_json_at(json, "status", "loadBalancer",
                                              "ingress", NULL);
    struct ds s = DS_EMPTY_INITIALIZER;

    if (!strcmp(kube_json_string(spec, "type"), "LoadBalancer")) {
        smap_add(&o->facts, "lb", "");
    }
    add_addresses(o, kube_json_string(spec, "loadBalancerIP"));
    add_addresses(o, kube_json_string(annotations,
                                      "metallb.io/loadBalancerIPs"));
    add_addresses(o, kube_json_string(annotations,
                                      "metallb.universe.tf/loadBalancerIPs"));
    for (size_t i = 0; i < kube_json_n(ingress); i++) {
        const char *ip = kube_json_string(kube_json_elem(ingress, i), "ip");

        add_address(o, ip);
        ds_put_format(&s, "%s%s", s.length ? " " : "", ip);
    }
    smap_add_nocopy(&o->facts, xstrdup("ingress"), ds_steal_cstr(&s));
}

static void
prune_service(struct kube_object *o, const struct json *json,
              struct json *out)
{
    static const char *const spec_keys[] = {
        "allocateLoadBalancerNodePorts", "clusterIP", "clusterIPs",
        "externalIPs", "externalName", "externalTrafficPolicy",
        "internalTrafficPolicy", "ipFamilies", "ipFamilyPolicy",
        "loadBalancerClass", "loadBalancerIP", "loadBalancerSourceRanges",
        "selector", "sessionAffinity", "sessionAffinityConfig", "type", NULL,
    };
    const struct json *spec = kube_json_get(json, "spec");
    const struct json *ingress = kube_json_at(json, "status", "loadBalancer",
                                              "ingress", NULL);
    struct json *out_spec = pick(spec, spec_keys);

    out_spec = out_spec ? out_spec : json_object_create();
    put(out_spec, "ports", map_array(kube_json_get(spec, "ports"),
                                     prune_service_port));
    put(out, "spec", out_spec);
    if (kube_json_n(ingress)) {
        static const char *const keys[] = { "ingress", NULL };
        struct json *status = json_object_create();

        put(status, "loadBalancer",
            pick(kube_json_at(json, "status", "loadBalancer", NULL), keys));
        put(out, "status", status);
    }
    find_service_facts(o, json);
}

/* EndpointSlice. */

static struct json *
prune_endpoint(const struct json *endpoint)
{
    static const char *const keys[] = {
        "addresses", "conditions", "nodeName", NULL,
    };
    static const char *const topology_keys[] = {
        "kubernetes.io/hostname", NULL,
    };
    struct json *out = pick(endpoint, keys);

    if (out && !kube_json_get(out, "nodeName")) {
        put(out, "topology", pick(kube_json_get(endpoint, "topology"),
                                  topology_keys));
    }
    return out;
}

static struct json *
prune_endpoint_port(const struct json *port)
{
    static const char *const keys[] = { "name", "protocol", "port", NULL };

    return pick(port, keys);
}

static void
prune_endpoint_slice(struct kube_object *o, const struct json *json,
                     struct json *out)
{
    put_copy(out, json, "addressType");
    put(out, "endpoints", map_array(kube_json_get(json, "endpoints"),
                                    prune_endpoint));
    put(out, "ports", map_array(kube_json_get(json, "ports"),
                                prune_endpoint_port));
    smap_add(&o->facts, "service",
             kube_json_string(kube_json_at(json, "metadata", "labels", NULL),
                              "kubernetes.io/service-name"));
}

/* Node. */

static struct json *
prune_node_condition(const struct json *condition)
{
    static const char *const keys[] = { "type", "status", NULL };
    const char *type = kube_json_string(condition, "type");

    return (!strcmp(type, "Ready") || !strcmp(type, "NetworkUnavailable")
            ? pick(condition, keys) : NULL);
}

static struct json *
prune_node_address(const struct json *address)
{
    static const char *const keys[] = { "type", "address", NULL };
    const char *type = kube_json_string(address, "type");

    return (!strcmp(type, "InternalIP") || !strcmp(type, "ExternalIP")
            ? pick(address, keys) : NULL);
}

static void
prune_node(struct kube_object *o, const struct json *json, struct json *out)
{
    static const char *const keys[] = { "unschedulable", NULL };
    const struct json *status = kube_json_get(json, "status");
    const struct json *labels = kube_json_at(json, "metadata", "labels",
                                             NULL);
    struct json *out_status = json_object_create();

    put(out, "spec", pick(kube_json_get(json, "spec"), keys));
    put(out_status, "conditions",
        map_array(kube_json_get(status, "conditions"), prune_node_condition));
    put(out_status, "addresses",
        map_array(kube_json_get(status, "addresses"), prune_node_address));
    put(out, "status", out_status);

    if (labels && labels->type == JSON_OBJECT) {
        struct shash_node *node;

        SHASH_FOR_EACH (node, json_object(labels)) {
            if (starts_with(node->name, KUBE_LABEL_PREFIX)) {
                char *key = xasprintf("label %s", node->name);

                smap_replace(&o->facts, key,
                             kube_json_string(labels, node->name));
                free(key);
            }
        }
    }
}

/* The others. */

static void
prune_egress_service(struct kube_object *o, const struct json *json,
                     struct json *out)
{
    const struct json *status = kube_json_get(json, "status");
    const struct json *conditions = kube_json_get(status, "conditions");
    const struct json *host = kube_json_get(status, "host");

    put_copy(out, json, "spec");
    if (host && host->type == JSON_STRING) {
        smap_add(&o->facts, "host", json_string(host));
    }
    if (kube_json_n(conditions)) {
        smap_add_nocopy(&o->facts, xstrdup("conditions"),
                        json_to_string(conditions, JSSF_SORT));
    }
}

static void
prune_namespace(struct kube_object *o OVS_UNUSED,
                const struct json *json OVS_UNUSED,
                struct json *out OVS_UNUSED)
{
    /* Its labels are enough. */
}

static void
prune_secret(struct kube_object *o OVS_UNUSED, const struct json *json,
             struct json *out)
{
    static const char *const keys[] = { "password", NULL };

    put_copy(out, json, "type");
    put(out, "data", pick(kube_json_get(json, "data"), keys));
}

static void
prune_bgp_peer(struct kube_object *o, const struct json *json,
               struct json *out)
{
    const struct json *secret = kube_json_at(json, "spec", "passwordSecret",
                                             NULL);
    const char *name = kube_json_string(secret, "name");
    const char *namespace = kube_json_string(secret, "namespace");

    put_copy(out, json, "spec");
    if (*name) {
        smap_add_nocopy(&o->facts, xstrdup("secret"),
                        xasprintf("%s/%s",
                                  *namespace ? namespace : o->namespace,
                                  name));
    }
}

/* The kinds of which other parts than "spec" are kept, or facts. */
static void (*const prune_kind[INTENT_N_KINDS])(struct kube_object *,
                                                const struct json *,
                                                struct json *out) = {
    [INTENT_EGRESS_SERVICE] = prune_egress_service,
    [INTENT_SERVICE] = prune_service,
    [INTENT_ENDPOINT_SLICE] = prune_endpoint_slice,
    [INTENT_NODE] = prune_node,
    [INTENT_NAMESPACE] = prune_namespace,
    [INTENT_SECRET] = prune_secret,
    [INTENT_BGP_PEER] = prune_bgp_peer,
};

void
kube_prune(struct kube_object *o, const struct json *json)
{
    struct json *out = json_object_create();

    json_object_put_string(out, "apiVersion", o->api_version);
    json_object_put_string(out, "kind", intent_kind_name(o->kind));
    put(out, "metadata",
        prune_metadata(o->kind, kube_json_get(json, "metadata")));
    if (prune_kind[o->kind]) {
        prune_kind[o->kind](o, json, out);
    } else {
        put_copy(out, json, "spec");
    }
    o->manifest = json_to_string(out, JSSF_SORT);
    json_destroy(out);
}
