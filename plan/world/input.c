/* SPDX-License-Identifier: Apache-2.0 */

/* What goes into a plan: making and freeing the values of plan_input, and
 * their order.  The agent and the tests fill them in. */

#include <config.h>

#include "plan/world/input.h"

#include <stdlib.h>
#include <string.h>

#include "util.h"

int
plan_compare_objects(const struct intent_object *a,
                     const struct intent_object *b)
{
    if (a->kind != b->kind) {
        return a->kind < b->kind ? -1 : 1;
    }

    int cmp = strcmp(a->namespace, b->namespace);

    if (!cmp && a->kind == INTENT_ENDPOINT_SLICE) {
        cmp = strcmp(a->endpoint_slice.service, b->endpoint_slice.service);
    }
    return cmp ? cmp : strcmp(a->name, b->name);
}

static int
compare_objects(const void *a_, const void *b_)
{
    const struct intent_object *const *a = a_;
    const struct intent_object *const *b = b_;

    return plan_compare_objects(*a, *b);
}

void
plan_sort_objects(struct intent_object **objs, size_t n)
{
    if (n) {
        qsort(objs, n, sizeof *objs, compare_objects);
    }
}

void
plan_nb_init(struct plan_nb *nb)
{
    memset(nb, 0, sizeof *nb);
    shash_init(&nb->nodes);
    sset_init(&nb->switches);
    sset_init(&nb->routers);
    sset_init(&nb->foreign_sets);
    smap_init(&nb->foreign_vips);
}

void
plan_nb_destroy(struct plan_nb *nb)
{
    if (nb) {
        struct shash_node *s;

        free(nb->zone);
        SHASH_FOR_EACH (s, &nb->nodes) {
            struct plan_nb_node *node = s->data;
            free(node->name);
            free(node->switch_name);
            free(node->gateway_router);
            free(node->subnets);
        }
        shash_destroy_free_data(&nb->nodes);
        for (size_t i = 0; i < nb->n_foreign; i++) {
            free(nb->foreign[i].match);
            free(nb->foreign[i].action);
            free(nb->foreign[i].next_hop);
            free(nb->foreign[i].egress_svc);
        }
        free(nb->foreign);
        free(nb->networks);
        free(nb->cluster_networks);
        free(nb->inside_networks);
        free(nb->uplink_networks);
        free(nb->source_routes);
        free(nb->routes);
        free(nb->join_networks);
        free(nb->masquerade_networks);
        sset_destroy(&nb->switches);
        sset_destroy(&nb->routers);
        sset_destroy(&nb->foreign_sets);
        smap_destroy(&nb->foreign_vips);
    }
}

void
plan_prior_init(struct plan_prior *prior)
{
    shash_init(&prior->status);
    shash_init(&prior->services);
    shash_init(&prior->by_service);
    shash_init(&prior->policies);
    shash_init(&prior->peers);
    shash_init(&prior->nodes);
    shash_init(&prior->steered);
    shash_init(&prior->sets);
    shash_init(&prior->unconfirmed);
    prior->all_unconfirmed = false;
}

static void
destroy_work(struct plan_prior_work *w)
{
    free(w->node);
    free(w->name);
    free(w->state);
    free(w->manifest);
    free(w->revision);
    free(w->acked);
    free(w->error);
    sset_destroy(&w->endpoints);
    free(w->session);
    sset_destroy(&w->advertised);
    free(w);
}

static void
destroy_works(struct shash *map)
{
    struct shash_node *s;

    SHASH_FOR_EACH (s, map) {
        destroy_work(s->data);
    }
    shash_destroy(map);
}

void
plan_prior_destroy(struct plan_prior *prior)
{
    if (prior) {
        struct shash_node *s;

        SHASH_FOR_EACH (s, &prior->status) {
            struct plan_prior_status *status = s->data;
            free(status->id);
            smap_destroy(&status->status);
        }
        shash_destroy_free_data(&prior->status);
        SHASH_FOR_EACH (s, &prior->nodes) {
            struct plan_prior_node *node = s->data;
            free(node->name);
            free(node->kept);
            sset_destroy(&node->addresses);
        }
        shash_destroy_free_data(&prior->nodes);
        destroy_works(&prior->services);
        shash_destroy(&prior->by_service);
        destroy_works(&prior->policies);
        destroy_works(&prior->peers);
        shash_destroy_free_data(&prior->steered);
        shash_destroy(&prior->sets);
        SHASH_FOR_EACH (s, &prior->unconfirmed) {
            struct plan_unconfirmed *u = s->data;
            free(u->waiting_for);
        }
        shash_destroy_free_data(&prior->unconfirmed);
    }
}

struct plan_prior_work *
plan_prior_add_work(struct shash *map, const char *node, const char *name)
{
    struct plan_prior_work *w = xzalloc(sizeof *w);

    w->node = xstrdup(node);
    w->name = xstrdup(name);
    w->state = xstrdup("");
    w->manifest = xstrdup("");
    w->revision = xstrdup("");
    w->acked = xstrdup("");
    w->error = xstrdup("");
    sset_init(&w->endpoints);
    w->session = xstrdup("");
    sset_init(&w->advertised);
    shash_add_nocopy(map, xasprintf("%s %s", node, name), w);
    return w;
}

struct plan_prior_work *
plan_prior_add_service(struct plan_prior *prior, const char *node,
                       const char *service)
{
    struct plan_prior_work *w = plan_prior_add_work(&prior->services, node,
                                                    service);

    w->next = shash_find_data(&prior->by_service, service);
    shash_replace(&prior->by_service, service, w);
    return w;
}

void
plan_prior_remove_service(struct plan_prior *prior, const char *key)
{
    struct plan_prior_work *w = shash_find_data(&prior->services, key);
    struct shash_node *first = w ? shash_find(&prior->by_service, w->name)
                                 : NULL;

    if (!first) {
        return;
    }
    if (first->data != w) {
        struct plan_prior_work *p = first->data;

        while (p->next != w) {
            p = p->next;
        }
        p->next = w->next;
    } else if (w->next) {
        first->data = w->next;
    } else {
        shash_delete(&prior->by_service, first);
    }
    plan_prior_remove_work(&prior->services, key);
}

void
plan_prior_confirm(struct plan_prior *prior, const char *ip)
{
    struct plan_unconfirmed *u
        = shash_find_and_delete(&prior->unconfirmed, ip);

    if (u) {
        free(u->waiting_for);
        free(u);
    }
}

void
plan_prior_remove_work(struct shash *map, const char *key)
{
    struct plan_prior_work *w = shash_find_and_delete(map, key);

    if (w) {
        destroy_work(w);
    }
}
