/* SPDX-License-Identifier: Apache-2.0 */

/* Addresses of interfaces: see rtnl-address.h. */

#include <config.h>

#include "node/rtnl-address.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "node/rtnl.h"
#include "util.h"

/* Flags that a user can give to an address. */
#define USER_FLAGS (IFA_F_NODAD | IFA_F_HOMEADDRESS | IFA_F_MANAGETEMPADDR  \
                    | IFA_F_NOPREFIXROUTE | IFA_F_MCAUTOJOIN)

/* Of this version of the kernel's interface. */
#ifndef IFA_PROTO
#define IFA_PROTO 11
#endif
#define MAX_ATTR MAX(IFA_MAX, IFA_PROTO)

/* Splits 'nlh' into 'attrs'.  Returns false if it tells of no address. */
static bool
parse_attrs(const struct nlmsghdr *nlh, struct nlattr *attrs[MAX_ATTR + 1])
{
    static const struct nla_policy policy[MAX_ATTR + 1] = {
        [IFA_FLAGS] = { .type = NLA_U32 },
        [IFA_PROTO] = { .type = NLA_U8 },
    };

    return (nlh->nlmsg_type == RTM_NEWADDR
            && !nlmsg_parse(CONST_CAST(struct nlmsghdr *, nlh),
                            sizeof(struct ifaddrmsg), attrs, MAX_ATTR,
                            policy));
}

bool
rtnl_address_parse(const struct nlmsghdr *nlh, struct rtnl_address *a)
{
    const struct ifaddrmsg *ifa = nlmsg_data(nlh);
    struct nlattr *attrs[MAX_ATTR + 1];
    struct in6_addr peer;

    if (!parse_attrs(nlh, attrs)) {
        return false;
    }
    *a = (struct rtnl_address) {
        .index = ifa->ifa_index,
        .plen = ifa->ifa_prefixlen,
        .scope = ifa->ifa_scope,
        .protocol = attrs[IFA_PROTO] ? nla_get_u8(attrs[IFA_PROTO]) : 0,
    };

    bool has_peer = rtnl_get_ip(attrs[IFA_ADDRESS], ifa->ifa_family, &peer);
    bool has_local = rtnl_get_ip(attrs[IFA_LOCAL], ifa->ifa_family, &a->ip);
    if (!has_local) {
        a->ip = peer;
    }
    a->is_peer_to_peer = has_peer && has_local && ip_compare(&a->ip, &peer);
    return has_peer || has_local;
}

struct keep {
    int index;
    const struct ip_prefix *except;
    struct nl_msg **msgs;
    size_t n, allocated;
};

static void
reset(void *keep_)
{
    struct keep *keep = keep_;

    for (size_t i = 0; i < keep->n; i++) {
        nlmsg_free(keep->msgs[i]);
    }
    keep->n = 0;
}

static bool
is_except(const struct keep *keep, const struct ifaddrmsg *ifa,
          struct nlattr *attrs[])
{
    struct ip_prefix prefix = { .plen = ifa->ifa_prefixlen };
    const struct nlattr *attr = attrs[IFA_LOCAL] ? attrs[IFA_LOCAL]
                                                 : attrs[IFA_ADDRESS];

    return (keep->except
            && rtnl_get_ip(attr, ifa->ifa_family, &prefix.addr)
            && !ip_compare(&prefix.addr, &keep->except->addr)
            && prefix.plen == keep->except->plen);
}

/* Turns an address of the dump into a request that adds it. */
static void
collect(const struct nlmsghdr *nlh, void *keep_)
{
    const struct ifaddrmsg *ifa = nlmsg_data(nlh);
    struct nlattr *attrs[MAX_ATTR + 1];
    struct keep *keep = keep_;

    if (!parse_attrs(nlh, attrs) || ifa->ifa_index != keep->index) {
        return;
    }

    uint32_t flags = (attrs[IFA_FLAGS] ? nla_get_u32(attrs[IFA_FLAGS])
                      : ifa->ifa_flags);
    if ((ifa->ifa_family == AF_INET6 && ifa->ifa_scope == RT_SCOPE_LINK)
        || (ifa->ifa_family == AF_INET6 && flags & IFA_F_TEMPORARY)
        || is_except(keep, ifa, attrs)) {
        return;
    }

    struct ifaddrmsg header = *ifa;
    flags &= USER_FLAGS;
    if (ifa->ifa_family == AF_INET6) {
        flags |= IFA_F_NODAD;
    }
    header.ifa_flags = flags;

    struct nl_msg *msg = rtnl_new(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL,
                                  &header, sizeof header);
    for (int i = 1; i <= MAX_ATTR; i++) {
        if (attrs[i] && i != IFA_FLAGS) {
            nlsk_put(msg, i, nla_data(attrs[i]), nla_len(attrs[i]));
        }
    }
    nlsk_put_u32(msg, IFA_FLAGS, flags);

    if (keep->n >= keep->allocated) {
        keep->msgs = x2nrealloc(keep->msgs, &keep->allocated,
                                sizeof *keep->msgs);
    }
    keep->msgs[keep->n++] = msg;
}

int
rtnl_address_keep(struct nlsk_batch *batch, int index, enum ip_family family,
                  const struct ip_prefix *except)
{
    struct keep keep = { .index = index, .except = except };
    int error = rtnl_dump(RTM_GETADDR, rtnl_af(family), reset, collect, &keep);

    if (error) {
        reset(&keep);
    }
    for (size_t i = 0; i < keep.n; i++) {
        nlsk_batch_add(batch, keep.msgs[i], NULL);
    }
    free(keep.msgs);
    return error;
}
