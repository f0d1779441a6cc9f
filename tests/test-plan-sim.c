/* SPDX-License-Identifier: Apache-2.0 */

/* "ovn-egress-test plan-sim SEED STEPS": changes a small world at random,
 * plans, carries the plan out (now and then only in part, or late), lets nodes
 * acknowledge or fail at random, and checks after each step what must hold
 * whatever happens.  Every now and then the changes stop: then the plan must
 * settle, with each service where it belongs. */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "plan/plan.h"
#include "tests/egress-test.h"
#include "tests/plan-world.h"
#include "util.h"

#define N_NODES 5
#define N_SERVICES 6
#define N_PODS 8                /* On each node. */
#define SETTLE_EVERY 25
#define MAX_ROUNDS 14

/* Our own generator (xorshift32), so that a seed means the same everywhere. */
static uint32_t random_state;

/* Returns a number below 'n'. */
static unsigned int
below(unsigned int n)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state % n;
}

static bool
one_in(unsigned int n)
{
    return below(n) == 0;
}

/* Random manifests. */

static void
put_address(struct ds *s, bool v6, int node, int pod)
{
    ds_put_format(s, v6 ? "\"fd01:0:0:%d::%d\"" : "10.244.%d.%d", node,
                  10 + pod);
}

static void
change_node(struct world *w, int i)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_format(&s, "apiVersion: v1\nkind: Node\nmetadata:\n"
                  "  name: n%d\n  labels:\n"
                  "    kubernetes.io/hostname: host%d\n", i, i);
    if (!one_in(4)) {
        ds_put_cstr(&s, "    vrf: \"true\"\n");
    }
    if (one_in(8)) {
        ds_put_cstr(&s, "    node.kubernetes.io/exclude-from-external-"
                    "load-balancers: \"\"\n");
    }
    if (one_in(6)) {
        ds_put_cstr(&s, "spec:\n  unschedulable: true\n");
    }
    ds_put_format(&s, "status:\n  conditions:\n"
                  "  - {type: Ready, status: \"%s\"}\n"
                  "  addresses:\n  - {type: InternalIP, address: 172.18.0.%d}"
                  "\n", one_in(5) ? "False" : "True", 10 + i);
    world_apply_text(w, ds_cstr(&s), "node");
    ds_destroy(&s);
}

static void
change_egress_service(struct world *w, int i)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_format(&s, "apiVersion: k8s.ovn.org/v1\nkind: EgressService\n"
                  "metadata:\n  name: s%d\n  namespace: ns\nspec:\n"
                  "  sourceIPBy: %s\n", i,
                  one_in(8) ? "Network" : "LoadBalancerIP");
    if (!one_in(3)) {
        ds_put_cstr(&s, "  nodeSelector:\n    matchLabels:\n");
        if (one_in(3)) {
            ds_put_format(&s, "      kubernetes.io/hostname: host%d\n",
                          below(N_NODES));
        } else {
            ds_put_cstr(&s, "      vrf: \"true\"\n");
        }
    }
    ds_put_format(&s, "  network: \"%d\"\n", 2 + below(2));
    world_apply_text(w, ds_cstr(&s), "egress-service");
    ds_destroy(&s);
}

static void
change_service(struct world *w, int i)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    bool local = one_in(4);

    ds_put_format(&s, "apiVersion: v1\nkind: Service\nmetadata:\n"
                  "  name: s%d\n  namespace: ns\nspec:\n"
                  "  type: %s\n  clusterIP: 10.96.0.%d\n"
                  "  clusterIPs: [10.96.0.%d]\n"
                  "  externalTrafficPolicy: %s\n"
                  "  ports:\n  - {port: 80, protocol: TCP, nodePort: %d}\n",
                  i, one_in(12) ? "NodePort" : "LoadBalancer", i + 1, i + 1,
                  local ? "Local" : "Cluster", 30000 + i);
    if (!one_in(8)) {
        ds_put_cstr(&s, "status:\n  loadBalancer:\n    ingress:\n");
        if (!one_in(6)) {
            ds_put_format(&s, "    - ip: 5.5.5.%d\n", i * 4 + below(2));
        }
        if (one_in(2)) {
            ds_put_format(&s, "    - ip: fd00:5::%d\n", i + 1);
        }
        if (one_in(10)) {
            ds_put_cstr(&s, "    - hostname: a.example.org\n");
        }
        ds_put_cstr(&s, "    - ip: 5.5.6.1\n");
    }
    world_apply_text(w, ds_cstr(&s), "service");
    ds_destroy(&s);
}

