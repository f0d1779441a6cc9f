/* SPDX-License-Identifier: Apache-2.0 */

/* The rows of OVN_Egress's Ingress, which all nodes share, as input for
 * plan/machine/machine.h.  Used by node/work.c. */

#ifndef NODE_WORK_INGRESS_H
#define NODE_WORK_INGRESS_H 1

#include <stddef.h>

struct machine_ingress;
struct intent_ips;
struct ovsdb_idl;

/* Registers the table with 'idl'. */
void work_ingress_register(struct ovsdb_idl *idl);

/* Returns the rows, sorted, with the backends that are on 'node', and their
 * number in '*n'.  The caller frees them with work_ingress_free(). */
struct machine_ingress *work_ingress_collect(const struct ovsdb_idl *,
                                             const char *node, size_t *n);
void work_ingress_free(struct machine_ingress *, size_t n);

/* Parses the 'n' addresses in 'texts' into 'ips', which it initializes, and
 * logs those in 'column' of 'what' that are none. */
void work_parse_ips(const char *what, const char *column, char **texts,
                    size_t n, struct intent_ips *ips);

#endif /* node/work-ingress.h */
