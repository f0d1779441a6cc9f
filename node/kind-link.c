/* SPDX-License-Identifier: Apache-2.0 */

/* Kind "link": VRF devices, the interfaces enslaved to them, and whether an
 * interface is up (tables "vrf", "port" and "link").  See kind.h.
 *
 * A VRF of ours has an alias; what is enslaved to one of ours is ours to
 * release.  Another owner's VRF is only given ports.  Notifications for all
 * kinds that live in rtnetlink come through here. */

#include <config.h>

#include "node/kind.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "node/links.h"
#include "node/rtnl-address.h"
#include "node/rtnl-monitor.h"
#include "node/rtnl.h"
#include "plan/rows/row.h"
#include "util.h"

static char *
link_init(void)
{
    int error = rtnl_init();

    if (!error) {
        error = rtnl_monitor_init();
    }
    return (error ? xasprintf("rtnetlink: %s", ovs_strerror(error)) : NULL);
}

static void
link_destroy(void)
{
    rtnl_monitor_destroy();
    rtnl_destroy();
    links_destroy();
}

/* Reading. */

static char *
link_observe(const struct kind_view *view, struct plan_rows *have)
{
    const struct plan_rows *want = &view->machine->want;
    int error = links_read();
    size_t n;

    if (error) {
        return xstrdup(ovs_strerror(error));
    }

    const struct link *all = links_get_all(&n);
    for (size_t i = 0; i < n; i++) {
        const struct link *link = &all[i];
        const struct link *master = links_find(link->master);

        if (link->is_vrf
            && (link->ours || plan_rows_find(want, "vrf", link->name))) {
            struct plan_row *row = plan_rows_add(have, "vrf", link->name);

            plan_row_set_integer(row, "table", link->table);
            plan_row_set_bool(row, "ours", link->ours);
        }
        if (master
            && (master->ours || plan_rows_find(want, "port", link->name))) {
            struct plan_row *row = plan_rows_add(have, "port", link->name);

            plan_row_set_string(row, "vrf", master->name);
        }
        if (plan_rows_find(want, "link", link->name)) {
            struct plan_row *row = plan_rows_add(have, "link", link->name);

            plan_row_set_bool(row, "up", link->up);
            plan_row_set_integer(row, "mtu", link->mtu);
        }
    }
    return NULL;
}

/* Writing. */

static struct nl_msg *
new_link(int type, int flags, int index)
{
    struct ifinfomsg ifi = { .ifi_family = AF_UNSPEC, .ifi_index = index };

    return rtnl_new(type, flags, &ifi, sizeof ifi);
}

/* Returns an index for a new device.  It is so far beyond those in use that
 * the kernel, which counts on from the last one, does not take it. */
static int
unused_index(void)
{
    size_t n;
    const struct link *links = links_get_all(&n);
    int index = (n ? links[n - 1].index : 0) + 100;
    char name[IFNAMSIZ];

    while (if_indextoname(index, name)) {
        index++;
    }
    return index;
}

/* Makes the VRF of 'c'.  Never renames one: FRR 8.4 loses a "router bgp" for a
 * VRF that gets its name later. */
static void
create_vrf(const struct plan_change *c, struct smap *errors)
{
    int index = unused_index();
    struct rtnl_batch batch;

    rtnl_batch_init(&batch);
    links_add_vrf(&batch, index, c->want->key,
                  plan_row_integer(c->want, "table", 0), c);
    rtnl_batch_run(&batch);
    bool unmarked = !batch.requests[0].error && batch.requests[1].error;
    kind_report(&batch, errors);
    rtnl_batch_destroy(&batch);
    if (unmarked) {
        rtnl_batch_init(&batch);
        rtnl_batch_add(&batch, new_link(RTM_DELLINK, 0, index), c);
        rtnl_batch_run(&batch);
        kind_report(&batch, errors);
        rtnl_batch_destroy(&batch);
    }
}

/* Adds requests that enslave the interface 'index' to 'master', or release it
 * if that is 0, and put its IPv6 addresses back. */
