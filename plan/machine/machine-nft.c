/* SPDX-License-Identifier: Apache-2.0 */

/* What is constant in our nftables table.  See machine-nft.h.
 *
 * A packet of a served endpoint meets these chains:
 *
 *   prerouting   before routing, gives it the mark of its service's network,
 *                in the bits that are ours; or, if it goes to a node, OVN's
 *                mark for pod to node traffic ("to_node"), which OVN gives to
 *                what it steers only.
 *   srcnat       after routing, translates its source to the ingress IP.  The
 *                priority is that of source NAT: later than 100 a masquerade
 *                rule of another program would come first.
 *   guard        after all source NAT, whoever did it, drops what must not
 *                leave so: see add_guard().
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
 *   forward      answers what is left of a connection that was cut
 *                ("middle"), notes those that have a former source of their
 *                endpoint ("former"), and drops what comes for an ingress IP
 *                from its network and is of no connection or port that is
 *                known here: it would go back to a router that sends it again.
 *
 * Packets with OVN's mark for pod to node traffic are left alone, and so are
 * those that stay within the cluster. */

#include <config.h>

#include "plan/machine/machine-nft.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "plan/machine/machine.h"
#include "plan/rows/row.h"
#include "util.h"

/* NFPROTO_IPV4 and NFPROTO_IPV6 of <linux/netfilter.h>. */
#define NFPROTO "meta nfproto, cmp "
#define IS_IPV4 NFPROTO "2, ip "
#define IS_IPV6 NFPROTO "10, ip6 "

/* Of what the one who opened a connection of TCP sends. */
#define ORIGINAL_TCP                                                    \
    "meta l4proto, cmp 6, ct direction, cmp 0, "                        \
    "ct state, and 0x00000002, cmp 0x00000002, "

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
                          "%s", ~mask, MACHINE_NODE_MARK, rules);
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

/* A family's words in rules, and the digit in names. */
struct words {
    const char *proto;          /* Of "meta nfproto". */
    const char *ip;
    int digit;
};

static const struct words families[] = {
    { "2", "ip", 4 },
    { "10", "ip6", 6 },
};

/* Returns 'template' with "IS" replaced by the test for a family, "IP" by its
 * word, "#" by its digit, and "SECONDS" by 'seconds'.  The caller frees it.
 *
 * The test belongs into each rule that looks into a header: so nft(8), which
 * adds it to what it reads, has the same rules. */
static char *
instantiate(const char *template, const struct words *w, unsigned int seconds)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    for (const char *p = template; *p; ) {
        if (!strncmp(p, "IS", 2)) {
            ds_put_format(&s, NFPROTO"%s", w->proto);
            p += 2;
        } else if (!strncmp(p, "IP", 2)) {
            ds_put_cstr(&s, w->ip);
            p += 2;
        } else if (!strncmp(p, "SECONDS", 7)) {
            ds_put_format(&s, "%u", seconds);
            p += 7;
        } else if (*p == '#') {
            ds_put_format(&s, "%d", w->digit);
            p++;
        } else {
            ds_put_char(&s, *p++);
        }
    }
    return ds_steal_cstr(&s);
}

/* Adds the chain 'name', which has a "#", for each family. */
static void
add_chains(struct plan_rows *rows, const char *name, unsigned int seconds,
           const char *template)
{
    for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
        char *chain = instantiate(name, &families[i], 0);
        char *rules = instantiate(template, &families[i], seconds);

        add_chain(rows, chain, "", rules);
        free(chain);
        free(rules);
    }
}

/* Adds the chain 'name', which counts a packet, may note who it was, and drops
 * it. */
static void
add_drop(struct plan_rows *rows, const char *name, bool note)
{
    char *chain = xasprintf("%s#", name);
    char *rules = xasprintf("counter %s#\n%sdrop\n", name,
                            note ? "jump note#\n" : "");

    add_counters(rows, name);
    add_chains(rows, chain, 0, rules);
    free(chain);
    free(rules);
}

