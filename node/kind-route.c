/* SPDX-License-Identifier: Apache-2.0 */

/* Kind "route": routes of any table.  See kind.h.
 *
 * Ours have our protocol number.  A route of another owner with the key of one
 * that is wanted is adopted if it is the same, and reported if it is not. */

#include <config.h>

#include "node/kind.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "node/links.h"
#include "node/rtnl-route.h"
#include "node/rtnl.h"
#include "plan/machine/machine-route.h"
#include "util.h"

/* Reading. */

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

/* What "state: absent" may remove: not what the kernel or a routing daemon
 * keeps up to date, which would come back at once. */
static bool
may_condemn(const struct machine_route *route)
{
    switch (route->protocol) {
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
    struct dump *dump = dump_;
    const struct kind_view *view = dump->view;
    struct machine_route route;

    if (!rtnl_route_parse(nlh, &route)) {
        return;
    }

    bool ours = route.protocol == view->protocol;
    char *key = ours ? NULL : machine_route_key(&route);
    bool wanted = key && plan_rows_find(&view->machine->want, "route", key);
    bool condemned = !ours && !wanted && may_condemn(&route)
                     && view->machine->n_absent_routes;
    if (ours || condemned || wanted) {
        struct plan_row *row = machine_route_to_row(&route);

        if (ours || wanted || machine_condemns(view->machine, row)) {
            kind_add_row(dump->have, row);
        } else {
            plan_row_destroy(row);
        }
    }
    free(key);
    machine_route_destroy(&route);
}

static char *
route_observe(const struct kind_view *view, struct plan_rows *have)
{
    static const int families[] = { AF_INET, AF_INET6 };
    int error = links_read();

    for (size_t i = 0; i < ARRAY_SIZE(families) && !error; i++) {
        struct dump dump = { view, have, have->n };

        error = rtnl_dump(RTM_GETROUTE, families[i], reset, collect, &dump);
        if (error == EAFNOSUPPORT || error == EOPNOTSUPP) {
            error = 0;
        }
    }
    return error ? xstrdup(ovs_strerror(error)) : NULL;
}

/* Writing. */

/* Changes a route that is there.  One of another owner stays as it is, unless
 * a policy condemned it. */
static void
modify(const struct kind_view *view, const struct plan_change *c,
       struct rtnl_batch *batch, struct smap *errors)
{
    struct machine_route old, new;

    machine_route_from_row(c->have, &old);
    machine_route_from_row(c->want, &new);
    if (old.protocol == view->protocol) {
        rtnl_batch_add(batch, rtnl_route_build(RTM_NEWROUTE,
                                               NLM_F_CREATE | NLM_F_REPLACE,
                                               &new, view->protocol), c);
    } else if (may_condemn(&old) && machine_condemns(view->machine, c->have)) {
        rtnl_batch_add(batch, rtnl_route_build(RTM_DELROUTE, 0, &old,
                                               old.protocol), c);
        rtnl_batch_add(batch, rtnl_route_build(RTM_NEWROUTE,
                                               NLM_F_CREATE | NLM_F_EXCL,
                                               &new, view->protocol), c);
    } else {
        kind_error(errors, c, "another one is there, of protocol %d",
                   old.protocol);
    }
    machine_route_destroy(&old);
    machine_route_destroy(&new);
}

static void
route_apply(const struct kind_view *view, const struct plan_change *changes,
            size_t n, struct smap *errors)
{
    struct rtnl_batch batch;

    rtnl_batch_init(&batch);
    for (size_t i = 0; i < n; i++) {
        const struct plan_change *c = &changes[i];
        struct machine_route route;

        if (c->type == PLAN_MODIFY) {
            modify(view, c, &batch, errors);
            continue;
        }

        bool insert = c->type == PLAN_INSERT;
        machine_route_from_row(kind_change_row(c), &route);
        rtnl_batch_add(&batch, rtnl_route_build(
                           insert ? RTM_NEWROUTE : RTM_DELROUTE,
                           insert ? NLM_F_CREATE | NLM_F_EXCL : 0, &route,
                           insert ? view->protocol : route.protocol), c);
        machine_route_destroy(&route);
    }
    rtnl_batch_run(&batch);
    kind_report(&batch, errors);
    rtnl_batch_destroy(&batch);
}

const struct kind kind_route = {
    .name = "route",
    .observe = route_observe,
    .apply = route_apply,
};
