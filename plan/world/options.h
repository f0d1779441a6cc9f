/* SPDX-License-Identifier: Apache-2.0 */

/* The options of all daemons, as the planner reads them. */

#ifndef PLAN_WORLD_OPTIONS_H
#define PLAN_WORLD_OPTIONS_H 1

#include <stdbool.h>

#include "intent/intent.h"
#include "smap.h"

/* Options: Egress_Global's "options", see ovn-egress(5). */

enum plan_gateway_mode { PLAN_GW_LOCAL, PLAN_GW_SHARED };
enum plan_layout { PLAN_LAYOUT_NODE, PLAN_LAYOUT_ENDPOINT };
enum plan_on_no_host { PLAN_NO_HOST_ALLOW, PLAN_NO_HOST_DROP };
enum plan_ingress { PLAN_INGRESS_AUTO, PLAN_INGRESS_ON, PLAN_INGRESS_OFF };
enum plan_newest_by { PLAN_NEWEST_BY_MED, PLAN_NEWEST_BY_AS_PATH };
enum plan_rules { PLAN_RULES_MARK, PLAN_RULES_ADDRESS };

struct plan_options {
    enum plan_gateway_mode gateway_mode;
    enum plan_layout layout;
    enum plan_on_no_host on_no_host;
    bool wait_for_nodes;        /* Steer only what a node acknowledged. */
    bool allocate_ips;          /* Ingress IPs from IPAddressPools. */
    bool announce;              /* Over BGP, to the BGPPeers. */
    enum plan_newest_by newest_by;      /* What routers see of its epoch. */
    enum plan_ingress ingress;  /* Provide the Services' load balancers. */
    char *router;               /* "ovn_cluster_router". */
    char *zone;                 /* Our zone, or "" if there is just one. */
    struct ip_prefix *cluster_networks;         /* None: from topology. */
    size_t n_cluster_networks;
    struct ip_prefix *service_networks;
    size_t n_service_networks;
    struct ip_prefix *join_networks;            /* None: from topology. */
    size_t n_join_networks;
    unsigned int set_size;      /* Split an address set beyond this size. */
    char *lb_class;             /* loadBalancerClass to allocate for; "" is
                                 * the services without one. */

    /* For the nodes' helpers alone, which read them from "effective". */
    struct ip_prefix *masquerade_networks;       /* None: from topology. */
    size_t n_masquerade_networks;
    unsigned int drain_seconds; /* How long a node that was left serves. */
    enum plan_rules rules;      /* How endpoints get their routing table. */
    struct smap others;         /* Options of other modules, as they are. */
};

/* Name of the Load_Balancer_Group that holds all our load balancers.  That
 * table has no external_ids: the name is the mark. */
#define PLAN_LB_GROUP "ovn_egress"

/* Parses 'options' into '*o', with defaults for what is not there.  A wrong
 * value is replaced by that of 'last', the options that were in force before,
 * which may be NULL, or else by the one that does the least harm; it is a
 * problem of the object "options", as is an option that does not exist.
 * plan_options_init() has no 'last'. */
void plan_options_read(struct plan_options *o, const struct smap *options,
                       const struct smap *last, struct intent_problems *);
void plan_options_init(struct plan_options *o, const struct smap *options,
                       struct intent_problems *);
void plan_options_destroy(struct plan_options *);

/* Adds to 'smap' all options of 'o', as plan_options_init() reads them. */
void plan_options_format(const struct plan_options *o, struct smap *);

#endif /* plan/world/options.h */
