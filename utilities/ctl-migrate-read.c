/* SPDX-License-Identifier: Apache-2.0 */

/* What ovn-kubernetes has for its own EgressService: see the header. */

#include <config.h>
#include "utilities/ctl-migrate.h"

#include <stdlib.h>
#include <string.h>

#include "smap.h"
#include "util.h"

#include "ovsdb/egress-idl.h"
#include "ovsdb/nb-idl.h"
#include "ovsdb/nb-routes.h"
#include "plan/rows/policy-source.h"
#include "plan/rows/row.h"
#include "utilities/ctl-object.h"
#include "utilities/ctl-observe.h"
#include "utilities/ctl-session.h"

#define OWNER_TYPE "k8s.ovn.org/owner-type"
#define SET_NAME "k8s.ovn.org/name"

/* What we read from. */
struct reading {
    const struct observation *o;
    const struct svec *only;
    struct shash planned;       /* "ns/name IP" to the node's name. */
    struct migration *m;
};

bool
migrate_is_theirs(const struct nbrec_logical_router_policy *p)
{
    return (p->priority == POLICY_STEER && !nb_is_ours(&p->external_ids)
            && smap_get(&p->external_ids, "EgressSVC"));
}

/* Returns the row of the EgressService 'key', or NULL. */
static const struct egressrec_object *
find_object(const char *key)
{
    const char *slash = strchr(key, '/');
    char *namespace = xmemdup0(key, slash ? slash - key : 0);
    const struct egressrec_object *row
        = slash ? object_find(INTENT_EGRESS_SERVICE, namespace, slash + 1)
        : NULL;

    free(namespace);
    return row;
}

/* Returns what would be said of the EgressService 'key', or NULL. */
static const struct plan_status *
find_status(const struct observation *o, const char *key)
{
    char *id = xasprintf("EgressService %s", key);
    const struct plan_status *st = shash_find_data(&o->plan.status, id);

    free(id);
    return st;
}

/* Returns the message of the condition 'type' that would be said, or "". */
static const char *
find_message(const struct plan_status *st, const char *type)
{
    for (size_t i = 0; st && i < st->n_conditions; i++) {
        if (!strcmp(st->conditions[i].type, type)) {
            return st->conditions[i].message;
        }
    }
    return "";
}

/* True if the agent says that OVN has processed where all endpoints of 'key'
 * are steered. */
static bool
is_steered(const char *key)
{
    const struct egressrec_object *row = find_object(key);
    struct object_condition c;

    if (!row) {
        return false;
    }
    bool steered = (object_condition_get(row, "Steered", &c)
                    && !strcmp(c.status, "True"));
    object_condition_destroy(&c);
    return steered;
}

/* Returns the name of the node with the next hop 'text', or NULL. */
static const char *
find_node(const struct observation *o, const char *text)
{
    struct in6_addr ip;

    return ip_addr_parse(text, &ip) ? plan_find_node(&o->plan, &ip) : NULL;
}

/* Returns the next hop of 'node' for the address 'text' as text, or NULL; the
 * caller frees it. */
static char *
find_next_hop(const struct observation *o, const char *node, const char *text)
{
    const struct in6_addr *hop
        = plan_find_next_hop(&o->plan, node,
                             strchr(text, ':') ? IP_V6 : IP_V4);
    char buf[IP_STRLEN];

    return hop ? xstrdup(ip_format(hop, buf)) : NULL;
}

/* True if 'text' is of a pod of this zone. */
static bool
is_local(const struct observation *o, const char *text)
{
    struct in6_addr ip;

    return ip_addr_parse(text, &ip) && plan_is_local(&o->plan, &ip);
}

/* Services. */

static struct migrate_service *
get_service(struct reading *r, const char *key)
{
    struct migrate_service *s = shash_find_data(&r->m->services, key);

    if (!s) {
        const struct plan_status *st = find_status(r->o, key);

        s = xzalloc(sizeof *s);
        s->key = xstrdup(key);
        s->there = "";
        s->here = st ? smap_get_def(&st->status, "host", "") : NULL;
        s->label = st ? smap_get_def(&st->status, "label", "") : "";
        shash_add(&r->m->services, key, s);
    }
    return s;
}

bool
migrate_wants(const struct svec *only, const char *key)
{
    return !only->n || svec_contains(only, key);
}

/* Returns the host that the agent chose for the EgressService 'id', or "". */
static const char *
find_chosen_host(const struct observation *o, const char *id)
{
    const struct plan_prior_status *st
        = shash_find_data(&o->in.prior->status, id);

    return st ? smap_get_def(&st->status, "host", "") : "";
}

