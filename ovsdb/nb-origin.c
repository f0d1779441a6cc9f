/* SPDX-License-Identifier: Apache-2.0 */

/* See the header. */

#include <config.h>

#include "ovsdb/nb-origin.h"

#include <stdlib.h>

#include "openvswitch/uuid.h"
#include "ovsdb/nb-idl.h"
#include "smap.h"
#include "util.h"
#include "uuid.h"

#define KEY "ovn-egress-database"

void
nb_origin_register(struct ovsdb_idl *idl)
{
    ovsdb_idl_add_column(idl, &nbrec_nb_global_col_external_ids);
}

bool
nb_origin_get(const struct ovsdb_idl *idl, struct uuid *id)
{
    const struct nbrec_nb_global *row = nbrec_nb_global_first(idl);

    return row && uuid_from_string(id, smap_get_def(&row->external_ids, KEY,
                                                    ""));
}

bool
nb_origin_set(const struct ovsdb_idl *idl, const struct uuid *id)
{
    const struct nbrec_nb_global *row = nbrec_nb_global_first(idl);
    struct uuid old;

    if (!row || (nb_origin_get(idl, &old) && uuid_equals(&old, id))) {
        return false;
    }

    char *text = xasprintf(UUID_FMT, UUID_ARGS(id));
    nbrec_nb_global_update_external_ids_setkey(row, KEY, text);
    free(text);
    return true;
}
