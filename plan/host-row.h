/* SPDX-License-Identifier: Apache-2.0 */

/* Reading single columns of rows, for plan/host*.c and node/. */

#ifndef PLAN_HOST_ROW_H
#define PLAN_HOST_ROW_H 1

#include <stdbool.h>
#include <stdint.h>

#include "openvswitch/json.h"
#include "plan/row.h"

/* Return the value of a column that holds one string, integer or boolean, or
 * 'def' if 'row' does not have the column. */

/* The string. */
static inline const char *
host_row_string(const struct plan_row *row, const char *column,
                const char *def)
{
    const struct plan_column *c = plan_row_get(row, column);
    return c ? json_string(c->datum.keys[0].s) : def;
}

/* The integer. */
static inline int64_t
host_row_integer(const struct plan_row *row, const char *column, int64_t def)
{
    const struct plan_column *c = plan_row_get(row, column);
    return c ? c->datum.keys[0].integer : def;
}

/* The boolean. */
static inline bool
host_row_bool(const struct plan_row *row, const char *column, bool def)
{
    const struct plan_column *c = plan_row_get(row, column);
    return c ? c->datum.keys[0].boolean : def;
}

#endif /* plan/host-row.h */
