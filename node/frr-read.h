/* SPDX-License-Identifier: Apache-2.0 */

/* What vtysh(1) says of a running FRR, as values: the configuration, and the
 * state of BGP sessions.  frr.c runs it; nothing here does I/O. */

#ifndef NODE_FRR_READ_H
#define NODE_FRR_READ_H 1

#include "openvswitch/shash.h"
#include "sset.h"
#include "svec.h"

/* A neighbor of whom the state is wanted. */
struct frr_neighbor {
    char *vrf;                  /* "" is the default one. */
    char *name;                 /* Address or interface. */
    bool families[2];           /* Of enum ip_family: carried. */
    struct sset wanted;         /* Prefixes to advertise; unused here. */

    /* Read. */
    char *state;                /* "Established", "Active", ...; "" if FRR
                                 * does not know it. */
    struct sset advertised;     /* Prefixes. */
};

struct frr_neighbors {
    struct frr_neighbor *items;
    size_t n;
};

void frr_neighbors_destroy(struct frr_neighbors *);

/* Returns the arguments of a vtysh that reads all of it: after 'argv', which
 * has the program and options. */
void frr_read_commands(const struct frr_neighbors *, struct svec *argv);

/* Takes apart what that vtysh wrote.  Sets '*running' to the configuration of
 * the daemons, which the caller frees, and the state of the neighbors.
 * Returns NULL, or what is missing for the configuration 'wanted'; then
 * nothing is set. */
char *frr_read_parse(const char *output, const char *wanted,
                     struct frr_neighbors *, char **running)
    OVS_WARN_UNUSED_RESULT;

#endif /* node/frr-read.h */
