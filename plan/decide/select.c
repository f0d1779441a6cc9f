/* SPDX-License-Identifier: Apache-2.0 */

/* Selection: the host of each service.
 *
 * A host is kept while it can be one.  Otherwise the eligible node with the
 * fewest services gets it, by name among equals.  Services that share ingress
 * addresses (share.c) share their host.  Called by plan.c with the endpoints
 * known. */

#include <config.h>

#include "plan/decide/select.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "plan/decide/decide.h"
#include "util.h"

/* So many nodes are named when all are rejected. */
#define MAX_REJECTED 8

/* What is decided. */
struct selection {
    struct choice *choices;     /* By service->index. */
};

/* The nodes that a selector matches: many services share one selector. */
struct candidates {
    const struct view_node **nodes;     /* By name. */
    size_t n;
};

struct selector_cache {
    const struct view *v;
    struct shash candidates;    /* Selector as text to "struct candidates". */
};

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

static const struct candidates *
find_candidates(struct selector_cache *cache,
                const struct intent_selector *sel)
{
    const struct view *v = cache->v;
    char *key = select_key(sel);
    struct candidates *found = shash_find_data(&cache->candidates, key);

    if (!found) {
        found = xzalloc(sizeof *found);
        found->nodes = xmalloc(v->n_nodes * sizeof *found->nodes);
        for (size_t i = 0; i < v->n_nodes; i++) {
            const struct view_node *node = v->node_array[i];
            if (intent_selector_matches(sel, &node->labels)) {
                found->nodes[found->n++] = node;
            }
        }
        shash_add(&cache->candidates, key, found);
    }
    free(key);
    return found;
}

static void
destroy_cache(struct selector_cache *cache)
{
    struct shash_node *sn;

    SHASH_FOR_EACH (sn, &cache->candidates) {
        struct candidates *found = sn->data;
        free(found->nodes);
    }
    shash_destroy_free_data(&cache->candidates);
}

/* Returns what is decided for 's', to change it. */
static struct choice *
choice_of(const struct view *v, const struct view_service *s)
{
    return &v->selection->choices[s->index];
}

void
select_begin(struct view *v)
{
    struct selection *selection = xmalloc(sizeof *selection);
    struct view_service *s;

    selection->choices = xcalloc(hmap_count(&v->services),
                                 sizeof *selection->choices);
    HMAP_FOR_EACH (s, hmap_node, &v->services) {
        s->choice = &selection->choices[s->index];
    }
    v->selection = selection;
}

void
select_forget(struct view *v)
{
    if (v->selection) {
        for (size_t i = 0; i < hmap_count(&v->services); i++) {
            free(v->selection->choices[i].no_host.message);
            free(v->selection->choices[i].rejected);
        }
        free(v->selection->choices);
        free(v->selection);
        v->selection = NULL;
    }
}

