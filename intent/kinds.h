/* SPDX-License-Identifier: Apache-2.0 */

/* The kinds of objects, each as a struct with just what the project uses.
 *
 * See intent.h for who owns what.  A field has the name of its manifest field
 * in the style of C.  Numbers are in the manifest's unit unless said so; a
 * default that the format defines is already filled in. */

#ifndef INTENT_KINDS_H
#define INTENT_KINDS_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "intent/ip.h"

enum intent_kind {
    INTENT_EGRESS_SERVICE,      /* k8s.ovn.org/v1 */
    INTENT_SERVICE,             /* v1 */
    INTENT_ENDPOINT_SLICE,      /* discovery.k8s.io/v1, v1beta1 */
    INTENT_NODE,                /* v1 */
    INTENT_NAMESPACE,           /* v1 */
    INTENT_SECRET,              /* v1 */
    INTENT_NNCP,                /* nmstate.io/v1, v1beta1:
                                 * NodeNetworkConfigurationPolicy. */
    INTENT_BGP_PEER,            /* metallb.io/v1beta2 (and v1beta1) */
    INTENT_BFD_PROFILE,         /* metallb.io/v1beta1 */
    INTENT_IP_ADDRESS_POOL,     /* metallb.io/v1beta1 */
    INTENT_BGP_ADVERTISEMENT,   /* metallb.io/v1beta1 */
    INTENT_COMMUNITY,           /* metallb.io/v1beta1 */
    INTENT_N_KINDS
};

/* Versions that are known of a kind, at most. */
#define INTENT_N_VERSIONS 2

/* Common parts. */

struct intent_pair {
    char *key;
    char *value;
};

/* Labels, annotations: sorted by key, keys unique. */
struct intent_map {
    struct intent_pair *pairs;
    size_t n;
};

struct intent_strings {
    char **items;
    size_t n;
};

struct intent_ips {
    struct in6_addr *items;
    size_t n;
};

struct intent_prefixes {
    struct ip_prefix *items;
    size_t n;
};

enum intent_selector_op {
    INTENT_SEL_IN,
    INTENT_SEL_NOT_IN,          /* Also true if the key is absent. */
    INTENT_SEL_EXISTS,
    INTENT_SEL_DOES_NOT_EXIST,
};

struct intent_requirement {
    char *key;
    enum intent_selector_op op;
    struct intent_strings values;
};

/* A LabelSelector.  matchLabels are here as requirements of one value. */
struct intent_selector {
    struct intent_requirement *reqs;
    size_t n;
};

struct intent_selectors {       /* OR. */
    struct intent_selector *items;
    size_t n;
};

enum intent_protocol { INTENT_TCP, INTENT_UDP, INTENT_SCTP };

/* EgressService. */

enum intent_source_ip_by {
    INTENT_BY_LOAD_BALANCER_IP,
    INTENT_BY_NETWORK,
};

struct intent_egress_service {
    enum intent_source_ip_by source_ip_by;
    struct intent_selector node_selector;
    char *network;              /* Table number or name; "" is the host's. */
    uint32_t table;             /* 'network' as a number, or 0. */
    char *status_host;          /* status.host: "", a node, or "ALL". */
};

/* Service. */

enum intent_service_type {
    INTENT_CLUSTER_IP, INTENT_NODE_PORT, INTENT_LOAD_BALANCER,
    INTENT_EXTERNAL_NAME,
};

enum intent_ip_family_policy {
    INTENT_SINGLE_STACK, INTENT_PREFER_DUAL_STACK, INTENT_REQUIRE_DUAL_STACK,
};

struct intent_service_port {
    char *name;
    enum intent_protocol protocol;
    uint16_t port;
    uint16_t node_port;         /* 0 if none. */
    char *target_port;          /* Number or name. */
};

