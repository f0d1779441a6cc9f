/* SPDX-License-Identifier: Apache-2.0 */

/* The node's rows of OVN_Egress: see work.h. */

#include <config.h>

#include "node/work.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/version.h"
#include "node/facts.h"
#include "node/peers.h"
#include "node/reconcile.h"
#include "node/work-database.h"
#include "node/work-ingress.h"
#include "node/work-policy.h"
#include "openvswitch/shash.h"
#include "openvswitch/uuid.h"
#include "openvswitch/vlog.h"
#include "ovsdb-idl.h"
#include "ovsdb/egress-idl.h"
#include "simap.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(work);

struct work {
    struct ovsdb_idl *idl;
    char *node;

    struct uuid database;       /* That was collected from, or zero. */

    /* What was collected last. */
    bool collected;
    struct host_input in;
    struct host_options options;
    struct host_service *services;      /* in.services, n of them. */
    char **seen_services;       /* Revision of each of 'services', NULL if its
                                 * row is gone: then it leaves. */
    struct work_policies policies;      /* in.policies. */
    struct host_ingress *ingresses;     /* in.ingresses. */

    struct shash drains;        /* Service to "long long int" deadline. */
};

struct work *
work_create(struct ovsdb_idl *idl, const char *node)
{
    struct work *w = xzalloc(sizeof *w);
    struct ovsdb_idl_condition c;

    w->idl = idl;
    w->node = xstrdup(node);
    work_policies_init(&w->policies);
    shash_init(&w->drains);

    work_database_register(idl);
    for (size_t i = 0; i < EGRESSREC_NODE_N_COLUMNS; i++) {
        ovsdb_idl_add_column(idl, &egressrec_node_columns[i]);
        ovsdb_idl_omit_alert(idl, &egressrec_node_columns[i]);
    }
    for (size_t i = 0; i < EGRESSREC_NODE_SERVICE_N_COLUMNS; i++) {
        ovsdb_idl_add_column(idl, &egressrec_node_service_columns[i]);
    }
    for (size_t i = 0; i < EGRESSREC_NODE_POLICY_N_COLUMNS; i++) {
        ovsdb_idl_add_column(idl, &egressrec_node_policy_columns[i]);
    }
    work_ingress_register(idl);

    /* What we write ourselves is no news. */
    ovsdb_idl_omit_alert(idl, &egressrec_node_service_col_acked);
    ovsdb_idl_omit_alert(idl, &egressrec_node_service_col_error);
    ovsdb_idl_omit_alert(idl, &egressrec_node_policy_col_acked);
    ovsdb_idl_omit_alert(idl, &egressrec_node_policy_col_error);

    ovsdb_idl_condition_init(&c);
    egressrec_node_add_clause_name(&c, OVSDB_F_EQ, node);
    egressrec_node_set_condition(idl, &c);
    ovsdb_idl_condition_clear(&c);
    egressrec_node_service_add_clause_node(&c, OVSDB_F_EQ, node);
    egressrec_node_service_set_condition(idl, &c);
    ovsdb_idl_condition_clear(&c);
    egressrec_node_policy_add_clause_node(&c, OVSDB_F_EQ, node);
    egressrec_node_policy_set_condition(idl, &c);
    ovsdb_idl_condition_destroy(&c);
    return w;
}

static void
clear_services(struct host_service *services, char **seen, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        host_service_destroy(&services[i]);
        free(seen[i]);
    }
    free(services);
    free(seen);
}

void
work_destroy(struct work *w)
{
    if (w) {
        clear_services(w->services, w->seen_services, w->in.n_services);
        work_policies_destroy(&w->policies);
        work_ingress_free(w->ingresses, w->in.n_ingresses);
        host_options_destroy(&w->options);
        shash_destroy_free_data(&w->drains);
        free(w->node);
        free(w);
    }
}

const char *
work_hindrance(const struct work *w)
{
    return (!ovsdb_idl_has_ever_connected(w->idl)
            ? "the database was never reached"
            : work_database_hindrance(w->idl, &w->database));
}

/* Collecting. */

/* True if the time to drain the service 'name', which leaves, is over. */
static bool
is_over(struct work *w, const char *name, long long int now)
{
    long long int *deadline = shash_find_data(&w->drains, name);

    if (!deadline) {
        deadline = xmalloc(sizeof *deadline);
        *deadline = now + w->options.drain_seconds * 1000LL;
        shash_add(&w->drains, name, deadline);
    }
    return now >= *deadline;
}

/* True if the service of 'row' has been drained. */
static bool
is_drained(struct work *w, const struct egressrec_node_service *row,
           long long int now)
{
    if (strcmp(row->state, "draining")) {
        free(shash_find_and_delete(&w->drains, row->service));
        return false;
    } else if (!strcmp(row->acked, row->revision) && *row->revision) {
        return true;            /* It was before we started. */
    }
    return is_over(w, row->service, now);
}

