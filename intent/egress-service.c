/* SPDX-License-Identifier: Apache-2.0 */

/* EgressService of k8s.ovn.org/v1, as ovn-kubernetes defines it. */

#include "intent/kind-info.h"

static const struct enum_name source_ip_by[] = {
    { "LoadBalancerIP", INTENT_BY_LOAD_BALANCER_IP },
    { "Network", INTENT_BY_NETWORK },
    { NULL, 0 },
};

static const struct field spec_fields[] = {
    FIELD("sourceIPBy", enum, intent_egress_service, source_ip_by,
          .arg = source_ip_by),
    FIELD("nodeSelector", selector, intent_egress_service, node_selector),
    FIELD("network", string, intent_egress_service, network,
          .syntax = syntax_network),
    { .name = NULL },
};

static void
check_spec(struct decoder *d, const struct value *map, void *es_)
{
    struct intent_egress_service *es = es_;
    uint64_t table;

    (void) d;
    (void) map;
    if (syntax_parse_number(es->network, UINT32_MAX, &table)) {
        es->table = table;
    }
}

static const struct table spec_table = {
    .fields = spec_fields,
    .check = check_spec,
};

static const struct field status_fields[] = {
    FIELD("host", string, intent_egress_service, status_host),
    { .name = NULL },
};

static const struct table status_table = {
    .fields = status_fields,
    .open = true,
};

static const struct field object_fields[] = {
    OBJECT_FIELDS,
    SECTION("spec", spec_table, egress_service),
    SECTION("status", status_table, egress_service),
    { .name = NULL },
};

const struct table egress_service_table = { .fields = object_fields };
