/* SPDX-License-Identifier: Apache-2.0 */

/* What "get" shows of each kind: one column is one small function.
 *
 * Called by ctl-get.c.  Reads rows, decides nothing. */

#ifndef CTL_COLUMNS_H
#define CTL_COLUMNS_H 1

#include <stdbool.h>
#include <stddef.h>

#include "intent/intent.h"

struct ctl_context;
struct ds;
struct egressrec_object;
struct egressrec_node;

/* One object, as columns read it. */
struct column_source {
    const struct egressrec_object *row;
    const struct intent_object *obj;    /* The manifest, decoded. */
    const struct egressrec_node *node;  /* Of a Node: its helper's row, or
                                         * NULL. */
};

struct column {
    const char *heading;
    bool wide;                  /* Only with -o wide. */
    void (*format)(const struct column_source *, struct ds *);
};

/* Returns the columns of 'kind' after NAME, ending with one without heading.
 * Static. */
const struct column *columns_of_kind(enum intent_kind);

/* The columns of the kinds of MetalLB, likewise, for columns_of_kind(). */
extern const struct column columns_of_bgp_peer[];
extern const struct column columns_of_bfd_profile[];
extern const struct column columns_of_ip_address_pool[];
extern const struct column columns_of_bgp_advertisement[];

/* Monitors what the columns need beside the objects. */
void columns_monitor(struct ctl_context *);

/* Returns the row of the helper of the node 'name', or NULL. */
const struct egressrec_node *columns_find_node(struct ctl_context *,
                                               const char *name);

#endif /* utilities/ctl-columns.h */
