/* SPDX-License-Identifier: Apache-2.0 */

/* What the routes and ports of the cluster router say: where nodes of other
 * zones are, which networks are inside, and whether a packet has a route at
 * all.  Part of nb-topology.c, which calls it. */

#ifndef NB_ROUTES_H
#define NB_ROUTES_H 1

#include <stdbool.h>
#include <stddef.h>

#include "intent/ip.h"

struct nbrec_logical_router;
struct ovsdb_idl;
struct plan_nb;
struct smap;

/* Reads those of 'lr' into 'nb', which has all else. */
void nb_routes_read(const struct ovsdb_idl *,
                    const struct nbrec_logical_router *lr, struct plan_nb *nb);

/* True if the row with 'external_ids' is ours. */
bool nb_is_ours(const struct smap *external_ids);

/* Parses ADDRESS or ADDRESS/LENGTH into '*ip'. */
bool nb_parse_host(const char *s, struct in6_addr *ip);

/* Adds the network of 's' to the '*n' of '*prefixes', unless it is there or
 * 's' is none. */
void nb_add_prefix(struct ip_prefix **prefixes, size_t *n, const char *s);
void nb_sort_prefixes(struct ip_prefix *prefixes, size_t n);

#endif /* ovsdb/nb-routes.h */
