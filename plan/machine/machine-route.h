/* SPDX-License-Identifier: Apache-2.0 */

/* A route as a value, and as a row of machine.h.
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

struct plan_row;

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
    uint32_t table;
    struct ip_prefix prefix;
    uint32_t metric;            /* IPv6: never 0. */
    enum intent_route_type type;
    struct in6_addr source;     /* Preferred source, "::" if none. */
    struct machine_hop *hops;      /* INTENT_UNICAST only. */
    size_t n_hops;

    uint8_t protocol;           /* Who made it; does not make a difference. */
};

void machine_route_init(struct machine_route *);
void machine_route_destroy(struct machine_route *);

/* Adds a copy of 'hop'. */
void machine_route_add_hop(struct machine_route *, const struct machine_hop *);

/* Returns the key of its row: "2 0.0.0.0/0 metric 150".  The caller frees
 * it. */
char *machine_route_key(const struct machine_route *);

/* Returns a new row of table "route".  Columns: type; source if there is one;
 * hops, a set of "via 192.168.130.1 dev ens4 weight 1". */
struct plan_row *machine_route_to_row(const struct machine_route *);

/* Fills in '*route', which the caller destroys, from a row that
 * machine_route_to_row() made. */
void machine_route_from_row(const struct plan_row *,
                            struct machine_route *route);

/* True if 'route' is what 'absent' describes, whose table is 'table' (0 for
 * any).  As in NMState, the metric makes no difference. */
bool machine_route_is_absent(const struct machine_route *route,
                             const struct intent_route *absent,
                             uint32_t table);

#endif /* plan/machine/machine-route.h */
