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

#include "plan/machine/machine-chain.h"
#include "plan/machine/machine.h"
#include "util.h"

/* NFPROTO_IPV4 and NFPROTO_IPV6 of <linux/netfilter.h>. */
static const uint32_t nfproto[] = { [IP_V4] = 2, [IP_V6] = 10 };

/* Rules are written for both families at once: the fields are those of IPv4, a
 * "#" in names stands for the digit of the family, the value of META_NFPROTO
 * is its number, and what a set is updated with stays for as long as the
 * caller says. */

#define EXPR(OP, ...) { .op = MACHINE_##OP, __VA_ARGS__ }
#define LOAD(FIELD) EXPR(LOAD, .field = MACHINE_##FIELD)
#define CMP(VALUE) EXPR(CMP, .value = VALUE)
#define AND(VALUE) EXPR(AND, .value = VALUE)
#define XOR(VALUE, BITS) EXPR(AND, .value = VALUE, .bits = BITS)
#define SET_MARK EXPR(PUT_MARK, .value = 0)
#define LOOKUP(SET) EXPR(LOOKUP, .name = SET)
#define MAP(SET) EXPR(LOOKUP_MAP, .name = SET)
#define VERDICT(SET) EXPR(LOOKUP_VERDICT, .name = SET)
#define UPDATE(SET) EXPR(UPDATE, .name = SET)
#define COUNTER(NAME) EXPR(COUNTER, .name = NAME)
#define JUMP(CHAIN) EXPR(JUMP, .name = CHAIN), END
#define GOTO(CHAIN) EXPR(GOTO, .name = CHAIN), END
#define RETURN EXPR(RETURN, .value = 0), END
#define DROP EXPR(DROP, .value = 0), END
#define END EXPR(END, .value = 0)

/* The test for a family belongs into each rule that looks into a header: so
 * nft(8), which adds it to what it reads, has the same rules. */
#define IS LOAD(META_NFPROTO), CMP(0)

#define IS_TCP LOAD(META_L4PROTO), CMP(6)

/* Of what the one who opened a connection of TCP sends. */
#define ORIGINAL_TCP                                                    \
    IS_TCP, LOAD(CT_DIRECTION), CMP(0), LOAD(CT_STATE), AND(2), CMP(2)

/* Loads the key of maps for Services. */
#define KEY IS, LOAD(DADDR), LOAD(META_L4PROTO), LOAD(TH_DPORT)

/* What the kernel takes for no part of a connection. */
#define IS_INVALID LOAD(CT_STATE), CMP(1)

static const struct machine_hook no_hook;

static struct machine_nft_object *
add_chain(struct machine_objects *objects, const char *name,
          const struct machine_hook *hook)
{
    struct machine_nft_object *chain = machine_nft_add(
        objects, MACHINE_NFT_CHAIN, name);

    chain->hook = *hook;
    return chain;
}

/* Adds the expressions up to the first END of 'template', for 'family', and
 * returns what follows. */
static const struct machine_expr *
add_rule(struct machine_nft_object *chain, const struct machine_expr *template,
         enum ip_family family, unsigned int seconds)
{
    enum machine_field field = 0;

    for (const struct machine_expr *t = template; ; t++) {
        struct machine_expr e = *t;
        char *digit = strchr(e.name, '#');

        if (digit) {
            *digit = family == IP_V6 ? '6' : '4';
        }
        if (e.op == MACHINE_LOAD) {
            field = e.field += (e.field >= MACHINE_CT_ORIGINAL_SADDR ? family
                                : 0);
        } else if (e.op == MACHINE_CMP || e.op == MACHINE_AND) {
            e.field = field;
            e.value = (field == MACHINE_META_NFPROTO ? nfproto[family]
                       : e.value);
        } else if (e.op == MACHINE_UPDATE) {
            e.value = seconds;
        } else if (e.op == MACHINE_SNAT || e.op == MACHINE_DNAT
                   || e.op == MACHINE_DNAT_PORT) {
            e.value = family;
        }
        machine_nft_add_expr(chain, &e);
        if (e.op == MACHINE_END) {
            return t + 1;
        }
    }
}

