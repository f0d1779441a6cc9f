/* SPDX-License-Identifier: Apache-2.0 */

/* BGPAdvertisements, found by pool and node.
 *
 * With one advertisement for each EgressService, bound to the node that has
 * its label, there are as many as services, but they differ in nothing else.
 * So those that say the same are one "struct advert", and those that ask for
 * one of our labels are only looked at on nodes that have it.
 *
 * Internal to announce*.c. */

#ifndef PLAN_DECIDE_ANNOUNCE_ADVERT_H
#define PLAN_DECIDE_ANNOUNCE_ADVERT_H 1

#include "openvswitch/shash.h"
#include "plan/decide/pools.h"
#include "plan/world/view.h"
#include "sset.h"

/* What one or more BGPAdvertisements say, but for pools and nodes. */
struct advert {
    const struct intent_object *obj;            /* The first of them. */
    const struct intent_strings *peers;         /* None: all. */
    const struct intent_selectors *services;    /* None: all. */
    unsigned int length[IP_N_FAMILIES];         /* Of the prefix. */
    int64_t local_pref;                         /* -1 if none. */
    struct sset communities;    /* "community=A:B", "large-community=...". */
    const char *unknown_alias;  /* Then nothing can be announced; or NULL. */
    bool told;                  /* A conflict has been reported. */
};

/* A BGPAdvertisement of a pool. */
struct advert_use {
    const struct intent_object *obj;
    struct advert *advert;
};

struct advert_list {
    struct advert_use *uses;
    size_t n, allocated;
};

/* Those of one pool. */
struct advert_pool {
    struct advert_list general;
    struct shash by_label;      /* Key of one of our labels to "struct
                                 * advert_list": for nodes that have it. */
};

struct adverts {
    struct shash adverts;       /* What it says to "struct advert". */
    struct shash aliases;       /* Of communities, to their values. */
    struct advert_pool *pools;  /* In the order of allocator.pools. */
    size_t n_pools;
};

void adverts_init(struct adverts *, const struct view *,
                  const struct allocator *);
void adverts_destroy(struct adverts *);

/* The adverts for a pool on a node. */
struct advert_set {
    struct advert **adverts;    /* Each once, the general ones first. */
    size_t n, allocated;
};

/* Returns the adverts of number 'pool' for a node with 'labels', of which
 * 'ours' are our own. */
struct advert_set *adverts_find(const struct adverts *, size_t pool,
                                const struct intent_map *labels,
                                const struct sset *ours);
bool advert_set_equals(const struct advert_set *, const struct advert_set *);
void advert_set_destroy(struct advert_set *);

/* True if the advert is for the peer of that name, or for the Service. */
bool advert_has_peer(const struct advert *, const char *peer);
bool advert_has_service(const struct advert *, const struct intent_map *);

#endif /* plan/decide/announce-advert.h */
