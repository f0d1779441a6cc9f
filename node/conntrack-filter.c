/* SPDX-License-Identifier: Apache-2.0 */

/* Which tracked connections a filter names.  See conntrack.h; conntrack.c
 * reads the kernel's. */

#include <config.h>

#include "node/conntrack.h"

#include <stdlib.h>

#include "plan/rows/ip-hash.h"
#include "util.h"

void
conntrack_filter_init(struct conntrack_filter *filter)
{
    hmap_init(&filter->pairs);
    hmap_init(&filter->services);
    filter->local = NULL;
    filter->n_local = 0;
    machine_set_init(&filter->nodes[IP_V4], MACHINE_SET_NODES, IP_V4);
    machine_set_init(&filter->nodes[IP_V6], MACHINE_SET_NODES, IP_V6);
}

static void
free_service(struct conntrack_service *s)
{
    free(s->targets);
    free(s);
}

void
conntrack_filter_clear(struct conntrack_filter *filter)
{
    struct conntrack_pair *pair;

    HMAP_FOR_EACH_POP (pair, node, &filter->pairs) {
        free(pair);
    }

    struct conntrack_service *s;
    HMAP_FOR_EACH_POP (s, node, &filter->services) {
        free_service(s);
    }
    conntrack_filter_clear_local(filter);
}

void
conntrack_filter_destroy(struct conntrack_filter *filter)
{
    if (filter) {
        conntrack_filter_clear(filter);
        hmap_destroy(&filter->pairs);
        hmap_destroy(&filter->services);
        free(filter->local);
        machine_set_destroy(&filter->nodes[IP_V4]);
        machine_set_destroy(&filter->nodes[IP_V6]);
    }
}

bool
conntrack_filter_is_empty(const struct conntrack_filter *filter)
{
    return (hmap_is_empty(&filter->pairs)
            && hmap_is_empty(&filter->services));
}

void
conntrack_filter_add(struct conntrack_filter *filter,
                     const struct in6_addr *endpoint,
                     const struct in6_addr *source, bool other)
{
    struct conntrack_pair *pair = xmalloc(sizeof *pair);

    pair->endpoint = *endpoint;
    pair->source = *source;
    pair->other = other;
    hmap_insert(&filter->pairs, &pair->node, ip_hash(&pair->endpoint));
}

void
conntrack_filter_add_local(struct conntrack_filter *filter,
                           const struct ip_range *range)
{
    filter->local = xrealloc(filter->local, (filter->n_local + 1)
                                            * sizeof *filter->local);
    filter->local[filter->n_local++] = *range;
}

void
conntrack_filter_add_node(struct conntrack_filter *filter,
                          const struct in6_addr *ip)
{
    machine_set_add_ip(&filter->nodes[ip_family(ip)], ip);
}

void
conntrack_filter_clear_local(struct conntrack_filter *filter)
{
    filter->n_local = 0;
    filter->nodes[IP_V4].n = 0;
    filter->nodes[IP_V6].n = 0;
}

static struct conntrack_service *
find_service(const struct conntrack_filter *filter, const struct in6_addr *ip,
             uint8_t protocol, uint16_t port)
{
    struct conntrack_service *s;

    HMAP_FOR_EACH_WITH_HASH (s, node, ip_hash(ip), &filter->services) {
        if (!ip_compare(&s->ip, ip) && s->protocol == protocol
            && s->port == port) {
            return s;
        }
    }
    return NULL;
}

struct conntrack_service *
conntrack_filter_add_service(struct conntrack_filter *filter,
                             const struct in6_addr *ip, uint8_t protocol,
                             uint16_t port)
{
    struct conntrack_service *s = xzalloc(sizeof *s);
    struct conntrack_service *old = find_service(filter, ip, protocol, port);

    if (old) {
        hmap_remove(&filter->services, &old->node);
        free_service(old);
    }
    s->ip = *ip;
    s->protocol = protocol;
    s->port = port;
    hmap_insert(&filter->services, &s->node, ip_hash(&s->ip));
    return s;
}

void
conntrack_service_add_target(struct conntrack_service *s,
                             const struct in6_addr *ip, uint16_t port)
{
    s->targets = xrealloc(s->targets,
                          (s->n_targets + 1) * sizeof *s->targets);
    s->targets[s->n_targets++] = (struct conntrack_target) {
        *ip, port ? port : s->port
    };
}

/* Matching. */

/* True if 'conn' goes, when its destination has been translated, to where it
 * is not to be translated. */
static bool
is_local(const struct conntrack_filter *filter,
         const struct conntrack_connection *conn)
{
    for (size_t i = 0; i < filter->n_local; i++) {
        if (ip_range_contains(&filter->local[i], &conn->reply.src)) {
            return true;
        }
    }
    return machine_set_has_ip(&filter->nodes[ip_family(&conn->reply.src)],
                              &conn->reply.src);
}

static bool
has_pair(const struct conntrack_filter *filter,
         const struct conntrack_connection *conn)
{
    const struct conntrack_pair *pair;

    HMAP_FOR_EACH_WITH_HASH (pair, node, ip_hash(&conn->orig.src),
                             &filter->pairs) {
        if (!ip_compare(&pair->endpoint, &conn->orig.src)
            && !ip_compare(&pair->source, &conn->reply.dst) == !pair->other
            && !(pair->other && is_local(filter, conn))) {
            return true;
        }
    }
    return false;
}

static bool
has_service(const struct conntrack_filter *filter,
            const struct conntrack_connection *conn)
{
    const struct conntrack_service *s = find_service(
        filter, &conn->orig.dst, conn->orig.protocol, conn->orig.dport);
    bool translated = (ip_compare(&conn->orig.dst, &conn->reply.src)
                       || conn->orig.dport != conn->reply.sport);

    if (!s) {
        return false;
    } else if (!s->n_targets) {
        return translated;
    }
    for (size_t i = 0; i < s->n_targets; i++) {
        if (!ip_compare(&s->targets[i].ip, &conn->reply.src)
            && s->targets[i].port == conn->reply.sport) {
            return false;
        }
    }
    return !translated || (conn->orig.protocol != IPPROTO_TCP
                           && conn->orig.protocol != IPPROTO_SCTP);
}

bool
conntrack_filter_has(const struct conntrack_filter *filter,
                     const struct conntrack_connection *conn)
{
    return has_pair(filter, conn) || has_service(filter, conn);
}
