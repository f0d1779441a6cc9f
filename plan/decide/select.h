/* SPDX-License-Identifier: Apache-2.0 */

/* Who hosts a service: what select.c decides, and share.c has it decide.
 *
 * All may read what is decided, through service->choice; only select.c can
 * change it, for the memory is its own. */

#ifndef PLAN_DECIDE_SELECT_H
#define PLAN_DECIDE_SELECT_H 1

#include "plan/world/view.h"

/* Of one service. */
struct choice {
    const struct view_node *host;       /* NULL if none. */
    bool is_new;                /* The host was not the host before. */
    bool is_all;                /* Host is "ALL": the endpoints leave through
                                 * their own nodes. */
    struct view_reason no_host; /* Why it has none. */
    char *rejected;             /* Nodes that cannot be host and why, or
                                 * NULL. */
};

/* Gives each service that is planned a choice, of nothing yet; and takes them
 * back. */
void select_begin(struct view *);
void select_forget(struct view *);

/* Decides the host of each service. */
void select_run(struct view *);

/* Decides that 's' has no host, for 'reason'. */
void select_none(const struct view *, const struct view_service *s,
                 const char *reason, const char *format, ...)
    OVS_PRINTF_FORMAT(4, 5);

/* True if 's' can have a host; otherwise decides that it has none. */
bool select_wants_host(const struct view *, const struct view_service *s);

/* Returns 'sel' as text that is the same for equal selectors.  The caller
 * frees it. */
char *select_key(const struct intent_selector *sel);

/* Returns the node that hosts 's' now, or NULL. */
const struct view_node *select_previous_host(const struct view *,
                                             const struct view_service *s);

/* True if 'node' can be, or stay, the host of 's'. */
bool select_suits(const struct view *, const struct view_service *s,
                  const struct view_node *node);

#endif /* plan/decide/select.h */
