/* SPDX-License-Identifier: Apache-2.0 */

/* Fuzz target: anything as rows of OVN_Northbound, and what we take from them
 * about the topology.  A line "+TABLE" begins a row; a line "COLUMN VALUE"
 * sets a column of it, where "@N" is the UUID of row N, from 0. */

#include <config.h>
#include "tests/fuzz/fuzz.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "ovsdb-data.h"
#include "ovsdb-idl-provider.h"
#include "ovsdb-idl.h"
#include "ovsdb/nb-idl.h"
#include "ovsdb/nb-topology.h"
#include "plan/plan.h"
#include "util.h"

#define MAX_ROWS 64

struct rows {
    struct ovsdb_idl_txn *txn;
    const struct ovsdb_idl_row *rows[MAX_ROWS];
    size_t n;
};

static void
begin_row(struct rows *rows, const char *table)
{
    for (size_t i = 0; i < nbrec_idl_class.n_tables; i++) {
        const struct ovsdb_idl_table_class *class = &nbrec_idl_class.tables[i];

        if (!strcmp(class->name, table) && rows->n < MAX_ROWS) {
            rows->rows[rows->n++] = ovsdb_idl_txn_insert(rows->txn, class,
                                                         NULL);
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

static void
fuzz_nb(const uint8_t *data, size_t size)
{
    struct ovsdb_idl *idl = ovsdb_idl_create_unconnected(&nbrec_idl_class,
                                                         true);
    struct rows rows = { .txn = ovsdb_idl_txn_create(idl) };
    char *text = xmemdup0((const char *) data, size);
    struct ds s = DS_EMPTY_INITIALIZER;
    char *save = NULL;
    struct plan_nb nb;

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
    plan_nb_init(&nb);
    nb_topology_build(idl, "ovn_cluster_router", &nb);
    nb_topology_format(&nb, &s);
    plan_nb_destroy(&nb);
    ds_destroy(&s);
    free(text);
    ovsdb_idl_txn_abort(rows.txn);
    ovsdb_idl_txn_destroy(rows.txn);
    ovsdb_idl_destroy(idl);
}

EGRESS_FUZZ("nb", fuzz_nb)
