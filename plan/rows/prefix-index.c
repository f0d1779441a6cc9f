/* SPDX-License-Identifier: Apache-2.0 */

/* Networks by address.  See prefix-index.h. */

#include <config.h>

#include "plan/rows/prefix-index.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "util.h"

struct entry {
    struct hmap_node hmap_node; /* In prefix_index.map. */
    struct in6_addr addr;       /* Host bits zero. */
    unsigned int length;
    void *value;
};

void
prefix_index_init(struct prefix_index *index)
{
    memset(index, 0, sizeof *index);
    hmap_init(&index->map);
}

void
prefix_index_destroy(struct prefix_index *index)
{
    struct entry *e;

    HMAP_FOR_EACH_POP (e, hmap_node, &index->map) {
        free(e);
    }
    hmap_destroy(&index->map);
}

static uint32_t
hash_prefix(const struct in6_addr *addr, unsigned int length)
{
    return hash_bytes(addr, sizeof *addr, length);
}

/* Returns the first 'length' bits of 'ip', which is of 'family'. */
static struct in6_addr
mask_ip(const struct in6_addr *ip, enum ip_family family, unsigned int length)
{
    unsigned int bits = length + (family == IP_V4 ? 96 : 0);
    struct in6_addr masked = *ip;

    for (unsigned int i = 0; i < sizeof masked.s6_addr; i++) {
        unsigned int keep = bits > i * 8 ? MIN(bits - i * 8, 8) : 0;
        masked.s6_addr[i] &= 0xff00 >> keep;
    }
    return masked;
}

static struct entry *
find(const struct prefix_index *index, const struct in6_addr *addr,
     unsigned int length)
{
    struct entry *e;

    HMAP_FOR_EACH_WITH_HASH (e, hmap_node, hash_prefix(addr, length),
                             &index->map) {
        if (e->length == length && !memcmp(&e->addr, addr, sizeof *addr)) {
            return e;
        }
    }
    return NULL;
}

void
prefix_index_add(struct prefix_index *index, const struct ip_prefix *prefix,
                 void *value)
{
    enum ip_family family = ip_family(&prefix->addr);
    struct in6_addr addr = mask_ip(&prefix->addr, family, prefix->plen);

    if (!find(index, &addr, prefix->plen)) {
        struct entry *e = xmalloc(sizeof *e);

        e->addr = addr;
        e->length = prefix->plen;
        e->value = value;
        hmap_insert(&index->map, &e->hmap_node,
                    hash_prefix(&addr, prefix->plen));
        index->lengths[family][prefix->plen] = true;
    }
}

void *
prefix_index_find(const struct prefix_index *index, const struct in6_addr *ip)
{
    enum ip_family family = ip_family(ip);

    for (int length = family == IP_V4 ? 32 : 128; length >= 0; length--) {
        if (index->lengths[family][length]) {
            struct in6_addr addr = mask_ip(ip, family, length);
            struct entry *e = find(index, &addr, length);
            if (e) {
                return e->value;
            }
        }
    }
    return NULL;
}