/* Adds each of the rules in 'n' expressions, for both families if 'both'. */
static void
add_rules(struct machine_nft_object *chain, const struct machine_expr *rules,
          size_t n, bool both, unsigned int seconds)
{
    const struct machine_expr *end = rules + n;

    while (rules < end) {
        const struct machine_expr *next = add_rule(chain, rules, IP_V4,
                                                   seconds);

        if (both) {
            add_rule(chain, rules, IP_V6, seconds);
        }
        rules = next;
    }
}

#define ADD_RULES(CHAIN, BOTH, SECONDS, ...)                            \
    do {                                                                \
        const struct machine_expr rules__[] = { __VA_ARGS__ };          \
        add_rules(CHAIN, rules__, ARRAY_SIZE(rules__), BOTH, SECONDS);  \
    } while (0)

/* Adds a chain of a hook.  It begins with the return of OVN's packets. */
static struct machine_nft_object *
add_base_chain(struct machine_objects *objects, const char *name,
               struct machine_hook hook, uint32_t mask)
{
    struct machine_nft_object *chain = add_chain(objects, name, &hook);

    ADD_RULES(chain, false, 0,
              LOAD(META_MARK), AND(~mask), CMP(MACHINE_NODE_MARK), RETURN);
    return chain;
}

/* The name of chain or counter 'name' of a family. */
static char *
name_of(const char *name, enum ip_family family)
{
    return xasprintf("%s%d", name, family == IP_V4 ? 4 : 6);
}

/* Adds counters for both families. */
static void
add_counters(struct machine_objects *objects, const char *name)
{
    for (int f = 0; f < IP_N_FAMILIES; f++) {
        char *full = name_of(name, f);

        machine_nft_add(objects, MACHINE_NFT_COUNTER, full);
        free(full);
    }
}

/* Adds the chain 'name' for each family. */
static void
add_family_chains(struct machine_objects *objects, const char *name,
                  unsigned int seconds, const struct machine_expr *rules,
                  size_t n)
{
    for (int f = 0; f < IP_N_FAMILIES; f++) {
        char *full = name_of(name, f);
        struct machine_nft_object *chain = add_chain(objects, full, &no_hook);

        for (const struct machine_expr *r = rules; r < rules + n; ) {
            r = add_rule(chain, r, f, seconds);
        }
        free(full);
    }
}

#define add_chains(OBJECTS, NAME, SECONDS, ...)                         \
    do {                                                                \
        static const struct machine_expr rules__[] = { __VA_ARGS__ };   \
        add_family_chains(OBJECTS, NAME, SECONDS, rules__,              \
                          ARRAY_SIZE(rules__));                         \
    } while (0)

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
add_guard_chains(struct machine_objects *objects)
{
    add_chains(objects, "guard", 0,
               IS, LOAD(CT_ORIGINAL_SADDR), LOAD(SADDR), LOOKUP("pair#"),
               GOTO("sent#"),
               IS, LOAD(DADDR), LOOKUP("local#"), RETURN,
               IS, LOAD(SADDR), LOOKUP("hidden#"), GOTO("raw#"),
               IS, LOAD(SADDR), LOOKUP("leaving#"), GOTO("leaked#"),
               IS, LOAD(SADDR), LOOKUP("services#"), GOTO("leaked#"),
               LOAD(CT_DIRECTION), CMP(0), LOAD(CT_ORIGINAL_SADDR),
               LOOKUP("hidden#"), GOTO("opened#"),
               LOAD(CT_STATE), AND(8), CMP(8), JUMP("fresh#"),
               IS, LOAD(SADDR), LOOKUP("public#"), GOTO("sent#"));
    add_chains(objects, "sent", 0,
               IS, LOAD(SADDR), LOAD(META_OIFNAME), LOOKUP("way#"), RETURN,
               IS, LOAD(DADDR), LOOKUP("local#"), RETURN,
               IS, LOAD(SADDR), LOOKUP("public#"), GOTO("astray#"));
    add_chains(objects, "raw", 0,
               IS_INVALID, GOTO("leaked#"),
               IS, LOAD(SADDR), LOAD(META_OIFNAME), LOOKUP("exit#"), RETURN,
               GOTO("leaked#"));
    add_chains(objects, "opened", 0,
               LOAD(CT_ORIGINAL_SADDR), LOAD(META_OIFNAME), LOOKUP("exit#"),
               RETURN,
               GOTO("foreign#"));
    add_chains(objects, "fresh", 0,
               LOAD(CT_ORIGINAL_SADDR), LOOKUP("services#"),
               GOTO("foreign#"));
}

