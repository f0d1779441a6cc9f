/* SPDX-License-Identifier: Apache-2.0 */

/* The desired state of one host, decided from its work.
 *
 * machine_build() takes the node's rows of OVN_Egress and some facts of the
 * host and returns objects (plan/machine/object.h) of what the kernel should
 * hold, and what stands in the way.  node/ reads the kernel into objects of
 * the same form, compares the two and applies the difference.  Pure: no I/O,
 * no clock, no state, no logging.
 *
 * The state of a host
 * ===================
 *
 * What the kernel fills in by itself is normalised away by who reads it.
 *
 *   class        what
 *   -----------  ---------------------------------------------------------
 *   vrf, port, link, address, sysctl     plan/machine/machine-link.h
 *   route        plan/machine/machine-route.h
 *   rule, source-rule                    plan/machine/machine-rule.h
 *   nft          plan/machine/machine-chain.h, machine-nft.h: of the table
 *                "inet ovn_egress"
 *   nft-map, conntrack                   plan/machine/machine-set.h
 *
 * An object of the kernel appears on the observed side if it is ours (by its
 * mark), if one in its place is wanted (so that what another owner made in the
 * same form is adopted: it is never changed or deleted), or if it is condemned
 * (see machine_condemns()).
 *
 * Origins
 * =======
 *
 * Each object names whom it is for, in its "origins": "EgressService NS/NAME",
 * "NodeNetworkConfigurationPolicy NAME", "table NUMBER" (every service whose
 * network is that table), "services" (all of them), "Service NS/NAME" (its
 * ingress), or "ingress" (that of all).  One that is not wanted has none: it
 * concerns services and policies.  An error is kept by origin in the same way:
 * in an smap of origin to message, with "" for those that have none. */

#ifndef PLAN_MACHINE_MACHINE_H
#define PLAN_MACHINE_MACHINE_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "intent/intent.h"
#include "openvswitch/compiler.h"
#include "plan/machine/object.h"
#include "smap.h"
#include "sset.h"
#include "svec.h"

struct machine_rule;

/* Kernel tag of our routes, rules and addresses, unless an option says
 * otherwise.  Not registered in iproute2's rt_protos; see ip-route(8). */
#define MACHINE_DEFAULT_PROTOCOL 69

/* Metric of the route that guards a network's table: the one that the kernel's
 * VRF documentation recommends for "unreachable default". */
#define MACHINE_GUARD_METRIC 4278198272u

/* The packet mark with which OVN's policies send pod to node traffic. */
#define MACHINE_NODE_MARK 0x3f0u

/* The origin of objects that every service needs. */
#define MACHINE_ALL_SERVICES "services"

/* The origin of objects for the ingress of all Services. */
#define MACHINE_ALL_INGRESS "ingress"

/* Each connection to a Service with externalTrafficPolicy: Local draws one of
 * so many slots, which lead to the node's endpoints in turn.  So 16 endpoints
 * of a node get connections, and of fewer none more than twice as many as
 * another. */
#define MACHINE_SLOTS 16

/* How packets of a service find the table of its network. */
enum machine_rules {
    MACHINE_RULES_MARK,            /* nftables marks, a rule for each table. */
    MACHINE_RULES_ADDRESS,         /* A rule for each address. */
};

/* From Egress_Global's "effective". */
struct machine_options {
    struct intent_prefixes cluster_networks;
    struct intent_prefixes service_networks;
    struct intent_prefixes join_networks;
    struct intent_prefixes masquerade_networks;
    struct intent_ips node_addresses;   /* Of all nodes: no option. */
    unsigned int drain_seconds;
    unsigned int guard_seconds; /* How long what has left is kept back. */
    unsigned int rollback_seconds;      /* How long a change may cut off. */
    enum machine_rules rules;
    uint32_t mark_mask;
    unsigned int heartbeat_interval;    /* Milliseconds. */
};

/* Parses 'options' into '*o', with the default for what is not there, or is
 * not valid; the latter adds a message to 'errors' by origin
 * "options:KEY". */
void machine_options_init(struct machine_options *o,
                          const struct smap *options,
                          struct smap *errors);
void machine_options_destroy(struct machine_options *);

/* A Node_Service row. */

