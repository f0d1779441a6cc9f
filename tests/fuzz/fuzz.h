/* SPDX-License-Identifier: Apache-2.0 */

/* Fuzzing: how a target is written.
 *
 * A file tests/fuzz/fuzz-NAME.c defines one function and names it:
 *
 *     static void
 *     fuzz_ip(const uint8_t *data, size_t size)
 *     {
 *         ...give it to the parser, ovs_assert() what must hold...
 *     }
 *
 *     EGRESS_FUZZ("ip", fuzz_ip)
 *
 * In ovn-egress-test this makes the subcommand "fuzz-ip" (fuzz-driver.c),
 * which "make check-fuzz" runs on every file of tests/fuzz/corpus/ip/ and on
 * random changes of them.  Compiled with -DEGRESS_LIBFUZZER ("make
 * libfuzzer-ip", needs clang) it is libFuzzer's entry point. */

#ifndef EGRESS_FUZZ_H
#define EGRESS_FUZZ_H 1

#include <stddef.h>
#include <stdint.h>

#include "tests/egress-test.h"

/* A target: must accept any 'size' bytes of 'data', and leak nothing. */
typedef void fuzz_function(const uint8_t *data, size_t size);

#ifdef EGRESS_LIBFUZZER
/* libFuzzer calls this with each input. */
int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define EGRESS_FUZZ(NAME, FUNCTION)                                         \
    int                                                                     \
    LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)                \
    {                                                                       \
        FUNCTION(data, size);                                               \
        return 0;                                                           \
    }
#else
/* Runs 'function' on the corpus that the command line in 'ctx' names. */
void fuzz_driver_run(struct ovs_cmdl_context *ctx, fuzz_function *function);

#define EGRESS_FUZZ(NAME, FUNCTION)                                         \
    static void                                                             \
    FUNCTION##_main(struct ovs_cmdl_context *ctx)                           \
    {                                                                       \
        fuzz_driver_run(ctx, FUNCTION);                                     \
    }                                                                       \
    EGRESS_TEST("fuzz-" NAME, "RUNS SEED FILE...", 3, INT_MAX,              \
                FUNCTION##_main)
#endif

#endif /* fuzz.h */
