/* SPDX-License-Identifier: Apache-2.0 */

/* What "get" shows of each kind: see the header.  A column that appends
 * nothing is shown as "-". */

#include <config.h>
#include "utilities/ctl-columns.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "ovsdb-idl.h"
#include "smap.h"
#include "util.h"

#include "ovsdb/egress-idl.h"
#include "utilities/ctl-object.h"
#include "utilities/ctl-view.h"
#include "utilities/egressctl.h"

/* Parts of columns. */

static void
put_bool(struct ds *s, bool value)
{
    ds_put_cstr(s, value ? "true" : "false");
}

/* Appends 'text' as the next member of a comma-separated list. */
static void
put_member(struct ds *s, const char *text)
{
    ds_put_format(s, "%s%s", s->length ? "," : "", text);
}

static void
put_ip(struct ds *s, const struct in6_addr *ip)
{
    char buf[IP_STRLEN];

    if (ip_is_set(ip)) {
        put_member(s, ip_format(ip, buf));
    }
}

static void
put_ips(struct ds *s, const struct intent_ips *ips)
{
    for (size_t i = 0; i < ips->n; i++) {
        put_ip(s, &ips->items[i]);
    }
}

static void
put_strings(struct ds *s, const struct intent_strings *strings)
{
    for (size_t i = 0; i < strings->n; i++) {
        put_member(s, strings->items[i]);
    }
}

static void
put_status(const struct column_source *src, const char *key, struct ds *s)
{
    ds_put_cstr(s, smap_get_def(&src->row->status, key, ""));
}

/* Appends the status of the condition 'type', if it is there. */
static void
put_condition(const struct column_source *src, const char *type,
              struct ds *s)
{
    struct object_condition c;

    if (object_condition_get(src->row, type, &c)) {
        ds_put_cstr(s, c.status);
    }
    object_condition_destroy(&c);
}

/* Appends why the condition 'type' is not true, if it is not. */
static void
put_reason(const struct column_source *src, const char *type, struct ds *s)
{
    struct object_condition c;

    if (object_condition_get(src->row, type, &c)
        && strcmp(c.status, "True")) {
        ds_put_cstr(s, c.reason);
    }
    object_condition_destroy(&c);
}

/* Appends 'n' unless it is 'none'. */
static void
put_number(struct ds *s, long long int n, long long int none)
{
    if (n != none) {
        ds_put_format(s, "%lld", n);
    }
}

static const char *
protocol_name(enum intent_protocol protocol)
{
    switch (protocol) {
    case INTENT_UDP: return "UDP";
    case INTENT_SCTP: return "SCTP";
    case INTENT_TCP:
    default: return "TCP";
    }
}

/* Of all kinds. */

static void
all_generation(const struct column_source *src, struct ds *s)
{
    ds_put_format(s, "%"PRId64, src->row->generation);
}

static void
all_accepted(const struct column_source *src, struct ds *s)
{
    put_condition(src, "Accepted", s);
}

#define ALL_COLUMNS                                 \
    { "ACCEPTED", true, all_accepted },             \
    { "GENERATION", true, all_generation },         \
    { NULL, false, NULL }

static const struct column other_columns[] = {
    ALL_COLUMNS
};

/* EgressService. */

static void
es_host(const struct column_source *src, struct ds *s)
{
    put_status(src, "host", s);
}

static void
es_ingress(const struct column_source *src, struct ds *s)
{
    put_status(src, "ingress", s);
}

static void
es_ready(const struct column_source *src, struct ds *s)
{
    put_condition(src, "Ready", s);
}

static void
es_reason(const struct column_source *src, struct ds *s)
{
    put_reason(src, "Ready", s);
}

static void
es_network(const struct column_source *src, struct ds *s)
{
    ds_put_cstr(s, src->obj->egress_service.network);
}

static void
es_source(const struct column_source *src, struct ds *s)
{
    bool by_network
        = src->obj->egress_service.source_ip_by == INTENT_BY_NETWORK;

    ds_put_cstr(s, by_network ? "Network" : "LoadBalancerIP");
}

static void
es_steered(const struct column_source *src, struct ds *s)
{
    const struct smap *status = &src->row->status;

    ds_put_cstr(s, smap_get_def(status, "steered-host",
                                smap_get_def(status, "host", "")));
}

