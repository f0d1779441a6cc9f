/* SPDX-License-Identifier: Apache-2.0 */

/* ovn-egressctl: main(). */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>

#include "util.h"

#include "intent/intent.h"
#include "lib/version.h"

int
main(int argc OVS_UNUSED, char *argv[])
{
    char *versions = intent_versions();

    ovs_set_program_name(argv[0], egress_version);
    ovs_print_version(0, 0);
    puts(versions);
    free(versions);
    return EXIT_SUCCESS;
}
