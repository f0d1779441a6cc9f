/* SPDX-License-Identifier: Apache-2.0 */

/* Does a packet match the "match" of a Logical_Router_Policy?
 *
 * libopenvswitch has no parser for OVN's expressions.  This one evaluates what
 * we and ovn-kubernetes write in policies:
 *
 *     ip4.src, ip4.dst, ip6.src, ip6.dst    ==, != an address, a network,
 *                                           $SET, or {...} of these
 *     pkt.mark                              ==, != a number, or {...}
 *     inport                                ==, != "PORT", or {...}
 *     ip, ip4, ip6, 0, 1, !, &&, ||, (...), comments
 *
 * What it does not know it does not guess.  An unknown term still does not
 * hinder "ip4.src == 10.0.0.1 && tcp.dst == 80" from being false of another
 * source.  Called by trace-router.c and by tests.  Pure. */

#ifndef PLAN_TRACE_MATCH_H
#define PLAN_TRACE_MATCH_H 1

#include <stddef.h>
#include <stdint.h>

#include "intent/ip.h"

struct shash;

enum match_result {
    MATCH_NO,
    MATCH_YES,
    MATCH_DEPENDS,              /* On the destination, which is not known. */
    MATCH_UNKNOWN,              /* Not evaluated. */
};

/* The members of an Address_Set, borrowed. */
struct match_set {
    char **addresses;
    size_t n;
};

struct match_packet {
    struct in6_addr src;
    struct in6_addr dst;        /* Of the same family; "::" if not known. */
    uint32_t pkt_mark;
    const char *inport;         /* NULL if not known. */
    const struct shash *sets;   /* Name to "struct match_set". */
};

/* Evaluates 'match', any text, for 'packet'. */
enum match_result match_evaluate(const char *match,
                                 const struct match_packet *packet);

#endif /* plan/trace/match.h */
