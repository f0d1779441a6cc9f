/* SPDX-License-Identifier: Apache-2.0 */

/* Layout "node": one policy for each node that hosts something, and family,
 * over an address set of all endpoints that are steered to it.
 *
 * What changes with endpoints and moves is the members of sets, which no
 * ovn-northd recomputes for; policies come and go with the nodes' rows.
 * Called by zone.c. */

#include <config.h>

#include "plan/emit/zone.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "plan/emit/emit.h"
#include "plan/rows/set-name.h"
#include "plan/world/node-address.h"
#include "util.h"

/* So many services are named as the origin of a node's rows. */
#define MAX_ORIGINS 3

/* Writes 'names' of sets, each with a policy that does 'p'. */
static void
write_policies(struct zone *z, enum ip_family family,
               const struct svec *names, const struct zone_policy *p)
{
    for (size_t i = 0; i < names->n; i++) {
        char *key = xasprintf("%d %s", POLICY_STEER, names->names[i]);
        char *match = xasprintf("%s.src == $%s", zone_ip_token(family),
                                names->names[i]);

        zone_add_policy(z->v, key, POLICY_STEER, match, p);
        zone_add_node_allow(z, family, names->names[i]);
        free(match);
        free(key);
    }
}

/* Lets what is steered to 'node', the sets 'names', reach what its helper
 * alone says it has as addresses. */
static void
write_reported(struct zone *z, const struct view_node *node,
               enum ip_family family, const struct svec *names)
{
    struct svec ips = SVEC_EMPTY_INITIALIZER;

    node_address_collect_reported(z->v, node, family, &ips);
    if (ips.n) {
        /* No name of a node leads to one with a dot. */
        char *set = set_name(node->name, family);
        char *name = xasprintf("egress.host%s", set + strlen("egress"));

        sets_write_one(z->v, name, &ips, NULL, "");
        for (size_t i = 0; i < names->n; i++) {
            zone_add_host_allow(z, family, names->names[i], name);
        }
        free(name);
        free(set);
    }
    svec_destroy(&ips);
}

/* Writes the set of 'node' and returns into how many it is split. */
static size_t
write_set(struct zone *z, const struct ledger_node *n, enum ip_family family,
          const char *origin)
{
    const struct view_node *node = n->node;
    struct svec members = SVEC_EMPTY_INITIALIZER;
    struct svec names = SVEC_EMPTY_INITIALIZER;
    char *name = set_name(node->name, family);
    const struct ledger_claim *c;

    LIST_FOR_EACH (c, list_node, &n->steered) {
        if (ip_family(&c->ip) == family) {
            char buf[IP_STRLEN];
            svec_add(&members, ip_format(&c->ip, buf));
        }
    }
    sets_write(z->v, name, &members, node->name, origin, &names);
    write_policies(z, family, &names, &(struct zone_policy) {
        .action = "reroute",
        .next_hop = &node->next_hops[family],
        .node = node->name,
        .origin = origin,
    });
    write_reported(z, node, family, &names);

    size_t n_sets = names.n;
    svec_destroy(&names);
    svec_destroy(&members);
    free(name);
    return n_sets;
}

/* Returns the services that 'node' hosts, for people.  The caller frees it. */
static char *
describe_services(const struct ledger_node *node)
{
    struct sset hosted = SSET_INITIALIZER(&hosted);
    struct ds s = DS_EMPTY_INITIALIZER;
    const struct ledger_part *part;

    LIST_FOR_EACH (part, list_node, &node->parts) {
        if (part->live) {
            sset_add(&hosted, part->entry->key);
        }
    }

    const char **keys = sset_sort(&hosted);
    size_t n = sset_count(&hosted);
    for (size_t i = 0; i < n && i < MAX_ORIGINS; i++) {
        ds_put_format(&s, "%s%s %s", i ? ", " : "",
                      intent_kind_name(INTENT_EGRESS_SERVICE), keys[i]);
    }
    if (n > MAX_ORIGINS) {
        ds_put_format(&s, " and %"PRIuSIZE" more", n - MAX_ORIGINS);
    }
    free(keys);
    sset_destroy(&hosted);
    return ds_steal_cstr(&s);
}

static bool
has_set(const struct ledger_node *node, enum ip_family family)
{
    const struct ledger_claim *c;
    const struct ledger_part *part;

    LIST_FOR_EACH (part, list_node, &node->parts) {
        if (part->wants_set[family]) {
            return true;
        }
    }
    LIST_FOR_EACH (c, list_node, &node->steered) {
        if (ip_family(&c->ip) == family) {
            return true;
        }
    }
    return false;
}

/* Writes the sets and policies of 'node'. */
void
zone_write_node(struct zone *z, struct ledger_node *node)
{
    char *origin = describe_services(node);

    for (int f = 0; f < IP_N_FAMILIES; f++) {
        size_t *n = &node->n_sets[f];

        z->v->ledger->n_sets[f] -= *n;
        *n = (has_set(node, f) && !node->node->no_way[f]
              ? write_set(z, node, f, origin) : 0);
        z->v->ledger->n_sets[f] += *n;
    }
    free(origin);
}

/* Writes the set of what is dropped. */
void
zone_write_unhosted(struct zone *z)
{
    static const char *const names[IP_N_FAMILIES] = {
        "egress_unhosted_v4", "egress_unhosted_v6"
    };

    for (int f = 0; f < IP_N_FAMILIES; f++) {
        struct svec members = SVEC_EMPTY_INITIALIZER;
        struct svec parts = SVEC_EMPTY_INITIALIZER;

        zone_find_unhosted(z->v, f, &members);
        if (members.n) {
            sets_write(z->v, names[f], &members, NULL, "", &parts);
            write_policies(z, f, &parts,
                           &(struct zone_policy) { .action = "drop" });
            z->n_sources[f] += parts.n;
        }
        svec_destroy(&parts);
        svec_destroy(&members);
    }
}
