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
#include "plan/emit/emit.h"
#include "plan/world/view.h"
#include "util.h"

/* Of the masquerade subnet, ovn-kubernetes' address for a pod that reaches
 * itself through a service. */
#define HAIRPIN_INDEX 5

/* The EndpointSlices of a Service. */
struct slices {
    struct intent_object **objs;
    size_t n;
};

struct ingress {
    const struct view *v;
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
    for (size_t i = 0; i < slices->n; i++) {
        const struct intent_endpoint_slice *slice
            = &slices->objs[i]->endpoint_slice;
        uint16_t target = find_target(slice, port);

        if (slice->fqdn || slice->family != family || !target) {
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

/* Load balancers. */

/* Adds to 'vips' that of 'ip' and 'port', with its backends, unless another
 * owner has it. */
static void
add_vip(const struct view *v, enum intent_protocol protocol,
        struct smap *vips, const struct in6_addr *ip, uint16_t port,
        const struct backends *b)
{
    if (view_find_foreign_vip(v, protocol, ip, port)) {
        return;
    }

    struct ds key = DS_EMPTY_INITIALIZER;
    struct ds value = DS_EMPTY_INITIALIZER;

    view_put_vip(ip, port, &key);
    for (size_t i = 0; i < b->n; i++) {
        ds_put_cstr(&value, i ? "," : "");
        view_put_vip(b->items[i].ip, b->items[i].port, &value);
    }
    smap_replace(vips, ds_cstr(&key), ds_cstr(&value));
    ds_destroy(&key);
    ds_destroy(&value);
}

static void
write_load_balancer(struct ingress *in, const struct intent_object *obj,
                    enum intent_protocol protocol, const struct smap *vips)
{
    const char *name = view_protocol_name(protocol);
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

static void
write_service(struct ingress *in, const struct intent_object *obj,
              const struct slices *slices)
{
    const struct intent_service *svc = &obj->service;
    struct in6_addr ips[VIEW_MAX_INGRESS];
    size_t n_ips = view_get_ingress(in->v, obj, ips, ARRAY_SIZE(ips));
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

/* Has 'row', the group, referred to by a row of 'table' that several nodes may
 * share. */
static void
add_to_group(struct plan_row *row, const char *table, const char *name)
{
    const struct plan_parent parent = {
        table, "load_balancer_group", CONST_CAST(char *, name)
    };

    if (*name && !plan_row_has_parent(row, &parent)) {
        plan_row_add_parent(row, table, parent.column, name);
    }
}

/* Writes the group of all load balancers, in each switch and gateway router of
 * the nodes of our zone. */
static void
write_group(struct ingress *in)
{
    const struct view *v = in->v;
    struct plan_row *row = plan_rows_add(&v->plan->nb, "Load_Balancer_Group",
                                         PLAN_LB_GROUP);
    const struct view_node *node;

    plan_row_set_string(row, "name", PLAN_LB_GROUP);
    HMAP_FOR_EACH (node, hmap_node, &v->nodes) {
        if (node->local) {
            add_to_group(row, "Logical_Switch", node->switch_name);
            add_to_group(row, "Logical_Router", node->gateway_router);
        }
    }
}

/* What the nodes translate. */

/* Adds to 'local' each usable backend of 'port' whose node is known, with that
 * node. */
static void
describe_backends(struct ingress *in, const struct slices *slices,
                  const struct intent_service_port *port, struct smap *local)
{
    struct backends b = { NULL, 0, 0 };

    for (int f = 0; f < IP_N_FAMILIES; f++) {
        find_backends(in->v, slices, port, f, true, &b);
        for (size_t i = 0; i < b.n; i++) {
            if (*b.items[i].node) {
                struct ds key = DS_EMPTY_INITIALIZER;

                view_put_vip(b.items[i].ip, b.items[i].port, &key);
                smap_add_nocopy(local, ds_steal_cstr(&key),
                                xstrdup(b.items[i].node));
            }
        }
    }
    free(b.items);
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
write_port(struct ingress *in, const struct intent_object *obj,
           const struct slices *slices,
           const struct intent_service_port *port,
           const struct in6_addr *ips, size_t n_ips)
{
    const struct intent_service *svc = &obj->service;
    const char *protocol = view_protocol_name(port->protocol);
    char *service = xasprintf("%s/%s", obj->namespace, obj->name);
    char *key = xasprintf("%s %s %"PRIu16, service, protocol, port->port);
    struct smap local = SMAP_INITIALIZER(&local);

    if (svc->etp_local) {
        describe_backends(in, slices, port, &local);
    }

    struct plan_row *row = plan_rows_add(&in->v->plan->work, "Ingress_Port",
                                         key);
    plan_row_set_string(row, "service", service);
    plan_row_set_string(row, "protocol", protocol);
    plan_row_set_integer(row, "port", port->port);
    add_ips(row, "ingress_ips", ips, n_ips);
    add_ips(row, "cluster_ips", svc->cluster_ips.items, svc->cluster_ips.n);
    plan_row_set_bool(row, "local", svc->etp_local);
    plan_row_set_map(row, "backends", &local);
    plan_row_add_origin(row, intent_object_id(obj));
    smap_destroy(&local);
    free(key);
    free(service);
}

static void
write_translation(struct ingress *in, const struct intent_object *obj,
                  const struct slices *slices)
{
    const struct intent_service *svc = &obj->service;
    struct in6_addr ips[VIEW_MAX_INGRESS];
    size_t n_ips = view_get_ingress(in->v, obj, ips, ARRAY_SIZE(ips));

    for (size_t i = 0; i < svc->n_ports && n_ips; i++) {
        write_port(in, obj, slices, &svc->ports[i], ips, n_ips);
    }
}

/* True if a load balancer of ours serves an address of 'obj'. */
static bool
is_ours(const struct view *v, const struct intent_object *obj)
{
    const struct intent_service *svc = &obj->service;
    struct in6_addr ips[VIEW_MAX_INGRESS];
    size_t n = view_get_ingress(v, obj, ips, ARRAY_SIZE(ips));

    for (size_t i = 0; i < svc->n_ports; i++) {
        const struct intent_service_port *p = &svc->ports[i];

        for (size_t j = 0; j < n; j++) {
            if (!view_find_foreign_vip(v, p->protocol, &ips[j], p->port)) {
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
    if (!view_provides_ingress(v) || !v->in->nb || !v->nb->has_router
        || !node->local || !s->svc || !is_ours(v, s->svc)) {
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

static void
write_rows(struct ingress *in, const struct intent_object *obj)
{
    const struct view *v = in->v;
    char *key = xasprintf("%s/%s", obj->namespace, obj->name);
    struct slices slices;

    slices.objs = view_find_slices(v, obj->namespace, obj->name, &slices.n);
    if (obj->service.type != INTENT_EXTERNAL_NAME) {
        if (v->in->zone && v->nb->has_router) {
            write_service(in, obj, &slices);
        }
        if (v->in->scheduler) {
            write_translation(in, obj, &slices);
        }
    }
    ledger_own_rows(v, key);
    free(key);
}

void
ingress_write(const struct view *v)
{
    const struct view_kind *services = &v->kinds[INTENT_SERVICE];
    struct ingress in = { .v = v };
    const char *key;

    if (!view_provides_ingress(v)) {
        return;
    }
    find_hairpin(&in);
    if (v->keys) {
        SSET_FOR_EACH (key, v->keys) {
            const struct intent_object *svc
                = view_find_object_by_key(v, INTENT_SERVICE, key);

            if (svc) {
                write_rows(&in, svc);
            }
        }
    } else {
        for (size_t i = 0; i < services->n; i++) {
            write_rows(&in, services->objs[i]);
        }
    }
    if (in.any) {
        write_group(&in);
        ledger_own_commons(v);
    }
    free(in.hairpin);
}
