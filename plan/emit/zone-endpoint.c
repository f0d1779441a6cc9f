/* SPDX-License-Identifier: Apache-2.0 */

/* Layout "endpoint": a policy for each endpoint, exactly as ovn-kubernetes
 * writes them, for those who depend on that shape.  It costs an ovn-northd a
 * full recompute for each change of an endpoint.  Called by zone.c. */

#include <config.h>

#include "plan/emit/zone.h"

#include <stdlib.h>
#include <string.h>

#include "plan/emit/emit.h"
#include "util.h"

static void
write_endpoint(struct zone *z, const struct view_endpoint *e,
               const struct view_node *node)
{
    const struct view_service *s = e->service;
    char *key = xasprintf("%d %s", POLICY_STEER, e->text);
    char *match = xasprintf("%s.src == %s", zone_ip_token(e->family),
                            e->text);

    /* An endpoint of another zone that comes to us over the transit switch. */
    char *egress_svc = xasprintf("%s%s", s->key, e->node->local ? "" : ":ic");

    zone_add_policy(z->v, key, POLICY_STEER, match, &(struct zone_policy) {
        .action = "reroute",
        .next_hop = &node->next_hops[e->family],
        .node = node->name,
        .service = s->key,
        .egress_svc = egress_svc,
        .origin = intent_object_id(s->es),
    });
    free(egress_svc);
    free(match);
    free(key);
}

static void
write_drop(struct zone *z, const struct ledger_claim *c)
{
    char buf[IP_STRLEN];
    const char *text = ip_format(&c->ip, buf);
    char *key = xasprintf("%d %s", POLICY_STEER, text);
    char *match = xasprintf("%s.src == %s", zone_ip_token(ip_family(&c->ip)),
                            text);

    zone_add_policy(z->v, key, POLICY_STEER, match,
                    &(struct zone_policy) { .action = "drop" });
    free(match);
    free(key);
}

/* Writes the policies of the endpoints of 's' that are steered. */
void
zone_write_endpoints(struct zone *z, const struct view_service *s)
{
    for (size_t i = 0; i < s->n_endpoints; i++) {
        if (s->next->steer[i]) {
            write_endpoint(z, &s->endpoints[i], s->next->steer[i]);
        }
    }
}

static void
add_steered(const struct ledger_node *node, enum ip_family family,
            struct svec *members)
{
    const struct ledger_claim *c;

    LIST_FOR_EACH (c, list_node, &node->steered) {
        if (ip_family(&c->ip) == family) {
            char buf[IP_STRLEN];
            svec_add(members, ip_format(&c->ip, buf));
        }
    }
}

/* Writes what concerns the endpoints of all services: which of them are
 * dropped, and the set of all. */
void
zone_write_served(struct zone *z)
{
    static const char *const names[IP_N_FAMILIES] = {
        "egress_served_v4", "egress_served_v6"
    };
    const struct view *v = z->v;
    const struct ledger_claim *c;
    const struct view_node *node;

    LIST_FOR_EACH (c, list_node, &v->ledger->unhosted) {
        write_drop(z, c);
    }
    for (int f = 0; f < IP_N_FAMILIES; f++) {
        struct svec members = SVEC_EMPTY_INITIALIZER;
        struct svec parts = SVEC_EMPTY_INITIALIZER;

        zone_find_unhosted(v, f, &members);
        HMAP_FOR_EACH (node, hmap_node, &v->nodes) {
            add_steered(ledger_node(v->ledger, node), f, &members);
        }
        if (members.n) {
            sets_write(v, names[f], &members, NULL, "", &parts);
            for (size_t i = 0; i < parts.n; i++) {
                zone_add_node_allow(z, f, parts.names[i]);
            }
            z->n_sources[f] += parts.n;
        }
        svec_destroy(&parts);
        svec_destroy(&members);
    }
}
