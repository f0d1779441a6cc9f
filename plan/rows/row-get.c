/* SPDX-License-Identifier: Apache-2.0 */

/* Reading columns of rows.  See row.h. */

#include <config.h>

#include "plan/rows/row.h"

#include <string.h>

#include "openvswitch/json.h"
#include "util.h"

/* Returns the datum of 'column' if it has something, or NULL. */
static const struct ovsdb_datum *
find_datum(const struct plan_row *row, const char *column)
{
    const struct plan_column *c = row ? plan_row_get(row, column) : NULL;

    return c && c->datum.n ? &c->datum : NULL;
}

const char *
plan_row_string(const struct plan_row *row, const char *column,
                const char *def)
{
    const struct ovsdb_datum *d = find_datum(row, column);

    return d ? json_string(d->keys[0].s) : def;
}

int64_t
plan_row_integer(const struct plan_row *row, const char *column, int64_t def)
{
    const struct ovsdb_datum *d = find_datum(row, column);

    return d ? d->keys[0].integer : def;
}

/* Returns the index of string 'key' in 'd', or 'd->n'. */
static unsigned int
find_key(const struct ovsdb_datum *d, const char *key)
{
    unsigned int i;

    for (i = 0; i < d->n && strcmp(json_string(d->keys[i].s), key); i++) {
        continue;
    }
    return i;
}

bool
plan_row_has(const struct plan_row *row, const char *column,
             const char *value)
{
    const struct ovsdb_datum *d = find_datum(row, column);

    return d && find_key(d, value) < d->n;
}

const char *
plan_row_id(const struct plan_row *row, const char *key, const char *def)
{
    const struct ovsdb_datum *d = find_datum(row, "external_ids");
    unsigned int i = d ? find_key(d, key) : 0;

    return d && i < d->n ? json_string(d->values[i].s) : def;
}
