/* SPDX-License-Identifier: Apache-2.0 */

/* The age of OVN_Egress's schema: see the header. */

#include <config.h>

#include "ovsdb/egress-schema.h"

#include <stdlib.h>

#include "ovsdb-idl-provider.h"
#include "ovsdb-idl.h"
#include "ovsdb/egress-idl.h"
#include "util.h"

/* Returns the first column of 'table' that the database of 'idl' lacks, or
 * NULL if it has all.  Tables of which the program wants nothing do not
 * count. */
static const struct ovsdb_idl_column *
find_lacking(const struct ovsdb_idl *idl,
             const struct ovsdb_idl_table_class *table)
{
    if (!ovsdb_idl_server_has_table(idl, table)) {
        return NULL;            /* Or nobody has asked for it. */
    }
    for (size_t i = 0; i < table->n_columns; i++) {
        const struct ovsdb_idl_column *column = &table->columns[i];

        if (!column->is_synthetic
            && !ovsdb_idl_server_has_column(idl, column)) {
            return column;
        }
    }
    return NULL;
}

char *
egress_schema_why_not(const struct ovsdb_idl *idl)
{
    for (size_t i = 0; i < egressrec_idl_class.n_tables; i++) {
        const struct ovsdb_idl_table_class *table
            = &egressrec_idl_class.tables[i];
        const struct ovsdb_idl_column *column = find_lacking(idl, table);

        if (column) {
            return xasprintf("the database OVN_Egress has an older schema "
                             "than this program, without %s:%s; "
                             "\"ovn-egress-ctl restart_ovsdb\" of this "
                             "version converts it", table->name,
                             column->name);
        }
    }
    return NULL;
}