struct intent_service {
    enum intent_service_type type;
    struct intent_ips cluster_ips;      /* Without "None". */
    struct intent_service_port *ports;
    size_t n_ports;
    bool etp_local;             /* externalTrafficPolicy: Local. */
    bool itp_local;             /* internalTrafficPolicy: Local. */
    int affinity_timeout;       /* Seconds; 0 is no sessionAffinity. */
    bool allocate_node_ports;
    char *load_balancer_class;
    struct intent_map selector; /* Of pods. */
    struct intent_ips external_ips;     /* spec.externalIPs. */
    struct in6_addr load_balancer_ip;   /* spec.loadBalancerIP. */
    struct intent_prefixes source_ranges;
    enum intent_ip_family_policy family_policy;
    bool families[IP_N_FAMILIES];       /* spec.ipFamilies, or by ClusterIP. */
    enum ip_family first_family;        /* The primary one. */
    struct intent_ips ingress_ips;      /* status.loadBalancer.ingress[].ip */
    bool has_ingress_hostname;  /* An entry with a hostname alone. */
    struct intent_ips wanted_ips;       /* metallb.io/loadBalancerIPs. */
    char *wanted_pool;          /* metallb.io/address-pool. */
    char *sharing_key;          /* metallb.io/allow-shared-ip. */
};

/* EndpointSlice. */

struct intent_endpoint {
    struct intent_ips addresses;
    bool ready, serving, terminating;
    char *node_name;            /* "" if unknown. */
};

struct intent_endpoint_port {
    char *name;
    enum intent_protocol protocol;
    uint16_t port;
};

struct intent_endpoint_slice {
    char *service;              /* Label kubernetes.io/service-name. */
    bool fqdn;                  /* addressType FQDN: no addresses. */
    enum ip_family family;
    struct intent_endpoint *endpoints;
    size_t n_endpoints;
    struct intent_endpoint_port *ports;
    size_t n_ports;
};

/* Node.  Addresses come from the annotations of ovn-kubernetes
 * (k8s.ovn.org/...) or, where those are absent, from our own
 * (ovn-egress.org/...): see Documentation/manifests.  Unset is "::". */
struct intent_node {
    bool ready;                 /* Condition Ready is True (or not given). */
    bool network_unavailable;   /* Condition NetworkUnavailable is True. */
    bool unschedulable;         /* Cordoned. */
    bool exclude_lb;            /* Label node.kubernetes.io/exclude-...
                                 * from-external-load-balancers. */
    char *hostname;             /* Label kubernetes.io/hostname, or name. */
    char *zone;                 /* k8s.ovn.org/zone-name. */
    char *switch_name;          /* ovn-egress.org/logical-switch. */
    char *gateway_router;       /* ovn-egress.org/gateway-router. */
    struct intent_ips addresses;        /* status.addresses, and host-cidrs:
                                         * every address of the host. */
    struct intent_prefixes subnets;     /* Pod subnets. */
    struct intent_prefixes masquerade;  /* Its masquerade subnets. */
    struct in6_addr mgmt_ips[IP_N_FAMILIES];
    struct in6_addr join_ips[IP_N_FAMILIES];
    struct in6_addr transit_ips[IP_N_FAMILIES];
};

/* Secret: type kubernetes.io/basic-auth, for the passwords of BGP peers. */
struct intent_secret {
    char *password;             /* Decoded. */
};

/* NodeNetworkConfigurationPolicy (NMState's desiredState). */

enum intent_if_state { INTENT_IF_UP, INTENT_IF_DOWN, INTENT_IF_ABSENT,
                       INTENT_IF_IGNORE };

struct intent_if_ip {
    bool given;                 /* The section is there. */
    bool enabled;               /* True if given without saying. */
    bool dhcp;                  /* DHCP or autoconf: not ours to run. */
    int forwarding;             /* -1 not given, 0 off, 1 on. */
    struct intent_prefixes addresses;   /* Host bits are kept. */
};

struct intent_interface {
    char *name;
    char *type;                 /* "vrf", "ethernet", ..., or "". */
    enum intent_if_state state;
    uint32_t vrf_table;         /* 0 if not a VRF, or not given. */
    struct intent_strings vrf_ports;    /* Sorted. */
    uint32_t mtu;               /* 0 if not given. */
    struct intent_if_ip ip[IP_N_FAMILIES];
};

enum intent_route_type { INTENT_UNICAST, INTENT_BLACKHOLE,
                         INTENT_UNREACHABLE, INTENT_PROHIBIT };

struct intent_route {
    bool absent;                /* Remove; what is not given is a wildcard. */
    bool has_destination;
    struct ip_prefix destination;
    struct in6_addr next_hop;   /* "::" if none. */
    char *interface;
    char *vrf_name;
    int64_t metric;             /* -1 if not given. */
    uint32_t table;             /* If not given or 0: that of 'vrf_name', or
                                 * else 254.  0 if absent and not given, or
                                 * if the policy lacks the VRF. */
    uint32_t weight;            /* 0 if not given. */
    enum intent_route_type type;        /* If absent, unicast is any. */
    struct in6_addr source;     /* "::" if none. */
};

