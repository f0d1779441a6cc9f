/* SPDX-License-Identifier: Apache-2.0 */

/* The part of OVN_Northbound that is not ours, as the planner sees it.
 * ovsdb/ collects it. */

#ifndef PLAN_WORLD_NB_H
#define PLAN_WORLD_NB_H 1

#include <stdbool.h>
#include <stdint.h>

#include "intent/ip.h"
#include "openvswitch/shash.h"
#include "smap.h"
#include "sset.h"

/* Topology: what OVN_Northbound says of one node. */
struct plan_nb_node {
    char *name;
    bool local;                 /* Its switch is in this NB (this zone). */
    bool remote;                /* A port says that it is in another zone. */
    char *switch_name;          /* "" if unknown, and so on. */
    char *gateway_router;
    struct ip_prefix *subnets;  /* Of its pods. */
    size_t n_subnets;
    struct in6_addr mgmt_ips[IP_N_FAMILIES];    /* "::" if unknown. */
    struct in6_addr join_ips[IP_N_FAMILIES];
    struct in6_addr transit_ips[IP_N_FAMILIES];
};

/* A logical router policy of another owner, on the cluster router. */
struct plan_nb_policy {
    int64_t priority;
    char *match;
    char *action;
    char *next_hop;             /* "" unless there is exactly one. */
    char *egress_svc;           /* The service of which ovn-kubernetes made
                                 * it, from external_ids:EgressSVC; "" if it
                                 * did not. */
};

/* A route of the cluster router, but for ours. */
struct plan_nb_route {
    struct ip_prefix prefix;
    bool by_source;
    bool discard;               /* OVN drops what takes it. */
};

struct plan_nb {
    char *zone;                 /* What it calls its zone, or NULL. */
    bool has_router;            /* The cluster router exists. */
    bool kubernetes;            /* ovn-kubernetes made it: it provides the
                                 * Services' load balancers itself. */
    struct shash nodes;         /* Name to "struct plan_nb_node". */
    struct sset switches;       /* The names of all. */
    struct sset routers;        /* Likewise. */
    struct ip_prefix *networks; /* Of the router's ports: where a next hop
                                 * can be. */
    size_t n_networks;
    struct ip_prefix *cluster_networks; /* From its src-ip routes. */
    size_t n_cluster_networks;
    struct ip_prefix *inside_networks;  /* If it is of no CMS: what its ports
                                         * and routes reach that is not
                                         * outside. */
    size_t n_inside_networks;
    struct ip_prefix *uplink_networks;  /* Likewise: those with the next hop
                                         * of a default route. */
    size_t n_uplink_networks;

    /* Its routes, but for ours and, except in 'routes', those that discard.
     * OVN drops a packet without a route before it looks at policies. */
    bool has_default[IP_N_FAMILIES];
    struct ip_prefix *source_routes;    /* By source. */
    size_t n_source_routes;
    unsigned int shortest[IP_N_FAMILIES];       /* Length of the shortest
                                                 * prefix by destination but
                                                 * the default; 0 if none.
                                                 * One that discards
                                                 * counts. */
    struct plan_nb_route *routes;       /* All of them, and the networks of its
                                         * ports; none if no route
                                         * discards. */
    size_t n_routes;
    struct ip_prefix *join_networks;    /* Of its gateway routers' ports. */
    size_t n_join_networks;
    struct ip_prefix *masquerade_networks;      /* Of their other ports and
                                                 * routes. */
    size_t n_masquerade_networks;
    struct plan_nb_policy *foreign;     /* Sorted by priority, match. */
    size_t n_foreign;
    struct sset foreign_sets;   /* Names of address sets of others. */
    struct smap foreign_vips;   /* "tcp 10.96.0.1:80" to the name of another
                                 * owner's load balancer.  Only where the
                                 * Services' are ours to provide. */
};

void plan_nb_init(struct plan_nb *);
void plan_nb_destroy(struct plan_nb *);

#endif /* plan/world/nb.h */
