/* SPDX-License-Identifier: Apache-2.0 */

/* Typed objects as text: see intent-dump.h. */

#include <config.h>
#include "tests/intent-dump.h"

#include "util.h"

/* Fields. */

void
intent_dump_string(struct ds *s, const char *name, const char *value)
{
    ovs_assert(value);          /* Never NULL, as intent.h promises. */
    if (*value) {
        ds_put_format(s, "  %s: %s\n", name, value);
    }
}

void
intent_dump_int(struct ds *s, const char *name, long long int value,
                long long int absent)
{
    if (value != absent) {
        ds_put_format(s, "  %s: %lld\n", name, value);
    }
}

static void
dump_bool(struct ds *s, const char *name, bool value)
{
    if (value) {
        ds_put_format(s, "  %s: yes\n", name);
    }
}

void
intent_dump_ip(struct ds *s, const char *name, const struct in6_addr *ip)
{
    char buf[IP_STRLEN];

    if (ip_is_set(ip)) {
        ds_put_format(s, "  %s: %s\n", name, ip_format(ip, buf));
    }
}

static void
dump_family_ips(struct ds *s, const char *name,
                const struct in6_addr ips[IP_N_FAMILIES])
{
    for (int i = 0; i < IP_N_FAMILIES; i++) {
        intent_dump_ip(s, name, &ips[i]);
    }
}

static void
dump_ips(struct ds *s, const char *name, const struct intent_ips *ips)
{
    char buf[IP_STRLEN];

    ovs_assert(!ips->n == !ips->items);
    if (ips->n) {
        ds_put_format(s, "  %s:", name);
        for (size_t i = 0; i < ips->n; i++) {
            ds_put_format(s, " %s", ip_format(&ips->items[i], buf));
        }
        ds_put_char(s, '\n');
    }
}

void
intent_dump_prefixes(struct ds *s, const char *name,
                     const struct intent_prefixes *prefixes)
{
    char buf[IP_STRLEN];

    if (prefixes->n) {
        ds_put_format(s, "  %s:", name);
        for (size_t i = 0; i < prefixes->n; i++) {
            ds_put_format(s, " %s",
                          ip_prefix_format(&prefixes->items[i], buf));
        }
        ds_put_char(s, '\n');
    }
}

void
intent_dump_strings(struct ds *s, const char *name,
                    const struct intent_strings *strings)
{
    if (strings->n) {
        ds_put_format(s, "  %s:", name);
        for (size_t i = 0; i < strings->n; i++) {
            ds_put_format(s, " %s", strings->items[i]);
        }
        ds_put_char(s, '\n');
    }
}

void
intent_dump_map(struct ds *s, const char *name, const struct intent_map *map)
{
    for (size_t i = 0; i < map->n; i++) {
        ds_put_format(s, "  %s: %s=%s\n", name, map->pairs[i].key,
                      map->pairs[i].value);
        ovs_assert(intent_map_get(map, map->pairs[i].key)
                   == map->pairs[i].value);
    }
}

static void
dump_selector(struct ds *s, const char *name,
              const struct intent_selector *selector)
{
    static const char *const operators[] = {
        "in", "notin", "exists", "absent",
    };

    ds_put_format(s, "  %s:", name);
    for (size_t i = 0; i < selector->n; i++) {
        const struct intent_requirement *req = &selector->reqs[i];

        ds_put_format(s, "%s %s %s", i ? "," : "", req->key,
                      operators[req->op]);
        for (size_t j = 0; j < req->values.n; j++) {
            ds_put_format(s, " \"%s\"", req->values.items[j]);
        }
    }
    ds_put_cstr(s, selector->n ? "\n" : " all\n");
}

static void
dump_selectors(struct ds *s, const char *name,
               const struct intent_selectors *selectors)
{
    for (size_t i = 0; i < selectors->n; i++) {
        dump_selector(s, name, &selectors->items[i]);
    }
}

static const char *const protocols[] = { "TCP", "UDP", "SCTP" };

/* Kinds. */

static void
dump_egress_service(struct ds *s, const struct intent_egress_service *es)
{
    intent_dump_string(s, "source-ip-by",
                       es->source_ip_by == INTENT_BY_NETWORK
                       ? "Network" : "LoadBalancerIP");
    dump_selector(s, "node-selector", &es->node_selector);
    intent_dump_string(s, "network", es->network);
    intent_dump_int(s, "table", es->table, 0);
    intent_dump_string(s, "status-host", es->status_host);
}

