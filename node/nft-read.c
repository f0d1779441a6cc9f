/* SPDX-License-Identifier: Apache-2.0 */

/* Reading our nftables table as rows.  See nft-read.h.
 *
 * The kernel answers a question for each type of object, and for the elements
 * of each set.  All the answers belong together if the ruleset's generation is
 * the same after the last as before the first. */

#include <config.h>

#include "node/nft-read.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "byte-order.h"
#include "netlink.h"
#include "netlink-socket.h"
#include "node/nfnl.h"
#include "node/nft-nl.h"
#include "node/nft-rule.h"
#include "node/nft-set.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/shash.h"
#include "smap.h"
#include "util.h"

/* In case others change the ruleset all the time. */
#define MAX_TRIES 10

/* Chains that belong to a rule: not in all kernel headers. */
#define CHAIN_BINDING (1 << 2)

struct reader {
    struct plan_rows *rows;
    struct machine_objects *objects;
    struct shash chains;        /* Name to "struct chain". */
    struct machine_set *set;    /* Whose elements are read ... */
    struct smap *counters;      /* ... or counters. */
};

struct chain {
    char *hook;
    struct ds rules;
};

static uint32_t
get_u32(const struct nlattr *a)
{
    return a ? ntohl(nl_attr_get_be32(a)) : 0;
}

static bool
is_our_table(const struct nlattr *name)
{
    return !strcmp(nl_attr_get_string(name), NFT_TABLE);
}

/* Adds a row of "nft" with key "TYPE NAME". */
static struct plan_row *
add_row(struct reader *r, const char *type, const char *name)
{
    char *key = xasprintf("%s %s", type, name);
    struct plan_row *row = plan_rows_add(r->rows, "nft", key);

    free(key);
    return row;
}

/* Asks for all objects of a type in our table. */
static int
dump(struct reader *r, uint8_t cmd, const char *set,
     bool (*cb)(const struct ofpbuf *msg, void *reader))
{
    struct ofpbuf request;

    /* For all types the table's name is attribute 1. */
    BUILD_ASSERT_DECL((int) NFTA_CHAIN_TABLE == 1);
    BUILD_ASSERT_DECL((int) NFTA_RULE_TABLE == 1);
    BUILD_ASSERT_DECL((int) NFTA_SET_TABLE == 1);
    BUILD_ASSERT_DECL((int) NFTA_OBJ_TABLE == 1);
    BUILD_ASSERT_DECL((int) NFTA_SET_ELEM_LIST_TABLE == 1);

    nft_request_init(&request, cmd, 0);
    nl_msg_put_string(&request, NFTA_SET_ELEM_LIST_TABLE, NFT_TABLE);
    if (set) {
        nl_msg_put_string(&request, NFTA_SET_ELEM_LIST_SET, set);
    }
    int error = nfnl_dump(&request, cb, r);
    ofpbuf_uninit(&request);
    return error;
}

/* The table. */

static int
read_table(struct reader *r)
{
    static const struct nl_policy policy[] = {
        [NFTA_TABLE_NAME] = { .type = NL_A_STRING },
        [NFTA_TABLE_FLAGS] = { .type = NL_A_BE32, .optional = true },
    };
    struct nlattr *attrs[ARRAY_SIZE(policy)];
    struct ofpbuf request, *reply;
    uint8_t cmd;

    nft_request_init(&request, NFT_MSG_GETTABLE, 0);
    nl_msg_put_string(&request, NFTA_TABLE_NAME, NFT_TABLE);
    int error = nl_transact(NETLINK_NETFILTER, &request, &reply);
    ofpbuf_uninit(&request);
    if (error) {
        return error;
    }

    if (nft_msg_parse(reply, &cmd, policy, attrs, ARRAY_SIZE(attrs))) {
        struct plan_row *row = plan_rows_add(r->rows, "nft", "table");
        plan_row_set_integer(row, "flags", get_u32(attrs[NFTA_TABLE_FLAGS]));
    } else {
        error = EPROTO;
    }
    ofpbuf_delete(reply);
    return error;
}

/* Chains and their rules. */

