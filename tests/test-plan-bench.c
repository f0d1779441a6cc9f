/* SPDX-License-Identifier: Apache-2.0 */

/* "ovn-egress-test plan-bench SERVICES ENDPOINTS NODES": how long plan_build()
 * takes for a cluster of that size, from scratch, at rest, when a node dies,
 * and plan_update() when one service changes; to be read by people.
 * "plan-options KEY=VALUE..." prints options. */

#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "openvswitch/dynamic-string.h"
#include "plan/plan.h"
#include "tests/egress-test.h"
#include "tests/plan-world.h"
#include "util.h"

/* Makes node 'i' with a subnet of its own. */
static void
add_node(struct world *w, int i, struct ds *yaml)
{
    struct plan_nb_node *node = xzalloc(sizeof *node);
    char *subnet = xasprintf("10.%d.%d.0/24", 64 + i / 256, i % 256);

    node->name = xasprintf("node%d", i);
    node->local = true;
    node->switch_name = xstrdup(node->name);
    node->gateway_router = xstrdup("");
    node->n_subnets = 1;
    node->subnets = xmalloc(sizeof *node->subnets);
    ovs_assert(ip_prefix_parse(subnet, node->subnets, NULL));
    w->nb.networks = xrealloc(w->nb.networks, (w->nb.n_networks + 1)
                              * sizeof *w->nb.networks);
    w->nb.networks[w->nb.n_networks++] = *node->subnets;
    shash_add(&w->nb.nodes, node->name, node);
    world_helper(w, node->name);
    ds_put_format(yaml, "---\n{apiVersion: v1, kind: Node, metadata: "
                  "{name: node%d, labels: {egress: \"yes\", "
                  "kubernetes.io/hostname: node%d}}, status: "
                  "{addresses: [{type: InternalIP, address: 172.16.%d.%d}]}}"
                  "\n", i, i, i / 256, i % 256);
    free(subnet);
}

static void
add_service(int i, int n_endpoints, int n_nodes, struct ds *yaml)
{
    ds_put_format(yaml, "---\n{apiVersion: k8s.ovn.org/v1, kind: EgressService"
                  ", metadata: {name: s%d, namespace: ns%d}, spec: "
                  "{nodeSelector: {matchLabels: {egress: \"yes\"}}}}\n", i,
                  i % 100);
    ds_put_format(yaml, "---\n{apiVersion: v1, kind: Service, metadata: "
                  "{name: s%d, namespace: ns%d}, spec: {type: LoadBalancer, "
                  "clusterIP: 10.32.%d.%d, ports: [{port: 80}]}}\n", i,
                  i % 100, i / 250, i % 250);
    ds_put_format(yaml, "---\n{apiVersion: discovery.k8s.io/v1, kind: "
                  "EndpointSlice, metadata: {name: s%d, namespace: ns%d, "
                  "labels: {kubernetes.io/service-name: s%d}}, addressType: "
                  "IPv4, endpoints: [", i, i % 100, i);
    for (int j = 0; j < n_endpoints; j++) {
        int k = i * n_endpoints + j;
        int node = k % n_nodes;
        ds_put_format(yaml, "%s{addresses: [10.%d.%d.%d], nodeName: node%d}",
                      j ? ", " : "", 64 + node / 256, node % 256,
                      3 + k / n_nodes % 250, node);
    }
    ds_put_cstr(yaml, "]}\n");
}

static void
make_world(struct world *w, int n_services, int n_endpoints, int n_nodes)
{
    struct ds yaml = DS_EMPTY_INITIALIZER;

    world_init(w);
    w->nb.has_router = true;
    for (int f = 0; f < IP_N_FAMILIES; f++) {
        w->nb.has_default[f] = true;
    }
    w->nb.cluster_networks = xmalloc(sizeof *w->nb.cluster_networks);
    w->nb.n_cluster_networks = 1;
    ovs_assert(ip_prefix_parse("10.64.0.0/10", w->nb.cluster_networks, NULL));
    for (int i = 0; i < n_nodes; i++) {
        add_node(w, i, &yaml);
    }
    for (int i = 0; i < n_services; i++) {
        add_service(i, n_endpoints, n_nodes, &yaml);
    }
    ds_put_cstr(&yaml, "---\n{apiVersion: metallb.io/v1beta1, kind: "
                "IPAddressPool, metadata: {name: p, namespace: m}, spec: "
                "{addresses: [5.0.0.0/8]}}\n---\n"
                "{apiVersion: metallb.io/v1beta2, kind: BGPPeer, metadata: "
                "{name: r, namespace: m}, spec: {myASN: 64512, peerASN: 64513"
                ", peerAddress: 192.0.2.1}}\n---\n"
                "{apiVersion: metallb.io/v1beta1, kind: BGPAdvertisement, "
                "metadata: {name: a, namespace: m}, spec: {}}\n");
    world_apply_text(w, ds_cstr(&yaml), "bench");
    ds_destroy(&yaml);
}