/* Gives service 'i' other endpoints; pods may be those of another service. */
static void
change_slice(struct world *w, int i)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    bool v6 = one_in(3);
    int n = below(6);

    ds_put_format(&s, "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\n"
                  "metadata:\n  name: s%d-%s\n  namespace: ns\n  labels:\n"
                  "    kubernetes.io/service-name: s%d\n"
                  "addressType: %s\nports:\n- {port: 8080, protocol: TCP}\n"
                  "endpoints:%s\n", i, v6 ? "v6" : "v4", i,
                  v6 ? "IPv6" : "IPv4", n ? "" : " []");
    for (int j = 0; j < n; j++) {
        int node = below(N_NODES);

        ds_put_cstr(&s, "- addresses: [");
        if (!v6 && one_in(10)) {
            ds_put_format(&s, "172.18.0.%d", 10 + node);
        } else {
            put_address(&s, v6, node, below(N_PODS));
        }
        ds_put_cstr(&s, "]\n");
        if (!one_in(5)) {
            ds_put_format(&s, "  nodeName: n%d\n", node);
        }
        ds_put_format(&s, "  conditions: {ready: %s}\n",
                      one_in(4) ? "false" : "true");
    }
    world_apply_text(w, ds_cstr(&s), "slice");
    ds_destroy(&s);
}

static void
delete_object(struct world *w, const char *kind, const char *name)
{
    char *id = xasprintf("%s %s", kind, name);

    world_delete(w, id);
    free(id);
}

static void
delete_service_object(struct world *w, const char *kind, int i)
{
    char *name = xasprintf("ns/s%d", i);

    delete_object(w, kind, name);
    free(name);
}

/* Makes one random change, of manifests, helpers or acknowledgements. */
static void
change(struct world *w)
{
    int i = below(N_SERVICES);
    int n = below(N_NODES);
    char *node = xasprintf("n%d", n);

    switch (below(15)) {
    case 0: case 1:
        change_node(w, n);
        break;
    case 2:
        if (one_in(3)) {
            delete_object(w, "Node", node);
        }
        break;
    case 3: case 4:
        change_egress_service(w, i);
        break;
    case 5:
        if (one_in(2)) {
            delete_service_object(w, "EgressService", i);
        }
        break;
    case 6:
        change_service(w, i);
        break;
    case 7:
        if (one_in(4)) {
            delete_service_object(w, "Service", i);
        }
        break;
    case 8: case 9: case 10:
        change_slice(w, i);
        break;
    case 11:
        world_helper(w, node)->alive = !one_in(4);
        break;
    case 12:
        world_ack(w, node, "", one_in(4) ? "it failed" : NULL);
        break;
    default:
        world_ack(w, node, "", NULL);
        break;
    }
    free(node);
}

/* Topology. */

static void
add_prefix(struct ip_prefix **prefixes, size_t *n, const char *s)
{
    *prefixes = xrealloc(*prefixes, (*n + 1) * sizeof **prefixes);
    ovs_assert(ip_prefix_parse(s, &(*prefixes)[(*n)++], NULL));
}