static char *
format_hook(const struct nlattr *hook, const struct nlattr *type,
            const struct nlattr *policy)
{
    static const struct nl_policy hook_policy[] = {
        [NFTA_HOOK_HOOKNUM] = { .type = NL_A_BE32 },
        [NFTA_HOOK_PRIORITY] = { .type = NL_A_BE32 },
    };
    static const char *const names[] = {
        "prerouting", "input", "forward", "output", "postrouting",
    };
    struct nlattr *attrs[ARRAY_SIZE(hook_policy)];

    if (!hook) {
        return xstrdup("");
    } else if (!nl_parse_nested(hook, hook_policy, attrs, ARRAY_SIZE(attrs))) {
        return xstrdup("?");
    }

    uint32_t number = get_u32(attrs[NFTA_HOOK_HOOKNUM]);
    return xasprintf("%s %s %"PRId32" %s",
                     type ? nl_attr_get_string(type) : "?",
                     number < ARRAY_SIZE(names) ? names[number] : "?",
                     (int32_t) get_u32(attrs[NFTA_HOOK_PRIORITY]),
                     policy && get_u32(policy) == NF_ACCEPT ? "accept" : "?");
}

static bool
read_chain(const struct ofpbuf *msg, void *r_)
{
    static const struct nl_policy policy[] = {
        [NFTA_CHAIN_TABLE] = { .type = NL_A_STRING },
        [NFTA_CHAIN_NAME] = { .type = NL_A_STRING },
        [NFTA_CHAIN_HOOK] = { .type = NL_A_NESTED, .optional = true },
        [NFTA_CHAIN_POLICY] = { .type = NL_A_BE32, .optional = true },
        [NFTA_CHAIN_TYPE] = { .type = NL_A_STRING, .optional = true },
        [NFTA_CHAIN_FLAGS] = { .type = NL_A_BE32, .optional = true },
    };
    struct nlattr *attrs[ARRAY_SIZE(policy)];
    struct reader *r = r_;
    uint8_t cmd;

    if (!nft_msg_parse(msg, &cmd, policy, attrs, ARRAY_SIZE(attrs))) {
        return false;
    }
    if (is_our_table(attrs[NFTA_CHAIN_TABLE])
        && !(get_u32(attrs[NFTA_CHAIN_FLAGS]) & CHAIN_BINDING)) {
        struct chain *chain = xmalloc(sizeof *chain);

        chain->hook = format_hook(attrs[NFTA_CHAIN_HOOK],
                                  attrs[NFTA_CHAIN_TYPE],
                                  attrs[NFTA_CHAIN_POLICY]);
        ds_init(&chain->rules);
        shash_add(&r->chains, nl_attr_get_string(attrs[NFTA_CHAIN_NAME]),
                  chain);
    }
    return true;
}

static bool
read_rule(const struct ofpbuf *msg, void *r_)
{
    static const struct nl_policy policy[] = {
        [NFTA_RULE_TABLE] = { .type = NL_A_STRING },
        [NFTA_RULE_CHAIN] = { .type = NL_A_STRING },
        [NFTA_RULE_EXPRESSIONS] = { .type = NL_A_NESTED, .optional = true },
    };
    struct nlattr *attrs[ARRAY_SIZE(policy)];
    struct reader *r = r_;
    uint8_t cmd;

    if (!nft_msg_parse(msg, &cmd, policy, attrs, ARRAY_SIZE(attrs))) {
        return false;
    }

    struct chain *chain = shash_find_data(
        &r->chains, nl_attr_get_string(attrs[NFTA_RULE_CHAIN]));
    if (chain && is_our_table(attrs[NFTA_RULE_TABLE])) {
        if (attrs[NFTA_RULE_EXPRESSIONS]) {
            nft_rule_get(attrs[NFTA_RULE_EXPRESSIONS], &chain->rules);
        }
        ds_put_char(&chain->rules, '\n');
    }
    return true;
}

static void
finish_chains(struct reader *r)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &r->chains) {
        struct plan_row *row = add_row(r, "chain", node->name);
        struct chain *chain = node->data;

        plan_row_set_string(row, "hook", chain->hook);
        plan_row_set_string(row, "rules", ds_cstr(&chain->rules));
    }
}

/* Sets and maps. */

