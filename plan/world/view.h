/* SPDX-License-Identifier: Apache-2.0 */

/* The view: a digest of the planner's input, with everything found by hash.
 *
 * Internal to plan/.  plan_build() makes one, the deciding files (select.c,
 * schedule.c, labels.c, ...) fill in what they decide in the order that plan.c
 * gives, and the writing files (work.c, zone*.c, status.c) turn it into rows.
 *
 * A view stays with its plan, but its services are only there while they are
 * planned: all of them, or those that changed.  In between there is the
 * ledger (ledger.h).  So whatever decides must not care which of the services
 * are there: it looks at nodes, at its own service, and at others only through
 * 'claims', 'labels' and the counters of nodes, for which the ledger stands
 * in. */

#ifndef PLAN_WORLD_VIEW_H
#define PLAN_WORLD_VIEW_H 1

#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "plan/rows/output.h"
#include "plan/rows/prefix-index.h"
#include "plan/world/input.h"
#include "svec.h"

struct announce;
struct announce_session;
struct check;
struct ledger;
struct reserved;
struct ds;
struct view;
struct choice;
struct labels;
struct schedule;
struct selection;
struct service_label;
struct service_next;
struct service_share;
struct shares;
struct work_next;
struct view_service;
struct view_work;

/* status.host of a service whose endpoints leave through their own nodes. */
#define VIEW_HOST_ALL "ALL"

/* What all our labels of nodes begin with. */
#define VIEW_LABEL_PREFIX "egress-service.k8s.ovn.org"

/* A node that a Node object, OVN_Northbound, or an older row tells of.  What
 * is decided for it is in the ledger, and not here. */
struct view_node {
    struct hmap_node hmap_node; /* In view->nodes, by name. */
    size_t index;               /* Less than the number of nodes. */
    char *name;
    const struct intent_object *obj;            /* NULL if none. */
    const struct plan_nb_node *nb;              /* NULL if none. */
    const struct plan_prior_node *helper;       /* NULL if never seen. */

    bool local;                 /* In our zone. */
    bool heard;                 /* Its helper is heard from. */
    bool alive;                 /* Exists, is Ready, and is not known to be
                                 * dead. */
    const char *unfit;          /* Why it can host nothing, or NULL; static. */
    const char *unfit_to_stay;  /* Likewise what it hosts already. */
    const char *unfit_as_told;  /* Likewise by its object, heard or not. */
    struct in6_addr next_hops[IP_N_FAMILIES];   /* Our router reaches it by
                                                 * this; "::" if unknown. */
    const char *no_way[IP_N_FAMILIES];  /* Why NB can steer nothing to it, or
                                         * NULL; static. */
    const char *switch_name;    /* "" if unknown, or not there. */
    const char *gateway_router; /* Likewise. */
    const char *no_switch;      /* What its annotation names and is not
                                 * there, or "". */
    const char *no_router;      /* Likewise. */
    const struct ip_prefix *subnets;            /* Of its pods. */
    size_t n_subnets;

    struct intent_map labels;   /* The manifest's without our prefix, and
                                 * those that we gave it.  Sorted by key;
                                 * the strings are borrowed. */
    struct sset prior_labels;   /* Those that we gave it, by its status. */
};

/* An address of a service that we may steer. */
struct view_endpoint {
    struct hmap_node claim_node;        /* In view->claims, by 'ip'. */
    struct view_service *service;       /* Its one owner. */
    struct in6_addr ip;
    enum ip_family family;
    char text[IP_STRLEN];
    const struct view_node *node;       /* Where it runs. */
    const struct plan_nb_policy *other; /* The one policy of another owner
                                         * that steers it, or NULL. */
    bool foreign;               /* Others' policies steer it: not to be
                                 * touched. */
    bool twin;                  /* 'other' does what ours does: see twin.c. */
    const struct view_node *steered;    /* NB steers it to this node now, or
                                         * NULL. */
    const struct plan_unconfirmed *unconfirmed; /* OVN may not do so yet, or
                                                 * NULL. */
    struct view_work *held_by;  /* Row of another service, of node 'steered',
                                 * that serves it now, or NULL. */
};

/* A backend, whatever its address: for externalTrafficPolicy Local. */
struct view_backend {
    const struct view_node *node;       /* NULL if unknown. */
    bool ready, serving;
};

enum view_state {
    WORK_NONE, WORK_STANDBY, WORK_ACTIVE, WORK_DRAINING, WORK_REMOVING
};
enum view_role { ROLE_HOST, ROLE_LOCAL };

