/* SPDX-License-Identifier: Apache-2.0 */

/* Reading our nftables table.  See nft-read.h.
 *
 * The kernel answers a question for each type of object, and for the elements
 * of each set.  All the answers belong together if the ruleset's generation is
 * the same after the last as before the first. */

#include <config.h>

#include "node/nft-read.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>

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
    uint32_t generation;        /* Of the ruleset. */
    bool failed;                /* A message was not what it should be. */
};

static uint32_t
get_u32(const struct nlattr *a)
{
    return a ? nlsk_get_be32(a) : 0;
}

/* Parses a message about an object, which must have the attribute 'name'.
 * Returns true if it is of our table.  For all types the table's name is
 * attribute 1. */
static bool
parse(struct reader *r, const struct nlmsghdr *nlh,
      const struct nla_policy *policy, struct nlattr **attrs, size_t n,
      int name)
{
    BUILD_ASSERT_DECL((int) NFTA_TABLE_NAME == 1);
    BUILD_ASSERT_DECL((int) NFTA_CHAIN_TABLE == 1);
    BUILD_ASSERT_DECL((int) NFTA_RULE_TABLE == 1);
    BUILD_ASSERT_DECL((int) NFTA_SET_TABLE == 1);
    BUILD_ASSERT_DECL((int) NFTA_OBJ_TABLE == 1);
    BUILD_ASSERT_DECL((int) NFTA_SET_ELEM_LIST_TABLE == 1);

    if (!nft_msg_parse(nlh, policy, attrs, n)
        || !attrs[NFTA_TABLE_NAME] || !attrs[name]) {
        r->failed = true;
        return false;
    }
    return !strcmp(nla_get_string(attrs[NFTA_TABLE_NAME]), NFT_TABLE);
}

/* Asks for the generation, our table, or all objects of a type in it, which
 * may be the elements of 'set'. */
static int
query(struct reader *r, uint8_t cmd, const char *set, nlsk_cb *cb)
{
    bool one = cmd == NFT_MSG_GETGEN || cmd == NFT_MSG_GETTABLE;
    struct nl_msg *msg = nft_query_new(cmd, one ? NLM_F_ACK : NLM_F_DUMP);

    if (cmd != NFT_MSG_GETGEN) {
        nlsk_put_string(msg, NFTA_TABLE_NAME, NFT_TABLE);
    }
    if (set) {
        nlsk_put_string(msg, NFTA_SET_ELEM_LIST_SET, set);
    }
    r->failed = false;
    int error = nlsk_query(nft_nl_socket(), msg, cb, r);
    nlmsg_free(msg);
    return error ? error : r->failed ? EPROTO : 0;
}

/* The generation of the ruleset, which every transaction of anybody
 * increments. */

static void
read_generation(const struct nlmsghdr *nlh, void *r_)
{
    static const struct nla_policy policy[] = {
        [NFTA_GEN_ID] = NLSK_LEN(4),
    };
    struct nlattr *attrs[ARRAY_SIZE(policy)];
    struct reader *r = r_;

    r->failed = !nft_msg_parse(nlh, policy, attrs, ARRAY_SIZE(attrs));
    r->generation = r->failed ? 0 : get_u32(attrs[NFTA_GEN_ID]);
}

/* The table. */

static void
read_table(const struct nlmsghdr *nlh, void *r_)
{
    static const struct nla_policy policy[] = {
        [NFTA_TABLE_NAME] = { .type = NLA_STRING },
        [NFTA_TABLE_FLAGS] = NLSK_LEN(4),
    };
    struct nlattr *attrs[ARRAY_SIZE(policy)];
    struct reader *r = r_;

    if (parse(r, nlh, policy, attrs, ARRAY_SIZE(attrs), NFTA_TABLE_NAME)) {
        machine_nft_add(r->objects, MACHINE_NFT_TABLE, NULL)->number
            = get_u32(attrs[NFTA_TABLE_FLAGS]);
    }
}

/* Chains and their rules. */

/* A type that has no room is "?". */
static void
get_hook(const struct nlattr *hook, const struct nlattr *type,
         const struct nlattr *policy, struct machine_hook *h)
{
    static const struct nla_policy hook_policy[] = {
        [NFTA_HOOK_HOOKNUM] = NLSK_LEN(4),
        [NFTA_HOOK_PRIORITY] = NLSK_LEN(4),
    };
    struct nlattr *attrs[ARRAY_SIZE(hook_policy)];
    const char *name = type ? nla_get_string(type) : "?";

    ovs_strlcpy(h->type, strlen(name) < sizeof h->type ? name : "?",
                sizeof h->type);
    h->accept = policy && get_u32(policy) == NF_ACCEPT;
    if (nlsk_parse_nest(hook, hook_policy, attrs, ARRAY_SIZE(attrs))) {
        h->number = get_u32(attrs[NFTA_HOOK_HOOKNUM]);
        h->priority = get_u32(attrs[NFTA_HOOK_PRIORITY]);
    }
}

