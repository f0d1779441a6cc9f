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
#include "plan/machine/machine-link.h"
#include "util.h"

/* Of this version of the kernel's interface. */
#ifndef IFA_PROTO
#define IFA_PROTO 11
#endif

static void
collect(const struct nlmsghdr *nlh, void *dump_)
{
    struct kind_dump *dump = dump_;
    struct rtnl_address a;

    if (!rtnl_address_parse(nlh, &a) || a.is_peer_to_peer) {
        return;                 /* Point to point: never ours. */
    }

    struct machine_address address = machine_address(
        links_name(a.index), &(struct ip_prefix) { a.ip, a.plen });
    if ((a.protocol && a.protocol == dump->view->protocol)
        || kind_is_wanted(dump->view, &address)) {
        machine_objects_add(dump->have, &address);
    }
}

static char *
address_observe(const struct kind_view *view, struct machine_objects *have)
{
    struct kind_dump dump = { view, have, have->n };
    int error = links_read();

    if (!error) {
        error = rtnl_dump(RTM_GETADDR, AF_UNSPEC, kind_dump_reset, collect,
                          &dump);
    }
    return error ? xstrdup(ovs_strerror(error)) : NULL;
}

static void
apply_change(const struct kind_view *view, const struct machine_change *c,
             struct smap *errors)
{
    const struct machine_address *a = (const void *) machine_change_object(c);
    bool delete = c->type == PLAN_DELETE;
    int index = links_index(a->link);
    struct nlsk_batch batch;

    if (!index) {
        if (!delete) {
            kind_error(errors, c, "there is no interface %s", a->link);
        }
        return;
    }

    enum ip_family family = ip_family(&a->prefix.addr);
    struct ifaddrmsg ifa = {
        .ifa_family = rtnl_af(family),
        .ifa_prefixlen = a->prefix.plen,
        .ifa_scope = RT_SCOPE_UNIVERSE,
        .ifa_index = index,
    };
    struct nl_msg *msg = rtnl_new(delete ? RTM_DELADDR : RTM_NEWADDR,
                                  delete ? 0 : NLM_F_CREATE | NLM_F_EXCL,
                                  &ifa, sizeof ifa);
    rtnl_put_ip(msg, IFA_LOCAL, &a->prefix.addr);
    rtnl_put_ip(msg, IFA_ADDRESS, &a->prefix.addr);
    if (!delete) {
        nlsk_put_u8(msg, IFA_PROTO, view->protocol);
        nlsk_put_u32(msg, IFA_FLAGS, family == IP_V6 ? IFA_F_NODAD : 0);
    }

    nlsk_batch_init(&batch);
    nlsk_batch_add(&batch, msg, c);
    int error = (delete && family == IP_V4
                 ? rtnl_address_keep(&batch, index, family, &a->prefix) : 0);
    if (error) {
        kind_error(errors, c, "the other addresses of %s: %s", a->link,
                   ovs_strerror(error));
    } else {
        rtnl_batch_run(&batch);
        kind_report(&batch, errors);
    }
    nlsk_batch_destroy(&batch);
}

static void
address_apply(const struct kind_view *view,
              const struct machine_change *changes, size_t n,
              struct smap *errors)
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
