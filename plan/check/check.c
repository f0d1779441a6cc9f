/* SPDX-License-Identifier: Apache-2.0 */

/* Checks across manifests: each is valid by itself, but together they would
 * not do what their author wants.  See plan_check() in plan.h.
 *
 * This file checks EgressServices against all else.  check-network.c and
 * check-bgp.c check the rest among itself and make the indexes that are used
 * here.  Nothing here changes what is decided. */

#include <config.h>

#include "plan/check/check.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "plan/decide/decide.h"
#include "plan/rows/problem.h"
#include "util.h"

#define WARN(C, OBJ, FIELD, ...) \
    plan_problem_of((C)->problems, INTENT_WARNING, OBJ, FIELD, __VA_ARGS__)

/* So many nodes are named in one message. */
#define MAX_NAMES 4

/* Checks that the routing table of 's' will be there, with routes for the
 * families of its ingress addresses. */
static void
check_table(struct check *c, const struct view_service *s)
{
    const struct intent_egress_service *es = &s->es->egress_service;
    const struct check_table *t = check_find_table(c, es->table);

    if (!*es->network) {
        return;
    } else if (!es->table) {
        if (!shash_find(&c->vrfs, es->network)) {
            WARN(c, s->es, "spec.network", "no policy makes a VRF \"%s\"; the "
                 "routing table of this name must exist on the nodes",
                 es->network);
        }
        return;
    } else if (!t) {
        WARN(c, s->es, "spec.network", "no policy makes the routing table %s; "
             "it must exist on the nodes", es->network);
        return;
    } else if (!t->vrf) {
        WARN(c, s->es, "spec.network", "no policy makes a VRF with the "
             "routing table %s", es->network);
    }
    for (int f = 0; f < IP_N_FAMILIES; f++) {
        bool wanted = (s->n_ingress ? ip_is_set(&s->sources[f])
                       : s->svc && s->svc->service.families[f]);
        if (wanted && !t->has_default[f]) {
            WARN(c, s->es, "spec.network", "the routing table %s has %s for "
                 "%s", es->network, t->has_route[f] ? "no default route"
                 : "no route", ip_family_title(f));
        }
    }
}

/* Appends "NAMES WHAT" to 'ds', where there are 'n' names in all. */
static void
put_names(struct ds *ds, const struct svec *names, const char *what)
{
    for (size_t i = 0; i < names->n && i < MAX_NAMES; i++) {
        ds_put_format(ds, "%s%s", i ? ", " : ds->length ? "; " : "",
                      names->names[i]);
    }
    if (names->n > MAX_NAMES) {
        ds_put_format(ds, " and %"PRIuSIZE" more", names->n - MAX_NAMES);
    }
    if (names->n) {
        ds_put_format(ds, " %s", what);
    }
}

static bool
some_policy_matches(const struct check_table *t, const struct view_node *node)
{
    for (size_t i = 0; i < t->n_policies; i++) {
        if (check_policy_matches(t->policies[i], node)) {
            return true;
        }
    }
    return false;
}

/* True if there are peers in the VRF of 't', but none of them on 'node'. */
static bool
lacks_peer(const struct check *c, const struct check_table *t,
           const struct view_node *node)
{
    bool any = false;

    for (size_t i = 0; i < c->v->kinds[INTENT_BGP_PEER].n && t->vrf; i++) {
        const struct intent_bgp_peer *p
            = &c->v->kinds[INTENT_BGP_PEER].objs[i]->bgp_peer;
        if (!strcmp(p->vrf, t->vrf)) {
            if (intent_selectors_match(p->node_selectors.items,
                                       p->node_selectors.n, &node->labels)) {
                return false;
            }
            any = true;
        }
    }
    return any;
}

