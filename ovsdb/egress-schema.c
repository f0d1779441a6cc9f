/* SPDX-License-Identifier: Apache-2.0 */

/* The age of OVN_Egress's schema: see the header. */

#include <config.h>

#include "ovsdb/egress-schema.h"

#include <stdlib.h>

#include "ovsdb-idl-provider.h"
#include "ovsdb-idl.h"
#include "ovsdb/egress-idl.h"
#include "util.h"

const struct ovsdb_idl_table_class *const egress_schema_work[] = {
    &egressrec_table_node,
    &egressrec_table_node_service,
    &egressrec_table_node_policy,
    &egressrec_table_node_peer,
    &egressrec_table_ingress_port,
    NULL,
};

/* Returns the first column of 'table' that the database of 'idl' lacks, or
 * NULL if it has all, or nothing of the table. */
static const struct ovsdb_idl_column *
find_lacking(const struct ovsdb_idl *idl,
             const struct ovsdb_idl_table_class *table)
{
    if (!ovsdb_idl_server_has_table(idl, table)) {
        return NULL;
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

static char *
format_lack(const char *what, const char *column)
{
    return xasprintf("the database OVN_Egress has an older schema than this "
                     "program, without %s%s%s; \"ovn-egress-ctl "
                     "restart_ovsdb\" of this version converts it", what,
                     *column ? ":" : "", column);
}

char *
egress_schema_why_not(const struct ovsdb_idl *idl,
                      const struct ovsdb_idl_table_class *const *needed)
{
    for (size_t i = 0; needed && needed[i]; i++) {
        if (!ovsdb_idl_server_has_table(idl, needed[i])) {
            return format_lack(needed[i]->name, "");
        }
    }
    for (size_t i = 0; i < egressrec_idl_class.n_tables; i++) {
        const struct ovsdb_idl_table_class *table
            = &egressrec_idl_class.tables[i];
        const struct ovsdb_idl_column *column = find_lacking(idl, table);

        if (column) {
            return format_lack(table->name, column->name);
        }
    }
    return NULL;
}
