/* SPDX-License-Identifier: Apache-2.0 */

/* May the rows of OVN_Egress be taken for the node's orders?  See the
 * header. */

#include <config.h>

#include "node/work-database.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/uuid.h"
#include "ovsdb-idl.h"
#include "ovsdb/egress-idl.h"
#include "ovsdb/egress-publish.h"
#include "ovsdb/egress-schema.h"
#include "smap.h"
#include "util.h"

void
work_database_register(struct ovsdb_idl *idl)
{
    const struct ovsdb_idl_column *const columns[] = {
        &egressrec_egress_global_col_effective,
        &egressrec_egress_global_col_options,
        &egressrec_egress_global_col_status,
        &egressrec_egress_global_col_external_ids,
    };

    for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
        ovsdb_idl_add_column(idl, columns[i]);
    }
}

/* True if the agent has said that 'row' is in place of 'known'. */
static bool
is_successor(const struct egressrec_egress_global *row,
             const struct uuid *known)
{
    const char *text = smap_get(&row->external_ids, EGRESS_FORMER_KEY);
    struct uuid former;

    return (text && uuid_from_string(&former, text)
            && uuid_equals(&former, known));
}

const char *
work_database_hindrance(const struct ovsdb_idl *idl, const struct uuid *known)
{
    const struct egressrec_egress_global *row
        = egressrec_egress_global_first(idl);
    bool knows_us = egressrec_node_first(idl) != NULL;
    char *why_not = egress_schema_why_not(idl, egress_schema_work);

    free(why_not);
    if (why_not) {
        return "the database has an older schema than this program; "
               "\"ovn-egress-ctl restart_ovsdb\" of this version converts it";
    } else if (!row || smap_is_empty(&row->effective)) {
        return "the database is empty";
    } else if (uuid_is_zero(known)) {
        return knows_us ? NULL : "the database does not know this node";
    } else if (uuid_equals(&row->header_.uuid, known)) {
        return NULL;
    } else if (smap_get(&row->status, "hold")) {
        return "it is another database than before, and the agent waits "
               "(see \"ovn-egressctl status\")";
    } else if (!knows_us && !is_successor(row, known)) {
        return "it is another database than before, which does not know "
               "this node";
    }
    return NULL;
}

void
work_database_accept(const struct ovsdb_idl *idl, struct uuid *known)
{
    *known = egressrec_egress_global_first(idl)->header_.uuid;
}
