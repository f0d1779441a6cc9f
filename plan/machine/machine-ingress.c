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

/* Reading rows. */

static bool
parse_port_number(const char *s, uint16_t *port)
{
    unsigned int number;

    if (!str_to_uint(s, 10, &number) || !number || number > UINT16_MAX) {
        return false;
    }
    *port = number;
    return true;
}

/* Parses PROTOCOL:PORT. */
static bool
parse_port(const char *s, struct machine_port *port)
{
    static const uint8_t protocols[] = {
        IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP,
    };

    for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
        const char *name = machine_protocol_name(protocols[i]);
        size_t len = strlen(name);

        if (!strncmp(s, name, len) && s[len] == ':') {
            port->protocol = protocols[i];
            return parse_port_number(s + len + 1, &port->port);
        }
    }
    return false;
}

bool
machine_ingress_add_port(struct machine_ingress *in, const char *text)
{
    struct machine_port port;

    if (!parse_port(text, &port)) {
        return false;
    }
    in->ports = xrealloc(in->ports, (in->n_ports + 1) * sizeof *in->ports);
    in->ports[in->n_ports++] = port;
    return true;
}

bool
machine_ingress_add_backend(struct machine_ingress *in, const char *text,
                            const char *node)
{
    char *copy = xstrdup(text);
    char *save = NULL;
    char *words[4];
    struct machine_backend b;
    bool ok = true;

    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        words[i] = strtok_r(i ? NULL : copy, " ", &save);
        ok &= words[i] != NULL;
    }
    ok = (ok && parse_port(words[0], &b.port) && ip_addr_parse(words[2], &b.ip)
          && parse_port_number(words[3], &b.target));
    if (ok && !strcmp(words[1], node)) {
        in->backends = xrealloc(in->backends,
                                (in->n_backends + 1) * sizeof b);
        in->backends[in->n_backends++] = b;
    }
    free(copy);
    return ok;
}

void
machine_ingress_destroy(struct machine_ingress *in)
{
    if (in) {
        free(in->name);
        free(in->ingress_ips.items);
        free(in->cluster_ips.items);
        free(in->ports);
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
            : (*a)->target < (*b)->target ? -1
            : (*a)->target > (*b)->target);
}

/* Adds the slots of 'port' of 'in', or that nobody serves it here. */
static void
build_local(struct context *c, const struct machine_ingress *in,
            const struct machine_port *port, enum ip_family family,
            const struct machine_value *key)
{
    const struct machine_backend **backends = xmalloc((in->n_backends + 1)
                                                      * sizeof *backends);
    size_t n = 0;

    for (size_t i = 0; i < in->n_backends; i++) {
        const struct machine_backend *b = &in->backends[i];

        if (b->port.protocol == port->protocol
            && b->port.port == port->port && ip_family(&b->ip) == family) {
            backends[n++] = b;
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
            .key = *key, .data = { .ip = b->ip, .port = b->target },
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
build_port(struct context *c, const struct machine_ingress *in,
           const struct in6_addr *ip, const struct machine_port *port)
{
    enum ip_family family = ip_family(ip);
    const struct in6_addr *cluster_ip = find_cluster_ip(in, family);
    char *origin = xasprintf("Service %s", in->name);
    const char *protocol = machine_protocol_name(port->protocol);
    const struct machine_value key = {
        .ip = *ip, .protocol = port->protocol, .port = port->port,
    };
    char buf[IP_STRLEN];
    char *text = xasprintf("%s port %s/%"PRIu16, ip_format(ip, buf), protocol,
                           port->port);
    const char *owner = smap_get(&c->owners, text);

    if (owner) {
        machine_error(&c->b->machine->errors, origin,
                      "ingress to %s belongs to Service %s", text, owner);
    } else {
        smap_add(&c->owners, text, in->name);
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
            build_local(c, in, port, family, &key);
        }
    }
    free(text);
    free(origin);
}

static void
build_service(struct context *c, const struct machine_ingress *in)
{
    for (size_t i = 0; i < in->ingress_ips.n; i++) {
        const struct in6_addr *ip = &in->ingress_ips.items[i];

        if (ip_family(ip) == IP_V4 || c->b->in->facts->has_ipv6) {
            for (size_t j = 0; j < in->n_ports; j++) {
                build_port(c, in, ip, &in->ports[j]);
            }
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
        build_service(&c, &b->in->ingresses[i]);
    }
    machine_builder_add_sets(b, MACHINE_INGRESS, MACHINE_ALL_INGRESS);
    smap_destroy(&c.owners);
}
