/* SPDX-License-Identifier: Apache-2.0 */

/* Rules of nf_tables as attributes of messages, and back.
 *
 * Both directions are one to one: a rule that was put is got again, and what
 * is got is another one if a bit of the rule is different.  An expression that
 * is none of ours is MACHINE_FOREIGN.
 *
 * node/nft-read.c and node/kind-nft.c use this.  No I/O. */

#ifndef NODE_NFT_RULE_H
#define NODE_NFT_RULE_H 1

#include "plan/machine/machine-chain.h"

struct nl_msg;
struct nlattr;

/* Appends an attribute NFTA_RULE_EXPRESSIONS for the rule that begins at
 * 'expr', with nothing foreign, to 'msg'. */
void nft_rule_put(struct nl_msg *msg, const struct machine_expr *expr);

/* Appends the rule in 'expressions', an attribute NFTA_RULE_EXPRESSIONS or
 * NULL, to 'chain'. */
void nft_rule_get(const struct nlattr *expressions,
                  struct machine_nft_object *chain);

#endif /* node/nft-rule.h */
