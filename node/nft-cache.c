/* SPDX-License-Identifier: Apache-2.0 */

/* What the kernel's nftables table holds, kept up to date by notifications.
 * See nft-cache.h.
 *
 * Notifications that wait while the table is read are taken in after that,
 * too.  That does no harm: whether an element is there, and its value, is what
 * the last notification of it says. */

#include <config.h>

#include "node/nft-cache.h"

#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "coverage.h"
#include "netlink-socket.h"
#include "node/nft-nl.h"
#include "node/nft-read.h"
#include "node/nft-set.h"
#include "openvswitch/ofpbuf.h"
#include "util.h"

COVERAGE_DEFINE(nft_read);
COVERAGE_DEFINE(nft_foreign_change);
COVERAGE_DEFINE(nft_notifications_lost);

/* When more elements than this change at once, reading the table again is
 * faster. */
#define MAX_PATCHES 1000

struct nft_cache {
    struct nl_sock *sock;       /* In the group of notifications. */
    uint32_t own_pid;
    struct plan_rows rows;      /* What was read ... */
    bool fresh;                 /* ... and is so now. */
    unsigned int n_patches;     /* Since it was read or taken. */
    bool foreign;               /* Others changed something. */
};

char *
nft_cache_create(uint32_t own_pid, struct nft_cache **cachep)
{
    struct nft_cache *cache = xzalloc(sizeof *cache);
    int error = nl_sock_create(NETLINK_NETFILTER, &cache->sock);

    if (!error) {
        error = nl_sock_join_mcgroup(cache->sock, NFNLGRP_NFTABLES);
    }
    cache->own_pid = own_pid;
    plan_rows_init(&cache->rows);
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
        nl_sock_destroy(cache->sock);
        plan_rows_destroy(&cache->rows);
        free(cache);
    }
}

/* Elements. */

static void
remove_at(struct ovsdb_datum *d, const struct ovsdb_type *type, size_t pos)
{
    size_t n_after = d->n - pos - 1;

    ovsdb_datum_unshare(d, type);
    ovsdb_atom_destroy(&d->keys[pos], type->key.type);
    memmove(&d->keys[pos], &d->keys[pos + 1], n_after * sizeof *d->keys);
    if (d->values) {
        ovsdb_atom_destroy(&d->values[pos], type->value.type);
        memmove(&d->values[pos], &d->values[pos + 1],
                n_after * sizeof *d->values);
    }
    d->n--;
}

/* Makes room for an atom at 'pos' of the 'n' in '*atoms', and clones 'atom'
 * there. */
static void
insert_atom(union ovsdb_atom **atoms, size_t n, size_t pos,
            const union ovsdb_atom *atom)
{
    union ovsdb_atom *a = xrealloc(*atoms, (n + 1) * sizeof *a);

    memmove(&a[pos + 1], &a[pos], (n - pos) * sizeof *a);
    ovsdb_atom_clone(&a[pos], atom, OVSDB_TYPE_STRING);
    *atoms = a;
}

/* Takes element 'i' of 'elements' out of 'd', and puts it in if 'add'. */
static void
patch(struct ovsdb_datum *d, const struct ovsdb_type *type,
      const struct ovsdb_datum *elements, size_t i, bool add)
{
    const union ovsdb_atom *key = &elements->keys[i];
    unsigned int pos;

    if (ovsdb_datum_find_key(d, key, type->key.type, &pos)) {
        remove_at(d, type, pos);
    }
    if (add) {
        ovsdb_datum_unshare(d, type);
        insert_atom(&d->keys, d->n, pos, key);
        if (elements->values) {
            insert_atom(&d->values, d->n, pos, &elements->values[i]);
        }
        d->n++;
    }
}

/* Takes the elements in 'list' into the row of 'set', which is unshared by its
 * first change after each nft_cache_get(). */
static void
patch_set(struct nft_cache *cache, const struct nft_set *set,
          const struct nlattr *list, bool add)
{
    struct plan_row *row = plan_rows_find(&cache->rows, "nft-map", set->name);
    const struct plan_column *c = row ? plan_row_get(row, "elements") : NULL;

    if (!c || set->key == NFT_VALUE_PREFIX
        || cache->n_patches++ >= MAX_PATCHES) {
        cache->fresh = false;
        return;
    }

    struct ovsdb_datum elements;
    ovsdb_datum_init_empty(&elements);
    nft_set_get_elements(set, list, &elements);
    for (size_t i = 0; i < elements.n; i++) {
        patch(CONST_CAST(struct ovsdb_datum *, &c->datum), &c->type,
              &elements, i, add);
    }
    ovsdb_datum_destroy(&elements, &c->type);
}

