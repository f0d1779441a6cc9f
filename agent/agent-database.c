/* SPDX-License-Identifier: Apache-2.0 */

/* Is OVN_Egress the database whose plan is in force?  See the header. */

#include <config.h>

#include "agent/agent-database.h"

#include <string.h>

#include "agent/agent.h"
#include "intent/intent.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovsdb/db-mirror.h"
#include "ovsdb/egress-observe.h"
#include "ovsdb/nb-observe.h"
#include "ovsdb/nb-origin.h"
#include "plan/plan.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(agent_database);

/* How often the silence after which a helper is given up the helpers have to
 * find and do their work in another database. */
#define SETTLE_FACTOR 3

void
agent_database_init(struct agent_database *d)
{
    *d = (struct agent_database) { .seen = UUID_ZERO };
    sset_init(&d->objects);
}

void
agent_database_destroy(struct agent_database *d)
{
    sset_destroy(&d->objects);
}

/* Adds to 'ids' those of all objects. */
static void
list_objects(const struct agent *agent, struct sset *ids)
{
    const struct egress_objects *objects = &agent->egress->objects;
    const struct smap_node *node;

    for (size_t i = 0; i < objects->n_objs; i++) {
        sset_add(ids, intent_object_id(objects->objs[i]));
    }
    SMAP_FOR_EACH (node, &objects->refused) {
        sset_add(ids, node->key);
    }
}

/* True if it is another database than the one whose plan is in force. */
static bool
is_other(const struct agent_database *d)
{
    return !uuid_is_zero(&d->id) && !uuid_equals(&d->id, &d->seen);
}

void
agent_database_lost(struct agent *agent)
{
    struct agent_database *d = &agent->database;

    if (!is_other(d) && !uuid_is_zero(&d->id)) {
        sset_clear(&d->objects);
        list_objects(agent, &d->objects);
    }
}

bool
agent_database_run(struct agent *agent)
{
    struct agent_database *d = &agent->database;

    if (uuid_equals(&d->seen, &agent->egress->global)) {
        return false;
    }
    d->seen = agent->egress->global;
    if (is_other(d)) {
        VLOG_INFO("OVN_Egress has been replaced by another database");
        if (agent->plan && sset_is_empty(&d->objects)) {
            /* No connection has ended. */
            const struct shash_node *node;

            SHASH_FOR_EACH (node, &agent->plan->status) {
                sset_add(&d->objects, node->name);
            }
        }
    }
    return true;
}

void
agent_database_recall(struct agent *agent)
{
    struct agent_database *d = &agent->database;
    struct uuid id;

    if (uuid_is_zero(&d->id) && !uuid_is_zero(&d->seen)
        && nb_observer_mirror(agent->nb)->rows.n
        && nb_origin_get(agent->nb_db.loop.idl, &id)
        && !uuid_equals(&id, &d->seen)) {
        d->id = id;
        d->unknown = true;
    }
}

char *
agent_database_hindrance(const struct agent *agent)
{
    const struct agent_database *d = &agent->database;

    if (!is_other(d) || agent->accept_empty) {
        return NULL;
    }
    if (d->unknown) {
        return xasprintf("%s is another database than the one in force, and "
                         "was before this agent began: keeping what that "
                         "made (\"accept-empty\" says that all objects are "
                         "there)", agent->egress_db.name);
    }

    struct sset now = SSET_INITIALIZER(&now);
    const char *first = NULL;
    const char *id;
    size_t n = 0;

    list_objects(agent, &now);
    SSET_FOR_EACH (id, &d->objects) {
        if (!sset_contains(&now, id)) {
            n++;
            /* Always the same one, and what people know of if possible. */
            bool better = (!first
                           || (strncmp(first, "EgressService ", 14)
                               && !strncmp(id, "EgressService ", 14))
                           || ((!strncmp(first, "EgressService ", 14)
                                == !strncmp(id, "EgressService ", 14))
                               && strcmp(id, first) < 0));
            first = better ? id : first;
        }
    }
    sset_destroy(&now);
    return (n ? xasprintf("%s is another database than the one in force, and "
                          "lacks %"PRIuSIZE" objects of it, such as %s: "
                          "keeping what they made (\"accept-empty\" gives "
                          "them up)", agent->egress_db.name, n, first)
            : NULL);
}

void
agent_database_accept(struct agent *agent)
{
    struct agent_database *d = &agent->database;

    if (is_other(d)) {
        /* What is said to be complete is no order to remove anything. */
        bool has_objects = d->unknown && agent->saw_objects;

        d->former = d->id;
        d->settled_at = (agent->accept_empty && !has_objects ? 0
                         : time_msec()
                           + SETTLE_FACTOR * agent->egress->nodes.patience);
        VLOG_INFO("planning from the OVN_Egress that replaced the former one");
    }
    d->id = d->seen;
    d->unknown = false;
    sset_clear(&d->objects);
}

/* Settling. */

/* True if 'want' has all that 'have' has, both of the same row. */
static bool
has_all(const struct plan_row *want, const struct plan_row *have)
{
    const struct plan_column *h = plan_row_get(have, "addresses");
    const struct plan_column *w = plan_row_get(want, "addresses");
    struct sset addresses = SSET_INITIALIZER(&addresses);
    bool all = true;

    for (unsigned int i = 0; w && i < w->datum.n; i++) {
        sset_add(&addresses, json_string(w->datum.keys[i].s));
    }
    for (unsigned int i = 0; h && i < h->datum.n && all; i++) {
        all = sset_contains(&addresses, json_string(h->datum.keys[i].s));
    }
    sset_destroy(&addresses);
    return all;
}

/* True if the plan only adds to what OVN_Northbound has. */
static bool
only_adds(const struct agent *agent)
{
    const struct plan_rows *have = &nb_observer_mirror(agent->nb)->rows;

    for (size_t i = 0; i < have->n; i++) {
        const struct plan_row *row = have->rows[i];
        const struct plan_row *want = plan_rows_find(&agent->plan->nb,
                                                     row->table, row->key);

        if (!want || (!strcmp(row->table, "Address_Set")
                      && !has_all(want, row))) {
            return false;
        }
    }
    return true;
}

bool
agent_database_is_settling(struct agent *agent)
{
    struct agent_database *d = &agent->database;

    if (d->settled_at && (time_msec() >= d->settled_at || only_adds(agent))) {
        d->settled_at = 0;
        VLOG_INFO("OVN_Northbound is updated from OVN_Egress again");
    }
    return d->settled_at != 0;
}

void
agent_database_wait(const struct agent *agent)
{
    if (agent->database.settled_at) {
        poll_timer_wait_until(agent->database.settled_at);
    }
}
