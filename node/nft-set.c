/* SPDX-License-Identifier: Apache-2.0 */

/* The maps and sets of our nftables table, and their elements.
 * See nft-set.h. */

#include <config.h>

#include "node/nft-set.h"

#include <inttypes.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <stdlib.h>
#include <string.h>

#include "byte-order.h"
#include "intent/ip.h"
#include "netlink.h"
#include "node/nft-interval.h"
#include "node/nft-nl.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/ofpbuf.h"
#include "smap.h"
#include "sset.h"
#include "util.h"

/* A message of elements is ended beyond this size: the length of a netlink
 * attribute has 16 bits. */
#define MAX_LIST 60000

#define MARK_CHAIN "mark_"

/* The element of nftables that stands for all other keys. */
#define CATCHALL "*"

/* Of timed sets: as many as may leave at once, and as many drops as somebody
 * may want to read. */
#define MANY (1 << 20)
#define FEW 128

#define BOTH(NAME, KEY, DATA, ...) \
    { NAME "4", IP_V4, NFT_VALUE_##KEY, NFT_VALUE_##DATA, __VA_ARGS__ }, \
    { NAME "6", IP_V6, NFT_VALUE_##KEY, NFT_VALUE_##DATA, __VA_ARGS__ }

static const struct nft_set sets[] = {
    BOTH("snat", ADDRESS, ADDRESS, false, 0),
    BOTH("mark", ADDRESS, MARK, false, 0),
    BOTH("port", ADDRESS_PORT, MARK, false, 0),
    BOTH("local", PREFIX, NONE, false, 0),
    BOTH("nodes", ADDRESS, NONE, false, 0),
    BOTH("hidden", ADDRESS, NONE, false, 0),
    BOTH("pair", PAIR, NONE, false, 0),
    BOTH("exit", WAY, NONE, false, 0),
    BOTH("public", ADDRESS, NONE, false, 0),
    BOTH("way", WAY, NONE, false, 0),
    BOTH("anywhere", ADDRESS, NONE, false, 0),
    BOTH("services", PREFIX, NONE, false, 0),
    BOTH("watched", ADDRESS, NONE, false, 0),
    BOTH("leaving", ADDRESS, NONE, true, MANY),
    BOTH("gone", WAY, NONE, true, MANY),
    BOTH("seen", ADDRESS, NONE, true, MANY),
    BOTH("cut", ADDRESS_PORT, NONE, true, MANY),
    BOTH("dropped", DROP, NONE, true, FEW),
    BOTH("ingress", SERVICE, ADDRESS, false, 0),
    BOTH("backend", SLOT, ADDRESS_PORT, false, 0),
    BOTH("idle", SERVICE, NONE, false, 0),
};

const struct nft_set *
nft_set_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(sets); i++) {
        if (!strcmp(sets[i].name, name)) {
            return &sets[i];
        }
    }
    return NULL;
}

const struct ovsdb_type *
nft_set_type(const struct nft_set *set)
{
    static const struct ovsdb_type set_type = {
        .key = OVSDB_BASE_STRING_INIT, .value = OVSDB_BASE_VOID_INIT,
        .n_min = 0, .n_max = UINT_MAX,
    };
    static const struct ovsdb_type map_type = {
        .key = OVSDB_BASE_STRING_INIT, .value = OVSDB_BASE_STRING_INIT,
        .n_min = 0, .n_max = UINT_MAX,
    };

    return set->data == NFT_VALUE_NONE ? &set_type : &map_type;
}

/* The set itself. */

static size_t
address_len(const struct nft_set *set)
{
    return nft_value_len(NFT_VALUE_ADDRESS, set->family);
}

static size_t
key_len(const struct nft_set *set)
{
    return nft_value_len(set->key, set->family);
}

/* The numbers that make a set: indexed by NFTA_SET_*, 0 for what is not
 * given. */
struct set_numbers {
    uint32_t numbers[NFTA_SET_DATA_LEN + 1];
};

