/* SPDX-License-Identifier: Apache-2.0 */

/* A small world that changes at random, for test-plan-sim.c. */

#include <config.h>

#include "tests/plan-sim.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "util.h"

#define N_NODES 5
#define N_SERVICES 6
#define N_PODS 8                /* On each node. */

/* Which addresses each service has: services may exchange them. */
static int slots[N_SERVICES];

/* A generator of our own (xorshift32): a seed means the same everywhere. */
static uint32_t random_state;

unsigned int
sim_below(unsigned int n)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state % n;
}

bool
sim_one_in(unsigned int n)
{
    return sim_below(n) == 0;
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
    if (!sim_one_in(4)) {
        ds_put_cstr(&s, "    vrf: \"true\"\n");
    }
    if (sim_one_in(8)) {
        ds_put_cstr(&s, "    node.kubernetes.io/exclude-from-external-"
                    "load-balancers: \"\"\n");
    }
    if (sim_one_in(6)) {
        ds_put_cstr(&s, "spec:\n  unschedulable: true\n");
    }
    ds_put_format(&s, "status:\n  conditions:\n"
                  "  - {type: Ready, status: \"%s\"}\n"
                  "  addresses:\n  - {type: InternalIP, address: 172.18.0.%d}"
                  "\n", sim_one_in(5) ? "False" : "True", 10 + i);
    world_apply_text(w, ds_cstr(&s), "node");
    ds_destroy(&s);
}

static void
change_egress_service(struct world *w, int i, bool by_network)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_format(&s, "apiVersion: k8s.ovn.org/v1\nkind: EgressService\n"
                  "metadata:\n  name: s%d\n  namespace: ns\nspec:\n"
                  "  sourceIPBy: %s\n", i,
                  by_network ? "Network" : "LoadBalancerIP");
    if (!sim_one_in(3)) {
        ds_put_cstr(&s, "  nodeSelector:\n    matchLabels:\n");
        if (sim_one_in(12)) {
            ds_put_cstr(&s, "      no: node\n");
        } else if (sim_one_in(3)) {
            ds_put_format(&s, "      kubernetes.io/hostname: host%d\n",
                          sim_below(N_NODES));
        } else {
            ds_put_cstr(&s, "      vrf: \"true\"\n");
        }
    }
    ds_put_format(&s, "  network: \"%d\"\n", 2 + sim_below(2));
    if (sim_one_in(4)) {
        ds_put_format(&s, "status: {host: n%d}\n", sim_below(N_NODES));
    }
    world_apply_text(w, ds_cstr(&s), "egress-service");
    ds_destroy(&s);
}

static void
change_service(struct world *w, int i)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    bool local = sim_one_in(4);

    ds_put_format(&s, "apiVersion: v1\nkind: Service\nmetadata:\n"
                  "  name: s%d\n  namespace: ns\nspec:\n"
                  "  type: %s\n  clusterIP: 10.96.0.%d\n"
                  "  clusterIPs: [10.96.0.%d]\n"
                  "  externalTrafficPolicy: %s\n"
                  "  ports:\n  - {port: 80, protocol: TCP, nodePort: %d}\n",
                  i, sim_one_in(12) ? "NodePort" : "LoadBalancer", i + 1,
                  i + 1, local ? "Local" : "Cluster", 30000 + i);
    if (!sim_one_in(8)) {
        ds_put_cstr(&s, "status:\n  loadBalancer:\n    ingress:\n");
        if (!sim_one_in(6)) {
            ds_put_format(&s, "    - ip: 5.5.5.%d\n",
                          slots[i] * 4 + sim_below(2));
        }
        if (sim_one_in(2)) {
            ds_put_format(&s, "    - ip: fd00:5::%d\n", slots[i] + 1);
        }
        if (sim_one_in(10)) {
            ds_put_cstr(&s, "    - hostname: a.example.org\n");
        }
        if (sim_one_in(4)) {
            ds_put_cstr(&s, "    - ip: 5.5.6.1\n");
        }
    }
    world_apply_text(w, ds_cstr(&s), "service");
    ds_destroy(&s);
}

