/* SPDX-License-Identifier: Apache-2.0 */

/* BGPPeer and BFDProfile of metallb.io, as MetalLB defines and checks them. */

#include "intent/kind-info.h"

#include <string.h>

/* BGPPeer. */

enum { BGP_PORT = 179, MAX_PORT = 16384 };

static const struct enum_name dynamic_asns[] = {
    { "internal", 0 },
    { "external", 1 },
    { NULL, 0 },
};

static void
decode_dynamic_asn(struct decoder *d, const struct value *value,
                   const struct field *f, void *dst)
{
    int i = -1;

    decode_enum(d, value, f, &i);
    if (i >= 0) {
        *(char **) dst = arena_strdup(d->arena, dynamic_asns[i].name);
    }
}

static const char *
syntax_router_id(const char *s)
{
    struct in6_addr ip;

    return ip_addr_parse(s, &ip) && ip_family(&ip) == IP_V4 ? NULL
           : "an IPv4 address";
}

static const struct field password_secret_fields[] = {
    FIELD("name", string, intent_bgp_peer, password_secret,
          .syntax = syntax_dns_subdomain),
    IGNORED("namespace", T_STRING),
    { .name = NULL },
};

static const struct table password_secret_table = {
    .fields = password_secret_fields,
};

#define ASN(NAME, MEMBER, MIN) \
    FIELD(NAME, u32, intent_bgp_peer, MEMBER, RANGE(MIN, UINT32_MAX))

/* What v1beta1 has already. */
#define PEER_FIELDS \
    FIELD("myASN", u32, intent_bgp_peer, my_asn, RANGE(1, UINT32_MAX), \
          .flags = F_REQUIRED), \
    ASN("peerASN", peer_asn, 0), \
    FIELD("peerAddress", ip, intent_bgp_peer, peer_address), \
    FIELD("sourceAddress", ip, intent_bgp_peer, source_address), \
    FIELD("holdTime", duration, intent_bgp_peer, hold_time, \
          RANGE(0, UINT16_MAX)), \
    FIELD("keepaliveTime", duration, intent_bgp_peer, keepalive_time, \
          RANGE(0, UINT16_MAX)), \
    FIELD("routerID", string, intent_bgp_peer, router_id, \
          .syntax = syntax_router_id), \
    FIELD("nodeSelectors", selectors, intent_bgp_peer, node_selectors), \
    FIELD("password", string, intent_bgp_peer, password, \
          .syntax = syntax_password, .flags = F_SECRET), \
    FIELD("bfdProfile", string, intent_bgp_peer, bfd_profile, \
          .syntax = syntax_bfd_profile), \
    FIELD("ebgpMultiHop", bool, intent_bgp_peer, ebgp_multi_hop)

static const struct field peer_v1beta1_fields[] = {
    PEER_FIELDS,

    /* Here 0 is the default. */
    FIELD("peerPort", u16, intent_bgp_peer, peer_port, RANGE(0, MAX_PORT)),
    { .name = NULL },
};

static const struct field peer_fields[] = {
    PEER_FIELDS,
    FIELD("peerPort", u16, intent_bgp_peer, peer_port, RANGE(1, MAX_PORT)),
    ASN("localASN", local_asn, 1),
    FIELD("dynamicASN", dynamic_asn, intent_bgp_peer, dynamic_asn,
          .arg = dynamic_asns),
    FIELD("interface", string, intent_bgp_peer, interface,
          .syntax = syntax_interface),
    FIELD("connectTime", duration, intent_bgp_peer, connect_time,
          RANGE(1, UINT16_MAX), .flags = F_WHOLE),
    { .name = "passwordSecret", .decode = decode_struct,
      .arg = &password_secret_table },
    FIELD("enableGracefulRestart", bool, intent_bgp_peer, graceful_restart),
    FIELD("vrf", string, intent_bgp_peer, vrf, .syntax = syntax_interface),
    FIELD("disableMP", bool, intent_bgp_peer, disable_mp),
    FIELD("dualStackAddressFamily", bool, intent_bgp_peer, dual_stack),
    { .name = NULL },
};

static void
init_peer(void *peer_)
{
    struct intent_bgp_peer *peer = peer_;

    peer->peer_port = BGP_PORT;
    peer->hold_time = peer->keepalive_time = peer->connect_time = -1;

    /* v1beta1 does not have these. */
    peer->dynamic_asn = peer->interface = peer->vrf = "";
    peer->password_secret = "";
}

/* Of hold and keepalive time, one gives the other. */
static void
check_timers(struct decoder *d, const struct value *map,
             struct intent_bgp_peer *peer)
{
    const struct value *hold = value_get(map, "holdTime");
    const struct value *keepalive = value_get(map, "keepaliveTime");

    if (peer->hold_time > 0 && peer->hold_time < 3) {
        decode_error(d, hold, "holdTime", "must be 0s, or 3s or more");
    }
    if (!hold && peer->keepalive_time >= 0) {
        peer->hold_time = peer->keepalive_time * 3;
        if (peer->hold_time > UINT16_MAX) {
            decode_error(d, keepalive, "keepaliveTime", "must be at most "
                         "%us, without holdTime", UINT16_MAX / 3);
        }
    } else if (!keepalive && peer->hold_time >= 0) {
        peer->keepalive_time = peer->hold_time / 3;
    } else if (peer->hold_time >= 0
               && peer->keepalive_time > peer->hold_time) {
        decode_error(d, keepalive, "keepaliveTime",
                     "must not be longer than holdTime");
    }
}

