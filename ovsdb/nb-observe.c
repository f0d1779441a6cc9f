/* SPDX-License-Identifier: Apache-2.0 */

/* What OVN_Northbound says: see the header. */

#include <config.h>

#include "ovsdb/nb-observe.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "ovsdb-idl.h"
#include "ovsdb/db-mirror.h"
#include "ovsdb/db-row.h"
#include "ovsdb/db-table.h"
#include "ovsdb/nb-idl.h"
#include "ovsdb/nb-topology.h"
#include "plan/plan.h"
#include "util.h"

/* The priorities of policies that are ours or may be in our way. */
static const int64_t priorities[] = { 101, 102 };

/* The tables of which the topology is made. */
static const struct ovsdb_idl_table_class *const topology_classes[] = {
    &nbrec_table_address_set,
    &nbrec_table_load_balancer,
    &nbrec_table_logical_router,
    &nbrec_table_logical_router_policy,
    &nbrec_table_logical_router_port,
    &nbrec_table_logical_router_static_route,
    &nbrec_table_logical_switch,
    &nbrec_table_logical_switch_port,
};

struct nb_observer {
    struct ovsdb_idl *idl;
    struct db_mirror *mirror;
    struct plan_nb topology;
    ovs_u128 digest;            /* Of the topology's text. */
    char *router;               /* For which it was built. */
    unsigned int seqnos[ARRAY_SIZE(topology_classes)];
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
    if (!o->topology.has_router || o->topology.kubernetes) {
        nbrec_load_balancer_add_clause_external_ids(
            &cond, OVSDB_F_INCLUDES, &ours);
    } else {
        ovsdb_idl_condition_add_clause_true(&cond);
    }
    o->condition = nbrec_load_balancer_set_condition(o->idl, &cond);
    ovsdb_idl_condition_destroy(&cond);
}

struct nb_observer *
nb_observer_create(struct ovsdb_idl *idl)
{
    struct nb_observer *o = xzalloc(sizeof *o);

    o->idl = idl;
    o->mirror = db_mirror_create(&db_nb_schema);
    plan_nb_init(&o->topology);
    nb_topology_register(idl);
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
        plan_nb_destroy(&o->topology);
        db_mirror_destroy(o->mirror);
        free(o->router);
        free(o);
    }
}

/* Topology. */

static bool
seqnos_changed(struct nb_observer *o)
{
    bool changed = false;

    for (size_t i = 0; i < ARRAY_SIZE(topology_classes); i++) {
        unsigned int seqno = ovsdb_idl_table_get_seqno(o->idl,
                                                       topology_classes[i]);

        changed = changed || seqno != o->seqnos[i];
        o->seqnos[i] = seqno;
    }
    return changed;
}

static bool
run_topology(struct nb_observer *o, const char *router)
{
    bool renamed = !o->router || strcmp(o->router, router);

    if (!seqnos_changed(o) && !renamed) {
        return false;
    }
    if (renamed) {
        free(o->router);
        o->router = xstrdup(router);
    }
    plan_nb_destroy(&o->topology);
    plan_nb_init(&o->topology);
    nb_topology_build(o->idl, router, &o->topology);
    set_load_balancer_condition(o);

    struct ds s = DS_EMPTY_INITIALIZER;
    ovs_u128 digest;

    nb_topology_format(&o->topology, &s);
    hash_bytes128(ds_cstr(&s), s.length, 0, &digest);
    ds_destroy(&s);
    bool changed = !ovs_u128_equals(digest, o->digest);
    o->digest = digest;
    return changed;
}

bool
nb_observer_run(struct nb_observer *o, const char *router)
{
    bool mirror = db_mirror_run(o->mirror, o->idl);
    bool topology = run_topology(o, router);

    return mirror || topology;
}

bool
nb_observer_is_complete(const struct nb_observer *o)
{
    return ovsdb_idl_get_condition_seqno(o->idl) == o->condition;
}