static void
read_chain(const struct nlmsghdr *nlh, void *r_)
{
    static const struct nla_policy policy[] = {
        [NFTA_CHAIN_TABLE] = { .type = NLA_STRING },
        [NFTA_CHAIN_NAME] = { .type = NLA_STRING },
        [NFTA_CHAIN_HOOK] = { .type = NLA_NESTED },
        [NFTA_CHAIN_POLICY] = NLSK_LEN(4),
        [NFTA_CHAIN_TYPE] = { .type = NLA_STRING },
        [NFTA_CHAIN_FLAGS] = NLSK_LEN(4),
    };
    struct nlattr *attrs[ARRAY_SIZE(policy)];
    struct reader *r = r_;

    if (parse(r, nlh, policy, attrs, ARRAY_SIZE(attrs), NFTA_CHAIN_NAME)
        && !(get_u32(attrs[NFTA_CHAIN_FLAGS]) & CHAIN_BINDING)) {
        struct machine_nft_object *chain = machine_nft_add(
            r->objects, MACHINE_NFT_CHAIN,
            nla_get_string(attrs[NFTA_CHAIN_NAME]));

        if (attrs[NFTA_CHAIN_HOOK]) {
            get_hook(attrs[NFTA_CHAIN_HOOK], attrs[NFTA_CHAIN_TYPE],
                     attrs[NFTA_CHAIN_POLICY], &chain->hook);
        }
    }
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

static void
read_rule(const struct nlmsghdr *nlh, void *r_)
{
    static const struct nla_policy policy[] = {
        [NFTA_RULE_TABLE] = { .type = NLA_STRING },
        [NFTA_RULE_CHAIN] = { .type = NLA_STRING },
        [NFTA_RULE_EXPRESSIONS] = { .type = NLA_NESTED },
    };
    struct nlattr *attrs[ARRAY_SIZE(policy)];
    struct reader *r = r_;

    if (parse(r, nlh, policy, attrs, ARRAY_SIZE(attrs), NFTA_RULE_CHAIN)) {
        struct machine_nft_object *chain = find_chain(
            r, nla_get_string(attrs[NFTA_RULE_CHAIN]));

        if (chain) {
            nft_rule_get(attrs[NFTA_RULE_EXPRESSIONS], chain);
        }
    }
}

/* Sets and maps. */

static void
read_set(const struct nlmsghdr *nlh, void *r_)
{
    static const struct nla_policy policy[] = {
        [NFTA_SET_TABLE] = { .type = NLA_STRING },
        [NFTA_SET_NAME] = { .type = NLA_STRING },
        [NFTA_SET_FLAGS] = NLSK_LEN(4),
        [NFTA_SET_KEY_TYPE] = NLSK_LEN(4),
        [NFTA_SET_KEY_LEN] = NLSK_LEN(4),
        [NFTA_SET_DATA_TYPE] = NLSK_LEN(4),
        [NFTA_SET_DATA_LEN] = NLSK_LEN(4),
    };
    struct nlattr *attrs[ARRAY_SIZE(policy)];
    struct reader *r = r_;

    if (!parse(r, nlh, policy, attrs, ARRAY_SIZE(attrs), NFTA_SET_NAME)
        || get_u32(attrs[NFTA_SET_FLAGS]) & NFT_SET_ANONYMOUS) {
        return;         /* The set of a rule, which comes and goes with it. */
    }

    const char *name = nla_get_string(attrs[NFTA_SET_NAME]);
    struct machine_set set;
    if (!nft_set_find(name, &set)) {
        machine_nft_add(r->objects, MACHINE_NFT_SET, name);
    } else {
        set.misshapen = !nft_set_is_valid(&set, attrs);
        machine_objects_add(r->objects, &set);
    }
}

static void
read_elements(const struct nlmsghdr *nlh, void *r_)
{
    static const struct nla_policy policy[] = {
        [NFTA_SET_ELEM_LIST_TABLE] = { .type = NLA_STRING },
        [NFTA_SET_ELEM_LIST_ELEMENTS] = { .type = NLA_NESTED },
    };
    struct nlattr *attrs[ARRAY_SIZE(policy)];
    struct reader *r = r_;

    if (parse(r, nlh, policy, attrs, ARRAY_SIZE(attrs), NFTA_SET_ELEM_LIST_SET)
        && attrs[NFTA_SET_ELEM_LIST_ELEMENTS]) {
        nft_set_get_elements(r->set, attrs[NFTA_SET_ELEM_LIST_ELEMENTS]);
    }
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
            error = query(r, NFT_MSG_GETSETELEM,
                         machine_set_name(r->set, name), read_elements);
            nft_set_finish(r->set);
        }
    }
    return error;
}

