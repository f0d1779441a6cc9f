/* SPDX-License-Identifier: Apache-2.0 */

/* "ovn-egress-test helper NODE DATABASE": plays the helper of NODE until it is
 * killed, for tests of the agent.  It says that it is alive, acknowledges all
 * that it is given, and has BGP sessions in which it advertises all of that.
 * The real one needs a kernel: the system tests run it. */

#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "openvswitch/poll-loop.h"
#include "ovsdb-idl.h"
#include "ovsdb/egress-idl.h"
#include "smap.h"
#include "tests/egress-test.h"
#include "timeval.h"
#include "util.h"

/* It does everything this often, in ms: not faster than a real one. */
#define PACE 300

static void
acknowledge_peer(const struct egressrec_node_peer *peer)
{
    const struct smap_node **nodes = smap_sort(&peer->announcements);
    size_t n = smap_count(&peer->announcements);
    const char **prefixes = xcalloc(n + 1, sizeof *prefixes);

    for (size_t i = 0; i < n; i++) {
        prefixes[i] = nodes[i]->key;
    }
    egressrec_node_peer_set_advertised(peer, prefixes, n);
    egressrec_node_peer_set_session(peer, "Established");
    egressrec_node_peer_set_acked(peer, peer->revision);
    free(prefixes);
    free(nodes);
}

/* Writes what the helper of 'name' has to say. */
static void
write_all(const struct ovsdb_idl *idl, const char *name)
{
    const struct egressrec_node_service *service;
    const struct egressrec_node_policy *policy;
    const struct egressrec_node_peer *peer;
    const struct egressrec_node *node;

    EGRESSREC_NODE_FOR_EACH (node, idl) {
        if (!strcmp(node->name, name)) {
            const char *address = "172.18.0.11";

            egressrec_node_set_heartbeat(node, time_wall_msec());
            egressrec_node_set_addresses(node, &address, 1);
        }
    }
    EGRESSREC_NODE_SERVICE_FOR_EACH (service, idl) {
        if (!strcmp(service->node, name)
            && strcmp(service->revision, service->acked)) {
            egressrec_node_service_set_acked(service, service->revision);
        }
    }
    EGRESSREC_NODE_POLICY_FOR_EACH (policy, idl) {
        if (!strcmp(policy->node, name)
            && strcmp(policy->revision, policy->acked)) {
            egressrec_node_policy_set_acked(policy, policy->revision);
        }
    }
    EGRESSREC_NODE_PEER_FOR_EACH (peer, idl) {
        if (!strcmp(peer->node, name)
            && strcmp(peer->revision, peer->acked)) {
            acknowledge_peer(peer);
        }
    }
}

static void
helper(struct ovs_cmdl_context *ctx)
{
    struct ovsdb_idl *idl = ovsdb_idl_create(
        ctx->argv[2], &egressrec_idl_class, true, true);
    long long int next = 0;

    ovsdb_idl_set_leader_only(idl, false);
    for (;;) {
        ovsdb_idl_run(idl);

        bool connected = ovsdb_idl_has_ever_connected(idl);
        if (connected && time_msec() >= next) {
            struct ovsdb_idl_txn *txn = ovsdb_idl_txn_create(idl);

            write_all(idl, ctx->argv[1]);
            ovsdb_idl_txn_commit_block(txn);
            ovsdb_idl_txn_destroy(txn);
            next = time_msec() + PACE;
        }
        ovsdb_idl_wait(idl);
        if (connected) {
            poll_timer_wait_until(next);
        }
        poll_block();
    }
}

EGRESS_TEST("helper", "NODE DATABASE", 2, 2, helper)
