/* SPDX-License-Identifier: Apache-2.0 */

/* The addresses of Services: whose load balancers are ours, and which ingress
 * addresses a Service has.  See view.h. */

#include <config.h>

#include "plan/world/view.h"

#include <inttypes.h>
#include <stdlib.h>

#include "openvswitch/dynamic-string.h"
#include "util.h"

bool
view_provides_ingress(const struct view *v)
{
    return (v->options->ingress == PLAN_INGRESS_AUTO
            ? !v->nb->kubernetes
            : v->options->ingress == PLAN_INGRESS_ON);
}

size_t
view_get_ingress(const struct view *v, const struct intent_object *obj,
                 struct in6_addr *ips, size_t max)
{
    const struct intent_service *svc = &obj->service;
    size_t n = 0;

    if (svc->type != INTENT_LOAD_BALANCER) {
        return 0;
    }
    for (size_t i = 0; i < svc->ingress_ips.n && n < max; i++) {
        ips[n++] = svc->ingress_ips.items[i];
    }
    if (!n) {
        char *key = xasprintf("%s/%s", obj->namespace, obj->name);
        const struct view_ingress *a = shash_find_data(&v->ingress, key);

        for (int f = 0; f < IP_N_FAMILIES && a && n < max; f++) {
            if (ip_is_set(&a->ips[f])) {
                ips[n++] = a->ips[f];
            }
        }
        free(key);
    }
    return n;
}

const char *
view_protocol_name(enum intent_protocol protocol)
{
    return (protocol == INTENT_TCP ? "tcp"
            : protocol == INTENT_UDP ? "udp"
            : "sctp");
}

void
view_put_vip(const struct in6_addr *ip, uint16_t port, struct ds *s)
{
    char buf[IP_STRLEN];

    ds_put_format(s, ip_family(ip) == IP_V4 ? "%s:%"PRIu16 : "[%s]:%"PRIu16,
                  ip_format(ip, buf), port);
}

const char *
view_find_foreign_vip(const struct view *v, enum intent_protocol protocol,
                      const struct in6_addr *ip, uint16_t port)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_format(&s, "%s ", view_protocol_name(protocol));
    view_put_vip(ip, port, &s);
    const char *name = smap_get(&v->nb->foreign_vips, ds_cstr(&s));
    ds_destroy(&s);
    return name;
}
