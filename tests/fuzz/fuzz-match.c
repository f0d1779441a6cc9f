/* SPDX-License-Identifier: Apache-2.0 */

/* Fuzz target: any text as the match of a policy.  What it is of a packet
 * whose destination is not known, it must be of every destination. */

#include <config.h>
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#include "openvswitch/shash.h"
#include "plan/trace/match.h"
#include "util.h"

static void
fuzz_match(const uint8_t *data, size_t size)
{
    char *addresses[] = { "10.0.0.1", "10.1.0.0/16", "fd00::1", "nonsense" };
    struct match_set set = { addresses, ARRAY_SIZE(addresses) };
    char *s = xmemdup0((const char *) data, size);
    struct shash sets = SHASH_INITIALIZER(&sets);
    struct match_packet packet = { .inport = "rtos-a", .sets = &sets };

    shash_add(&sets, "a", &set);
    ip_addr_parse("10.0.0.1", &packet.src);
    enum match_result any = match_evaluate(s, &packet);
    ip_addr_parse("10.1.2.3", &packet.dst);
    enum match_result one = match_evaluate(s, &packet);
    if (any == MATCH_YES || any == MATCH_NO) {
        ovs_assert(one == any);
    }
    ovs_assert(one != MATCH_DEPENDS);

    ip_addr_parse("fd00::1", &packet.src);
    ip_addr_parse("fd00::2", &packet.dst);
    ovs_assert(match_evaluate(s, &packet) != MATCH_DEPENDS);
    shash_destroy(&sets);
    free(s);
}

EGRESS_FUZZ("match", fuzz_match)
