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

#include "intent/ip.h"
#include "node/nft-nl.h"
#include "node/nft-value.h"
#include "util.h"

/* A message of elements is ended beyond this size: the length of a netlink
 * attribute has 16 bits. */
#define MAX_LIST 60000

/* Enough for the attributes of an element, and for those before the list. */
#define ELEMENT_ROOM 256

#define MARK_CHAIN "mark_"

bool
nft_set_find(const char *name, struct machine_set *set)
{
    char buf[MACHINE_NAME_LEN];

    for (int id = 0; id < MACHINE_N_SETS; id++) {
        for (int f = 0; f < IP_N_FAMILIES; f++) {
            machine_set_init(set, id, f);
            if (!strcmp(machine_set_name(set, buf), name)) {
                return true;
            }
        }
    }
    return false;
}

/* The set itself. */

static size_t
key_len(const struct machine_set *set)
{
    return nft_value_len(set->type->key, set->family);
}

/* The numbers that make a set: indexed by NFTA_SET_*, 0 for what is not
 * given. */
struct set_numbers {
    uint32_t numbers[NFTA_SET_DATA_LEN + 1];
};

static struct set_numbers
set_numbers(const struct machine_set *set)
{
    const struct machine_set_type *type = set->type;
    struct set_numbers n = { { 0 } };

    n.numbers[NFTA_SET_KEY_TYPE] = nft_value_type(type->key, set->family);
    n.numbers[NFTA_SET_FLAGS] = (type->key == MACHINE_RANGE ? NFT_SET_INTERVAL
                                 : type->timed
                                 ? NFT_SET_TIMEOUT | NFT_SET_EVAL
                                 : 0);
    n.numbers[NFTA_SET_KEY_LEN] = key_len(set);
    if (type->data == MACHINE_MARK) {
        n.numbers[NFTA_SET_FLAGS] = NFT_SET_MAP;
        n.numbers[NFTA_SET_DATA_TYPE] = NFT_DATA_VERDICT;
    } else if (type->data != MACHINE_NOTHING) {
        n.numbers[NFTA_SET_FLAGS] = NFT_SET_MAP;
        n.numbers[NFTA_SET_DATA_TYPE] = nft_value_type(type->data,
                                                       set->family);
        n.numbers[NFTA_SET_DATA_LEN] = nft_value_len(type->data, set->family);
    }
    return n;
}

void
nft_set_put(struct nl_msg *msg, const struct machine_set *set)
{
    struct set_numbers n = set_numbers(set);

    for (uint16_t type = NFTA_SET_FLAGS; type < ARRAY_SIZE(n.numbers);
         type++) {
        if (n.numbers[type]) {
            nlsk_put_be32(msg, type, n.numbers[type]);
        }
    }
    nlsk_put_be32(msg, NFTA_SET_ID,
                    (set->type - machine_set_types) * IP_N_FAMILIES
                          + set->family + 1);
    if (set->type->size) {
        struct nlattr *nest = nlsk_nest(msg, NFTA_SET_DESC);
        nlsk_put_be32(msg, NFTA_SET_DESC_SIZE, set->type->size);
        nlsk_nest_end(msg, nest);
    }
    if (set->type->key == MACHINE_SLOT) {
        nft_value_put_typeof(msg, set->family);
    }
}

bool
nft_set_is_valid(const struct machine_set *set, struct nlattr *const *attrs)
{
    struct set_numbers n = set_numbers(set);

    for (uint16_t type = NFTA_SET_FLAGS; type < ARRAY_SIZE(n.numbers);
         type++) {
        uint32_t number = (attrs[type]
                           ? nlsk_get_be32(attrs[type]) : 0);

        /* The length of verdicts is the kernel's own affair. */
        if (number != n.numbers[type]
            && !(type == NFTA_SET_DATA_LEN
                 && set->type->data == MACHINE_MARK)) {
            return false;
        }
    }
    return true;
}

/* Putting elements. */

static void
put_key(struct nl_msg *msg, const struct machine_set *set,
        const struct machine_value *key)
{
    uint8_t bytes[NFT_VALUE_MAX];

    nft_value_put(set->type->key, set->family, key, bytes);
    struct nlattr *nest = nlsk_nest(msg, NFTA_SET_ELEM_KEY);
    nlsk_put(msg, NFTA_DATA_VALUE, bytes, key_len(set));
    nlsk_nest_end(msg, nest);
}

