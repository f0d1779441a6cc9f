/* SPDX-License-Identifier: Apache-2.0 */

/* Selection: the host of each service.
 *
 * A host is kept while it can be one.  Otherwise the eligible node with the
 * fewest services gets it, by name among equals.  Services that share ingress
 * addresses (share.c) share their host.  Called by plan.c with the endpoints
 * known; it sets 'host', 'is_all', 'no_host' and 'rejected'. */

#include <config.h>

#include "plan/decide/decide.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "util.h"

/* So many nodes are named when all are rejected. */
#define MAX_REJECTED 8

/* The nodes that a selector matches: many services share one selector. */
struct selection {
    const struct view_node **nodes;     /* By name. */
    size_t n;
};

struct selector_cache {
    const struct view *v;
    struct shash selections;    /* Selector as text to "struct selection". */
};

/* Returns 'sel' as text that is the same for equal selectors.  The caller
 * frees it. */
char *
select_key(const struct intent_selector *sel)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < sel->n; i++) {
        const struct intent_requirement *r = &sel->reqs[i];

        ds_put_format(&s, "%s\n%d", r->key, r->op);
        for (size_t j = 0; j < r->values.n; j++) {
            ds_put_format(&s, "\n%s", r->values.items[j]);
        }
        ds_put_cstr(&s, "\n\n");
    }
    return ds_steal_cstr(&s);
}

static const struct selection *
find_selection(struct selector_cache *cache, const struct intent_selector *sel)
{
    const struct view *v = cache->v;
    char *key = select_key(sel);
    struct selection *selection = shash_find_data(&cache->selections, key);

    if (!selection) {
        selection = xzalloc(sizeof *selection);
        selection->nodes = xmalloc(v->n_nodes * sizeof *selection->nodes);
        for (size_t i = 0; i < v->n_nodes; i++) {
            const struct view_node *node = v->node_array[i];
            if (intent_selector_matches(sel, &node->labels)) {
                selection->nodes[selection->n++] = node;
            }
        }
        shash_add(&cache->selections, key, selection);
    }
    free(key);
    return selection;
}

static void
destroy_cache(struct selector_cache *cache)
{
    struct shash_node *sn;

    SHASH_FOR_EACH (sn, &cache->selections) {
        struct selection *selection = sn->data;
        free(selection->nodes);
    }
    shash_destroy_free_data(&cache->selections);
}

static bool
has_backend(const struct view_service *s, const struct view_node *node)
{
    for (size_t i = 0; i < s->n_backends; i++) {
        if (s->backends[i].node == node) {
            return true;
        }
    }
    return false;
}

/* Returns why the selected 'node' cannot be the host of 's', or NULL if it
 * can.  'is_new' unless it is the host already.  Does not ask where the
 * endpoints are. */
static const char *
reject(const struct view *v, const struct view_service *s,
       const struct view_node *node, bool is_new)
{
    const struct ledger_node *decided = ledger_node(v->ledger, node);
    const char *unfit = is_new ? node->unfit : node->unfit_to_stay;

    if (unfit) {
        return unfit;
    } else if (is_new && node->obj->node.unschedulable) {
        return "cordoned";
    }
    for (int f = 0; f < IP_N_FAMILIES; f++) {
        /* Without the cluster router nothing can be steered, wherever it is:
         * no reason to leave. */
        bool matters = is_new || !v->in->nb || v->nb->has_router;
        if (s->has_family[f] && node->no_way[f] && matters) {
            return node->no_way[f];
        }
    }
    for (size_t i = 0; i < decided->n_bad_tables && is_new; i++) {
        if (decided->bad_tables[i] == s->es->egress_service.table) {
            return "the policy of its network failed";
        }
    }
    return NULL;
}

/* Returns the node that hosts 's' now, or NULL.  What the status says counts
 * first; it may be lost, but the rows may not.  Without both, it is the host
 * that ovn-kubernetes has chosen. */
