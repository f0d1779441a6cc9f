/* SPDX-License-Identifier: Apache-2.0 */

/* What brings in traffic from outside for Services, where no CMS does: objects
 * of classes nft and nft-map.  Called by machine_build().
 *
 * Every node translates, whether it serves egress or not: which one the
 * traffic comes to is a matter of who announces the ingress IP. */

#include <config.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "plan/machine/machine-build.h"
#include "plan/machine/machine-nft.h"
#include "util.h"

struct context {
    struct machine_builder *b;
    struct smap owners;         /* "IP port PROTOCOL/PORT" to its Service. */
};

void
machine_ingress_destroy(struct machine_ingress *in)
{
    if (in) {
        free(in->service);
        free(in->ingress_ips.items);
        free(in->cluster_ips.items);
        free(in->backends);
    }
}

/* Elements. */

static int
compare_backends(const void *a_, const void *b_)
{
    const struct machine_backend *const *a = a_;
    const struct machine_backend *const *b = b_;
    int cmp = ip_compare(&(*a)->ip, &(*b)->ip);

    return (cmp ? cmp
            : (*a)->port < (*b)->port ? -1
            : (*a)->port > (*b)->port);
}

/* Adds the slots of 'in', or that nobody serves it here. */
static void
build_local(struct context *c, const struct machine_ingress *in,
            enum ip_family family, const struct machine_value *key)
{
    const struct machine_backend **backends = xmalloc((in->n_backends + 1)
                                                      * sizeof *backends);
    size_t n = 0;

    for (size_t i = 0; i < in->n_backends; i++) {
        if (ip_family(&in->backends[i].ip) == family) {
            backends[n++] = &in->backends[i];
        }
    }
    qsort(backends, n, sizeof *backends, compare_backends);
    if (!n) {
        machine_set_add(&c->b->sets[MACHINE_SET_IDLE][family],
                        &(struct machine_element) { .key = *key });
    }
    for (int slot = 0; slot < MACHINE_SLOTS && n; slot++) {
        const struct machine_backend *b = backends[slot % n];
        struct machine_element e = {
            .key = *key, .data = { .ip = b->ip, .port = b->port },
        };

        e.key.number = slot;
        machine_set_add(&c->b->sets[MACHINE_SET_BACKEND][family], &e);
    }
    free(backends);
}

static const struct in6_addr *
find_cluster_ip(const struct machine_ingress *in, enum ip_family family)
{
    for (size_t i = 0; i < in->cluster_ips.n; i++) {
        if (ip_family(&in->cluster_ips.items[i]) == family) {
            return &in->cluster_ips.items[i];
        }
    }
    return NULL;
}

static void
build_ip(struct context *c, const struct machine_ingress *in,
         const struct in6_addr *ip)
{
    enum ip_family family = ip_family(ip);
    const struct in6_addr *cluster_ip = find_cluster_ip(in, family);
    char *origin = xasprintf("Service %s", in->service);
    const char *protocol = machine_protocol_name(in->protocol);
    const struct machine_value key = {
        .ip = *ip, .protocol = in->protocol, .port = in->port,
    };
    char buf[IP_STRLEN];
    char *text = xasprintf("%s port %s/%"PRIu16, ip_format(ip, buf), protocol,
                           in->port);
    const char *owner = smap_get(&c->owners, text);

    if (owner) {
        machine_error(&c->b->machine->errors, origin,
                      "ingress to %s belongs to Service %s", text, owner);
    } else {
        smap_add(&c->owners, text, in->service);
        if (cluster_ip) {
            machine_set_add(&c->b->sets[MACHINE_SET_INGRESS][family],
                            &(struct machine_element) {
                                .key = key, .data.ip = *cluster_ip,
                            });
        } else if (!in->local) {
            machine_error(&c->b->machine->errors, origin,
                          "no ClusterIP for ingress to %s", buf);
        }
        if (in->local) {
            build_local(c, in, family, &key);
        }
    }
    free(text);
    free(origin);
}

static void
build_row(struct context *c, const struct machine_ingress *in)
{
    for (size_t i = 0; i < in->ingress_ips.n; i++) {
        const struct in6_addr *ip = &in->ingress_ips.items[i];

        if (ip_family(ip) == IP_V4 || c->b->in->facts->has_ipv6) {
            build_ip(c, in, ip);
        }
    }
}

void
machine_build_ingress(struct machine_builder *b)
{
    struct machine_objects *want = &b->machine->want;
    struct context c = { .b = b };

    if (!b->in->n_ingresses) {
        return;
    }

    size_t first = want->n;
    machine_nft_build_ingress(want);
    for (size_t i = first; i < want->n; i++) {
        svec_add(&want->items[i]->origins, MACHINE_ALL_INGRESS);
    }

    smap_init(&c.owners);
    for (size_t i = 0; i < b->in->n_ingresses; i++) {
        build_row(&c, &b->in->ingresses[i]);
    }
    machine_builder_add_sets(b, MACHINE_INGRESS, MACHINE_ALL_INGRESS);
    smap_destroy(&c.owners);
}
