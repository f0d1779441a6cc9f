/* SPDX-License-Identifier: Apache-2.0 */

/* What rules of nf_tables load from a packet, its connection or elsewhere, as
 * attributes of messages.
 *
 * node/nft-rule.c uses this.  No I/O. */

#ifndef NODE_NFT_FIELD_H
#define NODE_NFT_FIELD_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plan/machine/machine-chain.h"

struct nl_msg;
struct nlattr;

/* The length of what is loaded, in bytes. */
size_t nft_field_len(enum machine_field);

/* Stores the field that an expression 'expr' with 'data' probably loads in
 * '*field'.  Returns false if there is none. */
bool nft_field_find(const char *expr, const struct nlattr *data,
                    enum machine_field *field);

/* The name of the expression that loads it. */
const char *nft_field_expr(enum machine_field);

/* Appends the attributes of that expression, to load into register 'dreg'. */
void nft_field_put(enum machine_field, uint32_t dreg, struct nl_msg *);

/* Returns the number in the attribute of 'type', or -1 if there is none. */
int64_t nft_attr_u32(const struct nlattr *nest, uint16_t type);

#endif /* node/nft-field.h */
