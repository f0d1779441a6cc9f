/* SPDX-License-Identifier: Apache-2.0 */

/* Policy routing rules as rtnetlink messages.  Used by kind-rule.c. */

#ifndef NODE_RTNL_RULE_H
#define NODE_RTNL_RULE_H 1

#include <stdbool.h>

struct machine_rule;
struct nlmsghdr;

/* Parses a RTM_NEWRULE into '*rule'.  Returns false if it is no rule. */
bool rtnl_rule_parse(const struct nlmsghdr *, struct machine_rule *rule);

#endif /* node/rtnl-rule.h */
