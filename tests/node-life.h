/* SPDX-License-Identifier: Apache-2.0 */

/* Hosts, which are network namespaces, and the lives of reconcilers in them:
 * for tests/test-node.c and tests/test-node-faults.c.  As root, on a kernel
 * with VRF.
 *
 * Every host begins with the same links and objects of others, so that losing
 * one of those is a difference. */

#ifndef NODE_LIFE_H
#define NODE_LIFE_H 1

#include <stdbool.h>

struct node_world;

/* Makes a host and enters it.  Returns a file descriptor for
 * node_host_enter(). */
int node_host_create(void);
void node_host_enter(int host);

/* Returns all that a reconciler may make or break here, as text in which equal
 * hosts look equal.  The caller frees it. */
char *node_host_show(void);

/* What came of a reconciler's life. */
struct node_life {
    bool matches;
    unsigned int n_changes;
    char errors[1024];          /* "ORIGIN: MESSAGE\n" of each. */
};

/* Reconciles here, once, in a process of its own: what it is killed with is
 * lost, and its sockets are of this host.  Kills it after 'max_usec' at the
 * latest, if that is not negative.  Returns false if it was killed. */
bool node_live(struct node_world *, int max_usec, struct node_life *);

/* Lives, and ends the program with 'when' unless the kernel matches after
 * that.  Returns the number of changes. */
unsigned int node_live_well(struct node_world *, const char *when);

/* Compares 'host', where we are, with a new one that is given just 'w'.  Ends
 * the program with 'when' if they differ. */
void node_host_compare(struct node_world *w, int host, const char *when);

#endif /* tests/node-life.h */
