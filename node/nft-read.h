/* SPDX-License-Identifier: Apache-2.0 */

/* Reading our nftables table (plan/machine/machine-chain.h, machine-set.h).
 *
 * node/kind-nft.c uses this; it writes nothing. */

#ifndef NODE_NFT_READ_H
#define NODE_NFT_READ_H 1

#include "openvswitch/compiler.h"
#include "plan/machine/machine-set.h"

struct nlmsghdr;
struct smap;

/* Adds all of the table to 'objects', which are empty.  What is not of a form
 * that we make becomes something that nobody wants.  Without the table there
 * is nothing.  Returns NULL, or an error that the caller frees; then there is
 * nothing, too. */
char *nft_read(struct machine_objects *objects) OVS_WARN_UNUSED_RESULT;

/* Adds what one message of an answer to that says, but for the table itself
 * and the elements of sets. */
void nft_read_message(const struct nlmsghdr *, struct machine_objects *);

/* Makes '*set', which the caller destroys, a timed set with the elements that
 * it has; none if it is not there. */
char *nft_read_timed(enum machine_set_id, enum ip_family,
                     struct machine_set *set) OVS_WARN_UNUSED_RESULT;

/* Adds what each counter has counted, in packets, to 'counters': of both
 * families together, under the name without the digit at its end. */
char *nft_read_counters(struct smap *counters) OVS_WARN_UNUSED_RESULT;

#endif /* node/nft-read.h */