static void
make_world(struct world *w, unsigned int seed)
{
    bool remote = seed % 4 == 3;

    world_init(w);
    smap_add(&w->options, "set-size", seed % 2 ? "2" : "1000");
    smap_add(&w->options, "layout", seed % 5 == 4 ? "endpoint" : "node");
    smap_add(&w->options, "on-no-host", seed % 3 == 2 ? "drop" : "allow");
    smap_add(&w->options, "gateway-mode", seed % 7 == 6 ? "shared" : "local");
    smap_add(&w->options, "zone", remote ? "one" : "");
    w->nb.has_router = true;
    add_prefix(&w->nb.cluster_networks, &w->nb.n_cluster_networks,
               "10.244.0.0/16");
    add_prefix(&w->nb.networks, &w->nb.n_networks, "100.64.0.0/16");
    add_prefix(&w->nb.networks, &w->nb.n_networks, "fd98::/64");
    add_prefix(&w->nb.networks, &w->nb.n_networks, "100.88.0.0/16");
    add_prefix(&w->nb.networks, &w->nb.n_networks, "fd97::/64");
    for (int i = 0; i < N_NODES; i++) {
        struct plan_nb_node *node = xzalloc(sizeof *node);
        char *subnet4 = xasprintf("10.244.%d.0/24", i);
        char *subnet6 = xasprintf("fd01:0:0:%d::/64", i);
        char *join4 = xasprintf("100.64.0.%d", i + 2);
        char *join6 = xasprintf("fd98::%d", i + 2);

        node->name = xasprintf("n%d", i);
        node->local = !remote || i < 2;
        if (remote) {
            char *transit4 = xasprintf("100.88.0.%d", i + 2);
            char *transit6 = xasprintf("fd97::%d", i + 2);
            ovs_assert(ip_parse(transit4, &node->transit_ips[IP_V4]));
            ovs_assert(ip_parse(transit6, &node->transit_ips[IP_V6]));
            free(transit4);
            free(transit6);
        }
        node->switch_name = xstrdup(node->name);
        node->gateway_router = xasprintf("GR_n%d", i);
        add_prefix(&node->subnets, &node->n_subnets, subnet4);
        add_prefix(&node->subnets, &node->n_subnets, subnet6);
        ovs_assert(ip_parse(join4, &node->join_ips[IP_V4]));
        ovs_assert(ip_parse(join6, &node->join_ips[IP_V6]));
        add_prefix(&w->nb.networks, &w->nb.n_networks, subnet4);
        add_prefix(&w->nb.networks, &w->nb.n_networks, subnet6);
        shash_add(&w->nb.nodes, node->name, node);
        free(subnet4);
        free(subnet6);
        free(join4);
        free(join6);
        change_node(w, i);
        world_helper(w, node->name);
    }
    for (int i = 0; i < N_SERVICES; i++) {
        change_service(w, i);
        change_slice(w, i);
        change_egress_service(w, i);
    }
}

/* What must hold. */

#define MUST(CONDITION, ...)                                            \
    do {                                                                \
        if (!(CONDITION)) {                                             \
            fail(w, plan, #CONDITION, __VA_ARGS__);                     \
        }                                                               \
    } while (0)

OVS_NO_RETURN OVS_PRINTF_FORMAT(4, 5) static void
fail(const struct world *w, const struct plan *plan, const char *condition,
     const char *format, ...)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    struct shash_node *sn;
    va_list args;

    SHASH_FOR_EACH (sn, &w->prior.services) {
        const struct plan_prior_work *p = sn->data;
        ds_put_format(&s, "before: %s %s%s %s", sn->name, p->state,
                      strcmp(p->acked, p->revision) ? "" : " acked",
                      p->error);
        const char **eps = sset_sort(&p->endpoints);
        for (size_t i = 0; i < sset_count(&p->endpoints); i++) {
            ds_put_format(&s, " %s", eps[i]);
        }
        free(eps);
        ds_put_char(&s, '\n');
    }
    SHASH_FOR_EACH (sn, &w->prior.steered) {
        ds_put_format(&s, "steered: %s to %s\n", sn->name,
                      (char *) sn->data);
    }
    world_format_diff(w, plan, &s);
    fputs(ds_cstr(&s), stderr);
    fprintf(stderr, "failed: %s: ", condition);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    putc('\n', stderr);
    exit(EXIT_FAILURE);
}

static const char *
get(const struct plan_row *row, const char *column)
{
    const struct plan_column *c = plan_row_get(row, column);

    return c && c->datum.n ? c->datum.keys[0].s->string : "";
}

static bool
has(const struct plan_row *row, const char *column, const char *value)
{
    const struct plan_column *c = plan_row_get(row, column);

    for (unsigned int i = 0; c && i < c->datum.n; i++) {
        if (!strcmp(c->datum.keys[i].s->string, value)) {
            return true;
        }
    }
    return false;
}

/* True if a Node_Service row for 'node' in the plan has endpoint 'ip'. */
static bool
is_in_row(const struct plan *plan, const char *node, const char *ip)
{
    for (size_t i = 0; i < plan->work.n; i++) {
        const struct plan_row *row = plan->work.rows[i];
        if (!strcmp(row->table, "Node_Service")
            && !strcmp(get(row, "node"), node)
            && has(row, "endpoints", ip)) {
            return true;
        }
    }
    return false;
}

/* True if 'node' has acknowledged a row, to serve, that has 'ip'. */
static bool
is_acked(const struct world *w, const char *node, const char *ip)
{
    struct shash_node *sn;

    SHASH_FOR_EACH (sn, &w->prior.services) {
        const struct plan_prior_work *p = sn->data;
        if (!strcmp(p->node, node) && sset_contains(&p->endpoints, ip)
            && strcmp(p->state, "draining")
            && !strcmp(p->acked, p->revision) && !*p->error) {
            return true;
        }
    }
    return false;
}

