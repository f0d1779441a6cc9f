/* SPDX-License-Identifier: Apache-2.0 */

/* EndpointSlice of discovery.k8s.io/v1 and v1beta1. */

#include "intent/kind-info.h"

#include <string.h>

#include "intent/protocol.h"

/* Address type. */

enum { TYPE_FQDN = IP_N_FAMILIES };

static const struct enum_name address_types[] = {
    { "IPv4", IP_V4 },
    { "IPv6", IP_V6 },
    { "FQDN", TYPE_FQDN },
    { NULL, 0 },
};

/* 'dst' is the struct intent_endpoint_slice. */
static void
decode_address_type(struct decoder *d, const struct value *value,
                    const struct field *f, void *dst)
{
    struct intent_endpoint_slice *slice = dst;
    int type = TYPE_FQDN;

    decode_enum(d, value, f, &type);
    slice->fqdn = type == TYPE_FQDN;
    slice->family = slice->fqdn ? IP_V4 : type;
}

/* Endpoints. */

/* The addresses, unless they are host names, which nobody needs here.  It is
 * decoded after addressType: keys are in alphabetical order. */
static void
decode_addresses(struct decoder *d, const struct value *value,
                 const struct field *f, void *dst)
{
    const struct intent_endpoint_slice *slice = &d->obj->endpoint_slice;
    struct intent_ips *ips = dst;

    if (slice->fqdn) {
        decode_check_type(d, value, T_LIST);
        return;
    }
    decode_ips(d, value, f, ips);
    for (size_t i = 0; i < ips->n; i++) {
        const struct in6_addr *ip = &ips->items[i];
        struct path path;

        if (ip_is_set(ip) && ip_family(ip) != slice->family) {
            decode_push(d, &path, NULL, i);
            decode_error(d, value->items[i], NULL,
                         "must be an %s address, as addressType says, not %s",
                         address_types[slice->family].name,
                         decode_quote(d, value->items[i]->string));
            decode_pop(d);
        }
    }
}

static const struct field condition_fields[] = {
    FIELD("ready", bool, intent_endpoint, ready),
    FIELD("serving", bool, intent_endpoint, serving),
    FIELD("terminating", bool, intent_endpoint, terminating),
    { .name = NULL },
};

static const struct table condition_table = { .fields = condition_fields };

static const struct field endpoint_fields[] = {
    FIELD("addresses", addresses, intent_endpoint, addresses,
          .flags = F_REQUIRED),
    { .name = "conditions", .decode = decode_struct,
      .arg = &condition_table },
    FIELD("nodeName", string, intent_endpoint, node_name),
    IGNORED("hostname", T_STRING),
    IGNORED("targetRef", T_MAP),
    IGNORED("topology", T_MAP),
    IGNORED("deprecatedTopology", T_MAP),
    IGNORED("zone", T_STRING),
    IGNORED("hints", T_MAP),
    { .name = NULL },
};

static void
init_endpoint(void *endpoint_)
{
    struct intent_endpoint *endpoint = endpoint_;

    endpoint->ready = true;
}

static void
check_endpoint(struct decoder *d, const struct value *map, void *endpoint_)
{
    struct intent_endpoint *endpoint = endpoint_;

    if (!value_get(value_get(map, "conditions"), "serving")) {
        endpoint->serving = endpoint->ready;
    }
    if (!*endpoint->node_name) {
        /* As v1beta1 had it. */
        const char *host = value_get_string(value_get(map, "topology"),
                                            "kubernetes.io/hostname");
        endpoint->node_name = arena_strdup(d->arena, host);
    }
}

static const struct table endpoint_table = {
    .fields = endpoint_fields,
    .size = sizeof(struct intent_endpoint),
    .init = init_endpoint,
    .check = check_endpoint,
};

/* Ports. */

static const struct field port_fields[] = {
    FIELD("name", string, intent_endpoint_port, name),
    FIELD("protocol", enum, intent_endpoint_port, protocol,
          .arg = protocol_names),
    FIELD("port", u16, intent_endpoint_port, port, RANGE(0, UINT16_MAX)),
    IGNORED("appProtocol", T_STRING),
    { .name = NULL },
};

static const struct table port_table = {
    .fields = port_fields,
    .size = sizeof(struct intent_endpoint_port),
};

/* The slice. */

static void
init_object(void *obj_)
{
    struct intent_object *obj = obj_;

    /* Until it is known, the addresses are not looked at. */
    obj->endpoint_slice.fqdn = true;
    obj->endpoint_slice.service = "";
}

static void
check_object(struct decoder *d, const struct value *map, void *obj_)
{
    struct intent_object *obj = obj_;
    const char *service = intent_map_get(&obj->labels,
                                         "kubernetes.io/service-name");

    (void) map;
    if (service) {
        obj->endpoint_slice.service = arena_strdup(d->arena, service);
    }
}

static const struct field object_fields[] = {
    OBJECT_FIELDS,
    IGNORED("status", T_MAP),   /* None of Kubernetes', but "get" shows it. */
    FIELD("addressType", address_type, intent_object, endpoint_slice,
          .arg = address_types, .flags = F_REQUIRED),
    FIELD("endpoints", structs, intent_object, endpoint_slice.endpoints,
          .arg = &endpoint_table),
    FIELD("ports", structs, intent_object, endpoint_slice.ports,
          .arg = &port_table),
    { .name = NULL },
};

const struct table endpoint_slice_table = {
    .fields = object_fields,
    .init = init_object,
    .check = check_object,
};