const struct view_node *
select_previous_host(const struct view *v, const struct view_service *s)
{
    const char *name = smap_get_def(s->prior_status, "host", "");
    const struct view_node *node = view_find_node(v, name);

    for (size_t i = 0; i < s->n_works && !node; i++) {
        const struct view_work *w = s->works[i];
        if (w->before == WORK_ACTIVE && w->role_before == ROLE_HOST) {
            node = w->node;
        }
    }
    return node ? node : s->adopted;
}

/* True if 'node' can be, or stay, the host of 's'. */
bool
select_suits(const struct view *v, const struct view_service *s,
             const struct view_node *node)
{
    bool is_new = node != select_previous_host(v, s);

    return (node->obj && !reject(v, s, node, is_new)
            && (!s->svc->service.etp_local || has_backend(s, node))
            && intent_selector_matches(&s->es->egress_service.node_selector,
                                       &node->labels));
}

/* True if 'node' suits 's' and all that share its addresses. */
static bool
suits_all(const struct view *v, const struct view_service *s,
          const struct view_node *node)
{
    for (size_t i = 0; s->group && i < s->group->n_nodes; i++) {
        if (s->group->nodes[i] == node) {
            return true;
        }
    }
    return !s->group && select_suits(v, s, node);
}

/* Makes 'node' the host of 's' and of all that share its addresses. */
static void
set_host(const struct view *v, struct view_service *s,
         const struct view_node *node)
{
    for (size_t i = 0; i < (s->group ? s->group->n : 1); i++) {
        struct view_service *t = s->group ? s->group->members[i] : s;

        t->host = node;
        t->chosen = node != select_previous_host(v, t);
        ledger_node(v->ledger, node)->n_hosted++;
    }
}

/* True if 's', with all that share its addresses, stays where it is, or where
 * the oldest of them is that can stay. */
static bool
keep_host(const struct view *v, struct view_service *s)
{
    for (size_t i = 0; i < (s->group ? s->group->n : 1); i++) {
        const struct view_node *node = select_previous_host(
            v, s->group ? s->group->members[i] : s);

        if (node && suits_all(v, s, node)) {
            set_host(v, s, node);
            return true;
        }
    }
    return false;
}

/* Sets s->rejected to what is wrong with each node. */
static void
explain(const struct view *v, struct view_service *s,
        const struct selection *selection)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    size_t n = 0;

    for (size_t i = 0; i < selection->n && n < MAX_REJECTED; i++, n++) {
        const struct view_node *node = selection->nodes[i];
        const char *why = reject(v, s, node, true);
        ds_put_format(&ds, "%s%s: %s", n ? "; " : "", node->name,
                      why ? why
                      : "no local endpoint (externalTrafficPolicy Local)");
    }
    for (size_t i = 0, j = 0; i < v->n_nodes && n < MAX_REJECTED; i++) {
        const struct view_node *node = v->node_array[i];
        if (j < selection->n && selection->nodes[j] == node) {
            j++;
        } else {
            ds_put_format(&ds, "%s%s: not selected by spec.nodeSelector",
                          n ? "; " : "", node->name);
            n++;
        }
    }
    if (n < v->n_nodes) {
        ds_put_format(&ds, "; and %"PRIuSIZE" more", v->n_nodes - n);
    }
    s->rejected = ds_steal_cstr(&ds);
}

/* Returns the one of two nodes that should get another service; 'best' may be
 * NULL. */
static const struct view_node *
better(const struct view *v, const struct view_node *best,
       const struct view_node *node)
{
    unsigned int n = ledger_node(v->ledger, node)->n_hosted;
    unsigned int n_best = best ? ledger_node(v->ledger, best)->n_hosted : 0;

    return (!best || n < n_best
            || (n == n_best && strcmp(node->name, best->name) < 0)
            ? node : best);
}

