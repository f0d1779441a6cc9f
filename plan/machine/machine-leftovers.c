/* SPDX-License-Identifier: Apache-2.0 */

/* Connections that are not there.  See machine-leftovers.h. */

#include <config.h>

#include "plan/machine/machine-leftovers.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "util.h"

void
machine_leftovers_init(struct machine_leftovers *l)
{
    memset(l, 0, sizeof *l);
    l->object.class = &machine_class_conntrack;
}

void
machine_leftovers_destroy(struct machine_leftovers *l)
{
    for (size_t i = 0; i < l->n; i++) {
        free(l->items[i].ingress.items);
    }
    free(l->items);
}

struct machine_behind *
machine_leftovers_add(struct machine_leftovers *l, const struct in6_addr *ip)
{
    if (l->n >= l->allocated) {
        l->items = x2nrealloc(l->items, &l->allocated, sizeof *l->items);
    }
    l->items[l->n] = (struct machine_behind) { .ip = *ip };
    return &l->items[l->n++];
}

void
machine_behind_add(struct machine_behind *b, const struct intent_ips *ips)
{
    struct intent_ips *all = &b->ingress;

    all->items = xrealloc(all->items,
                          (all->n + ips->n + 1) * sizeof *all->items);
    for (size_t i = 0; i < ips->n; i++) {
        all->items[all->n++] = ips->items[i];
    }
}

/* There is one. */
static int
leftovers_compare(const void *a OVS_UNUSED, const void *b OVS_UNUSED)
{
    return 0;
}

static void
leftovers_format(const void *l OVS_UNUSED, struct ds *s)
{
    ds_put_cstr(s, "leftovers");
}

static void
leftovers_describe(const void *l_, struct machine_text *text)
{
    struct svec *behind = machine_text_put_list(text, "behind", "{}");
    const struct machine_leftovers *l = l_;
    char buf[IP_STRLEN];

    for (size_t i = 0; i < l->n; i++) {
        const struct intent_ips *ips = &l->items[i].ingress;
        struct ds s = DS_EMPTY_INITIALIZER;

        ds_put_format(&s, "\"%s\"=\"", ip_format(&l->items[i].ip, buf));
        for (size_t j = 0; j < ips->n; j++) {
            ds_put_format(&s, "%s%s", j ? " " : "",
                          ip_format(&ips->items[j], buf));
        }
        ds_put_char(&s, '"');
        svec_add_nocopy(behind, ds_steal_cstr(&s));
    }
}

static void
leftovers_destroy(void *l)
{
    machine_leftovers_destroy(l);
}

const struct machine_class machine_class_conntrack = {
    .name = "conntrack", .size = sizeof(struct machine_leftovers),
    .compare = leftovers_compare, .format = leftovers_format,
    .describe = leftovers_describe, .destroy = leftovers_destroy,
};
