/* SPDX-License-Identifier: Apache-2.0 */

/* What waits for our nftables table: see hold.h. */

#include <config.h>

#include "node/hold.h"

#include "plan/machine/machine-rows.h"
#include "plan/machine/machine-rule.h"
#include "util.h"

/* True if the guard hides 'ip'. */
static bool
is_hidden(const struct machine_objects *have, const struct in6_addr *ip)
{
    struct plan_row row = {
        .key = ip_family(ip) == IP_V4 ? "hidden4" : "hidden6"
    };
    struct machine_row place = { { .class = &machine_class_nft_map }, &row };
    const struct machine_row *set = machine_objects_find(have, &place);
    char buf[IP_STRLEN];

    return set && plan_row_has(set->row, "elements", ip_format(ip, buf));
}

/* The guard need not know the replies of a node port: these have an ingress IP
 * when they leave, whoever undoes their translation. */
bool
hold_is_new_way(const struct machine_change *change,
                const struct machine_objects *have)
{
    const struct machine_rule *rule = (const void *) change->want;

    return (rule->object.class == &machine_class_source_rule
            && rule->action == INTENT_RULE_TABLE && !rule->sport
            && !(have && is_hidden(have, &rule->from.addr)));
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