static void
choose_host(struct selector_cache *cache, struct view_service *s)
{
    const struct view *v = cache->v;
    const struct intent_selector *sel = &s->es->egress_service.node_selector;
    const struct selection *selection = find_selection(cache, sel);
    const struct view_node *best = NULL;

    if (s->group) {
        for (size_t i = 0; i < s->group->n_nodes; i++) {
            best = better(v, best, s->group->nodes[i]);
        }
    } else if (s->svc->service.etp_local) {
        for (size_t i = 0; i < s->n_backends; i++) {
            const struct view_node *node = s->backends[i].node;
            if (node && node->obj && !reject(v, s, node, true)
                && intent_selector_matches(sel, &node->labels)) {
                best = better(v, best, node);
            }
        }
    } else {
        for (size_t i = 0; i < selection->n; i++) {
            const struct view_node *node = selection->nodes[i];
            if (better(v, best, node) == node && !reject(v, s, node, true)) {
                best = node;
            }
        }
    }

    if (best) {
        set_host(v, s, best);
    } else {
        explain(v, s, selection);
        view_reason_set(&s->no_host, "NoEligibleNode", "%s",
                        *s->rejected ? s->rejected : "there is no Node");
    }
}

/* Returns why 's' has no endpoint that it serves. */
static const char *
why_no_endpoints(const struct view_service *s)
{
    return (s->n_lost ? "all endpoints belong to other EgressServices"
            : s->n_host_network ? "all endpoints are on the hosts' network"
            : s->n_unlocated ? "no endpoint is on a known node"
            : s->n_no_ingress[IP_V4] || s->n_no_ingress[IP_V6]
            ? "no endpoint is of the family of the ingress IP address"
            : "the Service has no endpoints");
}

/* True if 's' can have a host; otherwise says why not. */
bool
select_wants_host(struct view_service *s)
{
    if (!s->es || s->refused.reason || s->shares_with
        || s->yields_to) {
        return false;
    }
    s->is_all = s->by_network;
    if (!s->n_ingress && !s->is_all) {
        view_reason_set(&s->no_host, "NoIngress",
                        "the Service has no ingress IP address yet");
    } else if (!s->n_endpoints) {
        view_reason_set(&s->no_host, "NoEndpoints", "%s",
                        why_no_endpoints(s));
    }
    return !s->is_all && !s->no_host.reason;
}

/* Takes the hosts as another agent, the scheduler, decided. */
static void
adopt_hosts(struct view *v)
{
    for (size_t i = 0; i < v->n_services; i++) {
        struct view_service *s = v->service_array[i];
        const char *host = smap_get_def(s->prior_status, "host", "");

        if (select_wants_host(s)) {
            const struct view_node *node = view_find_node(v, host);
            s->host = node && node->obj ? node : NULL;
        }
        s->is_all = s->is_all && !strcmp(host, VIEW_HOST_ALL);
    }
}

/* True if 's' stays on the node to which ovn-kubernetes steers it, and that
 * node's helper is to be heard of yet: another host would move it twice. */
static bool
wait_for_adopted(const struct view *v, struct view_service *s)
{
    const struct view_node *node = s->adopted_steers ? s->adopted : NULL;

    if (!node || !node->obj || !node->obj->node.ready || node->helper
        || s->group || s->svc->service.etp_local
        || !intent_selector_matches(&s->es->egress_service.node_selector,
                                    &node->labels)) {
        return false;
    }
    set_host(v, s, node);
    return true;
}

/* Sets the host of each service. */
void
select_run(struct view *v)
{
    struct selector_cache cache = { v, SHASH_INITIALIZER(&cache.selections) };

    if (!v->in->scheduler) {
        adopt_hosts(v);
        view_settle_twins(v);
        return;
    }

    /* Those that stay, first: they count where they are. */
    struct view_service **rest = xmalloc(v->n_services * sizeof *rest);
    size_t n = 0;
    for (size_t i = 0; i < v->n_services; i++) {
        struct view_service *s = v->service_array[i];
        if (select_wants_host(s) && (!s->group || s->group->members[0] == s)
            && !keep_host(v, s) && !wait_for_adopted(v, s)) {
            rest[n++] = s;
        }
    }
    for (size_t i = 0; i < n; i++) {
        choose_host(&cache, rest[i]);
    }
    free(rest);
    destroy_cache(&cache);
    view_settle_twins(v);
}
