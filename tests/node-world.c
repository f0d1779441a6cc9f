/* SPDX-License-Identifier: Apache-2.0 */

/* Random work for a host: see node-world.h. */

#include <config.h>

#include "tests/node-world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "random.h"
#include "util.h"

unsigned int
node_rnd(unsigned int n)
{
    return random_range(n);
}

static const char *
pick(const char *const *words, size_t n)
{
    return words[node_rnd(n)];
}
#define PICK(...) pick((const char *const []) { __VA_ARGS__ },              \
                       ARRAY_SIZE(((const char *const []) { __VA_ARGS__ })))

/* Appends an element of a list. */
static void OVS_PRINTF_FORMAT(2, 3)
element(struct ds *s, const char *format, ...)
{
    va_list args;

    if (s->length && !strchr("[", s->string[s->length - 1])) {
        ds_put_char(s, ',');
    }
    va_start(args, format);
    ds_put_format_valist(s, format, args);
    va_end(args);
}

static void
random_interfaces(struct ds *s, int policy)
{
    static const char *const vrfs[NODE_WORLD_POLICIES] = {
        "red", "blue", "green"
    };
    static const int tables[NODE_WORLD_POLICIES] = { 2, 3, 1004 };

    if (node_rnd(4)) {
        /* The table changes, too, and ports move from one to another. */
        element(s, "{\"name\":\"%s\",\"type\":\"vrf\",\"state\":\"up\","
                "\"vrf\":{\"route-table-id\":%d,\"port\":[",
                vrfs[policy], tables[policy] + (node_rnd(6) ? 0 : 100));
        for (int i = 0; i < 4; i++) {
            if (!node_rnd(3)) {
                element(s, "\"d%d\"", i);
            }
        }
        ds_put_cstr(s, "]}}");
    }
    for (int i = 0; i < 3; i++) {
        if (node_rnd(2)) {
            element(s, "{\"name\":\"d%d\",\"type\":\"ethernet\","
                    "\"state\":\"up\",\"ipv4\":{\"enabled\":true,"
                    "\"address\":[{\"ip\":\"192.0.%d.%d\","
                    "\"prefix-length\":24}]},\"ipv6\":{\"enabled\":true,"
                    "\"address\":[{\"ip\":\"2001:db8:%d::%d\","
                    "\"prefix-length\":64}]}}",
                    i, 10 + i, 1 + node_rnd(3), i, 1 + node_rnd(3));
        }
    }
}

static void
random_routes(struct ds *s)
{
    for (int i = node_rnd(6); i > 0; i--) {
        const char *table = PICK("2", "3", "254", "1004");

        if (node_rnd(2)) {
            element(s, "{\"destination\":\"10.%d.0.0/16\",\"route-type\":"
                    "\"%s\",\"table-id\":%s,\"metric\":%d}", node_rnd(3),
                    PICK("blackhole", "unreachable", "prohibit"), table,
                    node_rnd(2) * 7);
        } else {
            element(s, "{\"destination\":\"%s\",\"next-hop-interface\":\"d5\","
                    "\"next-hop-address\":\"198.51.100.%d\",\"table-id\":%s,"
                    "\"metric\":%d}", PICK("0.0.0.0/0", "10.9.0.0/16"),
                    1 + node_rnd(3), table, 10 + node_rnd(2));
        }
        element(s, "{\"destination\":\"%s\",\"next-hop-interface\":\"d5\","
                "\"next-hop-address\":\"2001:db8:55::%d\",\"table-id\":%s,"
                "\"metric\":%d}", PICK("::/0", "2001:db8:9::/48"),
                1 + node_rnd(3), table, 10 + node_rnd(2));
    }
}

/* Not any: what matches every packet decides whether the kernel takes routes,
 * which then depends on the order of events. */
static void
random_rules(struct ds *s)
{
    for (int i = node_rnd(6); i > 0; i--) {
        bool v6 = node_rnd(2);
        bool to = node_rnd(3);

        element(s, "{\"priority\":%d,\"family\":\"%s\"", 998 + node_rnd(3),
                v6 ? "ipv6" : "ipv4");
        if (to) {
            ds_put_format(s, ",\"ip-to\":\"%s%d%s\"", v6 ? "fd0" : "10.",
                          node_rnd(3), v6 ? "::/48" : ".0.0/16");
        }
        if (!to || node_rnd(2)) {
            ds_put_format(s, ",\"iif\":\"%s\"", PICK("d0", "d5"));
        }
        if (!node_rnd(3)) {
            ds_put_format(s, ",\"fwmark\":%d,\"fwmask\":255", node_rnd(2));
        }
        ds_put_format(s, ",\"route-table\":%s}", PICK("2", "254", "1004"));
    }
}

