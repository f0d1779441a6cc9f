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
#include "node/work-ingress.h"
#include "openvswitch/shash.h"
#include "openvswitch/vlog.h"
#include "ovsdb-idl.h"
#include "ovsdb/egress-idl.h"
#include "simap.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(work);

struct work {
    struct ovsdb_idl *idl;
    char *node;

    /* What was collected last. */
    bool collected;
    struct host_input in;
    struct host_options options;
    struct host_service *services;      /* in.services, n of them. */
    struct host_policy *policies;       /* in.policies. */
    struct host_ingress *ingresses;     /* in.ingresses. */
    char **seen_services;       /* Revision of each of 'services'. */
    char **seen_policies;
    struct shash manifests;     /* Policy name to the text that its element
                                 * of 'policies' was parsed from. */

    struct shash drains;        /* Service to "long long int" deadline. */
};

struct work *
work_create(struct ovsdb_idl *idl, const char *node)
{
    struct work *w = xzalloc(sizeof *w);
    struct ovsdb_idl_condition c;

    w->idl = idl;
    w->node = xstrdup(node);
    shash_init(&w->manifests);
    shash_init(&w->drains);

    ovsdb_idl_add_column(idl, &egressrec_egress_global_col_effective);
    ovsdb_idl_add_column(idl, &egressrec_egress_global_col_options);
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
clear_seen(char **seen, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(seen[i]);
    }
    free(seen);
}

static void
clear_services(struct work *w)
{
    for (size_t i = 0; i < w->in.n_services; i++) {
        host_service_destroy(&w->services[i]);
    }
    free(w->services);
    clear_seen(w->seen_services, w->in.n_services);
    w->services = NULL;
    w->seen_services = NULL;
    w->in.n_services = 0;
}

static void
clear_policies(struct work *w)
{
    for (size_t i = 0; i < w->in.n_policies; i++) {
        host_policy_destroy(&w->policies[i]);
    }
    free(w->policies);
    clear_seen(w->seen_policies, w->in.n_policies);
    w->policies = NULL;
    w->seen_policies = NULL;
    w->in.n_policies = 0;
}

void
work_destroy(struct work *w)
{
    if (w) {
        clear_services(w);
        clear_policies(w);
        work_ingress_free(w->ingresses, w->in.n_ingresses);
        host_options_destroy(&w->options);
        shash_destroy_free_data(&w->manifests);
        shash_destroy_free_data(&w->drains);
        free(w->node);
        free(w);
    }
}

bool
work_is_ready(const struct work *w)
{
    const struct egressrec_egress_global *global
        = egressrec_egress_global_first(w->idl);

    return (ovsdb_idl_has_ever_connected(w->idl)
            && global && !smap_is_empty(&global->effective));
}

/* Collecting. */

