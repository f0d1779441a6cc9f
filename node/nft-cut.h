/* SPDX-License-Identifier: Apache-2.0 */

/* Connections that were cut: the sets "cut" of our nftables table.
 *
 * A connection that loses its source IP cannot go on under another: the other
 * end knows nothing of it.  So its endpoint and port go into one of these sets
 * for a time that the kernel keeps, before the kernel forgets the connection,
 * and a packet that is not the beginning of a new one is answered with a reset
 * of TCP (plan/machine/machine-nft.c), so that the endpoint knows.  A
 * connection that comes from another node with the source IP that it had goes
 * on.
 *
 * node/kind-nft.c says what is there; conntrack.c calls nft_cut_note(). */

#ifndef NODE_NFT_CUT_H
#define NODE_NFT_CUT_H 1

#include <stdbool.h>

#include "openvswitch/compiler.h"
#include "plan/machine/machine-set.h"

/* Says whether the table has the sets now, and for how long elements stay. */
void nft_cut_set(bool there, unsigned int seconds);

/* Adds who opened the connections that are about to be forgotten.  Without a
 * table there is no service either, and nothing to do. */
char *nft_cut_note(struct machine_set cut[IP_N_FAMILIES])
    OVS_WARN_UNUSED_RESULT;

#endif /* node/nft-cut.h */
