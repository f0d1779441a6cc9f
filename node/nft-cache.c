/* SPDX-License-Identifier: Apache-2.0 */

/* What the kernel's nftables table holds, kept up to date by notifications.
 * See nft-cache.h.
 *
 * Notifications that wait while the table is read are taken in after that,
 * too.  That does no harm: whether an element is there, and its value, is what
 * the last notification of it says. */

#include <config.h>

#include "node/nft-cache.h"

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "coverage.h"
#include "node/nft-nl.h"
#include "node/nft-read.h"
#include "node/nft-set.h"
#include "openvswitch/poll-loop.h"
#include "plan/machine/machine-set.h"
#include "plan/rows/lower-bound.h"
#include "util.h"

COVERAGE_DEFINE(nft_read);
COVERAGE_DEFINE(nft_foreign_change);
COVERAGE_DEFINE(nft_notifications_lost);

/* When more elements than this change at once, reading the table again is
 * faster. */
#define MAX_PATCHES 1000

struct nft_cache {
    struct nl_sock *sock;       /* In the group of notifications. */
    struct machine_objects objects;     /* What was read, sorted, ... */
    bool fresh;                 /* ... and is so now. */
    unsigned int n_patches;     /* Since it was read or taken. */
    bool foreign;               /* Others changed something. */
};

char *
nft_cache_create(struct nft_cache **cachep)
{
    struct nft_cache *cache = xzalloc(sizeof *cache);
    int error = nlsk_open(NETLINK_NETFILTER, &cache->sock);

    if (!error) {
        error = nlsk_join(cache->sock, NFNLGRP_NFTABLES);
    }
    machine_objects_init(&cache->objects);
    if (error) {
        nft_cache_destroy(cache);
        cache = NULL;
    }
    *cachep = cache;
    return error ? xasprintf("notifications of nftables: %s",
                             ovs_strerror(error)) : NULL;
}

void
nft_cache_destroy(struct nft_cache *cache)
{
    if (cache) {
        nl_socket_free(cache->sock);
        machine_objects_destroy(&cache->objects);
        free(cache);
    }
}

/* Elements. */

/* Takes 'e' out of 'set', and puts it in if 'add'. */
static void
patch(struct machine_set *set, const struct machine_element *e, bool add)
{
    size_t i = lower_bound(e, set->items, set->n, sizeof *set->items,
                           machine_element_compare);
    bool there = (i < set->n
                  && !machine_element_compare(&set->items[i], e));

    if (add && !there) {
        machine_set_add(set, e);        /* Makes room. */
        memmove(&set->items[i + 1], &set->items[i],
                (set->n - 1 - i) * sizeof *set->items);
    } else if (!add && there) {
        memmove(&set->items[i], &set->items[i + 1],
                (--set->n - i) * sizeof *set->items);
    }
    if (add) {
        set->items[i] = *e;
    }
}

/* Takes the elements in 'list', of 'change', into the set of that name, if
 * nobody else has it. */
static void
patch_set(struct nft_cache *cache, struct machine_set *change,
          const struct nlattr *list, bool add)
{
    struct machine_set *set = CONST_CAST(
        struct machine_set *, machine_objects_find(&cache->objects, change));

    if (!set || set->misshapen || set->object.n_refs
        || set->type->key == MACHINE_RANGE
        || cache->n_patches++ >= MAX_PATCHES) {
        cache->fresh = false;
        return;
    }
    nft_set_get_elements(change, list);
    for (size_t i = 0; i < change->n; i++) {
        patch(set, &change->items[i], add);
    }
    machine_set_destroy(change);
}

/* Notifications. */

/* For all types of objects, the table's name is attribute 1.  The end of a
 * transaction, NFT_MSG_NEWGEN, has a number there. */
static bool
is_of_our_table(const struct nlmsghdr *nlh)
{
    static const struct nla_policy policy[] = {
        [NFTA_SET_ELEM_LIST_TABLE] = { .type = NLA_STRING },
    };
    struct nlattr *attrs[ARRAY_SIZE(policy)];

    return (NFNL_MSG_TYPE(nlh->nlmsg_type) != NFT_MSG_NEWGEN
            && nft_msg_parse(nlh, policy, attrs, ARRAY_SIZE(attrs))
            && attrs[NFTA_SET_ELEM_LIST_TABLE]
            && !strcmp(nla_get_string(attrs[NFTA_SET_ELEM_LIST_TABLE]),
                       NFT_TABLE));
}

static void
take_message(const struct nlmsghdr *nlh, void *cache_)
{
    static const struct nla_policy policy[] = {
        [NFTA_SET_ELEM_LIST_SET] = { .type = NLA_STRING },
        [NFTA_SET_ELEM_LIST_ELEMENTS] = { .type = NLA_NESTED },
    };
    struct nlattr *attrs[ARRAY_SIZE(policy)];
    uint8_t type = NFNL_MSG_TYPE(nlh->nlmsg_type);
    struct nft_cache *cache = cache_;

    if (!is_of_our_table(nlh)) {
        return;
    }
    if (nlh->nlmsg_pid != nl_socket_get_local_port(nft_nl_socket())) {
        COVERAGE_INC(nft_foreign_change);
        cache->foreign = true;
    }
    if (!cache->fresh) {
        return;
    } else if ((type == NFT_MSG_NEWSETELEM || type == NFT_MSG_DELSETELEM)
               && nft_msg_parse(nlh, policy, attrs, ARRAY_SIZE(attrs))
               && attrs[NFTA_SET_ELEM_LIST_SET]
               && attrs[NFTA_SET_ELEM_LIST_ELEMENTS]) {
        const char *name = nla_get_string(attrs[NFTA_SET_ELEM_LIST_SET]);
        struct machine_set change;

        if (nft_set_find(name, &change) && !change.type->timed) {
            patch_set(cache, &change, attrs[NFTA_SET_ELEM_LIST_ELEMENTS],
                      type == NFT_MSG_NEWSETELEM);
        }
    } else {
        cache->fresh = false;
    }
}

static void
take_notifications(struct nft_cache *cache)
{
    if (!nlsk_listen(cache->sock, take_message, cache)) {
        COVERAGE_INC(nft_notifications_lost);
        cache->fresh = false;
        cache->foreign = true;
    }
}

/* The cache. */

char *
nft_cache_get(struct nft_cache *cache, struct machine_objects *objects)
{
    take_notifications(cache);
    if (!cache->fresh) {
        machine_objects_destroy(&cache->objects);

        COVERAGE_INC(nft_read);
        char *error = nft_read(&cache->objects);
        if (error) {
            return error;
        }
        machine_objects_sort(&cache->objects);
        cache->fresh = true;
    }
    cache->n_patches = 0;
    for (size_t i = 0; i < cache->objects.n; i++) {
        machine_objects_push(objects,
                             machine_object_ref(cache->objects.items[i]));
    }
    return NULL;
}

void
nft_cache_invalidate(struct nft_cache *cache)
{
    cache->fresh = false;
}

bool
nft_cache_run(struct nft_cache *cache)
{
    take_notifications(cache);

    bool foreign = cache->foreign;
    cache->foreign = false;
    return foreign;
}

void
nft_cache_wait(struct nft_cache *cache)
{
    poll_fd_wait(nl_socket_get_fd(cache->sock), POLLIN);
}
