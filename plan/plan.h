/* SPDX-License-Identifier: Apache-2.0 */

/* The plan: what should be, decided from all that is known.
 *
 * plan_build() takes a "struct plan_input" (intent, topology, and what was in
 * force before) and returns a "struct plan": the rows that OVN_Northbound and
 * OVN_Egress should have, and each object's status.  It is pure: the same
 * input gives the same plan; it does no I/O, reads no clock, keeps no state
 * and does not log.  The agent calls it; ovsdb/ collects the input and
 * applies the result.
 *
 * What was in force is an input because three promises need it: an allocation
 * is sticky, a packet is never steered to a node that is not ready for it, and
 * a node never loses what packets still need.  See Documentation/architecture
 * for the order of a move.
 *
 * plan_update() brings a plan from one input to the next, at the cost of the
 * services that changed.  It is as pure: what it makes is what plan_build()
 * would make of the same input, and the tests hold it to that.
 *
 * All pointers in the input are borrowed.  What does not change may not move
 * in memory between plan_build() and the last plan_update(). */

#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H 1

#include <stdbool.h>
#include <stdint.h>

#include "intent/intent.h"
#include "openvswitch/shash.h"
#include "plan/row.h"
#include "smap.h"
#include "sset.h"

/* Options: Egress_Global's "options", see ovn-egress(5). */

enum plan_gateway_mode { PLAN_GW_LOCAL, PLAN_GW_SHARED };
enum plan_layout { PLAN_LAYOUT_NODE, PLAN_LAYOUT_ENDPOINT };
enum plan_on_no_host { PLAN_NO_HOST_ALLOW, PLAN_NO_HOST_DROP };
enum plan_ingress { PLAN_INGRESS_AUTO, PLAN_INGRESS_ON, PLAN_INGRESS_OFF };
enum plan_newest_by { PLAN_NEWEST_BY_MED, PLAN_NEWEST_BY_AS_PATH };
enum plan_rules { PLAN_RULES_MARK, PLAN_RULES_ADDRESS };

struct plan_options {
    enum plan_gateway_mode gateway_mode;
    enum plan_layout layout;
    enum plan_on_no_host on_no_host;
    bool wait_for_nodes;        /* Steer only what a node acknowledged. */
    bool allocate_ips;          /* Ingress IPs from IPAddressPools. */
    bool announce;              /* Over BGP, to the BGPPeers. */
    enum plan_newest_by newest_by;      /* What routers see of its epoch. */
    enum plan_ingress ingress;  /* Provide the Services' load balancers. */
    char *router;               /* "ovn_cluster_router". */
    char *zone;                 /* Our zone, or "" if there is just one. */
    struct ip_prefix *cluster_networks;         /* None: from topology. */
    size_t n_cluster_networks;
    struct ip_prefix *service_networks;
    size_t n_service_networks;
    struct ip_prefix *join_networks;            /* None: from topology. */
    size_t n_join_networks;
    unsigned int set_size;      /* Split an address set beyond this size. */
    char *lb_class;             /* loadBalancerClass to allocate for; "" is
                                 * the services without one. */

    /* For the nodes' helpers alone, which read them from "effective". */
    struct ip_prefix *masquerade_networks;       /* None: from topology. */
    size_t n_masquerade_networks;
    unsigned int drain_seconds; /* How long a node that was left serves. */
    enum plan_rules rules;      /* How endpoints get their routing table. */
    struct smap others;         /* Options of other modules, as they are. */
};

/* Name of the Load_Balancer_Group that holds all our load balancers.  That
 * table has no external_ids: the name is the mark. */
#define PLAN_LB_GROUP "ovn_egress"

/* Parses 'options' into '*o', with defaults for what is not there.  A wrong
 * value is replaced by that of 'last', the options that were in force before,
 * which may be NULL, or else by the one that does the least harm; it is a
 * problem of the object "options", as is an option that does not exist.
 * plan_options_init() has no 'last'. */
void plan_options_read(struct plan_options *o, const struct smap *options,
                       const struct smap *last, struct intent_problems *);
