/* SPDX-License-Identifier: Apache-2.0 */

/* What our rows of OVN_Northbound do: see the header. */

#include <config.h>

#include "ovsdb/nb-steering.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "ovsdb/db-mirror.h"
#include "plan/plan.h"
#include "plan/rows/policy-source.h"
#include "util.h"

#define POLICY "Logical_Router_Policy"
#define SET "Address_Set"

struct nb_steering {
    const struct db_mirror *mirror;
    struct plan_prior *prior;
    struct plan_changes *changes;
    struct sset used;           /* Sets that some policy steers by. */
    bool doubtful;              /* Some address is steered twice, so that all
                                 * has to be read each time. */
    bool all;                   /* Read all in the next run. */
};

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

/* Returns the node to which 'set' steers, or NULL if none. */
static const char *
set_node(const struct nb_steering *st, const struct plan_row *set)
{
    return (sset_contains(&st->used, plan_row_string(set, "name", ""))
            ? plan_row_id(set, "node", NULL) : NULL);
}

/* Reading all. */

/* What there is, read anew. */
struct reading {
    struct shash steered;       /* As in plan_prior. */
    struct shash sets;
    struct sset used;
    bool doubtful;
};

static void
reading_init(struct reading *r)
{
    shash_init(&r->steered);
    shash_init(&r->sets);
    sset_init(&r->used);
    r->doubtful = false;
}

static void
reading_destroy(struct reading *r)
{
    shash_destroy_free_data(&r->steered);
    shash_destroy(&r->sets);
    sset_destroy(&r->used);
}

static void
steer(struct reading *r, const char *ip, const char *node)
{
    if (!shash_find(&r->steered, ip)) {
        shash_add(&r->steered, ip, xstrdup(node));
    } else {
        r->doubtful = true;
    }
}

/* If 'policy' steers by itself, "ip4.src == IP", notes what. */
static void
read_policy(const struct plan_row *policy, struct reading *r)
{
    const char *match = plan_row_string(policy, "match", "");
    const char *node = plan_row_id(policy, "node", NULL);
    struct in6_addr ip;

    if (!policy->n_parents
        || strcmp(plan_row_string(policy, "action", ""), "reroute")) {
        return;
    }
    add_set_names(match, &r->used);
    if (node && policy_source_parse(match, &ip)) {
        char buf[IP_STRLEN];

        steer(r, ip_format(&ip, buf), node);
    }
}

/* A set of ours steers to its node if a policy uses it. */
static void
read_set(const struct plan_row *set, struct reading *r)
{
    const struct plan_column *addresses = plan_row_get(set, "addresses");
    const char *name = plan_row_string(set, "name", "");
    const char *node = plan_row_id(set, "node", NULL);

    shash_add_once(&r->sets, name, NULL);
    if (node && sset_contains(&r->used, name)) {
        for (size_t i = 0; i < addresses->datum.n; i++) {
            steer(r, json_string(addresses->datum.keys[i].s), node);
        }
    }
}

static void
read_all(const struct nb_steering *st, struct reading *r)
{
    const struct plan_rows *rows = &st->mirror->rows;

    for (size_t i = 0; i < rows->n; i++) {
        if (!strcmp(rows->rows[i]->table, POLICY)) {
            read_policy(rows->rows[i], r);
        }
    }
    for (size_t i = 0; i < rows->n; i++) {
        if (!strcmp(rows->rows[i]->table, SET)) {
            read_set(rows->rows[i], r);
        }
    }
}

/* Adds to 'names' those that are not the same in both. */
static void
compare(const struct shash *a, const struct shash *b, struct sset *names)
{
    const struct shash *const maps[] = { a, b };

    for (size_t i = 0; i < ARRAY_SIZE(maps); i++) {
        struct shash_node *sn;

        SHASH_FOR_EACH (sn, maps[i]) {
            const struct shash_node *x = shash_find(a, sn->name);
            const struct shash_node *y = shash_find(b, sn->name);

            if (!x || !y || !nullable_string_is_equal(x->data, y->data)) {
                sset_add(names, sn->name);
            }
        }
    }
}

static void
renew_all(struct nb_steering *st)
{
    struct reading r;

    reading_init(&r);
    read_all(st, &r);
    compare(&st->prior->steered, &r.steered, &st->changes->addresses);
    shash_swap(&st->prior->steered, &r.steered);
    shash_swap(&st->prior->sets, &r.sets);
    sset_swap(&st->used, &r.used);
    st->doubtful = r.doubtful;
    st->all = false;
    reading_destroy(&r);
}

/* Reading what changed. */

/* Adds to 'map' the node to which each member of the sets among 'rows' is
 * steered; borrowed. */
