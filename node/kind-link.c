/* SPDX-License-Identifier: Apache-2.0 */

/* Kind "link": VRF devices, the interfaces enslaved to them, and whether an
 * interface is up (classes "vrf", "port" and "link").  See kind.h.
 *
 * A VRF of ours has an alias; what is enslaved to one of ours is ours to
 * release.  Another owner's VRF is only given ports.  Notifications for all
 * kinds that live in rtnetlink come through here. */

#include <config.h>

#include "node/kind.h"

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
#include "plan/machine/machine-link.h"
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
link_observe(const struct kind_view *view, struct machine_objects *have)
{
    int error = links_read();
    size_t n;

    if (error) {
        return xstrdup(ovs_strerror(error));
    }

    const struct link *all = links_get_all(&n);
    for (size_t i = 0; i < n; i++) {
        const struct link *link = &all[i];
        const struct link *master = links_find(link->master);
        struct machine_iface iface = machine_iface(&machine_class_vrf,
                                                   link->name);

        iface.table = link->table;
        iface.ours = link->ours;
        if (link->is_vrf && (link->ours || kind_is_wanted(view, &iface))) {
            machine_objects_add(have, &iface);
        }

        iface = machine_iface(&machine_class_port, link->name);
        if (master && (master->ours || kind_is_wanted(view, &iface))) {
            ovs_strlcpy(iface.vrf, master->name, sizeof iface.vrf);
            machine_objects_add(have, &iface);
        }

        iface = machine_iface(&machine_class_link, link->name);
        iface.up = link->up;
        iface.mtu = link->mtu;
        if (kind_is_wanted(view, &iface)) {
            machine_objects_add(have, &iface);
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

/* Makes the VRF 'vrf' of 'c'.  Never renames one: FRR 8.4 loses a "router bgp"
 * for a VRF that gets its name later. */
static void
create_vrf(const struct machine_change *c, const struct machine_iface *vrf,
           struct smap *errors)
{
    int index = unused_index();
    struct nlsk_batch batch;

    nlsk_batch_init(&batch);
    links_add_vrf(&batch, index, vrf->name, vrf->table, c);
    rtnl_batch_run(&batch);
    bool unmarked = !batch.requests[0].error && batch.requests[1].error;
    kind_report(&batch, errors);
    nlsk_batch_destroy(&batch);
    if (unmarked) {
        nlsk_batch_init(&batch);
        nlsk_batch_add(&batch, new_link(RTM_DELLINK, 0, index), c);
        rtnl_batch_run(&batch);
        kind_report(&batch, errors);
        nlsk_batch_destroy(&batch);
    }
}

/* Adds requests that enslave the interface 'index' to 'master', or release it
 * if that is 0, and put its IPv6 addresses back. */
static void
set_master(struct nlsk_batch *batch, const struct machine_change *c, int index,
           int master, struct smap *errors)
{
    struct nlsk_batch keep;

    nlsk_batch_init(&keep);
    int error = rtnl_address_keep(&keep, index, IP_V6, NULL);
    if (error) {
        kind_error(errors, c, "reading the addresses of %s: %s",
                   links_name(index), ovs_strerror(error));
    } else {
        struct nl_msg *msg = new_link(RTM_NEWLINK, 0, index);

        nlsk_put_u32(msg, IFLA_MASTER, master);
        nlsk_batch_add(batch, msg, c);
        nlsk_batch_append(batch, &keep);
    }
    nlsk_batch_destroy(&keep);
}

static void
change_vrf(const struct machine_change *c, struct smap *errors)
{
    const struct machine_iface *have = (const void *) c->have;

    if (have) {
        int index = links_index(have->name);
        struct nlsk_batch batch;
        size_t n;

        if (!have->ours) {
            kind_error(errors, c, "it was made by another, with table %"PRIu32,
                       have->table);
            return;
        }

        const struct link *links = links_get_all(&n);
        nlsk_batch_init(&batch);
        for (size_t i = 0; i < n; i++) {
            if (links[i].master == index) {
                set_master(&batch, c, links[i].index, 0, errors);
            }
        }
        nlsk_batch_add(&batch, new_link(RTM_DELLINK, 0, index), c);
        rtnl_batch_run(&batch);
        kind_report(&batch, errors);
        nlsk_batch_destroy(&batch);
        links_forget(have->name);
    }
    if (c->want) {
        create_vrf(c, (const void *) c->want, errors);
    }
}

static void
change_port(struct nlsk_batch *batch, const struct machine_change *c,
            struct smap *errors)
{
    const struct machine_iface *port
        = (const void *) machine_change_object(c);
    int master = c->want ? links_index(port->vrf) : 0;
    int index = links_index(port->name);

    if (index && (master || !c->want)) {
        set_master(batch, c, index, master, errors);
    } else if (c->want) {
        kind_error(errors, c, "there is no interface %s",
                   index ? port->vrf : port->name);
    }
}

static void
change_link(struct nlsk_batch *batch, const struct machine_change *c,
            struct smap *errors)
{
    const struct machine_iface *want = (const void *) c->want;
    struct ifinfomsg ifi = {
        .ifi_index = links_index(want->name),
        .ifi_flags = want->up ? IFF_UP : 0,
        .ifi_change = IFF_UP,
    };

    if (!ifi.ifi_index) {
        kind_error(errors, c, "there is no interface %s", want->name);
        return;
    }

    struct nl_msg *msg = rtnl_new(RTM_NEWLINK, 0, &ifi, sizeof ifi);
    if (want->mtu) {
        nlsk_put_u32(msg, IFLA_MTU, want->mtu);
    }
    nlsk_batch_add(batch, msg, c);
}

static void
link_apply(const struct kind_view *view OVS_UNUSED,
           const struct machine_change *changes, size_t n, struct smap *errors)
{
    for (size_t i = 0; i < n; i++) {
        const struct machine_change *c = &changes[i];
        const struct machine_class *class = machine_change_object(c)->class;
        struct nlsk_batch batch;

        nlsk_batch_init(&batch);
        if (class == &machine_class_vrf) {
            change_vrf(c, errors);
        } else if (class == &machine_class_port) {
            change_port(&batch, c, errors);
        } else if (c->want) {
            change_link(&batch, c, errors);
        }
        rtnl_batch_run(&batch);
        kind_report(&batch, errors);
        nlsk_batch_destroy(&batch);
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