enum machine_service_state {
    MACHINE_STANDBY,
    MACHINE_ACTIVE,
    MACHINE_DRAINING,              /* All stays; nobody shall come any more. */
    MACHINE_REMOVING               /* Nothing is wanted any more. */
};

struct machine_service {
    char *name;                 /* "NS/NAME". */
    enum machine_service_state state;
    bool watched;               /* Note which endpoints still send. */
    bool local;                 /* Role "local": marks only, no SNAT. */
    char *network;              /* Number or name of a table; "" is none. */
    struct intent_ips source_ips;       /* At most one of a family counts. */
    struct intent_ips ingress_ips;
    struct intent_ips fading_ips;       /* No more, but announced still. */
    struct intent_ips endpoints;
    struct intent_ips cluster_ips;
    uint16_t *node_ports;       /* Of externalTrafficPolicy: Local. */
    size_t n_node_ports;
};

void machine_service_destroy(struct machine_service *);

/* A Node_Policy row. */
struct machine_policy {
    char *name;
    char *created;              /* When, or "" or NULL if not known. */
    struct intent_object *object;       /* Parsed manifest, or NULL ... */
    char *error;                        /* ... with the reason here. */
    char *held;                 /* Why its newest text is not in force, or
                                 * NULL.  Without object and error none is. */
};

void machine_policy_destroy(struct machine_policy *);

/* The older one first, which prevails where two want different things; those
 * of the same age by name. */
int machine_policy_compare_age(const struct machine_policy *,
                               const struct machine_policy *);

/* A row of Ingress_Port: traffic from outside for a port of a Service. */

/* Where it may go to. */
struct machine_backend {
    struct in6_addr ip;
    uint16_t port;
};

struct machine_ingress {
    char *service;              /* "NS/NAME". */
    uint8_t protocol;           /* IPPROTO_TCP, _UDP or _SCTP. */
    uint16_t port;
    bool local;                 /* externalTrafficPolicy: Local. */
    struct intent_ips ingress_ips;
    struct intent_ips cluster_ips;      /* At most one of a family counts. */
    struct machine_backend *backends;   /* On this node. */
    size_t n_backends;
};

void machine_ingress_destroy(struct machine_ingress *);

/* Facts of the host, which it was asked before machine_build(). */

struct machine_link {
    char *name;
    bool up;                    /* Administratively. */
    bool is_vrf;
    bool ours;                  /* A VRF with our alias. */
    uint32_t table;             /* Of a VRF. */
    char *master;               /* Name of the device that it is enslaved to,
                                 * or "". */
    bool forwarding;            /* net/ipv4/conf/NAME/forwarding. */
    bool strict;                /* The same for rp_filter: 1, also by that of
                                 * "all". */
    bool was_strict;            /* It is, or would be had we not written it. */
    bool inside;                /* The main table has a route to a network of
                                 * the cluster that leads there. */
};

/* A rule of another owner that has a table looked up for whatever is not
 * routed before. */
struct machine_lookup {
    uint32_t table;
    uint32_t priority;          /* Of the first such rule. */
};

/* A routing table that is not empty. */
struct machine_table {
    uint32_t id;
    bool has_default[IP_N_FAMILIES];    /* It has a unicast one. */
    bool usable[IP_N_FAMILIES]; /* Has a unicast route that somebody made:
                                 * not just the kernel's for an address. */
    struct svec links[IP_N_FAMILIES];   /* Where unicast routes lead that do
                                         * not stay within the cluster;
                                         * sorted, unique. */
};

struct machine_facts {
    struct machine_link *links;    /* Sorted by name. */
    size_t n_links;
    struct machine_table *tables;  /* Sorted by id. */
    size_t n_tables;
    struct machine_lookup *lookups[IP_N_FAMILIES];
    size_t n_lookups[IP_N_FAMILIES];
    struct smap table_names;    /* Of rt_tables: name to decimal number. */
    bool has_ipv6;              /* Otherwise nothing of IPv6 is wanted. */
    bool ipv6_forwarding;       /* net/ipv6/conf/all/forwarding. */
    struct svec gateways[IP_N_FAMILIES];        /* Where the main table's
                                                 * default routes lead;
                                                 * sorted. */
    bool guarding;              /* Our nftables table has something of
                                 * services, or of what has left. */
};

