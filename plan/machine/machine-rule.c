/* SPDX-License-Identifier: Apache-2.0 */

/* Policy routing rules as values: see machine-rule.h. */

#include <config.h>

#include "plan/machine/machine-rule.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "util.h"

static const char *const actions[] = {
    [INTENT_RULE_TABLE] = "lookup",
    [INTENT_RULE_BLACKHOLE] = "blackhole",
    [INTENT_RULE_UNREACHABLE] = "unreachable",
    [INTENT_RULE_PROHIBIT] = "prohibit",
};

void
machine_rule_init(struct machine_rule *rule, enum ip_family family)
{
    memset(rule, 0, sizeof *rule);
    rule->object.class = &machine_class_rule;
    rule->family = family;
    rule->suppress_prefix_length = -1;
    rule->action = INTENT_RULE_TABLE;
}

const char *
machine_rule_other_name(int i)
{
    static const char *const names[MACHINE_RULE_N_OTHERS] = {
        "ipproto", "dport", "uidrange", "realms", "tun_id", "l3mdev",
        "suppress-ifgroup", "sport-range", "tos", "not", "goto", "nop",
    };

    return names[i];
}

/* The classes. */

static int
compare_numbers(uint32_t a, uint32_t b)
{
    return a < b ? -1 : a > b;
}

/* Of all fields: the whole of a rule is its place. */
static int
rule_compare(const void *a_, const void *b_)
{
    const struct machine_rule *a = a_;
    const struct machine_rule *b = b_;
    int cmp = compare_numbers(a->family, b->family);

    cmp = cmp ? cmp : compare_numbers(a->priority, b->priority);
    cmp = cmp ? cmp : ip_prefix_compare(&a->from, &b->from);
    cmp = cmp ? cmp : ip_prefix_compare(&a->to, &b->to);
    cmp = cmp ? cmp : compare_numbers(a->fwmark, b->fwmark);
    cmp = cmp ? cmp : compare_numbers(a->fwmask, b->fwmask);
    cmp = cmp ? cmp : strcmp(a->iif, b->iif);
    cmp = cmp ? cmp : strcmp(a->oif, b->oif);
    cmp = cmp ? cmp : compare_numbers(a->sport, b->sport);
    cmp = cmp ? cmp : compare_numbers(a->other, b->other);
    cmp = cmp ? cmp : compare_numbers(a->suppress_prefix_length + 1,
                                      b->suppress_prefix_length + 1);
    cmp = cmp ? cmp : compare_numbers(a->action, b->action);
    return cmp ? cmp : compare_numbers(a->table, b->table);
}

static void
rule_format(const void *rule, struct ds *s)
{
    const struct machine_rule *r = rule;
    char buf[IP_STRLEN];

    ds_put_format(s, "%s priority %"PRIu32,
                  ip_family_name(r->family), r->priority);
    if (r->from.plen) {
        ds_put_format(s, " from %s", ip_prefix_format(&r->from, buf));
    }
    if (r->to.plen) {
        ds_put_format(s, " to %s", ip_prefix_format(&r->to, buf));
    }
    if (r->fwmask) {
        ds_put_format(s, " fwmark %#"PRIx32"/%#"PRIx32, r->fwmark, r->fwmask);
    }
    if (r->iif[0]) {
        ds_put_format(s, " iif %s", r->iif);
    }
    if (r->oif[0]) {
        ds_put_format(s, " oif %s", r->oif);
    }
    if (r->sport) {
        ds_put_format(s, " sport %"PRIu16, r->sport);
    }
    for (int i = 0, n = 0; i < MACHINE_RULE_N_OTHERS; i++) {
        if (r->other & 1u << i) {
            ds_put_format(s, "%s%s", n++ ? "," : " with ",
                          machine_rule_other_name(i));
        }
    }
    if (r->suppress_prefix_length >= 0) {
        ds_put_format(s, " suppress-prefix-length %"PRId64,
                      r->suppress_prefix_length);
    }
    ds_put_format(s, " %s", actions[r->action]);
    if (r->action == INTENT_RULE_TABLE) {
        ds_put_format(s, " %"PRIu32, r->table);
    }
}

#define RULE_CLASS(NAME) {                                              \
    .name = NAME, .size = sizeof(struct machine_rule),                  \
    .compare = rule_compare, .format = rule_format                      \
}

const struct machine_class machine_class_rule = RULE_CLASS("rule");
const struct machine_class machine_class_source_rule
    = RULE_CLASS("source-rule");

/* Questions. */

/* True if 'wanted' is any, or equal to 'has'. */
static bool
prefix_hits(const struct ip_prefix *wanted, const struct ip_prefix *has)
{
    return !wanted->plen || !ip_prefix_compare(wanted, has);
}

static bool
name_hits(const char *wanted, const char *has)
{
    return !*wanted || !strcmp(wanted, has);
}

bool
machine_rule_may_hit(const struct machine_rule *r,
                     const struct machine_rule *kept)
{
    return (r->family == kept->family
            && r->priority == kept->priority
            && r->action == kept->action
            && r->table == kept->table
            && prefix_hits(&r->from, &kept->from)
            && prefix_hits(&r->to, &kept->to)
            && (!r->fwmark || r->fwmark == kept->fwmark)
            && (!r->fwmask || r->fwmask == kept->fwmask)
            && name_hits(r->iif, kept->iif)
            && name_hits(r->oif, kept->oif)
            && (!r->sport || r->sport == kept->sport)
            && (r->suppress_prefix_length < 0
                || r->suppress_prefix_length
                   == kept->suppress_prefix_length));
}

bool
machine_rule_is_of_services(const struct machine_rule *r)
{
    return (r->priority == MACHINE_RULE_LOCAL
            || r->priority == MACHINE_RULE_NODE_MARK
            || r->priority == MACHINE_RULE_NETWORK);
}

bool
machine_rule_takes_all(const struct machine_rule *r)
{
    if (r->action != INTENT_RULE_TABLE
        || r->other & (MACHINE_RULE_L3MDEV | MACHINE_RULE_GOTO
                       | MACHINE_RULE_NOP)) {
        return false;
    }
    return (r->other & MACHINE_RULE_NOT
            || (!r->other && !r->from.plen && !r->fwmark
                && (!r->iif[0] || !strcmp(r->iif, "lo"))
                && !r->oif[0] && !r->sport));
}

bool
machine_rule_is_absent(const struct machine_rule *r,
                       const struct intent_rule *a)
{
    return (!r->other
            && (!a->has_family || r->family == a->family)
            && (!a->has_from || !ip_prefix_compare(&a->from, &r->from))
            && (!a->has_to || !ip_prefix_compare(&a->to, &r->to))
            && (a->priority < 0 || a->priority == r->priority)
            && (a->action == INTENT_RULE_TABLE || a->action == r->action)
            && (!a->table || a->table == r->table)
            && (!a->fwmask
                || (a->fwmark == r->fwmark && a->fwmask == r->fwmask))
            && (!*a->iif || !strcmp(a->iif, r->iif))
            && (a->suppress_prefix_length < 0
                || a->suppress_prefix_length == r->suppress_prefix_length));
}