static struct set_numbers
set_numbers(const struct nft_set *set)
{
    struct set_numbers n = { { 0 } };

    n.numbers[NFTA_SET_KEY_TYPE] = nft_value_type(set->key, set->family);
    n.numbers[NFTA_SET_FLAGS] = (set->key == NFT_VALUE_PREFIX
                                 ? NFT_SET_INTERVAL
                                 : set->timed ? NFT_SET_TIMEOUT | NFT_SET_EVAL
                                 : 0);
    n.numbers[NFTA_SET_KEY_LEN] = key_len(set);
    if (set->data == NFT_VALUE_MARK) {
        n.numbers[NFTA_SET_FLAGS] = NFT_SET_MAP;
        n.numbers[NFTA_SET_DATA_TYPE] = NFT_DATA_VERDICT;
    } else if (set->data != NFT_VALUE_NONE) {
        n.numbers[NFTA_SET_FLAGS] = NFT_SET_MAP;
        n.numbers[NFTA_SET_DATA_TYPE] = nft_value_type(set->data, set->family);
        n.numbers[NFTA_SET_DATA_LEN] = nft_value_len(set->data, set->family);
    }
    return n;
}

void
nft_set_put(struct ofpbuf *msg, const struct nft_set *set)
{
    struct set_numbers n = set_numbers(set);

    for (uint16_t type = NFTA_SET_FLAGS; type < ARRAY_SIZE(n.numbers);
         type++) {
        if (n.numbers[type]) {
            nl_msg_put_be32(msg, type, htonl(n.numbers[type]));
        }
    }
    nl_msg_put_be32(msg, NFTA_SET_ID, htonl(set - sets + 1));
    if (set->size) {
        size_t ofs = nl_msg_start_nested(msg, NFTA_SET_DESC);
        nl_msg_put_be32(msg, NFTA_SET_DESC_SIZE, htonl(set->size));
        nl_msg_end_nested(msg, ofs);
    }
    if (set->key == NFT_VALUE_SLOT) {
        nft_value_put_typeof(msg, set->family);
    }
}

bool
nft_set_is_valid(const struct nft_set *set, struct nlattr *const *attrs)
{
    struct set_numbers n = set_numbers(set);

    for (uint16_t type = NFTA_SET_FLAGS; type < ARRAY_SIZE(n.numbers);
         type++) {
        uint32_t number = (attrs[type]
                           ? ntohl(nl_attr_get_be32(attrs[type])) : 0);

        /* The length of verdicts is the kernel's own affair. */
        if (number != n.numbers[type]
            && !(type == NFTA_SET_DATA_LEN && set->data == NFT_VALUE_MARK)) {
            return false;
        }
    }
    return true;
}

/* Elements as text. */

char *
nft_mark_chain(const char *mark)
{
    unsigned int number;

    return (str_to_uint(mark, 0, &number)
            ? xasprintf(MARK_CHAIN "%08x", number) : NULL);
}

/* The bytes of 'ip' as they are in messages. */
static const uint8_t *
address_bytes(const struct nft_set *set, const struct in6_addr *ip)
{
    return ip->s6_addr + 16 - address_len(set);
}

/* Putting elements. */

static void
put_key(struct ofpbuf *msg, const struct nft_set *set, const uint8_t *bytes)
{
    size_t ofs = nl_msg_start_nested(msg, NFTA_SET_ELEM_KEY);
    nl_msg_put_unspec(msg, NFTA_DATA_VALUE, bytes, key_len(set));
    nl_msg_end_nested(msg, ofs);
}

static bool
put_value(struct ofpbuf *msg, const struct nft_set *set, const char *value)
{
    size_t ofs = nl_msg_start_nested(msg, NFTA_SET_ELEM_DATA);
    uint8_t bytes[NFT_VALUE_MAX];

    if (set->data == NFT_VALUE_MARK) {
        char *chain = nft_mark_chain(value);
        if (!chain) {
            return false;
        }

        size_t verdict = nl_msg_start_nested(msg, NFTA_DATA_VERDICT);
        nl_msg_put_be32(msg, NFTA_VERDICT_CODE, htonl(NFT_GOTO));
        nl_msg_put_string(msg, NFTA_VERDICT_CHAIN, chain);
        nl_msg_end_nested(msg, verdict);
        free(chain);
    } else if (nft_value_parse(set->data, set->family, value, bytes)) {
        nl_msg_put_unspec(msg, NFTA_DATA_VALUE, bytes,
                          nft_value_len(set->data, set->family));
    } else {
        return false;
    }
    nl_msg_end_nested(msg, ofs);
    return true;
}