static void
put_data(struct nl_msg *msg, const struct machine_set *set,
         const struct machine_value *data)
{
    struct nlattr *nest = nlsk_nest(msg, NFTA_SET_ELEM_DATA);
    uint8_t bytes[NFT_VALUE_MAX];

    if (set->type->data == MACHINE_MARK) {
        char chain[sizeof MARK_CHAIN + 8];

        snprintf(chain, sizeof chain, MARK_CHAIN "%08"PRIx32, data->number);
        struct nlattr *verdict = nlsk_nest(msg, NFTA_DATA_VERDICT);
        nlsk_put_be32(msg, NFTA_VERDICT_CODE, NFT_GOTO);
        nlsk_put_string(msg, NFTA_VERDICT_CHAIN, chain);
        nlsk_nest_end(msg, verdict);
    } else {
        nft_value_put(set->type->data, set->family, data, bytes);
        nlsk_put(msg, NFTA_DATA_VALUE, bytes,
                 nft_value_len(set->type->data, set->family));
    }
    nlsk_nest_end(msg, nest);
}

/* A range is two elements: its first address, and the first one after it,
 * unless there is none. */
static void
put_range_end(struct nl_msg *msg, const struct machine_set *set,
              const struct in6_addr *last)
{
    struct machine_value end;

    ip_next(last, &end.ip);
    if (ip_compare(&end.ip, last) > 0) {
        struct nlattr *nest = nlsk_nest(msg, NFTA_LIST_ELEM);

        put_key(msg, set, &end);
        nlsk_put_be32(msg, NFTA_SET_ELEM_FLAGS,
                        NFT_SET_ELEM_INTERVAL_END);
        nlsk_nest_end(msg, nest);
    }
}

/* Puts element 'e', for 'seconds' if that is not 0; to delete it the key is
 * enough. */
static void
put_element(struct nl_msg *msg, bool add, const struct machine_set *set,
            const struct machine_element *e, unsigned int seconds)
{
    struct nlattr *nest = nlsk_nest(msg, NFTA_LIST_ELEM);

    if (e->flags & MACHINE_ELEMENT_CATCHALL) {
        nlsk_put_be32(msg, NFTA_SET_ELEM_FLAGS,
                        NFT_SET_ELEM_CATCHALL);
    } else {
        put_key(msg, set, &e->key);
    }
    if (add && set->type->data != MACHINE_NOTHING) {
        put_data(msg, set, &e->data);
    }
    if (seconds) {
        nlsk_put_be64(msg, NFTA_SET_ELEM_TIMEOUT, seconds * 1000ULL);
    }
    nlsk_nest_end(msg, nest);
    if (set->type->key == MACHINE_RANGE
        && !(e->flags & MACHINE_ELEMENT_CATCHALL)) {
        put_range_end(msg, set, &e->key.other);
    }
}

static size_t
length_since(struct nl_msg *msg, const struct nlattr *start)
{
    return (char *) nlmsg_tail(nlmsg_hdr(msg)) - (char *) start;
}

static void
put_list(struct nft_batch *batch, unsigned int cmd, uint16_t flags,
         const struct machine_set *set, unsigned int seconds)
{
    bool add = cmd == NFT_MSG_NEWSETELEM;
    char name[MACHINE_NAME_LEN];

    machine_set_name(set, name);
    for (size_t i = 0; i < set->n; ) {
        struct nl_msg *msg = nft_batch_put(
            batch, cmd, add ? flags : 0,
            MIN((set->n - i) * ELEMENT_ROOM, MAX_LIST) + 2 * ELEMENT_ROOM,
            "%s elements of %s", add ? "add" : "delete", name);
        nlsk_put_string(msg, NFTA_SET_ELEM_LIST_TABLE, NFT_TABLE);
        nlsk_put_string(msg, NFTA_SET_ELEM_LIST_SET, name);

        struct nlattr *list = nlsk_nest(msg, NFTA_SET_ELEM_LIST_ELEMENTS);
        while (i < set->n && length_since(msg, list) < MAX_LIST) {
            put_element(msg, add, set, &set->items[i++], seconds);
        }
        nlsk_nest_end(msg, list);
    }
}

void
nft_set_put_elements(struct nft_batch *batch, unsigned int cmd,
                     const struct machine_set *set)
{
    put_list(batch, cmd, NLM_F_CREATE | NLM_F_EXCL, set, 0);
}

/* What expires at this moment is no error to delete, if it was added before,
 * and what is added anew has all of its time. */
void
nft_set_put_timed(struct nft_batch *batch, const struct machine_set *set,
                  unsigned int seconds)
{
    put_list(batch, NFT_MSG_NEWSETELEM, NLM_F_CREATE, set, 1);
    put_list(batch, NFT_MSG_DELSETELEM, 0, set, 0);
    if (seconds) {
        put_list(batch, NFT_MSG_NEWSETELEM, NLM_F_CREATE, set, seconds);
    }
}

/* Getting elements. */

static const struct nla_policy elem_policy[] = {
    [NFTA_SET_ELEM_FLAGS] = NLSK_LEN(4),
    [NFTA_SET_ELEM_EXPIRATION] = NLSK_LEN(8),
};

