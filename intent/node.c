/* SPDX-License-Identifier: Apache-2.0 */

/* Node of v1, with the annotations of ovn-kubernetes and our own. */

#include "intent/kind-info.h"

#include <jansson.h>
#include <string.h>

#include "intent/annotation.h"

/* Spec. */

static const struct field spec_fields[] = {
    FIELD("unschedulable", bool, intent_node, unschedulable),
    IGNORED("podCIDR", T_STRING),
    IGNORED("podCIDRs", T_LIST),
    IGNORED("providerID", T_STRING),
    IGNORED("taints", T_LIST),
    IGNORED("configSource", T_MAP),
    IGNORED("externalID", T_STRING),
    { .name = NULL },
};

static const struct table spec_table = { .fields = spec_fields };

/* Status. */

/* A condition, or an address. */
struct raw_entry {
    char *type;
    char *value;
};

static const struct field condition_fields[] = {
    FIELD("type", string, raw_entry, type, .flags = F_REQUIRED),
    FIELD("status", string, raw_entry, value, .flags = F_REQUIRED),
    { .name = NULL },
};

static const struct table condition_table = {
    .fields = condition_fields,
    .size = sizeof(struct raw_entry),
    .open = true,
};

/* 'dst' is the struct intent_node. */
static void
decode_conditions(struct decoder *d, const struct value *value,
                  const struct field *f, void *dst)
{
    struct intent_node *node = dst;
    struct any_list list = { NULL, 0 };

    decode_structs(d, value, f, &list);
    for (size_t i = 0; i < list.n; i++) {
        const struct raw_entry *c = (const struct raw_entry *) list.items + i;
        bool is_true = !strcmp(c->value, "True");

        if (!strcmp(c->type, "Ready")) {
            node->ready = is_true;
        } else if (!strcmp(c->type, "NetworkUnavailable")) {
            node->network_unavailable = is_true;
        }
    }
}

static const struct field address_fields[] = {
    FIELD("type", string, raw_entry, type, .flags = F_REQUIRED),
    FIELD("address", string, raw_entry, value, .flags = F_REQUIRED),
    { .name = NULL },
};

static const struct table address_table = {
    .fields = address_fields,
    .size = sizeof(struct raw_entry),
    .open = true,
};

/* 'dst' is the struct intent_node. */
static void
decode_addresses(struct decoder *d, const struct value *value,
                 const struct field *f, void *dst)
{
    struct intent_node *node = dst;
    struct any_list list = { NULL, 0 };

    decode_structs(d, value, f, &list);
    for (size_t i = 0; i < list.n; i++) {
        const struct raw_entry *a = (const struct raw_entry *) list.items + i;
        struct in6_addr ip;
        struct path path;

        if (strcmp(a->type, "InternalIP") && strcmp(a->type, "ExternalIP")) {
            continue;           /* A name. */
        }
        if (ip_addr_parse(a->value, &ip) && ip_is_set(&ip)) {
            decode_add_ip(d, &node->addresses, &ip);
        } else if (*a->value) {
            decode_push(d, &path, NULL, i);
            decode_error(d, value->items[i], "address",
                         "must be an IP address, not %s",
                         decode_quote(d, a->value));
            decode_pop(d);
        }
    }
}

static const struct field status_fields[] = {
    { .name = "conditions", .decode = decode_conditions,
      .arg = &condition_table },
    { .name = "addresses", .decode = decode_addresses,
      .arg = &address_table },
    { .name = NULL },
};

static const struct table status_table = {
    .fields = status_fields,
    .open = true,
};

/* Annotations. */

/* Where an annotation of ovn-kubernetes has what we want: all of its JSON, or
 * the part for the cluster's default network. */
enum part { WHOLE, DEFAULT_NETWORK };

typedef bool from_value_func(struct decoder *, const struct value *, void *);

static bool
ips_from_value(struct decoder *d, const struct value *value, void *list)
{
    return annotation_ips_from_value(d, value, list);
}

static bool
prefixes_from_value(struct decoder *d, const struct value *value, void *list)
{
    return annotation_prefixes_from_value(d, value, list);
}

/* Reads the annotation 'key', which is JSON, with 'from_value' into 'list'.
 * Does nothing if it is not there. */
static void
read_json(struct decoder *d, const struct value *map, const char *key,
          enum part part, from_value_func *from_value, void *list)
{
    struct annotation a;

    if (!annotation_get(map, key, &a)) {
        return;
    }

    json_t *json = json_loads(a.value->string, 0, NULL);
    const struct value *v = json ? value_from_json(d->arena, json) : NULL;
    if (!v) {
        annotation_problem(d, &a, "JSON");
    } else if (part == DEFAULT_NETWORK && v->type != VALUE_MAP) {
        annotation_problem(d, &a, "a JSON object with a key for each "
                           "network");
    } else {
        if (part == DEFAULT_NETWORK) {
            v = value_get(v, "default");
        }
        if (v && !from_value(d, v, list)) {
            annotation_problem(d, &a, "JSON with strings of IP addresses or "
                               "prefixes");
        }
    }
    json_decref(json);
}

