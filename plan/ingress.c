/* SPDX-License-Identifier: Apache-2.0 */

/* Service ingress where no other CMS provides it: load balancers in
 * OVN_Northbound for the Services' ClusterIPs and ingress addresses, and rows
 * of OVN_Egress's Ingress from which the nodes translate what comes in.
 *
 * One Load_Balancer for each Service and protocol, all in one group that the
 * nodes' switches and gateway routers name, so that a Service costs its own
 * rows and a node one reference.  Called by plan.c; option "ingress". */

#include <config.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "plan/view.h"
#include "util.h"

/* Of the masquerade subnet, ovn-kubernetes' address for a pod that reaches
 * itself through a service. */
#define HAIRPIN_INDEX 5

static const char *const protocol_names[] = {
    [INTENT_TCP] = "tcp", [INTENT_UDP] = "udp", [INTENT_SCTP] = "sctp",
};

/* The EndpointSlices of a Service. */
struct slices {
    const struct intent_endpoint_slice **items;
    size_t n, allocated;
};

struct ingress {
    struct view *v;
    struct shash slices;        /* "ns/name" to "struct slices". */
    char *hairpin;              /* "169.254.169.5 fd69::5". */
    bool any;                   /* A load balancer was written. */
};

/* One backend of a port. */
struct backend {
    const struct in6_addr *ip;
    uint16_t port;
    const char *node;           /* Its name, "" if unknown. */
    bool ready;                 /* Or only serving, as one that terminates. */
};

struct backends {
    struct backend *items;
    size_t n, allocated;
};

/* Reading. */

static void
index_slices(struct ingress *in)
{
    const struct view *v = in->v;

    for (size_t i = 0; i < v->kinds[INTENT_ENDPOINT_SLICE].n; i++) {
        const struct intent_object *obj
            = v->kinds[INTENT_ENDPOINT_SLICE].objs[i];
        const struct intent_endpoint_slice *slice = &obj->endpoint_slice;

        if (slice->fqdn || !*slice->service) {
            continue;
        }
        char *key = xasprintf("%s/%s", obj->namespace, slice->service);
        struct slices *s = shash_find_data(&in->slices, key);
        if (!s) {
            s = xzalloc(sizeof *s);
            shash_add(&in->slices, key, s);
        }
        if (s->n >= s->allocated) {
            s->items = x2nrealloc(s->items, &s->allocated, sizeof *s->items);
        }
        s->items[s->n++] = slice;
        free(key);
    }
}

/* Sets 'in->hairpin' to the hairpin address of each masquerade subnet. */
static void
find_hairpin(struct ingress *in)
{
    const struct view_networks *nets = &in->v->masquerade;
    struct ds s = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < nets->n; i++) {
        struct in6_addr ip = nets->items[i].addr;
        char buf[IP_STRLEN];

        for (int j = 0; j < HAIRPIN_INDEX; j++) {
            struct in6_addr next;
            ip_next(&ip, &next);
            ip = next;
        }
        ds_put_format(&s, "%s%s", i ? " " : "", ip_format(&ip, buf));
    }
    in->hairpin = ds_steal_cstr(&s);
}

/* Returns the number of the port of 'slice' that 'port' of a Service goes to,
 * or 0 if there is none. */
static uint16_t
find_target(const struct intent_endpoint_slice *slice,
            const struct intent_service_port *port)
{
    for (size_t i = 0; i < slice->n_ports; i++) {
        const struct intent_endpoint_port *p = &slice->ports[i];

        if (p->protocol == port->protocol && !strcmp(p->name, port->name)) {
            return p->port;
        }
    }
    return 0;
}

static void
add_backend(struct backends *b, const struct backend *backend)
{
    if (b->n >= b->allocated) {
        b->items = x2nrealloc(b->items, &b->allocated, sizeof *b->items);
    }
    b->items[b->n++] = *backend;
}

static int
compare_backends(const void *a_, const void *b_)
{
    const struct backend *a = a_;
    const struct backend *b = b_;
    int cmp = ip_compare(a->ip, b->ip);

    return (cmp ? cmp : a->port != b->port ? (a->port < b->port ? -1 : 1)
            : b->ready - a->ready);
}

/* Sorts 'b' and removes what is there twice, as while an endpoint moves from
 * one EndpointSlice to another. */
static void
sort_backends(struct backends *b)
{
    size_t n = 0;

    if (b->n) {
        qsort(b->items, b->n, sizeof *b->items, compare_backends);
    }
    for (size_t i = 0; i < b->n; i++) {
        if (!n || ip_compare(b->items[n - 1].ip, b->items[i].ip)
            || b->items[n - 1].port != b->items[i].port) {
            b->items[n++] = b->items[i];
        }
    }
    b->n = n;
}