/* A Node_Service row: one node's part in a service. */
struct view_work {
    struct hmap_node hmap_node; /* In view->works, by node and service. */
    size_t index;               /* In service->works. */
    size_t id;                  /* Less than the number of works: see
                                 * decide/schedule.c. */
    const struct view_node *node;
    struct view_service *service;
    const struct plan_prior_work *prior;        /* NULL if new. */
    enum view_state before;
    enum view_role role_before;
    bool acked;                 /* The node has what 'prior' says. */
    uint32_t epoch_before;
    int prepends_before;
    bool serves;                /* NB steers one of the service's endpoints
                                 * to the node now. */
    bool held;                  /* OVN may still send packets of one of them
                                 * to the node. */
    struct svec strays;         /* Endpoints of 'prior' that the service does
                                 * not claim any more, or another owner
                                 * steers, and OVN may still send to the
                                 * node. */
    const struct work_next *next;       /* Decided, see decide/schedule.h. */
};

/* Why a service has no host: the reason of a condition, static. */
struct view_reason {
    const char *reason;         /* NULL if there is none. */
    char *message;
};

/* An EgressService, or what is left of one, with its Service. */
struct view_service {
    struct hmap_node hmap_node; /* In view->services, by namespace, name. */
    char *key;                  /* "ns/name". */
    const char *namespace;
    const char *name;
    char *names;                /* What these point to. */
    const struct intent_object *es;     /* NULL if deleted. */
    const struct intent_object *svc;    /* NULL if there is none. */
    const struct smap *prior_status;    /* Of the EgressService, or NULL. */

    const struct intent_endpoint_slice **slices;
    size_t n_slices;

    struct view_endpoint *endpoints;    /* By address. */
    size_t n_endpoints;
    bool has_family[IP_N_FAMILIES];     /* In 'endpoints'. */
    struct view_backend *backends;      /* Only of ETP Local: those that
                                         * traffic from outside may go to. */
    size_t n_backends;
    size_t n_host_network, n_unlocated, n_no_ingress[IP_N_FAMILIES], n_lost;
    size_t n_foreign;
    const struct view_node *adopted;    /* Its host as ovn-kubernetes chose it,
                                         * if we did not choose one yet. */
    bool must_stay;             /* It steers all endpoints there: another host
                                 * would have none. */
    const struct view_node *twin_host;  /* Where the policies of twins lead
                                         * to. */
    const struct view_service *lost_to; /* Owner of one that we lost. */
    struct in6_addr *mentions;  /* Named, but not owned. */
    size_t n_mentions, allocated_mentions;

    struct view_reason refused; /* Not Accepted, and why. */
    bool by_network;            /* sourceIPBy: Network. */
    struct in6_addr *ingress;   /* Of status, or allocated. */
    size_t n_ingress;
    struct in6_addr sources[IP_N_FAMILIES];     /* "::" for none. */
    bool served[IP_N_FAMILIES]; /* Endpoints of the family are. */

    /* Decided: see labels.h, share.h, select.h and schedule.h of decide/. */
    size_t index;               /* Less than the number of services. */
    const struct service_label *label;
    const struct service_share *shared;
    const struct choice *choice;
    const struct service_next *next;

    struct view_work **works;   /* One for each node. */
    size_t n_works, allocated_works;
};

/* An ingress address of a Service without EgressService and with
 * externalTrafficPolicy Local, which only a node with an endpoint serves. */
struct view_plain_ip {
    struct hmap_node hmap_node; /* In view->plain_ips, by 'ip'. */
    struct in6_addr ip;
    const struct view_plain *plain;
};

struct view_plain {
    const struct intent_object *svc;
    char *key;                  /* "ns/name". */
    struct view_plain_ip *ips;
    size_t n_ips;
};

/* What pools.c says of a Service. */
struct view_ingress {
    struct in6_addr ips[IP_N_FAMILIES];         /* "::" for none. */
    const char *pool;           /* Name, or "". */
    struct view_reason failure; /* If nothing is allocated. */
};

/* A NodeNetworkConfigurationPolicy on its way through its nodes. */
struct view_rollout {
    const struct intent_object *policy;
    struct view_rollout_part *parts;    /* Who gets what. */
    size_t n_parts, allocated_parts;
    unsigned int n_nodes;
    unsigned int n_done;        /* Acknowledged the newest manifest. */
    unsigned int n_failed;      /* Have it, and an error. */
    unsigned int n_waiting;     /* Do not have it yet. */
    unsigned int n_silent;      /* ...because their helper is not heard. */
    unsigned int n_busy;        /* Count against maxUnavailable. */
    unsigned int max;
    char *errors;               /* "; NODE: ERROR...", or NULL. */
};

