/* SPDX-License-Identifier: Apache-2.0 */

/* Fuzz target: any text as an address, a prefix and a range. */

#include <config.h>
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#include "intent/ip.h"
#include "util.h"

static void
fuzz_ip(const uint8_t *data, size_t size)
{
    char *s = xmemdup0((const char *) data, size);
    struct ip_prefix prefix, prefix2;
    struct ip_range range;
    struct in6_addr ip, ip2;
    char buf[IP_STRLEN];

    if (ip_addr_parse(s, &ip)) {
        ovs_assert(ip_addr_parse(ip_format(&ip, buf), &ip2));
        ovs_assert(!ip_compare(&ip, &ip2));
        ip_next(&ip, &ip2);
        ovs_assert(ip_family(&ip) == ip_family(&ip2));
    }
    if (ip_prefix_parse(s, &prefix, NULL)) {
        bool masked;

        ovs_assert(ip_prefix_parse(ip_prefix_format(&prefix, buf), &prefix2,
                                   &masked));
        ovs_assert(!masked && !ip_prefix_compare(&prefix, &prefix2));
        range = ip_prefix_range(&prefix);
        ovs_assert(ip_prefix_contains(&prefix, &range.first));
        ovs_assert(ip_prefix_contains(&prefix, &range.last));
    }
    if (ip_range_parse(s, &range)) {
        ovs_assert(ip_compare(&range.first, &range.last) <= 0);
        ovs_assert(ip_range_contains(&range, &range.first));
        ovs_assert(ip_range_overlaps(&range, &range));
    }
    free(s);
}

EGRESS_FUZZ("ip", fuzz_ip)
