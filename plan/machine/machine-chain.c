/* SPDX-License-Identifier: Apache-2.0 */

/* Chains, rules and counters of nftables: see machine-chain.h. */

#include <config.h>

#include "plan/machine/machine-chain.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "util.h"

/* Expressions. */

static const char *const field_names[MACHINE_N_FIELDS] = {
    [MACHINE_META_MARK] = "meta mark",
    [MACHINE_META_NFPROTO] = "meta nfproto",
    [MACHINE_META_L4PROTO] = "meta l4proto",
    [MACHINE_META_IIFNAME] = "meta iifname",
    [MACHINE_META_OIFNAME] = "meta oifname",
    [MACHINE_CT_DIRECTION] = "ct direction",
    [MACHINE_CT_STATE] = "ct state",
    [MACHINE_TH_SPORT] = "th sport",
    [MACHINE_TH_DPORT] = "th dport",
    [MACHINE_TCP_FLAGS] = "tcp flags",
    [MACHINE_NUMGEN] = "numgen random 16",
    [MACHINE_CT_ORIGINAL_SADDR] = "ct original ip saddr",
    [MACHINE_CT_ORIGINAL_SADDR6] = "ct original ip6 saddr",
    [MACHINE_CT_REPLY_DADDR] = "ct reply ip daddr",
    [MACHINE_CT_REPLY_DADDR6] = "ct reply ip6 daddr",
    [MACHINE_SADDR] = "ip saddr",
    [MACHINE_SADDR6] = "ip6 saddr",
    [MACHINE_DADDR] = "ip daddr",
    [MACHINE_DADDR6] = "ip6 daddr",
};

bool
machine_field_is_wide(enum machine_field field)
{
    return field == MACHINE_META_MARK || field == MACHINE_CT_STATE;
}

bool
machine_expr_equals(const struct machine_expr *a, const struct machine_expr *b)
{
    return (a->op == b->op && a->field == b->field && a->value == b->value
            && a->bits == b->bits && !strcmp(a->name, b->name));
}

static void
format_number(const struct machine_expr *e, const char *word, uint32_t value,
              struct ds *s)
{
    ds_put_format(s, machine_field_is_wide(e->field) ? "%s 0x%08"PRIx32
                     : "%s %"PRIu32, word, value);
}

static void
format_expr(const struct machine_expr *e, struct ds *s)
{
    static const char *const words[] = {
        [MACHINE_PUT_MARK] = "set mark",
        [MACHINE_LOOKUP] = "lookup ",
        [MACHINE_LOOKUP_MAP] = "lookup ",
        [MACHINE_LOOKUP_VERDICT] = "lookup ",
        [MACHINE_UPDATE] = "update ",
        [MACHINE_COUNTER] = "counter ",
        [MACHINE_SNAT] = "snat ",
        [MACHINE_DNAT] = "dnat ",
        [MACHINE_DNAT_PORT] = "dnat ",
        [MACHINE_RESET] = "reject tcp reset",
        [MACHINE_DROP] = "drop",
        [MACHINE_RETURN] = "return",
        [MACHINE_JUMP] = "jump ",
        [MACHINE_GOTO] = "goto ",
        [MACHINE_FOREIGN] = "?",
    };

    if (e->op == MACHINE_LOAD) {
        ds_put_cstr(s, field_names[e->field]);
    } else if (e->op == MACHINE_CMP) {
        format_number(e, "cmp", e->value, s);
    } else if (e->op == MACHINE_AND) {
        format_number(e, "and", e->value, s);
        if (e->bits) {
            format_number(e, " xor", e->bits, s);
        }
    } else {
        ds_put_format(s, "%s%s", words[e->op], e->name);
    }
    if (e->op == MACHINE_LOOKUP_MAP) {
        ds_put_cstr(s, " map");
    } else if (e->op == MACHINE_LOOKUP_VERDICT) {
        ds_put_cstr(s, " verdict");
    } else if (e->op == MACHINE_UPDATE) {
        ds_put_format(s, " timeout %"PRIu32, e->value);
    } else if (e->op == MACHINE_SNAT || e->op == MACHINE_DNAT
               || e->op == MACHINE_DNAT_PORT) {
        ds_put_format(s, "%s%s", e->value == IP_V6 ? "ip6" : "ip",
                      e->op == MACHINE_DNAT_PORT ? " port" : "");
    }
}

