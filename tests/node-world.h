/* SPDX-License-Identifier: Apache-2.0 */

/* Random work for a host, for tests/test-node.c: policies and services that
 * come, change, and go, want the same things, and move things to and fro. */

#ifndef NODE_WORLD_H
#define NODE_WORLD_H 1

#include "plan/machine/machine.h"

#define NODE_WORLD_POLICIES 3
#define NODE_WORLD_SERVICES 8

struct node_world {
    struct smap options;
    struct machine_options machine_options;
    struct machine_policy policies[NODE_WORLD_POLICIES];
    struct machine_service services[NODE_WORLD_SERVICES];
    struct machine_input in;       /* Without facts. */
};

/* Makes work, by random_uint32(). */
void node_world_init(struct node_world *);
void node_world_destroy(struct node_world *);

/* Changes one thing. */
void node_world_change(struct node_world *);

/* Returns a random number less than 'n'. */
unsigned int node_rnd(unsigned int n);

#endif /* tests/node-world.h */
