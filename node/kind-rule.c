/* SPDX-License-Identifier: Apache-2.0 */

/* Kind "rule": policy routing rules.  See kind.h.
 *
 * Ours have our protocol number (FRA_PROTOCOL).  A rule is never changed: the
 * whole of it is its place, so another one comes, then the old one goes. */

#include <config.h>

#include "node/kind.h"

#include <errno.h>
#include <limits.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "node/rtnl-rule.h"
#include "node/rtnl.h"
#include "plan/machine/machine-rule.h"
#include "util.h"

/* Reading. */

/* Rules of both classes look alike in the kernel: those at which only one of
 * them is wanted belong to it. */
static void
collect(const struct nlmsghdr *nlh, void *dump_)
{
    struct kind_dump *dump = dump_;
    const struct kind_view *view = dump->view;
    struct machine_rule rule;

    if (!rtnl_rule_parse(nlh, &rule)
        || rule.object.protocol == RTPROT_KERNEL) {
        return;
    }
    rule.object.class = &machine_class_source_rule;
    if (!kind_is_wanted(view, &rule)) {
        rule.object.class = &machine_class_rule;
    }
    if (rule.object.protocol == view->protocol || kind_is_wanted(view, &rule)
        || machine_condemns(view->machine, &rule.object)) {
        machine_objects_add(dump->have, &rule);
    }
}

static char *
rule_observe(const struct kind_view *view, struct machine_objects *have)
{
    static const int families[] = { AF_INET, AF_INET6 };

    for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
        struct kind_dump dump = { view, have, have->n };
        int error = rtnl_dump(RTM_GETRULE, families[i], kind_dump_reset,
                              collect, &dump);

        if (error) {
            return xstrdup(ovs_strerror(error));
        }
    }
    return NULL;
}

/* Writing. */

static void
put_name(struct nl_msg *msg, int attr, const char *name)
{
    if (*name) {
        nlsk_put_string(msg, attr, name);
    }
}

static struct nl_msg *
build(int type, int flags, const struct machine_rule *r, uint8_t protocol)
{
    static const uint8_t actions[] = {
        [INTENT_RULE_TABLE] = FR_ACT_TO_TBL,
        [INTENT_RULE_BLACKHOLE] = FR_ACT_BLACKHOLE,
        [INTENT_RULE_UNREACHABLE] = FR_ACT_UNREACHABLE,
        [INTENT_RULE_PROHIBIT] = FR_ACT_PROHIBIT,
    };
    struct fib_rule_hdr frh = {
        .family = rtnl_af(r->family),
        .src_len = r->from.plen,
        .dst_len = r->to.plen,
        .table = r->table < 256 ? r->table : RT_TABLE_UNSPEC,
        .action = actions[r->action],
    };
    struct nl_msg *msg = rtnl_new(type, flags, &frh, sizeof frh);

    nlsk_put_u32(msg, FRA_PRIORITY, r->priority);
    nlsk_put_u8(msg, FRA_PROTOCOL, protocol);
    if (r->table) {
        nlsk_put_u32(msg, FRA_TABLE, r->table);
    }
    if (r->from.plen) {
        rtnl_put_ip(msg, FRA_SRC, &r->from.addr);
    }
    if (r->to.plen) {
        rtnl_put_ip(msg, FRA_DST, &r->to.addr);
    }
    if (r->fwmask) {
        nlsk_put_u32(msg, FRA_FWMARK, r->fwmark);
        nlsk_put_u32(msg, FRA_FWMASK, r->fwmask);
    }
    put_name(msg, FRA_IIFNAME, r->iif);
    put_name(msg, FRA_OIFNAME, r->oif);
    if (r->sport) {
        struct fib_rule_port_range range = { r->sport, r->sport };
        nlsk_put(msg, FRA_SPORT_RANGE, &range, sizeof range);
    }
    if (r->suppress_prefix_length >= 0) {
        nlsk_put_u32(msg, FRA_SUPPRESS_PREFIXLEN, r->suppress_prefix_length);
    }
    return msg;
}

/* Without NLM_F_EXCL, which is of no use: the kernel then takes a rule that
 * has a source or destination for the same as one that has none.  We have just
 * seen that the rule is not there. */
static struct nl_msg *
build_new(const struct machine_rule *rule, uint8_t protocol)
{
    return build(RTM_NEWRULE, NLM_F_CREATE, rule, protocol);
}

static struct nl_msg *
build_delete(const struct machine_rule *rule)
{
    return build(RTM_DELRULE, 0, rule, rule->object.protocol);
}

/* To delete a rule, the kernel takes the first one that has all that the
 * request names, so it may take one that has more. */

/* Rules in the kernel's order. */
struct rule_list {
    int min_selectors;          /* Those that have at least so many. */
    struct machine_rule *items;
    size_t n, allocated;
};

static int
count_selectors(const struct machine_rule *r)
{
    return (!!r->from.plen + !!r->to.plen + !!r->fwmask + !!r->iif[0]
            + !!r->oif[0] + !!r->sport + (r->suppress_prefix_length >= 0)
            + !!r->other);
}

static void
reset_list(void *list_)
{
    struct rule_list *list = list_;

    list->n = 0;
}

