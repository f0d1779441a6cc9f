/* SPDX-License-Identifier: Apache-2.0 */

/* IPAddressPool of metallb.io, as MetalLB defines and checks it. */

#include "intent/kind-info.h"

#include <stdlib.h>

/* Addresses. */

static void
range_item(struct decoder *d, const struct value *value,
           const struct field *f, void *dst)
{
    (void) f;
    if (decode_check_type(d, value, T_STRING)
        && !ip_range_parse(value->string, dst)) {
        decode_error(d, value, NULL, "must be a prefix such as 192.0.2.0/24 "
                     "or a range such as 192.0.2.1-192.0.2.9, not %s",
                     decode_quote(d, value->string));
    }
}

static void
decode_ranges(struct decoder *d, const struct value *value,
              const struct field *f, void *dst)
{
    struct any_list *list = dst;

    decode_list(d, value, f, sizeof(struct ip_range), range_item, list);
    if (value->type == VALUE_LIST && !value->n) {
        decode_error(d, value, NULL, "must not be empty");
    }
}

/* A range, and its place in the list. */
struct indexed_range {
    struct ip_range range;
    size_t index;
};

static int
compare_ranges(const void *a_, const void *b_)
{
    const struct indexed_range *a = a_;
    const struct indexed_range *b = b_;
    enum ip_family a_family = ip_family(&a->range.first);
    enum ip_family b_family = ip_family(&b->range.first);
    int cmp;

    if (a_family != b_family) {
        return a_family < b_family ? -1 : 1;
    }
    cmp = ip_compare(&a->range.first, &b->range.first);
    return cmp ? cmp : (a->index > b->index) - (a->index < b->index);
}

/* Reports, at the later one, that two items of 'list' overlap. */
static void
report_overlap(struct decoder *d, const struct value *list, size_t i,
               size_t j)
{
    size_t later = i > j ? i : j;
    size_t earlier = i > j ? j : i;
    struct path addresses, item;

    decode_push(d, &addresses, "addresses", 0);
    decode_push(d, &item, NULL, later);
    decode_error(d, list->items[later], NULL, "%s overlaps %s",
                 decode_quote(d, list->items[later]->string),
                 decode_quote(d, list->items[earlier]->string));
    decode_pop(d);
    decode_pop(d);
}

static void
check_overlaps(struct decoder *d, const struct value *map,
               const struct intent_ip_address_pool *pool)
{
    const struct value *list = value_get(map, "addresses");
    struct indexed_range *sorted;

    if (pool->n_ranges < 2) {
        return;
    }
    sorted = arena_zalloc(d->arena, pool->n_ranges * sizeof *sorted);
    for (size_t i = 0; i < pool->n_ranges; i++) {
        sorted[i] = (struct indexed_range) { pool->ranges[i], i };
    }
    qsort(sorted, pool->n_ranges, sizeof *sorted, compare_ranges);
    for (size_t i = 1; i < pool->n_ranges; i++) {
        struct indexed_range *a = &sorted[i - 1];
        struct indexed_range *b = &sorted[i];

        /* A bad range is all zeros. */
        if (!ip_is_set(&a->range.last) || !ip_is_set(&b->range.last)) {
            continue;
        }
        if (ip_range_overlaps(&a->range, &b->range)) {
            report_overlap(d, list, a->index, b->index);
        }
        if (ip_family(&a->range.first) == ip_family(&b->range.first)
            && ip_compare(&a->range.last, &b->range.last) > 0) {
            *b = *a;            /* It may reach to the next ones too. */
        }
    }
}

/* The pool. */

static const struct field allocation_fields[] = {
    FIELD("priority", int, intent_ip_address_pool, priority,
          RANGE(0, INT32_MAX)),
    FIELD("namespaces", strings, intent_ip_address_pool, namespaces,
          .syntax = syntax_dns_label),
    FIELD("namespaceSelectors", selectors, intent_ip_address_pool,
          namespace_selectors),
    FIELD("serviceSelectors", selectors, intent_ip_address_pool,
          service_selectors),
    { .name = NULL },
};

static void
check_allocation(struct decoder *d, const struct value *map, void *pool_)
{
    struct intent_ip_address_pool *pool = pool_;

    pool->has_allocation = true;
    decode_check_unique(d, map, "namespaces");
}

static const struct table allocation_table = {
    .fields = allocation_fields,
    .check = check_allocation,
};

static const struct field spec_fields[] = {
    FIELD("addresses", ranges, intent_ip_address_pool, ranges,
          .flags = F_REQUIRED),
    FIELD("autoAssign", bool, intent_ip_address_pool, auto_assign),
    FIELD("avoidBuggyIPs", bool, intent_ip_address_pool, avoid_buggy_ips),
    { .name = "serviceAllocation", .decode = decode_struct,
      .arg = &allocation_table },
    { .name = NULL },
};

static void
init_spec(void *pool_)
{
    struct intent_ip_address_pool *pool = pool_;

    pool->auto_assign = true;
}

static void
check_spec(struct decoder *d, const struct value *map, void *pool)
{
    check_overlaps(d, map, pool);
}

static const struct table spec_table = {
    .fields = spec_fields,
    .init = init_spec,
    .check = check_spec,
};

static const struct field object_fields[] = {
    OBJECT_FIELDS,
    SECTION("spec", spec_table, pool, .flags = F_REQUIRED),
    IGNORED("status", T_MAP),
    { .name = NULL },
};

const struct table ip_address_pool_table = { .fields = object_fields };