/* The guard sees packets as they leave the host.
 *
 *   - What an endpoint opened must have its own source ("pair"), or, of one
 *     that is not translated, leave by a link of its network ("exit").
 *   - What has an ingress IP as its source must leave by a link of its network
 *     ("way").
 *   - Endpoints and ClusterIPs ("hidden", "services") never leave as
 *     themselves, nor what has left lately ("leaving").
 *   - Nor does an endpoint whose network translates it, in a packet that the
 *     kernel takes for no part of a connection (ct state invalid): nobody
 *     translates that.
 *
 * Most packets meet the first rules only. */
static void
add_guard(struct plan_rows *rows, const struct machine_nft *nft)
{
    add_base_chain(rows, "guard", "filter postrouting 300 accept", nft->mask,
                   NFPROTO"2, goto guard4\n"
                   NFPROTO"10, goto guard6\n");
    add_chains(rows, "guard#", 0,
               "IS, ct original IP saddr, IP saddr, lookup pair#, goto sent#\n"
               "IS, IP daddr, lookup local#, return\n"
               "IS, IP saddr, lookup hidden#, goto raw#\n"
               "IS, IP saddr, lookup leaving#, goto leaked#\n"
               "IS, IP saddr, lookup services#, goto leaked#\n"
               "ct direction, cmp 0, ct original IP saddr, lookup hidden#, "
               "goto opened#\n"
               "ct state, and 0x00000008, cmp 0x00000008, jump fresh#\n"
               "IS, IP saddr, lookup public#, goto sent#\n");
    add_chains(rows, "sent#", 0,
               "IS, IP saddr, meta oifname, lookup way#, return\n"
               "IS, IP daddr, lookup local#, return\n"
               "IS, IP saddr, lookup public#, goto astray#\n");
    add_chains(rows, "raw#", 0,
               "ct state, cmp 0x00000001, goto leaked#\n"
               "IS, IP saddr, meta oifname, lookup exit#, return\n"
               "goto leaked#\n");
    add_chains(rows, "opened#", 0,
               "ct original IP saddr, meta oifname, lookup exit#, return\n"
               "goto foreign#\n");
    add_chains(rows, "fresh#", 0,
               "ct original IP saddr, lookup services#, goto foreign#\n");
    add_chains(rows, "note#", MACHINE_NOTE_SECONDS,
               "IS, ct original IP saddr, IP saddr, meta oifname, "
               "update dropped# timeout SECONDS\n"
               "ct state, cmp 0x00000001, IS, IP saddr, IP saddr, "
               "meta oifname, update dropped# timeout SECONDS\n");
    add_drop(rows, "leaked", true);
    add_drop(rows, "astray", true);
    add_drop(rows, "foreign", true);

    add_base_chain(rows, "forward", "filter forward 0 accept", nft->mask,
                   "ct state, and 0x00000006, cmp 0x00000000, "
                   "meta l4proto, cmp 6, tcp flags, and 2, cmp 0, "
                   "jump middle\n"
                   ORIGINAL_TCP IS_IPV4"saddr, lookup hidden4, jump former4\n"
                   ORIGINAL_TCP IS_IPV6"saddr, lookup hidden6, jump former6\n"
                   IS_IPV4"daddr, meta iifname, lookup way4, goto stray4\n"
                   IS_IPV4"daddr, meta iifname, lookup gone4, goto stray4\n"
                   IS_IPV6"daddr, meta iifname, lookup way6, goto stray6\n"
                   IS_IPV6"daddr, meta iifname, lookup gone6, goto stray6\n");
    add_drop(rows, "stray", false);
}

/* A packet of TCP from the middle of a connection that nothing is known of:
 * neither established nor related, for one that ends a connection is not new
 * either, and not translated.  If the connection was cut, as it lost its
 * source IP, its endpoint is told.  Otherwise it may have been steered here
 * from another node, and goes on. */
static void
add_middle(struct plan_rows *rows, unsigned int seconds)
{
    add_counters(rows, "cut");
    add_chain(rows, "middle", "",
              IS_IPV4"saddr, th sport, lookup cut4, goto cut4\n"
              IS_IPV6"saddr, th sport, lookup cut6, goto cut6\n");
    add_chains(rows, "cut#", seconds,
               "counter cut#\n"
               "IS, IP saddr, th sport, update cut# timeout SECONDS\n"
               "meta l4proto, cmp 6, reject tcp reset\n");
}

