/* SPDX-License-Identifier: Apache-2.0 */

/* What our nftables table has beside maps and sets, as values: itself, chains
 * with their rules, counters, and what others put there.
 *
 * The kernel keeps a rule as a list of expressions, small instructions of a
 * virtual machine, and so do we.  plan/machine/machine-nft.c makes them;
 * node/nft-rule.c turns them into messages, and back.  Pure. */

#ifndef PLAN_MACHINE_MACHINE_CHAIN_H
#define PLAN_MACHINE_MACHINE_CHAIN_H 1

#include "intent/ip.h"
#include "plan/machine/object.h"

/* What a rule may load from a packet, its connection or elsewhere.  Those of
 * IPv6 follow those of IPv4. */
enum machine_field {
    MACHINE_META_MARK, MACHINE_META_NFPROTO, MACHINE_META_L4PROTO,
    MACHINE_META_IIFNAME, MACHINE_META_OIFNAME,
    MACHINE_CT_DIRECTION, MACHINE_CT_STATE,
    MACHINE_TH_SPORT, MACHINE_TH_DPORT, MACHINE_TCP_FLAGS,
    MACHINE_NUMGEN,             /* A number below MACHINE_SLOTS. */
    MACHINE_CT_ORIGINAL_SADDR, MACHINE_CT_ORIGINAL_SADDR6,
    MACHINE_CT_REPLY_DADDR, MACHINE_CT_REPLY_DADDR6,
    MACHINE_SADDR, MACHINE_SADDR6, MACHINE_DADDR, MACHINE_DADDR6,
    MACHINE_N_FIELDS
};

/* True if the field has 32 bits; otherwise it is of 8 bits, or no number. */
bool machine_field_is_wide(enum machine_field);

enum machine_op {
    MACHINE_END,                /* Of a rule. */
    MACHINE_LOAD,               /* Into the next free register. */
    MACHINE_AND,                /* Changes what was loaded last: AND 'value',
                                 * XOR 'bits'. */
    MACHINE_CMP,                /* Goes on only if that is 'value'. */
    MACHINE_PUT_MARK,           /* Sets the packet's mark from it. */
    MACHINE_LOOKUP,             /* Goes on only if what was loaded is in set
                                 * 'name', ... */
    MACHINE_LOOKUP_MAP,         /* ... and loads what it maps to, */
    MACHINE_LOOKUP_VERDICT,     /* ... or does that. */
    MACHINE_UPDATE,             /* Puts what was loaded into set 'name' for
                                 * 'value' seconds; goes on only if there is
                                 * room. */
    MACHINE_COUNTER,            /* Counts in counter 'name'. */
    MACHINE_SNAT, MACHINE_DNAT, /* Translates the source, or destination, to
                                 * the address loaded, of family 'value'. */
    MACHINE_DNAT_PORT,          /* And its port, to that loaded after it. */
    MACHINE_RESET,              /* Answers a packet of TCP with a reset, and
                                 * drops it. */
    MACHINE_DROP, MACHINE_RETURN,
    MACHINE_JUMP, MACHINE_GOTO, /* To chain 'name'. */
    MACHINE_FOREIGN,            /* None of these: of type 'name'. */
};

struct machine_expr {
    enum machine_op op;
    enum machine_field field;   /* Loaded; of AND and CMP: before. */
    uint32_t value, bits;
    char name[32];
};

/* Numbers of hooks: NF_INET_*. */
enum machine_hook_number {
    MACHINE_PREROUTING, MACHINE_INPUT, MACHINE_FORWARD, MACHINE_OUTPUT,
    MACHINE_POSTROUTING
};

/* By type. */
enum machine_nft_type {
    MACHINE_NFT_CHAIN, MACHINE_NFT_COUNTER, MACHINE_NFT_OBJECT,
    MACHINE_NFT_SET, MACHINE_NFT_TABLE
};

struct machine_nft_object {
    struct machine_object object;
    enum machine_nft_type type;         /* "Object" and "set": of others. */
    char *name;                 /* NULL for the table. */
    uint32_t number;            /* Flags of the table, the type of an
                                 * object. */

    /* Of a chain. */
    struct machine_hook {
        char type[8];           /* "filter", "nat", or "": other chains lead to
                                 * it. */
        uint32_t number;        /* "enum machine_hook_number". */
        int32_t priority;
        bool accept;            /* The policy. */
    } hook;
    struct machine_expr *exprs; /* Each rule ends with MACHINE_END. */
    size_t n, allocated;
};

extern const struct machine_class machine_class_nft;

/* Adds an object, and returns it. */
struct machine_nft_object *machine_nft_add(struct machine_objects *,
                                           enum machine_nft_type,
                                           const char *name);

/* Adds an expression to a chain. */
void machine_nft_add_expr(struct machine_nft_object *,
                          const struct machine_expr *);

/* True if they are the same in all fields. */
bool machine_expr_equals(const struct machine_expr *,
                         const struct machine_expr *);

/* True if two chains have the same hook. */
bool machine_hook_equals(const struct machine_hook *,
                         const struct machine_hook *);

/* Appends the rule that begins at 'expr', and returns its MACHINE_END. */
const struct machine_expr *machine_rule_text(const struct machine_expr *,
                                             struct ds *);

#endif /* plan/machine/machine-chain.h */