static void
convert_service(struct work *w, const struct egressrec_node_service *row,
                long long int now, struct host_service *s)
{
    char *what = xasprintf("EgressService %s", row->service);

    *s = (struct host_service) {
        .name = xstrdup(row->service),
        .state = (!strcmp(row->state, "active") ? HOST_ACTIVE
                  : !strcmp(row->state, "draining") ? HOST_DRAINING
                  : HOST_STANDBY),
        .drained = is_drained(w, row, now),
        .local = !strcmp(row->role, "local"),
        .network = xstrdup(row->network),
        .node_ports = xmalloc((row->n_node_ports + 1)
                              * sizeof *s->node_ports),
        .n_node_ports = row->n_node_ports,
    };
    work_parse_ips(what, "source_ips", row->source_ips, row->n_source_ips,
                   &s->source_ips);
    work_parse_ips(what, "ingress_ips", row->ingress_ips, row->n_ingress_ips,
                   &s->ingress_ips);
    work_parse_ips(what, "endpoints", row->endpoints, row->n_endpoints,
                   &s->endpoints);
    work_parse_ips(what, "cluster_ips", row->cluster_ips, row->n_cluster_ips,
                   &s->cluster_ips);
    for (size_t i = 0; i < row->n_node_ports; i++) {
        s->node_ports[i] = row->node_ports[i];
    }
    free(what);
}

static int
compare_services(const void *a_, const void *b_)
{
    const struct egressrec_node_service *const *a = a_;
    const struct egressrec_node_service *const *b = b_;

    return strcmp((*a)->service, (*b)->service);
}

/* Returns the rows of this node, sorted, and their number in '*n'.  The caller
 * frees the array. */
static const struct egressrec_node_service **
sort_rows(const struct work *w, size_t *n)
{
    const struct egressrec_node_service *row, **rows = NULL;
    size_t allocated = 0;

    *n = 0;
    EGRESSREC_NODE_SERVICE_FOR_EACH (row, w->idl) {
        if (!strcmp(row->node, w->node)) {
            if (*n >= allocated) {
                rows = x2nrealloc(rows, &allocated, sizeof *rows);
            }
            rows[(*n)++] = row;
        }
    }
    if (*n) {
        qsort(rows, *n, sizeof *rows, compare_services);
    }
    return rows;
}

/* The row of a service is gone, without a word.  Packets may come still, and
 * must not leave in another way, so it leaves as if it had been told to.
 * Returns false if it is time to forget it: 'done' tells whether the kernel is
 * as was wanted last. */
static bool
leave(struct work *w, struct host_service *s, long long int now, bool done)
{
    if (s->drained && done) {
        return false;
    }
    s->state = HOST_DRAINING;
    s->drained = s->drained || is_over(w, s->name, now);
    return true;
}

/* Merges the rows with the services that we had. */
static void
collect_services(struct work *w, long long int now, bool done)
{
    size_t n_rows, n_old = w->in.n_services, n = 0;
    const struct egressrec_node_service **rows = sort_rows(w, &n_rows);
    struct host_service *old = w->services;
    char **old_seen = w->seen_services;

    w->services = xcalloc(n_rows + n_old, sizeof *w->services);
    w->seen_services = xcalloc(n_rows + n_old, sizeof *w->seen_services);
    for (size_t i = 0, j = 0; i < n_rows || j < n_old; ) {
        int cmp = (i >= n_rows ? 1 : j >= n_old ? -1
                   : strcmp(rows[i]->service, old[j].name));

        if (cmp <= 0) {
            convert_service(w, rows[i], now, &w->services[n]);
            w->seen_services[n++] = xstrdup(rows[i++]->revision);
            j += !cmp;
        } else {
            if (leave(w, &old[j], now, done)) {
                w->services[n++] = old[j];
                memset(&old[j], 0, sizeof old[j]);
            }
            j++;
        }
    }
    clear_services(old, old_seen, n_old);
    w->in.services = w->services;
    w->in.n_services = n;
    free(rows);
}

/* Forgets the deadlines of services that are gone. */
static void
forget_drains(struct work *w)
{
    struct shash_node *node, *next;

    SHASH_FOR_EACH_SAFE (node, next, &w->drains) {
        bool found = false;

        for (size_t i = 0; i < w->in.n_services && !found; i++) {
            found = !strcmp(w->services[i].name, node->name);
        }
        if (!found) {
            free(node->data);
            shash_delete(&w->drains, node);
        }
    }
}

/* What the agent did not fill in, for being of another version, comes from the
 * user's options. */
static void
collect_options(struct work *w)
{
    const struct egressrec_egress_global *global
        = egressrec_egress_global_first(w->idl);
    struct smap options = SMAP_INITIALIZER(&options);
    struct smap errors = SMAP_INITIALIZER(&errors);
    struct smap_node *node;

    smap_clone(&options, &global->options);
    SMAP_FOR_EACH (node, &global->effective) {
        smap_replace(&options, node->key, node->value);
    }
    host_options_destroy(&w->options);
    host_options_init(&w->options, &options, &errors);
    SMAP_FOR_EACH (node, &errors) {
        VLOG_WARN("Egress_Global %s: %s", node->key, node->value);
    }
    w->in.options = &w->options;
    smap_destroy(&errors);
    smap_destroy(&options);
}

