/* SPDX-License-Identifier: Apache-2.0 */

/* Subcommands for tests/library.at. */

#include <config.h>

#include <stdio.h>

#include "lib/egress-dirs.h"
#include "tests/egress-test.h"

static void
dirs(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    puts(egress_rundir());
    puts(egress_logdir());
    puts(egress_default_nb_db());
    puts(egress_default_egress_db());
}

EGRESS_TEST("dirs", "", 0, 0, dirs)
