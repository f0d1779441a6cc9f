/* SPDX-License-Identifier: Apache-2.0 */

/* Service of v1, with the annotations of MetalLB. */

#include "intent/kind-info.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "intent/annotation.h"
#include "intent/protocol.h"

const struct enum_name protocol_names[] = {
    { "TCP", INTENT_TCP },
    { "UDP", INTENT_UDP },
    { "SCTP", INTENT_SCTP },
    { NULL, 0 },
};

/* Ports. */

/* A number, or the name of a port of the container; [char *]. */
static void
decode_target_port(struct decoder *d, const struct value *value,
                   const struct field *f, void *dst)
{
    if (value->type == VALUE_STRING) {
        decode_string(d, value, f, dst);
    } else if (decode_check_type(d, value, T_INT | T_STRING)) {
        char buf[24];
        int64_t port;

        if (decode_number(d, value, f, &port) && port) {
            snprintf(buf, sizeof buf, "%d", (int) port);
            *(char **) dst = arena_strdup(d->arena, buf);
        }
    }
}

static const struct field port_fields[] = {
    FIELD("name", string, intent_service_port, name,
          .syntax = syntax_dns_label),
    FIELD("protocol", enum, intent_service_port, protocol,
          .arg = protocol_names),
    FIELD("port", u16, intent_service_port, port, RANGE(1, UINT16_MAX),
          .flags = F_REQUIRED),
    FIELD("nodePort", u16, intent_service_port, node_port,
          RANGE(0, UINT16_MAX)),
    FIELD("targetPort", target_port, intent_service_port, target_port,
          RANGE(0, UINT16_MAX), .syntax = syntax_port_name),
    IGNORED("appProtocol", T_STRING),
    { .name = NULL },
};

static void
init_port(void *port_)
{
    struct intent_service_port *port = port_;

    port->target_port = "";
}

static void
check_port(struct decoder *d, const struct value *map, void *port_)
{
    struct intent_service_port *port = port_;
    char buf[8];

    (void) map;
    if (!*port->target_port) {
        snprintf(buf, sizeof buf, "%u", port->port);
        port->target_port = arena_strdup(d->arena, buf);
    }
}

static const struct table port_table = {
    .fields = port_fields,
    .size = sizeof(struct intent_service_port),
    .init = init_port,
    .check = check_port,
};

/* The rules that an API server applies to port 'i' together with the ones
 * before it. */
static void
check_port_with_others(struct decoder *d, const struct value *at,
                       const struct intent_service *svc, size_t i)
{
    const struct intent_service_port *a = &svc->ports[i];
    bool same_name = false;
    bool same_port = false;

    if (svc->n_ports > 1 && !value_get(at, "name")) {
        decode_problem(d, decode_soft(d), at, "name",
                       "required when there are several ports");
    }
    for (size_t j = 0; j < i; j++) {
        const struct intent_service_port *b = &svc->ports[j];

        same_name |= *a->name && !strcmp(a->name, b->name);
        same_port |= (a->port && a->port == b->port
                      && a->protocol == b->protocol);
    }
    if (same_name) {
        decode_problem(d, decode_soft(d), at, "name",
                       "another port has the name \"%s\"", a->name);
    }
    if (same_port) {
        decode_problem(d, decode_soft(d), at, "port",
                       "port %u of %s is there twice", a->port,
                       protocol_names[a->protocol].name);
    }
}

static void
check_ports(struct decoder *d, const struct value *map,
            const struct intent_service *svc)
{
    const struct value *list = value_get(map, "ports");
    struct path ports, item;

    decode_push(d, &ports, "ports", 0);
    for (size_t i = 0; i < svc->n_ports; i++) {
        const struct value *at = list->items[i];

        decode_push(d, &item, NULL, i);
        check_port_with_others(d, at, svc, i);
        if (svc->ports[i].node_port && svc->type == INTENT_CLUSTER_IP
            && !value_get(map, "externalIPs")) {
            decode_problem(d, decode_soft(d), at, "nodePort",
                           "needs type NodePort or LoadBalancer");
        }
        decode_pop(d);
    }
    decode_pop(d);
}

/* Addresses. */

/* An address or "None", added to 'dst', a struct intent_ips. */
static void
decode_cluster_ip(struct decoder *d, const struct value *value,
                  const struct field *f, void *dst)
{
    struct in6_addr ip = in6addr_any;

    if (value->type != VALUE_STRING || strcmp(value->string, "None")) {
        decode_ip(d, value, f, &ip);
        if (ip_is_set(&ip)) {
            decode_add_ip(d, dst, &ip);
        }
    }
}

