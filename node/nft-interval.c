/* SPDX-License-Identifier: Apache-2.0 */

/* Intervals of addresses from their bounds.  See nft-interval.h. */

#include <config.h>

#include "node/nft-interval.h"

#include <stdlib.h>
#include <string.h>

#include "node/nft-set.h"
#include "openvswitch/json.h"
#include "util.h"

/* An end of an interval. */
struct bound {
    struct in6_addr ip;
    bool is_end;
};

static int
compare_bounds(const void *a_, const void *b_)
{
    const struct bound *a = a_;
    const struct bound *b = b_;
    int cmp = ip_compare(&a->ip, &b->ip);

    return cmp ? cmp : b->is_end - a->is_end;
}

/* Returns the interval from 'first' to the address before 'end', or to the
 * last one of all if 'end' is NULL. */
static char *
format_interval(const struct nft_set *set, const struct in6_addr *first,
                const struct in6_addr *end)
{
    struct ip_prefix prefix = { *first, 0 };
    struct in6_addr last = ip_prefix_range(&prefix).last;
    size_t bits = nft_value_len(NFT_VALUE_ADDRESS, set->family) * 8;
    char a[IP_STRLEN], b[IP_STRLEN];

    if (end) {
        last = *end;
        for (int i = 15; i >= 0 && !last.s6_addr[i]--; i--) {
            continue;
        }
    }
    for (; prefix.plen <= bits; prefix.plen++) {
        struct ip_range range = ip_prefix_range(&prefix);

        if (!ip_compare(&range.first, first)
            && !ip_compare(&range.last, &last)) {
            return xstrdup(ip_prefix_format(&prefix, a));
        }
    }
    return xasprintf("%s-%s", ip_format(first, a), ip_format(&last, b));
}

void
nft_interval_join(const struct nft_set *set, struct ovsdb_datum *elements)
{
    struct bound *bounds = xcalloc(elements->n + 1, sizeof *bounds);
    const struct ovsdb_type *type = nft_set_type(set);
    size_t n = 0;

    for (size_t i = 0; i < elements->n; i++) {
        const char *key = json_string(elements->keys[i].s);
        size_t len = strcspn(key, " ");
        char *address = xmemdup0(key, len);

        bounds[n].is_end = key[len] != '\0';
        n += ip_addr_parse(address, &bounds[n].ip);
        free(address);
    }
    qsort(bounds, n, sizeof *bounds, compare_bounds);

    ovsdb_datum_destroy(elements, type);
    ovsdb_datum_init_empty(elements);
    for (size_t i = 0; i < n; i++) {
        if (!bounds[i].is_end) {
            bool has_end = i + 1 < n && bounds[i + 1].is_end;
            union ovsdb_atom key = {
                .s = ovsdb_atom_string_create_nocopy(
                    format_interval(set, &bounds[i].ip,
                                    has_end ? &bounds[i + 1].ip : NULL)),
            };
            ovsdb_datum_add_unsafe(elements, &key, NULL, type, NULL);
            ovsdb_atom_destroy(&key, type->key.type);
        }
    }
    free(bounds);
}
