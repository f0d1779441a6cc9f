/* SPDX-License-Identifier: Apache-2.0 */

/* FRR configuration as text.  See frr.h. */

#include <config.h>

#include "plan/frr/frr.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "plan/frr/frr-rank.h"
#include "sset.h"
#include "util.h"

/* BGP's port (RFC 4271): FRR does not write it out. */
#define BGP_PORT 179

/* The last entry of a route-map: what nothing permitted is not announced. */
#define SEQ_LAST 65535

const char *
frr_peer_name(const struct intent_bgp_peer *peer, char buf[IP_STRLEN])
{
    return (*peer->interface ? peer->interface
            : ip_format(&peer->peer_address, buf));
}

/* Appends the name that the peer's route-maps and lists begin with.  No name
 * of an interface has a slash, so no other peer has the same. */
static void
put_id(const struct frr_peer *p, struct ds *s)
{
    char buf[IP_STRLEN];

    ds_put_format(s, FRR_PREFIX "%s", frr_peer_name(p->peer, buf));
    if (*p->peer->vrf) {
        ds_put_format(s, "/%s", p->peer->vrf);
    }
}

static bool
is_internal(const struct intent_bgp_peer *peer)
{
    uint32_t asn = peer->local_asn ? peer->local_asn : peer->my_asn;

    return (peer->peer_asn ? peer->peer_asn == asn
            : !strcmp(peer->dynamic_asn, "internal"));
}

bool
frr_same_router(const struct frr_peer *a, const struct frr_peer *b)
{
    return !strcmp(a->peer->vrf, b->peer->vrf);
}

/* Policy: prefix-lists and route-maps. */

static void
put_map_line(const struct frr_peer *p, const char *action, unsigned int seq,
             struct ds *s)
{
    ds_put_cstr(s, "route-map ");
    put_id(p, s);
    ds_put_format(s, "-out %s %u\n", action, seq);
}

/* Appends the prefix-list ID-'suffix', with the prefixes of 'family' that have
 * 'word' among those of their attributes ("" is all), and then an entry of the
 * route-map that matches it; 'set' ends that, with "on-match next" if more
 * entries are to follow.
 * Appends nothing if there is no such prefix.
 *
 * The entries of a list get their numbers from FRR, so that one more prefix is
 * one more line.  There is no list without entries: FRR takes it for one that
 * permits all. */
static void
put_entry(const struct frr_peer *p, enum ip_family family, const char *word,
          const char *suffix, const char *set, unsigned int *seq, struct ds *s)
{
    const char *keyword = family == IP_V4 ? "ip" : "ipv6";
    struct ds name = DS_EMPTY_INITIALIZER;
    bool any = false;

    put_id(p, &name);
    ds_put_format(&name, "-%s", suffix);
    for (size_t i = 0; i < p->n_announcements; i++) {
        const struct frr_announcement *a = &p->announcements[i];
        char buf[IP_STRLEN];

        if (ip_family(&a->prefix.addr) == family
            && (!*word || svec_contains(&a->attributes, word))) {
            ds_put_format(s, "%s prefix-list %s permit %s\n", keyword,
                          ds_cstr(&name), ip_prefix_format(&a->prefix, buf));
            any = true;
        }
    }
    if (any) {
        put_map_line(p, "permit", (*seq)++, s);
        ds_put_format(s, " match %s address prefix-list %s\n%sexit\n",
                      keyword, ds_cstr(&name), set);
    }
    ds_destroy(&name);
}

/* Appends what sets the attribute 'word', as in frr_announcement, of those
 * announcements that have it. */
static void
put_attribute(const struct frr_peer *p, const char *word, unsigned int *seq,
              struct ds *s)
{
    static const struct {
        const char *key;
        const char *set;
        const char *tail;
        bool internal;          /* Only within an AS. */
    } kinds[] = {
        { "local-pref=", "local-preference", "", true },
        { "community=", "community", " additive", false },
        { "large-community=", "large-community", " additive", false },
    };

    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        const char *value = word + strlen(kinds[i].key);

        if (strncmp(word, kinds[i].key, strlen(kinds[i].key))
            || (kinds[i].internal && !is_internal(p->peer))) {
            continue;
        }