/* Adds the services to which ovn-kubernetes has given a host, and the agent
 * none yet: later that is history. */
static void
read_objects(struct reading *r)
{
    for (size_t i = 0; i < r->o->in.n_objs; i++) {
        const struct intent_object *obj = r->o->in.objs[i];

        if (obj->kind == INTENT_EGRESS_SERVICE
            && *obj->egress_service.status_host
            && !*find_chosen_host(r->o, intent_object_id(obj))) {
            char *key = xasprintf("%s/%s", obj->namespace, obj->name);

            if (migrate_wants(r->only, key)) {
                get_service(r, key)->there = obj->egress_service.status_host;
            }
            free(key);
        }
    }
}

/* Our endpoints. */

/* Notes the endpoints of a row of Node_Service of the plan. */
static void
read_work(struct reading *r, const struct plan_row *row)
{
    const char *state = plan_row_string(row, "state", "");
    const char *service = plan_row_string(row, "service", "");
    const char *node = plan_row_string(row, "node", "");
    const struct plan_column *c = plan_row_get(row, "endpoints");

    if ((strcmp(state, "active") && strcmp(state, "standby"))
        || !plan_row_has(row, "role", "host")) {
        return;
    }
    for (unsigned int i = 0; c && i < c->datum.n; i++) {
        const char *ip = json_string(c->datum.keys[i].s);
        char *key = xasprintf("%s %s", service, ip);
        const char *steered = shash_find_data(&r->o->in.prior->steered, ip);

        shash_add_once(&r->planned, key, node);
        free(key);
        if (steered && !strcmp(steered, node)
            && migrate_wants(r->only, service)) {
            struct migration *m = r->m;

            if (m->n_endpoints >= m->allocated_endpoints) {
                m->endpoints = x2nrealloc(m->endpoints,
                                          &m->allocated_endpoints,
                                          sizeof *m->endpoints);
            }
            m->endpoints[m->n_endpoints++] = (struct migrate_endpoint) {
                .service = xstrdup(service),
                .ip = ip,
                .node = node,
                .next_hop = find_next_hop(r->o, node, ip),
                .local = is_local(r->o, ip),
                .settled = is_steered(service),
            };
        }
    }
}

static void
read_endpoints(struct reading *r)
{
    const struct plan_rows *rows = &r->o->plan.work;

    for (size_t i = 0; i < rows->n; i++) {
        if (!strcmp(rows->rows[i]->table, "Node_Service")) {
            read_work(r, rows->rows[i]);
        }
    }
}

/* Their policies. */

static void
judge(struct reading *r, struct migrate_policy *p)
{
    const struct plan_status *st = find_status(r->o, p->service);
    const char *host = st ? smap_get_def(&st->status, "host", "") : "";
    char *key = xasprintf("%s %s", p->service, p->ip);
    const char *planned = shash_find_data(&r->planned, key);
    const char *steered = shash_find_data(&r->o->in.prior->steered, p->ip);

    free(key);
    p->verdict = MIGRATE_LEAVES;
    if (!st) {
        p->why = xstrdup("there is no such EgressService in OVN_Egress");
    } else if (!*host) {
        p->why = xasprintf("no host: %s", find_message(st, "HostSelected"));
    } else if (!p->node || strcmp(host, p->node)) {
        p->verdict = MIGRATE_MOVES;
        p->why = xasprintf("goes to %s", host);
    } else if (!planned) {
        p->why = xstrdup("no endpoint that ovn-egress serves");
    } else if (steered && !strcmp(steered, p->node)
               && is_steered(p->service)) {
        p->verdict = MIGRATE_SAME;
    } else {
        const char *message = find_message(st, "HostProgrammed");

        p->verdict = MIGRATE_WAITS;
        p->why = xasprintf("not in effect yet%s%s", *message ? ": " : "",
                           message);
    }
}

static void
add_policy(struct reading *r, const struct nbrec_logical_router_policy *row)
{
    const char *owner = smap_get(&row->external_ids, "EgressSVC");
    char *key = xmemdup0(owner, strcspn(owner, ":"));
    struct in6_addr ip;

    if (!migrate_wants(r->only, key)
        || !policy_source_parse(row->match, &ip)) {
        free(key);
        return;
    }

    struct migrate_policy *p = &r->m->policies[r->m->n_policies++];

    *p = (struct migrate_policy) { .row = row, .service = key };
    ip_format(&ip, p->ip);
    p->node = row->n_nexthops == 1 ? find_node(r->o, row->nexthops[0]) : NULL;
    judge(r, p);
    r->m->counts[p->verdict]++;
}