/* Returns what is wrong with the nodes that 'es' selects. */
static char *
judge_selection(const struct check *c, const struct intent_egress_service *es)
{
    const struct check_table *t = check_find_table(c, es->table);
    struct svec bare = SVEC_EMPTY_INITIALIZER;
    struct svec mute = SVEC_EMPTY_INITIALIZER;
    struct svec unfit = SVEC_EMPTY_INITIALIZER;
    struct svec cordoned = SVEC_EMPTY_INITIALIZER;
    struct ds ds = DS_EMPTY_INITIALIZER;
    size_t n = 0;

    for (size_t i = 0; i < c->v->n_nodes; i++) {
        const struct view_node *node = c->v->node_array[i];

        if (!intent_selector_matches(&es->node_selector, &node->labels)) {
            continue;
        }
        n++;
        if (t && !some_policy_matches(t, node)) {
            svec_add(&bare, node->name);
        } else if (t && lacks_peer(c, t, node)) {
            svec_add(&mute, node->name);
        }
        if (node->obj->node.exclude_lb) {
            svec_add(&unfit, node->name);
        }
        if (node->obj->node.unschedulable && c->is_alone) {
            svec_add(&cordoned, node->name);
        }
    }
    if (!n && c->v->n_nodes) {
        ds_put_cstr(&ds, "no node is selected");
    }
    put_names(&ds, &bare, "selected, but no policy makes the routing table "
              "there");
    put_names(&ds, &mute, "selected, but no BGPPeer of the VRF is for it");
    put_names(&ds, &unfit, "selected, but excluded from load balancers");
    put_names(&ds, &cordoned, "selected, but cordoned");
    svec_destroy(&bare);
    svec_destroy(&mute);
    svec_destroy(&unfit);
    svec_destroy(&cordoned);
    return ds_steal_cstr(&ds);
}

static void
check_selection(struct check *c, const struct view_service *s)
{
    const struct intent_egress_service *es = &s->es->egress_service;
    char *selector = select_key(&es->node_selector);
    char *key = xasprintf("%"PRIu32" %s", es->table, selector);
    const char *message = shash_find_data(&c->selections, key);

    if (!message) {
        message = judge_selection(c, es);
        shash_add(&c->selections, key, message);
    }
    if (*message) {
        WARN(c, s->es, "spec.nodeSelector", "%s", message);
    }
    free(key);
    free(selector);
}

static void
check_ingress(struct check *c, const struct view_service *s)
{
    const struct intent_service *svc = &s->svc->service;

    if (!s->n_ingress && *svc->load_balancer_class
        && strcmp(svc->load_balancer_class, c->v->options->lb_class)) {
        WARN(c, s->svc, "spec.loadBalancerClass", "\"%s\" is not the class "
             "that ingress addresses are allocated for, \"%s\"",
             svc->load_balancer_class, c->v->options->lb_class);
    }
    if (s->by_network) {
        return;
    }
    for (int f = 0; f < IP_N_FAMILIES; f++) {
        const char *name = ip_family_title(f);
        size_t n = 0;

        for (size_t i = 0; i < s->n_ingress; i++) {
            enum ip_family family = ip_family(&s->ingress[i]);
            n += (int) family == f;
        }
        if (n > 1) {
            WARN(c, s->svc, "status.loadBalancer.ingress", "of %"PRIuSIZE
                 " %s addresses, only the first is used as source", n, name);
        }
    }
}

/* externalTrafficPolicy Local needs an endpoint on a node that can be host,
 * and node ports. */
static void
check_local(struct check *c, const struct view_service *s)
{
    const struct intent_service *svc = &s->svc->service;
    const struct intent_selector *sel = &s->es->egress_service.node_selector;
    bool found = false;

    if (!svc->etp_local) {
        return;
    }
    for (size_t i = 0; i < s->n_backends && !found; i++) {
        const struct view_node *node = s->backends[i].node;
        found = node->obj && intent_selector_matches(sel, &node->labels);
    }
    if (!found && c->v->n_nodes && !s->by_network) {
        WARN(c, s->es, "spec.nodeSelector", "no selected node has an endpoint,"
             " as externalTrafficPolicy Local needs");
    }
    for (size_t i = 0; i < svc->n_ports; i++) {
        if (!svc->ports[i].node_port) {
            WARN(c, s->svc, "spec.ports", "port %d has no node port: its "
                 "replies do not take the network of the EgressService",
                 svc->ports[i].port);
        }
    }
}