enum intent_rule_action { INTENT_RULE_TABLE, INTENT_RULE_BLACKHOLE,
                          INTENT_RULE_UNREACHABLE, INTENT_RULE_PROHIBIT };

struct intent_rule {
    bool absent;                /* Remove; what is not given is a wildcard. */
    bool has_family;            /* False only if absent: any family. */
    enum ip_family family;
    bool has_from, has_to;
    struct ip_prefix from, to;
    int64_t priority;           /* -1 if not given. */
    enum intent_rule_action action;     /* If absent, table is any. */
    uint32_t table;             /* 254 if not given or 0; 0 if absent and not
                                 * given, or with another action. */
    uint32_t fwmark, fwmask;    /* fwmask 0: no mark. */
    char *iif;
    int64_t suppress_prefix_length;     /* -1 if not given. */
};

struct intent_nncp {
    struct intent_map node_selector;    /* Equality. */
    int max_unavailable;        /* Nodes, or percent; see next. */
    bool max_unavailable_percent;
    struct intent_interface *interfaces;
    size_t n_interfaces;
    struct intent_route *routes;
    size_t n_routes;
    struct intent_rule *rules;
    size_t n_rules;
};

/* MetalLB. */

struct intent_bgp_peer {
    uint32_t my_asn, peer_asn, local_asn;       /* 0 if not given. */
    char *dynamic_asn;          /* "", "internal" or "external". */
    struct in6_addr peer_address;
    char *interface;            /* Unnumbered, instead of the address. */
    struct in6_addr source_address;
    uint16_t peer_port;
    int hold_time, keepalive_time, connect_time;        /* s; -1 not given. */
    char *router_id;
    struct intent_selectors node_selectors;
    char *password;
    char *password_secret;      /* Name of a Secret. */
    char *bfd_profile;
    bool graceful_restart, ebgp_multi_hop, disable_mp, dual_stack;
    char *vrf;
};

struct intent_bfd_profile {
    int receive_interval, transmit_interval;    /* ms; -1 not given. */
    int detect_multiplier, echo_interval, minimum_ttl;  /* -1 not given. */
    bool echo_mode, passive_mode;
};

struct intent_ip_address_pool {
    struct ip_range *ranges;
    size_t n_ranges;
    bool auto_assign, avoid_buggy_ips;
    bool has_allocation;        /* serviceAllocation is there. */
    int priority;               /* Lower wins; 0 is the lowest rank. */
    struct intent_strings namespaces;
    struct intent_selectors namespace_selectors;
    struct intent_selectors service_selectors;
};

struct intent_bgp_advertisement {
    struct intent_strings pools;
    struct intent_selectors pool_selectors;     /* Neither: all pools. */
    struct intent_strings peers;                /* None: all. */
    struct intent_selectors node_selectors;     /* None: all. */
    struct intent_selectors service_selectors;  /* None: all. */
    unsigned int aggregation_length[IP_N_FAMILIES];
    int64_t local_pref;         /* -1 if not given. */
    struct intent_strings communities;
};

struct intent_community {
    struct intent_map aliases;  /* Name to value. */
};

/* An object of any kind. */
struct intent_object {
    enum intent_kind kind;
    char *id;                   /* "EgressService test/server1". */
    char *file;                 /* Where it came from: "" and 0 if not from */
    unsigned int line;          /* a file. */
    char *name;
    char *namespace;            /* "default" if not given; "" if the kind
                                 * has none. */
    struct intent_map labels;
    struct intent_map annotations;
    int64_t generation;         /* metadata.generation, 0 if not given. */
    char *uid, *resource_version, *created;     /* "" if not given. */
    char *manifest;             /* The whole object as canonical JSON: one
                                 * line, keys sorted. */
    union {
        struct intent_egress_service egress_service;
        struct intent_service service;
        struct intent_endpoint_slice endpoint_slice;
        struct intent_node node;
        struct intent_secret secret;
        struct intent_nncp nncp;
        struct intent_bgp_peer bgp_peer;
        struct intent_bfd_profile bfd_profile;
        struct intent_ip_address_pool pool;
        struct intent_bgp_advertisement advertisement;
        struct intent_community community;
    };
    struct intent_arena *arena; /* Owns all of it. */
};

#endif /* intent/kinds.h */