static bool
node_exists(const struct world *w, const char *name)
{
    for (size_t i = 0; i < w->list.n; i++) {
        if (w->list.objs[i]->kind == INTENT_NODE
            && !strcmp(w->list.objs[i]->name, name)) {
            return true;
        }
    }
    return false;
}

/* Checks one address that the plan steers. */
static void
check_steered(const struct world *w, const struct plan *plan, const char *ip,
              const char *node, struct sset *seen)
{
    const char *now = shash_find_data(&w->prior.steered, ip);

    MUST(sset_add(seen, ip), "%s", ip);
    MUST(is_in_row(plan, node, ip), "%s %s", ip, node);
    MUST((now && !strcmp(now, node)) || is_acked(w, node, ip),
         "%s %s", ip, node);
}

static bool
is_of_family(const char *ip, const char *name)
{
    return (strchr(ip, ':') != NULL) == (strstr(name, "_v6") != NULL);
}

static const char *
row_id(const struct plan_row *row, const char *key)
{
    const struct plan_column *c = plan_row_get(row, "external_ids");

    for (unsigned int i = 0; c && i < c->datum.n; i++) {
        if (!strcmp(c->datum.keys[i].s->string, key)) {
            return c->datum.values[i].s->string;
        }
    }
    return NULL;
}

static void
check_nb(const struct world *w, const struct plan *plan)
{
    struct sset seen = SSET_INITIALIZER(&seen);

    for (size_t i = 0; i < plan->nb.n; i++) {
        const struct plan_row *row = plan->nb.rows[i];
        const char *node = row_id(row, "node");

        MUST(!i || strcmp(plan->nb.rows[i - 1]->table, row->table)
             || strcmp(plan->nb.rows[i - 1]->key, row->key), "%s", row->key);
        if (!strcmp(row->table, "Address_Set")) {
            const struct plan_column *c = plan_row_get(row, "addresses");
            for (unsigned int j = 0; j < c->datum.n; j++) {
                const char *ip = c->datum.keys[j].s->string;
                MUST(is_of_family(ip, row->key), "%s %s", ip, row->key);
                if (node) {
                    check_steered(w, plan, ip, node, &seen);
                } else if (strstr(row->key, "unhosted")) {
                    MUST(sset_add(&seen, ip), "%s", ip);
                }
            }
        } else if (!strcmp(row->table, "Logical_Router_Policy")) {
            struct in6_addr ip;
            bool on_link = !*get(row, "nexthops");
            for (size_t j = 0; j < w->nb.n_networks && !on_link; j++) {
                ovs_assert(ip_parse(get(row, "nexthops"), &ip));
                on_link = ip_prefix_contains(&w->nb.networks[j], &ip);
            }
            MUST(on_link, "%s", row->key);
            if (row_id(row, "EgressSVC")) {
                check_steered(w, plan, strstr(get(row, "match"), "== ") + 3,
                              node, &seen);
            }
        }
    }
    sset_destroy(&seen);
}

static void
check_work(const struct world *w, const struct plan *plan)
{
    struct shash_node *sn;
    struct shash active = SHASH_INITIALIZER(&active);

    for (size_t i = 0; i < plan->work.n; i++) {
        const struct plan_row *row = plan->work.rows[i];
        char *revision = plan_row_revision(row, "revision");

        MUST(!strcmp(row->table, "Node")
             || !strcmp(get(row, "revision"), revision), "%s", row->key);
        free(revision);
        MUST(node_exists(w, !strcmp(row->table, "Node")
                         ? row->key : get(row, "node")), "%s", row->key);
        if (!strcmp(get(row, "state"), "active")
            && !strcmp(get(row, "role"), "host")) {
            const struct plan_prior_node *helper
                = shash_find_data(&w->prior.nodes, get(row, "node"));
            const char *name = helper->alive ? get(row, "service") : "";
            void *n = shash_find_data(&active, name);
            shash_replace(&active, name, (void *) ((uintptr_t) n + 1));
        }
    }
    SHASH_FOR_EACH (sn, &active) {
        MUST(!*sn->name || (uintptr_t) sn->data <= 2, "%s", sn->name);
    }
    shash_destroy(&active);

    /* What NB steers now, the node keeps. */
    SHASH_FOR_EACH (sn, &w->prior.steered) {
        MUST(!node_exists(w, sn->data) || is_in_row(plan, sn->data, sn->name)
             || !is_acked(w, sn->data, sn->name),
             "%s %s", sn->name, (char *) sn->data);
    }
}