/* True if the time to drain the service of 'row' is over. */
static bool
is_drained(struct work *w, const struct egressrec_node_service *row,
           long long int now)
{
    long long int *deadline = shash_find_data(&w->drains, row->service);

    if (strcmp(row->state, "draining")) {
        free(shash_find_and_delete(&w->drains, row->service));
        return false;
    } else if (!strcmp(row->acked, row->revision) && *row->revision) {
        return true;            /* It was before we started. */
    }
    if (!deadline) {
        deadline = xmalloc(sizeof *deadline);
        *deadline = now + w->options.drain_seconds * 1000LL;
        shash_add(&w->drains, row->service, deadline);
    }
    return now >= *deadline;
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

static void
collect_services(struct work *w, long long int now)
{
    const struct egressrec_node_service *row, **rows = NULL;
    size_t n = 0, allocated = 0;

    EGRESSREC_NODE_SERVICE_FOR_EACH (row, w->idl) {
        if (!strcmp(row->node, w->node)) {
            if (n >= allocated) {
                rows = x2nrealloc(rows, &allocated, sizeof *rows);
            }
            rows[n++] = row;
        }
    }
    if (n) {
        qsort(rows, n, sizeof *rows, compare_services);
    }

    clear_services(w);
    w->services = xcalloc(n, sizeof *w->services);
    w->seen_services = xcalloc(n, sizeof *w->seen_services);
    for (size_t i = 0; i < n; i++) {
        convert_service(w, rows[i], now, &w->services[i]);
        w->seen_services[i] = xstrdup(rows[i]->revision);
    }
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

static void
parse_policy(const struct egressrec_node_policy *row, struct host_policy *p)
{
    struct intent_problems problems = INTENT_PROBLEMS_INITIALIZER;

    *p = (struct host_policy) { .name = xstrdup(row->policy) };
    p->object = intent_object_from_json(row->manifest, strlen(row->manifest),
                                        INTENT_LENIENT, &problems);
    if (p->object && p->object->kind != INTENT_NNCP) {
        intent_object_destroy(p->object);
        p->object = NULL;
        p->error = xstrdup("the manifest is of another kind");
    } else if (!p->object) {
        char *text = (problems.n
                      ? intent_problem_to_string(&problems.items[0]) : NULL);

        p->error = xstrdup(text ? text : "the manifest is not valid");
        free(text);
    }
    intent_problems_destroy(&problems);
}

static int
compare_policies(const void *a_, const void *b_)
{
    const struct egressrec_node_policy *const *a = a_;
    const struct egressrec_node_policy *const *b = b_;

    return strcmp((*a)->policy, (*b)->policy);
}

/* True if the policies that were collected last are those in 'rows'. */
static bool
policies_are_current(const struct work *w,
                     const struct egressrec_node_policy **rows, size_t n)
{
    if (!w->collected || n != w->in.n_policies) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        const char *manifest = shash_find_data(&w->manifests,
                                               rows[i]->policy);

        if (!manifest || strcmp(manifest, rows[i]->manifest)
            || strcmp(w->policies[i].name, rows[i]->policy)) {
            return false;
        }
    }
    return true;
}

static void
collect_policies(struct work *w)
{
    const struct egressrec_node_policy *row, **rows = NULL;
    size_t n = 0, allocated = 0;

    EGRESSREC_NODE_POLICY_FOR_EACH (row, w->idl) {
        if (!strcmp(row->node, w->node)) {
            if (n >= allocated) {
                rows = x2nrealloc(rows, &allocated, sizeof *rows);
            }
            rows[n++] = row;
        }
    }
    if (n) {
        qsort(rows, n, sizeof *rows, compare_policies);
    }

    if (!policies_are_current(w, rows, n)) {
        clear_policies(w);
        shash_clear_free_data(&w->manifests);
        w->policies = xcalloc(n, sizeof *w->policies);
        for (size_t i = 0; i < n; i++) {
            parse_policy(rows[i], &w->policies[i]);
            shash_add(&w->manifests, rows[i]->policy,
                      xstrdup(rows[i]->manifest));
        }
    } else {
        clear_seen(w->seen_policies, n);
    }
    w->seen_policies = xcalloc(n, sizeof *w->seen_policies);
    for (size_t i = 0; i < n; i++) {
        w->seen_policies[i] = xstrdup(rows[i]->revision);
    }
    w->in.policies = w->policies;
    w->in.n_policies = n;
    free(rows);
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

void
work_collect(struct work *w, long long int now)
{
    collect_options(w);
    collect_services(w, now);
    forget_drains(w);
    collect_policies(w);
    work_ingress_free(w->ingresses, w->in.n_ingresses);
    w->ingresses = work_ingress_collect(w->idl, w->node, &w->in.n_ingresses);
    w->in.ingresses = w->ingresses;
    w->collected = true;
}

const struct host_input *
work_get_input(const struct work *w)
{
    return w->collected ? &w->in : NULL;
}

long long int
work_get_deadline(const struct work *w)
{
    long long int first = LLONG_MAX;

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

static int
compare_policy_name(const void *name_, const void *policy_)
{
    const struct host_policy *policy = policy_;
    const char *name = name_;

    return strcmp(name, policy->name);
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
    if (!s || strcmp(w->seen_services[s - w->services], row->revision)) {
        return;
    }

    const char *error = result->service_errors.names[s - w->services];
    char *hold = peers_hold(peers, s);
    error = *error || !hold ? error : hold;
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

static void
answer_policy(const struct work *w, const struct egressrec_node_policy *row,
              const struct reconcile_result *result)
{
    const struct host_policy *p
        = (w->in.n_policies
           ? bsearch(row->policy, w->policies, w->in.n_policies,
                     sizeof *w->policies, compare_policy_name) : NULL);
    if (!p || strcmp(w->seen_policies[p - w->policies], row->revision)) {
        return;
    }

    const char *error = result->policy_errors.names[p - w->policies];
    const char *acked = *error ? "" : row->revision;
    if (strcmp(acked, row->acked)) {
        egressrec_node_policy_set_acked(row, acked);
    }
    if (strcmp(error, row->error)) {
        egressrec_node_policy_set_error(row, error);
    }
}

void
work_answer(const struct work *w, struct ovsdb_idl_txn *txn,
            const struct reconcile_result *result, struct peers *peers)
{
    const struct egressrec_node_service *service;
    const struct egressrec_node_policy *policy;

    if (!txn || !w->collected) {
        return;
    }
    EGRESSREC_NODE_SERVICE_FOR_EACH (service, w->idl) {
        answer_service(w, service, result, peers);
    }
    EGRESSREC_NODE_POLICY_FOR_EACH (policy, w->idl) {
        answer_policy(w, policy, result);
    }
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