/* Returns when the last of the services that leave has left, or 0 if none
 * leaves. */
static long long int
last_deadline(const struct work *w)
{
    struct shash_node *node;
    long long int last = 0;

    SHASH_FOR_EACH (node, &w->drains) {
        const long long int *deadline = node->data;

        last = MAX(last, *deadline);
    }
    return last;
}

void
work_collect(struct work *w, long long int now, bool done)
{
    work_database_accept(w->idl, &w->database);
    collect_options(w);
    collect_services(w, now, done);
    forget_drains(w);
    work_policies_collect(&w->policies, w->idl, w->node, now,
                          last_deadline(w));
    w->in.policies = w->policies.policies;
    w->in.n_policies = w->policies.n;
    work_ingress_free(w->ingresses, w->in.n_ingresses);
    w->ingresses = work_ingress_collect(w->idl, w->node, &w->in.n_ingresses);
    w->in.ingresses = w->ingresses;
    w->collected = true;
}

bool
work_has_left(const struct work *w)
{
    for (size_t i = 0; i < w->in.n_services; i++) {
        if (!w->seen_services[i] && w->services[i].drained) {
            return true;
        }
    }
    return false;
}

const struct host_input *
work_get_input(const struct work *w)
{
    return w->collected ? &w->in : NULL;
}

long long int
work_get_deadline(const struct work *w)
{
    long long int first = work_policies_deadline(&w->policies);

    for (size_t i = 0; i < w->in.n_services; i++) {
        const struct host_service *s = &w->services[i];
        const long long int *deadline = shash_find_data(&w->drains, s->name);

        if (deadline && s->state == HOST_DRAINING && !s->drained) {
            first = MIN(first, *deadline);
        }
    }
    return first;
}

/* Answering. */

static int
compare_service_name(const void *name_, const void *service_)
{
    const struct host_service *service = service_;
    const char *name = name_;

    return strcmp(name, service->name);
}

static void
answer_service(const struct work *w, const struct egressrec_node_service *row,
               const struct reconcile_result *result,
               struct peers *peers)
{
    const struct host_service *s
        = (w->in.n_services
           ? bsearch(row->service, w->services, w->in.n_services,
                     sizeof *w->services, compare_service_name) : NULL);
    const char *seen = s ? w->seen_services[s - w->services] : NULL;
    if (!seen || strcmp(seen, row->revision)) {
        return;
    }

    const char *error = result->service_errors.names[s - w->services];
    char *hold = peers_hold(peers, s);
    if (!*error && hold) {
        error = hold;
    }

    const char *acked = (*error ? ""
                         : hold || (s->state == HOST_DRAINING && !s->drained)
                         ? row->acked : row->revision);
    if (strcmp(acked, row->acked)) {
        egressrec_node_service_set_acked(row, acked);
    }
    if (strcmp(error, row->error)) {
        egressrec_node_service_set_error(row, error);
    }
    free(hold);
}

void
work_answer(const struct work *w, struct ovsdb_idl_txn *txn,
            const struct reconcile_result *result, struct peers *peers)
{
    const struct egressrec_node_service *service;

    if (!txn || !w->collected) {
        return;
    }
    EGRESSREC_NODE_SERVICE_FOR_EACH (service, w->idl) {
        answer_service(w, service, result, peers);
    }
    work_policies_answer(&w->policies, w->idl, &result->policy_errors);
}

void
work_beat(const struct work *w, struct ovsdb_idl_txn *txn,
          long long int wall, const char *condition)
{
    const struct egressrec_node *node;
    char hostname[HOST_NAME_MAX + 1] = "";

    gethostname(hostname, sizeof hostname - 1);
    EGRESSREC_NODE_FOR_EACH (node, w->idl) {
        struct sset addresses = SSET_INITIALIZER(&addresses);
        struct smap conditions = SMAP_INITIALIZER(&conditions);

        if (!txn || strcmp(node->name, w->node)) {
            continue;
        }
        if (!facts_read_addresses(&addresses)) {
            const char **array = sset_sort(&addresses);

            egressrec_node_set_addresses(node, array,
                                         sset_count(&addresses));
            free(array);
        }
        smap_add(&conditions, "Programmed", condition);
        egressrec_node_set_conditions(node, &conditions);
        egressrec_node_set_hostname(node, hostname);
        egressrec_node_set_version(node, egress_version);
        egressrec_node_set_heartbeat(node, wall);
        smap_destroy(&conditions);
        sset_destroy(&addresses);
    }
}

void
work_memory(const struct work *w, struct simap *usage)
{
    size_t n = 0;

    for (size_t i = 0; i < w->in.n_services; i++) {
        n += w->services[i].endpoints.n;
    }
    simap_increase(usage, "endpoints", n);
    simap_increase(usage, "services", w->in.n_services);
    simap_increase(usage, "policies", w->in.n_policies);
    simap_increase(usage, "ingresses", w->in.n_ingresses);
}
