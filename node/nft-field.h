/* SPDX-License-Identifier: Apache-2.0 */

/* What rules of nf_tables load from a packet, its connection or elsewhere, as
 * text and as attributes of messages.
 *
 * node/nft-rule.c, which has the names of all of them, uses this.  No I/O. */

#ifndef NODE_NFT_FIELD_H
#define NODE_NFT_FIELD_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ds;
struct nlattr;
struct ofpbuf;

enum nft_format {
    NFT_FORMAT_NUMBER, NFT_FORMAT_PORT, NFT_FORMAT_IPV4, NFT_FORMAT_IPV6,
    NFT_FORMAT_NAME
};

struct nft_field {
    const char *name;
    enum nft_format format;
    size_t len;
    int base;                   /* NFT_PAYLOAD_*, or one of nft-field.c. */
    uint32_t where;             /* Offset in the header, NFT_META_*, NFT_CT_*,
                                 * or how many numbers there are. */
};

/* Returns the field with this name, or NULL. */
const struct nft_field *nft_field_find(const char *name);

/* Returns the field that an expression 'expr' with 'data' probably loads, or
 * NULL. */
const struct nft_field *nft_field_guess(const char *expr,
                                        const struct nlattr *data);

/* The name of the expression that loads it. */
const char *nft_field_expr(const struct nft_field *);

/* Appends the attributes of that expression, to load into register 'dreg'. */
void nft_field_put(const struct nft_field *, uint32_t dreg, struct ofpbuf *);

/* Parses a value of the field into 'value', of its length. */
bool nft_field_parse(const struct nft_field *, const char *s, void *value);

/* Appends 'value' as text. */
void nft_field_format(const struct nft_field *, const void *value,
                      struct ds *);

/* Returns the number in the attribute of 'type', or -1 if there is none. */
int64_t nft_attr_u32(const struct nlattr *nest, uint16_t type);

#endif /* node/nft-field.h */