void plan_options_init(struct plan_options *o, const struct smap *options,
                       struct intent_problems *);
void plan_options_destroy(struct plan_options *);

/* Adds to 'smap' all options of 'o', as plan_options_init() reads them. */
void plan_options_format(const struct plan_options *o, struct smap *);

/* Topology: what OVN_Northbound says of one node. */
struct plan_nb_node {
    char *name;
    bool local;                 /* Its switch is in this NB (this zone). */
    bool remote;                /* A port says that it is in another zone. */
    char *switch_name;          /* "" if unknown, and so on. */
    char *gateway_router;
    struct ip_prefix *subnets;  /* Of its pods. */
    size_t n_subnets;
    struct in6_addr mgmt_ips[IP_N_FAMILIES];    /* "::" if unknown. */
    struct in6_addr join_ips[IP_N_FAMILIES];
    struct in6_addr transit_ips[IP_N_FAMILIES];
};

/* A logical router policy of another owner, on the cluster router. */
struct plan_nb_policy {
    int64_t priority;
    char *match;
    char *action;
};

/* A route of the cluster router, but for ours. */
struct plan_nb_route {
    struct ip_prefix prefix;
    bool by_source;
    bool discard;               /* OVN drops what takes it. */
};

struct plan_nb {
    char *zone;                 /* What it calls its zone, or NULL. */
    bool has_router;            /* The cluster router exists. */
    bool kubernetes;            /* ovn-kubernetes made it: it provides the
                                 * Services' load balancers itself. */
    struct shash nodes;         /* Name to "struct plan_nb_node". */
    struct sset switches;       /* The names of all. */
    struct sset routers;        /* Likewise. */
    struct ip_prefix *networks; /* Of the router's ports: where a next hop
                                 * can be. */
    size_t n_networks;
    struct ip_prefix *cluster_networks; /* From its src-ip routes. */
    size_t n_cluster_networks;
    struct ip_prefix *inside_networks;  /* If it is of no CMS: what its ports
                                         * and routes reach that is not
                                         * outside. */
    size_t n_inside_networks;
    struct ip_prefix *uplink_networks;  /* Likewise: those with the next hop
                                         * of a default route. */
    size_t n_uplink_networks;

    /* Its routes, but for ours and, except in 'routes', those that discard.
     * OVN drops a packet without a route before it looks at policies. */
    bool has_default[IP_N_FAMILIES];
    struct ip_prefix *source_routes;    /* By source. */
    size_t n_source_routes;
    unsigned int shortest[IP_N_FAMILIES];       /* Length of the shortest
                                                 * prefix by destination but
                                                 * the default; 0 if none.
                                                 * One that discards
                                                 * counts. */
    struct plan_nb_route *routes;       /* All of them, and the networks of its
                                         * ports; none if no route
                                         * discards. */
    size_t n_routes;
    struct ip_prefix *join_networks;    /* Of its gateway routers' ports. */
    size_t n_join_networks;
    struct ip_prefix *masquerade_networks;      /* Of their other ports and
                                                 * routes. */
    size_t n_masquerade_networks;
    struct plan_nb_policy *foreign;     /* Sorted by priority, match. */
    size_t n_foreign;
    struct sset foreign_sets;   /* Names of address sets of others. */
    struct smap foreign_vips;   /* "tcp 10.96.0.1:80" to the name of another
                                 * owner's load balancer.  Only where the
                                 * Services' are ours to provide. */
};

void plan_nb_init(struct plan_nb *);
void plan_nb_destroy(struct plan_nb *);

/* What was in force before. */

/* An Object's status as we last wrote it. */
struct plan_prior_status {
    char *id;                   /* intent_object_id(). */
    struct smap status;
};

/* A row of Node_Service, Node_Policy or Node_Peer. */
struct plan_prior_work {
    char *node;
    char *name;                 /* "ns/name" of the service or peer, or the
                                 * policy. */
    char *state;                /* Node_Service only. */
    char *manifest;             /* Node_Policy only. */
    char *revision;
    char *acked;
    char *error;                /* "" if none. */
    struct sset endpoints;      /* Node_Service only. */
    char *session;              /* Node_Peer only: "Established", ... */
    struct sset advertised;     /* Node_Peer only: prefixes. */
    const struct plan_row *row; /* All its columns, as we wrote them;
                                 * borrowed.  NULL if unknown. */
    struct plan_prior_work *next;       /* Node_Service only: another node's
                                         * of the same service. */
};

