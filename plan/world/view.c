/* SPDX-License-Identifier: Apache-2.0 */

/* The view: objects by kind and name, and the services that concern us.
 * See view.h. */

#include <config.h>

#include "plan/world/view.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "plan/rows/lower-bound.h"
#include "plan/world/reserved.h"
#include "util.h"

void
view_reason_set_valist(struct view_reason *r, const char *reason,
                       const char *format, va_list args)
{
    free(r->message);
    r->reason = reason;
    r->message = xvasprintf(format, args);
}

void
view_reason_set(struct view_reason *r, const char *reason,
                const char *format, ...)
{
    va_list args;

    va_start(args, format);
    view_reason_set_valist(r, reason, format, args);
    va_end(args);
}

/* What objects of a kind are in order of. */
struct object_name {
    const char *namespace, *name;
};

static int
compare_to_object(const void *key_, const void *obj_)
{
    const struct intent_object *const *obj = obj_;
    const struct object_name *key = key_;
    int cmp = strcmp(key->namespace, (*obj)->namespace);

    return cmp ? cmp : strcmp(key->name, (*obj)->name);
}

/* Returns the object, or NULL. */
const struct intent_object *
view_find_object(const struct view *v, enum intent_kind kind,
                 const char *namespace, const char *name)
{
    struct object_name key = { namespace, name };
    const struct view_kind *k = &v->kinds[kind];
    struct intent_object **obj
        = (k->n ? bsearch(&key, k->objs, k->n, sizeof *k->objs,
                          compare_to_object) : NULL);

    return obj ? *obj : NULL;
}

/* The same by "ns/name". */
const struct intent_object *
view_find_object_by_key(const struct view *v, enum intent_kind kind,
                        const char *key)
{
    const char *slash = strchr(key, '/');
    const struct intent_object *obj = NULL;

    if (slash) {
        char *namespace = xmemdup0(key, slash - key);

        obj = view_find_object(v, kind, namespace, slash + 1);
        free(namespace);
    }
    return obj;
}

/* Returns what the status of object 'id' said of 'key', or "". */
const char *
view_status_get(const struct view *v, const char *id, const char *key)
{
    const struct plan_prior_status *st
        = shash_find_data(&v->prior->status, id);

    return st ? smap_get_def(&st->status, key, "") : "";
}

/* The older one first; those of the same age by namespace and name.  An object
 * of unknown age has just come. */
int
view_compare_age(const struct intent_object *a, const struct intent_object *b)
{
    int cmp = !*a->created - !*b->created;

    cmp = cmp ? cmp : strcmp(a->created, b->created);
    cmp = cmp ? cmp : strcmp(a->namespace, b->namespace);
    return cmp ? cmp : strcmp(a->name, b->name);
}

static int
compare_age(const void *a_, const void *b_)
{
    const struct intent_object *const *a = a_;
    const struct intent_object *const *b = b_;

    return view_compare_age(*a, *b);
}

const struct intent_object **
view_sort_by_age(const struct view *v, enum intent_kind kind)
{
    size_t n = v->kinds[kind].n;
    const struct intent_object **objs = xmalloc((n + 1) * sizeof *objs);

    for (size_t i = 0; i < n; i++) {
        objs[i] = v->kinds[kind].objs[i];
    }
    if (n) {
        qsort(objs, n, sizeof *objs, compare_age);
    }
    return objs;
}

static uint32_t
hash_service(const char *namespace, const char *name)
{
    return hash_string(name, hash_string(namespace, 0));
}

/* Returns the service, or NULL if it is none of ours. */
struct view_service *
view_find_service(const struct view *v, const char *namespace,
                  const char *name)
{
    struct view_service *s;

    HMAP_FOR_EACH_WITH_HASH (s, hmap_node, hash_service(namespace, name),
                             &v->services) {
        if (!strcmp(s->name, name) && !strcmp(s->namespace, namespace)) {
            return s;
        }
    }
    return NULL;
}

