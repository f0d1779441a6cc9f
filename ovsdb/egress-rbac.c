/* SPDX-License-Identifier: Apache-2.0 */

/* What the helper of a node may write in OVN_Egress: see the header. */

#include <config.h>

#include "ovsdb/egress-rbac.h"

#include <stdlib.h>
#include <string.h>

#include "ovsdb-idl.h"
#include "ovsdb/egress-idl.h"
#include "util.h"

#define MAX_UPDATE 6

/* Clients with the role may update these columns, in rows where the column
 * 'authorization' is the name in their certificate. */
struct permission {
    const char *table;
    const char *authorization;
    const char *update[MAX_UPDATE];
    size_t n_update;
};

static const struct permission permissions[] = {
    { "Node", "name",
      { "hostname", "version", "addresses", "heartbeat", "conditions",
        "counters" }, 6 },
    { "Node_Peer", "node", { "acked", "error", "session", "advertised" }, 4 },
    { "Node_Policy", "node", { "acked", "error" }, 2 },
    { "Node_Service", "node", { "acked", "error" }, 2 },
};

void
egress_rbac_register(struct ovsdb_idl *idl)
{
    for (size_t i = 0; i < EGRESSREC_RBAC_ROLE_N_COLUMNS; i++) {
        ovsdb_idl_add_column(idl, &egressrec_rbac_role_columns[i]);
    }
    for (size_t i = 0; i < EGRESSREC_RBAC_PERMISSION_N_COLUMNS; i++) {
        ovsdb_idl_add_column(idl, &egressrec_rbac_permission_columns[i]);
    }
}

static const struct egressrec_rbac_role *
find_role(const struct ovsdb_idl *idl)
{
    const struct egressrec_rbac_role *role;

    EGRESSREC_RBAC_ROLE_FOR_EACH (role, idl) {
        if (!strcmp(role->name, EGRESS_NODE_ROLE)) {
            return role;
        }
    }
    return NULL;
}

static struct egressrec_rbac_permission *
find_permission(const struct egressrec_rbac_role *role, const char *table)
{
    for (size_t i = 0; role && i < role->n_permissions; i++) {
        if (!strcmp(role->key_permissions[i], table)) {
            return role->value_permissions[i];
        }
    }
    return NULL;
}

static bool
has_all(char **have, size_t n_have, const char *const *want, size_t n_want)
{
    for (size_t i = 0; i < n_want; i++) {
        size_t j = 0;

        while (j < n_have && strcmp(have[j], want[i])) {
            j++;
        }
        if (j >= n_have) {
            return false;
        }
    }
    return n_have == n_want;
}

static bool
permission_is_right(const struct egressrec_rbac_permission *row,
                    const struct permission *p)
{
    return (!strcmp(row->table, p->table)
            && !row->insert_delete
            && has_all(row->authorization, row->n_authorization,
                       &p->authorization, 1)
            && has_all(row->update, row->n_update, p->update, p->n_update));
}

static void
write_permission(const struct egressrec_rbac_permission *row,
                 const struct permission *p)
{
    const char *authorization = p->authorization;
    const char *update[MAX_UPDATE];

    memcpy(update, p->update, sizeof update);
    egressrec_rbac_permission_set_table(row, p->table);
    egressrec_rbac_permission_set_authorization(row, &authorization, 1);
    egressrec_rbac_permission_set_update(row, update, p->n_update);
    egressrec_rbac_permission_set_insert_delete(row, false);
}

bool
egress_rbac_apply(struct ovsdb_idl_txn *txn, const struct ovsdb_idl *idl)
{
    const struct egressrec_rbac_role *role = find_role(idl);
    bool changed = false;

    for (size_t i = 0; i < ARRAY_SIZE(permissions); i++) {
        const struct permission *p = &permissions[i];
        struct egressrec_rbac_permission *row = find_permission(role,
                                                                p->table);

        if (row && permission_is_right(row, p)) {
            continue;
        }
        changed = true;
        if (!role) {
            role = egressrec_rbac_role_insert(txn);
            egressrec_rbac_role_set_name(role, EGRESS_NODE_ROLE);
        }
        if (!row) {
            row = egressrec_rbac_permission_insert(txn);
            egressrec_rbac_role_update_permissions_setkey(role, p->table, row);
        }
        write_permission(row, p);
    }
    return changed;
}
