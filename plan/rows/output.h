/* SPDX-License-Identifier: Apache-2.0 */

/* What the planner makes: rows, and what it says of each object. */

#ifndef PLAN_ROWS_OUTPUT_H
#define PLAN_ROWS_OUTPUT_H 1

#include <stdbool.h>

#include "intent/intent.h"
#include "openvswitch/shash.h"
#include "plan/rows/row.h"
#include "smap.h"
#include "sset.h"

struct view;

/* One condition of an object. */
struct plan_condition {
    const char *type;           /* "Ready", ...; static. */
    const char *status;         /* "True", "False", "Unknown"; static. */
    const char *reason;         /* CamelCase; static. */
    char *message;
};

/* What to say of one object. */
struct plan_status {
    char *id;                   /* intent_object_id(). */
    enum intent_kind kind;
    char *namespace, *name;
    struct smap status;         /* Facts: "host", "ingress", ... */
    struct plan_condition *conditions;  /* Sorted by type. */
    size_t n_conditions;
};

/* What a plan has that is not what it was: names of rows (plan_row_name()) and
 * ids of objects. */
struct plan_delta {
    bool all;                   /* Anything. */
    struct sset nb, work, status;
};

void plan_delta_init(struct plan_delta *);
void plan_delta_destroy(struct plan_delta *);

struct plan {
    struct plan_rows nb;        /* Rows of OVN_Northbound that are ours. */
    struct plan_rows work;      /* Rows of Node, Node_Service, Node_Policy,
                                 * Node_Peer. */
    struct shash status;        /* Id to "struct plan_status". */
    struct smap effective;      /* Options with what was discovered. */
    bool waits_for_ovn;         /* Something depends on what OVN has taken in
                                 * of what OVN_Northbound said all along. */
    struct intent_problems problems;    /* Of the whole, such as a foreign
                                         * row in our place. */

    /* What plan_update() changed since its user cleared this. */
    struct plan_delta delta;
    size_t n_planned;           /* Services, the last time. */
    struct view *view;          /* Internal to plan/. */
};

#endif /* plan/rows/output.h */
