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
 * And the first packet of a connection from outside to a Service, where that
 * is ours to do:
 *
 *   dstnat       before routing: to an endpoint of this host if the Service's
 *                traffic policy says so, which keeps the client's address; or
 *                else to the ClusterIP, which OVN's load balancers answer.
 *   output       the same for the host's own, but always to the ClusterIP.
 *
 * Answers find back by conntrack alone: before the chain srcnat their source
 * is the ingress IP again.
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

/* Loads the key of maps for Services. */
#define KEY_IPV4 IS_IPV4"daddr, meta l4proto, th dport, "
#define KEY_IPV6 IS_IPV6"daddr, meta l4proto, th dport, "

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

/* Adds counters for both families. */
static void
add_counters(struct plan_rows *rows, const char *name)
{
    for (int i = 4; i <= 6; i += 2) {
        char *key = xasprintf("counter %s%d", name, i);
        plan_rows_add(rows, "nft", key);
        free(key);
    }
}

void
host_nft_build(uint32_t mask, const uint32_t *marks, size_t n,
               struct plan_rows *rows)
{
    plan_row_set_integer(plan_rows_add(rows, "nft", "table"), "flags", 0);
    add_counters(rows, "leaked");
    add_counters(rows, "served");

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

void
host_nft_build_ingress(struct plan_rows *rows)
{
    BUILD_ASSERT_DECL(HOST_SLOTS == 16);

    add_counters(rows, "idle");
    add_chain(rows, "dstnat", "nat prerouting -100 accept",
              KEY_IPV4"lookup idle4, counter idle4, drop\n"
              KEY_IPV6"lookup idle6, counter idle6, drop\n"
              KEY_IPV4"numgen random 16, lookup backend4 map, dnat ip port\n"
              KEY_IPV6"numgen random 16, lookup backend6 map, dnat ip6 port\n"
              KEY_IPV4"lookup ingress4 map, dnat ip\n"
              KEY_IPV6"lookup ingress6 map, dnat ip6\n");
    add_chain(rows, "output", "nat output -100 accept",
              KEY_IPV4"lookup ingress4 map, dnat ip\n"
              KEY_IPV6"lookup ingress6 map, dnat ip6\n");
}