void machine_facts_init(struct machine_facts *);
void machine_facts_destroy(struct machine_facts *);

/* True if machine_build() would decide the same by both. */
bool machine_facts_equal(const struct machine_facts *,
                         const struct machine_facts *);

/* True if table 'id' leads somewhere. */
bool machine_facts_is_usable(const struct machine_facts *, uint32_t id,
                             enum ip_family);

/* Notes 'rule', of another owner, if it has its table looked up for all. */
void machine_facts_add_rule(struct machine_facts *,
                            const struct machine_rule *rule);

/* Returns the rule that has table 'id' looked up for all, or NULL. */
const struct machine_lookup *
machine_facts_find_lookup(const struct machine_facts *, uint32_t id,
                          enum ip_family);

/* True if table 'id' has a default route that leads somewhere. */
bool machine_facts_has_default(const struct machine_facts *, uint32_t id,
                               enum ip_family);

/* Returns the links of the network with table 'id', sorted, which the caller
 * destroys: ports of its VRF, the VRF itself, and where its routes lead. */
void machine_facts_get_links(const struct machine_facts *, uint32_t id,
                             enum ip_family, struct svec *links);

/* Returns the link, or NULL. */
const struct machine_link *
machine_facts_find_link(const struct machine_facts *, const char *name);

struct machine_input {
    const struct machine_options *options;
    const struct machine_facts *facts;
    const struct machine_service *services;        /* Sorted by name. */
    size_t n_services;
    const struct machine_policy *policies;         /* Sorted by name. */
    size_t n_policies;
    const struct machine_ingress *ingresses;       /* Sorted. */
    size_t n_ingresses;
};

/* A route that a policy declares absent. */
struct machine_absent_route {
    const struct intent_route *route;
    uint32_t table;             /* 0: any. */
};

struct machine {
    struct machine_objects want;        /* Sorted. */
    struct smap errors;         /* What cannot be, by origin. */
    bool incomplete;            /* A policy is not known: nothing that policies
                                 * make may be deleted. */

    /* What policies declare absent; belongs to the input. */
    struct machine_absent_route *absent_routes;
    size_t n_absent_routes;
    const struct intent_rule **absent_rules;
    size_t n_absent_rules;

    unsigned int guard_seconds; /* Of the options. */
};

/* Wants nothing. */
void machine_init(struct machine *);

/* Decides.  '*machine', which this initializes, may point into 'input'. */
void machine_build(const struct machine_input *, struct machine *);
void machine_destroy(struct machine *);

/* True if 'object', of the kernel, is what a policy declares absent.  Such a
 * one is removed whoever made it, except what the kernel or a routing daemon
 * made, which the caller does not ask about. */
bool machine_condemns(const struct machine *, const struct machine_object *);

/* Checks what can only be seen once the kernel has what we want: that the
 * network of each service leads somewhere and that the host forwards.  Adds to
 * 'errors' what keeps a service from working, and to 'warnings' what may. */
void machine_check(const struct machine_input *, struct smap *errors,
                   struct smap *warnings);

/* True if 'table' can be a network's: the host's own tables, which 0, 253, 254
 * and 255 stand for, never are. */
bool machine_is_network_table(uint32_t table);

/* Resolves 'network': a number, the name of a VRF device, or of rt_tables.
 * Returns 0 if it is none. */
uint32_t machine_resolve_network(const struct machine_input *,
                                 const char *network);

/* Adds a message for 'origin' to 'errors'. */
void machine_error(struct smap *errors, const char *origin,
                   const char *format, ...) OVS_PRINTF_FORMAT(3, 4);

/* Adds the same message for each of the origins of 'object'. */
void machine_object_error(struct smap *errors,
                          const struct machine_object *object,
                          const char *message);

/* Returns all errors that concern the service or policy, separated by "; ",
 * or "" if there are none.  The caller frees it. */
char *machine_service_errors(const struct machine_input *,
                             const struct smap *errors,
                             const struct machine_service *);
char *machine_policy_errors(const struct smap *errors,
                            const struct machine_policy *);

#endif /* plan/machine/machine.h */
