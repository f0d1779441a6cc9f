/* SPDX-License-Identifier: Apache-2.0 */

/* Checks across manifests, for the check*.c files and status.c. */

#ifndef PLAN_CHECK_CHECK_H
#define PLAN_CHECK_CHECK_H 1

#include "plan/world/pool-index.h"
#include "plan/world/view.h"

/* A routing table that policies make. */
struct check_table {
    const struct intent_object **policies;      /* That make it. */
    size_t n_policies;
    const char *vrf;            /* Name of the first VRF, or NULL. */
    bool has_route[IP_N_FAMILIES];
    bool has_default[IP_N_FAMILIES];
};

/* An IPAddressPool, with who announces it. */
struct check_pool {
    const struct intent_object *obj;
    const struct intent_object **adverts;       /* BGPAdvertisements. */
    size_t n_adverts, allocated_adverts;
    struct shash by_label;      /* Label key of the hosts that an
                                 * advertisement is bound to, to the number of
                                 * those (as a pointer). */
};

struct check {
    const struct view *v;
    bool is_alone;              /* There are no conditions beside it. */
    struct intent_problems *problems;           /* Where they go now. */
    struct intent_problems common;              /* Of all that is no
                                                 * service. */
    struct shash tables;        /* Number as text to "struct check_table". */
    struct shash vrfs;          /* Interface name to the policy (the first)
                                 * that makes it. */
    struct check_pool *pools;   /* In the order of view->kinds. */
    size_t n_pools;
    struct shash pools_by_name;
    struct pool_index index;    /* Of the pools. */
    struct shash selections;    /* Selector and table to what is wrong with
                                 * the nodes, or "". */
};

/* Checks all that is no service.  Unless 'is_alone', what the conditions of an
 * EgressService tell is left out. */
struct check *check_create(const struct view *, bool is_alone);
void check_destroy(struct check *);

/* Appends the problems of the services of the view, and of all that is no
 * service, by object. */
void check_run(struct check *, struct intent_problems *);

/* check-network.c: NodeNetworkConfigurationPolicies. */
void check_networks(struct check *);

/* check-reach.c: what in a policy may cut a node off. */
void check_reach(struct check *, const struct intent_object *policy);
const struct check_table *check_find_table(const struct check *,
                                           uint32_t table);
bool check_policy_matches(const struct intent_object *policy,
                          const struct view_node *);

/* check-bgp.c: BGPPeers, IPAddressPools, BGPAdvertisements. */
void check_bgp(struct check *);
void check_services(struct check *);
const struct check_pool *check_find_pool(const struct check *,
                                         const struct in6_addr *);

/* Returns how many of the pool's advertisements are bound to the nodes with
 * 'label'. */
size_t check_pool_count(const struct check_pool *, const char *label);

#endif /* plan/check/check.h */
