/* SPDX-License-Identifier: Apache-2.0 */

/* What the nodes' helpers say in OVN_Egress: see the header. */

#include <config.h>

#include "ovsdb/egress-nodes.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "openvswitch/poll-loop.h"
#include "ovsdb-idl-provider.h"
#include "ovsdb/egress-idl.h"
#include "ovsdb/lease.h"
#include "ovsdb/liveness.h"
#include "ovsdb/node-bounds.h"
#include "plan/plan.h"
#include "util.h"

/* A node's helper. */
struct egress_helper {
    char *name;                 /* Of the node, as 'prior' has it, or NULL. */
    struct liveness liveness;
    bool heard;                 /* It wrote its row at least once. */
};

static void
remove_node(struct egress_nodes *nodes, const struct egress_helper *h)
{
    struct plan_prior_node *node
        = h->name ? shash_find_and_delete(&nodes->prior->nodes, h->name)
        : NULL;

    if (node) {
        free(node->name);
        free(node->kept);
        sset_destroy(&node->addresses);
        free(node);
    }
}

/* Makes what is known of the node of 'h' what 'row' says. */
static void
update_node(struct egress_nodes *nodes, struct egress_helper *h,
            const struct egressrec_node *row)
{
    struct sset addresses = SSET_INITIALIZER(&addresses);
    struct plan_prior_node *node;

    if (h->name && strcmp(h->name, row->name)) {
        remove_node(nodes, h);
        free(h->name);
        h->name = NULL;
    }
    if (!h->heard) {
        return;
    }
    h->name = h->name ? h->name : xstrdup(row->name);
    node = shash_find_data(&nodes->prior->nodes, h->name);
    if (!node) {
        node = xzalloc(sizeof *node);
        node->name = xstrdup(h->name);
        sset_init(&node->addresses);
        shash_add(&nodes->prior->nodes, h->name, node);
        nodes->changed = nodes->changes->all = true;
    }

    const char *excess = node_bounds_check(row);
    if (!node_bounds_addresses(&addresses, row->addresses, row->n_addresses,
                               NODE_BOUNDS_ADDRESSES)) {
        excess = "addresses";
    }
    if (node->excess != excess) {
        node->excess = excess;
        nodes->changed = nodes->changes->all = true;
    }
    if (!sset_equals(&addresses, &node->addresses)) {
        sset_swap(&addresses, &node->addresses);
        nodes->changed = nodes->changes->all = true;
    }
    sset_destroy(&addresses);

    char *kept = NULL;
    node_bounds_text(&kept, smap_get_def(&row->conditions, "Kept", ""),
                     NODE_BOUNDS_TEXT);
    if (strcmp(node->kept ? node->kept : "", kept)) {
        char *old = node->kept;
        node->kept = kept;
        kept = old;
        nodes->changed = nodes->changes->all = true;
    }
    free(kept);
    if (node->alive != h->liveness.alive) {
        node->alive = h->liveness.alive;
        nodes->changed = nodes->changes->all = true;
    }
}

/* db_watch_ops for Node.  A row is made by the scheduler with heartbeat 0; the
 * helper's first writing is its birth. */

static void
node_changed(const struct ovsdb_idl_row *row_, struct db_watched *w,
             void *nodes_)
{
    const struct egressrec_node *row
        = CONTAINER_OF(row_, struct egressrec_node, header_);
    struct egress_nodes *nodes = nodes_;
    struct egress_helper *h = w->data;

    if (!h) {
        h = w->data = xzalloc(sizeof *h);
        liveness_init(&h->liveness, row->heartbeat, nodes->now);
        h->heard = row->heartbeat != 0;
    } else if (!h->heard && row->heartbeat) {
        liveness_init(&h->liveness, row->heartbeat, nodes->now);
        h->heard = true;
    } else {
        nodes->hear = nodes->hear || row->heartbeat != h->liveness.value;
        liveness_hear(&h->liveness, row->heartbeat, nodes->now,
                      nodes->patience);
    }
    update_node(nodes, h, row);
}

