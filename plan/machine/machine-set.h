/* SPDX-License-Identifier: Apache-2.0 */

/* The maps and sets of our nftables table, and their elements, as values.
 *
 * Used by plan/machine/ to say what is wanted, and by node/nft-*.c for what
 * the kernel has.  Pure. */

#ifndef PLAN_MACHINE_MACHINE_SET_H
#define PLAN_MACHINE_MACHINE_SET_H 1

#include <net/if.h>

#include "intent/ip.h"
#include "plan/machine/object.h"

/* What an element is, or maps to. */
enum machine_form {
    MACHINE_NOTHING,
    MACHINE_ADDRESS,            /* "10.1.1.1". */
    MACHINE_ADDRESS_PORT,       /* "169.254.169.3 . 30080". */
    MACHINE_SERVICE,            /* "192.0.2.1 . tcp . 80". */
    MACHINE_SLOT,               /* "192.0.2.1 . tcp . 80 . 15": a Service, and
                                 * a number drawn from MACHINE_SLOTS. */
    MACHINE_RANGE,              /* "10.128.0.0/14", "10.0.0.3-10.0.0.6". */
    MACHINE_WAY,                /* "192.0.2.1 . ens4": an address, a link. */
    MACHINE_PAIR,               /* "10.1.1.1 . 192.0.2.1": an endpoint and the
                                 * source that it is given. */
    MACHINE_DROPPED,            /* "10.1.1.1 . 192.0.2.1 . ens4": who opened
                                 * the connection of a packet, its source, and
                                 * where it was to leave. */
    MACHINE_MARK,               /* "0x02000000". */
};

/* The parts of a form, in order. */
enum machine_part {
    MACHINE_PART_END, MACHINE_PART_IP, MACHINE_PART_OTHER,
    MACHINE_PART_PROTOCOL, MACHINE_PART_PORT, MACHINE_PART_NUMBER,
    MACHINE_PART_LINK
};
#define MACHINE_MAX_PARTS 4

extern const enum machine_part machine_forms[][MACHINE_MAX_PARTS + 1];

/* What its form does not have is zero. */
struct machine_value {
    struct in6_addr ip;         /* Of a range, the first. */
    struct in6_addr other;      /* Of a range, the last. */
    char link[IFNAMSIZ];
    uint32_t number;            /* A slot or a mark. */
    uint16_t port;
    uint8_t protocol;           /* IPPROTO_*. */
};

/* By all of them, and their text. */
int machine_value_compare(const struct machine_value *,
                          const struct machine_value *);
void machine_value_format(enum machine_form, const struct machine_value *,
                          struct ds *);

/* The name of an IPPROTO_*, or NULL. */
const char *machine_protocol_name(uint8_t protocol);

/* Returns the protocol of that name, or 0. */
uint8_t machine_protocol_parse(const char *name);

struct machine_element {
    struct machine_value key, data;
    uint8_t flags;              /* MACHINE_ELEMENT_*: of other owners. */
    int64_t left;               /* Of a timed set: how many ms it stays. */
};

#define MACHINE_ELEMENT_CATCHALL 1      /* Stands for all other keys. */
#define MACHINE_ELEMENT_ODD 2           /* Maps to what we never make. */
#define MACHINE_ELEMENT_END 4           /* While it is read: ends a range. */

/* When a set is wanted. */
enum machine_set_group {
    MACHINE_ALWAYS,             /* Whenever the table is, empty or not. */
    MACHINE_WATCHING,           /* If an endpoint is watched. */
    MACHINE_INGRESS,            /* If traffic for Services is brought in. */
};