static struct view_service *
add_service(struct view *v, const char *namespace, const char *name)
{
    struct view_service *s = xzalloc(sizeof *s);

    s->key = xasprintf("%s/%s", namespace, name);
    s->namespace = s->names = xstrdup(namespace);
    s->name = s->key + strlen(namespace) + 1;
    s->index = hmap_count(&v->services);
    hmap_insert(&v->services, &s->hmap_node, hash_service(namespace, name));
    return s;
}

/* Sets s->refused if the manifests of 's' do not say what we can do. */
static void
accept_service(const struct view *v, struct view_service *s)
{
    if (!s->svc) {
        view_reason_set(&s->refused, "ServiceNotFound",
                        "there is no Service %s: an EgressService belongs to "
                        "the Service of its namespace and name", s->key);
    } else if (s->svc->service.type != INTENT_LOAD_BALANCER) {
        view_reason_set(&s->refused, "NotLoadBalancer",
                        "Service %s is not of type LoadBalancer", s->key);
    } else if (s->by_network
               && v->options->gateway_mode == PLAN_GW_SHARED) {
        view_reason_set(&s->refused, "UnsupportedGatewayMode",
                        "sourceIPBy Network needs gateway mode local");
    }
}

static int
compare_service_age(const void *a_, const void *b_)
{
    const struct view_service *const *a = a_;
    const struct view_service *const *b = b_;

    return view_compare_age((*a)->es, (*b)->es);
}

static int
compare_to_slice(const void *key_, const void *obj_)
{
    const struct intent_object *const *obj = obj_;
    const struct object_name *key = key_;
    int cmp = strcmp(key->namespace, (*obj)->namespace);

    return (cmp ? cmp
            : strcmp(key->name, (*obj)->endpoint_slice.service));
}

/* Returns the EndpointSlices of a Service, '*n' of them: they are sorted by
 * that. */
struct intent_object **
view_find_slices(const struct view *v, const char *namespace,
                 const char *service, size_t *n)
{
    struct intent_object **objs = v->kinds[INTENT_ENDPOINT_SLICE].objs;
    size_t n_objs = v->kinds[INTENT_ENDPOINT_SLICE].n;
    struct object_name key = { namespace, service };
    size_t lo = lower_bound(&key, objs, n_objs, sizeof *objs,
                            compare_to_slice);

    for (*n = 0; lo + *n < n_objs; ++*n) {
        const struct intent_object *obj = objs[lo + *n];

        if (strcmp(obj->namespace, namespace)
            || strcmp(obj->endpoint_slice.service, service)) {
            break;
        }
    }
    return *n ? &objs[lo] : NULL;
}

static void
read_slices(const struct view *v, struct view_service *s)
{
    size_t n;
    struct intent_object **objs = view_find_slices(v, s->namespace, s->name,
                                                   &n);

    s->slices = xmalloc(n * sizeof *s->slices);
    for (size_t i = 0; i < n; i++) {
        if (!objs[i]->endpoint_slice.fqdn) {
            s->slices[s->n_slices++] = &objs[i]->endpoint_slice;
        }
    }
}

static void
read_egress_service(struct view *v, const struct intent_object *es)
{
    struct view_service *s = add_service(v, es->namespace, es->name);
    const struct plan_prior_status *st
        = shash_find_data(&v->prior->status, intent_object_id(es));

    s->es = es;
    s->svc = view_find_object(v, INTENT_SERVICE, es->namespace, es->name);
    s->prior_status = st ? &st->status : &v->none;
    s->by_network = es->egress_service.source_ip_by == INTENT_BY_NETWORK;
    accept_service(v, s);
    read_slices(v, s);
    v->service_array[v->n_services++] = s;
    v->asks_for_labels = (v->asks_for_labels || view_asks_for_our_label(
                              &es->egress_service.node_selector));
}

