/* SPDX-License-Identifier: Apache-2.0 */

/* Rows of OVN_Northbound, for the zone*.c files. */

#ifndef PLAN_ZONE_H
#define PLAN_ZONE_H 1

#include "plan/view.h"

/* Priorities of policies on the cluster router, as ovn-kubernetes has them:
 * EgressIP steers at 100, what never leaves the cluster goes before both. */
#define ZONE_STEER 101
#define ZONE_ALLOW 102

/* What the layouts have found to write, so far. */
struct zone {
    struct view *v;
    struct svec sources[IP_N_FAMILIES]; /* Names of sets of endpoints. */
    struct svec unhosted[IP_N_FAMILIES];        /* Endpoints to drop. */
    bool active;                /* There is something to steer. */
};

/* What a policy row says, beside its priority and match.  "" and NULL are
 * absent. */
struct zone_policy {
    const char *action;
    const struct in6_addr *next_hop;
    const char *pkt_mark;
    const char *node;           /* external_ids... */
    const char *service;
    const char *egress_svc;     /* ...ovn-kubernetes' EgressSVC. */
    const char *origin;
};

/* Adds a policy of the cluster router. */
void zone_add_policy(struct view *, const char *key, int priority,
                     const char *match, const struct zone_policy *);

/* Returns "ip4" or "ip6". */
const char *zone_ip_token(enum ip_family);

/* zone-node.c, zone-endpoint.c: layouts. */
void zone_write_node_layout(struct zone *);
void zone_write_endpoint_layout(struct zone *);

/* zone-shared.c: NAT on the gateway routers. */
void zone_write_nat(struct zone *);

#endif /* plan/zone.h */
