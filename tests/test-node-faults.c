/* SPDX-License-Identifier: Apache-2.0 */

/* The reconciler where netlink fails, with a real kernel: reading and writing
 * fail, and notifications are lost.  From tests/system-node-random.at:
 *
 *   ovn-egress-test node-read-faults      each dump fails in each way
 *   ovn-egress-test node-write-faults     each kind of change is refused
 *   ovn-egress-test node-overflow         notifications are lost */

#include <config.h>

#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "node/reconcile.h"
#include "openvswitch/vlog.h"
#include "random.h"
#include "tests/egress-test.h"
#include "tests/node-fault.h"
#include "tests/node-life.h"
#include "tests/node-world.h"
#include "util.h"

#define NFT(CMD) (NFNL_SUBSYS_NFTABLES << 8 | (CMD))

static const char *const how_names[] = {
    [FAILS] = "fails",
    [FAILS_HALF_WAY] = "fails half way",
    [INTERRUPTED] = "is interrupted",
    [LOST] = "is lost",
};

/* Reading. */

static const struct dump {
    const char *name;
    uint16_t type;
    uint8_t family;
    bool can_be_interrupted;
} dumps[] = {
    { "links", RTM_GETLINK, 0, true },
    { "settings", RTM_GETNETCONF, 0, true },
    { "addresses", RTM_GETADDR, 0, true },
    { "routes of IPv4", RTM_GETROUTE, AF_INET, true },
    { "routes of IPv6", RTM_GETROUTE, AF_INET6, true },
    { "rules of IPv4", RTM_GETRULE, AF_INET, true },
    { "rules of IPv6", RTM_GETRULE, AF_INET6, true },
    { "chains", NFT(NFT_MSG_GETCHAIN), 0, true },
    { "nftables rules", NFT(NFT_MSG_GETRULE), 0, true },
    { "sets", NFT(NFT_MSG_GETSET), 0, true },
    { "elements", NFT(NFT_MSG_GETSETELEM), 0, true },
    { "counters", NFT(NFT_MSG_GETOBJ), 0, true },
    { "connections", NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET, 0,
      false },
};

/* Lives with the fault that was injected, which must be an error. */
static void
check_read_fault(struct node_world *w, const struct dump *d, int i,
                 enum node_fault_how how)
{
    struct node_life life;

    node_live(w, -1, &life);
    if (life.matches || !strstr(life.errors, "reading")) {
        printf("dump %d of %s %s: %s, %s\n", i + 1, d->name,
               how_names[how], life.matches ? "matches" : "no match",
               life.errors[0] ? life.errors : "no error");
    }
}

/* How many such dumps one life makes. */
static int
count_dumps(struct node_world *w, const struct dump *d)
{
    node_fault_inject(NO_FAULT, d->type, d->family, 0, false, 0);

    char *error = reconcile_init();
    if (error) {
        ovs_fatal(0, "%s", error);
    }
    reconcile_result_destroy(reconcile_run(&w->in, MACHINE_DEFAULT_PROTOCOL));
    reconcile_destroy();
    return node_fault_n_seen();
}

/* The first, second and last dumps fail, which must change nothing: the host
 * looked so 'before'. */
static void
check_dump(struct node_world *w, const struct dump *d, const char *before)
{
    int n = count_dumps(w, d);

    for (int i = 0; i < n; i += i && i < n - 2 ? n - 2 - i : 1) {
        for (enum node_fault_how how = FAILS; how <= LOST; how++) {
            if (how != INTERRUPTED || d->can_be_interrupted) {
                node_fault_inject(how, d->type, d->family, i,
                                  how == INTERRUPTED, 0);
                check_read_fault(w, d, i, how);
            }
        }
        if (d->can_be_interrupted) {
            node_fault_inject(INTERRUPTED, d->type, d->family, i, false, 0);
            node_live_well(w, "interrupted once");
        }
    }
    node_fault_end();

    char *now = node_host_show();
    printf("%s: %s\n", d->name, !n ? "NEVER READ"
           : strcmp(before, now) ? "KERNEL CHANGED" : "done");
    free(now);
}

/* What cannot be read is left alone, what can is repaired. */
static void
check_others(struct node_world *w)
{
    static const char damage[] =
        "ip rule del priority 997 to 172.30.0.0/16;"
        "ip route del unreachable default table 2 proto 69";
    static const char rule[] = "ip rule | grep -q '^997:.*172.30.0.0/16'";
    static const char route[] = "ip route show table 2 | grep -q unreachable";
    struct node_life life;

    if (system(damage)) {
        ovs_fatal(0, "the work does not have what is to be damaged");
    }
    node_fault_inject(FAILS, RTM_GETRULE, AF_INET, 0, true, 0);
    node_live(w, -1, &life);
    printf("route %s, rule %s\n", system(route) ? "gone" : "repaired",
           system(rule) ? "gone" : "repaired");
    node_fault_end();
    node_live_well(w, "when all can be read again");
    printf("route %s, rule %s\n", system(route) ? "gone" : "repaired",
           system(rule) ? "gone" : "repaired");
}

