/* SPDX-License-Identifier: Apache-2.0 */

/* Shared gateway mode: the gateway router of the host rewrites the source
 * instead of the host itself.  A NAT row for each endpoint, for as long as the
 * node has the endpoint in its Node_Service row.  Called by zone.c. */

#include <config.h>

#include "plan/emit/zone.h"

#include <stdlib.h>
#include <string.h>

#include "plan/emit/emit.h"
#include "util.h"

static void
add_nat(const struct view *v, const struct view_work *w, const char *external,
        const char *logical)
{
    const char *router = w->node->gateway_router;
    char *key = xasprintf("snat %s %s", router, logical);
    struct plan_row *row = plan_rows_add(&v->plan->nb, "NAT", key);
    struct smap ids = SMAP_INITIALIZER(&ids);

    smap_add(&ids, "owner", "ovn-egress");
    smap_add(&ids, "key", key);
    smap_add(&ids, "node", w->node->name);
    smap_add(&ids, "service", w->service->key);
    plan_row_set_string(row, "type", "snat");
    plan_row_set_string(row, "external_ip", external);
    plan_row_set_string(row, "logical_ip", logical);
    plan_row_set_map(row, "external_ids", &ids);
    plan_row_add_parent(row, "Logical_Router", "nat", router);
    if (w->service->es) {
        plan_row_add_origin(row, intent_object_id(w->service->es));
    }
    smap_destroy(&ids);
    free(key);
}

/* Sets 'sources' to what the published row of 'w' says. */
static void
read_sources(const struct view_work *w, struct in6_addr sources[IP_N_FAMILIES])
{
    const struct plan_column *c
        = w->prior->row ? plan_row_get(w->prior->row, "source_ips") : NULL;

    memset(sources, 0, IP_N_FAMILIES * sizeof *sources);
    for (unsigned int i = 0; c && i < c->datum.n; i++) {
        struct in6_addr ip;
        if (ip_addr_parse(json_string(c->datum.keys[i].s), &ip)) {
            sources[ip_family(&ip)] = ip;
        }
    }
}

/* Writes that of endpoint 'text' of the published row of 'w', with the source
 * that it had, as long as OVN may still send it here. */
static void
write_former_nat(const struct view *v, const struct view_work *w,
                 const char *text)
{
    struct in6_addr sources[IP_N_FAMILIES], ip;
    char buf[IP_STRLEN];

    read_sources(w, sources);
    if (steer_stray_stays(v, w, text) && ip_addr_parse(text, &ip)
        && ip_is_set(&sources[ip_family(&ip)])) {
        add_nat(v, w, ip_format(&sources[ip_family(&ip)], buf), text);
    }
}

static void
write_work_nat(const struct view *v, const struct view_work *w)
{
    const struct view_service *s = w->service;
    char buf[IP_STRLEN];

    if (schedule_is_live(w) && !w->next->frozen) {
        for (size_t i = 0; i < s->n_endpoints; i++) {
            const struct view_endpoint *e = &s->endpoints[i];
            if (!e->foreign) {
                add_nat(v, w, ip_format(&s->sources[e->family], buf),
                        e->text);
            }
        }
        for (size_t i = 0; i < w->strays.n; i++) {
            write_former_nat(v, w, w->strays.names[i]);
        }
    } else {
        const char *text;

        SSET_FOR_EACH (text, &w->prior->endpoints) {
            write_former_nat(v, w, text);
        }
    }
}

void
zone_write_nat(struct zone *z, const struct view_service *s)
{
    for (size_t i = 0; i < s->n_works; i++) {
        const struct view_work *w = s->works[i];

        if (w->node->local && *w->node->gateway_router
            && (schedule_is_live(w) || w->next->state == WORK_DRAINING)) {
            write_work_nat(z->v, w);
        }
    }
}
