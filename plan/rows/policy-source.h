/* SPDX-License-Identifier: Apache-2.0 */

/* Logical router policies, of the priorities and the form that those of
 * ovn-kubernetes have. */

#ifndef PLAN_ROWS_POLICY_SOURCE_H
#define PLAN_ROWS_POLICY_SOURCE_H 1

#include <stdbool.h>

#include "intent/ip.h"

/* Priorities of policies on the cluster router: EgressIP steers at 100, what
 * never leaves the cluster goes before both. */
#define POLICY_STEER 101
#define POLICY_ALLOW 102

/* If 'match' is "ip4.src == IP" or "ip6.src == IP", sets '*ip' and returns
 * true.  ovn-kubernetes' policies have this form, as those of layout
 * "endpoint". */
bool policy_source_parse(const char *match, struct in6_addr *ip);

#endif /* plan/rows/policy-source.h */