/* Removes the backends that are not ready, where one is that is ready: on the
 * same node if 'local', or else anywhere. */
static void
prefer_ready(struct backends *b, bool local)
{
    struct sset places = SSET_INITIALIZER(&places);
    size_t n = 0;

    for (size_t i = 0; i < b->n; i++) {
        if (b->items[i].ready) {
            sset_add(&places, local ? b->items[i].node : "");
        }
    }
    for (size_t i = 0; i < b->n; i++) {
        if (b->items[i].ready
            || !sset_contains(&places, local ? b->items[i].node : "")) {
            b->items[n++] = b->items[i];
        }
    }
    b->n = n;
    sset_destroy(&places);
}

/* Sets '*b' to where traffic for 'port' of the Service with 'slices' may go:
 * the ready endpoints, or where none is ready (on a node if 'local', or else
 * anywhere), those that still serve. */
static void
find_backends(const struct view *v, const struct slices *slices,
              const struct intent_service_port *port, enum ip_family family,
              bool local, struct backends *b)
{
    b->n = 0;
    for (size_t i = 0; slices && i < slices->n; i++) {
        const struct intent_endpoint_slice *slice = slices->items[i];
        uint16_t target = find_target(slice, port);

        if (slice->family != family || !target) {
            continue;
        }
        for (size_t j = 0; j < slice->n_endpoints; j++) {
            const struct intent_endpoint *e = &slice->endpoints[j];

            if (view_is_usable(e) && e->addresses.n) {
                const struct in6_addr *ip = &e->addresses.items[0];
                const struct view_node *node
                    = view_find_endpoint_node(v, e, ip);
                const struct backend backend = {
                    ip, target, node ? node->name : "", e->ready
                };

                add_backend(b, &backend);
            }
        }
    }
    sort_backends(b);
    prefer_ready(b, local);
}

size_t
ingress_get_ips(const struct view *v, const struct intent_object *obj,
                struct in6_addr *ips, size_t max)
{
    const struct intent_service *svc = &obj->service;
    size_t n = 0;

    if (svc->type != INTENT_LOAD_BALANCER) {
        return 0;
    }
    for (size_t i = 0; i < svc->ingress_ips.n && n < max; i++) {
        ips[n++] = svc->ingress_ips.items[i];
    }
    if (!n) {
        char *key = xasprintf("%s/%s", obj->namespace, obj->name);
        const struct view_ingress *a = shash_find_data(&v->ingress, key);

        for (int f = 0; f < IP_N_FAMILIES && a && n < max; f++) {
            if (ip_is_set(&a->ips[f])) {
                ips[n++] = a->ips[f];
            }
        }
        free(key);
    }
    return n;
}

/* Load balancers. */

static void
put_address(const struct in6_addr *ip, uint16_t port, struct ds *s)
{
    char buf[IP_STRLEN];

    ds_put_format(s, ip_family(ip) == IP_V4 ? "%s:%"PRIu16 : "[%s]:%"PRIu16,
                  ip_format(ip, buf), port);
}

const char *
ingress_find_foreign(const struct view *v, enum intent_protocol protocol,
                     const struct in6_addr *ip, uint16_t port)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_format(&s, "%s ", protocol_names[protocol]);
    put_address(ip, port, &s);
    const char *name = smap_get(&v->nb->foreign_vips, ds_cstr(&s));
    ds_destroy(&s);
    return name;
}

/* Adds to 'vips' that of 'ip' and 'port', with its backends, unless another
 * owner has it. */
static void
add_vip(const struct view *v, enum intent_protocol protocol,
        struct smap *vips, const struct in6_addr *ip, uint16_t port,
        const struct backends *b)
{
    if (ingress_find_foreign(v, protocol, ip, port)) {
        return;
    }

    struct ds key = DS_EMPTY_INITIALIZER;
    struct ds value = DS_EMPTY_INITIALIZER;

    put_address(ip, port, &key);
    for (size_t i = 0; i < b->n; i++) {
        ds_put_cstr(&value, i ? "," : "");
        put_address(b->items[i].ip, b->items[i].port, &value);
    }
    smap_replace(vips, ds_cstr(&key), ds_cstr(&value));
    ds_destroy(&key);
    ds_destroy(&value);
}

static void
write_load_balancer(struct ingress *in, const struct intent_object *obj,
                    enum intent_protocol protocol, const struct smap *vips)
{
    const char *name = protocol_names[protocol];
    char *key = xasprintf("%s/%s_%s", obj->namespace, obj->name, name);
    char *lb_name = xasprintf("egress_%s", key);
    struct plan_row *row = plan_rows_add(&in->v->plan->nb, "Load_Balancer",
                                         key);
    struct smap ids = SMAP_INITIALIZER(&ids);
    struct smap options = SMAP_INITIALIZER(&options);
    struct svec protocols = SVEC_EMPTY_INITIALIZER;

