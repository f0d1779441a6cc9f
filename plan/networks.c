/* SPDX-License-Identifier: Apache-2.0 */

/* Networks: what the cluster has of them, from the options, or else from what
 * the Nodes' annotations and OVN_Northbound say.  Part of the view. */

#include <config.h>

#include "plan/view.h"

#include <stdlib.h>
#include <string.h>

#include "util.h"

/* ovn-kubernetes' defaults, by family. */
static const char *const default_join[IP_N_FAMILIES] = {
    "100.64.0.0/16", "fd98::/64"
};
static const char *const default_masquerade[IP_N_FAMILIES] = {
    "169.254.169.0/29", "fd69::/125"
};

static void
add(struct view_networks *nets, const struct ip_prefix *p)
{
    for (size_t i = 0; i < nets->n; i++) {
        if (!ip_prefix_compare(&nets->items[i], p)) {
            return;
        }
    }
    nets->items = xrealloc(nets->items, (nets->n + 1) * sizeof *nets->items);
    nets->items[nets->n++] = *p;
}

/* Adds 'items' to 'nets', unless another source told of some already. */
static void
add_from(struct view_networks *nets, const struct ip_prefix *items, size_t n,
         const char *from)
{
    if (!n || (nets->from && strcmp(nets->from, from))) {
        return;
    }
    nets->from = from;
    for (size_t i = 0; i < n; i++) {
        add(nets, &items[i]);
    }
}

static bool
has_family(const struct view_networks *nets, enum ip_family family)
{
    for (size_t i = 0; i < nets->n; i++) {
        if (ip_family(&nets->items[i].addr) == family) {
            return true;
        }
    }
    return false;
}

/* Adds the defaults of the families of which nothing was found, if it was not
 * an option that gave the others. */
static void
add_defaults(struct view_networks *nets,
             const char *const defaults[IP_N_FAMILIES])
{
    if (!nets->from) {
        nets->from = "default";
    } else if (!strcmp(nets->from, "option")) {
        return;
    }
    for (int f = 0; f < IP_N_FAMILIES; f++) {
        struct ip_prefix p;

        if (!has_family(nets, f) && ip_prefix_parse(defaults[f], &p, NULL)) {
            add(nets, &p);
        }
    }
}

void
view_read_networks(struct view *v)
{
    const struct plan_options *o = v->options;
    const struct view_kind *nodes = &v->kinds[INTENT_NODE];

    if (o->n_cluster_networks) {
        v->cluster_networks = o->cluster_networks;
        v->n_cluster_networks = o->n_cluster_networks;
    } else {
        v->cluster_networks = v->nb->cluster_networks;
        v->n_cluster_networks = v->nb->n_cluster_networks;
    }

    add_from(&v->join, o->join_networks, o->n_join_networks, "option");
    add_from(&v->join, v->nb->join_networks, v->nb->n_join_networks,
             "OVN_Northbound");
    add_defaults(&v->join, default_join);

    add_from(&v->masquerade, o->masquerade_networks,
             o->n_masquerade_networks, "option");
    for (size_t i = 0; i < nodes->n; i++) {
        const struct intent_prefixes *p = &nodes->objs[i]->node.masquerade;

        add_from(&v->masquerade, p->items, p->n, "Node");
    }
    add_from(&v->masquerade, v->nb->masquerade_networks,
             v->nb->n_masquerade_networks, "OVN_Northbound");
    add_defaults(&v->masquerade, default_masquerade);
}

void
view_destroy_networks(struct view *v)
{
    free(v->join.items);
    free(v->masquerade.items);
}
