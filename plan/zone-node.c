/* SPDX-License-Identifier: Apache-2.0 */

/* Layout "node": one policy for each node that hosts something, and family,
 * over an address set of all endpoints that are steered to it.
 *
 * What changes with endpoints and moves is the members of sets, which no
 * ovn-northd recomputes for; policies come and go with the nodes' rows.
 * Called by zone.c. */

#include <config.h>

#include "plan/zone.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "util.h"

/* So many services are named as the origin of a node's rows. */
#define MAX_ORIGINS 3

/* True if our zone steers endpoints of 's' to 'node'. */
static bool
concerns_zone(const struct view_service *s, const struct view_node *node)
{
    for (size_t i = 0; i < s->n_endpoints && !node->local; i++) {
        if (s->endpoints[i].node->local) {
            return true;
        }
    }
    return node->local;
}

/* Notes for which families the node of 'w' needs a set.  It has one as long as
 * it has the row, so that a move changes members only. */
static void
note_work(struct view_work *w)
{
    const struct view_service *s = w->service;
    bool *has_set = w->node->has_set;

    if (view_work_is_live(w)) {
        for (int f = 0; f < IP_N_FAMILIES && !s->is_all; f++) {
            if (s->served[f] && concerns_zone(s, w->node)) {
                has_set[f] = true;
            }
        }
    } else if (w->after == WORK_DRAINING && w->role_before == ROLE_HOST
               && (w->node->local || w->serves)) {
        const char *text;
        SSET_FOR_EACH (text, &w->prior->endpoints) {
            struct in6_addr ip;
            if (ip_parse(text, &ip)) {
                has_set[ip_family(&ip)] = true;
            }
        }
    }
}

static void
note_endpoints(struct view *v)
{
    for (size_t i = 0; i < v->n_services; i++) {
        const struct view_service *s = v->service_array[i];
        for (size_t j = 0; j < s->n_endpoints; j++) {
            const struct view_endpoint *e = &s->endpoints[j];
            if (e->steer) {
                e->steer->has_set[e->family] = true;
                svec_add(&e->steer->members[e->family], e->text);
            }
        }
    }
}

/* Writes 'names' of sets, each with a policy that does 'p'. */
static void
write_policies(struct zone *z, enum ip_family family,
               const struct svec *names, const struct zone_policy *p)
{
    for (size_t i = 0; i < names->n; i++) {
        char *key = xasprintf("%d %s", ZONE_STEER, names->names[i]);
        char *match = xasprintf("%s.src == $%s", zone_ip_token(family),
                                names->names[i]);

        zone_add_policy(z->v, key, ZONE_STEER, match, p);
        svec_add(&z->sources[family], names->names[i]);
        free(match);
        free(key);
    }
}

static void
write_node(struct zone *z, struct view_node *node, enum ip_family family,
           const char *origin)
{
    struct svec names = SVEC_EMPTY_INITIALIZER;
    char *name = sets_name(node->name, family);

    sets_write(z->v, name, &node->members[family], node->name, origin,
               &names);
    write_policies(z, family, &names, &(struct zone_policy) {
        .action = "reroute",
        .next_hop = &node->next_hops[family],
        .node = node->name,
        .origin = origin,
    });
    svec_destroy(&names);
    free(name);
}

static void
write_unhosted(struct zone *z, enum ip_family family)
{
    if (z->unhosted[family].n) {
        struct svec names = SVEC_EMPTY_INITIALIZER;

        sets_write(z->v, family == IP_V4 ? "egress_unhosted_v4"
                   : "egress_unhosted_v6", &z->unhosted[family], NULL, "",
                   &names);
        write_policies(z, family, &names,
                       &(struct zone_policy) { .action = "drop" });
        svec_destroy(&names);
    }
}

/* Returns the services that 'node' hosts, for people.  The caller frees it. */
static char *
describe_services(const struct view_node *node)
{
    const char **keys = sset_sort(&node->hosted);
    struct ds s = DS_EMPTY_INITIALIZER;
    size_t n = sset_count(&node->hosted);

    for (size_t i = 0; i < n && i < MAX_ORIGINS; i++) {
        ds_put_format(&s, "%s%s", i ? ", " : "", keys[i]);
    }
    if (n > MAX_ORIGINS) {
        ds_put_format(&s, " and %"PRIuSIZE" more", n - MAX_ORIGINS);
    }
    free(keys);
    return ds_steal_cstr(&s);
}

void
zone_write_node_layout(struct zone *z)
{
    struct view *v = z->v;
    struct view_node *node;
    struct view_work *w;

    HMAP_FOR_EACH (w, hmap_node, &v->works) {
        note_work(w);
        if (view_work_is_live(w)) {
            sset_add(&w->node->hosted, intent_object_id(w->service->es));
        }
    }
    note_endpoints(v);
    HMAP_FOR_EACH (node, hmap_node, &v->nodes) {
        char *origin = describe_services(node);
        for (int f = 0; f < IP_N_FAMILIES; f++) {
            if (node->has_set[f] && !node->no_way[f]) {
                write_node(z, node, f, origin);
            }
        }
        free(origin);
    }
    for (int f = 0; f < IP_N_FAMILIES; f++) {
        write_unhosted(z, f);
    }
}
