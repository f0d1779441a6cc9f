/* SPDX-License-Identifier: Apache-2.0 */

/* The values in elements of nftables' maps and sets: as text, and as the bytes
 * in messages, where several values in a row each begin at a multiple of four
 * bytes.
 *
 * node/nft-set.c uses this.  No I/O. */

#ifndef NODE_NFT_VALUE_H
#define NODE_NFT_VALUE_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "intent/ip.h"

struct ds;
struct ofpbuf;

/* What an element is, or maps to. */
enum nft_value {
    NFT_VALUE_NONE,
    NFT_VALUE_ADDRESS,           /* "10.1.1.1". */
    NFT_VALUE_ADDRESS_PORT,      /* "169.254.169.3 . 30080". */
    NFT_VALUE_SERVICE,           /* "192.0.2.1 . tcp . 80". */
    NFT_VALUE_SLOT,              /* "192.0.2.1 . tcp . 80 . 15": a Service, and
                                 * a number drawn from MACHINE_SLOTS. */
    NFT_VALUE_PREFIX,            /* "10.128.0.0/14". */
    NFT_VALUE_WAY,               /* "192.0.2.1 . ens4": an address, a link. */
    NFT_VALUE_PAIR,              /* "10.1.1.1 . 192.0.2.1": an endpoint and the
                                  * source that it is given. */
    NFT_VALUE_DROP,              /* "10.1.1.1 . 192.0.2.1 . ens4": who opened
                                  * the connection of a packet, its source, and
                                  * where it was to leave. */
    NFT_VALUE_MARK,              /* "0x02000000". */
};

/* Room for the bytes of any of these. */
#define NFT_VALUE_MAX (3 * 16)

/* The length in bytes.  An address is what a prefix begins with. */
size_t nft_value_len(enum nft_value, enum ip_family);

/* The number by which nft(8) knows the type.  The kernel only keeps it, so
 * that "nft list" can print the elements. */
uint32_t nft_value_type(enum nft_value, enum ip_family);

/* Parses 's' into 'bytes', of nft_value_len().  Returns false if it is not of
 * the type; prefixes and marks never are. */
bool nft_value_parse(enum nft_value, enum ip_family, const char *s,
                    uint8_t *bytes);

/* Appends 'bytes' as text to 's'. */
void nft_value_format(enum nft_value, enum ip_family, const uint8_t *bytes,
                     struct ds *s);

/* Appends an attribute NFTA_SET_USERDATA, for a map from NFT_VALUE_SLOT to
 * NFT_VALUE_ADDRESS_PORT, to 'msg': without it nft(8) can print the map, but
 * not read what it printed, for a plain number has no type there. */
void nft_value_put_typeof(struct ofpbuf *msg, enum ip_family);

#endif /* node/nft-value.h */
