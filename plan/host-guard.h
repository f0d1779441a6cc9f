/* SPDX-License-Identifier: Apache-2.0 */

/* What the guard of our nftables table knows: who is here, under which address
 * each may leave, and where.  Rows of nft-map and conntrack (plan/host.h).
 *
 * Called by plan/host-service.c, service by service.  Pure. */

#ifndef PLAN_HOST_GUARD_H
#define PLAN_HOST_GUARD_H 1

#include "openvswitch/shash.h"
#include "plan/host-build.h"
#include "smap.h"
#include "sset.h"

/* The elements of nft-map, for one family. */
struct host_guard_sets {
    struct sset hidden, pair, exit, public, way, anywhere, services, watched;
};

struct host_guard {
    struct host_builder *b;
    struct host_guard_sets sets[IP_N_FAMILIES];
    struct smap behind;         /* Of the row of conntrack. */
    struct shash links[IP_N_FAMILIES];  /* Number of a table to the "struct
                                         * svec" of its links. */
};

void host_guard_init(struct host_guard *, struct host_builder *);
void host_guard_destroy(struct host_guard *);

/* 'ip', an endpoint or ClusterIP of 's', must not be seen outside. */
void host_guard_hide(struct host_guard *, const struct host_service *s,
                     const struct in6_addr *ip);

/* What 'endpoint' opens has the source 'source'. */
void host_guard_pair(struct host_guard *, const struct in6_addr *endpoint,
                     const struct in6_addr *source);

/* 'endpoint' leaves by the network with 'table', untranslated. */
void host_guard_let_out(struct host_guard *, const struct in6_addr *endpoint,
                        uint32_t table);

/* 'ip' is an ingress or source IP, of the network with 'table'; if that is 0,
 * it is 'blocked', or of no network. */
void host_guard_publish(struct host_guard *, const struct in6_addr *ip,
                        uint32_t table, bool blocked);

/* Adds the rows.  Returns true if an endpoint is watched. */
bool host_guard_build(struct host_guard *);

#endif /* plan/host-guard.h */
