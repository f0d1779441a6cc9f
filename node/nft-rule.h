/* SPDX-License-Identifier: Apache-2.0 */

/* Rules of nf_tables as text, and back.
 *
 * The kernel keeps a rule as a list of expressions, small instructions of a
 * virtual machine.  Here each is a few words, and a rule is its expressions
 * separated by ", ":
 *
 *     meta mark, meta nfproto, meta l4proto, meta iifname, meta oifname,
 *     ip saddr, ip daddr, ip6 saddr, ip6 daddr, th sport, th dport, tcp flags,
 *     ct state, ct direction, ct original ip saddr, ct original ip6 saddr
 *                         load into the next free register
 *     numgen random 16    load a number from 0 to 15
 *     and MASK [xor BITS] change what was loaded last
 *     cmp VALUE           go on only if what was loaded last is VALUE
 *     set mark            set the packet's mark from what was loaded last
 *     lookup SET          go on only if what was loaded is in SET,
 *     lookup SET map        and load what it maps to,
 *     lookup SET verdict    and do what it maps to
 *     add SET timeout SECONDS     put what was loaded into SET for so long; go
 *                                 on only if there is room
 *     update SET timeout SECONDS  the same, also if it is there already
 *     counter NAME        count in the named counter
 *     snat ip, snat ip6   translate the source to the address loaded
 *     dnat ip, dnat ip6   the same for the destination
 *     ... port            and its port, to the one loaded after the address
 *     reject tcp reset    answer a packet of TCP with a reset, and drop it
 *     drop, accept, return, jump CHAIN, goto CHAIN
 *
 * Both directions are one to one: text that was put is got again, and what is
 * got reads otherwise if a bit of the rule is different.  An expression that
 * is none of these reads "?NAME".
 *
 * plan/machine/machine-nft.c writes such rules; node/nft-read.c and
 * node/kind-nft.c get and put them.  No I/O. */

#ifndef NODE_NFT_RULE_H
#define NODE_NFT_RULE_H 1

#include "openvswitch/compiler.h"

struct ds;
struct nlattr;
struct ofpbuf;

/* Appends an attribute NFTA_RULE_EXPRESSIONS for 'rule' to 'msg'.  Returns
 * NULL, or an error that the caller frees. */
char *nft_rule_put(struct ofpbuf *msg, const char *rule)
    OVS_WARN_UNUSED_RESULT;

/* Appends the rule in 'expressions', an attribute NFTA_RULE_EXPRESSIONS, to
 * 's'. */
void nft_rule_get(const struct nlattr *expressions, struct ds *s);

#endif /* node/nft-rule.h */
