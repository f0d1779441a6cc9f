/* SPDX-License-Identifier: Apache-2.0 */

/* Both databases as the agent sees them, and what it would plan of them.
 *
 * Called by plan and trace.  Uses the agent's own readers (ovsdb/), only
 * reads, and takes no lock.  The one thing that cannot be read at once is who
 * is alive: the agent listens to the nodes' heartbeats for hours, we for as
 * long as it takes to be sure. */

#ifndef CTL_OBSERVE_H
#define CTL_OBSERVE_H 1

#include <stdbool.h>
#include <stddef.h>

#include "intent/intent.h"
#include "plan/plan.h"
#include "smap.h"
#include "sset.h"

struct ctl_context;

struct observation {
    struct plan_options options;
    struct smap refused;
    struct intent_object **objs;        /* Borrowed but for the array. */
    struct plan_input in;       /* Of the above. */
    struct plan plan;           /* What the agent would plan. */

    /* Our rows of each database as they are; borrowed. */
    const struct plan_rows *nb, *work;

    struct smap heartbeats;     /* Node to the age of its last heartbeat, for
                                 * people. */
    struct sset silent;         /* Nodes whose helper is not heard from. */
    const char *hold;           /* Why the agent does not plan, or NULL. */
};

/* Monitors both databases.  In "prerequisites".  With 'all_policies', those of
 * all priorities. */
void observe_monitor(struct ctl_context *, bool all_policies);

/* Observes, and plans with the objects of 'overlay' in the place of those of
 * the same kind and name ('overlay' may be empty).  Returns false, with
 * ctx->try_again set, if it takes more time to say who is alive.  Otherwise
 * '*o' is to be freed with observe_destroy(), before the next observation. */
bool observe_run(struct ctl_context *, const struct intent_list *overlay,
                 struct observation *o);
void observe_destroy(struct observation *);

/* Frees what all observations share.  At the end of the program. */
void observe_close(void);

#endif /* utilities/ctl-observe.h */