        char *set = xasprintf(" set %s %s%s\n on-match next\n",
                              kinds[i].set, value, kinds[i].tail);
        for (enum ip_family f = 0; f < IP_N_FAMILIES; f++) {
            char *suffix = xasprintf("%s-%s-%s", ip_family_name(f),
                                     kinds[i].set, value);

            put_entry(p, f, word, suffix, set, seq, s);
            free(suffix);
        }
        free(set);
    }
}

/* Returns what takes our AS, which a peer in it would take for a loop, out of
 * the paths that it is told, or "" if it is not in them.  The caller frees
 * it. */
static char *
format_exclusion(const struct frr_peer *p)
{
    bool any = false;

    for (size_t i = 0; i < p->n_announcements; i++) {
        const struct svec *attributes = &p->announcements[i].attributes;

        for (size_t j = 0; j < attributes->n; j++) {
            any |= !strncmp(attributes->names[j], FRR_PREPEND_KEY,
                            strlen(FRR_PREPEND_KEY));
        }
    }
    return (any && frr_peer_is_in_own_as(p->peer)
            ? xasprintf(" set as-path exclude %"PRIu32"\n", p->peer->my_asn)
            : xstrdup(""));
}

static void
put_policy(const struct frr_peer *p, struct ds *s)
{
    struct sset words = SSET_INITIALIZER(&words);
    char *exclusion = format_exclusion(p);
    unsigned int seq = 1;

    ds_put_cstr(s, "route-map ");
    put_id(p, s);
    ds_put_cstr(s, "-in deny 20\nexit\n");

    for (size_t i = 0; i < p->n_announcements; i++) {
        const struct svec *attributes = &p->announcements[i].attributes;

        for (size_t j = 0; j < attributes->n; j++) {
            sset_add(&words, attributes->names[j]);
        }
    }
    const char **sorted = sset_sort(&words);
    for (size_t i = 0; i < sset_count(&words); i++) {
        put_attribute(p, sorted[i], &seq, s);
    }
    free(sorted);
    sset_destroy(&words);

    put_entry(p, IP_V4, "", "allowed-ipv4", exclusion, &seq, s);
    put_entry(p, IP_V6, "", "allowed-ipv6", exclusion, &seq, s);
    free(exclusion);
    put_map_line(p, "deny", SEQ_LAST, s);
    ds_put_cstr(s, "exit\n");
}

/* Sessions. */

static void
put_timers(const struct intent_bgp_peer *peer, const char *name, struct ds *s)
{
    int hold = peer->hold_time;
    int keepalive = peer->keepalive_time;

    if (hold >= 0 && keepalive < 0) {
        keepalive = hold / 3;
    } else if (keepalive >= 0 && hold < 0) {
        hold = keepalive * 3;
    }
    if (hold >= 0) {
        ds_put_format(s, " neighbor %s timers %d %d\n", name, keepalive, hold);
    }
    if (peer->connect_time > 0) {
        ds_put_format(s, " neighbor %s timers connect %d\n", name,
                      peer->connect_time);
    }
}

static void
put_remote_as(const struct intent_bgp_peer *peer, const char *name,
              struct ds *s)
{
    ds_put_format(s, " neighbor %s%s remote-as ", name,
                  *peer->interface ? " interface" : "");
    if (peer->peer_asn) {
        ds_put_format(s, "%"PRIu32"\n", peer->peer_asn);
    } else {
        ds_put_format(s, "%s\n", peer->dynamic_asn);
    }
}

