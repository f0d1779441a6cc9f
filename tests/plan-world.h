/* SPDX-License-Identifier: Apache-2.0 */

/* A world to plan for, in memory: manifests, topology, and what was published
 * and acknowledged.  A plan can be carried out on it, so that the next plan
 * sees its results.  For test-plan.c (scripts), test-plan-sim.c (random) and
 * test-plan-bench.c (large). */

#ifndef TESTS_PLAN_WORLD_H
#define TESTS_PLAN_WORLD_H 1

#include "plan/plan.h"

struct json;

struct world {
    struct intent_list list;    /* Objects, as they were read. */
    struct intent_object **objs;        /* The same, sorted. */
    struct smap options;
    struct smap refused;
    struct plan_options parsed;
    struct plan_nb nb;
    struct plan_prior prior;
    bool scheduler, zone;
    bool ovn_is_slow;           /* OVN takes in nothing by itself. */
    struct shash may_get;       /* Address to the nodes ("struct sset") that
                                 * OVN may still send its packets to. */

    /* The plan that plan_update() makes, of what changed. */
    struct plan kept;
    bool has_kept;
    struct plan_changes changes;
    size_t n_updates, n_whole;
    struct plan_rows prior_rows;        /* That 'prior' points to. */

    /* What is published, to show the next difference. */
    struct plan_rows nb_rows;
    struct plan_rows work_rows;
    struct smap status;         /* Id to text. */
};

void world_init(struct world *);
void world_destroy(struct world *);

/* Manifests.  Problems end the program. */
void world_apply_text(struct world *, const char *text, const char *file);
void world_apply_file(struct world *, const char *file);
bool world_delete(struct world *, const char *id);

/* Reads a file of JSON, or takes JSON from 'file': see plan-world-json.c. */
void world_load(struct world *, const char *file);
void world_load_json(struct world *, struct json *, const char *file);

/* Puts the policies of others in the order that the planner wants. */
void world_sort_foreign(struct plan_nb *);

/* Returns the node's helper, which is made if there is none. */
struct plan_prior_node *world_helper(struct world *, const char *name);

/* Sets '*in' to what the world is, until that changes. */
void world_get_input(struct world *, struct plan_input *in);

/* Plans from scratch.  The caller destroys the plan before it changes the
 * world. */
void world_plan(struct world *, struct plan *);

/* Brings 'w->kept' to where the world is, and appends to 's' what is wrong
 * with that: how it differs from a plan from scratch, and what changed without
 * being in its delta. */
void world_update(struct world *, struct ds *s);

/* Makes 'dst' a copy of 'src'. */
void world_clone_rows(struct plan_rows *dst, const struct plan_rows *src);

/* Carries out the part of the plan: rows of OVN_Egress and the status, or of
 * OVN_Northbound. */
void world_publish_work(struct world *, const struct plan *);
void world_publish_nb(struct world *, const struct plan *);

/* Changes the BGP session of a Node_Peer row to 'session', a state that may
 * have " mute" after it: nothing is advertised.  False if there is no such
 * row. */
bool world_session(struct world *, const char *node, const char *peer,
                   const char *session);

/* Brings all sessions up. */
void world_sessions_up(struct world *);

/* Lets nodes acknowledge: those rows whose node and name match, where "" is
 * any name, or any node whose helper is alive.  With 'error', they report it
 * instead.  Returns how many did. */
size_t world_ack(struct world *, const char *node, const char *name,
                 const char *error);

/* OVN takes in what OVN_Northbound says: ovn-northd, and with 'chassis' all
 * else too. */
void world_run_ovn(struct world *, bool chassis);
void world_forget_ways(struct world *);

/* Appends the difference between what is published and 'plan' to 's'. */
void world_format_diff(const struct world *, const struct plan *, struct ds *);

#endif /* tests/plan-world.h */
