/* SPDX-License-Identifier: Apache-2.0 */

/* What the reconciler leaves undone while nftables does not do its part, with
 * a real kernel.  From tests/system-node-random.at:
 *
 *   ovn-egress-test node-hold       shows the rules of each such host */

#include <config.h>

#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "openvswitch/vlog.h"
#include "random.h"
#include "tests/egress-test.h"
#include "tests/node-fault.h"
#include "tests/node-life.h"
#include "tests/node-world.h"
#include "util.h"

/* Our rules for services, and how many there are for policies. */
static const char show[] =
    "ip -4 rule | grep 'proto 69' > rules;"
    "grep -v '^998\\|^999\\|^1000' rules | tr -s ' \t' ' '"
    " | sed 's/^/  /; s/ proto 69.*//' | sort;"
    "echo \"  policies: $(grep -c '^998\\|^999\\|^1000' rules)\"";

static void
show_rules(void)
{
    fflush(stdout);
    if (system(show)) {
        ovs_fatal(0, "cannot show the rules");
    }
}

static void
set_ips(struct intent_ips *ips, const char *a, const char *b)
{
    free(ips->items);
    ips->items = xmalloc(2 * sizeof *ips->items);
    ips->n = 0;
    if (ip_addr_parse(a, &ips->items[ips->n])) {
        ips->n++;
    }
    if (*b && ip_addr_parse(b, &ips->items[ips->n])) {
        ips->n++;
    }
}

static void
set_network(struct node_world *w, const char *network)
{
    free(w->services[0].network);
    w->services[0].network = xstrdup(network);
}

/* One service with one endpoint, and a policy. */
static void
make_work(struct node_world *w, enum machine_rules rules)
{
    struct machine_service *s = &w->services[0];

    random_set_seed(42);
    node_world_init(w);
    w->machine_options.rules = rules;
    w->in.n_services = 1;
    w->in.n_policies = 1;
    s->state = MACHINE_ACTIVE;
    s->local = false;
    s->n_node_ports = 0;
    set_network(w, "2");
    set_ips(&s->source_ips, "192.0.2.10", "");
    set_ips(&s->ingress_ips, "192.0.2.10", "");
    set_ips(&s->endpoints, "10.132.0.5", "");
    s->cluster_ips.n = 0;
}

/* Lives while nftables fails as 'how' says, then while nothing does. */
static void
live_badly(struct node_world *w, enum node_fault_how how, const char *what)
{
    struct node_life life;

    if (how == REFUSED) {
        node_fault_inject(REFUSED, NFNL_MSG_BATCH_BEGIN, 0, 0, true, ENOMEM);
    } else {
        node_fault_inject(how, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETSETELEM,
                          0, 0, true, 0);
    }
    node_live(w, -1, &life);
    node_fault_end();
    printf("%s%s:\n", what, life.matches ? ", as wanted" : "");
    show_rules();
    node_live_well(w, what);
    printf("then:\n");
    show_rules();
}

static void
node_hold(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    struct node_world w;
    struct machine_service *s = &w.services[0];

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);

    make_work(&w, MACHINE_RULES_ADDRESS);
    int host = node_host_create();
    live_badly(&w, REFUSED, "the first service, rules by address");
    set_ips(&s->endpoints, "10.132.0.5", "10.132.0.6");
    live_badly(&w, FAILS, "an endpoint more, nothing can be read");
    set_ips(&s->endpoints, "10.132.0.6", "10.132.0.7");
    set_network(&w, "3");
    live_badly(&w, REFUSED, "other endpoints and another network");
    close(host);
    node_world_destroy(&w);

    make_work(&w, MACHINE_RULES_MARK);
    host = node_host_create();
    node_live_well(&w, "rules by mark");
    w.in.n_policies = 0;
    set_network(&w, "3");
    w.machine_options.service_networks.n = 0;
    live_badly(&w, REFUSED, "other networks, no policy, rules by mark");
    close(host);
    node_world_destroy(&w);
}

EGRESS_TEST("node-hold", "", 0, 0, node_hold)