static const struct nla_policy verdict_policy[] = {
    [NFTA_VERDICT_CODE] = NLSK_LEN(4),
    [NFTA_VERDICT_CHAIN] = { .type = NLA_STRING },
};

/* Returns the 'len' bytes of data in 'nest', or NULL. */
static const uint8_t *
get_bytes(const struct nlattr *nest, size_t len)
{
    const struct nlattr *value = nest ? nlsk_find(nest, NFTA_DATA_VALUE)
                                      : NULL;

    return value && nla_len(value) == len ? nla_data(value) : NULL;
}

/* Reads the mark that 'nest' goes to.  Returns false if it is none. */
static bool
get_mark(const struct nlattr *nest, uint32_t *mark)
{
    const struct nlattr *verdict = nlsk_find(nest, NFTA_DATA_VERDICT);
    struct nlattr *attrs[ARRAY_SIZE(verdict_policy)];

    if (!verdict
        || !nlsk_parse_nest(verdict, verdict_policy, attrs, ARRAY_SIZE(attrs))
        || !attrs[NFTA_VERDICT_CHAIN] || !attrs[NFTA_VERDICT_CODE]
        || nlsk_get_be32(attrs[NFTA_VERDICT_CODE]) != (uint32_t) NFT_GOTO) {
        return false;
    }

    const char *chain = nla_get_string(attrs[NFTA_VERDICT_CHAIN]);
    int n = 0;
    return (ovs_scan(chain, MARK_CHAIN "%8"SCNx32"%n", mark, &n)
            && n == sizeof MARK_CHAIN - 1 + 8 && !chain[n]);
}

/* Returns false if it can be of no such set. */
static bool
get_data(const struct machine_set *set, const struct nlattr *nest,
         struct machine_value *data)
{
    enum machine_form form = set->type->data;
    size_t len = nft_value_len(form, set->family);

    if (form == MACHINE_MARK) {
        return nest && get_mark(nest, &data->number);
    }

    const uint8_t *bytes = get_bytes(nest, len);
    if (bytes) {
        nft_value_get(form, set->family, bytes, data);
    }
    return bytes != NULL;
}

void
nft_set_get_elements(struct machine_set *set, const struct nlattr *list)
{
    const struct nlattr *elem;
    int left;

    nla_for_each_nested (elem, list, left) {
        struct nlattr *attrs[ARRAY_SIZE(elem_policy)];
        struct machine_element e = { .flags = 0 };

        if (!nlsk_parse_nest(elem, elem_policy, attrs, ARRAY_SIZE(attrs))) {
            continue;
        }

        const uint8_t *bytes = get_bytes(attrs[NFTA_SET_ELEM_KEY],
                                         key_len(set));
        const struct nlattr *flags = attrs[NFTA_SET_ELEM_FLAGS];
        const struct nlattr *expires = attrs[NFTA_SET_ELEM_EXPIRATION];
        if (!bytes) {
            e.flags |= MACHINE_ELEMENT_CATCHALL;
        } else {
            nft_value_get(set->type->key, set->family, bytes, &e.key);
        }
        if (flags && nlsk_get_be32(flags)
                     & NFT_SET_ELEM_INTERVAL_END) {
            e.flags |= MACHINE_ELEMENT_END;
        }
        if (set->type->data != MACHINE_NOTHING
            && !get_data(set, attrs[NFTA_SET_ELEM_DATA], &e.data)) {
            e.flags |= MACHINE_ELEMENT_ODD;
        }
        e.left = expires ? nlsk_get_be64(expires) : 0;
        machine_set_add(set, &e);
    }
}

/* The address before 'ip'. */
static struct in6_addr
ip_before(struct in6_addr ip)
{
    for (int i = 15; i >= 0 && !ip.s6_addr[i]--; i--) {
        continue;
    }
    return ip;
}

/* Makes ranges of the bounds in 'set', which are sorted: an end stands before
 * what begins there. */
static void
join_ranges(struct machine_set *set)
{
    size_t n = 0;

    for (size_t i = 0; i < set->n; i++) {
        struct ip_prefix all = { set->items[i].key.ip, 0 };
        bool has_end = (i + 1 < set->n
                        && set->items[i + 1].flags & MACHINE_ELEMENT_END);

        if (!(set->items[i].flags & MACHINE_ELEMENT_END)) {
            struct in6_addr last = (has_end
                                    ? ip_before(set->items[i + 1].key.ip)
                                    : ip_prefix_range(&all).last);

            set->items[n] = set->items[i];
            set->items[n++].key.other = last;
        }
    }
    set->n = n;
}

void
nft_set_finish(struct machine_set *set)
{
    machine_set_sort(set);
    if (set->type->key == MACHINE_RANGE) {
        join_ranges(set);
    }
}
