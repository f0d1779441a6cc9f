/* SPDX-License-Identifier: Apache-2.0 */

/* Tracked connections of endpoints and to Services, over ctnetlink.
 *
 * The kernel translates the addresses of a connection as it decided for the
 * first packet.  When an endpoint gets another source address, or leaves this
 * host, or a Service is not to be reached any more as it was, old connections
 * must be forgotten, and nobody else's: others go on.  A filter names many
 * connections, and one walk through the kernel's table finds them all.
 *
 * Only connections in zone 0 are looked at: that is where the host's own
 * traffic is; Open vSwitch uses the others.
 *
 * Called by node/kind-nft.c, node/nft-stale.c and node/kind-conntrack.c. */

#ifndef NODE_CONNTRACK_H
#define NODE_CONNTRACK_H 1

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "openvswitch/compiler.h"
#include "openvswitch/hmap.h"
#include "plan/machine/machine-set.h"

struct nlmsghdr;

/* One direction of a connection.  Without ports, these are 0. */
struct conntrack_tuple {
    struct in6_addr src, dst;
    uint8_t protocol;
    uint16_t sport, dport;
};

struct conntrack_connection {
    struct conntrack_tuple orig;        /* As the one who opened it sees it. */
    struct conntrack_tuple reply;       /* As the other one does, in return. */
};

/* Stores in '*c' what 'nlh', a message of ctnetlink, says.  Returns false if
 * it is not a connection in zone 0. */
bool conntrack_parse(const struct nlmsghdr *nlh,
                     struct conntrack_connection *c);

/* Connections that 'endpoint' opened ... */
struct conntrack_pair {
    struct hmap_node node;      /* In conntrack_filter's 'pairs'. */
    struct in6_addr endpoint;
    struct in6_addr source;
    bool other;                 /* ... that the kernel translates to anything
                                 * but 'source', instead of to 'source', unless
                                 * they go to a network of 'local', or to
                                 * 'nodes'. */
};

/* Connections to a port of a Service, that is, of its ingress IP, which the
 * kernel translates to none of 'targets': those whose destination it does not
 * translate at all, and those that are not of TCP or SCTP.  The others live
 * on, for an endpoint that terminates ends them itself.
 *
 * Without any target, all connections whose destination it translates. */
struct conntrack_service {
    struct hmap_node node;      /* In conntrack_filter's 'services'. */
    struct in6_addr ip;
    uint8_t protocol;           /* IPPROTO_*. */
    uint16_t port;
    struct conntrack_target *targets;
    size_t n_targets;
};

struct conntrack_target {
    struct in6_addr ip;
    uint16_t port;
};

struct conntrack_filter {
    struct hmap pairs;          /* Of "struct conntrack_pair". */
    struct hmap services;       /* Of "struct conntrack_service". */
    struct ip_range *local;     /* Where nothing is translated. */
    size_t n_local;
    struct machine_set nodes[IP_N_FAMILIES];    /* Nor to these. */
};

void conntrack_filter_init(struct conntrack_filter *);
void conntrack_filter_clear(struct conntrack_filter *);
void conntrack_filter_destroy(struct conntrack_filter *);
/* True if there is nothing to look for. */
bool conntrack_filter_is_empty(const struct conntrack_filter *);

/* Adds a pair. */
void conntrack_filter_add(struct conntrack_filter *,
                          const struct in6_addr *endpoint,
                          const struct in6_addr *source, bool other);

/* Makes 'range' one of the networks, or 'ip' one of the nodes, in order, to
 * which connections are not translated; and forgets both. */
void conntrack_filter_add_local(struct conntrack_filter *,
                                const struct ip_range *range);
void conntrack_filter_add_node(struct conntrack_filter *,
                               const struct in6_addr *ip);
void conntrack_filter_clear_local(struct conntrack_filter *);

/* Adds a port of a Service, and returns it; one that was added before is
 * replaced. */
struct conntrack_service *conntrack_filter_add_service(
    struct conntrack_filter *, const struct in6_addr *ip, uint8_t protocol,
    uint16_t port);

/* Adds a target; 'port' 0 is that of the Service. */
void conntrack_service_add_target(struct conntrack_service *,
                                  const struct in6_addr *ip, uint16_t port);

/* True if a pair or a service names the connection. */
bool conntrack_filter_has(const struct conntrack_filter *,
                          const struct conntrack_connection *);

/* Called with who opened the TCP connections that are about to be forgotten,
 * as MACHINE_SET_CUT, out of order, but for those whose destination is
 * translated: those that come from outside.  An error, which is the caller's,
 * leaves all as it is. */
typedef char *conntrack_cut_func(struct machine_set cut[IP_N_FAMILIES]);

/* Makes the kernel forget the connections that 'filter' names, after 'cut'.
 * Adds their number to '*n_flushed'.  Returns NULL, or an error that the
 * caller frees. */
char *conntrack_flush(struct conntrack_filter *filter,
                      conntrack_cut_func *cut, unsigned int *n_flushed)
    OVS_WARN_UNUSED_RESULT;

/* Shows 'judge' all connections, with 'aux', and stores in '*n' of how many it
 * returned true.  Makes the kernel forget these, after 'cut', unless that is
 * NULL. */
char *conntrack_judge(bool (*judge)(const struct conntrack_connection *,
                                    const void *aux),
                      const void *aux, conntrack_cut_func *cut,
                      unsigned int *n)
    OVS_WARN_UNUSED_RESULT;

#endif /* node/conntrack.h */
