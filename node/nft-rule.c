/* SPDX-License-Identifier: Apache-2.0 */

/* Rules of nf_tables as attributes, and back.  See nft-rule.h.
 *
 * Getting an expression reads the few values that matter, puts them, and
 * compares all attributes: so one place knows the format, and nothing that
 * differs is overlooked. */

#include <config.h>

#include "node/nft-rule.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>

#include "byte-order.h"
#include "netlink.h"
#include "node/nft-field.h"
#include "openvswitch/ofpbuf.h"
#include "util.h"

/* The virtual machine's registers, in units of 32 bits, at a point of a
 * rule. */
struct regs {
    bool loaded;                /* Something is: */
    enum machine_field field;   /* what was loaded last, */
    int last;                   /* where that is. */
    int next;                   /* The first that is free. */
};

/* The number of register 'i' in messages: the kernel prefers the names of its
 * old, 128 bit wide registers. */
static uint32_t
reg_number(int i)
{
    return i % 4 ? NFT_REG32_00 + i : NFT_REG_1 + i / 4;
}

static void
load(struct regs *regs, enum machine_field field)
{
    regs->loaded = true;
    regs->field = field;
    regs->last = regs->next;
    regs->next += DIV_ROUND_UP(nft_field_len(field), 4);
}

/* Putting. */

static void
put_u32(struct ofpbuf *msg, uint16_t type, uint32_t value)
{
    nl_msg_put_be32(msg, type, htonl(value));
}

static void
put_data(struct ofpbuf *msg, uint16_t type, const void *value, size_t len)
{
    size_t ofs = nl_msg_start_nested(msg, type);
    nl_msg_put_unspec(msg, NFTA_DATA_VALUE, value, len);
    nl_msg_end_nested(msg, ofs);
}

/* True if what was loaded last is a number: of 32 or 8 bits. */
static bool
is_number(const struct regs *regs)
{
    return (regs->loaded && (machine_field_is_wide(regs->field)
                             || nft_field_len(regs->field) == 1));
}

/* Puts 'value', as large as what was loaded. */
static void
put_number(struct ofpbuf *msg, uint16_t type, const struct regs *regs,
           uint32_t value)
{
    uint8_t byte = value;

    if (machine_field_is_wide(regs->field)) {
        put_data(msg, type, &value, sizeof value);
    } else {
        put_data(msg, type, &byte, sizeof byte);
    }
}

static void
put_cmp(struct ofpbuf *msg, const struct regs *regs, uint32_t value)
{
    put_u32(msg, NFTA_CMP_SREG, reg_number(regs->last));
    put_u32(msg, NFTA_CMP_OP, NFT_CMP_EQ);
    put_number(msg, NFTA_CMP_DATA, regs, value);
}

static void
put_bitwise(struct ofpbuf *msg, const struct regs *regs,
            const struct machine_expr *e)
{
    put_u32(msg, NFTA_BITWISE_SREG, reg_number(regs->last));
    put_u32(msg, NFTA_BITWISE_DREG, reg_number(regs->last));
    put_u32(msg, NFTA_BITWISE_LEN, nft_field_len(regs->field));
    put_number(msg, NFTA_BITWISE_MASK, regs, e->value);
    put_number(msg, NFTA_BITWISE_XOR, regs, e->bits);
}

static void
put_lookup(struct ofpbuf *msg, const struct machine_expr *e)
{
    nl_msg_put_string(msg, NFTA_LOOKUP_SET, e->name);
    put_u32(msg, NFTA_LOOKUP_SREG, reg_number(0));
    if (e->op != MACHINE_LOOKUP) {
        put_u32(msg, NFTA_LOOKUP_DREG,
                (e->op == MACHINE_LOOKUP_MAP ? reg_number(0)
                 : NFT_REG_VERDICT));
    }
}

static void
put_dynset(struct ofpbuf *msg, const struct machine_expr *e)
{
    nl_msg_put_string(msg, NFTA_DYNSET_SET_NAME, e->name);
    put_u32(msg, NFTA_DYNSET_OP, NFT_DYNSET_OP_UPDATE);
    put_u32(msg, NFTA_DYNSET_SREG_KEY, reg_number(0));
    nl_msg_put_be64(msg, NFTA_DYNSET_TIMEOUT, htonll(e->value * 1000ULL));
}