static const struct column es_columns[] = {
    { "HOST", false, es_host },
    { "INGRESS", false, es_ingress },
    { "READY", false, es_ready },
    { "REASON", false, es_reason },
    { "NETWORK", true, es_network },
    { "SOURCE-IP-BY", true, es_source },
    { "STEERED-TO", true, es_steered },
    ALL_COLUMNS
};

/* Service. */

static void
svc_type(const struct column_source *src, struct ds *s)
{
    static const char *const names[] = {
        [INTENT_CLUSTER_IP] = "ClusterIP",
        [INTENT_NODE_PORT] = "NodePort",
        [INTENT_LOAD_BALANCER] = "LoadBalancer",
        [INTENT_EXTERNAL_NAME] = "ExternalName",
    };

    ds_put_cstr(s, names[src->obj->service.type]);
}

static void
svc_cluster_ip(const struct column_source *src, struct ds *s)
{
    put_ips(s, &src->obj->service.cluster_ips);
}

static void
svc_external_ip(const struct column_source *src, struct ds *s)
{
    put_status(src, "ingress", s);
    if (!s->length) {
        put_ips(s, &src->obj->service.ingress_ips);
    }
}

static void
svc_ports(const struct column_source *src, struct ds *s)
{
    for (size_t i = 0; i < src->obj->service.n_ports; i++) {
        const struct intent_service_port *p = &src->obj->service.ports[i];

        ds_put_format(s, "%s%u", i ? "," : "", p->port);
        if (p->node_port) {
            ds_put_format(s, ":%u", p->node_port);
        }
        ds_put_format(s, "/%s", protocol_name(p->protocol));
    }
}

static void
svc_pool(const struct column_source *src, struct ds *s)
{
    put_status(src, "pool", s);
}

static const struct column svc_columns[] = {
    { "TYPE", false, svc_type },
    { "CLUSTER-IP", false, svc_cluster_ip },
    { "EXTERNAL-IP", false, svc_external_ip },
    { "PORT(S)", false, svc_ports },
    { "POOL", true, svc_pool },
    ALL_COLUMNS
};

/* EndpointSlice. */

static void
slice_type(const struct column_source *src, struct ds *s)
{
    const struct intent_endpoint_slice *slice = &src->obj->endpoint_slice;

    ds_put_cstr(s, (slice->fqdn ? "FQDN"
                    : slice->family == IP_V4 ? "IPv4" : "IPv6"));
}

static void
slice_service(const struct column_source *src, struct ds *s)
{
    ds_put_cstr(s, src->obj->endpoint_slice.service);
}

static void
slice_ports(const struct column_source *src, struct ds *s)
{
    const struct intent_endpoint_slice *slice = &src->obj->endpoint_slice;

    for (size_t i = 0; i < slice->n_ports; i++) {
        ds_put_format(s, "%s%u", i ? "," : "", slice->ports[i].port);
    }
}

static void
slice_endpoints(const struct column_source *src, struct ds *s)
{
    const struct intent_endpoint_slice *slice = &src->obj->endpoint_slice;

    for (size_t i = 0; i < slice->n_endpoints; i++) {
        put_ips(s, &slice->endpoints[i].addresses);
    }
}

static void
slice_nodes(const struct column_source *src, struct ds *s)
{
    const struct intent_endpoint_slice *slice = &src->obj->endpoint_slice;

    for (size_t i = 0; i < slice->n_endpoints; i++) {
        const char *node = slice->endpoints[i].node_name;

        put_member(s, node[0] ? node : "-");
    }
}

static const struct column slice_columns[] = {
    { "SERVICE", false, slice_service },
    { "ADDRESSTYPE", false, slice_type },
    { "PORTS", false, slice_ports },
    { "ENDPOINTS", false, slice_endpoints },
    { "NODES", true, slice_nodes },
    ALL_COLUMNS
};

/* Node. */

static void
node_status(const struct column_source *src, struct ds *s)
{
    const struct intent_node *node = &src->obj->node;

    ds_put_cstr(s, node->ready ? "Ready" : "NotReady");
    if (node->network_unavailable) {
        put_member(s, "NetworkUnavailable");
    }
    if (node->unschedulable) {
        put_member(s, "SchedulingDisabled");
    }
}