static void
node_gone(struct db_watched *w, void *nodes_)
{
    struct egress_nodes *nodes = nodes_;
    struct egress_helper *h = w->data;

    remove_node(nodes, h);
    free(h->name);
    free(h);
    nodes->changed = nodes->changes->all = true;
}

static const struct db_watch_ops node_ops = { node_changed, node_gone };

/* db_watch_ops for Node_Service, Node_Policy and Node_Peer: 'data' is the key
 * of the work in 'prior'. */

static void
replace(char **s, const char *new)
{
    if (strcmp(*s, new)) {
        free(*s);
        *s = xstrdup(new);
    }
}

/* Takes what a node wrote of its work, within bounds. */
static void
read_answer(struct plan_prior_work *work, const char *acked, const char *error)
{
    node_bounds_text(&work->error, error, NODE_BOUNDS_TEXT);
    if (!node_bounds_word(&work->acked, acked)) {
        replace(&work->error, "the node's \"acked\" is no revision");
    }
}

/* If 'w' has another key than "NODE NAME", gives it that, and returns true
 * with '*old' the former one or NULL, for the caller to free. */
static bool
set_key(struct db_watched *w, const char *node, const char *name, char **old)
{
    char *key = xasprintf("%s %s", node, name);

    if (w->data && !strcmp(w->data, key)) {
        free(key);
        return false;
    }
    *old = w->data;
    w->data = key;
    return true;
}

static void
remove_service(struct egress_nodes *nodes, char *key)
{
    const struct plan_prior_work *work
        = key ? shash_find_data(&nodes->prior->services, key) : NULL;

    if (work) {
        sset_add(&nodes->changes->services, work->name);
        plan_prior_remove_service(nodes->prior, key);
        nodes->changed = true;
    }
    free(key);
}

static void
service_changed(const struct ovsdb_idl_row *row_, struct db_watched *w,
                void *nodes_)
{
    const struct egressrec_node_service *row
        = CONTAINER_OF(row_, struct egressrec_node_service, header_);
    struct egress_nodes *nodes = nodes_;
    struct plan_prior_work *work;
    char *old;

    if (set_key(w, row->node, row->service, &old)) {
        remove_service(nodes, old);
    }
    work = shash_find_data(&nodes->prior->services, w->data);
    if (!work) {
        work = plan_prior_add_service(nodes->prior, row->node, row->service);
    }
    replace(&work->state, row->state);
    replace(&work->revision, row->revision);
    read_answer(work, row->acked, row->error);
    sset_clear(&work->endpoints);
    sset_add_array(&work->endpoints, row->endpoints, row->n_endpoints);
    sset_add(&nodes->changes->services, row->service);
    nodes->changed = true;
}

static void
service_gone(struct db_watched *w, void *nodes)
{
    remove_service(nodes, w->data);
}

/* Of policies, whatever changes concerns all; of peers, whether there is a
 * row. */

static void
remove_work(struct egress_nodes *nodes, struct shash *map, char *key)
{
    if (key) {
        plan_prior_remove_work(map, key);
        nodes->changed = nodes->changes->all = true;
        free(key);
    }
}

/* Returns what 'map' has for "NODE NAME", which is made if there is none. */
static struct plan_prior_work *
get_work(struct egress_nodes *nodes, struct shash *map, struct db_watched *w,
         const char *node, const char *name)
{
    struct plan_prior_work *work;
    char *old;

    if (set_key(w, node, name, &old)) {
        remove_work(nodes, map, old);
    }
    nodes->changed = true;
    work = shash_find_data(map, w->data);
    if (!work) {
        nodes->changes->all = true;
        work = plan_prior_add_work(map, node, name);
    }
    return work;
}