static bool
put_single(struct ofpbuf *msg, const struct nft_set *set, const char *key,
           const char *value)
{
    size_t ofs = nl_msg_start_nested(msg, NFTA_LIST_ELEM);
    uint8_t bytes[NFT_VALUE_MAX];

    if (!strcmp(key, CATCHALL)) {
        nl_msg_put_be32(msg, NFTA_SET_ELEM_FLAGS,
                        htonl(NFT_SET_ELEM_CATCHALL));
    } else if (nft_value_parse(set->key, set->family, key, bytes)) {
        put_key(msg, set, bytes);
    } else {
        return false;
    }
    if (value && !put_value(msg, set, value)) {
        return false;
    }
    nl_msg_end_nested(msg, ofs);
    return true;
}

/* An interval is two elements: its first address, and the first one after it,
 * unless there is none. */
static bool
put_interval(struct ofpbuf *msg, const struct nft_set *set, const char *key)
{
    struct ip_range range;
    struct in6_addr end;

    if (!ip_range_parse(key, &range)
        || ip_family(&range.first) != set->family) {
        return false;
    }

    size_t ofs = nl_msg_start_nested(msg, NFTA_LIST_ELEM);
    put_key(msg, set, address_bytes(set, &range.first));
    nl_msg_end_nested(msg, ofs);

    ip_next(&range.last, &end);
    if (ip_compare(&end, &range.last) > 0) {
        ofs = nl_msg_start_nested(msg, NFTA_LIST_ELEM);
        put_key(msg, set, address_bytes(set, &end));
        nl_msg_put_be32(msg, NFTA_SET_ELEM_FLAGS,
                        htonl(NFT_SET_ELEM_INTERVAL_END));
        nl_msg_end_nested(msg, ofs);
    }
    return true;
}

/* Puts element 'i'; to delete it the key is enough. */
static char *
put_element(struct ofpbuf *msg, unsigned int cmd, const struct nft_set *set,
            const struct ovsdb_datum *elements, size_t i)
{
    const char *key = json_string(elements->keys[i].s);
    bool with_value = cmd == NFT_MSG_NEWSETELEM && set->data != NFT_VALUE_NONE;
    const char *value = with_value ? json_string(elements->values[i].s) : NULL;

    if (set->key == NFT_VALUE_PREFIX
        ? put_interval(msg, set, key)
        : put_single(msg, set, key, value)) {
        return NULL;
    }
    return xasprintf("%s: bad element %s%s%s", set->name, key,
                     value ? " : " : "", value ? value : "");
}

char *
nft_set_put_elements(struct nft_batch *batch, unsigned int cmd,
                     const struct nft_set *set,
                     const struct ovsdb_datum *elements)
{
    bool add = cmd == NFT_MSG_NEWSETELEM;
    uint16_t flags = add ? NLM_F_CREATE | NLM_F_EXCL : 0;
    char *error = NULL;

    for (size_t i = 0; i < elements->n && !error; ) {
        struct ofpbuf *msg = nft_batch_put(batch, cmd, flags,
                                           "%s elements of %s",
                                           add ? "add" : "delete", set->name);
        nl_msg_put_string(msg, NFTA_SET_ELEM_LIST_TABLE, NFT_TABLE);
        nl_msg_put_string(msg, NFTA_SET_ELEM_LIST_SET, set->name);

        size_t list = nl_msg_start_nested(msg, NFTA_SET_ELEM_LIST_ELEMENTS);
        while (i < elements->n && msg->size - list < MAX_LIST && !error) {
            error = put_element(msg, cmd, set, elements, i++);
        }
        nl_msg_end_nested(msg, list);
    }
    return error;
}

