/* SPDX-License-Identifier: Apache-2.0 */

/* Logical router policies that steer one address. */

#ifndef PLAN_ROWS_POLICY_SOURCE_H
#define PLAN_ROWS_POLICY_SOURCE_H 1

#include <stdbool.h>

#include "intent/ip.h"

/* If 'match' is "ip4.src == IP" or "ip6.src == IP", sets '*ip' and returns
 * true.  ovn-kubernetes' policies have this form, as those of layout
 * "endpoint". */
bool policy_source_parse(const char *match, struct in6_addr *ip);

#endif /* plan/rows/policy-source.h */
