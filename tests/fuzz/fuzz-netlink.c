/* SPDX-License-Identifier: Apache-2.0 */

/* Fuzz target: anything as what the kernel says of nftables, of tracked
 * connections, of routes, of policy routing rules, of devices and of
 * addresses.  The first byte says of which. */

#include <config.h>
#include "tests/fuzz/fuzz.h"

#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "node/conntrack.h"
#include "node/links.h"
#include "node/nft-read.h"
#include "node/nft-rule.h"
#include "node/nft-set.h"
#include "node/nlsk.h"
#include "node/rtnl-address.h"
#include "node/rtnl-route.h"
#include "node/rtnl-rule.h"
#include "openvswitch/dynamic-string.h"
#include "plan/machine/machine-rule.h"
#include "plan/machine/machine.h"
#include "smap.h"
#include "util.h"

/* Attributes are not longer. */
#define MAX_NEST 60000

/* Sets of each form. */
static const char *const sets[] = {
    "snat4", "snat6", "mark4", "mark6", "port4", "port6", "ingress4",
    "backend4", "backend6", "idle6", "way4", "way6", "pair6", "local4",
    "local6", "dropped4", "hidden6",
};

/* Returns 'data', before which there is room for a header, as one nested
 * attribute. */
static const struct nlattr *
make_nest(const uint8_t *data, size_t size)
{
    struct nlattr *nest = CONST_CAST(void *, (const void *) (data
                                                            - NLA_HDRLEN));

    nest->nla_type = 1;
    nest->nla_len = NLA_HDRLEN + MIN(size, MAX_NEST) / 4 * 4;
    return nest;
}

/* A rule that is known is got again when it is put. */
static void
check_rule(const struct machine_nft_object *chain)
{
    struct machine_nft_object again = { .n = 0 };

    for (size_t i = 0; i < chain->n; i++) {
        if (chain->exprs[i].op == MACHINE_FOREIGN) {
            return;
        }
    }

    struct nl_msg *msg = nlsk_new(0, 0, NULL, 0, MAX_NEST + NLA_HDRLEN);
    nft_rule_put(msg, chain->exprs);
    nft_rule_get(nlmsg_data(nlmsg_hdr(msg)), &again);
    for (size_t i = 0; i < chain->n; i++) {
        ovs_assert(machine_expr_equals(&chain->exprs[i], &again.exprs[i]));
    }
    free(again.exprs);
    nlmsg_free(msg);
}

static void
read_rule(const uint8_t *data, size_t size)
{
    struct machine_nft_object chain = { .n = 0 };
    struct ds s = DS_EMPTY_INITIALIZER;

    nft_rule_get(make_nest(data, size), &chain);
    machine_rule_text(chain.exprs, &s);
    check_rule(&chain);
    free(chain.exprs);
    ds_destroy(&s);
}

/* Of what set read_elements() reads the elements. */
static const char *set_name;

static void
read_elements(const uint8_t *data, size_t size)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    struct machine_set set;

    ovs_assert(nft_set_find(set_name, &set));
    nft_set_get_elements(&set, make_nest(data, size));
    nft_set_finish(&set);
    machine_object_format(&set.object, &s);
    machine_set_destroy(&set);
    ds_destroy(&s);
}

/* Calls 'parse' for each message in 'data'. */
static void
for_each_message(const uint8_t *data, size_t size,
                 void (*parse)(const struct nlmsghdr *))
{
    int left = size;

    for (const void *p = data; nlmsg_ok(p, left);
         p = nlmsg_next(CONST_CAST(void *, p), &left)) {
        parse(p);
    }
}

/* What read_messages() has read. */
static struct machine_objects objects;

static void
parse_nft(const struct nlmsghdr *nlh)
{
    nft_read_message(nlh, &objects);
}

static void
parse_connection(const struct nlmsghdr *nlh)
{
    struct conntrack_connection c;

    ignore(conntrack_parse(nlh, &c));
}

static void
parse_route(const struct nlmsghdr *nlh)
{
    struct machine_route route;

    ignore(rtnl_route_parse(nlh, &route));
    machine_route_destroy(&route);
}

static void
parse_rule(const struct nlmsghdr *nlh)
{
    struct machine_rule rule;

    if (rtnl_rule_parse(nlh, &rule)) {
        free(machine_object_name(&rule.object, false));
    }
}

static void
parse_link(const struct nlmsghdr *nlh)
{
    struct link link;

    if (links_parse(nlh, &link)) {
        ovs_assert(strlen(link.name) < sizeof link.name);
    }
}

static void
parse_address(const struct nlmsghdr *nlh)
{
    struct rtnl_address a;
    char buf[IP_STRLEN];

    if (rtnl_address_parse(nlh, &a)) {
        ovs_assert(*ip_format(&a.ip, buf));
    }
}

static void
read_messages(const uint8_t *data, size_t size)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    machine_objects_init(&objects);
    for_each_message(data, size, parse_nft);
    for (size_t i = 0; i < objects.n; i++) {
        machine_object_format(objects.items[i], &s);
    }
    machine_objects_destroy(&objects);
    ds_destroy(&s);
}

static void
read_connections(const uint8_t *data, size_t size)
{
    for_each_message(data, size, parse_connection);
}

static void
read_routes(const uint8_t *data, size_t size)
{
    for_each_message(data, size, parse_route);
}

static void
read_rules(const uint8_t *data, size_t size)
{
    for_each_message(data, size, parse_rule);
}

static void
read_links(const uint8_t *data, size_t size)
{
    for_each_message(data, size, parse_link);
}

static void
read_addresses(const uint8_t *data, size_t size)
{
    for_each_message(data, size, parse_address);
}

/* Runs 'reader' on a copy of 'data' that ends, but for what is missing to a
 * multiple of 4, where the memory does: who reads beyond it is caught, without
 * a sanitizer too. */
static void
run_at_end(void (*reader)(const uint8_t *data, size_t size),
           const uint8_t *data, size_t size)
{
    size_t page = sysconf(_SC_PAGESIZE);
    size_t room = ROUND_UP(NLA_HDRLEN + size, page);
    uint8_t *memory = mmap(NULL, room + page, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    ovs_assert(memory != MAP_FAILED
               && !mprotect(memory + room, page, PROT_NONE));
    uint8_t *copy = memory + room - ROUND_UP(size, 4);
    memcpy(copy, data, size);
    reader(copy, size);
    munmap(memory, room + page);
}

static void
fuzz_netlink(const uint8_t *data, size_t size)
{
    static void (*const readers[])(const uint8_t *data, size_t size) = {
        read_rule, read_elements, read_messages, read_connections, read_routes,
        read_rules, read_links, read_addresses,
    };

    if (size) {
        size_t i = *data % ARRAY_SIZE(readers);
        bool which = size > 1 && readers[i] == read_elements;

        set_name = sets[which ? data[1] % ARRAY_SIZE(sets) : 0];
        run_at_end(readers[i], data + 1 + which, size - 1 - which);
    }
}

EGRESS_FUZZ("netlink", fuzz_netlink)