/* Puts message 'cmd' about 'keys', for 'seconds' if that is not 0. */
static char *
put_timed_keys(struct nft_batch *batch, unsigned int cmd,
               const struct nft_set *set, const struct sset *keys,
               unsigned int seconds)
{
    bool add = cmd == NFT_MSG_NEWSETELEM;
    const char **array = sset_sort(keys);
    size_t n = sset_count(keys);
    char *error = NULL;

    for (size_t i = 0; i < n && !error; ) {
        struct ofpbuf *msg = nft_batch_put(batch, cmd, add ? NLM_F_CREATE : 0,
                                           "%s elements of %s",
                                           add ? "add" : "delete", set->name);
        nl_msg_put_string(msg, NFTA_SET_ELEM_LIST_TABLE, NFT_TABLE);
        nl_msg_put_string(msg, NFTA_SET_ELEM_LIST_SET, set->name);

        size_t list = nl_msg_start_nested(msg, NFTA_SET_ELEM_LIST_ELEMENTS);
        for (; i < n && msg->size - list < MAX_LIST && !error; i++) {
            size_t ofs = nl_msg_start_nested(msg, NFTA_LIST_ELEM);
            uint8_t bytes[NFT_VALUE_MAX];

            if (!nft_value_parse(set->key, set->family, array[i], bytes)) {
                error = xasprintf("%s: bad element %s", set->name, array[i]);
                break;
            }
            put_key(msg, set, bytes);
            if (seconds) {
                nl_msg_put_be64(msg, NFTA_SET_ELEM_TIMEOUT,
                                htonll(seconds * 1000ULL));
            }
            nl_msg_end_nested(msg, ofs);
        }
        nl_msg_end_nested(msg, list);
    }
    free(array);
    return error;
}

/* What expires at this moment is no error to delete, if it was added before,
 * and what is added anew has all of its time. */
char *
nft_set_put_timed(struct nft_batch *batch, const struct nft_set *set,
                  const struct sset *keys, unsigned int seconds)
{
    char *error = put_timed_keys(batch, NFT_MSG_NEWSETELEM, set, keys, 1);

    if (!error) {
        error = put_timed_keys(batch, NFT_MSG_DELSETELEM, set, keys, 0);
    }
    if (!error && seconds) {
        error = put_timed_keys(batch, NFT_MSG_NEWSETELEM, set, keys, seconds);
    }
    return error;
}

/* Getting elements. */

static const struct nl_policy elem_policy[] = {
    [NFTA_SET_ELEM_KEY] = { .type = NL_A_NESTED, .optional = true },
    [NFTA_SET_ELEM_DATA] = { .type = NL_A_NESTED, .optional = true },
    [NFTA_SET_ELEM_FLAGS] = { .type = NL_A_BE32, .optional = true },
    [NFTA_SET_ELEM_EXPIRATION] = { .type = NL_A_BE64, .optional = true },
};

static const struct nl_policy data_policy[] = {
    [NFTA_DATA_VALUE] = { .type = NL_A_UNSPEC, .optional = true },
    [NFTA_DATA_VERDICT] = { .type = NL_A_NESTED, .optional = true },
};

static const struct nl_policy verdict_policy[] = {
    [NFTA_VERDICT_CODE] = { .type = NL_A_BE32 },
    [NFTA_VERDICT_CHAIN] = { .type = NL_A_STRING, .optional = true },
};

/* Returns the 'len' bytes of data in 'nest', or NULL. */
static const uint8_t *
get_bytes(const struct nlattr *nest, size_t len)
{
    struct nlattr *attrs[ARRAY_SIZE(data_policy)];

    if (!nest || !nl_parse_nested(nest, data_policy, attrs, ARRAY_SIZE(attrs))
        || !attrs[NFTA_DATA_VALUE]
        || nl_attr_get_size(attrs[NFTA_DATA_VALUE]) != len) {
        return NULL;
    }
    return nl_attr_get(attrs[NFTA_DATA_VALUE]);
}