static void
measure(struct world *w, const char *what)
{
    struct plan plan;
    clock_t start = clock();

    world_plan(w, &plan);
    printf("%-24s %7.1f ms of CPU, %"PRIuSIZE" NB rows, %"PRIuSIZE" work rows"
           "\n", what, (clock() - start) * 1000.0 / CLOCKS_PER_SEC,
           plan.nb.n, plan.work.n);
    world_publish_nb(w, &plan);
    world_publish_work(w, &plan);
    plan_destroy(&plan);
    world_ack(w, "", "", NULL);
}

/* The same update, so many times. */
#define N_UPDATES 20

/* Follows a change of one service. */
static void
measure_update(struct world *w)
{
    struct plan_input in;
    struct plan plan;

    world_get_input(w, &in);
    plan_build(&in, &plan);
    plan_changes_clear(&w->changes);
    sset_add(&w->changes.services, "ns1/s1");

    clock_t start = clock();
    for (int i = 0; i < N_UPDATES; i++) {
        if (!plan_update(&plan, &in, &w->changes)) {
            puts("all services are planned for one");
        }
    }
    printf("%-24s %7.1f ms of CPU, %"PRIuSIZE" services\n", "one service",
           (clock() - start) * 1000.0 / CLOCKS_PER_SEC / N_UPDATES,
           plan.n_planned);
    plan_destroy(&plan);
}

/* Follows a move of one service, until nothing is left to do. */
static void
measure_move(struct world *w)
{
    clock_t used = 0;
    int n_updates = 0;
    int n_whole = 0;
    struct plan_input in;
    struct plan plan;

    world_get_input(w, &in);
    plan_build(&in, &plan);
    plan_changes_clear(&w->changes);
    world_apply_text(w, "{apiVersion: k8s.ovn.org/v1, kind: EgressService, "
                     "metadata: {name: s1, namespace: ns1}, spec: "
                     "{nodeSelector: {matchLabels: "
                     "{kubernetes.io/hostname: node2}}}}\n", "move");
    do {
        world_get_input(w, &in);

        clock_t start = clock();
        n_whole += !plan_update(&plan, &in, &w->changes);
        used += clock() - start;
        n_updates++;
        plan_changes_clear(&w->changes);
        world_publish_nb(w, &plan);
        world_publish_work(w, &plan);
        world_run_ovn(w, true);
        world_ack(w, "", "", NULL);
        sset_clear(&w->changes.nodes);  /* It names all of them. */
    } while (!plan_changes_is_empty(&w->changes));
    printf("%-24s %7.1f ms of CPU, %d updates, %d of them of all\n",
           "one move", used * 1000.0 / CLOCKS_PER_SEC, n_updates, n_whole);
    plan_destroy(&plan);
}

static void
test_plan_bench(struct ovs_cmdl_context *ctx)
{
    struct world w;

    make_world(&w, atoi(ctx->argv[1]), atoi(ctx->argv[2]),
               atoi(ctx->argv[3]));
    measure(&w, "from scratch");
    measure(&w, "all acknowledged");
    measure(&w, "all steered");
    measure(&w, "all active");
    measure(&w, "at rest");
    measure_update(&w);
    measure_move(&w);
    world_helper(&w, "node1")->alive = false;
    measure(&w, "a node died");
    measure(&w, "new hosts ready");
    world_destroy(&w);
}

EGRESS_TEST("plan-bench", "SERVICES ENDPOINTS NODES", 3, 3, test_plan_bench)

static void
test_plan_options(struct ovs_cmdl_context *ctx)
{
    struct intent_problems problems = INTENT_PROBLEMS_INITIALIZER;
    struct smap options = SMAP_INITIALIZER(&options);
    struct plan_options o;

    for (int i = 1; i < ctx->argc; i++) {
        char *value = strchr(ctx->argv[i], '=');
        *value = '\0';
        smap_add(&options, ctx->argv[i], value + 1);
    }
    plan_options_init(&o, &options, &problems);
    for (size_t i = 0; i < problems.n; i++) {
        char *s = intent_problem_to_string(&problems.items[i]);
        puts(s);
        free(s);
    }
    smap_clear(&options);
    plan_options_format(&o, &options);
    const struct smap_node **nodes = smap_sort(&options);
    for (size_t i = 0; i < smap_count(&options); i++) {
        printf("%s=%s\n", nodes[i]->key, nodes[i]->value);
    }
    free(nodes);
    smap_destroy(&options);
    plan_options_destroy(&o);
    intent_problems_destroy(&problems);
}

EGRESS_TEST("plan-options", "KEY=VALUE...", 0, INT_MAX, test_plan_options)