struct view_rollout_part {
    const struct view_node *node;
    const char *manifest;
};

/* How much of an IPAddressPool is assigned. */
struct view_pool {
    const struct intent_object *obj;
    uint64_t size[IP_N_FAMILIES], n_assigned[IP_N_FAMILIES];
};

/* Networks that an option gives, or that were found. */
struct view_networks {
    struct ip_prefix *items;
    size_t n;
    const char *from;           /* Who told us; static. */
};

/* "from" of the cluster's networks if the router's ports tell of them. */
#define VIEW_FROM_PORTS "ports"

/* The objects of a kind. */
struct view_kind {
    struct intent_object **objs;
    size_t n;
};

struct view {
    const struct plan_input *in;
    const struct plan_options *options;
    const struct plan_nb *nb;
    const struct plan_prior *prior;
    struct plan_nb no_nb;       /* What these point to if there is none. */
    struct plan_prior no_prior;
    struct smap none;

    struct view_kind kinds[INTENT_N_KINDS];

    bool all_silent;            /* No node is heard. */
    struct hmap nodes;          /* Of "struct view_node". */
    struct view_node **node_array;      /* With a Node object, by name. */
    size_t n_nodes;
    struct shash hostnames;     /* Label to "struct view_node". */
    struct prefix_index subnets;        /* Of pods, to their nodes. */
    struct prefix_index networks;       /* Of the cluster router's ports. */
    const struct ip_prefix *cluster_networks;
    size_t n_cluster_networks;
    struct view_networks cluster;       /* What these point to. */
    struct prefix_index routes; /* By source, of the cluster router: to a
                                 * "bool", true unless the route discards. */
    bool discards_default[IP_N_FAMILIES];       /* Its default route does. */
    struct view_networks own_routes;    /* Those that we have to add... */
    struct in6_addr route_hops[IP_N_FAMILIES];  /* ...and their next hops. */
    struct view_networks join;  /* Between the routers. */
    struct view_networks masquerade;    /* Of the hosts. */

    struct sset foreign;        /* "PRIORITY MATCH" of others' policies. */
    struct shash foreign_ips;   /* Addresses that those steer one by one, to
                                 * the "const struct plan_nb_policy", or NULL
                                 * if there are several. */

    /* What is known of all services. */
    struct ledger *ledger;      /* Of decide/. */
    struct labels *service_labels;       /* Likewise. */
    struct shares *shares;      /* Likewise. */
    struct selection *selection;        /* Likewise. */
    struct schedule *schedule;  /* Likewise. */
    struct sset labels;         /* Keys in use. */
    struct shash ingress;       /* "ns/name" of a Service to "struct
                                 * view_ingress", for those that asked. */
    struct view_rollout *rollouts;      /* Unless some are planned. */
    size_t n_rollouts;
    struct view_pool *pools;
    size_t n_pools;
    struct check *check;        /* See check.h. */
    struct reserved *reserved;  /* See reserved.h. */
    bool asks_for_labels;       /* Some selector asks for one of ours, but for
                                 * BGPAdvertisements... */
    struct sset asked_labels;   /* ...that ask for these. */
    bool announces;             /* Announcing is for us. */
    struct announce *announce;  /* Of decide/, or NULL. */

    /* The services that are planned now. */
    const struct sset *keys;    /* Their "ns/name", or NULL for all. */
    struct hmap services;       /* Of "struct view_service". */
    struct view_service **service_array;        /* By created, key. */
    size_t n_services;
    struct hmap claims;         /* Of "struct view_endpoint". */
    struct hmap works;          /* Of "struct view_work". */
    struct view_plain *plains;
    size_t n_plains, allocated_plains;
    struct hmap plain_ips;      /* Of "struct view_plain_ip". */
    struct plan *plan;          /* Where rows and problems go. */
};

/* view.c: objects and services. */
void view_init(struct view *, const struct plan_input *);
void view_destroy(struct view *);
void view_destroy_ingress(struct shash *ingress);

/* Makes 'v' look at 'in', which tells the same of all that is not a
 * service. */
void view_set_input(struct view *v, const struct plan_input *in);

/* Reads the services 'keys', or all if that is NULL; and forgets them. */
void view_read_services(struct view *, const struct sset *keys);
void view_forget_services(struct view *);
bool view_is_planned(const struct view *, const char *namespace,
                     const char *name);