static int
compare_policies(const void *a_, const void *b_)
{
    const struct migrate_policy *a = a_;
    const struct migrate_policy *b = b_;
    int cmp = strcmp(a->service, b->service);

    return cmp ? cmp : strcmp(a->ip, b->ip);
}

/* Sums up, for each service, what was found of its policies. */
static void
sum_up(struct reading *r)
{
    for (size_t i = 0; i < r->m->n_policies; i++) {
        const struct migrate_policy *p = &r->m->policies[i];
        struct migrate_service *s = get_service(r, p->service);

        if (!s->n_policies) {
            s->there = (p->node ? p->node
                        : p->row->n_nexthops ? p->row->nexthops[0] : "");
        }
        if (!s->n_policies || p->verdict > s->worst) {
            s->worst = p->verdict;
            s->why = p->why;
        }
        s->n_policies++;
    }
}

static void
read_policies(struct reading *r)
{
    const struct nbrec_logical_router *lr = r->m->router;

    r->m->policies = xmalloc((lr->n_policies + 1) * sizeof *r->m->policies);
    for (size_t i = 0; i < lr->n_policies; i++) {
        const struct nbrec_logical_router_policy *row = lr->policies[i];

        if (migrate_is_theirs(row)) {
            add_policy(r, row);
        } else if (row->priority == POLICY_ALLOW
                   && smap_get(&row->external_ids, OWNER_TYPE)) {
            r->m->n_allows++;
        }
    }
    if (r->m->n_policies) {
        qsort(r->m->policies, r->m->n_policies, sizeof *r->m->policies,
              compare_policies);
    }
    sum_up(r);
}

/* Finds for each of our endpoints the policy that ovn-kubernetes has. */
static void
match_endpoints(struct migration *m)
{
    struct shash by_ip = SHASH_INITIALIZER(&by_ip);

    for (size_t i = 0; i < m->n_policies; i++) {
        shash_add_once(&by_ip, m->policies[i].ip, &m->policies[i]);
    }
    for (size_t i = 0; i < m->n_endpoints; i++) {
        struct migrate_endpoint *e = &m->endpoints[i];
        const struct migrate_policy *p = shash_find_data(&by_ip, e->ip);

        if (p && p->node && !strcmp(p->node, e->node)
            && !strcmp(p->service, e->service)) {
            e->twin = p;
        } else {
            e->other = p;
        }
    }
    shash_destroy(&by_ip);
}

static void
read_sets(struct migration *m)
{
    const struct nbrec_address_set *as;
    size_t allocated = 0;

    NBREC_ADDRESS_SET_FOR_EACH (as, session_northbound()) {
        if (!strcmp(smap_get_def(&as->external_ids, OWNER_TYPE, ""),
                    "EgressService")
            && !strcmp(smap_get_def(&as->external_ids, SET_NAME, ""),
                       "egresssvc-served-pods")) {
            if (m->n_sets >= allocated) {
                m->sets = x2nrealloc(m->sets, &allocated, sizeof *m->sets);
            }
            m->sets[m->n_sets++] = as;
        }
    }
}

void
migration_read(const struct observation *o, const struct svec *only,
               struct migration *m)
{
    struct reading r = {
        .o = o, .only = only, .m = m,
        .planned = SHASH_INITIALIZER(&r.planned),
    };
    const struct nbrec_logical_router *lr;

    *m = (struct migration) { .n_policies = 0 };
    shash_init(&m->services);
    NBREC_LOGICAL_ROUTER_FOR_EACH (lr, session_northbound()) {
        if (!strcmp(lr->name, o->options.router)) {
            m->router = lr;
        }
    }
    read_objects(&r);
    read_endpoints(&r);
    if (m->router) {
        read_policies(&r);
    }
    match_endpoints(m);
    read_sets(m);
    shash_destroy(&r.planned);
}

void
migration_destroy(struct migration *m)
{
    struct shash_node *sn;

    for (size_t i = 0; i < m->n_policies; i++) {
        free(m->policies[i].service);
        free(m->policies[i].why);
    }
    free(m->policies);
    for (size_t i = 0; i < m->n_endpoints; i++) {
        free(m->endpoints[i].service);
        free(m->endpoints[i].next_hop);
    }
    free(m->endpoints);
    SHASH_FOR_EACH (sn, &m->services) {
        struct migrate_service *s = sn->data;
        free(s->key);
    }
    shash_destroy_free_data(&m->services);
    free(m->sets);
}
