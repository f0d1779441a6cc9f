/* SPDX-License-Identifier: Apache-2.0 */

/* Which tracked connections a filter names.  See conntrack.h; conntrack.c
 * reads the kernel's. */

#include <config.h>

#include "node/conntrack.h"

#include <stdlib.h>
#include <string.h>

#include "intent/ip.h"
#include "plan/rows/ip-hash.h"
#include "util.h"

void
conntrack_filter_init(struct conntrack_filter *filter)
{
    hmap_init(&filter->pairs);
    hmap_init(&filter->services);
    filter->local = NULL;
    filter->n_local = 0;
    sset_init(&filter->nodes);
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
        sset_destroy(&filter->nodes);
    }
}

bool
conntrack_filter_is_empty(const struct conntrack_filter *filter)
{
    return (hmap_is_empty(&filter->pairs)
            && hmap_is_empty(&filter->services));
}

struct conntrack_pair *
conntrack_filter_add(struct conntrack_filter *filter, const char *endpoint,
                     const char *source, bool other)
{
    struct conntrack_pair *pair = xzalloc(sizeof *pair);

    if (!ip_addr_parse(endpoint, &pair->endpoint)
        || !ip_addr_parse(source, &pair->source)) {
        free(pair);
        return NULL;
    }
    pair->other = other;
    hmap_insert(&filter->pairs, &pair->node, ip_hash(&pair->endpoint));
    return pair;
}

void
conntrack_filter_add_local(struct conntrack_filter *filter,
                           const char *prefix)
{
    filter->local = xrealloc(filter->local, (filter->n_local + 1)
                                            * sizeof *filter->local);
    filter->n_local += ip_prefix_parse(prefix,
                                       &filter->local[filter->n_local], NULL);
}

void
conntrack_filter_add_node(struct conntrack_filter *filter, const char *ip)
{
    sset_add(&filter->nodes, ip);
}

void
conntrack_filter_clear_local(struct conntrack_filter *filter)
{
    filter->n_local = 0;
    sset_clear(&filter->nodes);
}

/* Parses "IP", "IP . PORT" or "IP . PROTOCOL . PORT".  What is not there stays
 * as it is. */
static bool
parse_key(const char *key, struct in6_addr *ip, uint8_t *protocol,
          uint16_t *port)
{
    char address[INET6_ADDRSTRLEN], name[8];
    int number = *port;

    if (ovs_scan(key, "%45s . %7s . %d", address, name, &number)) {
        *protocol = (!strcmp(name, "tcp") ? IPPROTO_TCP
                     : !strcmp(name, "udp") ? IPPROTO_UDP
                     : !strcmp(name, "sctp") ? IPPROTO_SCTP : 0);
    } else if (!ovs_scan(key, "%45s . %d", address, &number)
               && !ovs_scan(key, "%45s", address)) {
        return false;
    }
    *port = number;
    return ip_addr_parse(address, ip);
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
conntrack_filter_add_service(struct conntrack_filter *filter, const char *key)
{
    struct conntrack_service *s = xzalloc(sizeof *s);

    if (!parse_key(key, &s->ip, &s->protocol, &s->port) || !s->protocol) {
        free(s);
        return NULL;
    }

    struct conntrack_service *old = find_service(filter, &s->ip, s->protocol,
                                                 s->port);
    if (old) {
        hmap_remove(&filter->services, &old->node);
        free_service(old);
    }
    hmap_insert(&filter->services, &s->node, ip_hash(&s->ip));
    return s;
}

void
conntrack_service_add_target(struct conntrack_service *s, const char *target)
{
    struct conntrack_target t = { .port = s->port };
    uint8_t protocol = 0;

    if (parse_key(target, &t.ip, &protocol, &t.port)) {
        s->targets = xrealloc(s->targets,
                              (s->n_targets + 1) * sizeof *s->targets);
        s->targets[s->n_targets++] = t;
    }
}

/* Matching. */

/* True if 'conn' goes, when its destination has been translated, to where it
 * is not to be translated. */
static bool
is_local(const struct conntrack_filter *filter,
         const struct conntrack_connection *conn)
{
    for (size_t i = 0; i < filter->n_local; i++) {
        if (ip_prefix_contains(&filter->local[i], &conn->reply.src)) {
            return true;
        }
    }

    char buf[IP_STRLEN];
    return sset_contains(&filter->nodes, ip_format(&conn->reply.src, buf));
}

struct conntrack_pair *
conntrack_filter_find(const struct conntrack_filter *filter,
                      const struct conntrack_connection *conn)
{
    struct conntrack_pair *pair;

    HMAP_FOR_EACH_WITH_HASH (pair, node, ip_hash(&conn->orig.src),
                             &filter->pairs) {
        if (!ip_compare(&pair->endpoint, &conn->orig.src)
            && !ip_compare(&pair->source, &conn->reply.dst) == !pair->other
            && !(pair->other && is_local(filter, conn))) {
            return pair;
        }
    }
    return NULL;
}

bool
conntrack_filter_has_service(const struct conntrack_filter *filter,
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