static void
put_nat(struct ofpbuf *msg, const struct machine_expr *e)
{
    bool is_ip6 = e->value == IP_V6;
    bool port = e->op == MACHINE_DNAT_PORT;

    put_u32(msg, NFTA_NAT_TYPE,
            e->op == MACHINE_SNAT ? NFT_NAT_SNAT : NFT_NAT_DNAT);
    put_u32(msg, NFTA_NAT_FAMILY, is_ip6 ? NFPROTO_IPV6 : NFPROTO_IPV4);
    put_u32(msg, NFTA_NAT_REG_ADDR_MIN, reg_number(0));
    put_u32(msg, NFTA_NAT_REG_ADDR_MAX, reg_number(0));
    if (port) {
        put_u32(msg, NFTA_NAT_REG_PROTO_MIN, reg_number(is_ip6 ? 4 : 1));
        put_u32(msg, NFTA_NAT_REG_PROTO_MAX, reg_number(is_ip6 ? 4 : 1));
    }
    put_u32(msg, NFTA_NAT_FLAGS,
            NF_NAT_RANGE_MAP_IPS | (port ? NF_NAT_RANGE_PROTO_SPECIFIED : 0));
}

static const struct verdict {
    enum machine_op op;
    int32_t code;
} verdicts[] = {
    { MACHINE_DROP, NF_DROP },
    { MACHINE_RETURN, NFT_RETURN },
    { MACHINE_JUMP, NFT_JUMP },
    { MACHINE_GOTO, NFT_GOTO },
};

static void
put_verdict(struct ofpbuf *msg, const struct machine_expr *e)
{
    put_u32(msg, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);

    size_t data = nl_msg_start_nested(msg, NFTA_IMMEDIATE_DATA);
    size_t verdict = nl_msg_start_nested(msg, NFTA_DATA_VERDICT);
    for (size_t i = 0; i < ARRAY_SIZE(verdicts); i++) {
        if (verdicts[i].op == e->op) {
            put_u32(msg, NFTA_VERDICT_CODE, verdicts[i].code);
        }
    }
    if (*e->name) {
        nl_msg_put_string(msg, NFTA_VERDICT_CHAIN, e->name);
    }
    nl_msg_end_nested(msg, verdict);
    nl_msg_end_nested(msg, data);
}

/* The name of the kernel's expression for 'e'. */
static const char *
expr_name(const struct machine_expr *e)
{
    static const char *const names[] = {
        [MACHINE_AND] = "bitwise", [MACHINE_CMP] = "cmp",
        [MACHINE_PUT_MARK] = "meta", [MACHINE_LOOKUP] = "lookup",
        [MACHINE_LOOKUP_MAP] = "lookup", [MACHINE_LOOKUP_VERDICT] = "lookup",
        [MACHINE_UPDATE] = "dynset", [MACHINE_COUNTER] = "objref",
        [MACHINE_SNAT] = "nat", [MACHINE_DNAT] = "nat",
        [MACHINE_DNAT_PORT] = "nat", [MACHINE_RESET] = "reject",
        [MACHINE_DROP] = "immediate", [MACHINE_RETURN] = "immediate",
        [MACHINE_JUMP] = "immediate", [MACHINE_GOTO] = "immediate",
    };

    return e->op == MACHINE_LOAD ? nft_field_expr(e->field) : names[e->op];
}

/* Appends the attributes of 'e', and follows it in 'regs'. */
static void
put_attrs(struct ofpbuf *msg, struct regs *regs, const struct machine_expr *e)
{
    switch (e->op) {
    case MACHINE_LOAD:
        load(regs, e->field);
        nft_field_put(e->field, reg_number(regs->last), msg);
        return;
    case MACHINE_AND:
        put_bitwise(msg, regs, e);
        return;
    case MACHINE_CMP:
        put_cmp(msg, regs, e->value);
        break;
    case MACHINE_PUT_MARK:
        put_u32(msg, NFTA_META_KEY, NFT_META_MARK);
        put_u32(msg, NFTA_META_SREG, reg_number(regs->last));
        break;
    case MACHINE_LOOKUP:
    case MACHINE_LOOKUP_MAP:
    case MACHINE_LOOKUP_VERDICT:
        put_lookup(msg, e);
        break;
    case MACHINE_UPDATE:
        put_dynset(msg, e);
        break;
    case MACHINE_COUNTER:
        put_u32(msg, NFTA_OBJREF_IMM_TYPE, NFT_OBJECT_COUNTER);
        nl_msg_put_string(msg, NFTA_OBJREF_IMM_NAME, e->name);
        return;
    case MACHINE_SNAT:
    case MACHINE_DNAT:
    case MACHINE_DNAT_PORT:
        put_nat(msg, e);
        return;
    case MACHINE_RESET:
        put_u32(msg, NFTA_REJECT_TYPE, NFT_REJECT_TCP_RST);
        return;
    case MACHINE_DROP:
    case MACHINE_RETURN:
    case MACHINE_JUMP:
    case MACHINE_GOTO:
        put_verdict(msg, e);
        return;
    case MACHINE_END:
    case MACHINE_FOREIGN:
    default:
        OVS_NOT_REACHED();
    }
    *regs = (struct regs) { .next = 0 };
}

