/* SPDX-License-Identifier: Apache-2.0 */

/* What the trace*.c files share; internal to them.
 *
 *     trace.c             the order of the steps, and the verdict
 *     trace-claim.c       whose endpoint the address is
 *     trace-router.c      the policies of the cluster router
 *     trace-set.c         the address sets
 *     trace-node.c        the node that it leaves from
 *     trace-reply.c       announcements, and the way back
 *
 * Each step adds lines; one that is TRACE_BAD has a reason, and the first of
 * these is the reason of the verdict: the steps go from cause to effect. */

#ifndef PLAN_TRACE_TRACE_BUILD_H
#define PLAN_TRACE_TRACE_BUILD_H 1

#include "compiler.h"
#include "plan/rows/output.h"
#include "plan/trace/trace.h"
#include "plan/world/view.h"

struct tracer {
    const struct trace_input *in;
    struct plan_input objects;  /* in->in, with nothing to decide. */
    struct view v;              /* Of 'objects'. */
    struct trace_policy *policies;      /* Of 'in', the highest first. */
    struct smap planned;        /* Address to the name of the row, an
                                 * Address_Set or a policy, that the plan has
                                 * it in. */
};

/* What becomes of the packet. */
enum trace_way {
    WAY_OWN,                    /* Leaves from the pod's node, as any pod's. */
    WAY_NODE,                   /* Is rerouted to 'to'. */
    WAY_ELSEWHERE,              /* Is rerouted to what we do not know. */
    WAY_INSIDE,                 /* Stays within the cluster. */
    WAY_DROP,
};

struct tracing {
    const struct tracer *tr;
    const struct view *v;
    const struct trace_query *q;
    struct trace *t;
    const char *section;        /* Of the lines that are added. */
    char src[IP_STRLEN];
    enum ip_family family;

    const struct view_service *s;       /* Whose packet it should be, or
                                         * NULL. */
    bool claimed;               /* It is. */
    const struct view_endpoint *e;      /* NULL if nobody claims it. */
    const struct view_node *pod_node;   /* NULL if not known. */

    enum trace_way way;
    const struct trace_policy *winner;  /* NULL if none matches. */
    const struct view_node *to; /* With WAY_NODE. */
    char *unless;               /* A policy that may decide otherwise, or
                                 * NULL. */

    const struct plan_prior_work *work; /* The row of 's' on the node. */
};

/* Adds a line. */
void trace_ok(struct tracing *, const char *format, ...)
    OVS_PRINTF_FORMAT(2, 3);
void trace_note(struct tracing *, const char *format, ...)
    OVS_PRINTF_FORMAT(2, 3);
void trace_bad(struct tracing *, const char *reason, const char *format, ...)
    OVS_PRINTF_FORMAT(3, 4);

/* Returns the condition that the plan gives the EgressService 's', or NULL. */
const struct plan_condition *trace_condition(const struct tracing *,
                                             const struct view_service *s,
                                             const char *type);

/* Returns what the plan says of 's', such as its "host", or "". */
const char *trace_fact(const struct tracing *, const struct view_service *s,
                       const char *key);


/* True if the set of strings in 'column' has 'member'. */

/* The steps. */
void trace_claim(struct tracing *);
void trace_router(struct tracing *);
bool trace_route(struct tracing *);
void trace_sets(struct tracing *);
void trace_node(struct tracing *);
void trace_announcement(struct tracing *);
void trace_reply(struct tracing *);

#endif /* plan/trace/trace-build.h */
