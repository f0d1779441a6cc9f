/* SPDX-License-Identifier: Apache-2.0 */

/* The kind "nft": our nftables table, "inet ovn_egress".
 *
 * All changes of a step are one transaction: the kernel does all or nothing,
 * and no packet sees half of it.  Elements that change are exchanged one by
 * one, so that whatever else is in the table, counters for example, stays.
 * After that the connections are forgotten whose translation is no longer what
 * the maps say.
 *
 * Called by the reconciler (node/kind.h); reads with node/nft-cache.c. */

#include <config.h>

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <stdlib.h>
#include <string.h>

#include "coverage.h"
#include "node/conntrack.h"
#include "node/kind.h"
#include "node/leftover.h"
#include "node/nft-cache.h"
#include "node/nft-cut.h"
#include "node/nft-leave.h"
#include "node/nft-nl.h"
#include "node/nft-read.h"
#include "node/nft-rule.h"
#include "node/nft-set.h"
#include "node/nft-stale.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "plan/machine/machine-chain.h"
#include "plan/machine/machine-set.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(nft);
COVERAGE_DEFINE(nft_transaction);
COVERAGE_DEFINE(nft_transaction_failed);
COVERAGE_DEFINE(nft_rebuild);
COVERAGE_DEFINE(conntrack_forgotten);

static struct nft_cache *cache;

/* Connections that are to be forgotten, kept until that worked. */
static struct conntrack_filter stale;

/* The table was observed since we started. */
static bool started;

/* Putting changes into a batch. */

/* Return what 'object' is, of 'type' or a set, or NULL. */
static const struct machine_nft_object *
nft_of(const struct machine_object *object, enum machine_nft_type type)
{
    const struct machine_nft_object *o = (const void *) object;

    return object->class == &machine_class_nft && o->type == type ? o : NULL;
}

static const struct machine_set *
set_of(const struct machine_object *object)
{
    return (object && object->class == &machine_class_nft_map
            ? (const void *) object : NULL);
}

/* Starts a message about object 'name' of the table.  For all types of objects
 * the table's name is attribute 1. */
static struct nl_msg *
put_object(struct nft_batch *batch, uint8_t cmd, const char *verb,
           const char *type, uint16_t attr, const char *name)
{
    bool is_new = !strcmp(verb, "add");
    struct nl_msg *msg = nft_batch_put(batch, cmd,
                                       is_new ? NLM_F_CREATE | NLM_F_EXCL : 0,
                                       NFT_ROOM, "%s %s %s", verb, type, name);

    nlsk_put_string(msg, NFTA_CHAIN_TABLE, NFT_TABLE);
    nlsk_put_string(msg, attr, name);
    return msg;
}

static void
put_table(struct nft_batch *batch, uint8_t cmd)
{
    struct nl_msg *msg = nft_batch_put(batch, cmd, NLM_F_CREATE, NFT_ROOM,
                                       "%s table", cmd == NFT_MSG_DELTABLE
                                       ? "delete" : "add");
    nlsk_put_string(msg, NFTA_TABLE_NAME, NFT_TABLE);
    if (cmd == NFT_MSG_NEWTABLE) {
        nlsk_put_be32(msg, NFTA_TABLE_FLAGS, 0);
    }
}

static void
put_hook(struct nl_msg *msg, const struct machine_hook *hook)
{
    BUILD_ASSERT_DECL((int) MACHINE_PREROUTING == (int) NF_INET_PRE_ROUTING);
    BUILD_ASSERT_DECL((int) MACHINE_POSTROUTING == (int) NF_INET_POST_ROUTING);

    struct nlattr *nest = nlsk_nest(msg, NFTA_CHAIN_HOOK);
    nlsk_put_be32(msg, NFTA_HOOK_HOOKNUM, hook->number);
    nlsk_put_be32(msg, NFTA_HOOK_PRIORITY, hook->priority);
    nlsk_nest_end(msg, nest);
    nlsk_put_string(msg, NFTA_CHAIN_TYPE, hook->type);
    nlsk_put_be32(msg, NFTA_CHAIN_POLICY, NF_ACCEPT);
}

