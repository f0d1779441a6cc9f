/* SPDX-License-Identifier: Apache-2.0 */

/* Rows of OVN_Northbound, for the zone*.c files. */

#ifndef PLAN_EMIT_ZONE_H
#define PLAN_EMIT_ZONE_H 1

#include "plan/emit/emit.h"
#include "plan/rows/policy-source.h"

/* What the layouts have found to write, so far. */
struct zone {
    const struct view *v;
    size_t n_sources[IP_N_FAMILIES];    /* Sets of endpoints, of no node. */
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
void zone_add_policy(const struct view *, const char *key, int priority,
                     const char *match, const struct zone_policy *);

/* Adds a policy that lets traffic from set 'src' reach the nodes. */
void zone_add_node_allow(struct zone *, enum ip_family, const char *src);

/* The same for what is in the set 'dst'. */
void zone_add_host_allow(struct zone *, enum ip_family, const char *src,
                         const char *dst);

/* Adds to 'texts' the endpoints of 'family' that should be steered and are
 * not, if these are to be dropped. */
void zone_find_unhosted(const struct view *, enum ip_family,
                        struct svec *texts);

/* Returns "ip4" or "ip6". */
const char *zone_ip_token(enum ip_family);

/* zone-node.c: layout "node". */
void zone_write_node(struct zone *, struct ledger_node *);
void zone_write_unhosted(struct zone *);

/* zone-endpoint.c: layout "endpoint". */
void zone_write_endpoints(struct zone *, const struct view_service *);
void zone_write_served(struct zone *);

/* zone-shared.c: NAT on the gateway routers. */
void zone_write_nat(struct zone *, const struct view_service *);

#endif /* plan/emit/zone.h */
