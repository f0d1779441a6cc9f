/* SPDX-License-Identifier: Apache-2.0 */

/* BGP sessions as bgpd shows them: what to ask, and the replies as values.
 *
 * frr-sessions.c asks; nothing here does I/O. */

#ifndef NODE_FRR_READ_H
#define NODE_FRR_READ_H 1

#include <stdbool.h>
#include <stddef.h>

#include "intent/ip.h"
#include "simap.h"
#include "sset.h"

/* A neighbor of whom the state is wanted. */
struct frr_neighbor {
    char *vrf;                  /* "" is the default one. */
    char *name;                 /* Address or interface. */
    bool families[IP_N_FAMILIES];       /* Carried. */
    bool graceful;              /* It may keep routes when bgpd is gone. */
    struct sset wanted;         /* Prefixes to tell it. */
    struct simap meds;          /* The MED of those that have a rank... */
    struct simap paths;         /* ...and the length of their AS paths. */

    /* Read. */
    bool known;                 /* The rest is how it is. */
    bool lost;                  /* bgpd's summary could not be read. */
    char *state;                /* "Established", "Active", ...; "" if bgpd
                                 * does not know the neighbor. */
    struct simap told;          /* Prefixes that it was told, with MED... */
    struct simap told_paths;    /* ...and with the length of the AS path, but
                                 * for what FRR adds when it tells it. */
    bool mapped;                /* It is told IPv4 next hops of IPv6. */
    char *local;                /* Our address, or "". */

    /* For frr-heal.c. */
    long long int bad_since;    /* LLONG_MAX if it is good. */
    long long int heal_next;
    int heal_interval;          /* ms. */
};

struct frr_neighbors {
    struct frr_neighbor *items;
    size_t n;
};

void frr_neighbors_destroy(struct frr_neighbors *);

/* True if there is a session. */
bool frr_neighbor_is_up(const struct frr_neighbor *);

/* True if it was told 'prefix' as it should be. */
bool frr_neighbor_is_told(const struct frr_neighbor *, const char *prefix);

/* True if it was told what it should be, and nothing else. */
bool frr_neighbor_is_good(const struct frr_neighbor *);

/* What asks for the sessions of the VRF of 'n', for what it was told, and for
 * the rest.  The caller frees them. */
char *frr_summary_command(const struct frr_neighbor *n);
char *frr_told_command(const struct frr_neighbor *n, enum ip_family);
char *frr_details_command(const struct frr_neighbor *n);

/* Take the reply to one of these.  They return false, and change nothing, if
 * it cannot be understood.
 *
 * The first sets the state of the neighbors in the same VRF as 'n'; the second
 * adds to 'told' and 'paths'. */
bool frr_read_summary(const char *reply, struct frr_neighbors *,
                      const struct frr_neighbor *n);
bool frr_read_told(const char *reply, struct simap *told,
                   struct simap *paths);
bool frr_read_details(const char *reply, struct frr_neighbor *n);

#endif /* node/frr-read.h */
