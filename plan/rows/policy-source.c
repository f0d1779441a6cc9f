/* SPDX-License-Identifier: Apache-2.0 */

/* Logical router policies that steer one address.  See policy-source.h. */

#include <config.h>

#include "plan/rows/policy-source.h"

#include <string.h>

#include "util.h"

bool
policy_source_parse(const char *match, struct in6_addr *ip)
{
    static const char *const starts[] = { "ip4.src == ", "ip6.src == " };

    for (size_t i = 0; i < ARRAY_SIZE(starts); i++) {
        size_t len = strlen(starts[i]);

        if (!strncmp(match, starts[i], len)) {
            return ip_addr_parse(match + len, ip);
        }
    }
    return false;
}