static void
put_new_object(struct nft_batch *batch, const struct machine_object *object)
{
    const struct machine_set *set = set_of(object);
    const struct machine_nft_object *o;
    char buf[MACHINE_NAME_LEN];
    struct nl_msg *msg;

    if (set) {
        nft_set_put(put_object(batch, NFT_MSG_NEWSET, "add", "set",
                               NFTA_SET_NAME, machine_set_name(set, buf)),
                    set);
    } else if ((o = nft_of(object, MACHINE_NFT_CHAIN))) {
        msg = put_object(batch, NFT_MSG_NEWCHAIN, "add", "chain",
                         NFTA_CHAIN_NAME, o->name);
        if (*o->hook.type) {
            put_hook(msg, &o->hook);
        }
    } else if ((o = nft_of(object, MACHINE_NFT_COUNTER))) {
        msg = put_object(batch, NFT_MSG_NEWOBJ, "add", "counter",
                         NFTA_OBJ_NAME, o->name);
        nlsk_put_be32(msg, NFTA_OBJ_TYPE, NFT_OBJECT_COUNTER);
        nlsk_nest_end(msg, nlsk_nest(msg, NFTA_OBJ_DATA));
    }
}

/* Without a handle all rules of the chain are deleted. */
static void
put_flush_chain(struct nft_batch *batch, const char *chain)
{
    put_object(batch, NFT_MSG_DELRULE, "flush", "chain", NFTA_RULE_CHAIN,
               chain);
}

static void
put_rules(struct nft_batch *batch, const struct machine_nft_object *chain)
{
    for (size_t i = 0; i < chain->n; i++) {
        const struct machine_expr *rule = &chain->exprs[i];
        struct ds text = DS_EMPTY_INITIALIZER;

        i = machine_rule_text(rule, &text) - chain->exprs;
        struct nl_msg *msg = nft_batch_put(
            batch, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, NFT_ROOM,
            "add rule %s %s", chain->name, ds_cstr(&text));
        nlsk_put_string(msg, NFTA_RULE_TABLE, NFT_TABLE);
        nlsk_put_string(msg, NFTA_RULE_CHAIN, chain->name);
        nft_rule_put(msg, rule);
        ds_destroy(&text);
    }
}

/* The elements that go, with NFT_MSG_DELSETELEM, or come. */
static void
put_elements(struct nft_batch *batch, uint8_t cmd,
             const struct machine_change *change)
{
    const struct machine_set *have = set_of(change->have);
    const struct machine_set *want = set_of(change->want);
    bool add = cmd == NFT_MSG_NEWSETELEM;
    struct machine_set delta;

    machine_set_init(&delta, want->type - machine_set_types, want->family);
    machine_set_subtract(add ? want : have, add ? have : want, &delta);
    if (want->type->timed && !add) {
        nft_set_put_timed(batch, &delta, 0);    /* What is live again. */
    } else {
        nft_set_put_elements(batch, cmd, &delta);
    }
    machine_set_destroy(&delta);
}

/* Puts insertions and modifications, in the order that references need: what
 * goes first, then what others refer to, then what refers to it. */
static void
put_changes(struct nft_batch *batch, const struct machine_change *changes,
            size_t n)
{
    const struct machine_nft_object *o;

    for (size_t i = 0; i < n; i++) {
        if (nft_of(changes[i].want, MACHINE_NFT_TABLE)) {
            put_table(batch, NFT_MSG_NEWTABLE);
        }
    }
    for (size_t i = 0; i < n; i++) {
        if (changes[i].type == PLAN_INSERT) {
            put_new_object(batch, changes[i].want);
        } else if ((o = nft_of(changes[i].want, MACHINE_NFT_CHAIN))) {
            put_flush_chain(batch, o->name);
        }
    }
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < n; i++) {
            if (set_of(changes[i].want)) {
                put_elements(batch, (round ? NFT_MSG_NEWSETELEM
                                     : NFT_MSG_DELSETELEM), &changes[i]);
            }
        }
    }
    for (size_t i = 0; i < n; i++) {
        if ((o = nft_of(changes[i].want, MACHINE_NFT_CHAIN))) {
            put_rules(batch, o);
        }
    }
}

