/* SPDX-License-Identifier: Apache-2.0 */

/* ovn-egress-agent: main(), and what the daemon is as data. */

#include <config.h>

#include "util.h"

#include "lib/daemon-shell.h"

static void
agent_run(void *aux OVS_UNUSED)
{
}

static void
agent_wait(void *aux OVS_UNUSED)
{
}

static const struct daemon_shell shell = {
    .name = "ovn-egress-agent",
    .summary = "steers the egress traffic of services through OVN",
    .net_admin = false,
    .run = agent_run,
    .wait = agent_wait,
};

int
main(int argc, char *argv[])
{
    return daemon_shell_main(argc, argv, &shell, NULL);
}
