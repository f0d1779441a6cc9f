/* SPDX-License-Identifier: Apache-2.0 */

/* The reconciler against a real kernel, in network namespaces, without a
 * daemon: random work and sudden death.  From tests/system-node-random.at:
 *
 *   ovn-egress-test node-random SEED N     N random changes of work, now and
 *                                          then compared with a new host that
 *                                          is given the last one only
 *   ovn-egress-test node-kill SEED N       the same, where each reconciler but
 *                                          the last is killed at any moment */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "random.h"
#include "tests/egress-test.h"
#include "tests/node-life.h"
#include "tests/node-world.h"
#include "util.h"

/* Compare with a new host after so many changes. */
#define COMPARE_EVERY 50

/* Start again, which must change nothing, after so many. */
#define RESTART_EVERY 5

static void
compare_now_and_then(struct node_world *w, int host, int i, int n)
{
    if (i % COMPARE_EVERY == 0 || i == n) {
        char *when = xasprintf("after %d changes", i);

        node_live_well(w, when);
        node_host_compare(w, host, when);
        free(when);
    }
}

static void
node_random(struct ovs_cmdl_context *ctx)
{
    int n = atoi(ctx->argv[2]);
    struct node_world w;

    random_set_seed(atoi(ctx->argv[1]));
    node_world_init(&w);

    int host = node_host_create();
    for (int i = 1; i <= n; i++) {
        node_world_change(&w);
        node_live_well(&w, "after a change");
        if (i % RESTART_EVERY == 0) {
            unsigned int n_changes = node_live_well(&w, "started again");

            if (n_changes) {
                ovs_fatal(0, "after %d changes: %u changes when started "
                          "again", i, n_changes);
            }
        }
        compare_now_and_then(&w, host, i, n);
    }
    close(host);
    node_world_destroy(&w);
    printf("%d changes\n", n);
}

EGRESS_TEST("node-random", "SEED N", 2, 2, node_random)

static void
node_kill(struct ovs_cmdl_context *ctx)
{
    int n = atoi(ctx->argv[2]);
    struct node_world w;
    int n_killed = 0;

    random_set_seed(atoi(ctx->argv[1]));
    node_world_init(&w);

    int host = node_host_create();
    for (int i = 1; i <= n; i++) {
        struct node_life life;

        node_world_change(&w);
        n_killed += !node_live(&w, node_rnd(40000), &life);
        compare_now_and_then(&w, host, i, n);
    }
    close(host);
    node_world_destroy(&w);
    ovs_assert(n_killed > n / 10);
    printf("%d times\n", n);
}

EGRESS_TEST("node-kill", "SEED N", 2, 2, node_kill)