static void
dump_service(struct ds *s, const struct intent_service *svc)
{
    static const char *const types[] = {
        "ClusterIP", "NodePort", "LoadBalancer", "ExternalName",
    };
    static const char *const policies[] = { "single", "prefer", "require" };

    intent_dump_string(s, "type", types[svc->type]);
    dump_ips(s, "cluster-ips", &svc->cluster_ips);
    for (size_t i = 0; i < svc->n_ports; i++) {
        const struct intent_service_port *p = &svc->ports[i];

        ds_put_format(s, "  port: %s/%u node=%u target=%s name=\"%s\"\n",
                      protocols[p->protocol], p->port, p->node_port,
                      p->target_port, p->name);
    }
    dump_bool(s, "etp-local", svc->etp_local);
    dump_bool(s, "itp-local", svc->itp_local);
    intent_dump_int(s, "affinity", svc->affinity_timeout, 0);
    dump_bool(s, "no-node-ports", !svc->allocate_node_ports);
    intent_dump_string(s, "class", svc->load_balancer_class);
    intent_dump_ip(s, "load-balancer-ip", &svc->load_balancer_ip);
    intent_dump_prefixes(s, "source-ranges", &svc->source_ranges);
    ds_put_format(s, "  families: %s%s first=%s policy=%s\n",
                  svc->families[IP_V4] ? "4" : "",
                  svc->families[IP_V6] ? "6" : "",
                  ip_family_name(svc->first_family),
                  policies[svc->family_policy]);
    dump_ips(s, "ingress", &svc->ingress_ips);
    dump_bool(s, "ingress-hostname", svc->has_ingress_hostname);
    dump_ips(s, "wanted-ips", &svc->wanted_ips);
    intent_dump_string(s, "wanted-pool", svc->wanted_pool);
    intent_dump_string(s, "sharing-key", svc->sharing_key);
}

static void
dump_endpoint_slice(struct ds *s, const struct intent_endpoint_slice *slice)
{
    intent_dump_string(s, "service", slice->service);
    intent_dump_string(s, "family", slice->fqdn ? "none"
                       : ip_family_name(slice->family));
    for (size_t i = 0; i < slice->n_endpoints; i++) {
        const struct intent_endpoint *e = &slice->endpoints[i];

        ds_put_format(s, "  endpoint: node=%s%s%s%s\n", e->node_name,
                      e->ready ? " ready" : "",
                      e->serving ? " serving" : "",
                      e->terminating ? " terminating" : "");
        dump_ips(s, "  addresses", &e->addresses);
    }
    for (size_t i = 0; i < slice->n_ports; i++) {
        const struct intent_endpoint_port *p = &slice->ports[i];

        ds_put_format(s, "  port: %s/%u name=\"%s\"\n",
                      protocols[p->protocol], p->port, p->name);
    }
}

static void
dump_node(struct ds *s, const struct intent_node *node)
{
    dump_bool(s, "ready", node->ready);
    dump_bool(s, "network-unavailable", node->network_unavailable);
    dump_bool(s, "unschedulable", node->unschedulable);
    dump_bool(s, "exclude-lb", node->exclude_lb);
    intent_dump_string(s, "hostname", node->hostname);
    intent_dump_string(s, "zone", node->zone);
    intent_dump_string(s, "switch", node->switch_name);
    intent_dump_string(s, "gateway-router", node->gateway_router);
    dump_ips(s, "addresses", &node->addresses);
    intent_dump_prefixes(s, "subnets", &node->subnets);
    dump_family_ips(s, "mgmt-ip", node->mgmt_ips);
    dump_family_ips(s, "join-ip", node->join_ips);
    dump_family_ips(s, "transit-ip", node->transit_ips);
}

static void
dump_bgp_peer(struct ds *s, const struct intent_bgp_peer *peer)
{
    intent_dump_int(s, "my-asn", peer->my_asn, 0);
    intent_dump_int(s, "peer-asn", peer->peer_asn, 0);
    intent_dump_int(s, "local-asn", peer->local_asn, 0);
    intent_dump_string(s, "dynamic-asn", peer->dynamic_asn);
    intent_dump_ip(s, "peer-address", &peer->peer_address);
    intent_dump_string(s, "interface", peer->interface);
    intent_dump_ip(s, "source-address", &peer->source_address);
    intent_dump_int(s, "peer-port", peer->peer_port, 179);
    intent_dump_int(s, "hold-time", peer->hold_time, -1);
    intent_dump_int(s, "keepalive-time", peer->keepalive_time, -1);
    intent_dump_int(s, "connect-time", peer->connect_time, -1);
    intent_dump_string(s, "router-id", peer->router_id);
    dump_selectors(s, "node-selector", &peer->node_selectors);
    intent_dump_string(s, "password", peer->password);
    intent_dump_string(s, "password-secret", peer->password_secret);
    intent_dump_string(s, "bfd-profile", peer->bfd_profile);
    dump_bool(s, "graceful-restart", peer->graceful_restart);
    dump_bool(s, "ebgp-multi-hop", peer->ebgp_multi_hop);
    dump_bool(s, "disable-mp", peer->disable_mp);
    dump_bool(s, "dual-stack", peer->dual_stack);
    intent_dump_string(s, "vrf", peer->vrf);
}