static void
random_policy(struct machine_policy *p, int i)
{
    struct intent_problems problems = INTENT_PROBLEMS_INITIALIZER;
    struct ds s = DS_EMPTY_INITIALIZER;

    machine_policy_destroy(p);
    *p = (struct machine_policy) { .name = xasprintf("p%d", i) };
    ds_put_format(&s, "{\"apiVersion\":\"nmstate.io/v1\",\"kind\":"
                  "\"NodeNetworkConfigurationPolicy\",\"metadata\":"
                  "{\"name\":\"p%d\"},\"spec\":{\"desiredState\":"
                  "{\"interfaces\":[", i);
    random_interfaces(&s, i);
    ds_put_cstr(&s, "],\"routes\":{\"config\":[");
    random_routes(&s);
    ds_put_cstr(&s, "]},\"route-rules\":{\"config\":[");
    random_rules(&s);
    ds_put_cstr(&s, "]}}}}");
    p->object = intent_object_from_json(ds_cstr(&s), s.length, INTENT_LENIENT,
                                        &problems);
    if (!p->object) {
        char *text = intent_problem_to_string(&problems.items[0]);
        ovs_fatal(0, "%s: %s", ds_cstr(&s), text);
    }
    intent_problems_destroy(&problems);
    ds_destroy(&s);
}

static void
add_ip(struct intent_ips *ips, const char *format, int i)
{
    char text[IP_STRLEN];

    snprintf(text, sizeof text, format, i);
    ips->items = xrealloc(ips->items, (ips->n + 1) * sizeof *ips->items);
    ovs_assert(ip_addr_parse(text, &ips->items[ips->n++]));
}

static void
random_service(struct machine_service *s, int i)
{
    machine_service_destroy(s);
    *s = (struct machine_service) {
        .name = xasprintf("a/%d", i),
        .state = node_rnd(4),
        .watched = !node_rnd(4),
        .local = !node_rnd(5),
        .network = xstrdup(PICK("", "2", "3", "red", "none")),
        .node_ports = xmalloc(sizeof *s->node_ports),
        .n_node_ports = node_rnd(2),
    };
    s->node_ports[0] = 30000 + i;
    add_ip(&s->source_ips, "203.0.113.%d", node_rnd(3));
    add_ip(&s->ingress_ips, "203.0.113.%d", 1);
    add_ip(&s->cluster_ips, "172.30.0.%d", i + 1);
    if (node_rnd(2)) {
        add_ip(&s->source_ips, "2001:db8:77::%d", node_rnd(3));
        add_ip(&s->ingress_ips, "2001:db8:77::%d", 1);
    }
    for (int j = 0; j < 20; j++) {
        if (!node_rnd(3)) {
            add_ip(&s->endpoints, node_rnd(2) ? "10.132.0.%d" : "fd01::%d",
                   j + 1);
        }
    }
}

void
node_world_init(struct node_world *w)
{
    struct smap errors = SMAP_INITIALIZER(&errors);

    memset(w, 0, sizeof *w);
    smap_init(&w->options);
    smap_add(&w->options, "cluster-networks", "10.132.0.0/14, fd01::/48");
    smap_add(&w->options, "service-networks", "172.30.0.0/16");
    machine_options_init(&w->machine_options, &w->options, &errors);
    smap_destroy(&errors);
    for (int i = 0; i < NODE_WORLD_POLICIES; i++) {
        random_policy(&w->policies[i], i);
    }
    for (int i = 0; i < NODE_WORLD_SERVICES; i++) {
        random_service(&w->services[i], i);
    }
    w->in = (struct machine_input) {
        .options = &w->machine_options,
        .services = w->services,
        .n_services = NODE_WORLD_SERVICES,
        .policies = w->policies,
        .n_policies = NODE_WORLD_POLICIES,
    };
}

void
node_world_destroy(struct node_world *w)
{
    for (int i = 0; i < NODE_WORLD_POLICIES; i++) {
        machine_policy_destroy(&w->policies[i]);
    }
    for (int i = 0; i < NODE_WORLD_SERVICES; i++) {
        machine_service_destroy(&w->services[i]);
    }
    machine_options_destroy(&w->machine_options);
    smap_destroy(&w->options);
}

/* Changes one thing. */
void
node_world_change(struct node_world *w)
{
    if (!node_rnd(12)) {
        w->machine_options.rules = !w->machine_options.rules;
    } else if (!node_rnd(5)) {
        int i = node_rnd(NODE_WORLD_POLICIES);

        random_policy(&w->policies[i], i);
    } else if (!node_rnd(6)) {
        w->in.n_services = node_rnd(NODE_WORLD_SERVICES + 1);
    } else if (!node_rnd(8)) {
        w->in.n_policies = node_rnd(NODE_WORLD_POLICIES + 1);
    } else {
        int i = node_rnd(NODE_WORLD_SERVICES);

        random_service(&w->services[i], i);
    }
}