/* The pool of the Service must be announced, and from its host alone. */
static void
check_announcement(struct check *c, const struct view_service *s)
{
    const struct check_pool *pool
        = s->n_ingress ? check_find_pool(c, &s->ingress[0]) : NULL;

    if (!pool || !c->v->kinds[INTENT_BGP_PEER].n || s->by_network) {
        return;
    }

    size_t n_ours = check_pool_count(pool, s->label->key);
    if (!pool->n_adverts) {
        WARN(c, s->es, "", "no BGPAdvertisement announces IPAddressPool %s "
             "with the address of the Service", pool->obj->name);
    } else if (!n_ours) {
        WARN(c, s->es, "", "BGPAdvertisement %s announces the address of the "
             "Service from other nodes too: it should select the nodes with "
             "the label \"%s\"", pool->adverts[0]->name, s->label->key);
    } else if (pool->n_adverts > n_ours) {
        WARN(c, s->es, "", "IPAddressPool %s is announced from other nodes "
             "than the host too, by other BGPAdvertisements than the one for "
             "the label \"%s\"", pool->obj->name, s->label->key);
    }
}

/* What the conditions of the EgressService say, where there are any. */
static void
check_service_alone(struct check *c, const struct view_service *s)
{
    /* Alone in a file, it may well be that the Service is elsewhere. */
    if (s->refused.reason && (s->svc || c->v->kinds[INTENT_SERVICE].n)) {
        bool elsewhere = !strcmp(s->refused.reason, "ServiceNotFound");

        plan_problem_of(c->problems,
                        elsewhere ? INTENT_WARNING : INTENT_ERROR, s->es, "",
                        "%s", s->refused.message);
    }
    if (s->label->note) {
        WARN(c, s->es, "metadata.name", "%s", s->label->note);
    }
    if (s->n_lost) {
        WARN(c, s->es, "", "%"PRIuSIZE" endpoints belong to EgressService %s "
             "too, which gets them", s->n_lost, s->lost_to->key);
    }
    for (int f = 0; f < IP_N_FAMILIES; f++) {
        const char *name = ip_family_title(f);
        if (s->n_ingress && s->n_no_ingress[f]) {
            WARN(c, s->es, "", "%"PRIuSIZE" %s endpoints are not served: the "
                 "Service has no %s ingress address", s->n_no_ingress[f],
                 name, name);
        }
    }
}

static void
check_service(struct check *c, const struct view_service *s)
{
    check_table(c, s);
    check_selection(c, s);
    if (c->is_alone) {
        check_service_alone(c, s);
    }
    if (s->svc && !s->refused.reason) {
        check_ingress(c, s);
        check_local(c, s);
        check_announcement(c, s);
    }
}

struct check *
check_create(const struct view *v, bool is_alone)
{
    struct check *c = xzalloc(sizeof *c);

    c->v = v;
    c->is_alone = is_alone;
    c->problems = &c->common;
    shash_init(&c->tables);
    shash_init(&c->vrfs);
    shash_init(&c->pools_by_name);
    shash_init(&c->selections);
    check_networks(c);
    check_bgp(c);
    return c;
}

void
check_destroy(struct check *c)
{
    struct shash_node *sn;

    if (!c) {
        return;
    }
    SHASH_FOR_EACH (sn, &c->tables) {
        struct check_table *t = sn->data;
        free(t->policies);
    }
    shash_destroy_free_data(&c->tables);
    shash_destroy(&c->vrfs);
    for (size_t i = 0; i < c->n_pools; i++) {
        free(c->pools[i].adverts);
        shash_destroy(&c->pools[i].by_label);
    }
    free(c->pools);
    shash_destroy(&c->pools_by_name);
    pool_index_destroy(&c->index);
    shash_destroy_free_data(&c->selections);
    intent_problems_destroy(&c->common);
    free(c);
}

void
check_run(struct check *c, struct intent_problems *problems)
{
    for (size_t i = 0; i < c->common.n; i++) {
        plan_problem_clone(problems, &c->common.items[i]);
    }
    c->problems = problems;
    check_services(c);
    for (size_t i = 0; i < c->v->n_services; i++) {
        check_service(c, c->v->service_array[i]);
    }
    plan_problems_sort(problems);
    c->problems = NULL;
}
