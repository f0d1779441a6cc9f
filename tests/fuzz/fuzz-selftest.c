/* SPDX-License-Identifier: Apache-2.0 */

/* A fuzz target with a known defect, for tests/fuzz.at: the driver must find
 * it.  It has no corpus in the tree. */

#include <config.h>
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

static void
fuzz_selftest(const uint8_t *data, size_t size)
{
    if (size >= 6 && !memcmp(data, "null::", 6)) {
        abort();
    }
}

EGRESS_FUZZ("selftest", fuzz_selftest)