static bool
read_set(const struct ofpbuf *msg, void *r_)
{
    static const struct nl_policy policy[] = {
        [NFTA_SET_TABLE] = { .type = NL_A_STRING },
        [NFTA_SET_NAME] = { .type = NL_A_STRING },
        [NFTA_SET_FLAGS] = { .type = NL_A_BE32, .optional = true },
        [NFTA_SET_KEY_TYPE] = { .type = NL_A_BE32, .optional = true },
        [NFTA_SET_KEY_LEN] = { .type = NL_A_BE32, .optional = true },
        [NFTA_SET_DATA_TYPE] = { .type = NL_A_BE32, .optional = true },
        [NFTA_SET_DATA_LEN] = { .type = NL_A_BE32, .optional = true },
    };
    struct nlattr *attrs[ARRAY_SIZE(policy)];
    struct reader *r = r_;
    uint8_t cmd;

    if (!nft_msg_parse(msg, &cmd, policy, attrs, ARRAY_SIZE(attrs))) {
        return false;
    }

    const char *name = nl_attr_get_string(attrs[NFTA_SET_NAME]);
    struct machine_set set;
    if (!is_our_table(attrs[NFTA_SET_TABLE])
        || get_u32(attrs[NFTA_SET_FLAGS]) & NFT_SET_ANONYMOUS) {
        /* The set of a rule, which comes and goes with it. */
    } else if (!nft_set_find(name, &set)) {
        add_row(r, "set", name);
    } else {
        set.misshapen = !nft_set_is_valid(&set, attrs);
        machine_objects_add(r->objects, &set);
    }
    return true;
}

static bool
read_elements(const struct ofpbuf *msg, void *r_)
{
    static const struct nl_policy policy[] = {
        [NFTA_SET_ELEM_LIST_ELEMENTS] = { .type = NL_A_NESTED,
                                          .optional = true },
    };
    struct nlattr *attrs[ARRAY_SIZE(policy)];
    struct reader *r = r_;
    uint8_t cmd;

    if (!nft_msg_parse(msg, &cmd, policy, attrs, ARRAY_SIZE(attrs))) {
        return false;
    }

    const struct nlattr *elements = attrs[NFTA_SET_ELEM_LIST_ELEMENTS];
    if (elements) {
        nft_set_get_elements(r->set, elements);
    }
    return true;
}

/* Not of timed sets: these change by themselves. */
static int
read_all_elements(struct reader *r)
{
    char name[MACHINE_NAME_LEN];
    int error = 0;

    for (size_t i = 0; i < r->objects->n && !error; i++) {
        r->set = (struct machine_set *) r->objects->items[i];
        if (!r->set->type->timed && !r->set->misshapen) {
            error = dump(r, NFT_MSG_GETSETELEM,
                         machine_set_name(r->set, name), read_elements);
            nft_set_finish(r->set);
        }
    }
    return error;
}

/* Counters and other named objects. */

static bool
read_object(const struct ofpbuf *msg, void *r_)
{
    static const struct nl_policy policy[] = {
        [NFTA_OBJ_TABLE] = { .type = NL_A_STRING },
        [NFTA_OBJ_NAME] = { .type = NL_A_STRING },
        [NFTA_OBJ_TYPE] = { .type = NL_A_BE32 },
    };
    struct nlattr *attrs[ARRAY_SIZE(policy)];
    uint8_t cmd;

    if (!nft_msg_parse(msg, &cmd, policy, attrs, ARRAY_SIZE(attrs))) {
        return false;
    }
    if (is_our_table(attrs[NFTA_OBJ_TABLE])) {
        const char *name = nl_attr_get_string(attrs[NFTA_OBJ_NAME]);
        uint32_t number = get_u32(attrs[NFTA_OBJ_TYPE]);
        char *type = (number == NFT_OBJECT_COUNTER ? xstrdup("counter")
                      : xasprintf("object %"PRIu32, number));

        add_row(r_, type, name);
        free(type);
    }
    return true;
}

/* All of it. */

static int
read_all(struct reader *r)
{
    uint32_t before, after;
    int error;

    if ((error = nft_get_generation(&before)) || (error = read_table(r))) {
        return error;
    }
    if ((error = dump(r, NFT_MSG_GETCHAIN, NULL, read_chain))
        || (error = dump(r, NFT_MSG_GETRULE, NULL, read_rule))
        || (error = dump(r, NFT_MSG_GETSET, NULL, read_set))
        || (error = dump(r, NFT_MSG_GETOBJ, NULL, read_object))) {
        return error;
    }
    finish_chains(r);
    if ((error = read_all_elements(r))
        || (error = nft_get_generation(&after))) {
        return error;
    }
    return before != after ? EINTR : 0;
}

static void
reader_init(struct reader *r, struct plan_rows *rows,
            struct machine_objects *objects)
{
    *r = (struct reader) { .rows = rows, .objects = objects };
    shash_init(&r->chains);
}

static void
reader_destroy(struct reader *r)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &r->chains) {
        struct chain *chain = node->data;

        free(chain->hook);
        ds_destroy(&chain->rules);
    }
    shash_destroy_free_data(&r->chains);
}

