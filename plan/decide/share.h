/* SPDX-License-Identifier: Apache-2.0 */

/* Services that share ingress addresses, and what follows for each.
 *
 * All may read what is decided, through service->shared; only share.c can
 * change it, for the memory is its own. */

#ifndef PLAN_DECIDE_SHARE_H
#define PLAN_DECIDE_SHARE_H 1

#include "plan/world/view.h"

/* Services that share ingress addresses, so that they share their host. */
struct share_group {
    struct view_service **members;      /* The oldest first. */
    size_t n, allocated;
    const struct view_node **nodes;     /* Those that suit all of them, by
                                         * name. */
    size_t n_nodes;
};

/* Of one service. */
struct service_share {
    const struct share_group *group;    /* With others that have an address of
                                         * it, or NULL. */
    const struct view_service *with;    /* An older one with an address of it
                                         * and which cannot share it, or
                                         * NULL. */
    const struct intent_object *yields_to;      /* Likewise an older Service
                                                 * without EgressService. */
};

/* Gives each service that is planned a share, with nobody yet; and takes them
 * back. */
void share_begin(struct view *);
void share_forget(struct view *);

/* Finds out, for the services in the order of their age, who shares a host
 * with whom. */
void share_run(struct view *);

/* Stores in '*rows' the parts whose rows have the address until now, and
 * returns how many there are. */
size_t share_get_address_rows(const struct view *, const struct in6_addr *,
                              struct view_work *const **rows);

/* Returns the ingress addresses that the row of a part has until now, or
 * NULL. */
const struct plan_column *share_get_row_ingress(const struct view_work *);

/* True if the address is one of them. */
bool share_row_has_ingress(const struct view_work *, const struct in6_addr *);

/* True if the service, which may be NULL, is announced by the nodes that are
 * active for it, and by no other. */
bool share_is_bound(const struct view_service *);

/* Returns a service that has the address and a host, or is leaving one, or
 * that had the address on the host that it leaves, or NULL. */
struct view_service *share_find_host(const struct view *,
                                     const struct in6_addr *);

/* Returns the service with the address whose announcement by all nodes is the
 * newest, or NULL. */
struct view_service *share_find_all(const struct view *,
                                    const struct in6_addr *);

/* True if the node of the part is active for another service with the
 * address. */
bool share_is_announced_for_other(const struct view *,
                                  const struct view_work *,
                                  const struct in6_addr *);

#endif /* plan/decide/share.h */