static void
collect_members(struct nb_steering *st, const struct plan_rows *rows,
                struct shash *map)
{
    for (size_t i = 0; i < rows->n; i++) {
        const struct plan_row *set = rows->rows[i];
        const char *node = !strcmp(set->table, SET) ? set_node(st, set) : NULL;
        const struct plan_column *c = plan_row_get(set, "addresses");

        for (size_t j = 0; node && j < c->datum.n; j++) {
            if (!shash_add_once(map, json_string(c->datum.keys[j].s), node)) {
                st->doubtful = true;
            }
        }
    }
}

static void
rename_sets(struct nb_steering *st)
{
    const struct plan_rows *former = &st->mirror->former;
    const struct plan_rows *fresh = &st->mirror->fresh;

    for (size_t i = 0; i < former->n; i++) {
        if (!strcmp(former->rows[i]->table, SET)) {
            shash_find_and_delete(&st->prior->sets,
                                  plan_row_string(former->rows[i], "name",
                                                  ""));
        }
    }
    for (size_t i = 0; i < fresh->n; i++) {
        if (!strcmp(fresh->rows[i]->table, SET)) {
            shash_add_once(&st->prior->sets,
                           plan_row_string(fresh->rows[i], "name", ""), NULL);
        }
    }
}

/* Makes 'ip' steered to what the sets that changed say now, instead of what
 * they said before. */
static void
renew_member(struct nb_steering *st, const char *ip,
             const struct shash *before, const struct shash *after)
{
    const char *node = shash_find_data(after, ip);

    if (shash_find(before, ip)) {
        free(shash_find_and_delete(&st->prior->steered, ip));
    }
    if (node && shash_find(&st->prior->steered, ip)) {
        st->doubtful = true;
    } else if (node) {
        shash_add(&st->prior->steered, ip, xstrdup(node));
    }
    sset_add(&st->changes->addresses, ip);
}

static void
renew_sets(struct nb_steering *st)
{
    struct shash before = SHASH_INITIALIZER(&before);
    struct shash after = SHASH_INITIALIZER(&after);
    struct sset names = SSET_INITIALIZER(&names);
    const char *ip;

    collect_members(st, &st->mirror->former, &before);
    collect_members(st, &st->mirror->fresh, &after);
    compare(&before, &after, &names);
    SSET_FOR_EACH (ip, &names) {
        renew_member(st, ip, &before, &after);
    }
    rename_sets(st);
    sset_destroy(&names);
    shash_destroy(&before);
    shash_destroy(&after);
}

/* Notes the nodes whose sets came, went or changed. */
static void
note_nodes(struct nb_steering *st, const struct plan_rows *rows)
{
    for (size_t i = 0; i < rows->n; i++) {
        const char *node = (!strcmp(rows->rows[i]->table, SET)
                            ? plan_row_id(rows->rows[i], "node", NULL) : NULL);

        if (node) {
            sset_add(&st->changes->nodes, node);
        }
    }
}

static bool
any_policy_changed(const struct db_mirror *m)
{
    const char *name;

    SSET_FOR_EACH (name, &m->changed) {
        if (!strncmp(name, POLICY" ", strlen(POLICY" "))) {
            return true;
        }
    }
    return false;
}

void
nb_steering_run(struct nb_steering *st)
{
    if (!st->all && !st->doubtful && !any_policy_changed(st->mirror)) {
        renew_sets(st);
    } else {
        st->all = true;
    }
    if (st->all || st->doubtful) {
        renew_all(st);
    }
    note_nodes(st, &st->mirror->former);
    note_nodes(st, &st->mirror->fresh);
}

struct nb_steering *
nb_steering_create(const struct db_mirror *mirror, struct plan_prior *prior,
                   struct plan_changes *changes)
{
    struct nb_steering *st = xzalloc(sizeof *st);

    st->mirror = mirror;
    st->prior = prior;
    st->changes = changes;
    sset_init(&st->used);
    return st;
}

void
nb_steering_destroy(struct nb_steering *st)
{
    if (st) {
        sset_destroy(&st->used);
        free(st);
    }
}

void
nb_steering_forget(struct nb_steering *st)
{
    st->all = true;
}

void
nb_steering_verify(const struct nb_steering *st, struct ds *s)
{
    struct sset names = SSET_INITIALIZER(&names);
    struct reading r;
    const char *name;

    reading_init(&r);
    read_all(st, &r);
    compare(&st->prior->steered, &r.steered, &names);
    compare(&st->prior->sets, &r.sets, &names);
    SSET_FOR_EACH (name, &names) {
        ds_put_format(s, "not up to date: where %s is steered\n", name);
    }
    sset_destroy(&names);
    reading_destroy(&r);
}