/* What a node's helper said of itself. */
struct plan_prior_node {
    char *name;
    bool alive;                 /* The helper is heard from (by the agent's
                                 * clock, damped). */
    struct sset addresses;      /* Of the host, as far as taken. */
    const char *excess;         /* What it wrote more of than is taken, or
                                 * NULL; static. */
    char *kept;                 /* Which deleted policies stay, and why; "" or
                                 * NULL if none. */
};

/* An address of which OVN has not taken in yet where OVN_Northbound steers it
 * to. */
struct plan_unconfirmed {
    bool compiled;              /* ovn-northd has; some chassis has not. */
    bool applied;               /* All chassis have; a last packet may still
                                 * be on its way. */
    char *waiting_for;          /* For people: "ovn-northd", ... */

    /* For whoever keeps it. */
    int64_t cfg;
    long long int asked, settles;
};

struct plan_prior {
    struct shash status;        /* By id. */
    struct shash services;      /* "NODE NS/NAME" to plan_prior_work. */
    struct shash by_service;    /* "NS/NAME" to the first of those. */
    struct shash policies;      /* "NODE POLICY" to plan_prior_work. */
    struct shash peers;         /* "NODE NS/NAME" to plan_prior_work. */
    struct shash nodes;         /* Name to plan_prior_node. */
    struct shash steered;       /* IP address text to the name of the node
                                 * that our rows of NB steer it to; owned. */
    struct shash sets;          /* Name of each of our address sets in NB to
                                 * NULL: how it is split. */

    /* Packets of these may still come to any node that has them in a row,
     * wherever NB steers them to. */
    struct shash unconfirmed;   /* IP address text to plan_unconfirmed. */
    bool all_unconfirmed;       /* All other addresses too: it was not asked
                                 * yet, or what OVN does is not known. */
};

void plan_prior_init(struct plan_prior *);
void plan_prior_destroy(struct plan_prior *);

/* Returns a new plan_prior_work in 'map' (policies or peers). */
struct plan_prior_work *plan_prior_add_work(struct shash *map,
                                            const char *node,
                                            const char *name);

/* The same for services, and its removal. */
struct plan_prior_work *plan_prior_add_service(struct plan_prior *,
                                               const char *node,
                                               const char *service);
void plan_prior_remove_service(struct plan_prior *, const char *key);

/* Removes 'ip' from 'unconfirmed'. */
void plan_prior_confirm(struct plan_prior *, const char *ip);

/* Removes "NODE NAME" from 'map' (policies or peers). */
void plan_prior_remove_work(struct shash *map, const char *key);

struct plan_input {
    const struct plan_options *options;
    const struct plan_nb *nb;
    const struct plan_prior *prior;

    /* The last good version of each object, sorted by plan_compare_objects();
     * no two with the same kind, namespace and name. */
    struct intent_object **objs;
    size_t n_objs;

    /* Objects whose newest version is refused: id to message. */
    const struct smap *refused;

    int64_t now;                /* Seconds since 1970: a new announcement has
                                 * no older epoch. */
    bool scheduler;             /* Decide hosts, addresses, node work and
                                 * status (holds the lock on OVN_Egress). */
    bool zone;                  /* Decide rows of OVN_Northbound. */
};

/* The order in which plan_input wants objects: by kind, namespace and name;
 * EndpointSlices by the service, before the name. */
int plan_compare_objects(const struct intent_object *,
                         const struct intent_object *);

/* Sorts 'objs' by that. */
void plan_sort_objects(struct intent_object **objs, size_t n);

/* What changed in a plan_input since a plan was made of it.  Who names too
 * much only loses time. */
