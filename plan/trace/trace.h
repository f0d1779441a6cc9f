/* SPDX-License-Identifier: Apache-2.0 */

/* What happens to a packet of a pod, step by step, and why: "ovn-egressctl
 * trace".
 *
 * Follows the packet from its pod through the policies of the cluster router
 * to the node that it leaves from, and says what brings the replies back.  It
 * reads what is in force (the rows as they are) beside what should be (a plan
 * that was just made of them): where they differ, that is the answer.
 *
 * trace_open() prepares for any number of packets; trace_run() follows one.
 * ovn-egressctl calls it and prints what it says.  Pure. */

#ifndef PLAN_TRACE_TRACE_H
#define PLAN_TRACE_TRACE_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "intent/ip.h"
#include "plan/trace/match.h"

struct plan;
struct plan_input;
struct plan_rows;
struct shash;
struct smap;
struct sset;
struct svec;

/* A policy of the cluster router, whoever made it.  Borrowed. */
struct trace_policy {
    int64_t priority;
    const char *match;
    const char *action;         /* "allow", "drop" or "reroute". */
    char **next_hops;
    size_t n_next_hops;
    bool old_column;            /* They are in "nexthop". */
    bool ours;
    char *owner;                /* For people, "" if not known. */
};

/* All that is known.  Borrowed, for as long as the tracer lives. */
struct trace_input {
    const struct plan_input *in;        /* With "nb" and "prior". */
    const struct plan *plan;    /* Of 'in': what should be. */
    const struct plan_rows *nb; /* Our rows of OVN_Northbound as they are. */
    const struct trace_policy *policies;
    size_t n_policies;
    const struct shash *sets;   /* Name to "struct match_set": of all
                                 * owners. */
    const struct smap *inports; /* Node to the router's port to its switch. */
    const struct smap *heartbeats;      /* Node to how old its helper's last
                                         * heartbeat is, for people. */
    const struct sset *silent;  /* Nodes whose helper is not heard from. */
    const char *hold;           /* Why the agent does not plan, or NULL. */
};

/* Which packet. */
struct trace_query {
    struct in6_addr src;        /* Of a pod. */
    struct in6_addr dst;        /* "::": any outside of the cluster. */
    const char *service;        /* "NS/NAME": what is promised is what this
                                 * EgressService says.  NULL: any. */
    bool inbound;               /* 'dst' is a client that asks first. */
};

enum trace_level {
    TRACE_OK,
    TRACE_NOTE,                 /* Worth knowing. */
    TRACE_BAD,                  /* Not as it should be. */
};

struct trace_line {
    const char *section;        /* Static. */
    enum trace_level level;
    char *text;
};

struct trace {
    struct trace_line *lines;
    size_t n, allocated;

    /* The verdict. */
    bool promised;              /* All is as the EgressService says. */
    const char *reason;         /* "AsPromised", or the first that is not;
                                 * static. */
    char *because;              /* That in words, "" if promised. */
    char *verdict;              /* All in a sentence. */
    char *service;              /* "NS/NAME" of the EgressService, or "". */
    char *node;                 /* That it leaves from, or "". */
    char *network;              /* Routing table there, or "". */
    char *source;               /* Its address outside, or "" if the host
                                 * chooses. */
};

/* Reason of an address that is an endpoint of nothing. */
#define TRACE_NO_ENDPOINT "NoEndpoint"

/* Prepares to follow packets through what 'in' says. */
struct tracer *trace_open(const struct trace_input *in);
void trace_close(struct tracer *);

/* Adds to 'ips' the endpoints of a Service, in order, each once.  Returns
 * false if there is neither such a Service nor such an EgressService. */
bool trace_endpoints(const struct tracer *, const char *namespace,
                     const char *name, struct svec *ips);

/* Follows a packet.  '*trace' is to be freed with trace_destroy(). */
void trace_run(const struct tracer *, const struct trace_query *,
               struct trace *trace);
void trace_destroy(struct trace *);

#endif /* plan/trace/trace.h */
