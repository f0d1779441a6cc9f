/* SPDX-License-Identifier: Apache-2.0 */

/* What waits for our nftables table: see hold.h. */

#include <config.h>

#include "node/hold.h"

#include <string.h>

#include "openvswitch/json.h"
#include "ovsdb-data.h"
#include "plan/machine/machine-rule.h"
#include "plan/rows/row.h"
#include "util.h"

/* True if the guard hides 'ip'. */
static bool
is_hidden(const struct plan_rows *have, const struct in6_addr *ip)
{
    const struct plan_row *row = plan_rows_find(
        have, "nft-map", ip_family(ip) == IP_V4 ? "hidden4" : "hidden6");
    const struct plan_column *c = row ? plan_row_get(row, "elements") : NULL;
    char buf[IP_STRLEN];
    unsigned int pos;

    if (!c) {
        return false;
    }

    union ovsdb_atom atom = {
        .s = ovsdb_atom_string_create(ip_format(ip, buf))
    };
    bool found = ovsdb_datum_find_key(&c->datum, &atom, c->type.key.type,
                                      &pos);
    ovsdb_atom_destroy(&atom, OVSDB_TYPE_STRING);
    return found;
}

/* The guard need not know the replies of a node port: these have an ingress IP
 * when they leave, whoever undoes their translation. */
bool
hold_is_new_way(const struct plan_change *change,
                const struct plan_rows *have)
{
    struct machine_rule rule;

    if (strcmp(change->want->table, "source-rule")) {
        return false;
    }
    machine_rule_from_row(change->want, &rule);
    return (rule.action == INTENT_RULE_TABLE && !rule.sport
            && !(have && is_hidden(have, &rule.from.addr)));
}

/* A rule of a policy that has the number of one of ours waits with these. */
bool
hold_is_former_way(const struct plan_change *change)
{
    const char *table = change->have->table;
    struct machine_rule rule;

    if (strcmp(table, "rule") && strcmp(table, "source-rule")) {
        return !strcmp(table, "nft") || !strcmp(table, "nft-map");
    }
    machine_rule_from_row(change->have, &rule);
    return machine_rule_is_of_services(&rule);
}
