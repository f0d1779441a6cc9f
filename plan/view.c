/* SPDX-License-Identifier: Apache-2.0 */

/* The view: objects by kind and name, and the services that concern us.
 * See view.h. */

#include <config.h>

#include "plan/view.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "plan/announce.h"
#include "util.h"

void
view_reason_set(struct view_reason *r, const char *reason,
                const char *format, ...)
{
    va_list args;

    free(r->message);
    va_start(args, format);
    r->reason = reason;
    r->message = xvasprintf(format, args);
    va_end(args);
}

/* Returns the object, or NULL. */
const struct intent_object *
view_find_object(const struct view *v, enum intent_kind kind,
                 const char *namespace, const char *name)
{
    size_t lo = 0;
    size_t hi = v->kinds[kind].n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        const struct intent_object *obj = v->kinds[kind].objs[mid];
        int cmp = strcmp(namespace, obj->namespace);

        cmp = cmp ? cmp : strcmp(name, obj->name);
        if (!cmp) {
            return obj;
        } else if (cmp < 0) {
            hi = mid;
        } else {
            lo = mid + 1;
        }
    }
    return NULL;
}

/* Returns what the status of object 'id' said of 'key', or "". */
const char *
view_status_get(const struct view *v, const char *id, const char *key)
{
    const struct plan_prior_status *st
        = shash_find_data(&v->prior->status, id);

    return st ? smap_get_def(&st->status, key, "") : "";
}

/* The older one first; those of the same age by namespace and name. */
int
view_compare_age(const struct intent_object *a, const struct intent_object *b)
{
    int cmp = strcmp(a->created, b->created);

    cmp = cmp ? cmp : strcmp(a->namespace, b->namespace);
    return cmp ? cmp : strcmp(a->name, b->name);
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

    s->namespace = namespace;
    s->name = name;
    s->key = xasprintf("%s/%s", namespace, name);
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

static void
read_services(struct view *v)
{
    v->n_services = v->kinds[INTENT_EGRESS_SERVICE].n;
    v->service_array = xmalloc(v->n_services * sizeof *v->service_array);
    for (size_t i = 0; i < v->n_services; i++) {
        const struct intent_object *es
            = v->kinds[INTENT_EGRESS_SERVICE].objs[i];
        struct view_service *s = add_service(v, es->namespace, es->name);
        const struct plan_prior_status *st
            = shash_find_data(&v->prior->status, intent_object_id(es));

        s->es = es;
        s->svc = view_find_object(v, INTENT_SERVICE, es->namespace, es->name);
        s->prior_status = st ? &st->status : &v->none;
        s->by_network = es->egress_service.source_ip_by == INTENT_BY_NETWORK;
        accept_service(v, s);
        v->service_array[i] = s;
    }
    if (v->n_services) {
        qsort(v->service_array, v->n_services, sizeof *v->service_array,
              compare_service_age);
    }

    for (size_t i = 0; i < v->kinds[INTENT_ENDPOINT_SLICE].n; i++) {
        const struct intent_object *obj
            = v->kinds[INTENT_ENDPOINT_SLICE].objs[i];
        const struct intent_endpoint_slice *slice = &obj->endpoint_slice;
        struct view_service *s
            = view_find_service(v, obj->namespace, slice->service);

        if (s && !slice->fqdn) {
            if (s->n_slices >= s->allocated_slices) {
                s->slices = x2nrealloc(s->slices, &s->allocated_slices,
                                       sizeof *s->slices);
            }
            s->slices[s->n_slices++] = slice;
        }
    }
}

/* Makes a service of each older row whose EgressService is gone. */
static void
read_leftovers(struct view *v)
{
    struct shash_node *sn;

    SHASH_FOR_EACH (sn, &v->prior->services) {
        const struct plan_prior_work *w = sn->data;
        char *names = xstrdup(w->name);
        char *slash = strchr(names, '/');

        if (!slash) {
            free(names);
            continue;
        }
        *slash = '\0';
        if (view_find_service(v, names, slash + 1)) {
            free(names);
        } else {
            struct view_service *s = add_service(v, names, slash + 1);
            s->names = names;
            s->prior_status = &v->none;
        }
    }
}

static void
index_kinds(struct view *v, const struct plan_input *in)
{
    for (size_t i = 0; i < in->n_objs; i++) {
        enum intent_kind kind = in->objs[i]->kind;

        if (!v->kinds[kind].n++) {
            v->kinds[kind].objs = &in->objs[i];
        }
    }
}

/* Takes the cluster's networks from the options, or else from NB. */
static void
find_networks(struct view *v)
{
    if (v->options->n_cluster_networks) {
        v->cluster_networks = v->options->cluster_networks;
        v->n_cluster_networks = v->options->n_cluster_networks;
    } else {
        v->cluster_networks = v->nb->cluster_networks;
        v->n_cluster_networks = v->nb->n_cluster_networks;
    }
}

/* Reads 'in', which must outlive 'v', into 'v'. */
void
view_init(struct view *v, const struct plan_input *in, struct plan *plan)
{
    memset(v, 0, sizeof *v);
    plan_nb_init(&v->no_nb);
    plan_prior_init(&v->no_prior);
    smap_init(&v->none);
    v->in = in;
    v->options = in->options;
    v->nb = in->nb ? in->nb : &v->no_nb;
    v->prior = in->prior ? in->prior : &v->no_prior;
    v->plan = plan;
    hmap_init(&v->nodes);
    prefix_index_init(&v->subnets);
    prefix_index_init(&v->networks);
    shash_init(&v->hostnames);
    hmap_init(&v->services);
    hmap_init(&v->claims);
    hmap_init(&v->works);
    sset_init(&v->labels);
    sset_init(&v->foreign);
    shash_init(&v->ingress);

    index_kinds(v, in);
    for (size_t i = 0; i < v->nb->n_foreign; i++) {
        const struct plan_nb_policy *p = &v->nb->foreign[i];
        sset_add_and_free(&v->foreign, xasprintf("%"PRId64" %s",
                                                 p->priority, p->match));
    }
    find_networks(v);
    view_read_topology(v);
    read_services(v);
    read_leftovers(v);
}

static void
destroy_service(struct view_service *s)
{
    for (size_t i = 0; i < s->n_works; i++) {
        svec_destroy(&s->works[i]->strays);
        svec_destroy(&s->works[i]->locals);
        free(s->works[i]);
    }
    free(s->works);
    free(s->slices);
    free(s->endpoints);
    free(s->backends);
    free(s->refused.message);
    free(s->no_host.message);
    free(s->rejected);
    free(s->label_note);
    free(s->announced.items);
    free(s->announced.why.message);
    free(s->ingress);
    free(s->names);
    free(s->key);
    free(s);
}

void
view_destroy(struct view *v)
{
    struct shash_node *sn;
    struct view_service *s;

    announce_destroy(v->announce);
    hmap_destroy(&v->works);
    hmap_destroy(&v->claims);
    HMAP_FOR_EACH_POP (s, hmap_node, &v->services) {
        destroy_service(s);
    }
    hmap_destroy(&v->services);
    free(v->service_array);
    SHASH_FOR_EACH (sn, &v->ingress) {
        struct view_ingress *ingress = sn->data;
        free(ingress->failure.message);
    }
    shash_destroy_free_data(&v->ingress);
    sset_destroy(&v->labels);
    sset_destroy(&v->foreign);
    view_destroy_topology(v);
    smap_destroy(&v->none);
    plan_nb_destroy(&v->no_nb);
    plan_prior_destroy(&v->no_prior);
}
