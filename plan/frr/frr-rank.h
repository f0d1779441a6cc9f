/* SPDX-License-Identifier: Apache-2.0 */

/* The rank of an announcement: by what a router prefers it to those of other
 * nodes, or not.  In a router of ours it is one for each prefix, set where the
 * prefix comes from, so that it is there for each of its peers.
 *
 * bgpd applies a changed route-map only after seconds, a new one at once: so
 * there is one for each rank, and a prefix goes from one to the next.
 *
 * The AS that the path has more than once is that of the router.  A peer in
 * this AS would take that for a loop, so it does not see it (frr.c).
 *
 * Pure.  frr.c and the node's helper call it. */

#ifndef PLAN_FRR_FRR_RANK_H
#define PLAN_FRR_FRR_RANK_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ds;
struct frr_peer;
struct intent_bgp_peer;
struct ip_prefix;

/* What the names of the route-maps begin with. */
#define FRR_RANK_MAP "ovn-egress-med-"

/* What the attribute begins with that has the number of prepends. */
#define FRR_PREPEND_KEY "prepend="

struct frr_rank {
    uint32_t med;
    uint32_t prepends;          /* How often the path has our AS more than it
                                 * needs to. */
};

/* Finds the rank with which the router of 'peers[i]' announces 'prefix': that
 * of the first of its peers that has one.  Returns true and sets '*rank' if
 * there is one. */
bool frr_router_rank(const struct frr_peer *peers, size_t n, size_t i,
                     const struct ip_prefix *prefix, struct frr_rank *rank);

/* True if the peer is in the AS of our router itself. */
bool frr_peer_is_in_own_as(const struct intent_bgp_peer *);

/* Returns the name of the route-map for 'rank' in a router of AS 'asn'.  The
 * caller frees it. */
char *frr_rank_map(const struct frr_rank *rank, uint32_t asn);

/* Appends these route-maps, for all that the 'n' 'peers' announce. */
void frr_put_ranks(const struct frr_peer *peers, size_t n, struct ds *);

#endif /* plan/frr/frr-rank.h */