/* Sets 'ips', one for each family, from 'list'. */
static void
set_by_family(struct in6_addr ips[IP_N_FAMILIES],
              const struct intent_ips *list)
{
    for (size_t i = 0; i < list->n; i++) {
        struct in6_addr *ip = &ips[ip_family(&list->items[i])];

        if (!ip_is_set(ip)) {
            *ip = list->items[i];
        }
    }
}

/* Sets 'ips' from the JSON annotation 'key' or 'old_key' or else from our own
 * annotation.  The keys of JSON may be NULL. */
static void
read_pair(struct decoder *d, const struct value *map, const char *key,
          const char *old_key, const char *own_key,
          struct in6_addr ips[IP_N_FAMILIES])
{
    struct intent_ips list = { NULL, 0 };
    struct annotation a;

    if (key) {
        read_json(d, map, key, old_key ? DEFAULT_NETWORK : WHOLE,
                  ips_from_value, &list);
    }
    if (old_key && !list.n) {
        read_json(d, map, old_key, WHOLE, ips_from_value, &list);
    }
    if (!list.n && annotation_get(map, own_key, &a)) {
        annotation_get_ips(d, &a, &list);
    }
    set_by_family(ips, &list);
}

/* Returns the text of the first of two annotations, or "". */
static char *
read_text(struct decoder *d, const struct value *map, const char *key,
          const char *second_key)
{
    struct annotation a;

    if ((key && annotation_get(map, key, &a))
        || annotation_get(map, second_key, &a)) {
        return arena_strdup(d->arena, a.value->string);
    }
    return arena_strdup(d->arena, "");
}

static void
read_annotations(struct decoder *d, const struct value *map,
                 struct intent_node *node)
{
    struct annotation a;

    read_json(d, map, "k8s.ovn.org/host-cidrs", WHOLE, ips_from_value,
              &node->addresses);
    read_json(d, map, "k8s.ovn.org/host-addresses", WHOLE, ips_from_value,
              &node->addresses);
    read_json(d, map, "k8s.ovn.org/node-primary-ifaddr", WHOLE,
              ips_from_value, &node->addresses);

    read_json(d, map, "k8s.ovn.org/node-subnets", DEFAULT_NETWORK,
              prefixes_from_value, &node->subnets);
    if (!node->subnets.n
        && annotation_get(map, "ovn-egress.org/node-subnets", &a)) {
        annotation_get_prefixes(d, &a, &node->subnets);
    }

    read_json(d, map, "k8s.ovn.org/node-masquerade-subnet", WHOLE,
              prefixes_from_value, &node->masquerade);

    read_pair(d, map, NULL, NULL, "ovn-egress.org/management-ips",
              node->mgmt_ips);
    read_pair(d, map, "k8s.ovn.org/node-gateway-router-lrp-ifaddrs",
              "k8s.ovn.org/node-gateway-router-lrp-ifaddr",
              "ovn-egress.org/join-ips", node->join_ips);
    read_pair(d, map, "k8s.ovn.org/node-transit-switch-port-ifaddr", NULL,
              "ovn-egress.org/transit-ips", node->transit_ips);

    node->zone = read_text(d, map, "k8s.ovn.org/zone-name",
                           "ovn-egress.org/zone-name");
    node->switch_name = read_text(d, map, NULL,
                                  "ovn-egress.org/logical-switch");
    node->gateway_router = read_text(d, map, NULL,
                                     "ovn-egress.org/gateway-router");
}

/* The object. */

static void
init_object(void *obj_)
{
    struct intent_object *obj = obj_;

    obj->node.ready = true;     /* Until a condition says otherwise. */
    obj->node.hostname = "";
}

static void
check_object(struct decoder *d, const struct value *map, void *obj_)
{
    struct intent_object *obj = obj_;
    const char *hostname = intent_map_get(&obj->labels,
                                          "kubernetes.io/hostname");

    obj->node.hostname = arena_strdup(d->arena,
                                      hostname ? hostname : obj->name);
    obj->node.exclude_lb
        = intent_map_get(&obj->labels, "node.kubernetes.io/"
                         "exclude-from-external-load-balancers") != NULL;
    read_annotations(d, map, &obj->node);
}

static const struct field object_fields[] = {
    OBJECT_FIELDS,
    SECTION("spec", spec_table, node),
    SECTION("status", status_table, node),
    { .name = NULL },
};

const struct table node_table = {
    .fields = object_fields,
    .init = init_object,
    .check = check_object,
};
