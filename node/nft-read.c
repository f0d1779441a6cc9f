/* SPDX-License-Identifier: Apache-2.0 */

/* Reading our nftables table.  See nft-read.h.
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
#include "smap.h"
#include "util.h"

/* In case others change the ruleset all the time. */
#define MAX_TRIES 10

/* Chains that belong to a rule: not in all kernel headers. */
#define CHAIN_BINDING (1 << 2)

struct reader {
    struct machine_objects *objects;
    struct machine_set *set;    /* Whose elements are read ... */
    struct smap *counters;      /* ... or counters. */
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
        machine_nft_add(r->objects, MACHINE_NFT_TABLE, NULL)->number
            = get_u32(attrs[NFTA_TABLE_FLAGS]);
    } else {
        error = EPROTO;
    }
    ofpbuf_delete(reply);
    return error;
}

/* Chains and their rules. */

/* A type that has no room is "?". */
static void
get_hook(const struct nlattr *hook, const struct nlattr *type,
         const struct nlattr *policy, struct machine_hook *h)
{
    static const struct nl_policy hook_policy[] = {
        [NFTA_HOOK_HOOKNUM] = { .type = NL_A_BE32 },
        [NFTA_HOOK_PRIORITY] = { .type = NL_A_BE32 },
    };
    struct nlattr *attrs[ARRAY_SIZE(hook_policy)];
    const char *name = type ? nl_attr_get_string(type) : "?";

    ovs_strlcpy(h->type, strlen(name) < sizeof h->type ? name : "?",
                sizeof h->type);
    h->accept = policy && get_u32(policy) == NF_ACCEPT;
    if (nl_parse_nested(hook, hook_policy, attrs, ARRAY_SIZE(attrs))) {
        h->number = get_u32(attrs[NFTA_HOOK_HOOKNUM]);
        h->priority = get_u32(attrs[NFTA_HOOK_PRIORITY]);
    }
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
        struct machine_nft_object *chain = machine_nft_add(
            r->objects, MACHINE_NFT_CHAIN,
            nl_attr_get_string(attrs[NFTA_CHAIN_NAME]));

        if (attrs[NFTA_CHAIN_HOOK]) {
            get_hook(attrs[NFTA_CHAIN_HOOK], attrs[NFTA_CHAIN_TYPE],
                     attrs[NFTA_CHAIN_POLICY], &chain->hook);
        }
    }
    return true;
}

static struct machine_nft_object *
find_chain(const struct reader *r, const char *name)
{
    for (size_t i = 0; i < r->objects->n; i++) {
        struct machine_nft_object *o = (void *) r->objects->items[i];

        if (o->object.class == &machine_class_nft
            && o->type == MACHINE_NFT_CHAIN && !strcmp(o->name, name)) {
            return o;
        }
    }
    return NULL;
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

    struct machine_nft_object *chain = find_chain(
        r, nl_attr_get_string(attrs[NFTA_RULE_CHAIN]));
    if (chain && is_our_table(attrs[NFTA_RULE_TABLE])) {
        nft_rule_get(attrs[NFTA_RULE_EXPRESSIONS], chain);
    }
    return true;
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
        machine_nft_add(r->objects, MACHINE_NFT_SET, name);
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
        r->set = (void *) r->objects->items[i];
        if (r->set->object.class == &machine_class_nft_map
            && !r->set->type->timed && !r->set->misshapen) {
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
    struct reader *r = r_;
    uint8_t cmd;

    if (!nft_msg_parse(msg, &cmd, policy, attrs, ARRAY_SIZE(attrs))) {
        return false;
    }
    if (is_our_table(attrs[NFTA_OBJ_TABLE])) {
        uint32_t number = get_u32(attrs[NFTA_OBJ_TYPE]);
        bool is_counter = number == NFT_OBJECT_COUNTER;

        machine_nft_add(r->objects, (is_counter ? MACHINE_NFT_COUNTER
                                     : MACHINE_NFT_OBJECT),
                        nl_attr_get_string(attrs[NFTA_OBJ_NAME]))->number
            = is_counter ? 0 : number;
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
    if ((error = read_all_elements(r))
        || (error = nft_get_generation(&after))) {
        return error;
    }
    return before != after ? EINTR : 0;
}

void
nft_read_messages(struct ofpbuf *messages, struct machine_objects *objects)
{
    struct reader r = { .objects = objects };
    struct ofpbuf msg;

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
}

char *
nft_read(struct machine_objects *objects)
{
    struct reader r = { .objects = objects };
    int error = EINTR;

    for (int i = 0; i < MAX_TRIES; i++) {
        error = read_all(&r);
        if (!error || (error == ENOENT && !objects->n)) {
            return NULL;        /* Read, or there is no table. */
        }
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