static void
put_neighbor(const struct frr_peer *p, struct ds *s)
{
    const struct intent_bgp_peer *peer = p->peer;
    char buf[IP_STRLEN], source[IP_STRLEN];
    const char *name = frr_peer_name(peer, buf);

    put_remote_as(peer, name, s);
    ds_put_format(s, " neighbor %s " FRR_OWNER_DESCRIPTION "\n", name);
    if (peer->local_asn && peer->local_asn != peer->my_asn) {
        ds_put_format(s, " neighbor %s local-as %"PRIu32
                      " no-prepend replace-as\n", name, peer->local_asn);
    }
    if (peer->ebgp_multi_hop && !*peer->interface) {
        ds_put_format(s, " neighbor %s ebgp-multihop 255\n", name);
    }
    if (peer->peer_port && peer->peer_port != BGP_PORT) {
        ds_put_format(s, " neighbor %s port %u\n", name, peer->peer_port);
    }
    put_timers(peer, name, s);
    if (*p->password) {
        ds_put_format(s, " neighbor %s password %s\n", name, p->password);
    }
    if (ip_is_set(&peer->source_address)) {
        ds_put_format(s, " neighbor %s update-source %s\n", name,
                      ip_format(&peer->source_address, source));
    }
    if (peer->graceful_restart) {
        ds_put_format(s, " neighbor %s graceful-restart\n", name);
    }
    if (p->bfd) {
        ds_put_format(s, " neighbor %s bfd\n"
                      " neighbor %s bfd profile " FRR_PREFIX "%s\n",
                      name, name, p->bfd_name);
    }
    if (!is_internal(peer) && !peer->ebgp_multi_hop
        && !*peer->interface && ip_family(&peer->peer_address) == IP_V6) {
        ds_put_format(s, " neighbor %s disable-connected-check\n", name);
    }
}

static void
put_neighbor_family(const struct frr_peer *p, struct ds *s)
{
    char buf[IP_STRLEN];
    const char *name = frr_peer_name(p->peer, buf);

    ds_put_format(s, "  neighbor %s route-map ", name);
    put_id(p, s);
    ds_put_format(s, "-in in\n  neighbor %s route-map ", name);
    put_id(p, s);
    ds_put_format(s, "-out out\n  neighbor %s activate\n", name);
}

/* Appends the address family of the router of 'peers[first]'.  What filters
 * comes before what is to be filtered. */
static void
put_family(const struct frr_peer *peers, size_t n, size_t first,
           enum ip_family family, struct ds *s)
{
    struct sset networks = SSET_INITIALIZER(&networks);

    ds_put_format(s, " address-family %s unicast\n", ip_family_name(family));
    for (size_t i = first; i < n; i++) {
        if (frr_same_router(&peers[i], &peers[first])
            && intent_bgp_peer_carries(peers[i].peer, family)) {
            put_neighbor_family(&peers[i], s);
        }
    }
    for (size_t i = first; i < n; i++) {
        const struct frr_peer *p = &peers[i];

        for (size_t j = 0; j < p->n_announcements
             && frr_same_router(p, &peers[first]); j++) {
            const struct ip_prefix *prefix = &p->announcements[j].prefix;
            char buf[IP_STRLEN];

            if (ip_family(&prefix->addr) == family
                && sset_add(&networks, ip_prefix_format(prefix, buf))) {
                struct frr_rank rank;

                ds_put_format(s, "  network %s", buf);
                if (frr_router_rank(peers, n, first, prefix, &rank)) {
                    char *map = frr_rank_map(&rank, p->peer->my_asn);
                    ds_put_format(s, " route-map %s", map);
                    free(map);
                }
                ds_put_char(s, '\n');
            }
        }
    }
    ds_put_cstr(s, " exit-address-family\n");
    sset_destroy(&networks);
}

static void
put_router(const struct frr_peer *peers, size_t n, size_t first, struct ds *s)
{
    const struct intent_bgp_peer *peer = peers[first].peer;
    const char *router_id = "";

    for (size_t i = first; i < n && !*router_id; i++) {
        if (frr_same_router(&peers[i], &peers[first])) {
            router_id = peers[i].peer->router_id;
        }
    }
    ds_put_format(s, "router bgp %"PRIu32, peer->my_asn);
    if (*peer->vrf) {
        ds_put_format(s, " vrf %s", peer->vrf);
    }
    ds_put_cstr(s, "\n no bgp default ipv4-unicast\n"
                " " FRR_OWNER_LINE "\n");
    if (*router_id) {
        ds_put_format(s, " bgp router-id %s\n", router_id);
    }
    ds_put_cstr(s, " no bgp ebgp-requires-policy\n"
                " bgp graceful-restart preserve-fw-state\n"
                " no bgp network import-check\n");
    for (size_t i = first; i < n; i++) {
        if (frr_same_router(&peers[i], &peers[first])) {
            put_neighbor(&peers[i], s);
        }
    }
    for (enum ip_family family = 0; family < IP_N_FAMILIES; family++) {
        put_family(peers, n, first, family, s);
    }
    ds_put_cstr(s, "exit\n");
}

