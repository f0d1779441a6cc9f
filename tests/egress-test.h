/* SPDX-License-Identifier: Apache-2.0 */

/* ovn-egress-test: one program that holds all tests written in C.
 *
 * A file of tests/ adds its subcommands so, and is named in tests/automake.mk;
 * nothing else has to know of it:
 *
 *     static void
 *     diff_empty(struct ovs_cmdl_context *ctx)
 *     {
 *         ...print what the .at file compares, or ovs_assert()...
 *     }
 *
 *     EGRESS_TEST("diff-empty", "LEFT RIGHT", 2, 2, diff_empty)
 *
 * and an .at file runs "ovn-egress-test diff-empty a b". */

#ifndef EGRESS_TEST_H
#define EGRESS_TEST_H 1

#include "command-line.h"
#include "util.h"

/* Adds 'command' to the subcommands.  'command' must live on. */
void egress_test_register(const struct ovs_cmdl_command *command);

/* A subcommand NAME with at least MIN and at most MAX arguments, which USAGE
 * names for --help.  HANDLER finds them in ctx->argv[1] and on. */
#define EGRESS_TEST(NAME, USAGE, MIN, MAX, HANDLER)                         \
    OVS_CONSTRUCTOR(register_##HANDLER) {                                   \
        static const struct ovs_cmdl_command command = {                    \
            NAME, USAGE, MIN, MAX, HANDLER, OVS_RO                          \
        };                                                                  \
        egress_test_register(&command);                                     \
    }

#endif /* egress-test.h */
