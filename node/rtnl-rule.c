/* SPDX-License-Identifier: Apache-2.0 */

/* Policy routing rules as rtnetlink messages: see rtnl-rule.h. */

#include <config.h>

#include "node/rtnl-rule.h"

#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "node/rtnl.h"
#include "plan/machine/machine-rule.h"
#include "util.h"

static void
parse_action(const struct fib_rule_hdr *frh, struct machine_rule *rule)
{
    switch (frh->action) {
    case FR_ACT_TO_TBL:
        break;
    case FR_ACT_BLACKHOLE:
        rule->action = INTENT_RULE_BLACKHOLE;
        break;
    case FR_ACT_UNREACHABLE:
        rule->action = INTENT_RULE_UNREACHABLE;
        break;
    case FR_ACT_PROHIBIT:
        rule->action = INTENT_RULE_PROHIBIT;
        break;
    default:
        rule->other |= (frh->action == FR_ACT_GOTO ? MACHINE_RULE_GOTO
                        : MACHINE_RULE_NOP);
        break;
    }
    if (rule->action != INTENT_RULE_TABLE) {
        rule->table = 0;
    }
}

static void
parse_prefix(const struct nlattr *attr, const struct fib_rule_hdr *frh,
             unsigned int plen, struct ip_prefix *prefix)
{
    if (rtnl_get_ip(attr, frh->family, &prefix->addr)) {
        prefix->plen = plen;
    }
}

/* Notes everything that makes the rule another one than we could have made. */
static void
parse_others(const struct fib_rule_hdr *frh, struct nlattr *attrs[],
             struct machine_rule *rule)
{
    static const struct { int attr; uint32_t flag; } others[] = {
        { FRA_IP_PROTO, MACHINE_RULE_IPPROTO },
        { FRA_DPORT_RANGE, MACHINE_RULE_DPORT },
        { FRA_UID_RANGE, MACHINE_RULE_UIDRANGE },
        { FRA_FLOW, MACHINE_RULE_REALMS },
        { FRA_TUN_ID, MACHINE_RULE_TUN_ID },
    };

    for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
        rule->other |= attrs[others[i].attr] ? others[i].flag : 0;
    }
    if (attrs[FRA_L3MDEV] && nla_get_u8(attrs[FRA_L3MDEV])) {
        rule->other |= MACHINE_RULE_L3MDEV;
    }
    if (attrs[FRA_SUPPRESS_IFGROUP]
        && nla_get_u32(attrs[FRA_SUPPRESS_IFGROUP]) != UINT32_MAX) {
        rule->other |= MACHINE_RULE_SUPPRESS_IFGROUP;
    }
    if (attrs[FRA_SPORT_RANGE]) {
        const struct fib_rule_port_range *r
            = nla_data(attrs[FRA_SPORT_RANGE]);

        if (r->start == r->end) {
            rule->sport = r->start;
        } else {
            rule->other |= MACHINE_RULE_SPORT_RANGE;
        }
    }
    if (frh->tos) {
        rule->other |= MACHINE_RULE_TOS;
    }
    if (frh->flags & FIB_RULE_INVERT) {
        rule->other |= MACHINE_RULE_NOT;
    }
}

bool
rtnl_rule_parse(const struct nlmsghdr *nlh, struct machine_rule *rule)
{
    static const struct nla_policy policy[FRA_MAX + 1] = {
        [FRA_TABLE] = { .type = NLA_U32 },
        [FRA_PRIORITY] = { .type = NLA_U32 },
        [FRA_PROTOCOL] = { .type = NLA_U8 },
        [FRA_FWMARK] = { .type = NLA_U32 },
        [FRA_FWMASK] = { .type = NLA_U32 },
        [FRA_IIFNAME] = { .type = NLA_STRING },
        [FRA_OIFNAME] = { .type = NLA_STRING },
        [FRA_SUPPRESS_PREFIXLEN] = { .type = NLA_U32 },
        [FRA_SUPPRESS_IFGROUP] = { .type = NLA_U32 },
        [FRA_L3MDEV] = { .type = NLA_U8 },
        [FRA_SPORT_RANGE] = { .minlen = sizeof(struct fib_rule_port_range) },
    };
    const struct fib_rule_hdr *frh = nlmsg_data(nlh);
    struct nlattr *attrs[FRA_MAX + 1];

    if (nlh->nlmsg_type != RTM_NEWRULE
        || nlmsg_parse(CONST_CAST(struct nlmsghdr *, nlh), sizeof *frh, attrs,
                       FRA_MAX, policy)
        || (frh->family != AF_INET && frh->family != AF_INET6)) {
        return false;
    }

    machine_rule_init(rule, frh->family == AF_INET ? IP_V4 : IP_V6);
    rule->table = frh->table;
    if (attrs[FRA_TABLE]) {
        rule->table = nla_get_u32(attrs[FRA_TABLE]);
    }
    if (attrs[FRA_PRIORITY]) {
        rule->priority = nla_get_u32(attrs[FRA_PRIORITY]);
    }
    if (attrs[FRA_PROTOCOL]) {
        rule->object.protocol = nla_get_u8(attrs[FRA_PROTOCOL]);
    }
    parse_prefix(attrs[FRA_SRC], frh, frh->src_len, &rule->from);
    parse_prefix(attrs[FRA_DST], frh, frh->dst_len, &rule->to);
    if (attrs[FRA_FWMARK]) {
        rule->fwmark = nla_get_u32(attrs[FRA_FWMARK]);
    }
    if (attrs[FRA_FWMASK]) {
        rule->fwmask = nla_get_u32(attrs[FRA_FWMASK]);
    }
    rule->fwmark = rule->fwmask ? rule->fwmark : 0;
    if (attrs[FRA_IIFNAME]) {
        ovs_strlcpy(rule->iif, nla_get_string(attrs[FRA_IIFNAME]),
                    sizeof rule->iif);
    }
    if (attrs[FRA_OIFNAME]) {
        ovs_strlcpy(rule->oif, nla_get_string(attrs[FRA_OIFNAME]),
                    sizeof rule->oif);
    }
    if (attrs[FRA_SUPPRESS_PREFIXLEN]
        && nla_get_u32(attrs[FRA_SUPPRESS_PREFIXLEN]) != UINT32_MAX) {
        rule->suppress_prefix_length
            = nla_get_u32(attrs[FRA_SUPPRESS_PREFIXLEN]);
    }
    parse_others(frh, attrs, rule);
    parse_action(frh, rule);
    return true;
}
