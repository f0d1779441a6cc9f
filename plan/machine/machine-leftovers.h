/* SPDX-License-Identifier: Apache-2.0 */

/* That the kernel tracks no connection of something that has left, nor one
 * that our nftables table would translate differently (node/leftover.h), as an
 * object: it is there when that is so.
 *
 * Used by plan/machine/ and node/kind-conntrack.c.  Pure. */

#ifndef PLAN_MACHINE_MACHINE_LEFTOVERS_H
#define PLAN_MACHINE_MACHINE_LEFTOVERS_H 1

#include "intent/kinds.h"
#include "plan/machine/object.h"

/* Who may be reached through which ingress IPs. */
struct machine_behind {
    struct in6_addr ip;         /* A ClusterIP or endpoint. */
    struct intent_ips ingress;
};

struct machine_leftovers {
    struct machine_object object;
    struct machine_behind *items;       /* In any order. */
    size_t n, allocated;
};

extern const struct machine_class machine_class_conntrack;

void machine_leftovers_init(struct machine_leftovers *);

void machine_leftovers_destroy(struct machine_leftovers *);

/* Adds one, to whose 'ingress' the caller adds. */
struct machine_behind *machine_leftovers_add(struct machine_leftovers *,
                                             const struct in6_addr *ip);

/* Adds 'ips'. */
void machine_behind_add(struct machine_behind *, const struct intent_ips *ips);

#endif /* plan/machine/machine-leftovers.h */
