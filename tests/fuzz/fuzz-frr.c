/* SPDX-License-Identifier: Apache-2.0 */

/* Fuzz target: anything as the output of a vtysh that was asked for the
 * configuration and the sessions, and the configuration in it as one to be
 * brought to what we want. */

#include <config.h>
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#include "node/frr-read.h"
#include "openvswitch/dynamic-string.h"
#include "plan/frr-diff.h"
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
    struct ds commands = DS_EMPTY_INITIALIZER;

    frr_diff(running, want, &commands, &conflicts);
    smap_destroy(&conflicts);
    ds_destroy(&commands);
}

static void
fuzz_frr(const uint8_t *data, size_t size)
{
    char *s = xmemdup0((const char *) data, size);
    struct frr_neighbors nn = {
        .items = xzalloc(sizeof *nn.items),
        .n = 1,
    };
    char *running = NULL;

    nn.items[0].vrf = xstrdup("red");
    nn.items[0].name = xstrdup("192.168.130.1");
    nn.items[0].families[0] = nn.items[0].families[1] = true;
    sset_init(&nn.items[0].wanted);
    sset_init(&nn.items[0].advertised);

    char *error = frr_read_parse(s, "", &nn, &running);
    ovs_assert(!error != !running);
    if (running) {
        ovs_assert(nn.items[0].state);
        diff(running, wanted);
        diff(running, "");
        diff(wanted, running);
    }
    frr_neighbors_destroy(&nn);
    free(running);
    free(error);
    free(s);
}

EGRESS_FUZZ("frr", fuzz_frr)