static void
decode_cluster_ips(struct decoder *d, const struct value *value,
                   const struct field *f, void *dst)
{
    if (!decode_check_type(d, value, T_LIST)) {
        return;
    }
    for (size_t i = 0; i < value->n; i++) {
        struct path path;

        decode_push(d, &path, NULL, i);
        decode_cluster_ip(d, value->items[i], f, dst);
        decode_pop(d);
    }
}

/* True if 'ips' are at most one of each family. */
static bool
is_one_per_family(const struct intent_ips *ips)
{
    return (ips->n < 2
            || (ips->n == 2
                && ip_family(&ips->items[0]) != ip_family(&ips->items[1])));
}

static void
check_cluster_ips(struct decoder *d, const struct value *map,
                  const struct intent_service *svc)
{
    const char *ip = value_get_string(map, "clusterIP");
    const struct value *ips = value_get(map, "clusterIPs");

    if (!ips) {
        return;
    }
    if (*ip && ips->type == VALUE_LIST
        && (!ips->n || ips->items[0]->type != VALUE_STRING
            || strcmp(ips->items[0]->string, ip))) {
        decode_error(d, ips, "clusterIPs",
                     "the first one must be clusterIP, %s",
                     decode_quote(d, ip));
    } else if (!is_one_per_family(&svc->cluster_ips)) {
        decode_error(d, ips, "clusterIPs",
                     "must be at most one address of each family");
    }
}

static const struct enum_name family_names[] = {
    { "IPv4", IP_V4 },
    { "IPv6", IP_V6 },
    { NULL, 0 },
};

static const struct enum_name family_policies[] = {
    { "SingleStack", INTENT_SINGLE_STACK },
    { "PreferDualStack", INTENT_PREFER_DUAL_STACK },
    { "RequireDualStack", INTENT_REQUIRE_DUAL_STACK },
    { NULL, 0 },
};

static void
family_item(struct decoder *d, const struct value *value,
            const struct field *f, void *dst)
{
    *(int *) dst = -1;
    decode_enum(d, value, f, dst);
}

/* spec.ipFamilies; 'dst' is the struct intent_service. */
static void
decode_families(struct decoder *d, const struct value *value,
                const struct field *f, void *dst)
{
    struct intent_service *svc = dst;
    struct any_list list = { NULL, 0 };

    decode_list(d, value, f, sizeof(int), family_item, &list);
    for (size_t i = 0; i < list.n; i++) {
        int family = ((int *) list.items)[i];

        if (family < 0) {
            continue;
        }
        if (svc->families[family]) {
            decode_error(d, value, NULL, "%s is there twice",
                         family_names[family].name);
        }
        svc->families[family] = true;
        svc->first_family = ((int *) list.items)[0] < 0 ? IP_V4
                            : ((int *) list.items)[0];
    }
}

/* Fills in the families that spec.ipFamilies does not give. */
static void
set_families(struct decoder *d, const struct value *spec,
             struct intent_service *svc)
{
    bool given = svc->families[IP_V4] || svc->families[IP_V6];

    for (size_t i = 0; i < svc->cluster_ips.n; i++) {
        enum ip_family family = ip_family(&svc->cluster_ips.items[i]);

        if (given && !svc->families[family]) {
            decode_error(d, value_get(spec, "ipFamilies"), "ipFamilies",
                         "does not have the family of the ClusterIP");
        } else if (!given && !i) {
            svc->first_family = family;
        }
        svc->families[family] = true;
    }
    if (!svc->families[IP_V4] && !svc->families[IP_V6]) {
        svc->first_family = IP_V4;
        svc->families[IP_V4] = true;
        svc->families[IP_V6] = svc->family_policy != INTENT_SINGLE_STACK;
    }
    if (svc->families[IP_V4] && svc->families[IP_V6]
        && !value_get(spec, "ipFamilyPolicy")) {
        svc->family_policy = INTENT_PREFER_DUAL_STACK;
    }
}

/* The rest of spec. */

static const struct enum_name types[] = {
    { "ClusterIP", INTENT_CLUSTER_IP },
    { "NodePort", INTENT_NODE_PORT },
    { "LoadBalancer", INTENT_LOAD_BALANCER },
    { "ExternalName", INTENT_EXTERNAL_NAME },
    { NULL, 0 },
};