/* Makes a service of what is left of one, if its EgressService is gone and an
 * older row is there. */
static void
read_leftover(struct view *v, const char *key)
{
    const char *slash = strchr(key, '/');

    if (slash && shash_find(&v->prior->by_service, key)) {
        char *namespace = xmemdup0(key, slash - key);

        if (!view_find_service(v, namespace, slash + 1)) {
            add_service(v, namespace, slash + 1)->prior_status = &v->none;
        }
        free(namespace);
    }
}

static void
read_all_services(struct view *v)
{
    struct shash_node *sn;

    v->service_array = xmalloc(v->kinds[INTENT_EGRESS_SERVICE].n
                               * sizeof *v->service_array);
    for (size_t i = 0; i < v->kinds[INTENT_EGRESS_SERVICE].n; i++) {
        read_egress_service(v, v->kinds[INTENT_EGRESS_SERVICE].objs[i]);
    }
    SHASH_FOR_EACH (sn, &v->prior->by_service) {
        read_leftover(v, sn->name);
    }
}

static void
read_some_services(struct view *v, const struct sset *keys)
{
    const char *key;

    v->service_array = xmalloc(sset_count(keys) * sizeof *v->service_array);
    SSET_FOR_EACH (key, keys) {
        const struct intent_object *es
            = view_find_object_by_key(v, INTENT_EGRESS_SERVICE, key);

        if (es) {
            read_egress_service(v, es);
        } else {
            read_leftover(v, key);
        }
    }
}

void
view_read_services(struct view *v, const struct sset *keys)
{
    v->keys = keys;
    if (keys) {
        read_some_services(v, keys);
    } else {
        read_all_services(v);
    }
    if (v->n_services) {
        qsort(v->service_array, v->n_services, sizeof *v->service_array,
              compare_service_age);
    }
}

/* True if the service is one of those that are planned. */
bool
view_is_planned(const struct view *v, const char *namespace, const char *name)
{
    char *key = xasprintf("%s/%s", namespace, name);
    bool is_planned = !v->keys || sset_contains(v->keys, key);

    free(key);
    return is_planned;
}

static int
compare_to_kind(const void *kind_, const void *obj_)
{
    const struct intent_object *const *obj = obj_;
    const int *kind = kind_;

    return *kind - (int) (*obj)->kind;
}

/* Returns the index of the first of the objects whose kind is not less than
 * 'kind'. */
static size_t
find_kind(const struct plan_input *in, int kind)
{
    return lower_bound(&kind, in->objs, in->n_objs, sizeof *in->objs,
                       compare_to_kind);
}

void
view_set_input(struct view *v, const struct plan_input *in)
{
    v->in = in;
    v->options = in->options;
    v->nb = in->nb ? in->nb : &v->no_nb;
    v->prior = in->prior ? in->prior : &v->no_prior;
    for (int kind = 0; kind < INTENT_N_KINDS; kind++) {
        size_t first = find_kind(in, kind);
        size_t n = find_kind(in, kind + 1) - first;

        v->kinds[kind].objs = n ? &in->objs[first] : NULL;
        v->kinds[kind].n = n;
    }
}

/* True if a policy or a BGPPeer is only for nodes with a label that we
 * give. */
static bool
policies_ask_for_labels(const struct view *v)
{
    for (size_t i = 0; i < v->kinds[INTENT_NNCP].n; i++) {
        const struct intent_map *sel
            = &v->kinds[INTENT_NNCP].objs[i]->nncp.node_selector;

        for (size_t j = 0; j < sel->n; j++) {
            if (view_is_our_label(sel->pairs[j].key)) {
                return true;
            }
        }
    }
    for (size_t i = 0; i < v->kinds[INTENT_BGP_PEER].n; i++) {
        const struct intent_selectors *sels
            = &v->kinds[INTENT_BGP_PEER].objs[i]->bgp_peer.node_selectors;

        for (size_t j = 0; j < sels->n; j++) {
            if (view_asks_for_our_label(&sels->items[j])) {
                return true;
            }
        }
    }
    return false;
}

