/* SPDX-License-Identifier: Apache-2.0 */

/* Kind "address": addresses of interfaces.  See kind.h.
 *
 * Ours have our protocol number (IFA_PROTO, Linux 5.18 and later; with an
 * older kernel nothing shows that an address is ours, so none is ever
 * removed). IPv6 addresses are added without duplicate address detection: they
 * are used at once. */

#include <config.h>

#include "node/kind.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "node/links.h"
#include "node/rtnl-address.h"
#include "node/rtnl.h"
#include "util.h"

/* Of this version of the kernel's interface. */
#ifndef IFA_PROTO
#define IFA_PROTO 11
#endif

struct dump {
    const struct kind_view *view;
    struct plan_rows *have;
    size_t n_before;
};

static void
reset(void *dump_)
{
    struct dump *dump = dump_;

    while (dump->have->n > dump->n_before) {
        plan_row_destroy(dump->have->rows[--dump->have->n]);
    }
}

static void
collect(const struct nlmsghdr *nlh, void *dump_)
{
    struct dump *dump = dump_;
    struct rtnl_address a;
    char buf[IP_STRLEN];

    if (!rtnl_address_parse(nlh, &a) || a.is_peer_to_peer) {
        return;                 /* Point to point: never ours. */
    }

    bool ours = a.protocol && a.protocol == dump->view->protocol;
    char *key = xasprintf("%s %s/%d", links_name(a.index),
                          ip_format(&a.ip, buf), a.plen);
    if (ours || plan_rows_find(&dump->view->machine->want, "address", key)) {
        plan_rows_add(dump->have, "address", key);
    }
    free(key);
}

static char *
address_observe(const struct kind_view *view, struct plan_rows *have)
{
    struct dump dump = { view, have, have->n };
    int error = links_read();

    if (!error) {
        error = rtnl_dump(RTM_GETADDR, AF_UNSPEC, reset, collect, &dump);
    }
    return error ? xstrdup(ovs_strerror(error)) : NULL;
}

/* Splits the key of 'row'.  Host bits of the prefix are kept. */
static void
parse_key(const struct plan_row *row, char iface[IFNAMSIZ],
          struct ip_prefix *prefix)
{
    const char *space = strchr(row->key, ' ');
    const char *slash = strchr(row->key, '/');
    char *address = xmemdup0(space + 1, slash - space - 1);

    ovs_strlcpy(iface, row->key, MIN(IFNAMSIZ, space - row->key + 1));
    ip_addr_parse(address, &prefix->addr);
    prefix->plen = atoi(slash + 1);
    free(address);
}

static void
apply_change(const struct kind_view *view, const struct plan_change *c,
             struct smap *errors)
{
    bool delete = c->type == PLAN_DELETE;
    char iface[IFNAMSIZ];
    struct ip_prefix prefix;
    struct rtnl_batch batch;

    parse_key(kind_change_row(c), iface, &prefix);
    int index = links_index(iface);
    if (!index) {
        if (!delete) {
            kind_error(errors, c, "there is no interface %s", iface);
        }
        return;
    }

    enum ip_family family = ip_family(&prefix.addr);
    struct ifaddrmsg ifa = {
        .ifa_family = rtnl_af(family),
        .ifa_prefixlen = prefix.plen,
        .ifa_scope = RT_SCOPE_UNIVERSE,
        .ifa_index = index,
    };
    struct nl_msg *msg = rtnl_new(delete ? RTM_DELADDR : RTM_NEWADDR,
                                  delete ? 0 : NLM_F_CREATE | NLM_F_EXCL,
                                  &ifa, sizeof ifa);
    rtnl_put_ip(msg, IFA_LOCAL, &prefix.addr);
    rtnl_put_ip(msg, IFA_ADDRESS, &prefix.addr);
    if (!delete) {
        nla_put_u8(msg, IFA_PROTO, view->protocol);
        nla_put_u32(msg, IFA_FLAGS, family == IP_V6 ? IFA_F_NODAD : 0);
    }

    rtnl_batch_init(&batch);
    rtnl_batch_add(&batch, msg, c);
    int error = (delete && family == IP_V4
                 ? rtnl_address_keep(&batch, index, family, &prefix) : 0);
    if (error) {
        kind_error(errors, c, "the other addresses of %s: %s", iface,
                   ovs_strerror(error));
    } else {
        rtnl_batch_run(&batch);
        kind_report(&batch, errors);
    }
    rtnl_batch_destroy(&batch);
}

static void
address_apply(const struct kind_view *view, const struct plan_change *changes,
              size_t n, struct smap *errors)
{
    for (size_t i = 0; i < n; i++) {
        apply_change(view, &changes[i], errors);
    }
}

const struct kind kind_address = {
    .name = "address",
    .observe = address_observe,
    .apply = address_apply,
};
