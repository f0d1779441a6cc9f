/* SPDX-License-Identifier: Apache-2.0 */

/* What OVN_Northbound says: see the header. */

#include <config.h>

#include "ovsdb/nb-observe.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "openvswitch/dynamic-string.h"
#include "ovsdb-idl.h"
#include "ovsdb/db-mirror.h"
#include "ovsdb/db-table.h"
#include "ovsdb/nb-idl.h"
#include "ovsdb/nb-origin.h"
#include "ovsdb/nb-steering.h"
#include "ovsdb/nb-topology.h"
#include "plan/plan.h"
#include "util.h"

/* The priorities of policies that are ours or may be in our way. */
static const int64_t priorities[] = { 101, 102 };

struct nb_observer {
    struct ovsdb_idl *idl;
    struct db_mirror *mirror;
    struct nb_steering *steering;
    struct nb_confirm *confirm;
    struct plan_changes *changes;
    struct plan_changes own;    /* What 'steering' found in one run. */
    struct plan_nb *topology;
    ovs_u128 digest;            /* Of the topology's text. */
    char *router;               /* For which it was built, or NULL. */
    unsigned int seqno;         /* Of the IDL, at that time. */
    bool disconnected;          /* Since then. */
    unsigned int condition;     /* Sequence number of the last one set. */
};

/* Replicates only the rows that we may need. */
static void
set_conditions(struct ovsdb_idl *idl)
{
    const struct smap ours = SMAP_CONST1(&ours, "owner", DB_OWNER);
    struct ovsdb_idl_condition cond;

    ovsdb_idl_condition_init(&cond);
    for (size_t i = 0; i < ARRAY_SIZE(priorities); i++) {
        nbrec_logical_router_policy_add_clause_priority(&cond, OVSDB_F_EQ,
                                                        priorities[i]);
    }
    nbrec_logical_router_policy_add_clause_external_ids(
        &cond, OVSDB_F_INCLUDES, &ours);
    nbrec_logical_router_policy_set_condition(idl, &cond);

    ovsdb_idl_condition_clear(&cond);
    nbrec_nat_add_clause_external_ids(&cond, OVSDB_F_INCLUDES, &ours);
    nbrec_nat_set_condition(idl, &cond);
    ovsdb_idl_condition_clear(&cond);
    nbrec_load_balancer_group_add_clause_name(&cond, OVSDB_F_EQ,
                                              PLAN_LB_GROUP);
    nbrec_load_balancer_group_set_condition(idl, &cond);
    ovsdb_idl_condition_destroy(&cond);
}

/* Replicates our load balancers, and those of others where none of a CMS are
 * to be expected, which may be many. */
static void
set_load_balancer_condition(struct nb_observer *o)
{
    const struct smap ours = SMAP_CONST1(&ours, "owner", DB_OWNER);
    struct ovsdb_idl_condition cond;

    ovsdb_idl_condition_init(&cond);
    if (!o->topology->has_router || o->topology->kubernetes) {
        nbrec_load_balancer_add_clause_external_ids(
            &cond, OVSDB_F_INCLUDES, &ours);
    } else {
        ovsdb_idl_condition_add_clause_true(&cond);
    }
    o->condition = nbrec_load_balancer_set_condition(o->idl, &cond);
    ovsdb_idl_condition_destroy(&cond);
}

static struct plan_nb *
topology_create(void)
{
    struct plan_nb *nb = xmalloc(sizeof *nb);

    plan_nb_init(nb);
    return nb;
}

static void
topology_destroy(struct plan_nb *nb)
{
    plan_nb_destroy(nb);
    free(nb);
}

struct nb_observer *
nb_observer_create(struct ovsdb_idl *idl, const char *sb_remote,
                   struct plan_prior *prior, struct plan_changes *changes)
{
    struct nb_observer *o = xzalloc(sizeof *o);

    o->idl = idl;
    o->mirror = db_mirror_create(&db_nb_schema);
    plan_changes_init(&o->own);
    o->steering = nb_steering_create(o->mirror, prior, &o->own);
    o->confirm = (sb_remote ? nb_confirm_create(idl, sb_remote, prior, changes)
                  : NULL);
    o->changes = changes;
    o->topology = topology_create();
    nb_topology_register(idl);
    nb_origin_register(idl);
    db_schema_register(&db_nb_schema, idl);
    ovsdb_idl_set_write_changed_only_all(idl, true);
    set_conditions(idl);
    set_load_balancer_condition(o);
    return o;
}

