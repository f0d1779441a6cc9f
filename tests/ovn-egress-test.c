/* SPDX-License-Identifier: Apache-2.0 */

/* ovn-egress-test: main(), and the table of subcommands that the other files
 * of tests/ fill in. */

#include <config.h>
#include "tests/egress-test.h"

#include <stdlib.h>

#include "fatal-signal.h"
#include "openvswitch/vlog.h"

#include "lib/version.h"

/* The subcommands in the order of their registration, with an empty one at
 * the end. */
static struct ovs_cmdl_command *commands;
static size_t n_commands;

void
egress_test_register(const struct ovs_cmdl_command *command)
{
    commands = xrealloc(commands, (n_commands + 2) * sizeof *commands);
    commands[n_commands++] = *command;
    commands[n_commands] = (struct ovs_cmdl_command) { .name = NULL };
}

static void
help(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    ovs_cmdl_print_commands(commands);
}

EGRESS_TEST("--help", "", 0, 0, help)

int
main(int argc, char *argv[])
{
    ovs_set_program_name(argv[0], egress_version);
    fatal_ignore_sigpipe();
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    vlog_set_levels(NULL, VLF_CONSOLE, VLL_WARN);

    /* A machine that is busy is no defect. */
    vlog_set_levels(vlog_module_from_name("timeval"), VLF_CONSOLE, VLL_OFF);
    if (argc < 2) {
        ovs_fatal(0, "no test named (use --help for a list)");
    }

    struct ovs_cmdl_context ctx = { .argc = argc - 1, .argv = argv + 1 };
    ovs_cmdl_run_command(&ctx, commands);
    free(commands);
    return EXIT_SUCCESS;
}