/* Each counts a packet, may note who it was, and drops it. */
static void
add_drops(struct machine_objects *objects)
{
    add_counters(objects, "leaked");
    add_counters(objects, "astray");
    add_counters(objects, "foreign");
    add_counters(objects, "stray");
    add_chains(objects, "leaked", 0,
               COUNTER("leaked#"), END, JUMP("note#"), DROP);
    add_chains(objects, "astray", 0,
               COUNTER("astray#"), END, JUMP("note#"), DROP);
    add_chains(objects, "foreign", 0,
               COUNTER("foreign#"), END, JUMP("note#"), DROP);
    add_chains(objects, "stray", 0, COUNTER("stray#"), END, DROP);
    add_chains(objects, "note", MACHINE_NOTE_SECONDS,
               IS, LOAD(CT_ORIGINAL_SADDR), LOAD(SADDR), LOAD(META_OIFNAME),
               UPDATE("dropped#"), END,
               IS_INVALID, IS, LOAD(SADDR), LOAD(SADDR), LOAD(META_OIFNAME),
               UPDATE("dropped#"), END);
}

static void
add_guard(struct machine_objects *objects, uint32_t mask)
{
    struct machine_nft_object *chain = add_base_chain(
        objects, "guard",
        (struct machine_hook) { "filter", MACHINE_POSTROUTING, 300, true },
        mask);

    ADD_RULES(chain, true, 0, IS, GOTO("guard#"));
    add_guard_chains(objects);
    add_drops(objects);

    chain = add_base_chain(
        objects, "forward",
        (struct machine_hook) { "filter", MACHINE_FORWARD, 0, true }, mask);
    ADD_RULES(chain, false, 0,
              LOAD(CT_STATE), AND(6), CMP(0), IS_TCP, LOAD(TCP_FLAGS), AND(2),
              CMP(0), JUMP("middle"));
    ADD_RULES(chain, true, 0,
              ORIGINAL_TCP, IS, LOAD(SADDR), LOOKUP("hidden#"),
              JUMP("former#"));
    for (int f = 0; f < IP_N_FAMILIES; f++) {
        static const struct machine_expr rules[] = {
            IS, LOAD(DADDR), LOAD(META_IIFNAME), LOOKUP("way#"),
            GOTO("stray#"),
            IS, LOAD(DADDR), LOAD(META_IIFNAME), LOOKUP("gone#"),
            GOTO("stray#"),
        };

        add_rule(chain, add_rule(chain, rules, f, 0), f, 0);
    }
}

/* A packet of TCP from the middle of a connection that nothing is known of:
 * neither established nor related, for one that ends a connection is not new
 * either, and not translated.  If the connection was cut, as it lost its
 * source IP, its endpoint is told.  Otherwise it may have been steered here
 * from another node, and goes on. */
static void
add_middle(struct machine_objects *objects, unsigned int seconds)
{
    add_counters(objects, "cut");
    ADD_RULES(add_chain(objects, "middle", &no_hook), true, 0,
              IS, LOAD(SADDR), LOAD(TH_SPORT), LOOKUP("cut#"), GOTO("cut#"));
    add_chains(objects, "cut", seconds,
               COUNTER("cut#"), END,
               IS, LOAD(SADDR), LOAD(TH_SPORT), UPDATE("cut#"), END,
               IS_TCP, EXPR(RESET, .value = 0), END);
}

/* A packet of a TCP connection that an endpoint opened before it had its
 * source.  Its next one may be of no known connection: the kernel forgets one
 * that it masquerades when its packets leave by another link. */
static void
add_former(struct machine_objects *objects, unsigned int seconds)
{
    add_chains(objects, "former", seconds,
               IS, LOAD(CT_ORIGINAL_SADDR), LOAD(CT_REPLY_DADDR),
               LOOKUP("pair#"), RETURN,
               IS, LOAD(DADDR), LOOKUP("local#"), RETURN,
               IS, LOAD(SADDR), LOAD(META_OIFNAME), LOOKUP("exit#"), RETURN,
               IS, LOAD(SADDR), LOAD(TH_SPORT), UPDATE("cut#"), END);
}

