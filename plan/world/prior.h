/* SPDX-License-Identifier: Apache-2.0 */

/* What was in force before: what we wrote, what nodes said of it, and what OVN
 * does.  ovsdb/ collects it. */

#ifndef PLAN_WORLD_PRIOR_H
#define PLAN_WORLD_PRIOR_H 1

#include <stdbool.h>
#include <stdint.h>

#include "openvswitch/shash.h"
#include "smap.h"
#include "sset.h"

struct plan_row;

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

#endif /* plan/world/prior.h */