void
select_none(const struct view *v, const struct view_service *s,
            const char *reason, const char *format, ...)
{
    struct choice *c = choice_of(v, s);
    va_list args;

    va_start(args, format);
    view_reason_set_valist(&c->no_host, reason, format, args);
    va_end(args);
    c->is_all = false;
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

/* Returns why 'node' is not fit to be the host of 's', or NULL if it is.  That
 * its helper is not heard is no reason to leave it if another host would have
 * no endpoint. */
static const char *
why_unfit(const struct view_service *s, const struct view_node *node,
          bool is_new)
{
    return (s->must_stay && node == s->twin_host ? node->unfit_as_told
            : is_new ? node->unfit : node->unfit_to_stay);
}

/* Returns why the selected 'node' cannot be the host of 's', or NULL if it
 * can.  'is_new' unless it is the host already.  Does not ask where the
 * endpoints are. */
static const char *
reject(const struct view *v, const struct view_service *s,
       const struct view_node *node, bool is_new)
{
    const struct ledger_node *decided = ledger_node(v->ledger, node);
    const char *unfit = why_unfit(s, node, is_new);

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

/* What the status says counts first; it may be lost, but the rows may not.
 * Without both, it is the host that ovn-kubernetes has chosen. */
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
    const struct share_group *g = s->shared->group;

    for (size_t i = 0; g && i < g->n_nodes; i++) {
        if (g->nodes[i] == node) {
            return true;
        }
    }
    return !g && select_suits(v, s, node);
}

/* Makes 'node' the host of 's' and of all that share its addresses. */
static void
set_host(const struct view *v, const struct view_service *s,
         const struct view_node *node)
{
    const struct share_group *g = s->shared->group;

    for (size_t i = 0; i < (g ? g->n : 1); i++) {
        const struct view_service *t = g ? g->members[i] : s;
        struct choice *c = choice_of(v, t);

        c->host = node;
        c->is_new = node != select_previous_host(v, t);
        ledger_node(v->ledger, node)->n_hosted++;
    }
}

/* True if 's', with all that share its addresses, stays where it is, or where
 * the oldest of them is that can stay. */
static bool
keep_host(const struct view *v, const struct view_service *s)
{
    const struct share_group *g = s->shared->group;

    for (size_t i = 0; i < (g ? g->n : 1); i++) {
        const struct view_node *node
            = select_previous_host(v, g ? g->members[i] : s);

        if (node && suits_all(v, s, node)) {
            set_host(v, s, node);
            return true;
        }
    }
    return false;
}

/* Returns what is wrong with each node; the caller frees it. */
static char *
explain(const struct view *v, const struct view_service *s,
        const struct candidates *found)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    size_t n = 0;

    for (size_t i = 0; i < found->n && n < MAX_REJECTED; i++, n++) {
        const struct view_node *node = found->nodes[i];
        const char *why = reject(v, s, node, true);
        ds_put_format(&ds, "%s%s: %s", n ? "; " : "", node->name,
                      why ? why
                      : "no local endpoint (externalTrafficPolicy Local)");
    }
    for (size_t i = 0, j = 0; i < v->n_nodes && n < MAX_REJECTED; i++) {
        const struct view_node *node = v->node_array[i];
        if (j < found->n && found->nodes[j] == node) {
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
    return ds_steal_cstr(&ds);
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
choose_host(struct selector_cache *cache, const struct view_service *s)
{
    const struct view *v = cache->v;
    const struct intent_selector *sel = &s->es->egress_service.node_selector;
    const struct candidates *found = find_candidates(cache, sel);
    const struct share_group *g = s->shared->group;
    const struct view_node *best = NULL;

    if (g) {
        for (size_t i = 0; i < g->n_nodes; i++) {
            best = better(v, best, g->nodes[i]);
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
        for (size_t i = 0; i < found->n; i++) {
            const struct view_node *node = found->nodes[i];
            if (better(v, best, node) == node && !reject(v, s, node, true)) {
                best = node;
            }
        }
    }

    if (best) {
        set_host(v, s, best);
    } else {
        char *rejected = choice_of(v, s)->rejected = explain(v, s, found);

        select_none(v, s, "NoEligibleNode", "%s",
                    *rejected ? rejected : "there is no Node");
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

bool
select_wants_host(const struct view *v, const struct view_service *s)
{
    struct choice *c = choice_of(v, s);

    if (!s->es || s->refused.reason || s->shared->with
        || s->shared->yields_to) {
        return false;
    }
    c->is_all = s->by_network;
    if (!s->n_ingress && !c->is_all) {
        view_reason_set(&c->no_host, "NoIngress",
                        "the Service has no ingress IP address yet");
    } else if (!s->n_endpoints) {
        view_reason_set(&c->no_host, "NoEndpoints", "%s",
                        why_no_endpoints(s));
    }
    return !c->is_all && !c->no_host.reason;
}

/* Takes the hosts as another agent, the scheduler, decided. */
static void
adopt_hosts(const struct view *v)
{
    for (size_t i = 0; i < v->n_services; i++) {
        const struct view_service *s = v->service_array[i];
        const char *host = smap_get_def(s->prior_status, "host", "");
        struct choice *c = choice_of(v, s);

        if (select_wants_host(v, s)) {
            const struct view_node *node = view_find_node(v, host);
            c->host = node && node->obj ? node : NULL;
        }
        c->is_all = c->is_all && !strcmp(host, VIEW_HOST_ALL);
    }
}

/* Gives up the twins of the services that have another host. */
static void
settle_twins(struct view *v)
{
    for (size_t i = 0; i < v->n_services; i++) {
        const struct view_service *s = v->service_array[i];

        if (s->choice->host != s->twin_host) {
            view_yield_twins(v, s);
        }
    }
}

void
select_run(struct view *v)
{
    struct selector_cache cache = { v, SHASH_INITIALIZER(&cache.candidates) };

    if (!v->in->scheduler) {
        adopt_hosts(v);
        settle_twins(v);
        return;
    }

    /* Those that stay, first: they count where they are. */
    struct view_service **rest = xmalloc(v->n_services * sizeof *rest);
    size_t n = 0;
    for (size_t i = 0; i < v->n_services; i++) {
        struct view_service *s = v->service_array[i];
        const struct share_group *g = s->shared->group;

        if (select_wants_host(v, s) && (!g || g->members[0] == s)
            && !keep_host(v, s)) {
            rest[n++] = s;
        }
    }
    for (size_t i = 0; i < n; i++) {
        choose_host(&cache, rest[i]);
    }
    free(rest);
    destroy_cache(&cache);
    settle_twins(v);
}
