/* SPDX-License-Identifier: Apache-2.0 */

/* A daemon that does nothing, for tests/daemon-shell.at: it shows what the
 * daemon shell calls, and when. */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/vlog.h"
#include "simap.h"
#include "unixctl.h"

#include "lib/daemon-shell.h"
#include "tests/egress-test.h"

VLOG_DEFINE_THIS_MODULE(test_daemon);

/* The options' values, and what the callbacks did. */
static const char *text = "default";
static bool flag;
static unsigned int n_runs;
static unsigned int n_waits;

static void
show(struct unixctl_conn *conn, int argc OVS_UNUSED,
     const char *argv[] OVS_UNUSED, void *aux)
{
    char *reply = xasprintf("aux=%s text=%s flag=%d %s\n", (char *) aux, text,
                            flag, n_runs > n_waits ? "in run" : "in wait");

    unixctl_command_reply(conn, reply);
    free(reply);
}

static char *
daemon_init(void *aux)
{
    if (!strcmp(text, "fail")) {
        return xstrdup("told to fail");
    }
    unixctl_command_register("show", "", 0, 0, show, aux);
    return NULL;
}

static void
daemon_run(void *aux OVS_UNUSED)
{
    n_runs++;
}

static void
daemon_wait(void *aux OVS_UNUSED)
{
    n_waits++;
}

static void
daemon_memory(struct simap *usage, void *aux OVS_UNUSED)
{
    simap_increase(usage, "test-things", 7);
}

static void
daemon_destroy(void *aux)
{
    VLOG_INFO("%s destroyed", (char *) aux);
}

static const struct daemon_shell_option options[] = {
    { .name = "text", .text = &text, .arg = "TEXT", .help = "some text" },
    { .name = "flag", .flag = &flag, .help = "a flag" },
    { .name = NULL },
};

static const struct daemon_shell shell = {
    .name = "test-daemon",
    .summary = "does nothing",
    .options = options,
    .init = daemon_init,
    .run = daemon_run,
    .wait = daemon_wait,
    .memory = daemon_memory,
    .destroy = daemon_destroy,
};

static void
test_daemon(struct ovs_cmdl_context *ctx)
{
    char aux[] = "baggage";

    exit(daemon_shell_main(ctx->argc, ctx->argv, &shell, aux));
}

EGRESS_TEST("test-daemon", "[OPTION]...", 0, INT_MAX, test_daemon)