/* Counters and other named objects. */

static void
read_object(const struct nlmsghdr *nlh, void *r_)
{
    static const struct nla_policy policy[] = {
        [NFTA_OBJ_TABLE] = { .type = NLA_STRING },
        [NFTA_OBJ_NAME] = { .type = NLA_STRING },
        [NFTA_OBJ_TYPE] = NLSK_LEN(4),
    };
    struct nlattr *attrs[ARRAY_SIZE(policy)];
    struct reader *r = r_;

    if (parse(r, nlh, policy, attrs, ARRAY_SIZE(attrs), NFTA_OBJ_NAME)) {
        uint32_t number = get_u32(attrs[NFTA_OBJ_TYPE]);
        bool is_counter = number == NFT_OBJECT_COUNTER;

        machine_nft_add(r->objects, (is_counter ? MACHINE_NFT_COUNTER
                                     : MACHINE_NFT_OBJECT),
                        nla_get_string(attrs[NFTA_OBJ_NAME]))->number
            = is_counter ? 0 : number;
    }
}

/* All of it. */

static int
read_all(struct reader *r)
{
    int error;

    if ((error = query(r, NFT_MSG_GETGEN, NULL, read_generation))) {
        return error;
    }

    uint32_t generation = r->generation;
    if ((error = query(r, NFT_MSG_GETTABLE, NULL, read_table))
        || (error = query(r, NFT_MSG_GETCHAIN, NULL, read_chain))
        || (error = query(r, NFT_MSG_GETRULE, NULL, read_rule))
        || (error = query(r, NFT_MSG_GETSET, NULL, read_set))
        || (error = query(r, NFT_MSG_GETOBJ, NULL, read_object))
        || (error = read_all_elements(r))
        || (error = query(r, NFT_MSG_GETGEN, NULL, read_generation))) {
        return error;
    }
    return r->generation != generation ? EINTR : 0;
}

void
nft_read_message(const struct nlmsghdr *nlh, struct machine_objects *objects)
{
    struct reader r = { .objects = objects };

    switch (NFNL_MSG_TYPE(nlh->nlmsg_type)) {
    case NFT_MSG_NEWCHAIN:
        read_chain(nlh, &r);
        break;
    case NFT_MSG_NEWRULE:
        read_rule(nlh, &r);
        break;
    case NFT_MSG_NEWSET:
        read_set(nlh, &r);
        break;
    case NFT_MSG_NEWOBJ:
        read_object(nlh, &r);
        break;
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
               nlsk_cb *cb)
{
    int error = EINTR;

    for (int i = 0; i < MAX_TRIES && error == EINTR; i++) {
        if (r->set) {
            r->set->n = 0;
        } else {
            smap_clear(r->counters);
        }
        error = query(r, cmd, set, cb);
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

static void
read_counter(const struct nlmsghdr *nlh, void *r_)
{
    static const struct nla_policy policy[] = {
        [NFTA_OBJ_TABLE] = { .type = NLA_STRING },
        [NFTA_OBJ_NAME] = { .type = NLA_STRING },
        [NFTA_OBJ_TYPE] = NLSK_LEN(4),
        [NFTA_OBJ_DATA] = { .type = NLA_NESTED },
    };
    struct nlattr *attrs[ARRAY_SIZE(policy)];
    struct reader *r = r_;

    if (!parse(r, nlh, policy, attrs, ARRAY_SIZE(attrs), NFTA_OBJ_NAME)
        || !attrs[NFTA_OBJ_DATA]
        || get_u32(attrs[NFTA_OBJ_TYPE]) != NFT_OBJECT_COUNTER) {
        return;
    }

    const struct nlattr *packets = nlsk_find(attrs[NFTA_OBJ_DATA],
                                             NFTA_COUNTER_PACKETS);
    if (packets && nla_len(packets) == 8) {
        const char *full = nla_get_string(attrs[NFTA_OBJ_NAME]);
        char *name = xmemdup0(full, strcspn(full, "46"));
        uint64_t sum = (strtoull(smap_get_def(r->counters, name, "0"), NULL,
                                 10)
                        + nlsk_get_be64(packets));

        smap_replace_nocopy(r->counters, name, xasprintf("%"PRIu64, sum));
        free(name);
    }
}

char *
nft_read_counters(struct smap *counters)
{
    struct reader r = { .counters = counters };

    return dump_patiently(&r, NFT_MSG_GETOBJ, NULL, read_counter);
}
