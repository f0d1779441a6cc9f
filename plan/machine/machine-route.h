/* SPDX-License-Identifier: Apache-2.0 */

/* A route as a value.
 *
 * Used by plan/machine/ to say what is wanted, and by node/kind-route.c for
 * what the kernel has.  Pure. */

#ifndef PLAN_MACHINE_MACHINE_ROUTE_H
#define PLAN_MACHINE_MACHINE_ROUTE_H 1

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "intent/kinds.h"
#include "plan/machine/object.h"

/* Linux gives IPv6 routes this metric when none is asked for. */
#define MACHINE_IPV6_METRIC 1024

struct machine_hop {
    struct in6_addr via;        /* "::": directly connected. */
    char dev[IFNAMSIZ];
    unsigned int weight;        /* 1 to 256. */
};

/* The kernel tells routes of a table apart by prefix and metric (and TOS,
 * which we do not use). */
struct machine_route {
    struct machine_object object;
    uint32_t table;
    struct ip_prefix prefix;
    uint32_t metric;            /* IPv6: never 0. */
    enum intent_route_type type;
    struct in6_addr source;     /* Preferred source, "::" if none. */
    struct machine_hop *hops;   /* INTENT_UNICAST only.  Sorted, unique. */
    size_t n_hops;
};

extern const struct machine_class machine_class_route;

void machine_route_init(struct machine_route *);
void machine_route_destroy(struct machine_route *);

/* Adds a copy of 'hop'. */
void machine_route_add_hop(struct machine_route *, const struct machine_hop *);

/* True if 'route' is what 'absent' describes, whose table is 'table' (0 for
 * any).  As in NMState, the metric makes no difference. */
bool machine_route_is_absent(const struct machine_route *route,
                             const struct intent_route *absent,
                             uint32_t table);

#endif /* plan/machine/machine-route.h */
