/* SPDX-License-Identifier: Apache-2.0 */

/* Rows of an IDL as plan_rows: see the header. */

#include <config.h>

#include "ovsdb/db-row.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/uuid.h"
#include "ovsdb-idl-provider.h"
#include "ovsdb/db-table.h"
#include "plan/rows/row.h"
#include "smap.h"
#include "util.h"

void
db_datum_to_smap(const struct ovsdb_datum *datum, struct smap *smap)
{
    for (size_t i = 0; i < datum->n; i++) {
        smap_add(smap, json_string(datum->keys[i].s),
                 json_string(datum->values[i].s));
    }
}

void
db_datum_our_keys(struct ovsdb_datum *dst, const struct ovsdb_datum *src)
{
    struct smap ours = SMAP_INITIALIZER(&ours);

    for (size_t i = 0; i < src->n; i++) {
        const char *key = json_string(src->keys[i].s);

        if (db_is_our_key(key)) {
            smap_add(&ours, key, json_string(src->values[i].s));
        }
    }
    ovsdb_datum_from_smap(dst, &ours);
    smap_destroy(&ours);
}

const char *
db_row_string(const struct ovsdb_idl_row *row, const char *column)
{
    const struct ovsdb_idl_column *c = db_class_column(row->table->class_,
                                                       column);
    const struct ovsdb_datum *datum = c ? ovsdb_idl_read(row, c) : NULL;

    return (datum && datum->n == 1 && c->type.key.type == OVSDB_TYPE_STRING
            ? json_string(datum->keys[0].s) : "");
}

/* Appends the value of a column of one string or integer to 's'. */
static void
put_text(const struct ovsdb_idl_row *row, const char *column, struct ds *s)
{
    const struct ovsdb_idl_column *c = db_class_column(row->table->class_,
                                                       column);
    const struct ovsdb_datum *datum = c ? ovsdb_idl_read(row, c) : NULL;

    if (datum && datum->n == 1 && c->type.key.type == OVSDB_TYPE_INTEGER) {
        ds_put_format(s, "%"PRId64, datum->keys[0].integer);
    } else {
        ds_put_cstr(s, db_row_string(row, column));
    }
}

/* Returns the value of 'key' in external_ids, or NULL. */
static const char *
row_external_id(const struct ovsdb_idl_row *row, const char *key)
{
    const struct ovsdb_idl_column *c = db_class_column(row->table->class_,
                                                       "external_ids");
    const struct ovsdb_datum *datum = ovsdb_idl_read(row, c);

    for (size_t i = 0; i < datum->n; i++) {
        if (!strcmp(json_string(datum->keys[i].s), key)) {
            return json_string(datum->values[i].s);
        }
    }
    return NULL;
}

/* Returns the key of 'row' among our rows, or NULL if it is not ours. */
static char *
row_key(const struct db_table *table, const struct ovsdb_idl_row *row)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    if (table->key[0]) {
        for (size_t i = 0; i < DB_MAX_KEY && table->key[i]; i++) {
            ds_put_cstr(&s, i ? " " : "");
            put_text(row, table->key[i], &s);
        }
        char *text = ds_steal_cstr(&s);
        if (table->only && strcmp(text, table->only)) {
            free(text);
            text = NULL;
        }
        return text;
    }

    const char *owner = row_external_id(row, "owner");
    if (!owner || strcmp(owner, DB_OWNER)) {
        return NULL;
    }
    const char *key = row_external_id(row, "key");
    return (key && *key
            ? xstrdup(key)
            : xasprintf("(no key) "UUID_FMT, UUID_ARGS(&row->uuid)));
}

struct plan_row *
db_row_read(const struct db_table *table, const struct ovsdb_idl_row *row)
{
    char *key = row_key(table, row);

    if (!key) {
        return NULL;
    }

    struct plan_row *new = plan_row_create(table->class->name, key);
    for (size_t i = 0; i < DB_MAX_COLUMNS && table->columns[i].name; i++) {
        const struct db_column *col = &table->columns[i];
        const struct ovsdb_idl_column *c = db_class_column(table->class,
                                                           col->name);
        const struct ovsdb_datum *old = ovsdb_idl_read(row, c);
        struct ovsdb_datum datum;

        if (col->ownership == DB_OUR_KEYS) {
            db_datum_our_keys(&datum, old);
        } else {
            ovsdb_datum_clone(&datum, old);
        }
        plan_row_take_datum(new, col->name, &c->type, &datum);
        ovsdb_datum_destroy(&datum, &c->type);
    }
    free(key);
    return new;
}