/* A host whose work has something of all kinds. */
static void
make_work(struct node_world *w)
{
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    random_set_seed(42);
    node_world_init(w);

    struct machine_service *s = &w->services[0];
    s->state = MACHINE_ACTIVE;
    free(s->network);
    s->network = xstrdup("2");
    w->services[1].state = MACHINE_REMOVING;
    w->services[1].local = false;
    if (!w->services[1].endpoints.n) {
        ovs_fatal(0, "the service that has left has no endpoint");
    }
}

static void
node_read_faults(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    struct node_world w;

    make_work(&w);
    int host = node_host_create();
    node_live_well(&w, "at first");

    char *before = node_host_show();
    for (size_t i = 0; i < ARRAY_SIZE(dumps); i++) {
        check_dump(&w, &dumps[i], before);
    }
    free(before);
    node_fault_end();
    check_others(&w);
    close(host);
    node_world_destroy(&w);
}

EGRESS_TEST("node-read-faults", "", 0, 0, node_read_faults)

/* Writing. */

static const struct {
    const char *name;
    uint16_t type;
} changes[] = {
    { "links", RTM_NEWLINK },
    { "addresses", RTM_NEWADDR },
    { "routes", RTM_NEWROUTE },
    { "rules", RTM_NEWRULE },
    { "nftables", NFNL_MSG_BATCH_BEGIN },
};

/* All changes of a type are refused, or one, on a host that is to be made as
 * 'w' says. */
static void
check_write_fault(struct node_world *w, const char *name, uint16_t type,
                  int error, const char *wanted)
{
    for (int stays = 0; stays < 2; stays++) {
        int host = node_host_create();
        struct node_life life;

        node_fault_inject(REFUSED, type, 0, 0, stays, error);
        node_live(w, -1, &life);
        node_fault_end();
        if (stays && (life.matches || !life.errors[0])) {
            printf("%s, %s: %s, %s\n", name, ovs_strerror(error),
                   life.matches ? "matches" : "no match",
                   life.errors[0] ? life.errors : "no error");
        }
        node_live_well(w, "when nothing is refused any more");

        char *now = node_host_show();
        if (strcmp(now, wanted)) {
            printf("%s, %s: not like a host where nothing was refused\n",
                   name, ovs_strerror(error));
        }
        free(now);
        close(host);
    }
}

static void
node_write_faults(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    static const int errors[] = { EBUSY, EEXIST, EPERM };
    struct node_world w;

    make_work(&w);
    int host = node_host_create();
    node_live_well(&w, "at first");

    char *wanted = node_host_show();
    for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
        for (size_t j = 0; j < ARRAY_SIZE(errors); j++) {
            check_write_fault(&w, changes[i].name, changes[i].type, errors[j],
                              wanted);
        }
        printf("%s: done\n", changes[i].name);
    }
    free(wanted);
    close(host);
    node_world_destroy(&w);
}

EGRESS_TEST("node-write-faults", "", 0, 0, node_write_faults)

/* Losing notifications. */

/* More rules than notifications of them have room in a socket. */
#define N_RULES 6000

static void
run_well(const struct node_world *w, unsigned int n_changes)
{
    struct reconcile_result *result = reconcile_run(&w->in,
                                                    MACHINE_DEFAULT_PROTOCOL);

    if (!result->matches || (n_changes && result->n_changes != n_changes)) {
        ovs_fatal(0, "%s, %u changes", result->matches ? "as wanted"
                  : "not as wanted", result->n_changes);
    }
    reconcile_result_destroy(result);
}

/* Whatever waits in the sockets is our own doing, and then there was no more
 * room: that others changed something cannot be known. */
static void
node_overflow(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    struct node_world w;

    make_work(&w);
    node_host_create();
    char *error = reconcile_init();
    if (error) {
        ovs_fatal(0, "%s", error);
    }
    w.machine_options.rules = MACHINE_RULES_ADDRESS;
    w.in.n_policies = 0;
    w.in.n_services = 1;
    run_well(&w, 0);
    reconcile_kernel_changed();

    struct intent_ips *ips = &w.services[0].endpoints;
    ips->items = xrealloc(ips->items, (ips->n + N_RULES) * sizeof *ips->items);
    for (int i = 0; i < N_RULES; i++) {
        char text[IP_STRLEN];

        snprintf(text, sizeof text, "10.133.%d.%d", i / 250, i % 250);
        ovs_assert(ip_addr_parse(text, &ips->items[ips->n + i]));
    }
    ips->n++;
    run_well(&w, 0);
    printf("our own change: %s\n",
           reconcile_kernel_changed() ? "noticed" : "no news");
    ips->n += N_RULES - 1;
    run_well(&w, 0);
    if (system("ip rule del priority 5000 from 10.133.0.7")) {
        ovs_fatal(0, "the rule is not there");
    }
    printf("too many, and somebody's: %s\n",
           reconcile_kernel_changed() ? "noticed" : "no news");
    run_well(&w, 1);
    reconcile_destroy();
    node_world_destroy(&w);
}

EGRESS_TEST("node-overflow", "", 0, 0, node_overflow)
