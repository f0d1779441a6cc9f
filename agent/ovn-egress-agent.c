/* SPDX-License-Identifier: Apache-2.0 */

/* ovn-egress-agent: main(), and what the daemon is as data. */

#include <config.h>

#include "agent/agent.h"
#include "lib/daemon-shell.h"
#include "lib/egress-dirs.h"
#include "util.h"

static const char *nb_remote;
static const char *sb_remote;
static const char *egress_remote;

static char *
init(void *agentp_)
{
    struct agent **agentp = agentp_;

    *agentp = agent_create(
        nb_remote ? nb_remote : egress_default_nb_db(),
        sb_remote ? sb_remote : egress_default_sb_db(),
        egress_remote ? egress_remote : egress_default_egress_db());
    agent_unixctl_init(*agentp);
    return NULL;
}

static void
run(void *agentp)
{
    agent_run(*(struct agent **) agentp);
}

static void
wait(void *agentp)
{
    agent_wait(*(struct agent **) agentp);
}

static void
memory(struct simap *usage, void *agentp)
{
    agent_memory(*(struct agent **) agentp, usage);
}

static void
destroy(void *agentp)
{
    agent_destroy(*(struct agent **) agentp);
}

static const struct daemon_shell_option options[] = {
    { .name = "ovnnb-db", .text = &nb_remote, .arg = "DATABASE",
      .help = "connect to OVN_Northbound at DATABASE" },
    { .name = "ovnsb-db", .text = &sb_remote, .arg = "DATABASE",
      .help = "connect to OVN_Southbound at DATABASE" },
    { .name = "egress-db", .text = &egress_remote, .arg = "DATABASE",
      .help = "connect to OVN_Egress at DATABASE" },
    { .name = NULL },
};

static const struct daemon_shell shell = {
    .name = "ovn-egress-agent",
    .summary = "steers the egress traffic of services through OVN",
    .net_admin = false,
    .options = options,
    .init = init,
    .run = run,
    .wait = wait,
    .memory = memory,
    .destroy = destroy,
};

int
main(int argc, char *argv[])
{
    struct agent *agent = NULL;

    return daemon_shell_main(argc, argv, &shell, &agent);
}