static char *
get_key(const struct nft_set *set, struct nlattr *const *attrs)
{
    const uint8_t *bytes = get_bytes(attrs[NFTA_SET_ELEM_KEY], key_len(set));
    uint32_t flags = (attrs[NFTA_SET_ELEM_FLAGS]
                      ? ntohl(nl_attr_get_be32(attrs[NFTA_SET_ELEM_FLAGS]))
                      : 0);
    struct ds s = DS_EMPTY_INITIALIZER;

    if (!bytes) {
        return xstrdup(CATCHALL);
    }
    nft_value_format(set->key, set->family, bytes, &s);
    if (flags & NFT_SET_ELEM_INTERVAL_END) {
        ds_put_cstr(&s, NFT_INTERVAL_END);
    }
    return ds_steal_cstr(&s);
}

static char *
get_mark(const struct nlattr *nest)
{
    struct nlattr *data[ARRAY_SIZE(data_policy)];
    struct nlattr *attrs[ARRAY_SIZE(verdict_policy)];

    if (nl_parse_nested(nest, data_policy, data, ARRAY_SIZE(data))
        && data[NFTA_DATA_VERDICT]
        && nl_parse_nested(data[NFTA_DATA_VERDICT], verdict_policy, attrs,
                           ARRAY_SIZE(attrs))
        && attrs[NFTA_VERDICT_CHAIN]
        && nl_attr_get_be32(attrs[NFTA_VERDICT_CODE])
           == htonl((uint32_t) NFT_GOTO)) {
        const char *chain = nl_attr_get_string(attrs[NFTA_VERDICT_CHAIN]);

        if (!strncmp(chain, MARK_CHAIN, strlen(MARK_CHAIN))) {
            return xasprintf("0x%s", chain + strlen(MARK_CHAIN));
        }
    }
    return xstrdup("?");
}

static char *
get_value(const struct nft_set *set, const struct nlattr *nest)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    if (nest && set->data == NFT_VALUE_MARK) {
        return get_mark(nest);
    }

    const uint8_t *bytes = get_bytes(nest,
                                     nft_value_len(set->data, set->family));
    if (!bytes) {
        return xstrdup("?");
    }
    nft_value_format(set->data, set->family, bytes, &s);
    return ds_steal_cstr(&s);
}

void
nft_set_get_elements(const struct nft_set *set, const struct nlattr *list,
                     struct ovsdb_datum *elements)
{
    const struct ovsdb_type *type = nft_set_type(set);
    const struct nlattr *elem;
    size_t left;

    NL_NESTED_FOR_EACH (elem, left, list) {
        struct nlattr *attrs[ARRAY_SIZE(elem_policy)];
        union ovsdb_atom key, value;

        if (!nl_parse_nested(elem, elem_policy, attrs, ARRAY_SIZE(attrs))) {
            continue;
        }
        key.s = ovsdb_atom_string_create_nocopy(get_key(set, attrs));
        if (set->data != NFT_VALUE_NONE) {
            value.s = ovsdb_atom_string_create_nocopy(
                get_value(set, attrs[NFTA_SET_ELEM_DATA]));
        }
        ovsdb_datum_add_unsafe(elements, &key, &value, type, NULL);
        ovsdb_atom_destroy(&key, type->key.type);
        if (set->data != NFT_VALUE_NONE) {
            ovsdb_atom_destroy(&value, type->value.type);
        }
    }
}

void
nft_set_get_timed(const struct nft_set *set, const struct nlattr *list,
                  struct smap *elements)
{
    const struct nlattr *elem;
    size_t left;

    NL_NESTED_FOR_EACH (elem, left, list) {
        struct nlattr *attrs[ARRAY_SIZE(elem_policy)];

        if (nl_parse_nested(elem, elem_policy, attrs, ARRAY_SIZE(attrs))) {
            const struct nlattr *a = attrs[NFTA_SET_ELEM_EXPIRATION];
            char *key = get_key(set, attrs);

            smap_replace_nocopy(elements, key,
                                xasprintf("%"PRIu64, a ? ntohll(
                                              nl_attr_get_be64(a)) : 0));
            free(key);
        }
    }
}

void
nft_set_finish(const struct nft_set *set, struct ovsdb_datum *elements)
{
    if (set->key == NFT_VALUE_PREFIX) {
        nft_interval_join(set, elements);
    }
    ovsdb_datum_sort_unique(elements, nft_set_type(set));
}
