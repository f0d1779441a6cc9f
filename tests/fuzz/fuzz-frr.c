/* SPDX-License-Identifier: Apache-2.0 */

/* Fuzz target: anything as what bgpd says of its sessions, and as its
 * configuration, to be brought to what we want. */

#include <config.h>
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#include "node/frr-read.h"
#include "openvswitch/dynamic-string.h"
#include "plan/frr/frr-command.h"
#include "plan/frr/frr-diff.h"
#include "smap.h"
#include "util.h"

/* What we want of an FRR that has anything. */
static const char wanted[] =
    "ip prefix-list ovn-egress-p-ipv4 permit 192.169.10.0/32\n"
    "route-map ovn-egress-p-out permit 1\n"
    " match ip address prefix-list ovn-egress-p-ipv4\n"
    "exit\n"
    "router bgp 100 vrf red\n"
    " neighbor ovn-egress-owner peer-group\n"
    " neighbor 192.168.130.1 remote-as 200\n"
    " neighbor 192.168.130.1 description ovn-egress\n"
    " address-family ipv4 unicast\n"
    "  neighbor 192.168.130.1 activate\n"
    "  network 192.169.10.0/32\n"
    " exit-address-family\n"
    "exit\n";

static void
diff(const char *running, const char *want)
{
    struct smap conflicts = SMAP_INITIALIZER(&conflicts);
    struct frr_commands commands = FRR_COMMANDS_INITIALIZER;
    struct ds lines = DS_EMPTY_INITIALIZER;

    frr_diff(running, want, &commands, &conflicts);
    frr_commands_format(&commands, &lines);
    smap_destroy(&conflicts);
    frr_commands_destroy(&commands);
    ds_destroy(&lines);
}

static void
read_replies(const char *s)
{
    struct frr_neighbors nn = {
        .items = xzalloc(sizeof *nn.items),
        .n = 1,
    };
    struct frr_neighbor *n = nn.items;

    n->vrf = xstrdup("red");
    n->name = xstrdup("192.168.130.1");
    n->state = xstrdup("");
    n->local = xstrdup("");
    sset_init(&n->wanted);
    simap_init(&n->meds);
    simap_init(&n->paths);
    simap_init(&n->told);
    simap_init(&n->told_paths);
    sset_add(&n->wanted, "192.169.10.0/32");
    simap_put(&n->meds, "192.169.10.0/32", 7);
    ignore(frr_read_summary(s, &nn, n));
    ignore(frr_read_told(s, &n->told, &n->told_paths));
    ignore(frr_read_details(s, n));
    ovs_assert(n->state && n->local);
    ignore(frr_neighbor_is_good(n));
    frr_neighbors_destroy(&nn);
}

static void
fuzz_frr(const uint8_t *data, size_t size)
{
    char *s = xmemdup0((const char *) data, size);

    read_replies(s);
    diff(s, wanted);
    diff(s, "");
    diff(wanted, s);
    free(s);
}

EGRESS_FUZZ("frr", fuzz_frr)