static void
set_master(struct rtnl_batch *batch, const struct plan_change *c, int index,
           int master, struct smap *errors)
{
    struct rtnl_batch keep;

    rtnl_batch_init(&keep);
    int error = rtnl_address_keep(&keep, index, IP_V6, NULL);
    if (error && error != EAFNOSUPPORT && error != EOPNOTSUPP) {
        kind_error(errors, c, "reading the addresses of %s: %s",
                   links_name(index), ovs_strerror(error));
    } else {
        struct nl_msg *msg = new_link(RTM_NEWLINK, 0, index);

        nla_put_u32(msg, IFLA_MASTER, master);
        rtnl_batch_add(batch, msg, c);
        rtnl_batch_append(batch, &keep);
    }
    rtnl_batch_destroy(&keep);
}

static void
change_vrf(const struct plan_change *c, struct smap *errors)
{
    if (c->have) {
        int index = links_index(c->have->key);
        struct rtnl_batch batch;
        size_t n;

        if (!plan_row_bool(c->have, "ours", false)) {
            kind_error(errors, c, "it was made by another, with table %"PRId64,
                       plan_row_integer(c->have, "table", 0));
            return;
        }

        const struct link *links = links_get_all(&n);
        rtnl_batch_init(&batch);
        for (size_t i = 0; i < n; i++) {
            if (links[i].master == index) {
                set_master(&batch, c, links[i].index, 0, errors);
            }
        }
        rtnl_batch_add(&batch, new_link(RTM_DELLINK, 0, index), c);
        rtnl_batch_run(&batch);
        kind_report(&batch, errors);
        rtnl_batch_destroy(&batch);
        links_forget(c->have->key);
    }
    if (c->want) {
        create_vrf(c, errors);
    }
}

static void
change_port(struct rtnl_batch *batch, const struct plan_change *c,
            struct smap *errors)
{
    const char *name = kind_change_row(c)->key;
    const char *vrf = c->want ? plan_row_string(c->want, "vrf", "") : "";
    int master = c->want ? links_index(vrf) : 0;
    int index = links_index(name);

    if (index && (master || !c->want)) {
        set_master(batch, c, index, master, errors);
    } else if (c->want) {
        kind_error(errors, c, "there is no interface %s", index ? vrf : name);
    }
}

static void
change_link(struct rtnl_batch *batch, const struct plan_change *c,
            struct smap *errors)
{
    int mtu = plan_row_integer(c->want, "mtu", 0);
    struct ifinfomsg ifi = {
        .ifi_index = links_index(c->want->key),
        .ifi_flags = plan_row_bool(c->want, "up", false) ? IFF_UP : 0,
        .ifi_change = IFF_UP,
    };

    if (!ifi.ifi_index) {
        kind_error(errors, c, "there is no interface %s", c->want->key);
        return;
    }

    struct nl_msg *msg = rtnl_new(RTM_NEWLINK, 0, &ifi, sizeof ifi);
    if (mtu) {
        nla_put_u32(msg, IFLA_MTU, mtu);
    }
    rtnl_batch_add(batch, msg, c);
}

static void
link_apply(const struct kind_view *view OVS_UNUSED,
           const struct plan_change *changes, size_t n, struct smap *errors)
{
    for (size_t i = 0; i < n; i++) {
        const struct plan_change *c = &changes[i];
        const char *table = kind_change_row(c)->table;
        struct rtnl_batch batch;

        rtnl_batch_init(&batch);
        if (!strcmp(table, "vrf")) {
            change_vrf(c, errors);
        } else if (!strcmp(table, "port")) {
            change_port(&batch, c, errors);
        } else if (c->want) {
            change_link(&batch, c, errors);
        }
        rtnl_batch_run(&batch);
        kind_report(&batch, errors);
        rtnl_batch_destroy(&batch);
    }
}

const struct kind kind_link = {
    .name = "link",
    .init = link_init,
    .observe = link_observe,
    .apply = link_apply,
    .run = rtnl_monitor_run,
    .wait = rtnl_monitor_wait,
    .destroy = link_destroy,
};
