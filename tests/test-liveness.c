/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of ovsdb/liveness.c and lease.c.
 *
 * liveness: a script of events as arguments, what is known
 * after each as output.  "T=V" is heartbeat V seen at T seconds, "T" is a look
 * at the clock, "T+N" passes over N seconds.  Heartbeats are due every 5 s. */

#include <config.h>
#include "tests/egress-test.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ovsdb/lease.h"
#include "ovsdb/liveness.h"

static void
test_liveness(struct ovs_cmdl_context *ctx)
{
    long long int patience = liveness_patience(5000);
    struct liveness l;

    liveness_init(&l, 0, 0);
    for (int i = 1; i < ctx->argc; i++) {
        char *end;
        long long int now = strtol(ctx->argv[i], &end, 10) * 1000;
        bool died = false;

        if (*end == '=') {
            liveness_hear(&l, atoi(end + 1), now, patience);
        } else if (*end == '+') {
            liveness_skip(&l, atoi(end + 1) * 1000);
        } else {
            died = liveness_run(&l, now, patience);
        }
        printf("%s: %s\n", ctx->argv[i], died ? "dies"
               : l.alive ? "alive" : "dead");
    }
}

EGRESS_TEST("liveness", "EVENT...", 1, 100, test_liveness)

/* lease: a script of events, "MS:HOLDER=BEAT", "MS:hint", "MS:no-hint" and
 * "forget"; after each the time from which on the lead may be taken. */
static void
test_lease(struct ovs_cmdl_context *ctx)
{
    struct lease l;

    lease_init(&l);
    for (int i = 1; i < ctx->argc; i++) {
        char *event = ctx->argv[i];
        long long int now = strtoll(event, &event, 10);
        char *beat = strchr(event, '=');

        if (!strcmp(event, ":hint") || !strcmp(event, ":no-hint")) {
            lease_hint(&l, event[1] == 'h', now);
        } else if (beat) {
            *beat = '\0';
            lease_see(&l, event + 1, atoi(beat + 1), now);
        } else {
            lease_forget(&l);
        }

        long long int end = lease_end(&l);
        if (end == LLONG_MAX) {
            printf("not known\n");
        } else {
            printf("%lld\n", end);
        }
    }
    lease_destroy(&l);
}

EGRESS_TEST("lease", "EVENT...", 1, 100, test_lease)
