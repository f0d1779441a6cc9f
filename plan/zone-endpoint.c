/* SPDX-License-Identifier: Apache-2.0 */

/* Layout "endpoint": a policy for each endpoint, exactly as ovn-kubernetes
 * writes them, for those who depend on that shape.  It costs an ovn-northd a
 * full recompute for each change of an endpoint.  Called by zone.c. */

#include <config.h>

#include "plan/zone.h"

#include <stdlib.h>
#include <string.h>

#include "util.h"

static void
write_endpoint(struct zone *z, const struct view_endpoint *e)
{
    const struct view_service *s = e->service;
    char *key = xasprintf("%d %s", ZONE_STEER, e->text);
    char *match = xasprintf("%s.src == %s", zone_ip_token(e->family),
                            e->text);

    /* An endpoint of another zone that comes to us over the transit switch. */
    char *egress_svc = xasprintf("%s%s", s->key, e->node->local ? "" : ":ic");

    zone_add_policy(z->v, key, ZONE_STEER, match, &(struct zone_policy) {
        .action = "reroute",
        .next_hop = &e->steer->next_hops[e->family],
        .node = e->steer->name,
        .service = s->key,
        .egress_svc = egress_svc,
        .origin = intent_object_id(s->es),
    });
    free(egress_svc);
    free(match);
    free(key);
}

static void
write_drop(struct zone *z, enum ip_family family, const char *text)
{
    char *key = xasprintf("%d %s", ZONE_STEER, text);
    char *match = xasprintf("%s.src == %s", zone_ip_token(family), text);

    zone_add_policy(z->v, key, ZONE_STEER, match,
                    &(struct zone_policy) { .action = "drop" });
    free(match);
    free(key);
}

void
zone_write_endpoint_layout(struct zone *z)
{
    static const char *const names[IP_N_FAMILIES] = {
        "egress_served_v4", "egress_served_v6"
    };
    struct view *v = z->v;
    struct svec members[IP_N_FAMILIES];

    for (int f = 0; f < IP_N_FAMILIES; f++) {
        svec_clone(&members[f], &z->unhosted[f]);
        for (size_t i = 0; i < z->unhosted[f].n; i++) {
            write_drop(z, f, z->unhosted[f].names[i]);
        }
    }
    for (size_t i = 0; i < v->n_services; i++) {
        const struct view_service *s = v->service_array[i];
        for (size_t j = 0; j < s->n_endpoints; j++) {
            const struct view_endpoint *e = &s->endpoints[j];
            if (e->steer) {
                write_endpoint(z, e);
                svec_add(&members[e->family], e->text);
            }
        }
    }
    for (int f = 0; f < IP_N_FAMILIES; f++) {
        if (members[f].n) {
            sets_write(v, names[f], &members[f], NULL, "", &z->sources[f]);
        }
        svec_destroy(&members[f]);
    }
}