/* Gives service 'i' other endpoints; pods may be those of another service. */
static void
change_slice(struct world *w, int i)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    bool v6 = sim_one_in(3);
    int n = sim_below(6);

    ds_put_format(&s, "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\n"
                  "metadata:\n  name: s%d-%s\n  namespace: ns\n  labels:\n"
                  "    kubernetes.io/service-name: s%d\n"
                  "addressType: %s\nports:\n- {port: 8080, protocol: TCP}\n"
                  "endpoints:%s\n", i, v6 ? "v6" : "v4", i,
                  v6 ? "IPv6" : "IPv4", n ? "" : " []");
    for (int j = 0; j < n; j++) {
        int node = sim_below(N_NODES);

        ds_put_cstr(&s, "- addresses: [");
        if (!v6 && sim_one_in(10)) {
            ds_put_format(&s, "172.18.0.%d", 10 + node);
        } else {
            put_address(&s, v6, node, sim_below(N_PODS));
        }
        ds_put_cstr(&s, "]\n");
        if (!sim_one_in(5)) {
            ds_put_format(&s, "  nodeName: n%d\n", node);
        }
        ds_put_format(&s, "  conditions: {ready: %s}\n",
                      sim_one_in(4) ? "false" : "true");
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

/* Other things. */

static void
exchange_addresses(struct world *w, int i, int j)
{
    int slot = slots[i];

    slots[i] = slots[j];
    slots[j] = slot;
    change_service(w, i);
    change_service(w, j);
}

/* Returns the number of the host of service 'i', or of some node. */
static int
find_host(const struct world *w, int i)
{
    char *id = xasprintf("EgressService ns/s%d", i);
    const struct plan_prior_status *st
        = shash_find_data(&w->prior.status, id);
    const char *host = st ? smap_get_def(&st->status, "host", "") : "";

    free(id);
    return (host[0] == 'n' && !sim_one_in(4) ? host[1] - '0'
            : sim_below(N_NODES));
}

/* Another owner steers a pod, or has a policy in our place, or does not any
 * more. */
static void
change_foreign(struct world *w)
{
    struct plan_nb *nb = &w->nb;
    bool steers = !sim_one_in(3);
    int service = sim_below(N_SERVICES);

    w->changes.all = true;
    if (nb->n_foreign > 3 || (nb->n_foreign && sim_one_in(3))) {
        struct plan_nb_policy *p = &nb->foreign[--nb->n_foreign];

        free(p->match);
        free(p->action);
        free(p->next_hop);
        free(p->egress_svc);
        return;
    }

    char *match = (steers ? xasprintf("ip4.src == 10.244.%d.%d",
                                      sim_below(N_NODES),
                                      10 + sim_below(N_PODS))
                   : xstrdup(sim_one_in(2) ? "pkt.mark == 42"
                             : "ip4.src == $egress_n1_v4"));
    int64_t priority = steers || match[0] == 'i' ? 101 : 102;
    for (size_t i = 0; i < nb->n_foreign; i++) {
        if (!strcmp(nb->foreign[i].match, match)) {
            free(match);
            return;
        }
    }
    nb->foreign = xrealloc(nb->foreign,
                           (nb->n_foreign + 1) * sizeof *nb->foreign);
    nb->foreign[nb->n_foreign++] = (struct plan_nb_policy) {
        .priority = priority,
        .match = match,
        .action = xstrdup(steers ? "reroute" : "allow"),
        .next_hop = (steers
                     ? xasprintf("10.244.%d.2",
                                 find_host(w, service))
                     : xstrdup("")),
        .egress_svc = (steers && !sim_one_in(4)
                       ? xasprintf("ns/s%d%s", service,
                                   sim_one_in(4) ? ":ic" : "")
                       : xstrdup("")),
    };
    world_sort_foreign(nb);
}

/* The agent starts again: it does not know what OVN has taken in. */
static void
restart(struct world *w)
{
    struct shash_node *sn, *next;

    SHASH_FOR_EACH_SAFE (sn, next, &w->prior.unconfirmed) {
        plan_prior_confirm(&w->prior, sn->name);
    }
    w->prior.all_unconfirmed = true;
    w->changes.all = true;
}

static void
change_option(struct world *w)
{
    smap_replace(&w->options, "on-no-host", sim_one_in(2) ? "drop" : "allow");
    w->changes.all = true;
}

/* A session comes up or goes down, or FRR does not advertise what it
 * should. */
static void
change_session(struct world *w, const char *node)
{
    static const char *const states[] = {
        "Established", "Established", "Active", "Established mute"
    };

    world_session(w, node, sim_one_in(2) ? "m/r" : "m/t",
                  states[sim_below(ARRAY_SIZE(states))]);
}

void
sim_change(struct world *w)
{
    int i = sim_below(N_SERVICES);
    int n = sim_below(N_NODES);
    char *node = xasprintf("n%d", n);

    switch (sim_below(24)) {
    case 0: case 1:
        change_node(w, n);
        break;
    case 2:
        if (sim_one_in(3)) {
            delete_object(w, "Node", node);
        }
        break;
    case 3: case 4:
        change_egress_service(w, i, sim_one_in(8));
        break;
    case 5:
        if (sim_one_in(2)) {
            delete_service_object(w, "EgressService", i);
        }
        break;
    case 6:
        change_service(w, i);
        break;
    case 7:
        if (sim_one_in(4)) {
            delete_service_object(w, "Service", i);
        }
        break;
    case 8: case 9: case 10:
        change_slice(w, i);
        break;
    case 11:
        world_helper(w, node)->alive = !sim_one_in(4);
        break;
    case 12:
        world_ack(w, node, "", sim_one_in(4) ? "it failed" : NULL);
        break;
    case 13:
        w->ovn_is_slow = !sim_one_in(3);
        break;
    case 14:
        world_run_ovn(w, sim_one_in(2));
        break;
    case 15:
        change_egress_service(w, i, sim_one_in(2));
        break;
    case 16:
        exchange_addresses(w, i, sim_below(N_SERVICES));
        break;
    case 17:
        change_foreign(w);
        break;
    case 18:
        if (sim_one_in(2)) {
            restart(w);
        }
        break;
    case 19:
        change_option(w);
        break;
    case 20:
        change_session(w, node);
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

/* Adds peers: one is told all that is in pools; the other, if 'by_label', the
 * network of what is on the nodes that have the label of a service. */
static void
add_peers(struct world *w, bool by_label)
{
    world_apply_text(
        w, "apiVersion: metallb.io/v1beta1\nkind: IPAddressPool\n"
        "metadata: {name: q, namespace: m}\n"
        "spec: {addresses: [5.5.0.0/21], autoAssign: false}\n"
        "---\napiVersion: metallb.io/v1beta2\nkind: BGPPeer\n"
        "metadata: {name: r, namespace: m}\n"
        "spec: {myASN: 64512, peerASN: 64513, peerAddress: 172.18.0.1}\n"
        "---\napiVersion: metallb.io/v1beta1\nkind: BGPAdvertisement\n"
        "metadata: {name: a, namespace: m}\n"
        "spec: {peers: [r]}\n", "bgp");
    world_apply_text(
        w, "apiVersion: metallb.io/v1beta2\nkind: BGPPeer\n"
        "metadata: {name: t, namespace: m}\n"
        "spec: {myASN: 64512, peerASN: 64514, peerAddress: 172.18.0.2}\n",
        "bgp-2");
    for (int i = 0; i < N_SERVICES && by_label; i++) {
        char *text = xasprintf(
            "apiVersion: metallb.io/v1beta1\nkind: BGPAdvertisement\n"
            "metadata: {name: s%d, namespace: m}\nspec:\n  peers: [t]\n"
            "  ipAddressPools: [q]\n  aggregationLength: %d\n"
            "  nodeSelectors:\n  - matchLabels: "
            "{egress-service.k8s.ovn.org/ns-s%d: \"\"}\n", i, 30 - i % 2 * 6,
            i);
        world_apply_text(w, text, "bgp-3");
        free(text);
    }
}

/* Adds a pool that has too few addresses for Services without one. */
static void
add_pools(struct world *w)
{
    world_apply_text(w, "apiVersion: metallb.io/v1beta1\n"
                     "kind: IPAddressPool\n"
                     "metadata: {name: p, namespace: m}\n"
                     "spec: {addresses: [5.5.7.0/31]}\n", "pool");
}
void
sim_make_world(struct world *w, unsigned int seed)
{
    bool remote = seed % 4 == 3;

    random_state = 2654435761u * (seed + 1);
    for (int i = 0; i < N_SERVICES; i++) {
        slots[i] = i;
    }
    world_init(w);
    smap_add(&w->options, "set-size", seed % 2 ? "2" : "1000");
    smap_add(&w->options, "layout", seed % 5 == 4 ? "endpoint" : "node");
    smap_add(&w->options, "newest-by", seed % 2 ? "as-path" : "med");
    smap_add(&w->options, "on-no-host", seed % 3 == 2 ? "drop" : "allow");
    smap_add(&w->options, "gateway-mode", seed % 7 == 6 ? "shared" : "local");
    smap_add(&w->options, "zone", remote ? "one" : "");
    w->nb.has_router = true;
    for (int f = 0; f < IP_N_FAMILIES; f++) {
        w->nb.has_default[f] = true;
    }
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
            ovs_assert(ip_addr_parse(transit4, &node->transit_ips[IP_V4]));
            ovs_assert(ip_addr_parse(transit6, &node->transit_ips[IP_V6]));
            free(transit4);
            free(transit6);
        }
        node->switch_name = xstrdup(node->name);
        node->gateway_router = xasprintf("GR_n%d", i);
        add_prefix(&node->subnets, &node->n_subnets, subnet4);
        add_prefix(&node->subnets, &node->n_subnets, subnet6);
        ovs_assert(ip_addr_parse(join4, &node->join_ips[IP_V4]));
        ovs_assert(ip_addr_parse(join6, &node->join_ips[IP_V6]));
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
    if (seed % 3) {
        add_pools(w);
    }
    if (seed % 3 == 2) {
        add_peers(w, seed % 2);
    }
    for (int i = 0; i < N_SERVICES; i++) {
        change_service(w, i);
        change_slice(w, i);
        change_egress_service(w, i, sim_one_in(8));
    }
}
