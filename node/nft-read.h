/* SPDX-License-Identifier: Apache-2.0 */

/* Reading our nftables table as rows (plan/machine/machine.h,
 * plan/machine/machine-nft.h).
 *
 * node/kind-nft.c uses this; it writes nothing. */

#ifndef NODE_NFT_READ_H
#define NODE_NFT_READ_H 1

#include "openvswitch/compiler.h"
#include "plan/rows/row.h"

struct ofpbuf;
struct smap;

/* The one element of a map or set that is of the wrong type. */
#define NFT_WRONG_TYPE "?"

/* Adds all of the table to 'rows': tables "nft" and "nft-map".  What is not of
 * a form that we make becomes a row of "nft" that nobody wants.  Without the
 * table there are no rows.  Returns NULL, or an error that the caller frees;
 * then 'rows' is as it was. */
char *nft_read(struct plan_rows *rows) OVS_WARN_UNUSED_RESULT;

/* The same from 'messages', which it takes away, as the kernel answers with,
 * but for the table itself and the elements of sets. */
void nft_read_messages(struct ofpbuf *messages, struct plan_rows *rows);

/* Adds the elements of the timed set 'name', with their remaining time in
 * milliseconds, to 'elements'; none if it is not there. */
char *nft_read_timed(const char *name, struct smap *elements)
    OVS_WARN_UNUSED_RESULT;

/* Adds what each counter has counted, in packets, to 'counters': of both
 * families together, under the name without the digit at its end. */
char *nft_read_counters(struct smap *counters) OVS_WARN_UNUSED_RESULT;

#endif /* node/nft-read.h */
