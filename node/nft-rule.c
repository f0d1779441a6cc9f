/* SPDX-License-Identifier: Apache-2.0 */

/* Rules of nf_tables as text, and back.  See nft-rule.h.
 *
 * Getting an expression guesses its text from the few values that matter, puts
 * that text, and compares all attributes: so one place knows the format, and
 * nothing that differs is overlooked. */

#include <config.h>

#include "node/nft-rule.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/nf_tables.h>
#include <stdlib.h>
#include <string.h>

#include "byte-order.h"
#include "netlink.h"
#include "node/nft-field.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofpbuf.h"
#include "util.h"

/* The virtual machine's registers, in units of 32 bits, at a point of a
 * rule. */
struct regs {
    const struct nft_field *field;  /* Loaded last, or NULL. */
    int last;                   /* Where that is. */
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
load(struct regs *regs, const struct nft_field *field)
{
    regs->field = field;
    regs->last = regs->next;
    regs->next += DIV_ROUND_UP(field->len, 4);
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

/* Starts an expression.  end_expr() ends both attributes. */
static size_t
start_expr(struct ofpbuf *msg, const char *name)
{
    nl_msg_put_string(msg, NFTA_EXPR_NAME, name);
    return nl_msg_start_nested(msg, NFTA_EXPR_DATA);
}

static void
put_load(struct ofpbuf *msg, struct regs *regs, const struct nft_field *field)
{
    size_t ofs = start_expr(msg, nft_field_expr(field));

    load(regs, field);
    nft_field_put(field, reg_number(regs->last), msg);
    nl_msg_end_nested(msg, ofs);
}

static bool
put_cmp(struct ofpbuf *msg, struct regs *regs, const char *arg)
{
    uint8_t value[16];

    if (!regs->field || !nft_field_parse(regs->field, arg, value)) {
        return false;
    }

    size_t ofs = start_expr(msg, "cmp");
    put_u32(msg, NFTA_CMP_SREG, reg_number(regs->last));
    put_u32(msg, NFTA_CMP_OP, NFT_CMP_EQ);
    put_data(msg, NFTA_CMP_DATA, value, regs->field->len);
    nl_msg_end_nested(msg, ofs);
    *regs = (struct regs) { .next = 0 };
    return true;
}

static bool
put_bitwise(struct ofpbuf *msg, struct regs *regs, const char *and,
            const char *xor)
{
    uint8_t mask[16];
    uint8_t bits[16] = { 0 };

    if (!regs->field || !nft_field_parse(regs->field, and, mask)
        || (xor && !nft_field_parse(regs->field, xor, bits))) {
        return false;
    }

    size_t ofs = start_expr(msg, "bitwise");
    put_u32(msg, NFTA_BITWISE_SREG, reg_number(regs->last));
    put_u32(msg, NFTA_BITWISE_DREG, reg_number(regs->last));
    put_u32(msg, NFTA_BITWISE_LEN, regs->field->len);
    put_data(msg, NFTA_BITWISE_MASK, mask, regs->field->len);
    put_data(msg, NFTA_BITWISE_XOR, bits, regs->field->len);
    nl_msg_end_nested(msg, ofs);
    return true;
}

static void
put_set_mark(struct ofpbuf *msg, struct regs *regs)
{
    size_t ofs = start_expr(msg, "meta");
    put_u32(msg, NFTA_META_KEY, NFT_META_MARK);
    put_u32(msg, NFTA_META_SREG, reg_number(regs->last));
    nl_msg_end_nested(msg, ofs);
    *regs = (struct regs) { .next = 0 };
}

static bool
put_lookup(struct ofpbuf *msg, struct regs *regs, const char *set,
           const char *result)
{
    bool is_map = result && !strcmp(result, "map");

    if (!is_map && result && strcmp(result, "verdict")) {
        return false;
    }

    size_t ofs = start_expr(msg, "lookup");
    nl_msg_put_string(msg, NFTA_LOOKUP_SET, set);
    put_u32(msg, NFTA_LOOKUP_SREG, reg_number(0));
    if (result) {
        put_u32(msg, NFTA_LOOKUP_DREG, is_map ? reg_number(0)
                                              : NFT_REG_VERDICT);
    }
    nl_msg_end_nested(msg, ofs);
    *regs = (struct regs) { .next = 0 };
    return true;
}

/* 'verb' is "add" or "update". */
static bool
put_dynset(struct ofpbuf *msg, struct regs *regs, const char *verb,
           const char *set, const char *timeout)
{
    unsigned int seconds;

    if (!regs->field || !str_to_uint(timeout, 10, &seconds) || !seconds) {
        return false;
    }

    size_t ofs = start_expr(msg, "dynset");
    nl_msg_put_string(msg, NFTA_DYNSET_SET_NAME, set);
    put_u32(msg, NFTA_DYNSET_OP, (!strcmp(verb, "update")
                                  ? NFT_DYNSET_OP_UPDATE
                                  : NFT_DYNSET_OP_ADD));
    put_u32(msg, NFTA_DYNSET_SREG_KEY, reg_number(0));
    nl_msg_put_be64(msg, NFTA_DYNSET_TIMEOUT, htonll(seconds * 1000ULL));
    nl_msg_end_nested(msg, ofs);
    *regs = (struct regs) { .next = 0 };
    return true;
}

static void
put_counter(struct ofpbuf *msg, const char *name)
{
    size_t ofs = start_expr(msg, "objref");
    put_u32(msg, NFTA_OBJREF_IMM_TYPE, NFT_OBJECT_COUNTER);
    nl_msg_put_string(msg, NFTA_OBJREF_IMM_NAME, name);
    nl_msg_end_nested(msg, ofs);
}

/* 'verb' is "snat" or "dnat", 'family' "ip" or "ip6", 'port' "port" or
 * NULL. */
static bool
put_nat(struct ofpbuf *msg, const char *verb, const char *family,
        const char *port)
{
    bool is_ip6 = !strcmp(family, "ip6");

    if ((!is_ip6 && strcmp(family, "ip")) || (port && strcmp(port, "port"))) {
        return false;
    }

    size_t ofs = start_expr(msg, "nat");
    put_u32(msg, NFTA_NAT_TYPE, *verb == 's' ? NFT_NAT_SNAT : NFT_NAT_DNAT);
    put_u32(msg, NFTA_NAT_FAMILY, is_ip6 ? NFPROTO_IPV6 : NFPROTO_IPV4);
    put_u32(msg, NFTA_NAT_REG_ADDR_MIN, reg_number(0));
    put_u32(msg, NFTA_NAT_REG_ADDR_MAX, reg_number(0));
    if (port) {
        put_u32(msg, NFTA_NAT_REG_PROTO_MIN, reg_number(is_ip6 ? 4 : 1));
        put_u32(msg, NFTA_NAT_REG_PROTO_MAX, reg_number(is_ip6 ? 4 : 1));
    }
    put_u32(msg, NFTA_NAT_FLAGS,
            NF_NAT_RANGE_MAP_IPS | (port ? NF_NAT_RANGE_PROTO_SPECIFIED : 0));
    nl_msg_end_nested(msg, ofs);
    return true;
}

static void
put_reject(struct ofpbuf *msg)
{
    size_t ofs = start_expr(msg, "reject");
    put_u32(msg, NFTA_REJECT_TYPE, NFT_REJECT_TCP_RST);
    nl_msg_end_nested(msg, ofs);
}

static const struct verdict {
    const char *name;
    int32_t code;
    bool has_chain;
} verdicts[] = {
    { "drop", NF_DROP, false },
    { "accept", NF_ACCEPT, false },
    { "return", NFT_RETURN, false },
    { "jump", NFT_JUMP, true },
    { "goto", NFT_GOTO, true },
};

static bool
put_verdict(struct ofpbuf *msg, const char *name, const char *chain)
{
    for (size_t i = 0; i < ARRAY_SIZE(verdicts); i++) {
        const struct verdict *v = &verdicts[i];

        if (!strcmp(v->name, name) && v->has_chain == (chain != NULL)) {
            size_t ofs = start_expr(msg, "immediate");
            put_u32(msg, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);

            size_t data = nl_msg_start_nested(msg, NFTA_IMMEDIATE_DATA);
            size_t verdict = nl_msg_start_nested(msg, NFTA_DATA_VERDICT);
            put_u32(msg, NFTA_VERDICT_CODE, v->code);
            if (chain) {
                nl_msg_put_string(msg, NFTA_VERDICT_CHAIN, chain);
            }
            nl_msg_end_nested(msg, verdict);
            nl_msg_end_nested(msg, data);
            nl_msg_end_nested(msg, ofs);
            return true;
        }
    }
    return false;
}

/* Appends the name and data of expression 'text' to 'msg'. */
static bool
put_expr(struct ofpbuf *msg, struct regs *regs, const char *text)
{
    const struct nft_field *field = nft_field_find(text);

    if (field) {
        put_load(msg, regs, field);
        return true;
    }

    char *copy = xstrdup(text);
    char *save = NULL;
    char *words[4] = { NULL, NULL, NULL, NULL };
    size_t n = 0;
    for (char *word = strtok_r(copy, " ", &save); word && n < 4;
         word = strtok_r(NULL, " ", &save)) {
        words[n++] = word;
    }

    const char *verb = n ? words[0] : "";
    bool ok = true;
    if (!strcmp(text, "set mark") && regs->field) {
        put_set_mark(msg, regs);
    } else if (!strcmp(text, "reject tcp reset")) {
        put_reject(msg);
    } else if (!strcmp(verb, "cmp") && n == 2) {
        ok = put_cmp(msg, regs, words[1]);
    } else if (!strcmp(verb, "and") && n == 2) {
        ok = put_bitwise(msg, regs, words[1], NULL);
    } else if (!strcmp(verb, "and") && n == 4 && !strcmp(words[2], "xor")) {
        ok = put_bitwise(msg, regs, words[1], words[3]);
    } else if (!strcmp(verb, "lookup") && (n == 2 || n == 3)) {
        ok = put_lookup(msg, regs, words[1], words[2]);
    } else if ((!strcmp(verb, "add") || !strcmp(verb, "update")) && n == 4
               && !strcmp(words[2], "timeout")) {
        ok = put_dynset(msg, regs, verb, words[1], words[3]);
    } else if (!strcmp(verb, "counter") && n == 2) {
        put_counter(msg, words[1]);
    } else if ((!strcmp(verb, "snat") || !strcmp(verb, "dnat"))
               && (n == 2 || n == 3)) {
        ok = put_nat(msg, verb, words[1], words[2]);
    } else {
        ok = n <= 2 && put_verdict(msg, verb, words[1]);
    }
    free(copy);
    return ok;
}

char *
nft_rule_put(struct ofpbuf *msg, const char *rule)
{
    size_t list = nl_msg_start_nested(msg, NFTA_RULE_EXPRESSIONS);
    struct regs regs = { .next = 0 };
    char *error = NULL;

    while (*rule && !error) {
        size_t len = strcspn(rule, ",");
        char *text = xmemdup0(rule, len);
        size_t elem = nl_msg_start_nested(msg, NFTA_LIST_ELEM);

        if (!put_expr(msg, &regs, text)) {
            error = xasprintf("\"%s\" is no expression of a rule", text);
        }
        nl_msg_end_nested(msg, elem);
        free(text);
        rule += len;
        rule += strspn(rule, ", ");
    }
    nl_msg_end_nested(msg, list);
    return error;
}

/* Getting. */

/* Returns the text in the attribute of 'type', or "?" if there is none, or it
 * is not a word. */
static const char *
find_word(const struct nlattr *nest, uint16_t type)
{
    const struct nlattr *a = nl_attr_find_nested(nest, type);
    size_t size = a ? nl_attr_get_size(a) : 0;
    const char *s = a ? nl_attr_get(a) : NULL;

    return (size && !s[size - 1] && strlen(s) == size - 1
            && !s[strcspn(s, ", ")] ? s : "?");
}

/* Appends the value that an attribute of 'type' holds. */
static void
guess_value(const struct nlattr *nest, uint16_t type, const struct regs *regs,
            struct ds *s)
{
    const struct nlattr *data = nl_attr_find_nested(nest, type);
    const struct nlattr *value = (
        data ? nl_attr_find_nested(data, NFTA_DATA_VALUE) : NULL);

    if (value && regs->field && nl_attr_get_size(value) == regs->field->len) {
        nft_field_format(regs->field, nl_attr_get(value), s);
    } else {
        ds_put_char(s, '?');
    }
}

static void
guess_verdict(const struct nlattr *data, struct ds *s)
{
    const struct nlattr *a = nl_attr_find_nested(data, NFTA_IMMEDIATE_DATA);
    const struct nlattr *v = (
        a ? nl_attr_find_nested(a, NFTA_DATA_VERDICT) : NULL);
    int32_t code = v ? nft_attr_u32(v, NFTA_VERDICT_CODE) : INT32_MIN;

    for (size_t i = 0; v && i < ARRAY_SIZE(verdicts); i++) {
        if (verdicts[i].code == code) {
            ds_put_cstr(s, verdicts[i].name);
            if (verdicts[i].has_chain) {
                ds_put_format(s, " %s", find_word(v, NFTA_VERDICT_CHAIN));
            }
        }
    }
}

/* Appends what expression 'name' with 'data' probably is. */
static void
guess_expr(const char *name, const struct nlattr *data,
           const struct regs *regs, struct ds *s)
{
    if (!strcmp(name, "meta") && nl_attr_find_nested(data, NFTA_META_SREG)) {
        ds_put_cstr(s, "set mark");
    } else if (!strcmp(name, "meta") || !strcmp(name, "payload")
               || !strcmp(name, "numgen") || !strcmp(name, "ct")) {
        const struct nft_field *field = nft_field_guess(name, data);

        ds_put_cstr(s, field ? field->name : "");
    } else if (!strcmp(name, "cmp")) {
        ds_put_cstr(s, "cmp ");
        guess_value(data, NFTA_CMP_DATA, regs, s);
    } else if (!strcmp(name, "bitwise")) {
        struct ds bits = DS_EMPTY_INITIALIZER;

        ds_put_cstr(s, "and ");
        guess_value(data, NFTA_BITWISE_MASK, regs, s);
        guess_value(data, NFTA_BITWISE_XOR, regs, &bits);
        if (strspn(ds_cstr(&bits), "0x.:") != bits.length) {
            ds_put_format(s, " xor %s", ds_cstr(&bits));
        }
        ds_destroy(&bits);
    } else if (!strcmp(name, "lookup")) {
        int64_t dreg = nft_attr_u32(data, NFTA_LOOKUP_DREG);

        ds_put_format(s, "lookup %s%s", find_word(data, NFTA_LOOKUP_SET),
                      dreg < 0 ? "" : dreg ? " map" : " verdict");
    } else if (!strcmp(name, "dynset")) {
        const struct nlattr *timeout = nl_attr_find_nested(
            data, NFTA_DYNSET_TIMEOUT);

        ds_put_format(s, "%s %s timeout %"PRIu64,
                      (nft_attr_u32(data, NFTA_DYNSET_OP) == NFT_DYNSET_OP_ADD
                       ? "add" : "update"),
                      find_word(data, NFTA_DYNSET_SET_NAME),
                      (timeout && nl_attr_get_size(timeout) == 8
                       ? ntohll(nl_attr_get_be64(timeout)) / 1000 : 0));
    } else if (!strcmp(name, "objref")) {
        ds_put_format(s, "counter %s", find_word(data, NFTA_OBJREF_IMM_NAME));
    } else if (!strcmp(name, "nat")) {
        bool is_ip6 = nft_attr_u32(data, NFTA_NAT_FAMILY) == NFPROTO_IPV6;
        bool is_snat = nft_attr_u32(data, NFTA_NAT_TYPE) == NFT_NAT_SNAT;
        bool has_port = nft_attr_u32(data, NFTA_NAT_REG_PROTO_MIN) >= 0;

        ds_put_format(s, "%s ip%s%s", is_snat ? "snat" : "dnat",
                      is_ip6 ? "6" : "", has_port ? " port" : "");
    } else if (!strcmp(name, "reject")) {
        ds_put_cstr(s, "reject tcp reset");
    } else if (!strcmp(name, "immediate")) {
        guess_verdict(data, s);
    }
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

/* Appends the expression in 'elem', and follows it in 'regs'. */
static void
get_expr(const struct nlattr *elem, struct regs *regs, struct ds *s)
{
    const struct nlattr *data = nl_attr_find_nested(elem, NFTA_EXPR_DATA);
    const char *name = find_word(elem, NFTA_EXPR_NAME);
    struct ofpbuf msg;
    size_t start = s->length;
    bool ok = false;

    ofpbuf_init(&msg, 128);
    if (data) {
        guess_expr(name, data, regs, s);
        size_t ofs = nl_msg_start_nested(&msg, NFTA_LIST_ELEM);
        ok = put_expr(&msg, regs, ds_cstr(s) + start);
        nl_msg_end_nested(&msg, ofs);
    }
    if (ok) {
        const struct nlattr *want = ofpbuf_at_assert(&msg, 0, NLA_HDRLEN);

        ok = (!strcmp(name, find_word(want, NFTA_EXPR_NAME))
              && data_matches(data,
                              nl_attr_find_nested(want, NFTA_EXPR_DATA)));
    }
    if (!ok) {
        ds_truncate(s, start);
        ds_put_format(s, "?%s", name);
    }
    ofpbuf_uninit(&msg);
}

void
nft_rule_get(const struct nlattr *expressions, struct ds *s)
{
    struct regs regs = { .next = 0 };
    const struct nlattr *elem;
    size_t left;
    int n = 0;

    NL_NESTED_FOR_EACH (elem, left, expressions) {
        ds_put_cstr(s, n++ ? ", " : "");
        get_expr(elem, &regs, s);
    }
}