/* Appends the name and data of 'e' to 'msg'. */
static void
put_expr(struct ofpbuf *msg, struct regs *regs, const struct machine_expr *e)
{
    nl_msg_put_string(msg, NFTA_EXPR_NAME, expr_name(e));
    size_t ofs = nl_msg_start_nested(msg, NFTA_EXPR_DATA);
    put_attrs(msg, regs, e);
    nl_msg_end_nested(msg, ofs);
}

void
nft_rule_put(struct ofpbuf *msg, const struct machine_expr *e)
{
    size_t list = nl_msg_start_nested(msg, NFTA_RULE_EXPRESSIONS);
    struct regs regs = { .next = 0 };

    for (; e->op != MACHINE_END; e++) {
        size_t elem = nl_msg_start_nested(msg, NFTA_LIST_ELEM);

        put_expr(msg, &regs, e);
        nl_msg_end_nested(msg, elem);
    }
    nl_msg_end_nested(msg, list);
}

/* Getting. */

/* Stores the text in the attribute of 'type' in 'e'.  Returns false if there
 * is none that has room. */
static bool
get_name(const struct nlattr *nest, uint16_t type, struct machine_expr *e)
{
    const struct nlattr *a = nl_attr_find_nested(nest, type);
    size_t size = a ? nl_attr_get_size(a) : 0;
    const char *s = a ? nl_attr_get(a) : NULL;

    if (!size || s[size - 1] || strlen(s) != size - 1
        || size > sizeof e->name) {
        return false;
    }
    ovs_strlcpy(e->name, s, sizeof e->name);
    return true;
}

/* Reads a number that put_number() put. */
static bool
get_number(const struct nlattr *nest, uint16_t type, const struct regs *regs,
           uint32_t *number)
{
    const struct nlattr *data = nl_attr_find_nested(nest, type);
    const struct nlattr *value = (
        data ? nl_attr_find_nested(data, NFTA_DATA_VALUE) : NULL);

    if (!value || !is_number(regs)
        || nl_attr_get_size(value) != nft_field_len(regs->field)) {
        return false;
    } else if (machine_field_is_wide(regs->field)) {
        memcpy(number, nl_attr_get(value), sizeof *number);
    } else {
        *number = nl_attr_get_u8(value);
    }
    return true;
}

static bool
get_verdict(const struct nlattr *data, struct machine_expr *e)
{
    const struct nlattr *a = nl_attr_find_nested(data, NFTA_IMMEDIATE_DATA);
    const struct nlattr *v = (
        a ? nl_attr_find_nested(a, NFTA_DATA_VERDICT) : NULL);
    int32_t code = v ? nft_attr_u32(v, NFTA_VERDICT_CODE) : INT32_MIN;

    for (size_t i = 0; v && i < ARRAY_SIZE(verdicts); i++) {
        if (verdicts[i].code == code) {
            e->op = verdicts[i].op;
            return (get_name(v, NFTA_VERDICT_CHAIN, e)
                    || !(e->op == MACHINE_JUMP || e->op == MACHINE_GOTO));
        }
    }
    return false;
}

static bool
get_dynset(const struct nlattr *data, struct machine_expr *e)
{
    const struct nlattr *timeout = nl_attr_find_nested(data,
                                                       NFTA_DYNSET_TIMEOUT);

    e->op = MACHINE_UPDATE;
    e->value = (timeout && nl_attr_get_size(timeout) == 8
                ? ntohll(nl_attr_get_be64(timeout)) / 1000 : 0);
    return get_name(data, NFTA_DYNSET_SET_NAME, e);
}

static bool
get_nat(const struct nlattr *data, struct machine_expr *e)
{
    e->op = (nft_attr_u32(data, NFTA_NAT_TYPE) == NFT_NAT_SNAT ? MACHINE_SNAT
             : nft_attr_u32(data, NFTA_NAT_REG_PROTO_MIN) >= 0
             ? MACHINE_DNAT_PORT : MACHINE_DNAT);
    e->value = (nft_attr_u32(data, NFTA_NAT_FAMILY) == NFPROTO_IPV6
                ? IP_V6 : IP_V4);
    return true;
}