static void
policy_changed(const struct ovsdb_idl_row *row_, struct db_watched *w,
               void *nodes_)
{
    const struct egressrec_node_policy *row
        = CONTAINER_OF(row_, struct egressrec_node_policy, header_);
    struct egress_nodes *nodes = nodes_;
    struct plan_prior_work *work = get_work(nodes, &nodes->prior->policies, w,
                                            row->node, row->policy);

    nodes->changes->all = true;
    replace(&work->manifest, row->manifest);
    replace(&work->revision, row->revision);
    read_answer(work, row->acked, row->error);
}

static void
policy_gone(struct db_watched *w, void *nodes_)
{
    struct egress_nodes *nodes = nodes_;

    remove_work(nodes, &nodes->prior->policies, w->data);
}

static void
peer_changed(const struct ovsdb_idl_row *row_, struct db_watched *w,
             void *nodes_)
{
    const struct egressrec_node_peer *row
        = CONTAINER_OF(row_, struct egressrec_node_peer, header_);
    struct egress_nodes *nodes = nodes_;
    struct plan_prior_work *work = get_work(nodes, &nodes->prior->peers, w,
                                            row->node, row->peer);

    sset_add(&nodes->changes->sessions, w->data);
    replace(&work->manifest, row->manifest);
    replace(&work->revision, row->revision);
    read_answer(work, row->acked, row->error);
    if (!node_bounds_word(&work->session, row->session)) {
        replace(&work->error, "the node's \"session\" is no word");
    }
    if (!node_bounds_addresses(&work->advertised, row->advertised,
                               row->n_advertised, NODE_BOUNDS_ADVERTISED)) {
        replace(&work->error, "the node's \"advertised\" is too long");
    }
}

static void
peer_gone(struct db_watched *w, void *nodes_)
{
    struct egress_nodes *nodes = nodes_;

    remove_work(nodes, &nodes->prior->peers, w->data);
}

static const struct db_watch_ops service_ops = {
    service_changed, service_gone
};
static const struct db_watch_ops policy_ops = { policy_changed, policy_gone };
static const struct db_watch_ops peer_ops = { peer_changed, peer_gone };

void
egress_nodes_init(struct egress_nodes *nodes, struct ovsdb_idl *idl,
                  struct plan_prior *prior, struct plan_changes *changes)
{
    const struct ovsdb_idl_column *const columns[] = {
        &egressrec_node_col_name,
        &egressrec_node_col_addresses,
        &egressrec_node_col_heartbeat,
        &egressrec_node_col_hostname,
        &egressrec_node_col_version,
        &egressrec_node_col_conditions,
        &egressrec_node_col_counters,
        &egressrec_node_service_col_acked,
        &egressrec_node_service_col_error,
        &egressrec_node_policy_col_acked,
        &egressrec_node_policy_col_error,
        &egressrec_node_peer_col_acked,
        &egressrec_node_peer_col_error,
        &egressrec_node_peer_col_session,
        &egressrec_node_peer_col_advertised,
    };

    *nodes = (struct egress_nodes) {
        .idl = idl,
        .prior = prior,
        .changes = changes,
        .deadline = LLONG_MAX,
    };
    for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
        ovsdb_idl_track_add_column(idl, columns[i]);
    }
    db_watch_init(&nodes->nodes, &egressrec_table_node);
    db_watch_init(&nodes->services, &egressrec_table_node_service);
    db_watch_init(&nodes->policies, &egressrec_table_node_policy);
    db_watch_init(&nodes->peers, &egressrec_table_node_peer);
}

void
egress_nodes_destroy(struct egress_nodes *nodes)
{
    if (nodes) {
        db_watch_destroy(&nodes->nodes, &node_ops, nodes);
        db_watch_destroy(&nodes->services, &service_ops, nodes);
        db_watch_destroy(&nodes->policies, &policy_ops, nodes);
        db_watch_destroy(&nodes->peers, &peer_ops, nodes);
    }
}