struct intent_object **view_find_slices(const struct view *,
                                        const char *namespace,
                                        const char *service, size_t *n);
const struct intent_object *view_find_object(const struct view *,
                                             enum intent_kind,
                                             const char *namespace,
                                             const char *name);
const struct intent_object *view_find_object_by_key(const struct view *,
                                                    enum intent_kind,
                                                    const char *key);
struct view_service *view_find_service(const struct view *,
                                       const char *namespace,
                                       const char *name);
const char *view_status_get(const struct view *, const char *id,
                            const char *key);
int view_compare_age(const struct intent_object *,
                     const struct intent_object *);

/* Returns the objects of 'kind', the oldest first, for the caller to free:
 * where two clash, the older one is in force, whatever their names. */
const struct intent_object **view_sort_by_age(const struct view *,
                                              enum intent_kind kind);
void view_reason_set(struct view_reason *, const char *reason,
                     const char *format, ...) OVS_PRINTF_FORMAT(3, 4);
void view_reason_set_valist(struct view_reason *, const char *reason,
                            const char *format, va_list)
    OVS_PRINTF_FORMAT(3, 0);

/* endpoints.c: endpoints, who owns them and who serves them now. */
void view_read_foreign_ips(struct view *);
void view_find_twins(const struct view *, struct view_service *);
void view_yield_twins(struct view *, const struct view_service *);
void view_read_prior_endpoint(struct view *, struct view_work *,
                              const char *endpoint);
void view_read_endpoints(struct view *);
bool view_is_usable(const struct intent_endpoint *);
const struct view_node *
view_find_endpoint_node(const struct view *, const struct intent_endpoint *,
                        const struct in6_addr *);
struct view_endpoint *view_find_claim(const struct view *,
                                      const struct in6_addr *);
struct view_work *view_find_work(const struct view *,
                                 const struct view_node *,
                                 const struct view_service *);
struct view_work *view_add_work(struct view *, const struct view_node *,
                                struct view_service *);
void view_read_prior_works(struct view *);

/* topology.c: nodes. */
void view_read_topology(struct view *);
void view_renew_labels(struct view *);
bool view_is_our_label(const char *key);
bool view_asks_for_our_label(const struct intent_selector *);
void view_destroy_topology(struct view *);
const struct view_node *view_find_node(const struct view *, const char *name);
const struct view_node *view_add_node(struct view *, const char *name);
void view_compare_node(const struct view *, const struct view_node *,
                       struct ds *);
const struct view_node *view_locate(const struct view *,
                                    const struct in6_addr *);
const struct view_node *view_find_next_hop(const struct view *,
                                           const struct in6_addr *);
bool view_is_pod_ip(const struct view *, const struct in6_addr *);

/* networks.c: the cluster's networks. */
void view_read_networks(struct view *);
void view_read_routes(struct view *);
void view_destroy_networks(struct view *);
bool view_has_route(const struct view *, const struct in6_addr *);
bool view_is_discarded(const struct view *, const struct in6_addr *);

/* True if a Node may name 'p' as a masquerade network of its host: no host
 * outside has such an address, so the guards of other nodes, which let it
 * pass, lose nothing. */
bool view_is_masquerade(const struct ip_prefix *p);

/* plain.c */
void view_read_plains(struct view *);
void view_forget_plains(struct view *);
const struct view_plain *view_next_plain(const struct view *,
                                         const struct in6_addr *,
                                         const struct view_plain *last);
bool view_plain_serves(const struct view *, const struct view_plain *,
                       const struct view_node *);

/* vips.c: the addresses of Services. */

/* The most ingress addresses of a Service that are looked at. */
#define VIEW_MAX_INGRESS 16

/* True if the Services' load balancers are ours to provide: the option says
 * so, or leaves it open and no CMS is there. */
bool view_provides_ingress(const struct view *);

/* Gets the ingress addresses of a Service, at most 'max' of them: those that
 * its status says, or those that are allocated.  Returns how many. */
size_t view_get_ingress(const struct view *, const struct intent_object *,
                        struct in6_addr *ips, size_t max);

/* Returns the name of the load balancer of another owner for this address, or
 * NULL: then it is not ours to serve. */
const char *view_find_foreign_vip(const struct view *, enum intent_protocol,
                                  const struct in6_addr *ip, uint16_t port);

/* Returns "tcp", "udp" or "sctp". */
const char *view_protocol_name(enum intent_protocol);

/* Appends the address and port as OVN writes those of a load balancer. */
void view_put_vip(const struct in6_addr *, uint16_t port, struct ds *);

#endif /* plan/world/view.h */
