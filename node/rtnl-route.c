/* SPDX-License-Identifier: Apache-2.0 */

/* Routes as rtnetlink messages: see rtnl-route.h. */

#include <config.h>

#include "node/rtnl-route.h"

#include <string.h>
#include <sys/socket.h>

#include "node/links.h"
#include "node/rtnl.h"
#include "util.h"

/* Of a hop in RTA_MULTIPATH. */
#define HOP_SIZE (sizeof(struct rtnexthop) + NLA_HDRLEN + 16)

static const uint8_t types[] = {
    [INTENT_UNICAST] = RTN_UNICAST,
    [INTENT_BLACKHOLE] = RTN_BLACKHOLE,
    [INTENT_UNREACHABLE] = RTN_UNREACHABLE,
    [INTENT_PROHIBIT] = RTN_PROHIBIT,
};

/* Parsing. */

/* Of a route and of its hops. */
static const struct nla_policy policy[RTA_MAX + 1] = {
    [RTA_TABLE] = { .type = NLA_U32 },
    [RTA_PRIORITY] = { .type = NLA_U32 },
    [RTA_OIF] = { .type = NLA_U32 },
};

/* Reads where a hop leads to.  An IPv4 route through an IPv6 router (RTA_VIA)
 * is never ours; it gets an address that nobody wants. */
static void
parse_hop(struct nlattr *attrs[], unsigned char af, int ifindex,
          unsigned int weight, struct machine_route *route)
{
    struct machine_hop hop = { .weight = weight };

    rtnl_get_ip(attrs[RTA_GATEWAY], af, &hop.via);
    if (attrs[RTA_VIA]) {
        hop.via = in6addr_loopback;
    }
    ovs_strlcpy(hop.dev, links_name(ifindex), sizeof hop.dev);
    machine_route_add_hop(route, &hop);
}

static void
parse_multipath(const struct nlattr *attr, unsigned char af,
                struct machine_route *route)
{
    struct rtnexthop *rtnh = nla_data(attr);
    int left = nla_len(attr);

    while (left >= (int) sizeof *rtnh && RTNH_OK(rtnh, left)) {
        struct nlattr *attrs[RTA_MAX + 1];
        int size = RTNH_ALIGN(rtnh->rtnh_len);

        nla_parse(attrs, RTA_MAX, (struct nlattr *) (rtnh + 1),
                  rtnh->rtnh_len - sizeof *rtnh, policy);
        parse_hop(attrs, af, rtnh->rtnh_ifindex, rtnh->rtnh_hops + 1, route);
        left -= size;
        rtnh = ALIGNED_CAST(struct rtnexthop *, (char *) rtnh + size);
    }
}

static bool
parse_type(uint8_t rtm_type, enum intent_route_type *type)
{
    for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
        if (types[i] == rtm_type) {
            *type = i;
            return true;
        }
    }
    return false;
}

bool
rtnl_route_parse(const struct nlmsghdr *nlh, struct machine_route *route)
{
    const struct rtmsg *rtm = nlmsg_data(nlh);
    struct nlattr *attrs[RTA_MAX + 1];
    unsigned char af;

    machine_route_init(route);
    if (nlmsg_datalen(nlh) < (int) sizeof *rtm) {
        return false;
    }
    af = rtm->rtm_family;
    if (nlh->nlmsg_type != RTM_NEWROUTE
        || rtm->rtm_flags & RTM_F_CLONED
        || (af != AF_INET && af != AF_INET6)
        || !parse_type(rtm->rtm_type, &route->type)
        || nlmsg_parse(CONST_CAST(struct nlmsghdr *, nlh), sizeof *rtm, attrs,
                       RTA_MAX, policy)) {
        return false;
    }

    route->table = (attrs[RTA_TABLE] ? nla_get_u32(attrs[RTA_TABLE])
                    : rtm->rtm_table);
    route->object.protocol = rtm->rtm_protocol;
    route->prefix.plen = rtm->rtm_dst_len;
    if (af == AF_INET) {
        ip_addr_parse("0.0.0.0", &route->prefix.addr);
    }
    rtnl_get_ip(attrs[RTA_DST], af, &route->prefix.addr);
    rtnl_get_ip(attrs[RTA_PREFSRC], af, &route->source);
    if (attrs[RTA_PRIORITY]) {
        route->metric = nla_get_u32(attrs[RTA_PRIORITY]);
    }
    if (route->type != INTENT_UNICAST) {
        return true;            /* IPv6 shows the device "lo" for these. */
    }
    if (attrs[RTA_MULTIPATH]) {
        parse_multipath(attrs[RTA_MULTIPATH], af, route);
    } else {
        parse_hop(attrs, af,
                  attrs[RTA_OIF] ? nla_get_u32(attrs[RTA_OIF]) : 0, 1, route);
    }
    return true;
}