static int
read_once(struct plan_rows *rows, struct machine_objects *objects)
{
    struct reader r;

    reader_init(&r, rows, objects);
    int error = read_all(&r);
    reader_destroy(&r);
    return error;
}

void
nft_read_messages(struct ofpbuf *messages, struct plan_rows *rows,
                  struct machine_objects *objects)
{
    struct ofpbuf msg;
    struct reader r;

    reader_init(&r, rows, objects);
    while (nl_msg_next(messages, &msg)) {
        switch (NFNL_MSG_TYPE(nl_msg_nlmsghdr(&msg)->nlmsg_type)) {
        case NFT_MSG_NEWCHAIN:
            read_chain(&msg, &r);
            break;
        case NFT_MSG_NEWRULE:
            read_rule(&msg, &r);
            break;
        case NFT_MSG_NEWSET:
            read_set(&msg, &r);
            break;
        case NFT_MSG_NEWOBJ:
            read_object(&msg, &r);
            break;
        }
    }
    finish_chains(&r);
    reader_destroy(&r);
}

char *
nft_read(struct plan_rows *rows, struct machine_objects *objects)
{
    int error = EINTR;

    for (int i = 0; i < MAX_TRIES; i++) {
        error = read_once(rows, objects);
        if (!error || (error == ENOENT && !rows->n)) {
            return NULL;        /* Read, or there is no table. */
        }
        plan_rows_destroy(rows);
        machine_objects_destroy(objects);
        if (error != EINTR && error != ENOENT) {
            break;
        }
    }
    return (error == EINTR || error == ENOENT
            ? xstrdup("reading nftables: the ruleset changes all the time")
            : xasprintf("reading nftables: %s", ovs_strerror(error)));
}

/* What changes by itself. */

/* Tries again what another transaction interrupted. */
static char *
dump_patiently(struct reader *r, uint8_t cmd, const char *set,
               bool (*cb)(const struct ofpbuf *msg, void *reader))
{
    int error = EINTR;

    for (int i = 0; i < MAX_TRIES && error == EINTR; i++) {
        if (r->set) {
            r->set->n = 0;
        } else {
            smap_clear(r->counters);
        }
        error = dump(r, cmd, set, cb);
    }
    return (error && error != ENOENT
            ? xasprintf("reading nftables: %s", ovs_strerror(error)) : NULL);
}

char *
nft_read_timed(enum machine_set_id id, enum ip_family family,
               struct machine_set *set)
{
    struct reader r = { .set = set };
    char name[MACHINE_NAME_LEN];

    machine_set_init(set, id, family);
    char *error = dump_patiently(&r, NFT_MSG_GETSETELEM,
                                 machine_set_name(set, name), read_elements);
    machine_set_sort(set);
    return error;
}

static bool
read_counter(const struct ofpbuf *msg, void *r_)
{
    static const struct nl_policy policy[] = {
        [NFTA_OBJ_TABLE] = { .type = NL_A_STRING },
        [NFTA_OBJ_NAME] = { .type = NL_A_STRING },
        [NFTA_OBJ_TYPE] = { .type = NL_A_BE32 },
        [NFTA_OBJ_DATA] = { .type = NL_A_NESTED, .optional = true },
    };
    struct nlattr *attrs[ARRAY_SIZE(policy)];
    struct reader *r = r_;
    uint8_t cmd;

    if (!nft_msg_parse(msg, &cmd, policy, attrs, ARRAY_SIZE(attrs))) {
        return false;
    }

    const struct nlattr *packets
        = (attrs[NFTA_OBJ_DATA]
           ? nl_attr_find_nested(attrs[NFTA_OBJ_DATA], NFTA_COUNTER_PACKETS)
           : NULL);
    if (is_our_table(attrs[NFTA_OBJ_TABLE])
        && get_u32(attrs[NFTA_OBJ_TYPE]) == NFT_OBJECT_COUNTER
        && packets && nl_attr_get_size(packets) == 8) {
        const char *full = nl_attr_get_string(attrs[NFTA_OBJ_NAME]);
        char *name = xmemdup0(full, strcspn(full, "46"));
        uint64_t sum = (strtoull(smap_get_def(r->counters, name, "0"), NULL,
                                 10)
                        + ntohll(nl_attr_get_be64(packets)));

        smap_replace_nocopy(r->counters, name, xasprintf("%"PRIu64, sum));
        free(name);
    }
    return true;
}

char *
nft_read_counters(struct smap *counters)
{
    struct reader r = { .counters = counters };

    return dump_patiently(&r, NFT_MSG_GETOBJ, NULL, read_counter);
}
