/* SPDX-License-Identifier: Apache-2.0 */

/* Rows of a database from text: see the header. */

#include <config.h>

#include "tests/fuzz/fuzz-rows.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "ovsdb-data.h"
#include "ovsdb-idl-provider.h"
#include "ovsdb-idl.h"
#include "util.h"

#define MAX_ROWS 64

struct rows {
    struct ovsdb_idl_txn *txn;
    const struct ovsdb_idl_class *class;
    const struct ovsdb_idl_row *rows[MAX_ROWS];
    size_t n;
};

static void
begin_row(struct rows *rows, const char *table)
{
    for (size_t i = 0; i < rows->class->n_tables; i++) {
        const struct ovsdb_idl_table_class *t = &rows->class->tables[i];

        if (!strcmp(t->name, table) && rows->n < MAX_ROWS) {
            rows->rows[rows->n++] = ovsdb_idl_txn_insert(rows->txn, t, NULL);
        }
    }
}

/* Appends 'value' with the UUIDs of rows in place of "@N". */
static void
expand(const struct rows *rows, const char *value, struct ds *s)
{
    while (*value) {
        if (*value == '@' && isdigit((unsigned char) value[1])) {
            char *end;
            unsigned long int i = strtoul(value + 1, &end, 10);

            if (i < rows->n) {
                ds_put_format(s, UUID_FMT, UUID_ARGS(&rows->rows[i]->uuid));
            }
            value = end;
        } else {
            ds_put_char(s, *value++);
        }
    }
}

static void
set_column(const struct rows *rows, const char *name, const char *value)
{
    const struct ovsdb_idl_row *row = rows->rows[rows->n - 1];
    const struct ovsdb_idl_table_class *class = row->table->class_;
    struct ovsdb_symbol_table *symbols = ovsdb_symbol_table_create();
    struct ds s = DS_EMPTY_INITIALIZER;

    expand(rows, value, &s);
    for (size_t i = 0; i < class->n_columns; i++) {
        const struct ovsdb_idl_column *c = &class->columns[i];

        if (!strcmp(c->name, name)) {
            struct ovsdb_datum datum;
            char *error = ovsdb_datum_from_string(&datum, &c->type,
                                                  ds_cstr(&s), symbols);
            if (!error) {
                ovsdb_idl_txn_write(row, c, &datum);
            }
            free(error);
        }
    }
    ovsdb_symbol_table_destroy(symbols);
    ds_destroy(&s);
}

void
fuzz_rows_insert(struct ovsdb_idl_txn *txn,
                 const struct ovsdb_idl_class *class, const uint8_t *data,
                 size_t size)
{
    char *text = xmemdup0((const char *) data, size);
    struct rows rows = { .txn = txn, .class = class };
    char *save = NULL;

    for (char *line = strtok_r(text, "\n", &save); line;
         line = strtok_r(NULL, "\n", &save)) {
        char *value = strchr(line, ' ');

        if (*line == '+') {
            begin_row(&rows, line + 1);
        } else if (value && rows.n) {
            *value++ = '\0';
            set_column(&rows, line, value);
        }
    }
    free(text);
}
