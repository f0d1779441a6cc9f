/* SPDX-License-Identifier: Apache-2.0 */

/* What a node says of itself.  See beat.h. */

#include <config.h>

#include "node/beat.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/version.h"
#include "node/facts.h"
#include "node/guard.h"
#include "ovsdb-idl.h"
#include "ovsdb/egress-idl.h"
#include "smap.h"
#include "sset.h"

/* Writes what differs.  Without the table nothing is known, and what was
 * counted last stays. */
static void
set_counters(const struct egressrec_node *node, const struct simap *counters)
{
    const struct simap_node **nodes = simap_sort(counters);
    size_t n = simap_count(counters);
    const char **keys = xcalloc(n + 1, sizeof *keys);
    int64_t *values = xcalloc(n + 1, sizeof *values);
    bool same = n == node->n_counters;

    for (size_t i = 0; i < n; i++) {
        keys[i] = nodes[i]->name;
        values[i] = nodes[i]->data;
        same = (same && !strcmp(keys[i], node->key_counters[i])
                && values[i] == node->value_counters[i]);
    }
    if (n && !same) {
        egressrec_node_set_counters(node, keys, values, n);
    }
    free(nodes);
    free(keys);
    free(values);
}

void
beat_write(struct ovsdb_idl *idl, const char *name, struct ovsdb_idl_txn *txn,
           long long int wall, const char *condition, const char *kept,
           const struct guard_report *guard)
{
    const struct egressrec_node *node;
    char hostname[HOST_NAME_MAX + 1] = "";

    gethostname(hostname, sizeof hostname - 1);
    EGRESSREC_NODE_FOR_EACH (node, idl) {
        struct sset addresses = SSET_INITIALIZER(&addresses);
        struct smap conditions = SMAP_INITIALIZER(&conditions);

        if (!txn || strcmp(node->name, name)) {
            continue;
        }
        if (!facts_read_addresses(&addresses)) {
            const char **array = sset_sort(&addresses);

            egressrec_node_set_addresses(node, array,
                                         sset_count(&addresses));
            free(array);
        }
        smap_add(&conditions, "Programmed", condition);
        if (*kept) {
            smap_add(&conditions, "Kept", kept);
        }
        if (*guard->dropped) {
            smap_add(&conditions, "Dropped", guard->dropped);
        }
        set_counters(node, &guard->counters);
        egressrec_node_set_conditions(node, &conditions);
        egressrec_node_set_hostname(node, hostname);
        egressrec_node_set_version(node, egress_version);
        egressrec_node_set_heartbeat(node, wall);
        smap_destroy(&conditions);
        sset_destroy(&addresses);
    }
}

int64_t
beat_get(const struct ovsdb_idl *idl, const char *name)
{
    const struct egressrec_node *node;

    EGRESSREC_NODE_FOR_EACH (node, idl) {
        if (!strcmp(node->name, name)) {
            return node->heartbeat;
        }
    }
    return INT64_MAX;
}