/* Each is there for both families. */
enum machine_set_id {
    MACHINE_SET_SNAT,           /* Endpoint -> source IP. */
    MACHINE_SET_MARK,           /* Source IP -> mark. */
    MACHINE_SET_PORT,           /* Masquerade IP, source port (TCP, UDP or
                                 * SCTP) -> mark. */
    MACHINE_SET_LOCAL,          /* Networks of the cluster, to which served
                                 * endpoints go unSNATed. */
    MACHINE_SET_NODES,          /* Addresses of nodes, to which endpoints go by
                                 * the main network. */
    MACHINE_SET_HIDDEN,         /* Endpoints and ClusterIPs, which must never
                                 * leave the host as themselves. */
    MACHINE_SET_PAIR,           /* The source of what an endpoint sends. */
    MACHINE_SET_EXIT,           /* Endpoint, link: where one that is not
                                 * translated may leave: the links of its
                                 * network. */
    MACHINE_SET_PUBLIC,         /* Ingress and source IPs that leave by the
                                 * links of their network only ... */
    MACHINE_SET_WAY,            /* ... which are these. */
    MACHINE_SET_ANYWHERE,       /* The others, which have no network. */
    MACHINE_SET_SERVICES,       /* Networks of ClusterIPs. */

    /* Wanted without elements: the kernel removes them after a time. */
    MACHINE_SET_LEAVING,        /* What left hidden, public or anywhere. */
    MACHINE_SET_GONE,           /* What left way. */
    MACHINE_SET_CUT,            /* Endpoint, port: TCP connections that lost
                                 * their source (node/nft-cut.h). */
    MACHINE_SET_DROPPED,        /* What was dropped. */

    MACHINE_SET_WATCHED,        /* Endpoints ... */
    MACHINE_SET_SEEN,           /* ... of which packets came lately. */

    MACHINE_SET_INGRESS,        /* Service -> ClusterIP. */
    MACHINE_SET_BACKEND,        /* Slot -> endpoint, port: of this node, for
                                 * externalTrafficPolicy: Local.  All of
                                 * MACHINE_SLOTS slots are there, or none. */
    MACHINE_SET_IDLE,           /* Service that has no endpoint here. */
    MACHINE_N_SETS
};

struct machine_set_type {
    const char *name;
    enum machine_form key, data;
    enum machine_set_group group;

    /* Elements of a timed set have a time, after which the kernel removes
     * them.  Packets may add some, so that notifications do not tell all, and
     * only up to 'size' of them. */
    bool timed;
    uint32_t size;
};

extern const struct machine_set_type machine_set_types[MACHINE_N_SETS];

struct machine_set {
    struct machine_object object;
    const struct machine_set_type *type;
    enum ip_family family;
    bool misshapen;             /* What is there is none of ours. */
    struct machine_element *items;      /* Sorted by key, unique. */
    size_t n, allocated;
};

extern const struct machine_class machine_class_nft_map;

void machine_set_init(struct machine_set *, enum machine_set_id,
                      enum ip_family);
void machine_set_destroy(struct machine_set *);

/* Returns the set that 'objects' have, or NULL. */
const struct machine_set *machine_set_get(const struct machine_objects *,
                                          enum machine_set_id, enum ip_family);

/* Writes its name, such as "snat4", into 'buf' and returns that. */
#define MACHINE_NAME_LEN 16
const char *machine_set_name(const struct machine_set *,
                             char buf[MACHINE_NAME_LEN]);

/* Adds an element, out of order; machine_set_sort() sorts them, and drops
 * those whose key is there already. */
void machine_set_add(struct machine_set *, const struct machine_element *);
void machine_set_sort(struct machine_set *);

/* Adds an address alone. */
void machine_set_add_ip(struct machine_set *, const struct in6_addr *);

/* By key. */
int machine_element_compare(const void *, const void *);

/* Returns the element with that key, or NULL, also if the set is NULL. */
const struct machine_element *machine_set_find(const struct machine_set *,
                                               const struct machine_value *);
bool machine_set_has_ip(const struct machine_set *, const struct in6_addr *);

/* Adds to 'rest' what 'a' has and 'b' has not, or with other data.  Both may
 * be NULL. */
void machine_set_subtract(const struct machine_set *a,
                          const struct machine_set *b,
                          struct machine_set *rest);

/* That the kernel tracks no connection of something that has left, nor one
 * that our table would translate differently (node/leftover.h): "conntrack".
 * It is there when that is so.  The elements say who may be reached through
 * which ingress IPs: pairs of a ClusterIP or endpoint with each, and one with
 * "::". */
extern const struct machine_class machine_class_conntrack;

void machine_leftovers_init(struct machine_set *);

#endif /* plan/machine/machine-set.h */