/* Reads from expression 'name' with 'data' what tells it from others of our
 * form.  Returns false if it is not. */
static bool
get_values(const char *name, const struct nlattr *data,
           const struct regs *regs, struct machine_expr *e)
{
    if (!strcmp(name, "meta") && nl_attr_find_nested(data, NFTA_META_SREG)) {
        e->op = MACHINE_PUT_MARK;
        return true;
    } else if (!strcmp(name, "cmp")) {
        e->op = MACHINE_CMP;
        e->field = regs->field;
        return get_number(data, NFTA_CMP_DATA, regs, &e->value);
    } else if (!strcmp(name, "bitwise")) {
        e->op = MACHINE_AND;
        e->field = regs->field;
        return (get_number(data, NFTA_BITWISE_MASK, regs, &e->value)
                && get_number(data, NFTA_BITWISE_XOR, regs, &e->bits));
    } else if (!strcmp(name, "lookup")) {
        int64_t dreg = nft_attr_u32(data, NFTA_LOOKUP_DREG);

        e->op = (dreg < 0 ? MACHINE_LOOKUP : dreg ? MACHINE_LOOKUP_MAP
                 : MACHINE_LOOKUP_VERDICT);
        return get_name(data, NFTA_LOOKUP_SET, e);
    } else if (!strcmp(name, "dynset")) {
        return get_dynset(data, e);
    } else if (!strcmp(name, "objref")) {
        e->op = MACHINE_COUNTER;
        return get_name(data, NFTA_OBJREF_IMM_NAME, e);
    } else if (!strcmp(name, "nat")) {
        return get_nat(data, e);
    } else if (!strcmp(name, "reject")) {
        e->op = MACHINE_RESET;
        return true;
    } else if (!strcmp(name, "immediate")) {
        return get_verdict(data, e);
    }
    e->op = MACHINE_LOAD;
    return nft_field_find(name, data, &e->field);
}

static bool
is_zero(const struct nlattr *a)
{
    return is_all_zeros(nl_attr_get(a), nl_attr_get_size(a));
}

/* True if 'have' holds all attributes of 'want' and beyond these only zeros,
 * which is how the kernel reports what was not given. */
static bool
data_matches(const struct nlattr *have, const struct nlattr *want)
{
    const struct nlattr *a;
    size_t left;

    NL_NESTED_FOR_EACH (a, left, want) {
        const struct nlattr *h = nl_attr_find_nested(have, nl_attr_type(a));

        if (!h || nl_attr_get_size(h) != nl_attr_get_size(a)
            || memcmp(nl_attr_get(h), nl_attr_get(a), nl_attr_get_size(a))) {
            return false;
        }
    }
    NL_NESTED_FOR_EACH (a, left, have) {
        if (!nl_attr_find_nested(want, nl_attr_type(a)) && !is_zero(a)) {
            return false;
        }
    }
    return true;
}

/* Reads the expression in 'elem' into 'e', and follows it in 'regs'. */
static void
get_expr(const struct nlattr *elem, struct regs *regs, struct machine_expr *e)
{
    const struct nlattr *data = nl_attr_find_nested(elem, NFTA_EXPR_DATA);
    struct machine_expr type = { .op = MACHINE_FOREIGN };
    struct ofpbuf msg;
    bool ok = false;

    *e = (struct machine_expr) { .op = MACHINE_FOREIGN };
    ofpbuf_init(&msg, 128);
    if (get_name(elem, NFTA_EXPR_NAME, &type) && data
        && get_values(type.name, data, regs, e)) {
        size_t ofs = nl_msg_start_nested(&msg, NFTA_LIST_ELEM);
        put_expr(&msg, regs, e);
        nl_msg_end_nested(&msg, ofs);

        const struct nlattr *want = ofpbuf_at_assert(&msg, 0, NLA_HDRLEN);
        ok = data_matches(data, nl_attr_find_nested(want, NFTA_EXPR_DATA));
    }
    if (!ok) {
        *e = type;
    }
    ofpbuf_uninit(&msg);
}

void
nft_rule_get(const struct nlattr *expressions,
             struct machine_nft_object *chain)
{
    const struct machine_expr end = { .op = MACHINE_END };
    struct regs regs = { .next = 0 };
    const struct nlattr *elem;
    size_t left;

    if (expressions) {
        NL_NESTED_FOR_EACH (elem, left, expressions) {
            struct machine_expr e;

            get_expr(elem, &regs, &e);
            machine_nft_add_expr(chain, &e);
        }
    }
    machine_nft_add_expr(chain, &end);
}