static void
node_eligible(const struct column_source *src, struct ds *s)
{
    put_condition(src, "Eligible", s);
}

static void
node_reason(const struct column_source *src, struct ds *s)
{
    put_reason(src, "Eligible", s);
}

static void
node_helper(const struct column_source *src, struct ds *s)
{
    if (src->node && src->node->heartbeat) {
        ds_put_cstr(s, src->node->version[0] ? src->node->version : "seen");
    }
}

static void
node_labels(const struct column_source *src, struct ds *s)
{
    const struct smap_node **sorted = smap_sort(&src->row->status);

    for (size_t i = 0; i < smap_count(&src->row->status); i++) {
        if (!strncmp(sorted[i]->key, VIEW_LABEL, strlen(VIEW_LABEL))) {
            put_member(s, sorted[i]->key + strlen(VIEW_LABEL));
        }
    }
    free(sorted);
}

static void
node_addresses(const struct column_source *src, struct ds *s)
{
    put_ips(s, &src->obj->node.addresses);
}

static const struct column node_columns[] = {
    { "STATUS", false, node_status },
    { "ELIGIBLE", false, node_eligible },
    { "REASON", false, node_reason },
    { "HELPER", false, node_helper },
    { "LABELS", false, node_labels },
    { "ADDRESSES", true, node_addresses },
    ALL_COLUMNS
};

/* NodeNetworkConfigurationPolicy: the condition that is true. */

static void
put_nncp_condition(const struct column_source *src, bool reason,
                   struct ds *s)
{
    static const char *const types[] = {
        "Degraded", "Progressing", "Ignored", "Available",
    };

    for (size_t i = 0; i < ARRAY_SIZE(types) && !s->length; i++) {
        struct object_condition c;

        object_condition_get(src->row, types[i], &c);
        if (!strcmp(c.status, "True")) {
            ds_put_cstr(s, reason ? c.reason : types[i]);
        }
        object_condition_destroy(&c);
    }
}

static void
nncp_status(const struct column_source *src, struct ds *s)
{
    put_nncp_condition(src, false, s);
}

static void
nncp_reason(const struct column_source *src, struct ds *s)
{
    put_nncp_condition(src, true, s);
}

static const struct column nncp_columns[] = {
    { "STATUS", false, nncp_status },
    { "REASON", false, nncp_reason },
    ALL_COLUMNS
};

/* MetalLB. */

static void
peer_address(const struct column_source *src, struct ds *s)
{
    put_ip(s, &src->obj->bgp_peer.peer_address);
    ds_put_cstr(s, src->obj->bgp_peer.interface);
}

static void
peer_asn(const struct column_source *src, struct ds *s)
{
    put_number(s, src->obj->bgp_peer.peer_asn, 0);
    ds_put_cstr(s, src->obj->bgp_peer.dynamic_asn);
}

static void
peer_my_asn(const struct column_source *src, struct ds *s)
{
    put_number(s, src->obj->bgp_peer.my_asn, 0);
}

static void
peer_vrf(const struct column_source *src, struct ds *s)
{
    ds_put_cstr(s, src->obj->bgp_peer.vrf);
}

static void
peer_bfd(const struct column_source *src, struct ds *s)
{
    ds_put_cstr(s, src->obj->bgp_peer.bfd_profile);
}

static const struct column peer_columns[] = {
    { "ADDRESS", false, peer_address },
    { "ASN", false, peer_asn },
    { "VRF", false, peer_vrf },
    { "BFD-PROFILE", false, peer_bfd },
    { "MY-ASN", true, peer_my_asn },
    ALL_COLUMNS
};

static void
bfd_receive(const struct column_source *src, struct ds *s)
{
    put_number(s, src->obj->bfd_profile.receive_interval, -1);
}

static void
bfd_transmit(const struct column_source *src, struct ds *s)
{
    put_number(s, src->obj->bfd_profile.transmit_interval, -1);
}

static void
bfd_multiplier(const struct column_source *src, struct ds *s)
{
    put_number(s, src->obj->bfd_profile.detect_multiplier, -1);
}

