/* SPDX-License-Identifier: Apache-2.0 */

/* FRR configuration for the announcements of one node, as text.
 *
 * The shape is that of MetalLB (one "router bgp" for each VRF, a route-map in
 * and one out for each neighbor, an allow-list of prefixes), so that people
 * who know one can read the other.  Each named object that is ours starts
 * with FRR_PREFIX, so that the rest of a host's configuration can be told
 * from it.  Pure; node/ loads the text.  FRR 8 and later. */

#ifndef PLAN_FRR_FRR_H
#define PLAN_FRR_FRR_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "intent/intent.h"
#include "svec.h"

struct ds;

/* What the names of our route-maps, prefix-lists and profiles start with. */
#define FRR_PREFIX "ovn-egress-"

/* A line that all our "router bgp" have: a router has no name that could tell
 * whose it is, so a peer group, which nobody is in, does.  Its name is longer
 * than that of an interface can be. */
#define FRR_OWNER_LINE "neighbor ovn-egress-owner peer-group"

/* What follows the name in a line that all our neighbors have. */
#define FRR_OWNER_DESCRIPTION "description ovn-egress"

/* Lines, of a VRF or of none, with which zebra takes a peer for reachable that
 * only a default route leads to.  They are shared: added, never removed. */
#define FRR_TRACKING_V4 "ip nht resolve-via-default"
#define FRR_TRACKING_V6 "ipv6 nht resolve-via-default"

/* FRR's defaults of a BFD profile: ms, a number, and hops. */
#define FRR_BFD_INTERVAL 300
#define FRR_BFD_MULTIPLIER 3
#define FRR_BFD_ECHO_INTERVAL 50
#define FRR_BFD_TTL 254

/* A prefix to announce to a peer. */
struct frr_announcement {
    struct ip_prefix prefix;
    struct svec attributes;     /* Sorted: "community=65535:65281",
                                 * "large-community=1:2:3",
                                 * "local-pref=100", "med=7", and
                                 * "prepend=5". */
};

/* A BGP neighbor of this node.  All pointers are borrowed. */
struct frr_peer {
    const struct intent_bgp_peer *peer;
    const char *bfd_name;       /* "" if no BFD profile. */
    const struct intent_bfd_profile *bfd;       /* NULL if none. */
    const char *password;       /* "" if none. */
    const struct frr_announcement *announcements;       /* By prefix. */
    size_t n_announcements;
};

/* Returns how FRR calls the neighbor: its interface, or its address, for which
 * 'buf' is. */
const char *frr_peer_name(const struct intent_bgp_peer *, char buf[IP_STRLEN]);

/* True if both are neighbors of one "router bgp". */
bool frr_same_router(const struct frr_peer *, const struct frr_peer *);

/* Appends to 's' the configuration for the 'n' 'peers', which are in a stable
 * order.  No peers, no text. */
void frr_render(const struct frr_peer *peers, size_t n, struct ds *s);

#endif /* plan/frr/frr.h */
