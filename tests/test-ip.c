/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of intent/ip.h. */

#include <config.h>

#include <inttypes.h>
#include <stdio.h>

#include "intent/ip.h"
#include "tests/egress-test.h"

/* Prints what each argument is as address, prefix and range. */
static void
test_ip_parse(struct ovs_cmdl_context *ctx)
{
    for (int i = 1; i < ctx->argc; i++) {
        const char *s = ctx->argv[i];
        char buf[IP_STRLEN], buf2[IP_STRLEN];
        struct ip_prefix prefix;
        struct ip_range range;
        struct in6_addr ip;
        uint16_t port;
        bool masked;

        printf("%s:", s);
        if (ip_addr_parse(s, &ip)) {
            printf(" %s %s%s", ip_family_name(ip_family(&ip)),
                   ip_format(&ip, buf), ip_is_set(&ip) ? "" : " unset");
            ip_next(&ip, &ip);
            printf(" next %s", ip_format(&ip, buf));
        }
        if (ip_prefix_parse(s, &prefix, &masked)) {
            printf(" prefix %s%s", ip_prefix_format(&prefix, buf),
                   masked ? " masked" : "");
        }
        if (ip_range_parse(s, &range)) {
            printf(" range %s to %s", ip_format(&range.first, buf),
                   ip_format(&range.last, buf2));
        }
        if (ip_port_parse(s, &ip, &port)) {
            printf(" address %s port %"PRIu16, ip_format(&ip, buf), port);
        }
        putchar('\n');
    }
}

/* Prints how two prefixes or ranges stand to each other. */
static void
test_ip_compare(struct ovs_cmdl_context *ctx)
{
    struct ip_prefix a, b;
    struct ip_range ra, rb;

    if (ip_prefix_parse(ctx->argv[1], &a, NULL)
        && ip_prefix_parse(ctx->argv[2], &b, NULL)) {
        int cmp = ip_prefix_compare(&a, &b);

        printf("prefixes: %s%s%s\n", cmp < 0 ? "<" : cmp > 0 ? ">" : "=",
               ip_prefix_overlaps(&a, &b) ? " overlap" : "",
               ip_prefix_contains(&a, &b.addr) ? " contains" : "");
        ovs_assert(ip_prefix_overlaps(&a, &b) == ip_prefix_overlaps(&b, &a));
    }
    if (ip_range_parse(ctx->argv[1], &ra)
        && ip_range_parse(ctx->argv[2], &rb)) {
        printf("ranges:%s%s\n", ip_range_overlaps(&ra, &rb) ? " overlap" : "",
               ip_range_contains(&ra, &rb.first) ? " contains" : "");
        ovs_assert(ip_range_overlaps(&ra, &rb)
                   == ip_range_overlaps(&rb, &ra));
    }
}

EGRESS_TEST("ip-parse", "TEXT...", 1, INT_MAX, test_ip_parse)
EGRESS_TEST("ip-compare", "A B", 2, 2, test_ip_compare)