static void
bfd_passive(const struct column_source *src, struct ds *s)
{
    put_bool(s, src->obj->bfd_profile.passive_mode);
}

static const struct column bfd_columns[] = {
    { "PASSIVE", false, bfd_passive },
    { "TRANSMIT", false, bfd_transmit },
    { "RECEIVE", false, bfd_receive },
    { "MULTIPLIER", false, bfd_multiplier },
    ALL_COLUMNS
};

static void
pool_auto_assign(const struct column_source *src, struct ds *s)
{
    put_bool(s, src->obj->pool.auto_assign);
}

static void
pool_avoid_buggy(const struct column_source *src, struct ds *s)
{
    put_bool(s, src->obj->pool.avoid_buggy_ips);
}

static void
pool_addresses(const struct column_source *src, struct ds *s)
{
    for (size_t i = 0; i < src->obj->pool.n_ranges; i++) {
        const struct ip_range *range = &src->obj->pool.ranges[i];
        char first[IP_STRLEN], last[IP_STRLEN];

        ip_format(&range->first, first);
        ip_format(&range->last, last);
        put_member(s, first);
        if (strcmp(first, last)) {
            ds_put_format(s, "-%s", last);
        }
    }
}

/* Appends the counts 'key'-ipv4 and 'key'-ipv6 of the status. */
static void
put_counts(const struct column_source *src, const char *key, struct ds *s)
{
    for (enum ip_family family = 0; family < IP_N_FAMILIES; family++) {
        char *full = xasprintf("%s-%s", key, ip_family_name(family));
        const char *count = smap_get(&src->row->status, full);

        if (count) {
            put_member(s, count);
        }
        free(full);
    }
}

static void
pool_assigned(const struct column_source *src, struct ds *s)
{
    put_counts(src, "assigned", s);
}

static void
pool_available(const struct column_source *src, struct ds *s)
{
    put_counts(src, "available", s);
}

static const struct column pool_columns[] = {
    { "AUTO-ASSIGN", false, pool_auto_assign },
    { "AVOID-BUGGY-IPS", false, pool_avoid_buggy },
    { "ADDRESSES", false, pool_addresses },
    { "ASSIGNED", false, pool_assigned },
    { "AVAILABLE", false, pool_available },
    ALL_COLUMNS
};

static void
adv_pools(const struct column_source *src, struct ds *s)
{
    put_strings(s, &src->obj->advertisement.pools);
}

static void
adv_peers(const struct column_source *src, struct ds *s)
{
    put_strings(s, &src->obj->advertisement.peers);
}

static const struct column adv_columns[] = {
    { "IPADDRESSPOOLS", false, adv_pools },
    { "PEERS", false, adv_peers },
    ALL_COLUMNS
};

const struct column *
columns_of_kind(enum intent_kind kind)
{
    switch (kind) {
    case INTENT_EGRESS_SERVICE: return es_columns;
    case INTENT_SERVICE: return svc_columns;
    case INTENT_ENDPOINT_SLICE: return slice_columns;
    case INTENT_NODE: return node_columns;
    case INTENT_NNCP: return nncp_columns;
    case INTENT_BGP_PEER: return peer_columns;
    case INTENT_BFD_PROFILE: return bfd_columns;
    case INTENT_IP_ADDRESS_POOL: return pool_columns;
    case INTENT_BGP_ADVERTISEMENT: return adv_columns;
    case INTENT_NAMESPACE:
    case INTENT_SECRET:
    case INTENT_COMMUNITY:
    case INTENT_N_KINDS:
    default: return other_columns;
    }
}

void
columns_monitor(struct ctl_context *ctx)
{
    ovsdb_idl_add_column(ctx->idl, &egressrec_node_col_name);
    ovsdb_idl_add_column(ctx->idl, &egressrec_node_col_version);
    ovsdb_idl_add_column(ctx->idl, &egressrec_node_col_heartbeat);
}

const struct egressrec_node *
columns_find_node(struct ctl_context *ctx, const char *name)
{
    const struct egressrec_node *node;

    EGRESSREC_NODE_FOR_EACH (node, ctx->idl) {
        if (!strcmp(node->name, name)) {
            return node;
        }
    }
    return NULL;
}
