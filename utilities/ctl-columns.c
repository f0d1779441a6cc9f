/* SPDX-License-Identifier: Apache-2.0 */

/* What "get" shows of the kinds of OVN, Kubernetes and NMState: see the
 * header. */

#include <config.h>
#include "utilities/ctl-columns.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "ovsdb-idl.h"
#include "smap.h"
#include "util.h"

#include "ovsdb/egress-idl.h"
#include "utilities/ctl-cells.h"
#include "utilities/ctl-object.h"
#include "utilities/ctl-view.h"
#include "utilities/egressctl.h"

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

static const struct column other_columns[] = {
    CELL_ALL_COLUMNS
};

/* EgressService. */

static void
es_host(const struct column_source *src, struct ds *s)
{
    cell_put_status(src, "host", s);
}

static void
es_ingress(const struct column_source *src, struct ds *s)
{
    cell_put_status(src, "ingress", s);
}

static void
es_ready(const struct column_source *src, struct ds *s)
{
    cell_put_condition(src, "Ready", s);
}

static void
es_reason(const struct column_source *src, struct ds *s)
{
    cell_put_reason(src, "Ready", s);
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
    CELL_ALL_COLUMNS
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
    cell_put_ips(s, &src->obj->service.cluster_ips);
}

static void
svc_external_ip(const struct column_source *src, struct ds *s)
{
    cell_put_status(src, "ingress", s);
    if (!s->length) {
        cell_put_ips(s, &src->obj->service.ingress_ips);
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
    cell_put_status(src, "pool", s);
}

static const struct column svc_columns[] = {
    { "TYPE", false, svc_type },
    { "CLUSTER-IP", false, svc_cluster_ip },
    { "EXTERNAL-IP", false, svc_external_ip },
    { "PORT(S)", false, svc_ports },
    { "POOL", true, svc_pool },
    CELL_ALL_COLUMNS
};

/* EndpointSlice. */

static void
slice_type(const struct column_source *src, struct ds *s)
{
    const struct intent_endpoint_slice *slice = &src->obj->endpoint_slice;

    ds_put_cstr(s, (slice->fqdn ? "FQDN"
                    : ip_family_title(slice->family)));
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
        cell_put_ips(s, &slice->endpoints[i].addresses);
    }
}

static void
slice_nodes(const struct column_source *src, struct ds *s)
{
    const struct intent_endpoint_slice *slice = &src->obj->endpoint_slice;

    for (size_t i = 0; i < slice->n_endpoints; i++) {
        const char *node = slice->endpoints[i].node_name;

        cell_put_member(s, node[0] ? node : "-");
    }
}

static const struct column slice_columns[] = {
    { "SERVICE", false, slice_service },
    { "ADDRESSTYPE", false, slice_type },
    { "PORTS", false, slice_ports },
    { "ENDPOINTS", false, slice_endpoints },
    { "NODES", true, slice_nodes },
    CELL_ALL_COLUMNS
};

/* Node. */

static void
node_status(const struct column_source *src, struct ds *s)
{
    const struct intent_node *node = &src->obj->node;

    ds_put_cstr(s, node->ready ? "Ready" : "NotReady");
    if (node->network_unavailable) {
        cell_put_member(s, "NetworkUnavailable");
    }
    if (node->unschedulable) {
        cell_put_member(s, "SchedulingDisabled");
    }
}

static void
node_eligible(const struct column_source *src, struct ds *s)
{
    cell_put_condition(src, "Eligible", s);
}

static void
node_reason(const struct column_source *src, struct ds *s)
{
    cell_put_reason(src, "Eligible", s);
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
            cell_put_member(s, sorted[i]->key + strlen(VIEW_LABEL));
        }
    }
    free(sorted);
}

static void
node_addresses(const struct column_source *src, struct ds *s)
{
    cell_put_ips(s, &src->obj->node.addresses);
}

static const struct column node_columns[] = {
    { "STATUS", false, node_status },
    { "ELIGIBLE", false, node_eligible },
    { "REASON", false, node_reason },
    { "HELPER", false, node_helper },
    { "LABELS", false, node_labels },
    { "ADDRESSES", true, node_addresses },
    CELL_ALL_COLUMNS
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
    CELL_ALL_COLUMNS
};

const struct column *
columns_of_kind(enum intent_kind kind)
{
    static const struct column *const columns[INTENT_N_KINDS] = {
        [INTENT_EGRESS_SERVICE] = es_columns,
        [INTENT_SERVICE] = svc_columns,
        [INTENT_ENDPOINT_SLICE] = slice_columns,
        [INTENT_NODE] = node_columns,
        [INTENT_NNCP] = nncp_columns,
        [INTENT_BGP_PEER] = columns_of_bgp_peer,
        [INTENT_BFD_PROFILE] = columns_of_bfd_profile,
        [INTENT_IP_ADDRESS_POOL] = columns_of_ip_address_pool,
        [INTENT_BGP_ADVERTISEMENT] = columns_of_bgp_advertisement,
    };

    return columns[kind] ? columns[kind] : other_columns;
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