void
nb_observer_forget(struct nb_observer *o)
{
    db_mirror_forget(o->mirror);
    memset(o->seqnos, 0, sizeof o->seqnos);
    memset(&o->digest, 0, sizeof o->digest);
}

const struct plan_nb *
nb_observer_topology(const struct nb_observer *o)
{
    return &o->topology;
}

const struct db_mirror *
nb_observer_mirror(const struct nb_observer *o)
{
    return o->mirror;
}

/* What our rows do. */

/* The value of 'key' in external_ids of 'row', or NULL. */
static const char *
external_id(const struct plan_row *row, const char *key)
{
    const struct plan_column *c = plan_row_get(row, "external_ids");

    for (size_t i = 0; c && i < c->datum.n; i++) {
        if (!strcmp(json_string(c->datum.keys[i].s), key)) {
            return json_string(c->datum.values[i].s);
        }
    }
    return NULL;
}

/* The single string of a column of 'row', or "". */
static const char *
row_string(const struct plan_row *row, const char *column)
{
    const struct plan_column *c = plan_row_get(row, column);

    return (c && c->datum.n == 1 ? json_string(c->datum.keys[0].s) : "");
}

/* Adds to 'sets' the names that follow a "$" in 'match'. */
static void
add_set_names(const char *match, struct sset *sets)
{
    for (const char *p = strchr(match, '$'); p; p = strchr(p, '$')) {
        size_t len = 0;

        p++;
        while (isalnum((unsigned char) p[len]) || p[len] == '_'
               || p[len] == '.') {
            len++;
        }
        if (len) {
            sset_add_and_free(sets, xmemdup0(p, len));
        }
    }
}

static void
steer(struct plan_prior *prior, const char *ip, const char *node)
{
    if (!shash_find(&prior->steered, ip)) {
        shash_add(&prior->steered, ip, xstrdup(node));
    }
}

/* If 'policy' steers by itself, "ip4.src == IP", notes what. */
static void
read_policy(const struct plan_row *policy, struct sset *sets,
            struct plan_prior *prior)
{
    const char *match = row_string(policy, "match");
    const char *node = external_id(policy, "node");

    if (!policy->n_parents
        || strcmp(row_string(policy, "action"), "reroute")) {
        return;
    }
    add_set_names(match, sets);
    if (node && strlen(match) > 11
        && (!strncmp(match, "ip4.src == ", 11)
            || !strncmp(match, "ip6.src == ", 11))) {
        struct in6_addr ip;
        char buf[IP_STRLEN];

        if (ip_parse(match + 11, &ip)) {
            steer(prior, ip_format(&ip, buf), node);
        }
    }
}

/* A set of ours steers to its node if a policy uses it. */
static void
read_set(const struct plan_row *set, const struct sset *used,
         struct plan_prior *prior)
{
    const struct plan_column *addresses = plan_row_get(set, "addresses");
    const char *name = row_string(set, "name");
    const char *node = external_id(set, "node");

    shash_add_once(&prior->sets, name, NULL);
    if (node && sset_contains(used, name)) {
        for (size_t i = 0; i < addresses->datum.n; i++) {
            steer(prior, json_string(addresses->datum.keys[i].s), node);
        }
    }
}

void
nb_observer_get_prior(const struct nb_observer *o, struct plan_prior *prior)
{
    const struct plan_rows *rows = &o->mirror->rows;
    struct sset used = SSET_INITIALIZER(&used);

    for (size_t i = 0; i < rows->n; i++) {
        if (!strcmp(rows->rows[i]->table, "Logical_Router_Policy")) {
            read_policy(rows->rows[i], &used, prior);
        }
    }
    for (size_t i = 0; i < rows->n; i++) {
        if (!strcmp(rows->rows[i]->table, "Address_Set")) {
            read_set(rows->rows[i], &used, prior);
        }
    }
    sset_destroy(&used);
}
