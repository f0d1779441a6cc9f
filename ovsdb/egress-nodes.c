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
#include "ovsdb/liveness.h"
#include "plan/plan.h"
#include "util.h"

/* A node's helper. */
struct egress_helper {
    struct liveness liveness;
    bool heard;                 /* It wrote its row at least once. */
    uint32_t addresses;         /* A number that changes with them. */
};

/* What a node answered to a piece of work, as a number that changes with
 * it. */
struct work_answer {
    uint32_t hash;
};

static uint32_t
hash_strings(char **strings, size_t n)
{
    uint32_t hash = 0;

    for (size_t i = 0; i < n; i++) {
        hash = hash_string(strings[i], hash);
    }
    return hash;
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
    uint32_t addresses = hash_strings(row->addresses, row->n_addresses);

    if (!h) {
        h = w->data = xzalloc(sizeof *h);
        liveness_init(&h->liveness, row->heartbeat, nodes->now);
        h->heard = row->heartbeat != 0;
        nodes->changed = true;
    } else if (!h->heard && row->heartbeat) {
        liveness_init(&h->liveness, row->heartbeat, nodes->now);
        h->heard = true;
        nodes->changed = true;
    } else {
        bool was_alive = h->liveness.alive;

        nodes->hear = nodes->hear || row->heartbeat != h->liveness.value;
        liveness_hear(&h->liveness, row->heartbeat, nodes->now,
                      nodes->patience);
        nodes->changed = nodes->changed || was_alive != h->liveness.alive;
    }
    nodes->changed = nodes->changed || h->addresses != addresses;
    h->addresses = addresses;
}

static void
node_gone(struct db_watched *w, void *nodes_)
{
    struct egress_nodes *nodes = nodes_;

    free(w->data);
    nodes->changed = true;
}

static const struct db_watch_ops node_ops = { node_changed, node_gone };

/* db_watch_ops for Node_Service, Node_Policy and Node_Peer.  The columns that
 * we write are watched by a db_mirror. */

static void
note_answer(struct egress_nodes *nodes, struct db_watched *w,
            const char *acked, const char *error, uint32_t basis)
{
    uint32_t hash = hash_string(acked, hash_string(error, basis));
    struct work_answer *answer = w->data;

    if (!answer) {
        answer = w->data = xzalloc(sizeof *answer);
    } else if (answer->hash == hash) {
        return;
    }
    answer->hash = hash;
    nodes->changed = true;
}

static void
service_changed(const struct ovsdb_idl_row *row_, struct db_watched *w,
                void *nodes)
{
    const struct egressrec_node_service *row
        = CONTAINER_OF(row_, struct egressrec_node_service, header_);

    note_answer(nodes, w, row->acked, row->error, 0);
}

static void
policy_changed(const struct ovsdb_idl_row *row_, struct db_watched *w,
               void *nodes)
{
    const struct egressrec_node_policy *row
        = CONTAINER_OF(row_, struct egressrec_node_policy, header_);

    note_answer(nodes, w, row->acked, row->error, 0);
}

static void
peer_changed(const struct ovsdb_idl_row *row_, struct db_watched *w,
             void *nodes)
{
    const struct egressrec_node_peer *row
        = CONTAINER_OF(row_, struct egressrec_node_peer, header_);

    note_answer(nodes, w, row->acked, row->error,
                hash_string(row->session, hash_strings(row->advertised,
                                                       row->n_advertised)));
}

static const struct db_watch_ops service_ops = { service_changed, node_gone };
static const struct db_watch_ops policy_ops = { policy_changed, node_gone };
static const struct db_watch_ops peer_ops = { peer_changed, node_gone };

