/* SPDX-License-Identifier: Apache-2.0 */

/* The values in elements of nftables' maps and sets, as the bytes in messages,
 * where several parts in a row each begin at a multiple of four bytes.
 *
 * node/nft-set.c uses this.  No I/O. */

#ifndef NODE_NFT_VALUE_H
#define NODE_NFT_VALUE_H 1

#include <stddef.h>
#include <stdint.h>

#include "plan/machine/machine-set.h"

struct nl_msg;

/* Room for the bytes of any form. */
#define NFT_VALUE_MAX (3 * 16)

/* The length in bytes.  An address is what a range begins with. */
size_t nft_value_len(enum machine_form, enum ip_family);

/* The number by which nft(8) knows the type.  The kernel only keeps it, so
 * that "nft list" can print the elements. */
uint32_t nft_value_type(enum machine_form, enum ip_family);

/* Converts a value to bytes, of nft_value_len(), and back.  Not for marks. */
void nft_value_put(enum machine_form, enum ip_family,
                   const struct machine_value *, uint8_t *bytes);
void nft_value_get(enum machine_form, enum ip_family, const uint8_t *bytes,
                   struct machine_value *);

/* Appends an attribute NFTA_SET_USERDATA, for a map from MACHINE_SLOT to
 * MACHINE_ADDRESS_PORT, to 'msg': without it nft(8) can print the map, but
 * not read what it printed, for a plain number has no type there. */
void nft_value_put_typeof(struct nl_msg *msg, enum ip_family);

#endif /* node/nft-value.h */
