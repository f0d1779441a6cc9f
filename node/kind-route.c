/* SPDX-License-Identifier: Apache-2.0 */

/* Kind "route": routes of any table.  See kind.h.
 *
 * Ours have our protocol number.  A route of another owner in the place of one
 * that is wanted is adopted if it is the same, and reported if it is not. */

#include <config.h>

#include "node/kind.h"

#include <stdlib.h>
#include <string.h>

#include "node/links.h"
#include "node/rtnl-route.h"
#include "node/rtnl.h"
#include "plan/machine/machine-route.h"
#include "util.h"

/* Reading. */

/* What "state: absent" may remove: not what the kernel or a routing daemon
 * keeps up to date, which would come back at once. */
static bool
may_condemn(const struct machine_route *route)
{
    switch (route->object.protocol) {
    case RTPROT_UNSPEC:
    case RTPROT_BOOT:
    case RTPROT_STATIC:
    case RTPROT_RA:
    case RTPROT_DHCP:
        return true;
    default:
        return false;
    }
}

static void
collect(const struct nlmsghdr *nlh, void *dump_)
{
    struct kind_dump *dump = dump_;
    const struct kind_view *view = dump->view;
    struct machine_route route;

    if (!rtnl_route_parse(nlh, &route)) {
        return;
    } else if (route.object.protocol == view->protocol
               || kind_is_wanted(view, &route)
               || (may_condemn(&route)
                   && machine_condemns(view->machine, &route.object))) {
        machine_objects_add(dump->have, &route);
    } else {
        machine_route_destroy(&route);
    }
}

static char *
route_observe(const struct kind_view *view, struct machine_objects *have)
{
    static const int families[] = { AF_INET, AF_INET6 };
    int error = links_read();

    for (size_t i = 0; i < ARRAY_SIZE(families) && !error; i++) {
        struct kind_dump dump = { view, have, have->n };

        error = rtnl_dump(RTM_GETROUTE, families[i], kind_dump_reset, collect,
                          &dump);
    }
    return error ? xstrdup(ovs_strerror(error)) : NULL;
}

/* Writing. */

static void
add_request(struct nlsk_batch *batch, int type, int flags,
            const struct machine_object *route, uint8_t protocol,
            const struct machine_change *c)
{
    nlsk_batch_add(batch, rtnl_route_build(
                       type, flags, (const struct machine_route *) route,
                       protocol), c);
}

/* Changes a route that is there.  One of another owner stays as it is, unless
 * a policy condemned it. */
static void
modify(const struct kind_view *view, const struct machine_change *c,
       struct nlsk_batch *batch, struct smap *errors)
{
    if (c->have->protocol == view->protocol) {
        add_request(batch, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, c->want,
                    view->protocol, c);
    } else if (may_condemn((const struct machine_route *) c->have)
               && machine_condemns(view->machine, c->have)) {
        add_request(batch, RTM_DELROUTE, 0, c->have, c->have->protocol, c);
        add_request(batch, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, c->want,
                    view->protocol, c);
    } else {
        kind_error(errors, c, "another one is there, of protocol %d",
                   c->have->protocol);
    }
}

static void
route_apply(const struct kind_view *view, const struct machine_change *changes,
            size_t n, struct smap *errors)
{
    struct nlsk_batch batch;

    nlsk_batch_init(&batch);
    for (size_t i = 0; i < n; i++) {
        const struct machine_change *c = &changes[i];

        if (c->type == PLAN_MODIFY) {
            modify(view, c, &batch, errors);
        } else if (c->type == PLAN_INSERT) {
            add_request(&batch, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL,
                        c->want, view->protocol, c);
        } else {
            add_request(&batch, RTM_DELROUTE, 0, c->have, c->have->protocol,
                        c);
        }
    }
    rtnl_batch_run(&batch);
    kind_report(&batch, errors);
    nlsk_batch_destroy(&batch);
}

const struct kind kind_route = {
    .name = "route",
    .observe = route_observe,
    .apply = route_apply,
};
