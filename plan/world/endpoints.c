/* SPDX-License-Identifier: Apache-2.0 */

/* Endpoints: the addresses of the services, which service owns each, which
 * node serves each now.  Part of the view. */

#include <config.h>

#include "plan/world/view.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "plan/rows/ip-hash.h"
#include "util.h"

/* Returns the endpoint with address 'ip' of whatever service, or NULL. */
struct view_endpoint *
view_find_claim(const struct view *v, const struct in6_addr *ip)
{
    struct view_endpoint *e;

    HMAP_FOR_EACH_WITH_HASH (e, claim_node, ip_hash(ip), &v->claims) {
        if (!memcmp(&e->ip, ip, sizeof *ip)) {
            return e;
        }
    }
    return NULL;
}

/* Finds out which ingress addresses 's' has, and which families it serves:
 * those with an ingress address, or all if the network gives the source. */
static void
read_ingress(const struct view *v, struct view_service *s)
{
    const struct intent_service *svc = &s->svc->service;
    size_t max = svc->ingress_ips.n + IP_N_FAMILIES;

    s->ingress = xmalloc(max * sizeof *s->ingress);
    s->n_ingress = view_get_ingress(v, s->svc, s->ingress, max);

    for (size_t i = 0; i < s->n_ingress; i++) {
        struct in6_addr *source = &s->sources[ip_family(&s->ingress[i])];
        if (!ip_is_set(source)) {
            *source = s->ingress[i];
        }
    }
    for (int f = 0; f < IP_N_FAMILIES; f++) {
        s->served[f] = (s->by_network
                        ? s->n_ingress || svc->has_ingress_hostname
                        : ip_is_set(&s->sources[f]));
    }
}

/* True if somebody tells of the node but an older row. */
static bool
is_known(const struct view_node *node)
{
    return node && (node->obj || node->nb || node->helper);
}

/* True if traffic may go to the endpoint at all; one that is ready is better
 * than one that only serves while it terminates. */
bool
view_is_usable(const struct intent_endpoint *e)
{
    return e->ready || e->serving;
}

/* Returns the node of an endpoint, or NULL: the one that it names, or else the
 * one among whose pods it is. */
const struct view_node *
view_find_endpoint_node(const struct view *v, const struct intent_endpoint *e,
                        const struct in6_addr *ip)
{
    const struct view_node *node = view_find_node(v, e->node_name);

    if (!is_known(node)) {
        node = shash_find_data(&v->hostnames, e->node_name);
    }
    return node ? node : view_locate(v, ip);
}

/* Notes that 's' names an address that it does not own. */
static void
add_mention(struct view_service *s, const struct in6_addr *ip)
{
    if (s->n_mentions >= s->allocated_mentions) {
        s->mentions = x2nrealloc(s->mentions, &s->allocated_mentions,
                                 sizeof *s->mentions);
    }
    s->mentions[s->n_mentions++] = *ip;
}

static const struct view_node *
find_steered(struct view *v, const char *text)
{
    const char *name = shash_find_data(&v->prior->steered, text);

    return name ? view_add_node(v, name) : NULL;
}

/* Adds address 'ip' of 'in' to 's', if it is one that we can serve. */
static void
add_endpoint(struct view *v, struct view_service *s,
             const struct intent_endpoint *in, const struct in6_addr *ip)
{
    enum ip_family family = ip_family(ip);
    const struct view_node *node = view_find_endpoint_node(v, in, ip);

    if (s->svc->service.etp_local) {
        s->backends[s->n_backends++] = (struct view_backend) {
            node, in->ready, in->serving
        };
    }
    if (!view_is_pod_ip(v, ip)) {
        s->n_host_network++;
        return;
    } else if (!node) {
        s->n_unlocated++;
        return;
    } else if (!s->served[family]) {
        s->n_no_ingress[family]++;
        return;
    }

    const struct view_endpoint *owned = view_find_claim(v, ip);
    if (owned) {
        if (owned->service != s) {
            s->n_lost++;
            s->lost_to = owned->service;
            add_mention(s, ip);
        }
        return;
    }

    struct view_endpoint *e = &s->endpoints[s->n_endpoints++];
    const struct shash_node *other;
    memset(e, 0, sizeof *e);
    e->service = s;
    e->ip = *ip;
    e->family = family;
    ip_format(ip, e->text);
    e->node = node;
    other = shash_find(&v->foreign_ips, e->text);
    e->foreign = other != NULL;
    e->other = other ? other->data : NULL;
    e->steered = find_steered(v, e->text);
    e->unconfirmed = shash_find_data(&v->prior->unconfirmed, e->text);
    s->has_family[family] = true;
    hmap_insert(&v->claims, &e->claim_node, ip_hash(ip));
}

/* Leaves in s->backends those that traffic from outside may go to: the ready
 * ones, or where none is ready, those that still serve. */
static void
keep_usable_backends(struct view_service *s)
{
    bool any_ready = false;
    size_t n = 0;

    for (size_t i = 0; i < s->n_backends; i++) {
        any_ready = any_ready || s->backends[i].ready;
    }
    for (size_t i = 0; i < s->n_backends; i++) {
        const struct view_backend *b = &s->backends[i];
        if (b->node && (any_ready ? b->ready : b->serving)) {
            s->backends[n++] = *b;
        }
    }
    s->n_backends = n;
}

