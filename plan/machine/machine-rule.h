/* SPDX-License-Identifier: Apache-2.0 */

/* A policy routing rule as a value.
 *
 * Used by plan/machine/ to say what is wanted, and by node/kind-rule.c for
 * what the kernel has.  Pure. */

#ifndef PLAN_MACHINE_MACHINE_RULE_H
#define PLAN_MACHINE_MACHINE_RULE_H 1

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "intent/kinds.h"
#include "plan/machine/object.h"

/* Priorities of the rules of services.  What stays within the cluster must be
 * decided before the kernel's rule for VRFs, 1000.  5000 is where
 * ovn-kubernetes has its rules for egress services, 4999 what must come before
 * them. */
#define MACHINE_RULE_LOCAL 997
#define MACHINE_RULE_NODE_MARK 4999
#define MACHINE_RULE_NETWORK 5000

/* Flags. */
enum machine_rule_other {
    MACHINE_RULE_IPPROTO = 1 << 0,
    MACHINE_RULE_DPORT = 1 << 1,
    MACHINE_RULE_UIDRANGE = 1 << 2,
    MACHINE_RULE_REALMS = 1 << 3,
    MACHINE_RULE_TUN_ID = 1 << 4,
    MACHINE_RULE_L3MDEV = 1 << 5,
    MACHINE_RULE_SUPPRESS_IFGROUP = 1 << 6,
    MACHINE_RULE_SPORT_RANGE = 1 << 7,
    MACHINE_RULE_TOS = 1 << 8,
    MACHINE_RULE_NOT = 1 << 9,
    MACHINE_RULE_GOTO = 1 << 10,
    MACHINE_RULE_NOP = 1 << 11,
    MACHINE_RULE_N_OTHERS = 12
};

/* Returns the name of flag 1 << 'i': "l3mdev". */
const char *machine_rule_other_name(int i);

/* Every field in which two rules can differ for the kernel is here or named in
 * 'other', so that equal values mean equal rules. */
struct machine_rule {
    struct machine_object object;
    enum ip_family family;
    uint32_t priority;
    struct ip_prefix from, to;  /* Length 0: any. */
    uint32_t fwmark, fwmask;    /* fwmask 0: any. */
    char iif[IFNAMSIZ];         /* "": any; and so on. */
    char oif[IFNAMSIZ];
    uint16_t sport;             /* Source port, 0: any. */
    enum intent_rule_action action;
    uint32_t table;             /* INTENT_RULE_TABLE only, otherwise 0. */
    int64_t suppress_prefix_length;     /* -1: none. */

    uint32_t other;             /* MACHINE_RULE_*: what we never use, of rules
                                 * of others. */
};

/* The rules of policies, and those of services whose number is constant. */
extern const struct machine_class machine_class_rule;

/* The rules for each address ("rules=address"). */
extern const struct machine_class machine_class_source_rule;

/* Makes '*rule' one of 'family' that selects everything and looks up no table,
 * of machine_class_rule. */
void machine_rule_init(struct machine_rule *rule, enum ip_family family);

/* True if the kernel may take 'kept' when asked to delete 'rule': its deletion
 * treats what is not given as a wildcard. */
bool machine_rule_may_hit(const struct machine_rule *rule,
                          const struct machine_rule *kept);

/* True if 'rule' has the priority of one of the services' rules. */
bool machine_rule_is_of_services(const struct machine_rule *);

/* True if 'rule' has its table looked up for packets from anywhere, for all
 * that the host itself sends, or for all without a mark, at most on their way
 * to some network. */
bool machine_rule_takes_all(const struct machine_rule *rule);

/* True if 'rule' is what 'absent' describes. */
bool machine_rule_is_absent(const struct machine_rule *rule,
                            const struct intent_rule *absent);

#endif /* plan/machine/machine-rule.h */