static void
read_asked_labels(struct view *v)
{
    for (size_t i = 0; i < v->kinds[INTENT_BGP_ADVERTISEMENT].n; i++) {
        const struct intent_selectors *sels
            = &v->kinds[INTENT_BGP_ADVERTISEMENT].objs[i]
              ->advertisement.node_selectors;

        for (size_t j = 0; j < sels->n; j++) {
            for (size_t k = 0; k < sels->items[j].n; k++) {
                sset_add(&v->asked_labels, sels->items[j].reqs[k].key);
            }
        }
    }
}

/* Reads all of 'in' but the services into 'v'. */
void
view_init(struct view *v, const struct plan_input *in)
{
    memset(v, 0, sizeof *v);
    plan_nb_init(&v->no_nb);
    plan_prior_init(&v->no_prior);
    smap_init(&v->none);
    hmap_init(&v->nodes);
    prefix_index_init(&v->subnets);
    prefix_index_init(&v->networks);
    prefix_index_init(&v->routes);
    shash_init(&v->hostnames);
    hmap_init(&v->services);
    hmap_init(&v->claims);
    hmap_init(&v->works);
    hmap_init(&v->plain_ips);
    sset_init(&v->labels);
    sset_init(&v->asked_labels);
    sset_init(&v->foreign);
    shash_init(&v->foreign_ips);
    shash_init(&v->ingress);

    view_set_input(v, in);
    for (size_t i = 0; i < v->nb->n_foreign; i++) {
        const struct plan_nb_policy *p = &v->nb->foreign[i];
        sset_add_and_free(&v->foreign, xasprintf("%"PRId64" %s",
                                                 p->priority, p->match));
    }
    view_read_foreign_ips(v);
    view_read_topology(v);
    view_read_networks(v);
    view_read_routes(v);
    v->asks_for_labels = policies_ask_for_labels(v);
    read_asked_labels(v);
}

static void
destroy_service(struct view_service *s)
{
    for (size_t i = 0; i < s->n_works; i++) {
        svec_destroy(&s->works[i]->strays);
        free(s->works[i]);
    }
    free(s->works);
    free(s->slices);
    free(s->endpoints);
    free(s->backends);
    free(s->mentions);
    free(s->refused.message);
    free(s->ingress);
    free(s->names);
    free(s->key);
    free(s);
}

void
view_forget_services(struct view *v)
{
    struct view_service *s;

    hmap_clear(&v->works);
    hmap_clear(&v->claims);
    view_forget_plains(v);
    HMAP_FOR_EACH_POP (s, hmap_node, &v->services) {
        destroy_service(s);
    }
    free(v->service_array);
    v->service_array = NULL;
    v->n_services = 0;
    v->keys = NULL;
    v->in = NULL;
}

/* Frees what pools.c found. */
void
view_destroy_ingress(struct shash *all)
{
    struct shash_node *sn;

    SHASH_FOR_EACH (sn, all) {
        struct view_ingress *ingress = sn->data;
        free(ingress->failure.message);
    }
    shash_destroy_free_data(all);
}

void
view_destroy(struct view *v)
{
    view_forget_services(v);
    reserved_destroy(v->reserved);
    hmap_destroy(&v->works);
    hmap_destroy(&v->plain_ips);
    hmap_destroy(&v->claims);
    hmap_destroy(&v->services);
    view_destroy_ingress(&v->ingress);
    free(v->pools);
    sset_destroy(&v->labels);
    sset_destroy(&v->asked_labels);
    sset_destroy(&v->foreign);
    shash_destroy(&v->foreign_ips);
    view_destroy_topology(v);
    view_destroy_networks(v);
    smap_destroy(&v->none);
    plan_nb_destroy(&v->no_nb);
    plan_prior_destroy(&v->no_prior);
}
