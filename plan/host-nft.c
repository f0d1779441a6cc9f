/* SPDX-License-Identifier: Apache-2.0 */

/* What is constant in our nftables table.  See host-nft.h.
 *
 * A packet of a served endpoint meets three chains:
 *
 *   prerouting   before routing, gives it the mark of its service's network,
 *                in the bits that are ours.
 *   srcnat       after routing, translates its source to the ingress IP.  The
 *                priority is that of source NAT: later than 100 a masquerade
 *                rule of another program would come first.
 *   guard        after that, drops it if its source was not translated: a
 *                connection older than the service, for example.
 *
 * Packets with OVN's mark for pod to node traffic are left alone, and so are
 * those that stay within the cluster. */

#include <config.h>

#include "plan/host-nft.h"

#include <inttypes.h>
#include <stdlib.h>

#include "openvswitch/dynamic-string.h"
#include "plan/host.h"
#include "plan/row.h"
#include "util.h"

/* NFPROTO_IPV4 and NFPROTO_IPV6 of <linux/netfilter.h>. */
#define NFPROTO "meta nfproto, cmp "
#define IS_IPV4 NFPROTO "2, ip "
#define IS_IPV6 NFPROTO "10, ip6 "

static void
add_chain(struct plan_rows *rows, const char *name, const char *hook,
          const char *rules)
{
    char *key = xasprintf("chain %s", name);
    struct plan_row *row = plan_rows_add(rows, "nft", key);

    plan_row_set_string(row, "hook", hook);
    plan_row_set_string(row, "rules", rules);
    free(key);
}

/* Adds a chain of a hook.  It begins with the return of OVN's packets. */
static void
add_base_chain(struct plan_rows *rows, const char *name, const char *hook,
               uint32_t mask, const char *rules)
{
    char *all = xasprintf("meta mark, and 0x%08"PRIx32", cmp 0x%08x, return\n"
                          "%s", ~mask, HOST_NODE_MARK, rules);
    add_chain(rows, name, hook, all);
    free(all);
}

void
host_nft_build(uint32_t mask, const uint32_t *marks, size_t n,
               struct plan_rows *rows)
{
    static const char *const counters[] = {
        "leaked4", "leaked6", "served4", "served6",
    };

    plan_row_set_integer(plan_rows_add(rows, "nft", "table"), "flags", 0);
    for (size_t i = 0; i < ARRAY_SIZE(counters); i++) {
        char *key = xasprintf("counter %s", counters[i]);
        plan_rows_add(rows, "nft", key);
        free(key);
    }

    add_base_chain(rows, "prerouting", "filter prerouting -150 accept", mask,
                   IS_IPV4"saddr, lookup mark4 verdict\n"
                   IS_IPV6"saddr, lookup mark6 verdict\n"
                   IS_IPV4"saddr, th sport, lookup port4 verdict\n"
                   IS_IPV6"saddr, th sport, lookup port6 verdict\n");
    for (size_t i = 0; i < n; i++) {
        char *name = xasprintf("mark_%08"PRIx32, marks[i]);
        char *rules = xasprintf("meta mark, and 0x%08"PRIx32
                                " xor 0x%08"PRIx32", set mark\n",
                                ~mask, marks[i]);
        add_chain(rows, name, "", rules);
        free(rules);
        free(name);
    }

    /* The chain sees the first packet of each connection. */
    add_base_chain(rows, "srcnat", "nat postrouting 100 accept", mask,
                   IS_IPV4"daddr, lookup local4, return\n"
                   IS_IPV6"daddr, lookup local6, return\n"
                   IS_IPV4"saddr, lookup served4, counter served4\n"
                   IS_IPV6"saddr, lookup served6, counter served6\n"
                   IS_IPV4"saddr, lookup snat4 map, snat ip\n"
                   IS_IPV6"saddr, lookup snat6 map, snat ip6\n");
    add_base_chain(rows, "guard", "filter postrouting 101 accept", mask,
                   IS_IPV4"saddr, lookup served4, goto guard4\n"
                   IS_IPV6"saddr, lookup served6, goto guard6\n");
    add_chain(rows, "guard4", "",
              IS_IPV4"daddr, lookup local4, return\n"
              "counter leaked4, drop\n");
    add_chain(rows, "guard6", "",
              IS_IPV6"daddr, lookup local6, return\n"
              "counter leaked6, drop\n");
}