/* True if the peer may be somewhere that only a default route leads to. */
static bool
may_be_far(const struct intent_bgp_peer *peer)
{
    return !*peer->interface && (peer->ebgp_multi_hop || is_internal(peer));
}

/* Appends what lets the peers of the router of 'peers[first]' be reached by a
 * default route, as that of a VRF may be, if some of them need that. */
static void
put_tracking(const struct frr_peer *peers, size_t n, size_t first,
             struct ds *s)
{
    const char *vrf = peers[first].peer->vrf;
    bool any = false;

    for (size_t i = first; i < n; i++) {
        any = any || (frr_same_router(&peers[i], &peers[first])
                      && may_be_far(peers[i].peer));
    }
    if (any && *vrf) {
        ds_put_format(s, "vrf %s\n " FRR_TRACKING_V4 "\n " FRR_TRACKING_V6
                      "\nexit-vrf\n", vrf);
    } else if (any) {
        ds_put_cstr(s, FRR_TRACKING_V4 "\n" FRR_TRACKING_V6 "\n");
    }
}

/* BFD. */

/* Appends "KEY VALUE" unless it is the default, which FRR does not write
 * out. */
static void
put_bfd_number(const char *key, int value, int def, struct ds *s)
{
    if (value >= 0 && value != def) {
        ds_put_format(s, "  %s %d\n", key, value);
    }
}

static void
put_bfd_profile(const struct frr_peer *p, struct ds *s)
{
    const struct intent_bfd_profile *bfd = p->bfd;

    ds_put_format(s, " profile " FRR_PREFIX "%s\n", p->bfd_name);
    put_bfd_number("receive-interval", bfd->receive_interval,
                   FRR_BFD_INTERVAL, s);
    put_bfd_number("transmit-interval", bfd->transmit_interval,
                   FRR_BFD_INTERVAL, s);
    put_bfd_number("detect-multiplier", bfd->detect_multiplier,
                   FRR_BFD_MULTIPLIER, s);
    put_bfd_number("echo transmit-interval", bfd->echo_interval,
                   FRR_BFD_ECHO_INTERVAL, s);
    put_bfd_number("echo receive-interval", bfd->echo_interval,
                   FRR_BFD_ECHO_INTERVAL, s);
    put_bfd_number("minimum-ttl", bfd->minimum_ttl, FRR_BFD_TTL, s);
    if (bfd->echo_mode) {
        ds_put_cstr(s, "  echo-mode\n");
    }
    if (bfd->passive_mode) {
        ds_put_cstr(s, "  passive-mode\n");
    }
    ds_put_cstr(s, " exit\n");
}

/* Appends the profiles that the peers use, each once. */
static void
put_bfd(const struct frr_peer *peers, size_t n, struct ds *s)
{
    bool any = false;

    for (size_t i = 0; i < n; i++) {
        bool known = !peers[i].bfd;

        for (size_t j = 0; j < i && !known; j++) {
            known = peers[j].bfd
                    && !strcmp(peers[j].bfd_name, peers[i].bfd_name);
        }
        if (!known) {
            ds_put_cstr(s, any ? "" : "bfd\n");
            put_bfd_profile(&peers[i], s);
            any = true;
        }
    }
    ds_put_cstr(s, any ? "exit\n" : "");
}

void
frr_render(const struct frr_peer *peers, size_t n, struct ds *s)
{
    put_bfd(peers, n, s);
    for (size_t i = 0; i < n; i++) {
        put_policy(&peers[i], s);
    }
    frr_put_ranks(peers, n, s);
    for (size_t i = 0; i < n; i++) {
        size_t first = 0;

        while (!frr_same_router(&peers[first], &peers[i])) {
            first++;
        }
        if (first == i) {
            put_tracking(peers, n, i, s);
            put_router(peers, n, i, s);
        }
    }
}