    smap_add(&ids, "owner", "ovn-egress");
    smap_add(&ids, "key", key);
    smap_add_format(&ids, "service", "%s/%s", obj->namespace, obj->name);
    smap_add(&options, "reject", "true");
    if (*in->hairpin) {
        smap_add(&options, "hairpin_snat_ip", in->hairpin);
    }
    if (obj->service.affinity_timeout) {
        smap_add_format(&options, "affinity_timeout", "%d",
                        obj->service.affinity_timeout);
    }
    svec_add(&protocols, name);

    plan_row_set_string(row, "name", lb_name);
    plan_row_set_strings(row, "protocol", &protocols);
    plan_row_set_map(row, "vips", vips);
    plan_row_set_map(row, "options", &options);
    plan_row_set_map(row, "external_ids", &ids);
    plan_row_add_parent(row, "Load_Balancer_Group", "load_balancer",
                        PLAN_LB_GROUP);
    plan_row_add_origin(row, intent_object_id(obj));
    in->any = true;

    svec_destroy(&protocols);
    smap_destroy(&options);
    smap_destroy(&ids);
    free(lb_name);
    free(key);
}

/* The most ingress addresses of a Service that are looked at. */
#define MAX_INGRESS 16

static void
write_service(struct ingress *in, const struct intent_object *obj,
              const struct slices *slices)
{
    const struct intent_service *svc = &obj->service;
    struct in6_addr ips[MAX_INGRESS];
    size_t n_ips = ingress_get_ips(in->v, obj, ips, ARRAY_SIZE(ips));
    struct backends b = { NULL, 0, 0 };

    for (int protocol = INTENT_TCP; protocol <= INTENT_SCTP; protocol++) {
        struct smap vips = SMAP_INITIALIZER(&vips);

        for (size_t i = 0; i < svc->n_ports; i++) {
            const struct intent_service_port *port = &svc->ports[i];

            for (int f = 0; f < IP_N_FAMILIES
                 && (int) port->protocol == protocol; f++) {
                find_backends(in->v, slices, port, f, false, &b);
                for (size_t j = 0; j < svc->cluster_ips.n; j++) {
                    if (ip_family(&svc->cluster_ips.items[j]) == (int) f) {
                        add_vip(in->v, protocol, &vips,
                                &svc->cluster_ips.items[j], port->port, &b);
                    }
                }
                for (size_t j = 0; j < n_ips; j++) {
                    if (ip_family(&ips[j]) == (int) f) {
                        add_vip(in->v, protocol, &vips, &ips[j], port->port,
                                &b);
                    }
                }
            }
        }
        if (!smap_is_empty(&vips)) {
            write_load_balancer(in, obj, protocol, &vips);
        }
        smap_destroy(&vips);
    }
    free(b.items);
}

/* Writes the group of all load balancers, in each switch and gateway router of
 * the nodes of our zone. */
static void
write_group(struct ingress *in)
{
    struct view *v = in->v;
    struct plan_row *row = plan_rows_add(&v->plan->nb, "Load_Balancer_Group",
                                         PLAN_LB_GROUP);
    const struct view_node *node;

    plan_row_set_string(row, "name", PLAN_LB_GROUP);
    HMAP_FOR_EACH (node, hmap_node, &v->nodes) {
        if (node->local && *node->switch_name) {
            plan_row_add_parent(row, "Logical_Switch", "load_balancer_group",
                                node->switch_name);
        }
        if (node->local && *node->gateway_router) {
            plan_row_add_parent(row, "Logical_Router", "load_balancer_group",
                                node->gateway_router);
        }
    }
}

/* What the nodes translate. */

/* Adds to 'set', for the row's "ports", PROTOCOL:PORT, and to 'local', for its
 * "backends", each usable backend as "PROTOCOL:PORT NODE IP PORT". */
static void
describe_port(struct ingress *in, const struct intent_object *obj,
              const struct slices *slices,
              const struct intent_service_port *port, struct svec *set,
              struct svec *local)
{
    char *text = xasprintf("%s:%"PRIu16, protocol_names[port->protocol],
                           port->port);
    struct backends b = { NULL, 0, 0 };

    for (int f = 0; f < IP_N_FAMILIES && obj->service.etp_local; f++) {
        find_backends(in->v, slices, port, f, true, &b);
        for (size_t i = 0; i < b.n; i++) {
            char buf[IP_STRLEN];
            if (*b.items[i].node) {
                svec_add_nocopy(local,
                                xasprintf("%s %s %s %"PRIu16, text,
                                          b.items[i].node,
                                          ip_format(b.items[i].ip, buf),
                                          b.items[i].port));
            }
        }
    }
    free(b.items);
    svec_add_nocopy(set, text);
}

