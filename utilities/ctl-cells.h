/* SPDX-License-Identifier: Apache-2.0 */

/* Parts of the cells of "get", for the files that define its columns.
 *
 * Each function appends to a cell, which was empty at first; a cell that stays
 * empty is shown as "-". */

#ifndef CTL_CELLS_H
#define CTL_CELLS_H 1

#include <stdbool.h>

#include "intent/intent.h"

struct column_source;
struct ds;

/* "true" or "false". */
void cell_put_bool(struct ds *, bool value);

/* The number 'n', unless it is 'none'. */
void cell_put_number(struct ds *, long long int n, long long int none);

/* Members of a comma-separated list.  "::" is none. */
void cell_put_member(struct ds *, const char *text);
void cell_put_ip(struct ds *, const struct in6_addr *);
void cell_put_ips(struct ds *, const struct intent_ips *);
void cell_put_strings(struct ds *, const struct intent_strings *);

/* What the status of the object has at 'key'. */
void cell_put_status(const struct column_source *, const char *key,
                     struct ds *);

/* The status of the condition 'type', if the object has it. */
void cell_put_condition(const struct column_source *, const char *type,
                        struct ds *);

/* Why the condition 'type' is not true, if it is not. */
void cell_put_reason(const struct column_source *, const char *type,
                     struct ds *);

/* Columns that every kind has: they end its array. */
void cell_accepted(const struct column_source *, struct ds *);
void cell_generation(const struct column_source *, struct ds *);
void cell_source(const struct column_source *, struct ds *);

#define CELL_ALL_COLUMNS                            \
    { "ACCEPTED", true, cell_accepted },            \
    { "GENERATION", true, cell_generation },        \
    { "SOURCE", true, cell_source },                \
    { NULL, false, NULL }

#endif /* utilities/ctl-cells.h */