static const struct enum_name cluster_or_local[] = {
    { "Cluster", false },
    { "Local", true },
    { NULL, 0 },
};

enum { DEFAULT_AFFINITY_TIMEOUT = 10800 };

static const struct field client_ip_fields[] = {
    FIELD("timeoutSeconds", int, intent_service, affinity_timeout,
          RANGE(1, 86400)),
    { .name = NULL },
};

static const struct table client_ip_table = { .fields = client_ip_fields };

static const struct field affinity_fields[] = {
    { .name = "clientIP", .decode = decode_struct, .arg = &client_ip_table },
    { .name = NULL },
};

static const struct table affinity_table = { .fields = affinity_fields };

static const struct field spec_fields[] = {
    FIELD("type", enum, intent_service, type, .arg = types),
    FIELD("clusterIP", cluster_ip, intent_service, cluster_ips),
    FIELD("clusterIPs", cluster_ips, intent_service, cluster_ips),
    FIELD("ports", structs, intent_service, ports, .arg = &port_table),
    FIELD("externalTrafficPolicy", enum_bool, intent_service, etp_local,
          .arg = cluster_or_local),
    FIELD("internalTrafficPolicy", enum_bool, intent_service, itp_local,
          .arg = cluster_or_local),
    { .name = "sessionAffinityConfig", .decode = decode_struct,
      .arg = &affinity_table },
    FIELD("allocateLoadBalancerNodePorts", bool, intent_service,
          allocate_node_ports),
    FIELD("loadBalancerClass", string, intent_service, load_balancer_class),
    FIELD("selector", map, intent_service, selector),
    FIELD("externalIPs", ips, intent_service, external_ips),
    FIELD("loadBalancerIP", ip, intent_service, load_balancer_ip),
    FIELD("loadBalancerSourceRanges", prefixes, intent_service,
          source_ranges),
    FIELD("ipFamilyPolicy", enum, intent_service, family_policy,
          .arg = family_policies),
    { .name = "ipFamilies", .decode = decode_families, .arg = family_names },
    IGNORED("sessionAffinity", T_STRING),
    IGNORED("externalName", T_STRING),
    IGNORED("healthCheckNodePort", T_INT),
    IGNORED("publishNotReadyAddresses", T_BOOL),
    IGNORED("trafficDistribution", T_STRING),
    IGNORED("topologyKeys", T_LIST),
    IGNORED("ipFamily", T_STRING),
    { .name = NULL },
};

static void
init_spec(void *svc_)
{
    struct intent_service *svc = svc_;

    svc->allocate_node_ports = true;
}

static void
check_spec(struct decoder *d, const struct value *map, void *svc_)
{
    struct intent_service *svc = svc_;
    const char *affinity = value_get_string(map, "sessionAffinity");
    bool headless = !strcmp(value_get_string(map, "clusterIP"), "None");

    if (!strcmp(affinity, "ClientIP")) {
        if (!svc->affinity_timeout) {
            svc->affinity_timeout = DEFAULT_AFFINITY_TIMEOUT;
        }
    } else {
        if (*affinity && strcmp(affinity, "None")) {
            decode_error(d, value_get(map, "sessionAffinity"),
                         "sessionAffinity",
                         "must be \"ClientIP\" or \"None\", not %s",
                         decode_quote(d, affinity));
        }
        svc->affinity_timeout = 0;
    }
    if (svc->type == INTENT_EXTERNAL_NAME) {
        if (!*value_get_string(map, "externalName")) {
            decode_problem(d, decode_soft(d), map, "externalName",
                           "required with type ExternalName");
        }
    } else if (!headless && !value_get(map, "ports")) {
        decode_problem(d, decode_soft(d), map, "ports", "required");
    }
    if (headless && svc->type != INTENT_CLUSTER_IP) {
        decode_problem(d, decode_soft(d), value_get(map, "clusterIP"),
                       "clusterIP", "\"None\" needs type ClusterIP");
    }
    if (svc->etp_local && (svc->type == INTENT_CLUSTER_IP
                           || svc->type == INTENT_EXTERNAL_NAME)
        && !value_get(map, "externalIPs")) {
        decode_problem(d, decode_soft(d),
                       value_get(map, "externalTrafficPolicy"),
                       "externalTrafficPolicy",
                       "needs type NodePort or LoadBalancer");
    }
    check_ports(d, map, svc);
    check_cluster_ips(d, map, svc);
    set_families(d, map, svc);
}

