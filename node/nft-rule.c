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

#include "node/nft-field.h"
#include "node/nlsk.h"
#include "util.h"

/* Enough for the attributes of one expression. */
#define EXPR_ROOM 512

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
put_data(struct nl_msg *msg, uint16_t type, const void *value, size_t len)
{
    struct nlattr *nest = nlsk_nest(msg, type);
    nlsk_put(msg, NFTA_DATA_VALUE, value, len);
    nlsk_nest_end(msg, nest);
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
put_number(struct nl_msg *msg, uint16_t type, const struct regs *regs,
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
put_cmp(struct nl_msg *msg, const struct regs *regs, uint32_t value)
{
    nlsk_put_be32(msg, NFTA_CMP_SREG, reg_number(regs->last));
    nlsk_put_be32(msg, NFTA_CMP_OP, NFT_CMP_EQ);
    put_number(msg, NFTA_CMP_DATA, regs, value);
}

static void
put_bitwise(struct nl_msg *msg, const struct regs *regs,
            const struct machine_expr *e)
{
    nlsk_put_be32(msg, NFTA_BITWISE_SREG, reg_number(regs->last));
    nlsk_put_be32(msg, NFTA_BITWISE_DREG, reg_number(regs->last));
    nlsk_put_be32(msg, NFTA_BITWISE_LEN, nft_field_len(regs->field));
    put_number(msg, NFTA_BITWISE_MASK, regs, e->value);
    put_number(msg, NFTA_BITWISE_XOR, regs, e->bits);
}

static void
put_lookup(struct nl_msg *msg, const struct machine_expr *e)
{
    nlsk_put_string(msg, NFTA_LOOKUP_SET, e->name);
    nlsk_put_be32(msg, NFTA_LOOKUP_SREG, reg_number(0));
    if (e->op != MACHINE_LOOKUP) {
        nlsk_put_be32(msg, NFTA_LOOKUP_DREG,
                (e->op == MACHINE_LOOKUP_MAP ? reg_number(0)
                 : NFT_REG_VERDICT));
    }
}

static void
put_dynset(struct nl_msg *msg, const struct machine_expr *e)
{
    nlsk_put_string(msg, NFTA_DYNSET_SET_NAME, e->name);
    nlsk_put_be32(msg, NFTA_DYNSET_OP, NFT_DYNSET_OP_UPDATE);
    nlsk_put_be32(msg, NFTA_DYNSET_SREG_KEY, reg_number(0));
    nlsk_put_be64(msg, NFTA_DYNSET_TIMEOUT, e->value * 1000ULL);
}

static void
put_nat(struct nl_msg *msg, const struct machine_expr *e)
{
    bool is_ip6 = e->value == IP_V6;
    bool port = e->op == MACHINE_DNAT_PORT;

    nlsk_put_be32(msg, NFTA_NAT_TYPE,
            e->op == MACHINE_SNAT ? NFT_NAT_SNAT : NFT_NAT_DNAT);
    nlsk_put_be32(msg, NFTA_NAT_FAMILY, is_ip6 ? NFPROTO_IPV6 : NFPROTO_IPV4);
    nlsk_put_be32(msg, NFTA_NAT_REG_ADDR_MIN, reg_number(0));
    nlsk_put_be32(msg, NFTA_NAT_REG_ADDR_MAX, reg_number(0));
    if (port) {
        nlsk_put_be32(msg, NFTA_NAT_REG_PROTO_MIN, reg_number(is_ip6 ? 4 : 1));
        nlsk_put_be32(msg, NFTA_NAT_REG_PROTO_MAX, reg_number(is_ip6 ? 4 : 1));
    }
    nlsk_put_be32(msg, NFTA_NAT_FLAGS,
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
put_verdict(struct nl_msg *msg, const struct machine_expr *e)
{
    nlsk_put_be32(msg, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);

    struct nlattr *data = nlsk_nest(msg, NFTA_IMMEDIATE_DATA);
    struct nlattr *verdict = nlsk_nest(msg, NFTA_DATA_VERDICT);
    for (size_t i = 0; i < ARRAY_SIZE(verdicts); i++) {
        if (verdicts[i].op == e->op) {
            nlsk_put_be32(msg, NFTA_VERDICT_CODE, verdicts[i].code);
        }
    }
    if (*e->name) {
        nlsk_put_string(msg, NFTA_VERDICT_CHAIN, e->name);
    }
    nlsk_nest_end(msg, verdict);
    nlsk_nest_end(msg, data);
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
put_attrs(struct nl_msg *msg, struct regs *regs, const struct machine_expr *e)
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
        nlsk_put_be32(msg, NFTA_META_KEY, NFT_META_MARK);
        nlsk_put_be32(msg, NFTA_META_SREG, reg_number(regs->last));
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
        nlsk_put_be32(msg, NFTA_OBJREF_IMM_TYPE, NFT_OBJECT_COUNTER);
        nlsk_put_string(msg, NFTA_OBJREF_IMM_NAME, e->name);
        return;
    case MACHINE_SNAT:
    case MACHINE_DNAT:
    case MACHINE_DNAT_PORT:
        put_nat(msg, e);
        return;
    case MACHINE_RESET:
        nlsk_put_be32(msg, NFTA_REJECT_TYPE, NFT_REJECT_TCP_RST);
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
put_expr(struct nl_msg *msg, struct regs *regs, const struct machine_expr *e)
{
    nlsk_put_string(msg, NFTA_EXPR_NAME, expr_name(e));
    struct nlattr *data = nlsk_nest(msg, NFTA_EXPR_DATA);
    put_attrs(msg, regs, e);
    nlsk_nest_end(msg, data);
}

void
nft_rule_put(struct nl_msg *msg, const struct machine_expr *e)
{
    struct nlattr *list = nlsk_nest(msg, NFTA_RULE_EXPRESSIONS);
    struct regs regs = { .next = 0 };

    for (; e->op != MACHINE_END; e++) {
        struct nlattr *elem = nlsk_nest(msg, NFTA_LIST_ELEM);

        put_expr(msg, &regs, e);
        nlsk_nest_end(msg, elem);
    }
    nlsk_nest_end(msg, list);
}

/* Getting. */

/* Stores the text in the attribute of 'type' in 'e'.  Returns false if there
 * is none that has room. */
static bool
get_name(const struct nlattr *nest, uint16_t type, struct machine_expr *e)
{
    const struct nlattr *a = nlsk_find(nest, type);
    size_t size = a ? nla_len(a) : 0;
    const char *s = a ? nla_data(a) : NULL;

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
    const struct nlattr *data = nlsk_find(nest, type);
    const struct nlattr *value = (
        data ? nlsk_find(data, NFTA_DATA_VALUE) : NULL);

    if (!value || !is_number(regs)
        || nla_len(value) != nft_field_len(regs->field)) {
        return false;
    } else if (machine_field_is_wide(regs->field)) {
        memcpy(number, nla_data(value), sizeof *number);
    } else {
        *number = nla_get_u8(value);
    }
    return true;
}

static bool
get_verdict(const struct nlattr *data, struct machine_expr *e)
{
    const struct nlattr *a = nlsk_find(data, NFTA_IMMEDIATE_DATA);
    const struct nlattr *v = (
        a ? nlsk_find(a, NFTA_DATA_VERDICT) : NULL);
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
    const struct nlattr *timeout = nlsk_find(data,
                                                       NFTA_DYNSET_TIMEOUT);

    e->op = MACHINE_UPDATE;
    e->value = (timeout && nla_len(timeout) == 8
                ? nlsk_get_be64(timeout) / 1000 : 0);
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
    if (!strcmp(name, "meta") && nlsk_find(data, NFTA_META_SREG)) {
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
    return is_all_zeros(nla_data(a), nla_len(a));
}

/* True if 'have' holds all attributes of 'want' and beyond these only zeros,
 * which is how the kernel reports what was not given. */
static bool
data_matches(const struct nlattr *have, const struct nlattr *want)
{
    const struct nlattr *a;
    int left;

    nla_for_each_nested (a, want, left) {
        const struct nlattr *h = nlsk_find(have, nla_type(a));

        if (!h || nla_len(h) != nla_len(a)
            || memcmp(nla_data(h), nla_data(a), nla_len(a))) {
            return false;
        }
    }
    nla_for_each_nested (a, have, left) {
        if (!nlsk_find(want, nla_type(a)) && !is_zero(a)) {
            return false;
        }
    }
    return true;
}

/* Reads the expression in 'elem' into 'e', and follows it in 'regs'. */
static void
get_expr(const struct nlattr *elem, struct regs *regs, struct machine_expr *e)
{
    const struct nlattr *data = nlsk_find(elem, NFTA_EXPR_DATA);
    struct machine_expr type = { .op = MACHINE_FOREIGN };
    bool ok = false;

    *e = (struct machine_expr) { .op = MACHINE_FOREIGN };
    if (get_name(elem, NFTA_EXPR_NAME, &type) && data
        && get_values(type.name, data, regs, e)) {
        struct nl_msg *msg = nlsk_new(0, 0, NULL, 0, EXPR_ROOM);
        struct nlattr *want = nlsk_nest(msg, NFTA_LIST_ELEM);

        put_expr(msg, regs, e);
        nlsk_nest_end(msg, want);
        ok = data_matches(data, nlsk_find(want, NFTA_EXPR_DATA));
        nlmsg_free(msg);
    }
    if (!ok) {
        *e = type;
    }
}

void
nft_rule_get(const struct nlattr *expressions,
             struct machine_nft_object *chain)
{
    const struct machine_expr end = { .op = MACHINE_END };
    struct regs regs = { .next = 0 };
    const struct nlattr *elem;
    int left;

    if (expressions) {
        nla_for_each_nested (elem, expressions, left) {
            struct machine_expr e;

            get_expr(elem, &regs, &e);
            machine_nft_add_expr(chain, &e);
        }
    }
    machine_nft_add_expr(chain, &end);
}