void
egress_nodes_init(struct egress_nodes *nodes, struct ovsdb_idl *idl)
{
    const struct ovsdb_idl_column *const columns[] = {
        &egressrec_node_col_name,
        &egressrec_node_col_addresses,
        &egressrec_node_col_heartbeat,
        &egressrec_node_service_col_acked,
        &egressrec_node_service_col_error,
        &egressrec_node_policy_col_acked,
        &egressrec_node_policy_col_error,
        &egressrec_node_peer_col_acked,
        &egressrec_node_peer_col_error,
        &egressrec_node_peer_col_session,
        &egressrec_node_peer_col_advertised,
    };

    *nodes = (struct egress_nodes) { .idl = idl, .deadline = LLONG_MAX };
    for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
        ovsdb_idl_add_column(idl, columns[i]);
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

/* True if at least one helper is heard at present. */
static bool
is_hearing(const struct egress_nodes *nodes)
{
    return nodes->now - nodes->heard <= nodes->patience / 2;
}

/* A helper was heard: if none was for long, passes over that time for all the
 * others. */
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

/* Looks for helpers that fell silent, and finds out when to look again. */
static void
run_clock(struct egress_nodes *nodes)
{
    struct db_watched *w;

    nodes->deadline = LLONG_MAX;
    HMAP_FOR_EACH (w, hmap_node, &nodes->nodes.rows) {
        struct egress_helper *h = w->data;

        if (h->heard) {
            if (liveness_run(&h->liveness, nodes->now, nodes->patience)) {
                nodes->changed = true;
            }
            nodes->deadline = MIN(nodes->deadline,
                                  liveness_deadline(&h->liveness,
                                                    nodes->patience));
        }
    }
}

bool
egress_nodes_run(struct egress_nodes *nodes, long long int now,
                 unsigned int interval)
{
    long long int patience = liveness_patience(interval);

    nodes->now = now;
    if (nodes->patience != patience) {
        nodes->patience = patience;
        nodes->deadline = now;
    }
    nodes->changed = nodes->hear = false;
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

/* What there was. */

static void
replace(char **s, const char *new)
{
    free(*s);
    *s = xstrdup(new);
}

static void
get_nodes(const struct egress_nodes *nodes, struct plan_prior *prior)
{
    const struct db_watched *w;

    HMAP_FOR_EACH (w, hmap_node, &nodes->nodes.rows) {
        const struct egress_helper *h = w->data;
        const struct egressrec_node *row
            = egressrec_node_get_for_uuid(nodes->idl, &w->uuid);

        if (row && h->heard) {
            struct plan_prior_node *node = xzalloc(sizeof *node);

            node->name = xstrdup(row->name);
            node->alive = h->liveness.alive;
            sset_init(&node->addresses);
            sset_add_array(&node->addresses, row->addresses,
                           row->n_addresses);
            shash_add(&prior->nodes, row->name, node);
        }
    }
}

static void
get_services(const struct egress_nodes *nodes, struct plan_prior *prior)
{
    const struct egressrec_node_service *row;

    EGRESSREC_NODE_SERVICE_FOR_EACH (row, nodes->idl) {
        struct plan_prior_work *work = plan_prior_add_service(
            prior, row->node, row->service);

        replace(&work->state, row->state);
        replace(&work->revision, row->revision);
        replace(&work->acked, row->acked);
        replace(&work->error, row->error);
        sset_add_array(&work->endpoints, row->endpoints, row->n_endpoints);
    }
}

static void
get_policies(const struct egress_nodes *nodes, struct plan_prior *prior)
{
    const struct egressrec_node_policy *row;

    EGRESSREC_NODE_POLICY_FOR_EACH (row, nodes->idl) {
        struct plan_prior_work *work = plan_prior_add_work(
            &prior->policies, row->node, row->policy);

        replace(&work->manifest, row->manifest);
        replace(&work->revision, row->revision);
        replace(&work->acked, row->acked);
        replace(&work->error, row->error);
    }
}

static void
get_peers(const struct egress_nodes *nodes, struct plan_prior *prior)
{
    const struct egressrec_node_peer *row;

    EGRESSREC_NODE_PEER_FOR_EACH (row, nodes->idl) {
        struct plan_prior_work *work = plan_prior_add_work(
            &prior->peers, row->node, row->peer);

        replace(&work->manifest, row->manifest);
        replace(&work->revision, row->revision);
        replace(&work->acked, row->acked);
        replace(&work->error, row->error);
        replace(&work->session, row->session);
        sset_add_array(&work->advertised, row->advertised, row->n_advertised);
    }
}

void
egress_nodes_get_prior(const struct egress_nodes *nodes,
                       struct plan_prior *prior)
{
    get_nodes(nodes, prior);
    get_services(nodes, prior);
    get_policies(nodes, prior);
    get_peers(nodes, prior);
}
