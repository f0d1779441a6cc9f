/* SPDX-License-Identifier: Apache-2.0 */

/* Policy routing rules as values: see machine-rule.h. */

#include <config.h>

#include "plan/machine/machine-rule.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "plan/rows/row.h"
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
    rule->family = family;
    rule->suppress_prefix_length = -1;
    rule->action = INTENT_RULE_TABLE;
}

static void
format_key(const struct machine_rule *r, struct ds *s)
{
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
    if (r->other[0]) {
        ds_put_format(s, " with %s", r->other);
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

struct plan_row *
machine_rule_to_row(const struct machine_rule *r, const char *table)
{
    struct ds key = DS_EMPTY_INITIALIZER;

    format_key(r, &key);
    struct plan_row *row = plan_row_create(table, ds_cstr(&key));
    ds_destroy(&key);
    if (r->protocol) {
        plan_row_set_integer(row, "protocol", r->protocol);
    }
    return row;
}

/* Takes one word of a key and its value. */
static void
parse_word(const char *word, const char *value, struct machine_rule *r)
{
    if (!strcmp(word, "priority")) {
        r->priority = strtoul(value, NULL, 10);
    } else if (!strcmp(word, "from")) {
        ip_prefix_parse(value, &r->from, NULL);
    } else if (!strcmp(word, "to")) {
        ip_prefix_parse(value, &r->to, NULL);
    } else if (!strcmp(word, "fwmark")) {
        r->fwmark = strtoul(value, NULL, 0);
        r->fwmask = strtoul(strchr(value, '/') + 1, NULL, 0);
    } else if (!strcmp(word, "iif")) {
        ovs_strlcpy(r->iif, value, sizeof r->iif);
    } else if (!strcmp(word, "oif")) {
        ovs_strlcpy(r->oif, value, sizeof r->oif);
    } else if (!strcmp(word, "sport")) {
        r->sport = strtoul(value, NULL, 10);
    } else if (!strcmp(word, "with")) {
        ovs_strlcpy(r->other, value, sizeof r->other);
    } else if (!strcmp(word, "suppress-prefix-length")) {
        r->suppress_prefix_length = strtoul(value, NULL, 10);
    } else if (!strcmp(word, "lookup")) {
        r->table = strtoul(value, NULL, 10);
    }
}

void
machine_rule_from_row(const struct plan_row *row, struct machine_rule *r)
{
    char *key = xstrdup(row->key);
    char *save = NULL;
    char *word = strtok_r(key, " ", &save);

    machine_rule_init(r, strcmp(word, ip_family_name(IP_V4)) ? IP_V6 : IP_V4);
    for (word = strtok_r(NULL, " ", &save); word;
         word = strtok_r(NULL, " ", &save)) {
        for (size_t i = 0; i < ARRAY_SIZE(actions); i++) {
            if (!strcmp(actions[i], word)) {
                r->action = i;
            }
        }

        const char *value = strtok_r(NULL, " ", &save);
        if (value) {
            parse_word(word, value, r);
        }
    }
    free(key);
    r->protocol = plan_row_integer(row, "protocol", 0);
}

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
    if (r->action != INTENT_RULE_TABLE || strstr(r->other, "l3mdev")
        || strstr(r->other, "goto") || strstr(r->other, "nop")) {
        return false;
    }
    return (strstr(r->other, "not")
            || (!r->other[0] && !r->from.plen && !r->fwmark
                && (!r->iif[0] || !strcmp(r->iif, "lo"))
                && !r->oif[0] && !r->sport));
}

bool
machine_rule_is_absent(const struct machine_rule *r,
                       const struct intent_rule *a)
{
    return (!r->other[0]
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