static const struct table spec_table = {
    .fields = spec_fields,
    .init = init_spec,
    .check = check_spec,
};

/* Status. */

struct raw_ingress {
    struct in6_addr ip;
    char *hostname;
};

static const struct field ingress_fields[] = {
    FIELD("ip", ip, raw_ingress, ip),
    FIELD("hostname", string, raw_ingress, hostname),
    { .name = NULL },
};

static const struct table ingress_table = {
    .fields = ingress_fields,
    .size = sizeof(struct raw_ingress),
    .open = true,
};

/* 'dst' is the struct intent_service. */
static void
decode_ingress(struct decoder *d, const struct value *value,
               const struct field *f, void *dst)
{
    struct intent_service *svc = dst;
    struct any_list list = { NULL, 0 };

    decode_structs(d, value, f, &list);
    for (size_t i = 0; i < list.n; i++) {
        const struct raw_ingress *raw
            = (const struct raw_ingress *) list.items + i;

        if (ip_is_set(&raw->ip)) {
            decode_add_ip(d, &svc->ingress_ips, &raw->ip);
        } else if (*raw->hostname) {
            svc->has_ingress_hostname = true;
        }
    }
}

static const struct field load_balancer_fields[] = {
    { .name = "ingress", .decode = decode_ingress, .arg = &ingress_table },
    { .name = NULL },
};

static const struct table load_balancer_table = {
    .fields = load_balancer_fields,
    .open = true,
};

static const struct field status_fields[] = {
    { .name = "loadBalancer", .decode = decode_struct,
      .arg = &load_balancer_table },
    { .name = NULL },
};

static const struct table status_table = {
    .fields = status_fields,
    .open = true,
};

/* Annotations. */

/* Finds MetalLB's annotation 'name', under its present or its old prefix. */
static bool
metallb_annotation(struct decoder *d, const struct value *map,
                   const char *name, struct annotation *a)
{
    static const char *const prefixes[] = {
        "metallb.io/", "metallb.universe.tf/",
    };

    for (int i = 0; i < 2; i++) {
        struct text key = TEXT_INITIALIZER;

        text_printf(&key, "%s%s", prefixes[i], name);
        bool found = annotation_get(map,
                                    arena_memdup0(d->arena, key.s, key.n), a);
        free(key.s);
        if (found) {
            return true;
        }
    }
    return false;
}

static void
check_object(struct decoder *d, const struct value *map, void *obj_)
{
    struct intent_object *obj = obj_;
    struct intent_service *svc = &obj->service;
    struct annotation a;

    if (metallb_annotation(d, map, "loadBalancerIPs", &a)
        && annotation_get_ips(d, &a, &svc->wanted_ips)) {
        if (!is_one_per_family(&svc->wanted_ips)) {
            annotation_problem(d, &a,
                               "at most one address of each family");
            svc->wanted_ips.n = 0;
        } else if (ip_is_set(&svc->load_balancer_ip)
                   && (svc->wanted_ips.n != 1
                       || ip_compare(&svc->wanted_ips.items[0],
                                     &svc->load_balancer_ip))) {
            const struct value *spec = value_get(map, "spec");
            struct path path;

            decode_push(d, &path, "spec", 0);
            decode_warn(d, value_get(spec, "loadBalancerIP"),
                        "loadBalancerIP", "not applied, as the annotation "
                        "%s is given", a.key);
            decode_pop(d);
        }
    }
    if (metallb_annotation(d, map, "address-pool", &a)) {
        svc->wanted_pool = arena_strdup(d->arena, a.value->string);
    }
    if (metallb_annotation(d, map, "allow-shared-ip", &a)) {
        svc->sharing_key = arena_strdup(d->arena, a.value->string);
    }
}

static void
init_object(void *obj_)
{
    struct intent_object *obj = obj_;

    obj->service.wanted_pool = "";
    obj->service.sharing_key = "";
}

static const struct field object_fields[] = {
    OBJECT_FIELDS,
    SECTION("spec", spec_table, service, .flags = F_REQUIRED),
    SECTION("status", status_table, service),
    { .name = NULL },
};

const struct table service_table = {
    .fields = object_fields,
    .init = init_object,
    .check = check_object,
};