/* True if 'map' has the member 'key' and it is not "" or 0. */
static bool
is_given(const struct value *map, const char *key)
{
    const struct value *v = value_get(map, key);

    return v && (v->type == VALUE_STRING ? v->n > 0
                 : v->type != VALUE_INT || v->integer);
}

static void
check_peer(struct decoder *d, const struct value *map, void *peer_)
{
    struct intent_bgp_peer *peer = peer_;
    bool has_asn = is_given(map, "peerASN");
    bool has_dynamic = is_given(map, "dynamicASN");
    bool has_address = is_given(map, "peerAddress");
    bool has_interface = is_given(map, "interface");
    const struct in6_addr *source = &peer->source_address;

    if (!peer->peer_port) {
        peer->peer_port = BGP_PORT;
    }
    if (!has_asn && !has_dynamic) {
        decode_error(d, map, "peerASN", "required, unless dynamicASN is "
                     "given");
    } else if (has_asn && has_dynamic) {
        decode_error(d, value_get(map, "dynamicASN"), "dynamicASN",
                     "cannot be together with peerASN");
    }
    if (!has_address && !has_interface) {
        decode_error(d, map, "peerAddress", "required, unless interface is "
                     "given");
    } else if (has_address && has_interface) {
        decode_error(d, value_get(map, "interface"), "interface",
                     "cannot be together with peerAddress");
    }
    if (ip_is_set(source) && ip_is_set(&peer->peer_address)
        && ip_family(source) != ip_family(&peer->peer_address)) {
        decode_error(d, value_get(map, "sourceAddress"), "sourceAddress",
                     "must be of the family of peerAddress");
    }
    if (peer->ebgp_multi_hop
        && ((peer->peer_asn && peer->peer_asn == peer->my_asn)
            || !strcmp(peer->dynamic_asn, "internal"))) {
        decode_error(d, value_get(map, "ebgpMultiHop"), "ebgpMultiHop",
                     "must be false for a peer of the same AS");
    }
    if (*peer->password && *peer->password_secret) {
        decode_error(d, value_get(map, "passwordSecret"), "passwordSecret",
                     "cannot be together with password");
    }
    check_timers(d, map, peer);
}

static const struct table peer_v1beta1_table = {
    .fields = peer_v1beta1_fields,
    .init = init_peer,
    .check = check_peer,
};

static const struct table peer_table = {
    .fields = peer_fields,
    .init = init_peer,
    .check = check_peer,
};

static const struct field object_fields[] = {
    OBJECT_FIELDS,
    SECTION("spec", peer_table, bgp_peer, .flags = F_REQUIRED),
    IGNORED("status", T_MAP),
    { .name = NULL },
};

static const struct field object_v1beta1_fields[] = {
    OBJECT_FIELDS,
    SECTION("spec", peer_v1beta1_table, bgp_peer, .flags = F_REQUIRED),
    IGNORED("status", T_MAP),
    { .name = NULL },
};

const struct table bgp_peer_table = { .fields = object_fields };
const struct table bgp_peer_v1beta1_table = {
    .fields = object_v1beta1_fields,
};

/* BFDProfile. */

#define BFD_NUMBER(NAME, MEMBER, MIN, MAX) \
    FIELD(NAME, int, intent_bfd_profile, MEMBER, RANGE(MIN, MAX))

static const struct field profile_fields[] = {
    BFD_NUMBER("receiveInterval", receive_interval, 10, 60000),
    BFD_NUMBER("transmitInterval", transmit_interval, 10, 60000),
    BFD_NUMBER("detectMultiplier", detect_multiplier, 2, 255),
    BFD_NUMBER("echoInterval", echo_interval, 10, 60000),
    BFD_NUMBER("minimumTtl", minimum_ttl, 1, 254),
    FIELD("echoMode", bool, intent_bfd_profile, echo_mode),
    FIELD("passiveMode", bool, intent_bfd_profile, passive_mode),
    { .name = NULL },
};

static void
init_profile(void *profile_)
{
    struct intent_bfd_profile *profile = profile_;

    profile->receive_interval = profile->transmit_interval = -1;
    profile->detect_multiplier = profile->echo_interval = -1;
    profile->minimum_ttl = -1;
}

static const struct table profile_table = {
    .fields = profile_fields,
    .init = init_profile,
};

static const struct field bfd_object_fields[] = {
    OBJECT_FIELDS,
    SECTION("spec", profile_table, bfd_profile),
    IGNORED("status", T_MAP),
    { .name = NULL },
};

const struct table bfd_profile_table = { .fields = bfd_object_fields };

bool
intent_bgp_peer_carries(const struct intent_bgp_peer *peer,
                        enum ip_family family)
{
    return (peer->dual_stack || *peer->interface
            || ip_family(&peer->peer_address) == family);
}
