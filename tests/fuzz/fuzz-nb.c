/* SPDX-License-Identifier: Apache-2.0 */

/* Fuzz target: anything as rows of OVN_Northbound (fuzz-rows.h), and what we
 * take from them about the topology. */

#include <config.h>
#include "tests/fuzz/fuzz.h"

#include "openvswitch/dynamic-string.h"
#include "ovsdb-idl.h"
#include "ovsdb/nb-idl.h"
#include "ovsdb/nb-topology.h"
#include "plan/plan.h"
#include "tests/fuzz/fuzz-rows.h"

static void
fuzz_nb(const uint8_t *data, size_t size)
{
    struct ovsdb_idl *idl = ovsdb_idl_create_unconnected(&nbrec_idl_class,
                                                         true);
    struct ovsdb_idl_txn *txn = ovsdb_idl_txn_create(idl);
    struct ds s = DS_EMPTY_INITIALIZER;
    struct plan_nb nb;

    fuzz_rows_insert(txn, &nbrec_idl_class, data, size);
    plan_nb_init(&nb);
    nb_topology_build(idl, "ovn_cluster_router", &nb);
    nb_topology_format(&nb, &s);
    plan_nb_destroy(&nb);
    ds_destroy(&s);
    ovsdb_idl_txn_abort(txn);
    ovsdb_idl_txn_destroy(txn);
    ovsdb_idl_destroy(idl);
}

EGRESS_FUZZ("nb", fuzz_nb)