/* Puts the deletion of 'have', if it is no set and nothing refers to it. */
static void
put_deletion(struct nft_batch *batch, const struct machine_object *have)
{
    const struct machine_nft_object *o;

    if ((o = nft_of(have, MACHINE_NFT_CHAIN))) {
        put_object(batch, NFT_MSG_DELCHAIN, "delete", "chain",
                   NFTA_CHAIN_NAME, o->name);
    } else if ((o = nft_of(have, MACHINE_NFT_COUNTER))
               || (o = nft_of(have, MACHINE_NFT_OBJECT))) {
        struct nl_msg *msg = put_object(batch, NFT_MSG_DELOBJ, "delete",
                                        "object", NFTA_OBJ_NAME, o->name);
        nlsk_put_be32(msg, NFTA_OBJ_TYPE,
                      o->type == MACHINE_NFT_COUNTER ? NFT_OBJECT_COUNTER
                      : o->number);
    }
}

/* Puts deletions, of what refers to others first. */
static void
put_deletions(struct nft_batch *batch, const struct machine_change *changes,
              size_t n)
{
    const struct machine_nft_object *o;

    for (size_t i = 0; i < n; i++) {
        if (nft_of(changes[i].have, MACHINE_NFT_TABLE)) {
            put_table(batch, NFT_MSG_DELTABLE);
            return;             /* With all that is in it. */
        }
    }
    for (size_t i = 0; i < n; i++) {
        if ((o = nft_of(changes[i].have, MACHINE_NFT_CHAIN))) {
            put_flush_chain(batch, o->name);
        }
    }
    for (size_t i = 0; i < n; i++) {
        const struct machine_set *set = set_of(changes[i].have);
        char buf[MACHINE_NAME_LEN];

        o = nft_of(changes[i].have, MACHINE_NFT_SET);
        if (set || o) {
            put_object(batch, NFT_MSG_DELSET, "delete", "set", NFTA_SET_NAME,
                       set ? machine_set_name(set, buf) : o->name);
        }
    }
    for (size_t i = 0; i < n; i++) {
        put_deletion(batch, changes[i].have);
    }
}

/* True if a chain or set is there in a form that cannot be modified. */
static bool
is_misshapen(const struct machine_change *change)
{
    const struct machine_nft_object *have = (const void *) change->have;
    const struct machine_nft_object *want = (const void *) change->want;

    return (change->type == PLAN_MODIFY
            && (set_of(change->have) ? set_of(change->have)->misshapen
                : !machine_hook_equals(&have->hook, &want->hook)));
}

/* Puts the whole table anew. */
static void
put_rebuild(struct nft_batch *batch, const struct machine_objects *want)
{
    struct machine_change *changes = xcalloc(want->n, sizeof *changes);
    size_t n = 0;

    for (size_t i = 0; i < want->n; i++) {
        const struct machine_object *object = want->items[i];

        if (object->class == &machine_class_nft || set_of(object)) {
            changes[n++] = (struct machine_change) {
                PLAN_INSERT, NULL, object
            };
        }
    }
    put_table(batch, NFT_MSG_NEWTABLE);
    put_table(batch, NFT_MSG_DELTABLE);
    put_changes(batch, changes, n);
    free(changes);
}

/* Connections. */

/* Forgets the connections of 'stale', which stays as it is if that fails. */
static char *
flush_stale(void)
{
    unsigned int n = 0;
    char *error = conntrack_flush(&stale, nft_cut_note, &n);

    if (!error) {
        conntrack_filter_clear(&stale);
    }
    COVERAGE_ADD(conntrack_forgotten, n);
    VLOG_DBG("%u connections forgotten", n);
    return error;
}

/* The kind. */

static char *
nft_init(void)
{
    int error = nft_nl_init();

    conntrack_filter_init(&stale);
    nft_leave_init();
    leftover_expect();
    started = false;
    return (error ? xasprintf("nftables: %s", ovs_strerror(error))
            : nft_cache_create(&cache));
}

