/* SPDX-License-Identifier: Apache-2.0 */

/* The reconciler, stopped before each change that it makes of a real kernel.
 * From tests/system-node-order.at:
 *
 *   ovn-egress-test node-step mark|address CHECK
 *       Changes the work of a host by and by, with rules of this kind, and
 *       runs the shell command CHECK at each stop. */

#include <config.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "node/reconcile.h"
#include "openvswitch/vlog.h"
#include "tests/egress-test.h"
#include "tests/node-fault.h"
#include "tests/node-life.h"
#include "tests/node-world.h"
#include "util.h"

/* Reconciles, and runs 'check' before each change of the kernel and at the
 * end. */
static void
step_through(const struct node_world *w, const char *name, const char *check)
{
    int n = 0;
    int status;

    fflush(stdout);
    pid_t pid = fork();
    if (!pid) {
        char *error = reconcile_init();
        if (error) {
            ovs_fatal(0, "%s", error);
        }
        node_fault_inject(STOPS, 0, 0, 0, true, 0);

        struct reconcile_result *result = reconcile_run(
            &w->in, MACHINE_DEFAULT_PROTOCOL);
        _exit(!result->matches);
    }
    while (waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status)) {
        if (system(check)) {
            printf("%s: wrong before change %d\n", name, n + 1);
        }
        n++;
        kill(pid, SIGCONT);
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) || !n || system(check)) {
        printf("%s: wrong after %d changes\n", name, n);
    }
    printf("%s\n", name);
}

static void
set_service(struct machine_service *s, const char *network, const char *source,
            const char *endpoint)
{
    char *name = xstrdup(s->name);

    machine_service_destroy(s);
    *s = (struct machine_service) {
        .name = name,
        .state = MACHINE_ACTIVE,
        .network = xstrdup(network),
        .source_ips = { xmalloc(sizeof(struct in6_addr)), 1 },
        .endpoints = { xmalloc(sizeof(struct in6_addr)), 1 },
    };
    ovs_assert(ip_addr_parse(source, &s->source_ips.items[0])
               && ip_addr_parse(endpoint, &s->endpoints.items[0]));
}

/* 10.132.0.5 is served all the time. */
static void
node_step(struct ovs_cmdl_context *ctx)
{
    const char *check = ctx->argv[2];
    struct node_world w;

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    node_world_init(&w);
    w.in.n_policies = 0;
    w.in.n_services = 1;
    w.machine_options.rules = (!strcmp(ctx->argv[1], "address")
                               ? MACHINE_RULES_ADDRESS : MACHINE_RULES_MARK);
    set_service(&w.services[0], "2", "192.0.2.10", "10.132.0.5");
    node_live_well(&w, "at first");

    set_service(&w.services[0], "3", "192.0.2.10", "10.132.0.5");
    step_through(&w, "another network", check);
    set_service(&w.services[0], "3", "192.0.2.11", "10.132.0.5");
    step_through(&w, "another address", check);
    set_service(&w.services[1], "2", "192.0.2.10", "10.132.0.6");
    w.in.n_services = 2;
    step_through(&w, "another service", check);
    set_service(&w.services[0], "3", "192.0.2.11", "10.132.0.7");
    set_service(&w.services[1], "2", "192.0.2.10", "10.132.0.5");
    step_through(&w, "it takes the endpoint", check);
    w.services[0].state = MACHINE_REMOVING;
    step_through(&w, "the first leaves", check);
    w.machine_options.rules = !w.machine_options.rules;
    step_through(&w, "other rules", check);
    w.machine_options.rules = MACHINE_RULES_MARK;
    w.machine_options.mark_mask = 0x00ff0000;
    step_through(&w, "other marks", check);
    w.services[1].state = MACHINE_REMOVING;
    step_through(&w, "all leave", check);
    node_world_destroy(&w);
}

EGRESS_TEST("node-step", "mark|address CHECK", 2, 2, node_step)
