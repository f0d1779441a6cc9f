/* SPDX-License-Identifier: Apache-2.0 */

/* A small evaluator of OVN's match expressions: see the header.
 *
 * It evaluates while it parses, in a logic of four values: of "&&", one NO
 * decides, of "||", one YES; otherwise what is UNKNOWN makes the whole
 * UNKNOWN, and then what DEPENDS.  What cannot be parsed is UNKNOWN. */

#include <config.h>

#include "plan/trace/match.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/shash.h"
#include "util.h"

/* Parentheses within parentheses, and "!" before "!". */
#define MAX_DEPTH 64

enum token_type {
    TOK_END, TOK_ERROR, TOK_WORD, TOK_STRING, TOK_SET,
    TOK_LPAREN, TOK_RPAREN, TOK_LBRACE, TOK_RBRACE, TOK_COMMA,
    TOK_AND, TOK_OR, TOK_NOT, TOK_EQ, TOK_NE, TOK_ORDER,
};

struct parser {
    const char *s;              /* What follows the token. */
    enum token_type type;
    const char *start;          /* Of a word, string or name of a set. */
    size_t len;
    unsigned int depth;
    bool error;
    const struct match_packet *packet;
};

static enum match_result parse_or(struct parser *);

/* Tokens. */

static bool
is_word_char(const char *s)
{
    return (isalnum((unsigned char) *s) || (*s && strchr("_.:[]", *s))
            || (*s == '/' && s[1] != '/' && s[1] != '*'));
}

/* Passes over spaces and comments.  Returns false if one does not end. */
static bool
skip_space(struct parser *p)
{
    for (;;) {
        p->s += strspn(p->s, " \t\r\n");
        if (!strncmp(p->s, "//", 2)) {
            p->s += strcspn(p->s, "\n");
        } else if (!strncmp(p->s, "/*", 2)) {
            const char *end = strstr(p->s + 2, "*/");
            if (!end) {
                return false;
            }
            p->s = end + 2;
        } else {
            return true;
        }
    }
}

/* Takes the longest run of word characters as the token. */
static void
take_word(struct parser *p, enum token_type type)
{
    p->start = p->s;
    while (is_word_char(p->s)) {
        p->s++;
    }
    p->len = p->s - p->start;
    p->type = p->len ? type : TOK_ERROR;
}

static void
take_string(struct parser *p)
{
    const char *end = strchr(p->s, '"');

    if (end && !memchr(p->s, '\\', end - p->s)) {
        p->type = TOK_STRING;
        p->start = p->s;
        p->len = end - p->s;
        p->s = end + 1;
    } else {
        p->type = TOK_ERROR;
    }
}

static void
next_token(struct parser *p)
{
    static const struct {
        const char *text;
        enum token_type type;
    } symbols[] = {
        { "(", TOK_LPAREN }, { ")", TOK_RPAREN }, { "{", TOK_LBRACE },
        { "}", TOK_RBRACE }, { ",", TOK_COMMA }, { "&&", TOK_AND },
        { "||", TOK_OR }, { "==", TOK_EQ }, { "!=", TOK_NE },
        { "!", TOK_NOT }, { "<=", TOK_ORDER }, { ">=", TOK_ORDER },
        { "<", TOK_ORDER }, { ">", TOK_ORDER },
    };

    if (!skip_space(p)) {
        p->type = TOK_ERROR;
        return;
    }
    for (size_t i = 0; i < ARRAY_SIZE(symbols); i++) {
        size_t n = strlen(symbols[i].text);
        if (!strncmp(p->s, symbols[i].text, n)) {
            p->type = symbols[i].type;
            p->s += n;
            return;
        }
    }
    if (!*p->s) {
        p->type = TOK_END;
    } else if (*p->s == '"') {
        p->s++;
        take_string(p);
    } else if (*p->s == '$') {
        p->s++;
        take_word(p, TOK_SET);
    } else {
        take_word(p, TOK_WORD);
    }
}

static bool
token_is(const struct parser *p, const char *word)
{
    return p->len == strlen(word) && !memcmp(p->start, word, p->len);
}

static enum match_result
fail(struct parser *p)
{
    p->error = true;
    return MATCH_UNKNOWN;
}

/* Logic. */

static enum match_result
combine(enum match_result a, enum match_result b, enum match_result decides)
{
    return (a == decides || b == decides ? decides
            : a == MATCH_UNKNOWN || b == MATCH_UNKNOWN ? MATCH_UNKNOWN
            : a == MATCH_DEPENDS || b == MATCH_DEPENDS ? MATCH_DEPENDS
            : a);
}

static enum match_result
negate(enum match_result r)
{
    return (r == MATCH_NO ? MATCH_YES
            : r == MATCH_YES ? MATCH_NO
            : r);
}

/* Relations: a field, "==" or "!=", and values. */

enum field { FIELD_SRC, FIELD_DST, FIELD_MARK, FIELD_INPORT, FIELD_OTHER };

struct relation {
    enum field field;
    enum ip_family family;      /* Of FIELD_SRC and FIELD_DST. */
};

static struct relation
parse_field(const struct parser *p)
{
    static const struct {
        const char *name;
        struct relation relation;
    } fields[] = {
        { "ip4.src", { FIELD_SRC, IP_V4 } },
        { "ip6.src", { FIELD_SRC, IP_V6 } },
        { "ip4.dst", { FIELD_DST, IP_V4 } },
        { "ip6.dst", { FIELD_DST, IP_V6 } },
        { "pkt.mark", { FIELD_MARK, IP_V4 } },
        { "inport", { FIELD_INPORT, IP_V4 } },
    };

    for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
        if (token_is(p, fields[i].name)) {
            return fields[i].relation;
        }
    }
    return (struct relation) { FIELD_OTHER, IP_V4 };
}