/* Building. */

static void
put_hop(struct nl_msg *msg, const struct machine_hop *hop)
{
    if (ip_is_set(&hop->via)) {
        rtnl_put_ip(msg, RTA_GATEWAY, &hop->via);
    }
}

static void
put_multipath(struct nl_msg *msg, const struct machine_route *route)
{
    struct nlattr *nest = nlsk_nest(msg, RTA_MULTIPATH | NLA_F_NESTED);
    for (size_t i = 0; i < route->n_hops; i++) {
        const struct machine_hop *hop = &route->hops[i];
        struct rtnexthop *rtnh = nlmsg_reserve(msg, sizeof *rtnh,
                                               RTNH_ALIGNTO);

        *rtnh = (struct rtnexthop) {
            .rtnh_ifindex = links_index(hop->dev),
            .rtnh_hops = hop->weight - 1,
        };
        put_hop(msg, hop);
        rtnh->rtnh_len = (char *) nlmsg_tail(nlmsg_hdr(msg)) - (char *) rtnh;
    }
    nlsk_nest_end(msg, nest);
}

struct nl_msg *
rtnl_route_build(int type, int flags, const struct machine_route *route,
                 uint8_t protocol)
{
    enum ip_family family = ip_family(&route->prefix.addr);
    bool unicast = route->type == INTENT_UNICAST;
    struct rtmsg rtm = {
        .rtm_family = rtnl_af(family),
        .rtm_dst_len = route->prefix.plen,
        .rtm_table = route->table < 256 ? route->table : RT_TABLE_UNSPEC,
        .rtm_protocol = protocol,
        .rtm_scope = RT_SCOPE_UNIVERSE,
        .rtm_type = types[route->type],
    };

    if (type == RTM_DELROUTE) {
        rtm.rtm_scope = RT_SCOPE_NOWHERE;       /* Any. */
    } else if (unicast && family == IP_V4 && route->n_hops
               && !ip_is_set(&route->hops[0].via)) {
        rtm.rtm_scope = RT_SCOPE_LINK;
    }

    struct nl_msg *msg = nlsk_new(type, flags | NLM_F_ACK, &rtm, sizeof rtm,
                                  RTNL_ROOM + route->n_hops * HOP_SIZE);
    nlsk_put_u32(msg, RTA_TABLE, route->table);
    if (route->prefix.plen) {
        rtnl_put_ip(msg, RTA_DST, &route->prefix.addr);
    }
    if (route->metric) {
        nlsk_put_u32(msg, RTA_PRIORITY, route->metric);
    }
    if (type == RTM_DELROUTE || !unicast) {
        return msg;
    }
    if (ip_is_set(&route->source)) {
        rtnl_put_ip(msg, RTA_PREFSRC, &route->source);
    }
    if (route->n_hops > 1) {
        put_multipath(msg, route);
    } else if (route->n_hops) {
        put_hop(msg, &route->hops[0]);
        nlsk_put_u32(msg, RTA_OIF, links_index(route->hops[0].dev));
    }
    return msg;
}
