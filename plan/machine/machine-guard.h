/* SPDX-License-Identifier: Apache-2.0 */

/* What the guard of our nftables table knows: who is here, under which address
 * each may leave, and where: elements of nftables' sets
 * (plan/machine/machine-set.h).
 *
 * Called by plan/machine/machine-service.c, service by service.  Pure. */

#ifndef PLAN_MACHINE_MACHINE_GUARD_H
#define PLAN_MACHINE_MACHINE_GUARD_H 1

#include "openvswitch/shash.h"
#include "plan/machine/machine-build.h"

struct machine_guard {
    struct machine_builder *b;
    bool watching;              /* An endpoint is watched. */
    struct machine_set leftovers;
    struct shash links[IP_N_FAMILIES];  /* Number of a table to the "struct
                                         * svec" of its links. */
};

void machine_guard_init(struct machine_guard *, struct machine_builder *);
void machine_guard_destroy(struct machine_guard *);

/* 'ip', an endpoint or ClusterIP of 's', must not be seen outside. */
void machine_guard_hide(struct machine_guard *,
                        const struct machine_service *s,
                        const struct in6_addr *ip);

/* What 'endpoint' opens has the source 'source'. */
void machine_guard_pair(struct machine_guard *,
                        const struct in6_addr *endpoint,
                        const struct in6_addr *source);

/* 'endpoint' leaves by the network with 'table', untranslated. */
void machine_guard_let_out(struct machine_guard *,
                           const struct in6_addr *endpoint,
                           uint32_t table);

/* 'ip' is an ingress or source IP, of the network with 'table'; if that is 0,
 * it is 'blocked', or of no network. */
void machine_guard_publish(struct machine_guard *, const struct in6_addr *ip,
                           uint32_t table, bool blocked);

/* Adds the sets of services. */
void machine_guard_build(struct machine_guard *);

#endif /* plan/machine/machine-guard.h */