/* Notes which of the endpoints whose packets are watched still send. */
static void
add_watch(struct machine_objects *objects, unsigned int seconds)
{
    const struct machine_hook hook = {
        "filter", MACHINE_PREROUTING, -149, true
    };

    ADD_RULES(add_chain(objects, "watch", &hook), true, seconds,
              IS, LOAD(SADDR), LOOKUP("watched#"), LOAD(SADDR),
              UPDATE("seen#"), END);
}

/* Gives a packet the mark 'bits' in what 'mask' leaves. */
static void
add_mark_rule(struct machine_nft_object *chain, uint32_t mask, uint32_t bits)
{
    ADD_RULES(chain, false, 0, LOAD(META_MARK), XOR(mask, bits), SET_MARK,
              END);
}

/* Before routing: "to_node" is for what an endpoint sends to a node of its own
 * accord. */
static void
add_prerouting(struct machine_objects *objects, const struct machine_nft *nft)
{
    add_mark_rule(add_chain(objects, "to_node", &no_hook), nft->mask,
                  MACHINE_NODE_MARK);
    ADD_RULES(add_base_chain(objects, "prerouting", (struct machine_hook) {
                                 "filter", MACHINE_PREROUTING, -150, true
                             }, nft->mask),
              true, 0,
              LOAD(CT_DIRECTION), CMP(0), IS, LOAD(SADDR), LOOKUP("hidden#"),
              LOAD(DADDR), LOOKUP("nodes#"), GOTO("to_node"),
              IS, LOAD(SADDR), VERDICT("mark#"), END,
              IS, LOAD(SADDR), LOAD(TH_SPORT), VERDICT("port#"), END);
    for (size_t i = 0; i < nft->n_marks; i++) {
        char *name = xasprintf("mark_%08"PRIx32, nft->marks[i]);

        add_mark_rule(add_chain(objects, name, &no_hook), ~nft->mask,
                      nft->marks[i]);
        free(name);
    }
}

void
machine_nft_build(const struct machine_nft *nft,
                  struct machine_objects *objects)
{
    machine_nft_add(objects, MACHINE_NFT_TABLE, NULL);
    add_counters(objects, "served");
    add_prerouting(objects, nft);

    /* The chain sees the first packet of each connection. */
    ADD_RULES(add_base_chain(objects, "srcnat", (struct machine_hook) {
                                 "nat", MACHINE_POSTROUTING, 100, true
                             }, nft->mask),
              true, 0,
              IS, LOAD(DADDR), LOOKUP("local#"), RETURN,
              IS, LOAD(SADDR), LOOKUP("hidden#"), COUNTER("served#"), END,
              IS, LOAD(SADDR), MAP("snat#"), EXPR(SNAT, .value = 0), END);
    add_guard(objects, nft->mask);
    add_middle(objects, nft->guard_seconds);
    add_former(objects, nft->guard_seconds);
    if (nft->watch_seconds) {
        add_watch(objects, nft->watch_seconds);
    }
}

#define TO_CLUSTER_IP KEY, MAP("ingress#"), EXPR(DNAT, .value = 0), END

void
machine_nft_build_ingress(struct machine_objects *objects)
{
    const struct machine_hook dstnat = {
        "nat", MACHINE_PREROUTING, -100, true
    };
    const struct machine_hook output = { "nat", MACHINE_OUTPUT, -100, true };

    BUILD_ASSERT_DECL(MACHINE_SLOTS == 16);

    add_counters(objects, "idle");
    ADD_RULES(add_chain(objects, "dstnat", &dstnat), true, 0,
              KEY, LOOKUP("idle#"), COUNTER("idle#"), DROP,
              KEY, LOAD(NUMGEN), MAP("backend#"),
              EXPR(DNAT_PORT, .value = 0), END,
              TO_CLUSTER_IP);
    ADD_RULES(add_chain(objects, "output", &output), true, 0, TO_CLUSTER_IP);
}
