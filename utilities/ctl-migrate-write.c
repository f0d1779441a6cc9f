/* SPDX-License-Identifier: Apache-2.0 */

/* Writes to OVN_Northbound, and only what ovn-kubernetes has there for its own
 * EgressService: see the header.  Everything is one transaction. */

#include <config.h>
#include "utilities/ctl-migrate.h"

#include <stdlib.h>
#include <string.h>

#include "ovsdb-idl.h"
#include "smap.h"
#include "util.h"

#include "ovsdb/nb-idl.h"
#include "utilities/ctl-session.h"

/* Commits 'txn', which it destroys. */
static char * OVS_WARN_UNUSED_RESULT
commit(struct ovsdb_idl_txn *txn)
{
    enum ovsdb_idl_txn_status status;
    char *error = NULL;

    if (session_is_dry_run()) {
        ovsdb_idl_txn_set_dry_run(txn);
    }
    status = ovsdb_idl_txn_commit_block(txn);
    if (status != TXN_SUCCESS && status != TXN_UNCHANGED) {
        error = xasprintf("OVN_Northbound: %s (%s)",
                          ovsdb_idl_txn_status_to_string(status),
                          ovsdb_idl_txn_get_error(txn));
    }
    ovsdb_idl_txn_destroy(txn);
    return error;
}

static struct ovsdb_idl_txn *
begin(void)
{
    struct ovsdb_idl_txn *txn = ovsdb_idl_txn_create(session_northbound());

    ovsdb_idl_txn_add_comment(txn, "ovn-egressctl migrate");
    return txn;
}

static bool
has_address(const struct nbrec_address_set *as, const char *ip)
{
    for (size_t i = 0; i < as->n_addresses; i++) {
        if (!strcmp(as->addresses[i], ip)) {
            return true;
        }
    }
    return false;
}

char *
migration_take_over(const struct migration *m)
{
    struct ovsdb_idl_txn *txn = begin();

    for (size_t i = 0; i < m->n_policies; i++) {
        const struct migrate_policy *p = &m->policies[i];

        /* What was judged must be what is deleted. */
        nbrec_logical_router_policy_verify_match(p->row);
        nbrec_logical_router_policy_verify_nexthops(p->row);
        nbrec_logical_router_policy_verify_external_ids(p->row);
        nbrec_logical_router_update_policies_delvalue(m->router, p->row);
        for (size_t j = 0; j < m->n_sets; j++) {
            if (has_address(m->sets[j], p->ip)) {
                nbrec_address_set_update_addresses_delvalue(m->sets[j],
                                                            p->ip);
            }
        }
    }
    return commit(txn);
}

/* Makes the policy for 'e' that ovn-kubernetes would make, and would keep. */
static void
make_policy(const struct migration *m, const struct migrate_endpoint *e,
            struct ovsdb_idl_txn *txn)
{
    const struct nbrec_logical_router_policy *row
        = nbrec_logical_router_policy_insert(txn);
    const char *next_hop = e->next_hop;
    bool v6 = strchr(e->ip, ':') != NULL;
    char *match = xasprintf("%s.src == %s", v6 ? "ip6" : "ip4", e->ip);
    char *owner = xasprintf("%s%s", e->service, e->local ? "" : ":ic");
    struct smap ids = SMAP_CONST1(&ids, "EgressSVC", owner);

    nbrec_logical_router_policy_set_priority(row, 101);
    nbrec_logical_router_policy_set_match(row, match);
    nbrec_logical_router_policy_set_action(row, "reroute");
    nbrec_logical_router_policy_set_nexthops(row, &next_hop, 1);
    nbrec_logical_router_policy_set_external_ids(row, &ids);
    nbrec_logical_router_update_policies_addvalue(m->router, row);
    for (size_t i = 0; e->local && i < m->n_sets; i++) {
        const char *family = smap_get_def(&m->sets[i]->external_ids,
                                          "ip-family", "");

        if (!strcmp(family, v6 ? "v6" : "v4")
            && !has_address(m->sets[i], e->ip)) {
            nbrec_address_set_update_addresses_addvalue(m->sets[i], e->ip);
        }
    }
    free(owner);
    free(match);
}

char *
migration_give_back(const struct migration *m)
{
    struct ovsdb_idl_txn *txn = begin();

    for (size_t i = 0; i < m->n_endpoints; i++) {
        if (!m->endpoints[i].twin) {
            make_policy(m, &m->endpoints[i], txn);
        }
    }
    return commit(txn);
}
