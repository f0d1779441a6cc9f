/* SPDX-License-Identifier: Apache-2.0 */

/* A step of a trace: whether the cluster router has a route for the packet at
 * all.  See trace-build.h.  OVN takes the longest prefix, and of two of the
 * same length that by destination. */

#include <config.h>

#include "plan/trace/trace-build.h"

#include <string.h>

#include "util.h"

/* What is best so far, of those that lead somewhere and those that
 * discard. */
struct best {
    int rank;                   /* Higher is better; negative if none. */
    struct ip_prefix prefix;
    bool by_source;
};

static void
consider(struct best *best, const struct ip_prefix *p, bool by_source,
         const struct in6_addr *ip)
{
    int rank = (int) p->plen * 2 + !by_source;

    if (rank > best->rank && ip_prefix_contains(p, ip)) {
        *best = (struct best) { rank, *p, by_source };
    }
}

/* Looks at our own routes, as they are in OVN_Northbound. */
static void
consider_ours(const struct tracing *tc, struct best *best)
{
    const struct plan_rows *rows = tc->tr->in->nb;

    for (size_t i = 0; i < rows->n; i++) {
        const struct plan_row *row = rows->rows[i];
        struct ip_prefix p;

        if (!strcmp(row->table, "Logical_Router_Static_Route")
            && ip_prefix_parse(plan_row_string(row, "ip_prefix", ""), &p,
                               NULL)) {
            consider(best, &p, true, &tc->q->src);
        }
    }
}

/* Looks at the default route and the routes by source, which are for any
 * destination. */
static void
consider_sources(const struct tracing *tc, struct best *best)
{
    const struct plan_nb *nb = tc->v->nb;

    if (nb->has_default[tc->family]) {
        best->rank = 1;
    }
    for (size_t i = 0; i < nb->n_source_routes; i++) {
        consider(best, &nb->source_routes[i], true, &tc->q->src);
    }
}

/* Looks at all routes of others, if one of them discards.  Without a
 * destination, only the default route of those by destination counts. */
static void
consider_others(const struct tracing *tc, struct best *best,
                struct best *discard)
{
    const struct plan_nb *nb = tc->v->nb;
    const struct in6_addr *dst = &tc->q->dst;

    for (size_t i = 0; i < nb->n_routes; i++) {
        const struct plan_nb_route *r = &nb->routes[i];
        struct best *b = r->discard ? discard : best;

        if (r->by_source) {
            consider(b, &r->prefix, true, &tc->q->src);
        } else if (ip_is_set(dst)) {
            consider(b, &r->prefix, false, dst);
        } else if (!r->prefix.plen && b->rank < 1
                   && ip_family(&r->prefix.addr) == tc->family) {
            *b = (struct best) { 1, r->prefix, false };
        }
    }
}

/* True if the router has a route for the packet; otherwise says why it is
 * dropped. */
bool
trace_route(struct tracing *tc)
{
    struct best best = { .rank = -1 };
    struct best discard = { .rank = -1 };

    consider_ours(tc, &best);
    consider_sources(tc, &best);
    consider_others(tc, &best, &discard);
    if (discard.rank >= 0 && discard.rank >= best.rank) {
        char buf[IP_STRLEN];

        trace_bad(tc, "NoRoute", "the longest route for the packet, another "
                  "owner's for %s %s, discards it: OVN drops it before it "
                  "looks at policies",
                  discard.by_source ? "source" : "destination",
                  ip_prefix_format(&discard.prefix, buf));
        return false;
    } else if (best.rank < 0) {
        trace_bad(tc, "NoRoute", "no route of the router is for packets from "
                  "%s: OVN drops them before it looks at policies", tc->src);
        return false;
    }
    return true;
}
