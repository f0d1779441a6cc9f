/* SPDX-License-Identifier: Apache-2.0 */

/* Fuzz target: anything as rows of OVN_Egress (fuzz-rows.h), as the helper of
 * node "n" reads them, and what the host and FRR then should have. */

#include <config.h>
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#include "node/peers.h"
#include "node/trial.h"
#include "node/work.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "ovsdb-idl.h"
#include "ovsdb/egress-idl.h"
#include "plan/machine/machine.h"
#include "tests/fuzz/fuzz-rows.h"

/* Builds what the kernel should hold, and says what announcements hold. */
static void
build(const struct work *work, struct peers *peers)
{
    struct machine_input in = *work_get_input(work);
    struct ds s = DS_EMPTY_INITIALIZER;
    struct machine_facts facts;
    struct machine host;

    machine_facts_init(&facts);
    in.facts = &facts;
    machine_build(&in, &host);
    for (size_t i = 0; i < host.want.n; i++) {
        machine_object_format(host.want.items[i], &s);
    }
    for (size_t i = 0; i < in.n_services; i++) {
        free(peers_hold(peers, &in.services[i]));
    }
    peers_format(peers, &s);
    machine_destroy(&host);
    machine_facts_destroy(&facts);
    ds_destroy(&s);
}

static void
fuzz_node(const uint8_t *data, size_t size)
{
    struct ovsdb_idl *idl = ovsdb_idl_create_unconnected(&egressrec_idl_class,
                                                         true);
    struct peers *peers = peers_create(idl, "n", NULL);
    struct trial *trial = trial_create(0, 0);
    struct work *work = work_create(idl, "n", trial);
    struct ovsdb_idl_txn *txn = ovsdb_idl_txn_create(idl);

    vlog_set_levels(NULL, VLF_CONSOLE, VLL_OFF);
    fuzz_rows_insert(txn, &egressrec_idl_class, data, size);
    if (!egressrec_egress_global_first(idl)) {
        egressrec_egress_global_insert(txn);
    }
    /* The second time, with the services that it has. */
    for (int i = 0; i < 2; i++) {
        peers_collect(peers);
        work_collect(work, i, true, peers);
        build(work, peers);
    }
    ovsdb_idl_txn_abort(txn);
    ovsdb_idl_txn_destroy(txn);
    work_destroy(work);
    trial_destroy(trial);
    peers_destroy(peers);
    ovsdb_idl_destroy(idl);
}

EGRESS_FUZZ("node", fuzz_node)