const struct machine_expr *
machine_rule_text(const struct machine_expr *e, struct ds *s)
{
    for (int i = 0; e->op != MACHINE_END; e++, i++) {
        ds_put_cstr(s, i ? ", " : "");
        format_expr(e, s);
    }
    return e;
}

/* Objects. */

struct machine_nft_object *
machine_nft_add(struct machine_objects *objects, enum machine_nft_type type,
                const char *name)
{
    struct machine_nft_object object = {
        .object.class = &machine_class_nft,
        .type = type,
        .name = nullable_xstrdup(name),
    };

    return (void *) machine_objects_add(objects, &object);
}

void
machine_nft_add_expr(struct machine_nft_object *chain,
                     const struct machine_expr *expr)
{
    if (chain->n >= chain->allocated) {
        chain->exprs = x2nrealloc(chain->exprs, &chain->allocated,
                                  sizeof *chain->exprs);
    }
    chain->exprs[chain->n++] = *expr;
}

bool
machine_hook_equals(const struct machine_hook *a, const struct machine_hook *b)
{
    return (!strcmp(a->type, b->type) && a->number == b->number
            && a->priority == b->priority && a->accept == b->accept);
}

/* The class. */

static int
nft_compare(const void *a_, const void *b_)
{
    const struct machine_nft_object *a = a_;
    const struct machine_nft_object *b = b_;

    return (a->type != b->type ? (a->type < b->type ? -1 : 1)
            : a->name ? strcmp(a->name, b->name) : 0);
}

static bool
nft_is_satisfied(const void *have_, const void *want_)
{
    const struct machine_nft_object *have = have_;
    const struct machine_nft_object *want = want_;
    bool same = (have->number == want->number && have->n == want->n
                 && machine_hook_equals(&have->hook, &want->hook));

    for (size_t i = 0; i < want->n && same; i++) {
        same = machine_expr_equals(&have->exprs[i], &want->exprs[i]);
    }
    return same;
}

static void
nft_format(const void *object, struct ds *s)
{
    static const char *const types[] = {
        [MACHINE_NFT_CHAIN] = "chain", [MACHINE_NFT_COUNTER] = "counter",
        [MACHINE_NFT_OBJECT] = "object", [MACHINE_NFT_SET] = "set",
        [MACHINE_NFT_TABLE] = "table",
    };
    const struct machine_nft_object *o = object;

    ds_put_cstr(s, types[o->type]);
    if (o->type == MACHINE_NFT_OBJECT) {
        ds_put_format(s, " %"PRIu32, o->number);
    }
    if (o->name) {
        ds_put_format(s, " %s", o->name);
    }
}

static void
put_hook(struct machine_text *text, const struct machine_hook *h)
{
    static const char *const names[] = {
        "prerouting", "input", "forward", "output", "postrouting",
    };
    char *s = (!*h->type ? xstrdup("")
               : xasprintf("%s %s %"PRId32" %s", h->type,
                           h->number < ARRAY_SIZE(names)
                           ? names[h->number] : "?",
                           h->priority, h->accept ? "accept" : "?"));

    machine_text_put_string(text, "hook", s);
    free(s);
}

static void
nft_describe(const void *object, struct machine_text *text)
{
    const struct machine_nft_object *o = object;

    if (o->type == MACHINE_NFT_TABLE) {
        machine_text_put(text, "flags", "%"PRIu32, o->number);
    } else if (o->type == MACHINE_NFT_CHAIN) {
        struct ds s = DS_EMPTY_INITIALIZER;

        put_hook(text, &o->hook);
        for (size_t i = 0; i < o->n; i++) {
            i = machine_rule_text(&o->exprs[i], &s) - o->exprs;
            ds_put_char(&s, '\n');
        }
        machine_text_put_string(text, "rules", ds_cstr(&s));
        ds_destroy(&s);
    }
}

static void
nft_destroy(void *object)
{
    struct machine_nft_object *o = object;

    free(o->name);
    free(o->exprs);
}

const struct machine_class machine_class_nft = {
    .name = "nft", .size = sizeof(struct machine_nft_object),
    .compare = nft_compare, .is_satisfied = nft_is_satisfied,
    .format = nft_format, .describe = nft_describe, .destroy = nft_destroy,
};
