/* SPDX-License-Identifier: Apache-2.0 */

/* May what a policy has changed stay?  See machine-trial.h. */

#include <config.h>

#include "plan/machine/machine-trial.h"

#include <stdlib.h>
#include <string.h>

#include "plan/machine/machine.h"
#include "svec.h"
#include "util.h"

#define GATEWAY "the default gateway "
#define TABLE_MAIN 254

void
machine_trial_ways(const struct machine_facts *facts, struct svec *ways)
{
    const struct machine_link *lo = machine_facts_find_link(facts, "lo");

    if (lo && lo->up) {
        svec_add(ways, "interface lo");
    }
    for (size_t i = 0; i < facts->n_links; i++) {
        const struct machine_link *link = &facts->links[i];

        if (link->inside && link->up) {
            svec_add_nocopy(ways, xasprintf("the route to the cluster by %s",
                                            link->name));
        }
    }
    for (int f = 0; f < IP_N_FAMILIES; f++) {
        const char *gateway;
        size_t i;

        SVEC_FOR_EACH (i, gateway, &facts->gateways[f]) {
            svec_add_nocopy(ways, xasprintf(GATEWAY "%s of %s", gateway,
                                            ip_family_title(f)));
        }
        if (facts->gateways[f].n) {
            svec_add_nocopy(ways, xasprintf("a default route of %s",
                                            ip_family_title(f)));
        }
    }
    svec_sort_unique(ways);
}

void
machine_trial_drop_meant(const struct machine_policy *policy,
                         struct svec *ways)
{
    const struct intent_nncp *nncp
        = policy->object ? &policy->object->nncp : NULL;

    for (size_t i = 0; nncp && i < nncp->n_routes; i++) {
        const struct intent_route *r = &nncp->routes[i];

        if (r->absent || !r->has_destination || r->destination.plen
            || r->table != TABLE_MAIN || r->type != INTENT_UNICAST) {
            continue;
        }

        const char *family = ip_family_title(ip_family(&r->destination.addr));
        size_t n = 0;
        for (size_t j = 0; j < ways->n; j++) {
            char *way = ways->names[j];

            if (!strncmp(way, GATEWAY, strlen(GATEWAY))
                && !strcmp(way + strlen(way) - strlen(family), family)) {
                free(way);
            } else {
                ways->names[n++] = way;
            }
        }
        ways->n = n;
    }
}

enum machine_trial
machine_trial_judge(const struct svec *before, const struct svec *after,
                    bool answered, bool expired, char **why)
{
    const char *lost = answered ? NULL : "the connection to OVN_Egress";
    const char *way;
    size_t i;

    SVEC_FOR_EACH (i, way, before) {
        lost = lost || svec_contains(after, way) ? lost : way;
    }
    *why = NULL;
    if (!lost) {
        return MACHINE_TRIAL_STAYS;
    } else if (!expired) {
        return MACHINE_TRIAL_WAIT;
    }
    *why = xasprintf("rolled back, for it cost the node %s", lost);
    return MACHINE_TRIAL_FAILS;
}

/* The order in which those are tried that are tried alone. */
static int
compare_age(const struct machine_trial_candidate *a,
            const struct machine_trial_candidate *b)
{
    const struct machine_policy x = {
        .name = CONST_CAST(char *, a->name),
        .created = CONST_CAST(char *, a->created),
    };
    const struct machine_policy y = {
        .name = CONST_CAST(char *, b->name),
        .created = CONST_CAST(char *, b->created),
    };

    return machine_policy_compare_age(&x, &y);
}

bool
machine_trial_is_next(const struct machine_trial_candidate *candidates,
                      size_t n,
                      size_t i)
{
    const struct machine_trial_candidate *c = &candidates[i];

    for (size_t j = 0; j < n; j++) {
        const struct machine_trial_candidate *other = &candidates[j];

        if (c->alone && j != i
            && (!other->alone || compare_age(other, c) < 0)) {
            return false;
        }
    }
    return true;
}
