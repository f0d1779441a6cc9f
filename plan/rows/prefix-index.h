/* SPDX-License-Identifier: Apache-2.0 */

/* A set of networks, each with a value, that finds the one that an address is
 * in by hash: one probe for each length of prefix that is there. */

#ifndef PLAN_ROWS_PREFIX_INDEX_H
#define PLAN_ROWS_PREFIX_INDEX_H 1

#include "intent/ip.h"
#include "openvswitch/hmap.h"

struct prefix_index {
    struct hmap map;
    bool lengths[IP_N_FAMILIES][129];   /* Those that are there. */
};

void prefix_index_init(struct prefix_index *);
void prefix_index_destroy(struct prefix_index *);

/* Adds 'prefix', whose host bits do not count, unless it is there. */
void prefix_index_add(struct prefix_index *, const struct ip_prefix *prefix,
                      void *value);

/* Returns the value of the longest prefix that contains 'ip', or NULL. */
void *prefix_index_find(const struct prefix_index *, const struct in6_addr *);

#endif /* plan/rows/prefix-index.h */
