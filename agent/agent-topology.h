/* SPDX-License-Identifier: Apache-2.0 */

/* Is the topology that OVN_Northbound has complete?
 *
 * A database that is restored, or filled anew by its CMS, may come in several
 * transactions: the cluster router first, its ports and the nodes' switches
 * later.  Who planned in between would take away the hosts of all services.
 * So when all is lost, nothing is planned until each node that was there is
 * there again, or nothing came for AGENT_TOPOLOGY_PATIENCE_MS, or the user
 * says that it will not come ("accept-empty").  A network in which nothing is
 * in force yet is not waited for.
 *
 * Used by agent.c and agent-plan.c. */

#ifndef AGENT_TOPOLOGY_H
#define AGENT_TOPOLOGY_H 1

#include <stdbool.h>
#include <stddef.h>

#include "simap.h"

struct agent;

#define AGENT_TOPOLOGY_PATIENCE_MS 30000

struct agent_topology {
    struct simap nodes;         /* Name to what there was of it (a set of bits)
                                 * when it was planned last. */
    size_t n_networks;          /* Likewise, of the router. */
    bool lost;                  /* All was, and it is not complete again. */
    bool accepted;              /* The user says that no more will come. */
    size_t n_missing;           /* The fewest so far. */
    long long int until;        /* No longer than that, in ms; 0 if the router
                                 * is not there. */
};

void agent_topology_init(struct agent_topology *);
void agent_topology_destroy(struct agent_topology *);

/* Returns why it must not be planned from, with 'n_rows' in force, or NULL;
 * the caller frees it. */
char *agent_topology_hindrance(struct agent *, size_t n_rows);

/* Notes that the plan is made from it. */
void agent_topology_accept(struct agent *);

/* Says to wait no longer.  Returns false if nothing is waited for. */
bool agent_topology_give_up(struct agent *);

/* Wakes up when it is not waited for any longer. */
void agent_topology_wait(const struct agent *);

#endif /* agent/agent-topology.h */
