/* SPDX-License-Identifier: Apache-2.0 */

/* The version as text.  Includes our own configuration, not <config.h>. */

#include "lib/egress-config.h"
#include "lib/version.h"

const char egress_version[] = EGRESS_VERSION;