/* Notifications. */

static void
take_message(struct nft_cache *cache, const struct ofpbuf *msg)
{
    static const struct nl_policy policy[] = {
        [NFTA_SET_ELEM_LIST_TABLE] = { .type = NL_A_STRING },
    };
    static const struct nl_policy elem_policy[] = {
        [NFTA_SET_ELEM_LIST_TABLE] = { .type = NL_A_STRING },
        [NFTA_SET_ELEM_LIST_SET] = { .type = NL_A_STRING },
        [NFTA_SET_ELEM_LIST_ELEMENTS] = { .type = NL_A_NESTED },
    };
    struct nlattr *attrs[ARRAY_SIZE(elem_policy)];
    uint32_t pid = nl_msg_nlmsghdr(msg)->nlmsg_pid;
    uint8_t type = NFNL_MSG_TYPE(nl_msg_nlmsghdr(msg)->nlmsg_type);
    uint8_t cmd;

    /* For all types of objects, the table's name is attribute 1.  The end of a
     * transaction, NFT_MSG_NEWGEN, has a number there. */
    if (type == NFT_MSG_NEWGEN
        || !nft_msg_parse(msg, &cmd, policy, attrs, ARRAY_SIZE(policy))
        || strcmp(nl_attr_get_string(attrs[NFTA_SET_ELEM_LIST_TABLE]),
                  NFT_TABLE)) {
        return;
    }

    if (pid != cache->own_pid) {
        COVERAGE_INC(nft_foreign_change);
        cache->foreign = true;
    }
    if (!cache->fresh) {
        return;
    } else if ((type == NFT_MSG_NEWSETELEM || type == NFT_MSG_DELSETELEM)
        && nft_msg_parse(msg, &cmd, elem_policy, attrs, ARRAY_SIZE(attrs))) {
        const char *name = nl_attr_get_string(attrs[NFTA_SET_ELEM_LIST_SET]);
        const struct nft_set *set = nft_set_find(name);

        if (set && !set->timed) {
            patch_set(cache, set, attrs[NFTA_SET_ELEM_LIST_ELEMENTS],
                      type == NFT_MSG_NEWSETELEM);
        }
    } else {
        cache->fresh = false;
    }
}

static void
take_notifications(struct nft_cache *cache)
{
    struct ofpbuf buf, msg;
    int error;

    ofpbuf_init(&buf, 4096);
    while ((error = nl_sock_recv(cache->sock, &buf, NULL, false)) != EAGAIN) {
        while (!error && nl_msg_next(&buf, &msg)) {
            take_message(cache, &msg);
        }
        if (error) {            /* ENOBUFS: some were lost. */
            COVERAGE_INC(nft_notifications_lost);
            cache->fresh = false;
            cache->foreign = true;
            if (error != ENOBUFS) {
                break;
            }
        }
    }
    ofpbuf_uninit(&buf);
}

/* The cache. */

/* Adds copies of the rows to 'rows'; the data in them is shared. */
static void
copy_rows(const struct nft_cache *cache, struct plan_rows *rows)
{
    for (size_t i = 0; i < cache->rows.n; i++) {
        const struct plan_row *row = cache->rows.rows[i];
        struct plan_row *copy = plan_rows_add(rows, row->table, row->key);

        for (size_t j = 0; j < row->n_columns; j++) {
            const struct plan_column *c = &row->columns[j];
            struct ovsdb_datum datum;

            ovsdb_datum_clone(&datum, &c->datum);
            plan_row_take_datum(copy, c->name, &c->type, &datum);
            ovsdb_datum_destroy(&datum, &c->type);
        }
    }
}

char *
nft_cache_get(struct nft_cache *cache, struct plan_rows *rows)
{
    take_notifications(cache);
    if (!cache->fresh) {
        plan_rows_destroy(&cache->rows);

        COVERAGE_INC(nft_read);
        char *error = nft_read(&cache->rows);
        if (error) {
            return error;
        }
        plan_rows_sort(&cache->rows);
        cache->fresh = true;
    }
    cache->n_patches = 0;
    copy_rows(cache, rows);
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
    nl_sock_wait(cache->sock, POLLIN);
}