static void
nft_destroy(void)
{
    nft_cache_destroy(cache);
    cache = NULL;
    nft_nl_destroy();
    conntrack_filter_destroy(&stale);
    nft_leave_destroy();
}

/* Notes whether the sets "cut" are in 'table'. */
static void
note_cut_sets(const struct kind_view *view,
              const struct machine_objects *table)
{
    nft_cut_set(machine_set_get(table, MACHINE_SET_CUT, IP_V6) != NULL,
                nft_leave_seconds(view));
}

static char *
nft_observe(const struct kind_view *view, struct machine_objects *have)
{
    struct machine_objects table;

    if (!started) {
        nft_stale_add_all(view, &stale);
        started = true;
    }

    machine_objects_init(&table);
    char *error = nft_cache_get(cache, &table);
    if (!error) {
        note_cut_sets(view, &table);
        error = flush_stale();
    }
    if (!error) {
        error = nft_leave_observe(view, &table);
    }
    for (size_t i = 0; i < table.n; i++) {
        machine_objects_push(have, table.items[i]);
    }
    free(table.items);
    return error;
}

static char *
nft_add_facts(struct machine_facts *facts)
{
    struct machine_objects table;

    machine_objects_init(&table);
    char *error = nft_cache_get(cache, &table);
    if (!error) {
        error = nft_leave_is_guarding(&table, &facts->guarding);
    }
    machine_objects_destroy(&table);
    return error;
}

/* A transaction fails as a whole, so each of its changes has the same
 * error. */
static void
report(const struct machine_change *changes, size_t n, const char *error,
       struct smap *errors)
{
    char *message = error ? xasprintf("nftables: %s", error) : NULL;

    for (size_t i = 0; i < n && message; i++) {
        machine_object_error(errors, machine_change_object(&changes[i]),
                             message);
    }
    free(message);
}

static void
nft_apply(const struct kind_view *view, const struct machine_change *changes,
          size_t n, struct smap *errors)
{
    struct nft_batch batch;
    bool rebuild = false;

    for (size_t i = 0; i < n; i++) {
        rebuild |= is_misshapen(&changes[i]);
    }

    nft_batch_init(&batch);
    if (changes[0].type == PLAN_DELETE) {
        put_deletions(&batch, changes, n);
    } else if (rebuild) {
        COVERAGE_INC(nft_rebuild);
        put_rebuild(&batch, &view->machine->want);
    } else {
        put_changes(&batch, changes, n);
    }
    if (changes[0].type != PLAN_DELETE) {
        nft_leave_put(view, changes, n, rebuild, &batch);
    }
    COVERAGE_INC(nft_transaction);
    char *error = nft_batch_commit(&batch);
    if (error) {
        COVERAGE_INC(nft_transaction_failed);
        nft_cache_invalidate(cache);
    }
    nft_batch_destroy(&batch);

    leftover_expect();
    if (!error) {
        bool clean;

        note_cut_sets(view, &view->machine->want);
        nft_stale_add(view, changes, n, &stale);
        error = flush_stale();
        if (!error) {
            error = leftover_run(view, true, &clean);
        }
    }
    report(changes, n, error, errors);
    free(error);
}

/* When all that left has expired, the table may be one that nobody needs. */
static bool
nft_run(void)
{
    bool changed = nft_cache_run(cache);
    return nft_leave_has_expired() || changed;
}

static void
nft_wait(void)
{
    nft_cache_wait(cache);
    poll_timer_wait_until(nft_leave_expiry() == LLONG_MAX
                          ? LLONG_MAX : nft_leave_expiry() + 1);
}

const struct kind kind_nft = {
    .name = "nft",
    .of_services = true,
    .is_guard = true,
    .init = nft_init,
    .add_facts = nft_add_facts,
    .observe = nft_observe,
    .apply = nft_apply,
    .run = nft_run,
    .wait = nft_wait,
    .destroy = nft_destroy,
};
