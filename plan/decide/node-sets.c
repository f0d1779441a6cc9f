/* SPDX-License-Identifier: Apache-2.0 */

/* Which nodes have an address set in OVN_Northbound.  See decide.h. */

#include <config.h>

#include "plan/decide/decide.h"

/* True if our zone steers endpoints of 's' to 'node'. */
static bool
concerns_zone(const struct view_service *s, const struct view_node *node)
{
    for (size_t i = 0; i < s->n_endpoints && !node->local; i++) {
        if (s->endpoints[i].node->local) {
            return true;
        }
    }
    return node->local;
}

void
node_sets_find(const struct view_work *w, bool wanted[IP_N_FAMILIES])
{
    const struct view_service *s = w->service;

    if (schedule_is_live(w) && !w->next->frozen) {
        for (int f = 0; f < IP_N_FAMILIES && !s->choice->is_all; f++) {
            wanted[f] = s->served[f] && concerns_zone(s, w->node);
        }
    } else if ((w->next->state == WORK_DRAINING || w->next->frozen)
               && w->role_before == ROLE_HOST
               && (w->node->local || w->serves)) {
        const char *text;
        SSET_FOR_EACH (text, &w->prior->endpoints) {
            struct in6_addr ip;
            if (ip_addr_parse(text, &ip)) {
                wanted[ip_family(&ip)] = true;
            }
        }
    }
}