static void
add_ips(struct plan_row *row, const char *column, const struct in6_addr *ips,
        size_t n)
{
    struct svec texts = SVEC_EMPTY_INITIALIZER;

    for (size_t i = 0; i < n; i++) {
        char buf[IP_STRLEN];
        svec_add(&texts, ip_format(&ips[i], buf));
    }
    plan_row_set_strings(row, column, &texts);
    svec_destroy(&texts);
}

static void
write_translation(struct ingress *in, const struct intent_object *obj,
                  const struct slices *slices)
{
    const struct intent_service *svc = &obj->service;
    struct in6_addr ips[MAX_INGRESS];
    size_t n_ips = ingress_get_ips(in->v, obj, ips, ARRAY_SIZE(ips));
    struct svec ports = SVEC_EMPTY_INITIALIZER;
    struct svec local = SVEC_EMPTY_INITIALIZER;

    if (!n_ips) {
        return;
    }
    for (size_t i = 0; i < svc->n_ports; i++) {
        describe_port(in, obj, slices, &svc->ports[i], &ports, &local);
    }

    char *key = xasprintf("%s/%s", obj->namespace, obj->name);
    struct plan_row *row = plan_rows_add(&in->v->plan->work, "Ingress", key);
    plan_row_set_string(row, "service", key);
    add_ips(row, "ingress_ips", ips, n_ips);
    add_ips(row, "cluster_ips", svc->cluster_ips.items, svc->cluster_ips.n);
    plan_row_set_strings(row, "ports", &ports);
    plan_row_set_bool(row, "local", svc->etp_local);
    plan_row_set_strings(row, "backends", &local);
    plan_row_add_origin(row, intent_object_id(obj));
    free(key);
    svec_destroy(&ports);
    svec_destroy(&local);
}

bool
ingress_is_on(const struct view *v)
{
    return (v->options->ingress == PLAN_INGRESS_AUTO
            ? !v->nb->kubernetes
            : v->options->ingress == PLAN_INGRESS_ON);
}

/* True if a load balancer of ours serves an address of 'obj'. */
static bool
is_ours(const struct view *v, const struct intent_object *obj)
{
    const struct intent_service *svc = &obj->service;
    struct in6_addr ips[MAX_INGRESS];
    size_t n = ingress_get_ips(v, obj, ips, ARRAY_SIZE(ips));

    for (size_t i = 0; i < svc->n_ports; i++) {
        const struct intent_service_port *p = &svc->ports[i];

        for (size_t j = 0; j < n; j++) {
            if (!ingress_find_foreign(v, p->protocol, &ips[j], p->port)) {
                return true;
            }
        }
    }
    return false;
}

char *
ingress_find_unattached(const struct view *v, const struct view_service *s,
                        const struct view_node *node)
{
    if (!ingress_is_on(v) || !v->in->nb || !v->nb->has_router || !node->local
        || !s->svc || !is_ours(v, s->svc)) {
        return NULL;
    }
    return (*node->no_switch
            ? xasprintf("an annotation of %s names Logical_Switch \"%s\", "
                        "which does not exist", node->name, node->no_switch)
            : *node->no_router
            ? xasprintf("an annotation of %s names Logical_Router \"%s\", "
                        "which does not exist", node->name, node->no_router)
            : !*node->switch_name && !*node->gateway_router
            ? xasprintf("of %s neither a logical switch nor a gateway router "
                        "is known", node->name)
            : NULL);
}

void
ingress_write(struct view *v)
{
    struct ingress in = { .v = v };

    if (!ingress_is_on(v)) {
        return;
    }
    shash_init(&in.slices);
    index_slices(&in);
    find_hairpin(&in);
    for (size_t i = 0; i < v->kinds[INTENT_SERVICE].n; i++) {
        const struct intent_object *obj = v->kinds[INTENT_SERVICE].objs[i];
        char *key = xasprintf("%s/%s", obj->namespace, obj->name);
        const struct slices *slices = shash_find_data(&in.slices, key);

        if (obj->service.type != INTENT_EXTERNAL_NAME) {
            if (v->in->zone && v->nb->has_router) {
                write_service(&in, obj, slices);
            }
            if (v->in->scheduler) {
                write_translation(&in, obj, slices);
            }
        }
        ledger_own_rows(v, key);
        free(key);
    }
    if (in.any) {
        write_group(&in);
        ledger_own_commons(v);
    }

    struct shash_node *sn;
    SHASH_FOR_EACH (sn, &in.slices) {
        struct slices *s = sn->data;
        free(s->items);
    }
    shash_destroy_free_data(&in.slices);
    free(in.hairpin);
}