/* True if somebody is heard at present. */
static bool
is_hearing(const struct egress_nodes *nodes)
{
    return (nodes->now - nodes->heard
            <= MAX(nodes->patience / 2, 2 * LEASE_BEAT_MS));
}

/* Somebody was heard: if nobody was for long, passes over that time for all
 * the others. */
static void
end_silence(struct egress_nodes *nodes)
{
    long long int gap = nodes->now - nodes->heard;
    struct db_watched *w;

    if (nodes->heard && !is_hearing(nodes)) {
        HMAP_FOR_EACH (w, hmap_node, &nodes->nodes.rows) {
            struct egress_helper *h = w->data;

            if (h->liveness.heard != nodes->now) {
                liveness_skip(&h->liveness, gap);
            }
        }
    }
    nodes->heard = nodes->now;
}

/* Returns when a helper was heard last. */
static long long int
find_newest(const struct egress_nodes *nodes)
{
    long long int newest = 0;
    struct db_watched *w;

    HMAP_FOR_EACH (w, hmap_node, &nodes->nodes.rows) {
        const struct egress_helper *h = w->data;

        newest = h->heard ? MAX(newest, h->liveness.heard) : newest;
    }
    return newest;
}

static void
give_up(struct egress_nodes *nodes, const struct egress_helper *h)
{
    struct plan_prior_node *node
        = shash_find_data(&nodes->prior->nodes, h->name);

    node->alive = false;
    nodes->changed = nodes->changes->all = true;
}

/* Looks for helpers that fell silent, and finds out when to look again.
 *
 * Nobody is given up unless another one was heard since his time was over, or
 * everybody's is: if all fall silent at once, by what their heartbeats differ
 * makes nobody look dead among the living. */
static void
run_clock(struct egress_nodes *nodes)
{
    long long int newest = find_newest(nodes);
    long long int all = newest + nodes->patience + 1;
    struct db_watched *w;

    nodes->deadline = LLONG_MAX;
    HMAP_FOR_EACH (w, hmap_node, &nodes->nodes.rows) {
        struct egress_helper *h = w->data;
        long long int end = liveness_deadline(&h->liveness, nodes->patience);

        if (!h->heard) {
            continue;
        }
        if ((newest >= end || nodes->now >= all)
            && liveness_run(&h->liveness, nodes->now, nodes->patience)) {
            give_up(nodes, h);
            end = LLONG_MAX;
        }
        nodes->deadline = MIN(nodes->deadline,
                              end > nodes->now ? end : all);
    }
}

bool
egress_nodes_run(struct egress_nodes *nodes, long long int now,
                 unsigned int interval, bool beat)
{
    long long int patience = liveness_patience(interval);

    nodes->now = now;
    if (nodes->patience != patience) {
        nodes->patience = patience;
        nodes->deadline = now;
    }
    nodes->changed = false;
    nodes->hear = beat;
    bool looked = db_watch_run(&nodes->nodes, nodes->idl, &node_ops, nodes);
    if (nodes->hear) {
        end_silence(nodes);
    }
    if ((looked || now >= nodes->deadline) && is_hearing(nodes)) {
        run_clock(nodes);
    }
    db_watch_run(&nodes->services, nodes->idl, &service_ops, nodes);
    db_watch_run(&nodes->policies, nodes->idl, &policy_ops, nodes);
    db_watch_run(&nodes->peers, nodes->idl, &peer_ops, nodes);
    return nodes->changed;
}

void
egress_nodes_wait(const struct egress_nodes *nodes)
{
    if (nodes->deadline != LLONG_MAX && is_hearing(nodes)) {
        poll_timer_wait_until(nodes->deadline);
    }
}

void
egress_nodes_forget(struct egress_nodes *nodes)
{
    db_watch_forget(&nodes->nodes);
    db_watch_forget(&nodes->services);
    db_watch_forget(&nodes->policies);
    db_watch_forget(&nodes->peers);
}
