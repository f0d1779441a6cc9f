/* SPDX-License-Identifier: Apache-2.0 */

/* What FRR and the kernel take: FRR reads words between blanks, writes some of
 * them back as part of JSON without escaping them, and ends at a quote in the
 * name of a list (8.4: bgpd aborts).
 *
 * A peer that has something else is refused, before FRR sees it.  Called by
 * node/peers.c.  Pure. */

#ifndef PLAN_FRR_FRR_CHECK_H
#define PLAN_FRR_FRR_CHECK_H 1

#include <stdbool.h>

#include "compiler.h"

struct frr_peer;

/* Returns why FRR could not have 'peer', or NULL if it can.  The caller frees
 * it. */
char *frr_check_peer(const struct frr_peer *peer) OVS_WARN_UNUSED_RESULT;

#endif /* plan/frr/frr-check.h */
