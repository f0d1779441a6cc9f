/* SPDX-License-Identifier: Apache-2.0 */

/* BGPAdvertisement and Community of metallb.io, as MetalLB defines and checks
 * them. */

#include "intent/kind-info.h"

#include <stdlib.h>
#include <string.h>

/* BGPAdvertisement. */

enum { MAX_COMMUNITIES = 63 };

#define LENGTH(NAME, FAMILY, MAX) \
    FIELD(NAME, u32, intent_bgp_advertisement, aggregation_length[FAMILY], \
          RANGE(1, MAX))

static const struct field spec_fields[] = {
    FIELD("ipAddressPools", strings, intent_bgp_advertisement, pools),
    FIELD("ipAddressPoolSelectors", selectors, intent_bgp_advertisement,
          pool_selectors),
    FIELD("peers", strings, intent_bgp_advertisement, peers),
    FIELD("nodeSelectors", selectors, intent_bgp_advertisement,
          node_selectors),
    FIELD("serviceSelectors", selectors, intent_bgp_advertisement,
          service_selectors),
    LENGTH("aggregationLength", IP_V4, 32),
    LENGTH("aggregationLengthV6", IP_V6, 128),
    FIELD("localPref", i64, intent_bgp_advertisement, local_pref,
          RANGE(0, UINT32_MAX)),
    FIELD("communities", strings, intent_bgp_advertisement, communities,
          .syntax = syntax_community_or_alias),
    { .name = NULL },
};

static void
init_spec(void *ad_)
{
    struct intent_bgp_advertisement *ad = ad_;

    ad->aggregation_length[IP_V4] = 32;
    ad->aggregation_length[IP_V6] = 128;
    ad->local_pref = -1;
}

static void
check_spec(struct decoder *d, const struct value *map, void *ad_)
{
    struct intent_bgp_advertisement *ad = ad_;

    decode_check_unique(d, map, "ipAddressPools");
    decode_check_unique(d, map, "peers");
    decode_check_unique(d, map, "communities");
    if (ad->communities.n > MAX_COMMUNITIES) {
        decode_error(d, value_get(map, "communities"), "communities",
                     "must be at most %d, not %zu", MAX_COMMUNITIES,
                     ad->communities.n);
    }
    if (ad->service_selectors.n && ad->aggregation_length[IP_V4] != 32) {
        decode_error(d, value_get(map, "aggregationLength"),
                     "aggregationLength",
                     "must be 32 when serviceSelectors are given");
    }
    if (ad->service_selectors.n && ad->aggregation_length[IP_V6] != 128) {
        decode_error(d, value_get(map, "aggregationLengthV6"),
                     "aggregationLengthV6",
                     "must be 128 when serviceSelectors are given");
    }
    if (!ad->local_pref) {
        ad->local_pref = -1;    /* To MetalLB, 0 is as good as absent. */
    }
}

static const struct table spec_table = {
    .fields = spec_fields,
    .init = init_spec,
    .check = check_spec,
};

static const struct field object_fields[] = {
    OBJECT_FIELDS,
    SECTION("spec", spec_table, advertisement),
    IGNORED("status", T_MAP),
    { .name = NULL },
};

const struct table bgp_advertisement_table = { .fields = object_fields };

/* Community. */

static const struct field alias_fields[] = {
    FIELD("name", string, intent_pair, key, .flags = F_REQUIRED),
    FIELD("value", string, intent_pair, value, .flags = F_REQUIRED,
          .syntax = syntax_community),
    { .name = NULL },
};

static void
check_alias(struct decoder *d, const struct value *map, void *alias_)
{
    struct intent_pair *alias = alias_;

    if (strchr(alias->key, ':')) {
        decode_error(d, value_get(map, "name"), "name",
                     "must not have a ':', as communities have");
    }
}

static const struct table alias_table = {
    .fields = alias_fields,
    .size = sizeof(struct intent_pair),
    .check = check_alias,
};

static int
compare_aliases(const void *a_, const void *b_)
{
    const struct intent_pair *a = a_;
    const struct intent_pair *b = b_;

    return strcmp(a->key, b->key);
}

/* A list of names and values, sorted into the struct intent_map at 'dst'. */
static void
decode_aliases(struct decoder *d, const struct value *value,
               const struct field *f, void *dst)
{
    struct intent_map *map = dst;

    decode_structs(d, value, f, map);
    if (map->n < 2) {
        return;
    }
    qsort(map->pairs, map->n, sizeof *map->pairs, compare_aliases);
    for (size_t i = 1; i < map->n; i++) {
        if (*map->pairs[i].key
            && !compare_aliases(&map->pairs[i - 1], &map->pairs[i])) {
            decode_error(d, value, NULL, "the name %s is there twice",
                         decode_quote(d, map->pairs[i].key));
        }
    }
}

static const struct field community_fields[] = {
    FIELD("communities", aliases, intent_community, aliases,
          .arg = &alias_table),
    { .name = NULL },
};

static const struct table community_spec_table = {
    .fields = community_fields,
};

static const struct field community_object_fields[] = {
    OBJECT_FIELDS,
    SECTION("spec", community_spec_table, community),
    IGNORED("status", T_MAP),
    { .name = NULL },
};

const struct table community_table = { .fields = community_object_fields };
