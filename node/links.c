/* SPDX-License-Identifier: Apache-2.0 */

/* The network devices of the host: see links.h. */

#include <config.h>

#include "node/links.h"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "node/rtnl.h"
#include "openvswitch/shash.h"
#include "util.h"

struct links {
    struct link *items;         /* Sorted by index. */
    size_t n, allocated;
};

static struct links links;

/* Name to its "struct link" in 'links'. */
static struct shash by_name = SHASH_INITIALIZER(&by_name);

static void
reset(void *links_)
{
    struct links *l = links_;

    l->n = 0;
}

static void
parse_vrf(struct nlattr *info, struct link *link)
{
    static const struct nla_policy policy[IFLA_INFO_MAX + 1] = {
        [IFLA_INFO_KIND] = { .type = NLA_STRING },
    };
    static const struct nla_policy vrf_policy[IFLA_VRF_MAX + 1] = {
        [IFLA_VRF_TABLE] = { .type = NLA_U32 },
    };
    struct nlattr *attrs[IFLA_INFO_MAX + 1];
    struct nlattr *data[IFLA_VRF_MAX + 1];

    if (nla_parse_nested(attrs, IFLA_INFO_MAX, info, policy)
        || !attrs[IFLA_INFO_KIND]
        || strcmp(nla_get_string(attrs[IFLA_INFO_KIND]), "vrf")) {
        return;
    }
    link->is_vrf = true;
    if (attrs[IFLA_INFO_DATA]
        && !nla_parse_nested(data, IFLA_VRF_MAX, attrs[IFLA_INFO_DATA],
                             vrf_policy)
        && data[IFLA_VRF_TABLE]) {
        link->table = nla_get_u32(data[IFLA_VRF_TABLE]);
    }
}

bool
links_parse(const struct nlmsghdr *nlh, struct link *link)
{
    static const struct nla_policy policy[IFLA_MAX + 1] = {
        [IFLA_IFNAME] = { .type = NLA_STRING },
        [IFLA_MTU] = { .type = NLA_U32 },
        [IFLA_MASTER] = { .type = NLA_U32 },
        [IFLA_IFALIAS] = { .type = NLA_STRING },
    };
    const struct ifinfomsg *ifi = nlmsg_data(nlh);
    struct nlattr *attrs[IFLA_MAX + 1];

    if (nlh->nlmsg_type != RTM_NEWLINK
        || nlmsg_parse(CONST_CAST(struct nlmsghdr *, nlh), sizeof *ifi, attrs,
                       IFLA_MAX, policy)
        || !attrs[IFLA_IFNAME]) {
        return false;
    }
    *link = (struct link) {
        .index = ifi->ifi_index,
        .up = ifi->ifi_flags & IFF_UP,
        .loopback = ifi->ifi_flags & IFF_LOOPBACK,
    };
    ovs_strlcpy(link->name, nla_get_string(attrs[IFLA_IFNAME]),
                sizeof link->name);
    if (attrs[IFLA_MTU]) {
        link->mtu = nla_get_u32(attrs[IFLA_MTU]);
    }
    if (attrs[IFLA_MASTER]) {
        link->master = nla_get_u32(attrs[IFLA_MASTER]);
    }
    if (attrs[IFLA_LINKINFO]) {
        parse_vrf(attrs[IFLA_LINKINFO], link);
    }
    link->ours = (link->is_vrf && attrs[IFLA_IFALIAS]
                  && !strcmp(nla_get_string(attrs[IFLA_IFALIAS]),
                             LINKS_ALIAS));
    return true;
}

static void
collect(const struct nlmsghdr *nlh, void *links_)
{
    struct links *l = links_;
    struct link link;

    if (links_parse(nlh, &link)) {
        if (l->n >= l->allocated) {
            l->items = x2nrealloc(l->items, &l->allocated, sizeof *l->items);
        }
        l->items[l->n++] = link;
    }
}

static int
compare_links(const void *a_, const void *b_)
{
    const struct link *a = a_;
    const struct link *b = b_;

    return a->index < b->index ? -1 : a->index > b->index;
}

int
links_read(void)
{
    struct links new = { NULL, 0, 0 };
    int error = rtnl_dump(RTM_GETLINK, AF_UNSPEC, reset, collect, &new);

    if (error) {
        free(new.items);
        return error;
    }
    links_destroy();
    links = new;
    if (links.n) {
        qsort(links.items, links.n, sizeof *links.items, compare_links);
    }
    for (size_t i = 0; i < links.n; i++) {
        shash_replace(&by_name, links.items[i].name, &links.items[i]);
    }
    return 0;
}

void
links_destroy(void)
{
    free(links.items);
    links = (struct links) { NULL, 0, 0 };
    shash_destroy(&by_name);
    shash_init(&by_name);
}

const struct link *
links_get_all(size_t *n)
{
    *n = links.n;
    return links.items;
}

const struct link *
links_find(int index)
{
    struct link key = { .index = index };

    return (links.n
            ? bsearch(&key, links.items, links.n, sizeof *links.items,
                      compare_links)
            : NULL);
}

const struct link *
links_find_name(const char *name)
{
    return shash_find_data(&by_name, name);
}

const char *
links_name(int index)
{
    const struct link *link = links_find(index);

    return link ? link->name : "";
}

int
links_index(const char *name)
{
    const struct link *link = links_find_name(name);
    char real[IF_NAMESIZE];

    if (link) {
        return link->index;
    }

    int index = if_nametoindex(name);
    return (index && if_indextoname(index, real) && !strcmp(real, name)
            ? index : 0);
}

void
links_forget(const char *name)
{
    shash_find_and_delete(&by_name, name);
}

/* The alias that makes it ours cannot be given in the request that makes the
 * device, but both are one system call, so no VRF of ours is ever without it.
 * The second one names the device by its index: the name may be one that
 * somebody else makes at this moment. */
void
links_add_vrf(struct nlsk_batch *batch, int index, const char *name,
              uint32_t table, const void *what)
{
    struct ifinfomsg ifi = { .ifi_family = AF_UNSPEC, .ifi_index = index };
    struct nl_msg *msg = rtnl_new(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL,
                                  &ifi, sizeof ifi);

    nlsk_put_string(msg, IFLA_IFNAME, name);
    struct nlattr *info = nlsk_nest(msg, IFLA_LINKINFO | NLA_F_NESTED);
    nlsk_put_string(msg, IFLA_INFO_KIND, "vrf");
    struct nlattr *data = nlsk_nest(msg, IFLA_INFO_DATA | NLA_F_NESTED);
    nlsk_put_u32(msg, IFLA_VRF_TABLE, table);
    nlsk_nest_end(msg, data);
    nlsk_nest_end(msg, info);
    nlsk_batch_add(batch, msg, what);

    msg = rtnl_new(RTM_NEWLINK, 0, &ifi, sizeof ifi);
    nlsk_put_string(msg, IFLA_IFALIAS, LINKS_ALIAS);
    nlsk_batch_add(batch, msg, what);
}