void
nb_observer_destroy(struct nb_observer *o)
{
    if (o) {
        nb_confirm_destroy(o->confirm);
        topology_destroy(o->topology);
        nb_steering_destroy(o->steering);
        plan_changes_destroy(&o->own);
        db_mirror_destroy(o->mirror);
        free(o->router);
        free(o);
    }
}

/* Topology. */

/* Returns the topology as text, as a number. */
static ovs_u128
digest_topology(const struct plan_nb *nb)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    ovs_u128 digest;

    nb_topology_format(nb, &s);
    hash_bytes128(ds_cstr(&s), s.length, 0, &digest);
    ds_destroy(&s);
    return digest;
}

/* True if the topology may have changed. */
static bool
may_have_changed(struct nb_observer *o, const char *router)
{
    unsigned int seqno = ovsdb_idl_get_seqno(o->idl);
    bool any = (!o->router || strcmp(o->router, router)
                || (seqno != o->seqno
                    && (o->disconnected || nb_topology_is_changed(o->idl))));

    o->disconnected = (!ovsdb_idl_is_connected(o->idl)
                       || (o->disconnected && seqno == o->seqno));
    o->seqno = seqno;
    return any;
}

/* The topology is only replaced by another one: plans point into it. */
static bool
run_topology(struct nb_observer *o, const char *router)
{
    struct plan_nb *new;
    ovs_u128 digest;

    if (!may_have_changed(o, router)) {
        return false;
    }
    free(o->router);
    o->router = xstrdup(router);
    new = topology_create();
    nb_topology_build(o->idl, router, new);
    digest = digest_topology(new);
    if (ovs_u128_equals(digest, o->digest)) {
        topology_destroy(new);
        return false;
    }
    if (o->confirm) {
        nb_confirm_set_topology(o->confirm, new);
    }
    topology_destroy(o->topology);
    o->topology = new;
    o->digest = digest;
    o->changes->all = true;
    set_load_balancer_condition(o);
    return true;
}

/* Passes on what 'steering' found. */
static void
take_own_changes(struct nb_observer *o)
{
    const char *name;

    o->changes->all = o->changes->all || o->own.all;
    SSET_FOR_EACH (name, &o->own.addresses) {
        sset_add(&o->changes->addresses, name);
    }
    SSET_FOR_EACH (name, &o->own.nodes) {
        sset_add(&o->changes->nodes, name);
    }
}

bool
nb_observer_run(struct nb_observer *o, const char *router,
                enum nb_confirm_role role, long long int now)
{
    bool mirror = db_mirror_run(o->mirror, o->idl);
    bool topology = run_topology(o, router);

    if (mirror) {
        nb_steering_run(o->steering);
        take_own_changes(o);
    }
    bool confirmed = (o->confirm
                      && nb_confirm_run(o->confirm, &o->own.addresses, role,
                                        now));
    plan_changes_clear(&o->own);
    return mirror || topology || confirmed;
}

void
nb_observer_wait(const struct nb_observer *o)
{
    if (o->confirm) {
        nb_confirm_wait(o->confirm);
    }
}

struct nb_confirm *
nb_observer_confirm(const struct nb_observer *o)
{
    return o->confirm;
}

bool
nb_observer_is_complete(const struct nb_observer *o)
{
    return ovsdb_idl_get_condition_seqno(o->idl) >= o->condition;
}

void
nb_observer_forget(struct nb_observer *o)
{
    db_mirror_forget(o->mirror);
    nb_steering_forget(o->steering);
    if (o->confirm) {
        nb_confirm_forget(o->confirm);
    }
    free(o->router);
    o->router = NULL;
}

void
nb_observer_verify(const struct nb_observer *o, struct ds *s)
{
    struct plan_nb *nb = topology_create();

    nb_topology_build(o->idl, o->router, nb);
    if (!ovs_u128_equals(digest_topology(nb), o->digest)) {
        ds_put_cstr(s, "not up to date: the topology\n");
    }
    topology_destroy(nb);
    nb_steering_verify(o->steering, s);
}

const struct plan_nb *
nb_observer_topology(const struct nb_observer *o)
{
    return o->topology;
}

const struct db_mirror *
nb_observer_mirror(const struct nb_observer *o)
{
    return o->mirror;
}