static void
collect_list(const struct nlmsghdr *nlh, void *list_)
{
    struct rule_list *list = list_;
    struct machine_rule rule;

    if (rtnl_rule_parse(nlh, &rule) && rule.object.protocol != RTPROT_KERNEL
        && count_selectors(&rule) >= list->min_selectors) {
        if (list->n >= list->allocated) {
            list->items = x2nrealloc(list->items, &list->allocated,
                                     sizeof *list->items);
        }
        list->items[list->n++] = rule;
    }
}

/* Reads the rules of both families into 'list'.  Returns 0 or a positive
 * errno. */
static int
read_list(struct rule_list *list)
{
    static const int families[] = { AF_INET, AF_INET6 };
    struct rule_list all = *list;
    int error = 0;

    for (size_t i = 0; i < ARRAY_SIZE(families) && !error; i++) {
        struct rule_list some = *list;

        error = rtnl_dump(RTM_GETRULE, families[i], reset_list, collect_list,
                          &some);
        all.items = xrealloc(all.items, (all.n + some.n + 1)
                                        * sizeof *all.items);
        for (size_t j = 0; j < some.n; j++) {
            all.items[all.n++] = some.items[j];
        }
        free(some.items);
    }
    *list = all;
    return error;
}

/* True if the kernel may take 'other' when it is asked to delete 'rule'. */
static bool
may_hit(const struct machine_rule *rule, const struct machine_rule *other)
{
    return (rule->object.protocol == other->object.protocol
            && machine_rule_may_hit(rule, other));
}

/* True if they are the same. */
static bool
is_same(const struct machine_rule *a, const struct machine_rule *b)
{
    return may_hit(a, b) && may_hit(b, a) && a->other == b->other;
}

/* True if 'list' has another rule that the kernel may take for 'rule'. */
static bool
is_ambiguous(const struct rule_list *list, const struct machine_rule *rule)
{
    for (size_t i = 0; i < list->n; i++) {
        if (may_hit(rule, &list->items[i])
            && !is_same(rule, &list->items[i])) {
            return true;
        }
    }
    return false;
}

/* Deletes 'rule', which may be taken for another one: all that may be taken
 * for it and stand before it go, one by one, then it goes, and then they come
 * back, in one system call. */
static void
delete_ambiguous(const struct machine_change *c,
                 const struct machine_rule *rule, struct smap *errors)
{
    struct rule_list list = { .min_selectors = 0 };
    struct nlsk_batch batch;
    size_t n = 0;

    nlsk_batch_init(&batch);
    int error = read_list(&list);
    for (size_t i = 0; i < list.n && !error; i++) {
        const struct machine_rule *other = &list.items[i];

        if (!may_hit(rule, other)) {
            continue;
        }
        nlsk_batch_add(&batch, build_delete(rule), c);
        if (is_same(rule, other)) {
            break;
        } else if (other->other) {
            error = EBUSY;      /* We could not put that back. */
        }
        list.items[n++] = *other;
    }
    for (size_t i = 0; i < n; i++) {
        nlsk_batch_add(&batch, build_new(&list.items[i],
                                         rule->object.protocol), c);
    }
    if (error) {
        kind_error(errors, c, "%s", ovs_strerror(error));
    } else {
        rtnl_batch_run(&batch);
        kind_report(&batch, errors);
    }
    nlsk_batch_destroy(&batch);
    free(list.items);
}

static const struct machine_rule *
rule_of(const struct machine_object *object)
{
    return (const struct machine_rule *) object;
}

static void
delete_rules(const struct machine_change *changes, size_t n,
             struct smap *errors)
{
    struct rule_list list = { .min_selectors = INT_MAX };
    struct nlsk_batch batch;

    nlsk_batch_init(&batch);
    for (size_t i = 0; i < n; i++) {
        list.min_selectors = MIN(list.min_selectors,
                                 count_selectors(rule_of(changes[i].have))
                                 + 1);
    }

    int error = read_list(&list);
    for (size_t i = 0; i < n; i++) {
        const struct machine_rule *rule = rule_of(changes[i].have);

        if (error) {
            kind_error(errors, &changes[i], "%s", ovs_strerror(error));
        } else if (is_ambiguous(&list, rule)) {
            delete_ambiguous(&changes[i], rule, errors);
        } else {
            nlsk_batch_add(&batch, build_delete(rule), &changes[i]);
        }
    }
    rtnl_batch_run(&batch);
    kind_report(&batch, errors);
    nlsk_batch_destroy(&batch);
    free(list.items);
}

static void
rule_apply(const struct kind_view *view, const struct machine_change *changes,
           size_t n, struct smap *errors)
{
    struct nlsk_batch batch;

    if (changes[0].type == PLAN_DELETE) {
        delete_rules(changes, n, errors);
        return;
    }

    nlsk_batch_init(&batch);
    for (size_t i = 0; i < n; i++) {
        nlsk_batch_add(&batch, build_new(rule_of(changes[i].want),
                                         view->protocol), &changes[i]);
    }
    rtnl_batch_run(&batch);
    kind_report(&batch, errors);
    nlsk_batch_destroy(&batch);
}

const struct kind kind_rule = {
    .name = "rule",
    .observe = rule_observe,
    .apply = rule_apply,
};