/* A packet of a TCP connection that an endpoint opened before it had its
 * source.  Its next one may be of no known connection: the kernel forgets one
 * that it masquerades when its packets leave by another link. */
static void
add_former(struct plan_rows *rows, unsigned int seconds)
{
    add_chains(rows, "former#", seconds,
               "IS, ct original IP saddr, ct reply IP daddr, lookup pair#, "
               "return\n"
               "IS, IP daddr, lookup local#, return\n"
               "IS, IP saddr, meta oifname, lookup exit#, return\n"
               "IS, IP saddr, th sport, update cut# timeout SECONDS\n");
}

/* Notes which of the endpoints whose packets are watched still send. */
static void
add_watch(struct plan_rows *rows, unsigned int seconds)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
        const struct words *w = &families[i];
        char *rule = instantiate("IS, IP saddr, lookup watched#, IP saddr, "
                                 "update seen# timeout SECONDS", w, seconds);

        ds_put_format(&s, "%s\n", rule);
        free(rule);
    }
    add_chain(rows, "watch", "filter prerouting -149 accept", ds_cstr(&s));
    ds_destroy(&s);
}

/* What an endpoint sends to a node of its own accord. */
#define TO_NODE(PROTO, IP, DIGIT)                                       \
    "ct direction, cmp 0, "                                             \
    NFPROTO PROTO", "IP" saddr, lookup hidden"DIGIT", "                 \
    IP" daddr, lookup nodes"DIGIT", goto to_node\n"

/* Gives a packet OVN's mark for pod to node traffic. */
static void
add_to_node(struct plan_rows *rows, uint32_t mask)
{
    char *rules = xasprintf("meta mark, and 0x%08"PRIx32" xor 0x%08x, "
                            "set mark\n", mask, MACHINE_NODE_MARK);

    add_chain(rows, "to_node", "", rules);
    free(rules);
}

void
machine_nft_build(const struct machine_nft *nft, struct plan_rows *rows)
{
    plan_row_set_integer(plan_rows_add(rows, "nft", "table"), "flags", 0);
    add_counters(rows, "served");

    add_to_node(rows, nft->mask);
    add_base_chain(rows, "prerouting", "filter prerouting -150 accept",
                   nft->mask,
                   TO_NODE("2", "ip", "4")
                   TO_NODE("10", "ip6", "6")
                   IS_IPV4"saddr, lookup mark4 verdict\n"
                   IS_IPV6"saddr, lookup mark6 verdict\n"
                   IS_IPV4"saddr, th sport, lookup port4 verdict\n"
                   IS_IPV6"saddr, th sport, lookup port6 verdict\n");
    for (size_t i = 0; i < nft->n_marks; i++) {
        char *name = xasprintf("mark_%08"PRIx32, nft->marks[i]);
        char *rules = xasprintf("meta mark, and 0x%08"PRIx32
                                " xor 0x%08"PRIx32", set mark\n",
                                ~nft->mask, nft->marks[i]);
        add_chain(rows, name, "", rules);
        free(rules);
        free(name);
    }

    /* The chain sees the first packet of each connection. */
    add_base_chain(rows, "srcnat", "nat postrouting 100 accept", nft->mask,
                   IS_IPV4"daddr, lookup local4, return\n"
                   IS_IPV6"daddr, lookup local6, return\n"
                   IS_IPV4"saddr, lookup hidden4, counter served4\n"
                   IS_IPV6"saddr, lookup hidden6, counter served6\n"
                   IS_IPV4"saddr, lookup snat4 map, snat ip\n"
                   IS_IPV6"saddr, lookup snat6 map, snat ip6\n");
    add_guard(rows, nft);
    add_middle(rows, nft->guard_seconds);
    add_former(rows, nft->guard_seconds);
    if (nft->watch_seconds) {
        add_watch(rows, nft->watch_seconds);
    }
}

void
machine_nft_build_ingress(struct plan_rows *rows)
{
    BUILD_ASSERT_DECL(MACHINE_SLOTS == 16);

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
