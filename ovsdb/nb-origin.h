/* SPDX-License-Identifier: Apache-2.0 */

/* Which OVN_Egress our rows of OVN_Northbound were planned from: the UUID of
 * its Egress_Global is in external_ids of NB_Global, so that an agent that
 * starts, or takes over, knows whether it looks at the same one. */

#ifndef NB_ORIGIN_H
#define NB_ORIGIN_H 1

#include <stdbool.h>

struct ovsdb_idl;
struct uuid;

/* 'idl' must be new. */
void nb_origin_register(struct ovsdb_idl *idl);

/* Returns false if it is not known. */
bool nb_origin_get(const struct ovsdb_idl *idl, struct uuid *id);

/* Writes it in the transaction under way; returns true if it was another
 * one. */
bool nb_origin_set(const struct ovsdb_idl *idl, const struct uuid *id);

#endif /* ovsdb/nb-origin.h */
