/* SPDX-License-Identifier: Apache-2.0 */

/* ovn-egress-node: main(), and what the daemon is as data. */

#include <config.h>

#include "util.h"

#include "lib/daemon-shell.h"

static void
node_run(void *aux OVS_UNUSED)
{
}

static void
node_wait(void *aux OVS_UNUSED)
{
}

static const struct daemon_shell shell = {
    .name = "ovn-egress-node",
    .summary = "makes this host carry the egress traffic of services",
    .net_admin = true,
    .run = node_run,
    .wait = node_wait,
};

int
main(int argc, char *argv[])
{
    return daemon_shell_main(argc, argv, &shell, NULL);
}
