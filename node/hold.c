/* SPDX-License-Identifier: Apache-2.0 */

/* What waits for our nftables table: see hold.h. */

#include <config.h>

#include "node/hold.h"

#include "plan/machine/machine-chain.h"
#include "plan/machine/machine-rule.h"
#include "plan/machine/machine-set.h"
#include "util.h"

/* The guard need not know the replies of a node port: these have an ingress IP
 * when they leave, whoever undoes their translation. */
bool
hold_is_new_way(const struct machine_change *change,
                const struct machine_objects *have)
{
    const struct machine_rule *rule = (const void *) change->want;
    const struct in6_addr *from = &rule->from.addr;

    return (rule->object.class == &machine_class_source_rule
            && rule->action == INTENT_RULE_TABLE && !rule->sport
            && !(have && machine_set_has_ip(machine_set_get(
                              have, MACHINE_SET_HIDDEN, ip_family(from)),
                          from)));
}

/* A rule of a policy that has the number of one of ours waits with these. */
bool
hold_is_former_way(const struct machine_change *change)
{
    const struct machine_rule *rule = (const void *) change->have;
    const struct machine_class *class = rule->object.class;

    return (class == &machine_class_rule || class == &machine_class_source_rule
            ? machine_rule_is_of_services(rule)
            : class == &machine_class_nft || class == &machine_class_nft_map);
}