struct plan_changes {
    /* Something that is not below: options, topology, what is refused, a
     * helper or a row of Node_Policy or Node_Peer, an object of another kind,
     * ... */
    bool all;

    /* "NS/NAME": an EgressService, Service or EndpointSlice (the service that
     * it belongs to, or did), the status of one of the former, or a row of
     * Node_Service. */
    struct sset services;
    bool ingress;               /* A Service, or the status of one. */
    struct sset addresses;      /* That OVN_Northbound steers elsewhere, or
                                 * of which OVN has taken that in. */
    struct sset nodes;          /* Whose address sets came or went. */
    bool labels;                /* The status of a Node. */
};

void plan_changes_init(struct plan_changes *);
void plan_changes_destroy(struct plan_changes *);
void plan_changes_clear(struct plan_changes *);

/* True if nothing changed. */
bool plan_changes_is_empty(const struct plan_changes *);

/* Notes that 'obj' came, went or changed. */
void plan_changes_add_object(struct plan_changes *,
                             const struct intent_object *obj);

/* Notes that the status of the object 'id' changed, intent_object_id(). */
void plan_changes_add_status(struct plan_changes *, const char *id);

/* One condition of an object. */
struct plan_condition {
    const char *type;           /* "Ready", ...; static. */
    const char *status;         /* "True", "False", "Unknown"; static. */
    const char *reason;         /* CamelCase; static. */
    char *message;
};

/* What to say of one object. */
struct plan_status {
    char *id;                   /* intent_object_id(). */
    enum intent_kind kind;
    char *namespace, *name;
    struct smap status;         /* Facts: "host", "ingress", ... */
    struct plan_condition *conditions;  /* Sorted by type. */
    size_t n_conditions;
};

/* What a plan has that is not what it was: names of rows (plan_row_name()) and
 * ids of objects. */
struct plan_delta {
    bool all;                   /* Anything. */
    struct sset nb, work, status;
};

void plan_delta_init(struct plan_delta *);
void plan_delta_destroy(struct plan_delta *);

struct plan {
    struct plan_rows nb;        /* Rows of OVN_Northbound that are ours. */
    struct plan_rows work;      /* Rows of Node, Node_Service, Node_Policy,
                                 * Node_Peer. */
    struct shash status;        /* Id to "struct plan_status". */
    struct smap effective;      /* Options with what was discovered. */
    bool waits_for_ovn;         /* Something depends on what OVN has taken in
                                 * of what OVN_Northbound said all along. */
    struct intent_problems problems;    /* Of the whole, such as a foreign
                                         * row in our place. */

    /* What plan_update() changed since its user cleared this. */
    struct plan_delta delta;
    size_t n_planned;           /* Services, the last time. */
    struct view *view;          /* Internal to plan/. */
};

/* Appends to 'problems' what is wrong between the manifests of 'in', each of
 * which is valid by itself: a BGPPeer in a VRF that no policy makes, and so
 * on.  Of 'in' only "objs" and "options" are needed; "nb" and "prior" may be
 * NULL.  Each problem names its object and field. */
void plan_check(const struct plan_input *in, struct intent_problems *problems);

/* Decides.  "nb", "prior" and "refused" may be NULL: nothing known. */
void plan_build(const struct plan_input *, struct plan *);
void plan_destroy(struct plan *);

/* Makes 'plan' that of 'in', which differs from its former input, that of
 * plan_build() or of the last plan_update(), in 'changes' alone.  Returns true
 * if it did so service by service, false if all was planned anew. */
bool plan_update(struct plan *, const struct plan_input *,
                 const struct plan_changes *);

/* Appends to 's' how 'plan' differs from what plan_build() makes of 'in', the
 * input that it was last updated for: nothing. */
void plan_verify(const struct plan *, const struct plan_input *, struct ds *s);

/* Appends to 's' how the status of objects differs. */
void plan_format_status_diff(const struct plan *, const struct plan *,
                             struct ds *s);

/* Appends 'plan' to 's' as text: rows in order, one column a line, then the
 * status.  Stable, for golden files and for "plan/show". */
void plan_format(const struct plan *, struct ds *s);

#endif /* plan/plan.h */