/* At rest: a service with a host that is programmed has all endpoints there,
 * and is active there alone. */
static void
check_rest(const struct world *w, const struct plan *plan)
{
    struct shash_node *sn;

    SHASH_FOR_EACH (sn, &plan->status) {
        const struct plan_status *st = sn->data;
        const char *host = smap_get_def(&st->status, "host", "");

        if (st->kind != INTENT_EGRESS_SERVICE || !strcmp(host, "ALL")) {
            continue;
        }
        for (size_t i = 0; i < plan->work.n; i++) {
            const struct plan_row *row = plan->work.rows[i];
            if (!strcmp(row->table, "Node_Service")
                && !strcmp(get(row, "service") + 3, st->name)) {
                const struct plan_prior_node *helper
                    = shash_find_data(&w->prior.nodes, get(row, "node"));
                bool is_host = !strcmp(get(row, "node"), host);
                MUST(!is_host || !strcmp(get(row, "state"), "active"),
                     "%s", row->key);
                MUST(is_host || !helper->alive, "%s", row->key);
            }
        }
        for (size_t i = 0; i < st->n_conditions && *host; i++) {
            const struct plan_condition *c = &st->conditions[i];
            MUST(strcmp(c->type, "Ready") || !strcmp(c->status, "True"),
                 "%s: %s %s", st->id, c->reason, c->message);
        }
    }
}

/* At rest, the agent of a zone that is not the scheduler comes to the same rows
 * of NB. */
static void
check_zone_alone(struct world *w, const struct plan *plan)
{
    struct ds diff = DS_EMPTY_INITIALIZER;
    struct plan alone;

    w->scheduler = false;
    world_plan(w, &alone);
    w->scheduler = true;
    plan_rows_format_diff(&plan->nb, &alone.nb, &diff);
    MUST(!diff.length, "%s", ds_cstr(&diff));
    plan_destroy(&alone);
    ds_destroy(&diff);
}

/* Plans twice; the two must be the same. */
static void
plan_checked(struct world *w, struct plan *plan)
{
    struct ds a = DS_EMPTY_INITIALIZER;
    struct ds b = DS_EMPTY_INITIALIZER;
    struct plan first;

    world_plan(w, &first);
    plan_format(&first, &a);
    plan_destroy(&first);
    world_plan(w, plan);
    plan_format(plan, &b);
    MUST(!strcmp(ds_cstr(&a), ds_cstr(&b)), "not deterministic");
    ds_destroy(&a);
    ds_destroy(&b);
    check_nb(w, plan);
    check_work(w, plan);
}

static void
settle(struct world *w)
{
    for (int i = 0; ; i++) {
        struct ds diff = DS_EMPTY_INITIALIZER;
        struct plan p;
        const struct plan *plan = &p;

        plan_checked(w, &p);
        world_format_diff(w, &p, &diff);
        MUST(i < MAX_ROUNDS, "does not settle: %s", ds_cstr(&diff));
        bool changed = diff.length > 0;
        world_publish_nb(w, &p);
        world_publish_work(w, &p);
        if (!world_ack_alive(w) && !changed) {
            check_rest(w, &p);
            check_zone_alone(w, &p);
            plan_destroy(&p);
            ds_destroy(&diff);
            return;
        }
        plan_destroy(&p);
        ds_destroy(&diff);
    }
}

static void
test_plan_sim(struct ovs_cmdl_context *ctx)
{
    unsigned int seed = atoi(ctx->argv[1]);
    int n_steps = atoi(ctx->argv[2]);
    struct world w;

    random_state = 2654435761u * (seed + 1);
    make_world(&w, seed);
    for (int i = 0; i < n_steps; i++) {
        struct plan plan;

        for (int n = below(3); n >= 0; n--) {
            change(&w);
        }
        plan_checked(&w, &plan);
        if (!one_in(5)) {
            world_publish_nb(&w, &plan);
        }
        if (!one_in(5)) {
            world_publish_work(&w, &plan);
        }
        plan_destroy(&plan);
        if (i % SETTLE_EVERY == SETTLE_EVERY - 1) {
            settle(&w);
        }
    }
    world_destroy(&w);
}

EGRESS_TEST("plan-sim", "SEED STEPS", 2, 2, test_plan_sim)
