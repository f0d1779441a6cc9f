/* SPDX-License-Identifier: Apache-2.0 */

/* Which IPAddressPool has an address.  See pool-index.h. */

#include <config.h>

#include "plan/world/pool-index.h"

#include <stdlib.h>

#include "plan/rows/lower-bound.h"
#include "plan/world/view.h"
#include "util.h"

static int
compare_spans(const void *a_, const void *b_)
{
    const struct pool_span *a = a_;
    const struct pool_span *b = b_;
    int cmp = ip_compare(&a->range.first, &b->range.first);

    return cmp ? cmp : a->pool < b->pool ? -1 : a->pool > b->pool;
}

void
pool_index_init(struct pool_index *index, const struct view_kind *pools)
{
    size_t n = 0;

    for (size_t i = 0; i < pools->n; i++) {
        n += pools->objs[i]->pool.n_ranges;
    }
    index->spans = xmalloc(n * sizeof *index->spans);
    index->n = 0;
    for (size_t i = 0; i < pools->n; i++) {
        const struct intent_ip_address_pool *p = &pools->objs[i]->pool;

        for (size_t j = 0; j < p->n_ranges; j++) {
            index->spans[index->n++]
                = (struct pool_span) { p->ranges[j], i };
        }
    }
    if (n) {
        qsort(index->spans, n, sizeof *index->spans, compare_spans);
    }
}

void
pool_index_destroy(struct pool_index *index)
{
    free(index->spans);
}

/* So that the place of 'ip' is behind a span that begins with it. */
static int
compare_ip_to_span(const void *ip, const void *span_)
{
    const struct pool_span *span = span_;

    return ip_compare(ip, &span->range.first) < 0 ? -1 : 1;
}

bool
pool_index_find(const struct pool_index *index, const struct in6_addr *ip,
                size_t *pool)
{
    size_t i = lower_bound(ip, index->spans, index->n, sizeof *index->spans,
                           compare_ip_to_span);

    if (!i || !ip_range_contains(&index->spans[i - 1].range, ip)) {
        return false;
    }
    *pool = index->spans[i - 1].pool;
    return true;
}

bool
pool_is_buggy_ip(const struct in6_addr *ip)
{
    return (ip_family(ip) == IP_V4
            && (ip->s6_addr[15] == 0 || ip->s6_addr[15] == 255));
}
