/* SPDX-License-Identifier: Apache-2.0 */

/* The node's rows of OVN_Egress: see work.h. */

#include <config.h>

#include "node/work.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "node/nft-read.h"
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

/* After its time is over, whether a service without a row is still used is
 * looked at so often (ms). */
#define SEEN_INTERVAL 1000

struct work {
    struct ovsdb_idl *idl;
    char *node;

    struct uuid database;       /* That was collected from, or zero. */

    /* What was collected last. */
    bool collected;
    struct machine_input in;
    struct machine_options options;
    struct machine_service *services;      /* in.services, n of them. */
    char **seen_services;       /* Revision of each of 'services', NULL if its
                                 * row is gone: then it leaves. */
    struct work_policies policies;      /* in.policies. */
    struct machine_ingress *ingresses;     /* in.ingresses. */

    struct shash drains;        /* Service without a row to "long long int"
                                 * deadline. */
};

struct work *
work_create(struct ovsdb_idl *idl, const char *node, struct trial *trial)
{
    struct work *w = xzalloc(sizeof *w);
    struct ovsdb_idl_condition c;

    w->idl = idl;
    w->node = xstrdup(node);
    work_policies_init(&w->policies, trial);
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
clear_services(struct machine_service *services, char **seen, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        machine_service_destroy(&services[i]);
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
        machine_options_destroy(w->in.options ? &w->options : NULL);
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

/* True if one of the endpoints of 's' has sent lately. */
static bool
is_seen(const struct machine_service *s)
{
    bool seen = false;

    for (int f = 0; f < IP_N_FAMILIES && !seen; f++) {
        struct machine_set set;
        char *error = nft_read_timed(MACHINE_SET_SEEN, f, &set);

        seen = error != NULL;
        for (size_t i = 0; i < s->endpoints.n && !seen; i++) {
            seen = machine_set_has_ip(&set, &s->endpoints.items[i]);
        }
        free(error);
        machine_set_destroy(&set);
    }
    return seen;
}

/* True if the service 's', whose row is gone, has drained: its time is over,
 * and no packet of its endpoints came for so long.  'done' tells whether the
 * kernel is as wanted, so that they were watched. */
static bool
is_over(struct work *w, const struct machine_service *s, long long int now,
        bool done)
{
    long long int *deadline = shash_find_data(&w->drains, s->name);

    if (!deadline) {
        deadline = xmalloc(sizeof *deadline);
        *deadline = now + w->options.drain_seconds * 1000LL;
        shash_add(&w->drains, s->name, deadline);
    }
    if (now < *deadline) {
        return false;
    } else if (!s->watched || !done || is_seen(s)) {
        *deadline = now + SEEN_INTERVAL;
        return false;
    }
    return true;
}

static void
convert_service(const struct egressrec_node_service *row,
                struct machine_service *s)
{
    char *what = xasprintf("EgressService %s", row->service);

    *s = (struct machine_service) {
        .name = xstrdup(row->service),
        .state = (!strcmp(row->state, "active") ? MACHINE_ACTIVE
                  : !strcmp(row->state, "draining") ? MACHINE_DRAINING
                  : !strcmp(row->state, "removing") ? MACHINE_REMOVING
                  : MACHINE_STANDBY),
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
leave(struct work *w, struct machine_service *s, long long int now, bool done)
{
    if (s->state == MACHINE_REMOVING && done) {
        return false;
    }
    if (s->state != MACHINE_REMOVING) {
        s->state = is_over(w, s, now,
                           done) ? MACHINE_REMOVING : MACHINE_DRAINING;
        s->watched = s->state == MACHINE_DRAINING;
    }
    return true;
}

/* True if a peer is told of 'ip' still, although nobody wants that. */
static bool
is_announced(struct peers *peers, struct in6_addr *ip)
{
    struct machine_service probe = {
        .name = CONST_CAST(char *, ""),
        .state = MACHINE_DRAINING,
        .ingress_ips = { ip, 1 },
    };
    char *hold = peers_hold(peers, &probe);

    free(hold);
    return hold != NULL;
}

static bool
has_ip(const struct intent_ips *ips, const struct in6_addr *ip)
{
    for (size_t i = 0; i < ips->n; i++) {
        if (!ip_compare(&ips->items[i], ip)) {
            return true;
        }
    }
    return false;
}

/* An ingress IP that 'old' has and 's', the same service, has not, stays for
 * what clients send to it while it is announced. */
static void
fade(const struct machine_service *old, struct peers *peers,
     struct machine_service *s)
{
    const struct intent_ips *lists[] = { &old->ingress_ips, &old->fading_ips };

    for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
        for (size_t j = 0; j < lists[i]->n; j++) {
            struct in6_addr ip = lists[i]->items[j];
            struct intent_ips *ips = &s->fading_ips;

            if (!has_ip(&s->ingress_ips, &ip) && !has_ip(ips, &ip)
                && s->state != MACHINE_REMOVING && is_announced(peers, &ip)) {
                ips->items = xrealloc(ips->items,
                                      (ips->n + 1) * sizeof *ips->items);
                ips->items[ips->n++] = ip;
            }
        }
    }
}

/* Merges the rows with the services that we had. */
static void
collect_services(struct work *w, long long int now, bool done,
                 struct peers *peers)
{
    size_t n_rows, n_old = w->in.n_services, n = 0;
    const struct egressrec_node_service **rows = sort_rows(w, &n_rows);
    struct machine_service *old = w->services;
    char **old_seen = w->seen_services;

    w->services = xcalloc(n_rows + n_old, sizeof *w->services);
    w->seen_services = xcalloc(n_rows + n_old, sizeof *w->seen_services);
    for (size_t i = 0, j = 0; i < n_rows || j < n_old; ) {
        int cmp = (i >= n_rows ? 1 : j >= n_old ? -1
                   : strcmp(rows[i]->service, old[j].name));

        if (cmp <= 0) {
            convert_service(rows[i], &w->services[n]);
            if (!cmp) {
                fade(&old[j++], peers, &w->services[n]);
            }
            w->seen_services[n++] = xstrdup(rows[i++]->revision);
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

/* Forgets the deadlines of services that are gone, or have a row again. */
static void
forget_drains(struct work *w)
{
    struct shash_node *node, *next;

    SHASH_FOR_EACH_SAFE (node, next, &w->drains) {
        bool found = false;

        for (size_t i = 0; i < w->in.n_services && !found; i++) {
            found = (!w->seen_services[i]
                     && !strcmp(w->services[i].name, node->name));
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
    machine_options_destroy(w->in.options ? &w->options : NULL);
    machine_options_init(&w->options, &options, &errors);
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
work_collect(struct work *w, long long int now, bool done,
             struct peers *peers)
{
    work_database_accept(w->idl, &w->database);
    collect_options(w);
    collect_services(w, now, done, peers);
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
        if (!w->seen_services[i] && w->services[i].state == MACHINE_REMOVING) {
            return true;
        }
    }
    return false;
}

bool
work_is_fading(const struct work *w)
{
    for (size_t i = 0; i < w->in.n_services; i++) {
        if (w->services[i].fading_ips.n) {
            return true;
        }
    }
    return false;
}

const struct machine_input *
work_get_input(const struct work *w)
{
    return w->collected ? &w->in : NULL;
}

long long int
work_get_deadline(const struct work *w)
{
    long long int first = work_policies_deadline(&w->policies);

    for (size_t i = 0; i < w->in.n_services; i++) {
        const struct machine_service *s = &w->services[i];
        const long long int *deadline = shash_find_data(&w->drains, s->name);

        if (deadline && !w->seen_services[i] && s->state == MACHINE_DRAINING) {
            first = MIN(first, *deadline);
        }
    }
    return first;
}

/* Answering. */

static int
compare_service_name(const void *name_, const void *service_)
{
    const struct machine_service *service = service_;
    const char *name = name_;

    return strcmp(name, service->name);
}

static void
answer_service(const struct work *w, const struct egressrec_node_service *row,
               const struct reconcile_result *result,
               struct peers *peers)
{
    const struct machine_service *s
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

    const char *acked = *error ? "" : hold ? row->acked : row->revision;
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