static void
dump_bfd_profile(struct ds *s, const struct intent_bfd_profile *profile)
{
    intent_dump_int(s, "receive-interval", profile->receive_interval, -1);
    intent_dump_int(s, "transmit-interval", profile->transmit_interval, -1);
    intent_dump_int(s, "detect-multiplier", profile->detect_multiplier, -1);
    intent_dump_int(s, "echo-interval", profile->echo_interval, -1);
    intent_dump_int(s, "minimum-ttl", profile->minimum_ttl, -1);
    dump_bool(s, "echo-mode", profile->echo_mode);
    dump_bool(s, "passive-mode", profile->passive_mode);
}

static void
dump_pool(struct ds *s, const struct intent_ip_address_pool *pool)
{
    char first[IP_STRLEN], last[IP_STRLEN];

    for (size_t i = 0; i < pool->n_ranges; i++) {
        ds_put_format(s, "  range: %s - %s\n",
                      ip_format(&pool->ranges[i].first, first),
                      ip_format(&pool->ranges[i].last, last));
    }
    dump_bool(s, "no-auto-assign", !pool->auto_assign);
    dump_bool(s, "avoid-buggy-ips", pool->avoid_buggy_ips);
    dump_bool(s, "allocation", pool->has_allocation);
    intent_dump_int(s, "priority", pool->priority, 0);
    intent_dump_strings(s, "namespaces", &pool->namespaces);
    dump_selectors(s, "namespace-selector", &pool->namespace_selectors);
    dump_selectors(s, "service-selector", &pool->service_selectors);
}

static void
dump_advertisement(struct ds *s, const struct intent_bgp_advertisement *ad)
{
    intent_dump_strings(s, "pools", &ad->pools);
    dump_selectors(s, "pool-selector", &ad->pool_selectors);
    intent_dump_strings(s, "peers", &ad->peers);
    dump_selectors(s, "node-selector", &ad->node_selectors);
    dump_selectors(s, "service-selector", &ad->service_selectors);
    intent_dump_int(s, "aggregation-length",
                    ad->aggregation_length[IP_V4], 32);
    intent_dump_int(s, "aggregation-length-v6",
                    ad->aggregation_length[IP_V6], 128);
    intent_dump_int(s, "local-pref", ad->local_pref, -1);
    intent_dump_strings(s, "communities", &ad->communities);
}

void
intent_dump(const struct intent_object *obj, struct ds *s)
{
    ds_put_format(s, "%s\n", intent_object_id(obj));
    intent_dump_map(s, "label", &obj->labels);
    intent_dump_map(s, "annotation", &obj->annotations);
    intent_dump_int(s, "generation", obj->generation, 0);
    intent_dump_string(s, "uid", obj->uid);
    intent_dump_string(s, "resource-version", obj->resource_version);
    intent_dump_string(s, "created", obj->created);
    switch (obj->kind) {
    case INTENT_EGRESS_SERVICE:
        dump_egress_service(s, &obj->egress_service);
        break;
    case INTENT_SERVICE:
        dump_service(s, &obj->service);
        break;
    case INTENT_ENDPOINT_SLICE:
        dump_endpoint_slice(s, &obj->endpoint_slice);
        break;
    case INTENT_NODE:
        dump_node(s, &obj->node);
        break;
    case INTENT_SECRET:
        intent_dump_string(s, "password", obj->secret.password);
        break;
    case INTENT_NNCP:
        intent_dump_nncp(&obj->nncp, s);
        break;
    case INTENT_BGP_PEER:
        dump_bgp_peer(s, &obj->bgp_peer);
        break;
    case INTENT_BFD_PROFILE:
        dump_bfd_profile(s, &obj->bfd_profile);
        break;
    case INTENT_IP_ADDRESS_POOL:
        dump_pool(s, &obj->pool);
        break;
    case INTENT_BGP_ADVERTISEMENT:
        dump_advertisement(s, &obj->advertisement);
        break;
    case INTENT_COMMUNITY:
        intent_dump_map(s, "alias", &obj->community.aliases);
        break;
    case INTENT_NAMESPACE:
    case INTENT_N_KINDS:
        break;
    }
}