static void
read_service_endpoints(struct view *v, struct view_service *s)
{
    size_t n = 0;

    for (size_t i = 0; i < s->n_slices; i++) {
        for (size_t j = 0; j < s->slices[i]->n_endpoints; j++) {
            n += s->slices[i]->endpoints[j].addresses.n;
        }
    }
    s->endpoints = xmalloc(n * sizeof *s->endpoints);
    if (s->svc->service.etp_local) {
        s->backends = xmalloc(n * sizeof *s->backends);
    }
    for (size_t i = 0; i < s->n_slices; i++) {
        for (size_t j = 0; j < s->slices[i]->n_endpoints; j++) {
            const struct intent_endpoint *e = &s->slices[i]->endpoints[j];
            for (size_t k = 0; k < e->addresses.n; k++) {
                add_endpoint(v, s, e, &e->addresses.items[k]);
            }
        }
    }
    keep_usable_backends(s);
}

/* Reads the endpoints of all services that are accepted.  An address that
 * several services have belongs to the oldest of them. */
void
view_read_endpoints(struct view *v)
{
    for (size_t i = 0; i < v->n_services; i++) {
        struct view_service *s = v->service_array[i];

        if (!s->refused.reason) {
            read_ingress(v, s);
            read_service_endpoints(v, s);
            view_find_twins(v, s);
        }
    }
}

/* What is in force on the nodes. */

static uint32_t
hash_work(const struct view_node *node, const struct view_service *s)
{
    return hash_pointer(node, hash_pointer(s, 0));
}

struct view_work *
view_find_work(const struct view *v, const struct view_node *node,
               const struct view_service *s)
{
    struct view_work *w;

    HMAP_FOR_EACH_WITH_HASH (w, hmap_node, hash_work(node, s), &v->works) {
        if (w->node == node && w->service == s) {
            return w;
        }
    }
    return NULL;
}

/* Returns the part of 'node' in 's', which is made if there is none. */
struct view_work *
view_add_work(struct view *v, const struct view_node *node,
              struct view_service *s)
{
    struct view_work *w = view_find_work(v, node, s);

    if (!w) {
        w = xzalloc(sizeof *w);
        w->node = node;
        w->service = s;
        svec_init(&w->strays);
        hmap_insert(&v->works, &w->hmap_node, hash_work(node, s));
        if (s->n_works >= s->allocated_works) {
            s->works = x2nrealloc(s->works, &s->allocated_works,
                                  sizeof *s->works);
        }
        w->index = s->n_works;
        s->works[s->n_works++] = w;
    }
    return w;
}

static enum view_state
parse_state(const char *state)
{
    return (!strcmp(state, "active") ? WORK_ACTIVE
            : !strcmp(state, "draining") ? WORK_DRAINING
            : !strcmp(state, "removing") ? WORK_REMOVING
            : WORK_STANDBY);
}

/* True if OVN may send packets of 'text', which NB steers elsewhere, to any
 * node that has it in a row. */
static bool
is_unconfirmed(const struct view *v, const char *text)
{
    if (shash_find(&v->prior->unconfirmed, text)) {
        return true;
    }
    v->plan->waits_for_ovn |= v->prior->all_unconfirmed;
    return v->prior->all_unconfirmed;
}

/* Looks at endpoint 'text' of the older row of 'w': whose it is now, and
 * whether OVN may still send it to the row's node. */
void
view_read_prior_endpoint(struct view *v, struct view_work *w,
                         const char *text)
{
    struct in6_addr ip = IN6ADDR_ANY_INIT;
    struct view_endpoint *e
        = ip_addr_parse(text, &ip) ? view_find_claim(v, &ip) : NULL;
    const struct view_node *steered = e ? e->steered : find_steered(v, text);

    if (ip_is_set(&ip) && !(e && e->service == w->service)) {
        add_mention(w->service, &ip);
    }
    bool held = steered == w->node || is_unconfirmed(v, text);

    if (!held) {
        return;
    } else if (e && e->service == w->service
               && (!e->foreign || w->service->by_network)) {
        w->serves = w->serves || steered == w->node;
        w->held = true;
    } else {
        svec_add(&w->strays, text);
        if (e && steered == w->node
            && (!e->held_by
                || strcmp(w->service->key, e->held_by->service->key) < 0)) {
            e->held_by = w;
        }
    }
}

static void
read_prior_endpoints(struct view *v, struct view_work *w)
{
    const char *text;

    SSET_FOR_EACH (text, &w->prior->endpoints) {
        view_read_prior_endpoint(v, w, text);
    }
}

static int
compare_works(const void *a_, const void *b_)
{
    const struct view_work *const *a = a_;
    const struct view_work *const *b = b_;

    return strcmp((*a)->node->name, (*b)->node->name);
}

static void
read_prior_work(struct view *v, struct view_service *s,
                const struct plan_prior_work *prior)
{
    struct view_work *w = view_add_work(v, view_add_node(v, prior->node), s);

    w->prior = prior;
    w->before = parse_state(prior->state);
    w->role_before = (plan_row_has(prior->row, "role", "local")
                      ? ROLE_LOCAL : ROLE_HOST);
    w->epoch_before = plan_row_integer(prior->row, "epoch", 0);
    w->prepends_before = plan_row_integer(prior->row, "prepends", 0);
    w->acked = (!v->options->wait_for_nodes
                || (!strcmp(prior->acked, prior->revision)
                    && !*prior->error));
    read_prior_endpoints(v, w);
}

/* Reads the rows that are published.  The endpoints must have been read. */
void
view_read_prior_works(struct view *v)
{
    struct view_service *s;

    HMAP_FOR_EACH (s, hmap_node, &v->services) {
        const struct plan_prior_work *prior
            = shash_find_data(&v->prior->by_service, s->key);

        for (; prior; prior = prior->next) {
            read_prior_work(v, s, prior);
        }
        if (s->n_works) {
            qsort(s->works, s->n_works, sizeof *s->works, compare_works);
            for (size_t i = 0; i < s->n_works; i++) {
                s->works[i]->index = i;
            }
        }
    }
}