/* True if 'text' is an address or network; '*hit' is then whether 'ip' is in
 * it. */
static bool
ip_is_in(const char *text, enum ip_family family, const struct in6_addr *ip,
         bool *hit)
{
    struct ip_prefix prefix;

    if (!ip_prefix_parse(text, &prefix, NULL)
        || ip_family(&prefix.addr) != family) {
        return false;
    }
    *hit = ip_prefix_contains(&prefix, ip);
    return true;
}

static enum match_result
evaluate_set(const struct match_packet *packet, const char *name,
             enum ip_family family, const struct in6_addr *ip)
{
    const struct match_set *set = shash_find_data(packet->sets, name);

    for (size_t i = 0; set && i < set->n; i++) {
        bool hit;
        if (ip_is_in(set->addresses[i], family, ip, &hit) && hit) {
            return MATCH_YES;
        }
    }
    return set ? MATCH_NO : MATCH_UNKNOWN;
}

/* Is the field equal to the value that 'p' is at? */
static enum match_result
evaluate_value(const struct parser *p, const struct relation *r)
{
    const struct match_packet *packet = p->packet;
    enum match_result result = MATCH_UNKNOWN;
    char *text = xmemdup0(p->start, p->len);

    if (r->field == FIELD_SRC || r->field == FIELD_DST) {
        const struct in6_addr *ip = (r->field == FIELD_SRC ? &packet->src
                                     : &packet->dst);
        bool hit;

        if (!ip_is_set(ip)) {
            result = MATCH_DEPENDS;
        } else if (p->type == TOK_SET) {
            result = evaluate_set(packet, text, r->family, ip);
        } else if (p->type == TOK_WORD
                   && ip_is_in(text, r->family, ip, &hit)) {
            result = hit ? MATCH_YES : MATCH_NO;
        }
    } else if (r->field == FIELD_MARK && p->type == TOK_WORD) {
        unsigned int mark;

        if (str_to_uint(text, 0, &mark)) {
            result = mark == packet->pkt_mark ? MATCH_YES : MATCH_NO;
        }
    } else if (r->field == FIELD_INPORT && p->type == TOK_STRING
               && packet->inport) {
        result = strcmp(text, packet->inport) ? MATCH_NO : MATCH_YES;
    }
    free(text);
    return result;
}

static bool
is_value(const struct parser *p)
{
    return (p->type == TOK_WORD || p->type == TOK_STRING
            || p->type == TOK_SET);
}

/* Parses what follows a field's "==": true if it is equal to one of them. */
static enum match_result
parse_values(struct parser *p, const struct relation *r)
{
    enum match_result result = MATCH_NO;
    bool list = p->type == TOK_LBRACE;

    if (list) {
        next_token(p);
    }
    do {
        if (!is_value(p)) {
            return fail(p);
        }
        result = combine(result, evaluate_value(p, r), MATCH_YES);
        next_token(p);
        if (list && p->type == TOK_COMMA) {
            next_token(p);
        }
    } while (list && p->type != TOK_RBRACE);
    if (list) {
        next_token(p);
    }
    return result;
}

/* Parses a relation, or a predicate. */
static enum match_result
parse_relation(struct parser *p)
{
    struct relation r = parse_field(p);
    enum ip_family family = ip_family(&p->packet->src);
    enum match_result alone
        = (token_is(p, "1") || token_is(p, "ip") ? MATCH_YES
           : token_is(p, "0") ? MATCH_NO
           : token_is(p, "ip4") ? (family == IP_V4 ? MATCH_YES : MATCH_NO)
           : token_is(p, "ip6") ? (family == IP_V6 ? MATCH_YES : MATCH_NO)
           : MATCH_UNKNOWN);

    next_token(p);
    if (p->type != TOK_EQ && p->type != TOK_NE && p->type != TOK_ORDER) {
        return alone;
    }

    enum token_type op = p->type;
    next_token(p);
    enum match_result result = parse_values(p, &r);
    if (r.field == FIELD_OTHER || op == TOK_ORDER) {
        return MATCH_UNKNOWN;
    } else if ((r.field == FIELD_SRC || r.field == FIELD_DST)
               && r.family != family) {
        return MATCH_NO;        /* Even with "!=": the field is not there. */
    }
    return op == TOK_NE ? negate(result) : result;
}

static enum match_result
parse_unary(struct parser *p)
{
    enum match_result result;

    if (p->error || ++p->depth > MAX_DEPTH) {
        return fail(p);
    }
    if (p->type == TOK_NOT) {
        next_token(p);
        result = negate(parse_unary(p));
    } else if (p->type == TOK_LPAREN) {
        next_token(p);
        result = parse_or(p);
        if (p->type != TOK_RPAREN) {
            return fail(p);
        }
        next_token(p);
    } else if (p->type == TOK_WORD) {
        result = parse_relation(p);
    } else {
        return fail(p);
    }
    p->depth--;
    return result;
}

/* OVN takes "&&" and "||" beside each other in parentheses only. */
static enum match_result
parse_or(struct parser *p)
{
    enum match_result result = parse_unary(p);
    enum token_type op = p->type;

    while (!p->error && (p->type == TOK_AND || p->type == TOK_OR)) {
        if (p->type != op) {
            return fail(p);
        }
        next_token(p);
        result = combine(result, parse_unary(p),
                         op == TOK_AND ? MATCH_NO : MATCH_YES);
    }
    return result;
}

enum match_result
match_evaluate(const char *match, const struct match_packet *packet)
{
    struct parser p = { .s = match, .packet = packet };

    next_token(&p);
    enum match_result result = parse_or(&p);
    return p.error || p.type != TOK_END ? MATCH_UNKNOWN : result;
}
