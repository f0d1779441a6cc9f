/* SPDX-License-Identifier: Apache-2.0 */

/* What the hosted services want of a host: objects of classes nft, nft-map,
 * rule, source-rule, route and conntrack.  Called by machine_build().
 *
 * A packet of a served endpoint gets a mark by its source address, the mark
 * selects the routing table of the service's network, and its source becomes
 * the ingress IP on its way out.  So do replies from a ClusterIP (its address
 * translation is undone after routing), but for the last step. */

#include <config.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "plan/machine/machine-build.h"
#include "plan/machine/machine-guard.h"
#include "plan/machine/machine-marks.h"
#include "plan/machine/machine-nft.h"
#include "plan/machine/machine-route.h"
#include "plan/machine/machine-rule.h"
#include "util.h"

/* ovn-kubernetes' host address for externalTrafficPolicy: Local: the third of
 * the masquerade network. */
#define ETP_LOCAL_OFFSET 3

#define MAIN_TABLE 254

struct context {
    struct machine_builder *b;
    const struct machine_options *options;
    uint32_t *tables;           /* In use: sorted, unique. */
    size_t n_tables;
    struct machine_marks marks;
    bool blocking;              /* A service has lost its network. */
    struct machine_guard guard;
    struct smap owners;         /* Address that is steered, or "ADDRESS PORT",
                                 * to its service's name. */
};

/* A service and its origin. */
struct served {
    const struct machine_service *s;
    char *origin;
    uint32_t table;             /* 0: none, or it could not be resolved. */
    bool blocked;               /* Its packets may not leave. */
};

/* Returns the first address of 'family', or NULL. */
static const struct in6_addr *
first_of(const struct intent_ips *ips, enum ip_family family)
{
    for (size_t i = 0; i < ips->n; i++) {
        if (ip_family(&ips->items[i]) == family) {
            return &ips->items[i];
        }
    }
    return NULL;
}

/* True if the network with 'table' leads somewhere for all addresses of
 * 's'. */
static bool
leads_somewhere(const struct machine_input *in,
                const struct machine_service *s,
                uint32_t table)
{
    const struct intent_ips *ips = s->local ? &s->endpoints : &s->source_ips;

    for (int family = 0; family < IP_N_FAMILIES; family++) {
        if (first_of(ips, family)
            && !machine_facts_is_usable(in->facts, table, family)) {
            return false;
        }
    }
    return true;
}

/* Returns the rule of another owner because of which nothing may be written
 * into 'table' for 's', or NULL: it has all look the table up, which has no
 * default route, so that what finds none there would be cut off by ours. */
static const struct machine_lookup *
find_hindrance(const struct machine_input *in, const struct machine_service *s,
               uint32_t table, enum ip_family *family)
{
    const struct intent_ips *ips = s->local ? &s->endpoints : &s->source_ips;

    for (int f = 0; f < IP_N_FAMILIES && table; f++) {
        const struct machine_lookup *lookup
            = machine_facts_find_lookup(in->facts, table, f);

        if (lookup && first_of(ips, f)
            && !machine_facts_has_default(in->facts, table, f)) {
            *family = f;
            return lookup;
        }
    }
    return NULL;
}

/* Returns the table that is for 's', or 0. */
static uint32_t
get_table(const struct machine_input *in, const struct machine_service *s)
{
    uint32_t table = machine_resolve_network(in, s->network);
    enum ip_family family;

    return find_hindrance(in, s, table, &family) ? 0 : table;
}

/* True if 's' is to be in force.  A network that leads nowhere must not take
 * packets there: that is for standby only, on which nobody's depend. */
static bool
is_programmed(const struct machine_input *in, const struct machine_service *s)
{
    uint32_t table = get_table(in, s);

    return (s->state != MACHINE_REMOVING
            && (s->state != MACHINE_STANDBY || !table
                || leads_somewhere(in, s, table)));
}

/* Tables. */

static int
compare_tables(const void *a_, const void *b_)
{
    const uint32_t *a = a_;
    const uint32_t *b = b_;

    return *a < *b ? -1 : *a > *b;
}

static void
collect_tables(struct context *c)
{
    const struct machine_input *in = c->b->in;
    uint32_t *tables = xmalloc((in->n_services + 1) * sizeof *tables);
    size_t n = 0;

    for (size_t i = 0; i < in->n_services; i++) {
        const struct machine_service *s = &in->services[i];
        uint32_t table = (is_programmed(in, s)
                          ? get_table(in, s) : 0);
        if (table) {
            tables[n++] = table;
        }
    }
    qsort(tables, n, sizeof *tables, compare_tables);
    for (size_t i = 0; i < n; i++) {
        if (!c->n_tables || tables[c->n_tables - 1] != tables[i]) {
            tables[c->n_tables++] = tables[i];
        }
    }
    c->tables = tables;
}

/* Elements. */

/* Takes 'ip', or its 'port' if that is not 0, for 'v'.  Returns false if
 * another service has it. */
static bool
claim(struct context *c, const struct served *v, const struct in6_addr *ip,
      uint16_t port)
{
    char buf[IP_STRLEN];
    char *text = (port ? xasprintf("%s port %"PRIu16, ip_format(ip, buf), port)
                  : xstrdup(ip_format(ip, buf)));
    const char *owner = smap_get(&c->owners, text);

    if (!owner) {
        smap_add(&c->owners, text, v->s->name);
    } else if (v->s->state != MACHINE_DRAINING) {
        machine_error(&c->b->machine->errors, v->origin,
                      "%s belongs to EgressService %s", text, owner);
    }
    free(text);
    return !owner;
}

/* Adds a rule that sends packets from 'from', and with source port 'sport' if
 * it is not 0, to the network of 'v'. */
static void
add_source_rule(struct context *c, const struct served *v,
                const struct in6_addr *from, uint16_t sport)
{
    enum ip_family family = ip_family(from);
    struct machine_rule rule;

    machine_rule_init(&rule, family);
    rule.object.class = &machine_class_source_rule;
    rule.priority = MACHINE_RULE_NETWORK;
    rule.from = (struct ip_prefix) { *from, family == IP_V4 ? 32 : 128 };
    rule.sport = sport;
    rule.table = v->table;
    if (v->blocked) {
        rule.action = INTENT_RULE_UNREACHABLE;
    }
    machine_builder_add(c->b, &rule, v->origin);
}

static uint32_t
get_mark(const struct context *c, const struct served *v)
{
    return (v->blocked ? c->marks.blocked
            : machine_marks_get(&c->marks, v->table));
}

/* Sends packets from 'ip' to the network of 'v'. */
static void
steer_address(struct context *c, const struct served *v,
              const struct in6_addr *ip)
{
    machine_guard_hide(&c->guard, v->s, ip);
    if (!v->table && !v->blocked) {
        return;
    } else if (c->options->rules == MACHINE_RULES_ADDRESS) {
        add_source_rule(c, v, ip, 0);
    } else {
        machine_set_add(machine_builder_set(c->b, MACHINE_SET_MARK, ip),
                        &(struct machine_element) {
                            .key.ip = *ip, .data.number = get_mark(c, v),
                        });
    }
}

/* Sends replies from node port 'port', whose address translation is undone
 * after routing too, to the network of 'v'. */
static void
steer_node_port(struct context *c, const struct served *v, uint16_t port)
{
    const struct intent_prefixes *nets = &c->options->masquerade_networks;

    for (size_t i = 0; i < nets->n && (v->table || v->blocked); i++) {
        struct in6_addr ip = nets->items[i].addr;
        enum ip_family family = ip_family(&ip);

        if (!first_of(&v->s->ingress_ips, family)
            || (family == IP_V6 && !c->b->in->facts->has_ipv6)) {
            continue;
        }
        for (int j = 0; j < ETP_LOCAL_OFFSET; j++) {
            ip_next(&ip, &ip);
        }
        if (!claim(c, v, &ip, port)) {
            continue;
        }
        if (c->options->rules == MACHINE_RULES_ADDRESS) {
            add_source_rule(c, v, &ip, port);
        } else {
            machine_set_add(machine_builder_set(c->b, MACHINE_SET_PORT, &ip),
                            &(struct machine_element) {
                                .key = { .ip = ip, .port = port },
                                .data.number = get_mark(c, v),
                            });
        }
    }
}

static void
build_endpoint(struct context *c, const struct served *v,
               const struct in6_addr *endpoint)
{
    enum ip_family family = ip_family(endpoint);
    const struct in6_addr *source = first_of(&v->s->source_ips, family);

    if ((family == IP_V6 && !c->b->in->facts->has_ipv6)
        || (!v->s->local && !source) || !claim(c, v, endpoint, 0)) {
        return;
    }
    if (!v->s->local) {
        machine_set_add(machine_builder_set(c->b, MACHINE_SET_SNAT, endpoint),
                        &(struct machine_element) {
                            .key.ip = *endpoint, .data.ip = *source,
                        });
        machine_guard_pair(&c->guard, endpoint, source);
    } else if (v->table) {
        machine_guard_let_out(&c->guard, endpoint, v->table);
    } else if (!v->blocked) {
        return;                 /* As if it were not served. */
    }
    steer_address(c, v, endpoint);
}

/* A standby service that lacks its network is left alone, because nothing is
 * steered here yet; one in service is blocked, because its packets would take
 * another network with its address. */
static bool
resolve(struct context *c, struct served *v)
{
    const struct machine_service *s = v->s;
    const struct machine_lookup *lookup;
    enum ip_family family;

    if (s->state == MACHINE_REMOVING || !*s->network) {
        return s->state != MACHINE_REMOVING;
    }
    v->table = machine_resolve_network(c->b->in, s->network);
    if (!v->table) {
        machine_error(&c->b->machine->errors, v->origin,
                      "network \"%s\" is neither a number, nor a VRF device, "
                      "nor a name in rt_tables", s->network);
    } else if ((lookup = find_hindrance(c->b->in, s, v->table,
                                        &family)) != NULL) {
        machine_error(&c->b->machine->errors, v->origin,
                      "table %"PRIu32" is looked up by a foreign rule for all "
                      "(%s, priority %"PRIu32"), and has no default route: "
                      "nothing is written into it, as that would cut the host "
                      "off", v->table, ip_family_title(family),
                      lookup->priority);
        v->table = 0;
    } else if (c->options->rules == MACHINE_RULES_MARK
               && is_programmed(c->b->in, s)
               && !machine_marks_get(&c->marks, v->table)) {
        machine_error(&c->b->machine->errors, v->origin,
                      "no mark is left for table %"PRIu32, v->table);
        v->table = 0;
    }
    v->blocked = !v->table && s->state != MACHINE_STANDBY;
    c->blocking |= v->blocked;
    return (v->table || v->blocked) && is_programmed(c->b->in, s);
}

/* Adds ingress or source addresses. */
static void
publish(struct context *c, const struct served *v,
        const struct intent_ips *ips)
{
    for (size_t i = 0; i < ips->n; i++) {
        if (ip_family(&ips->items[i]) == IP_V4
            || c->b->in->facts->has_ipv6) {
            machine_guard_publish(&c->guard, &ips->items[i], v->table,
                                  v->blocked);
        }
    }
}

/* Returns false if nothing of it is to be in force. */
static bool
build_service(struct context *c, const struct machine_service *s)
{
    struct served v = { .s = s, .origin = machine_service_origin(s) };
    bool in_force = resolve(c, &v);

    if (in_force) {
        for (size_t i = 0; i < s->endpoints.n; i++) {
            build_endpoint(c, &v, &s->endpoints.items[i]);
        }
        for (size_t i = 0; i < s->cluster_ips.n; i++) {
            const struct in6_addr *ip = &s->cluster_ips.items[i];

            if ((ip_family(ip) == IP_V4 || c->b->in->facts->has_ipv6)
                && claim(c, &v, ip, 0)) {
                steer_address(c, &v, ip);
            }
        }
        for (size_t i = 0; i < s->n_node_ports; i++) {
            steer_node_port(c, &v, s->node_ports[i]);
        }
        publish(c, &v, &s->ingress_ips);
        publish(c, &v, &s->fading_ips);
        publish(c, &v, &s->source_ips);
    }
    free(v.origin);
    return in_force;
}

/* Rules and routes whose number does not depend on the endpoints. */

static void
add_mark_rule(struct context *c, enum ip_family family, unsigned int priority,
              uint32_t mark, uint32_t mask, uint32_t table)
{
    char *origin = (table && table != MAIN_TABLE ? machine_table_origin(table)
                    : xstrdup(MACHINE_ALL_SERVICES));
    struct machine_rule rule;

    machine_rule_init(&rule, family);
    rule.priority = priority;
    rule.fwmark = mark;
    rule.fwmask = mask;
    rule.table = table;
    if (!table) {
        rule.action = INTENT_RULE_UNREACHABLE;
    }
    machine_builder_add(c->b, &rule, origin);
    free(origin);
}

/* What goes to 'nets' stays in the main table. */
static void
add_local_rules(struct context *c, const struct intent_prefixes *nets)
{
    for (size_t i = 0; i < nets->n; i++) {
        enum ip_family family = ip_family(&nets->items[i].addr);
        struct machine_rule rule;

        if (family == IP_V6 && !c->b->in->facts->has_ipv6) {
            continue;
        }
        machine_rule_init(&rule, family);
        rule.priority = MACHINE_RULE_LOCAL;
        rule.to = nets->items[i];
        rule.table = MAIN_TABLE;
        machine_builder_add(c->b, &rule, MACHINE_ALL_SERVICES);
    }
}

/* A packet that finds no route in the network's table must not go on to the
 * main table. */
static void
add_guard(struct context *c, enum ip_family family, uint32_t table)
{
    struct machine_route route;
    char *origin = machine_table_origin(table);

    machine_route_init(&route);
    route.table = table;
    ip_prefix_parse(family == IP_V4 ? "0.0.0.0/0" : "::/0", &route.prefix,
                    NULL);
    route.metric = MACHINE_GUARD_METRIC;
    route.type = INTENT_UNREACHABLE;
    machine_builder_add(c->b, &route, origin);
    free(origin);
}

static void
build_networks(struct context *c)
{
    int n_families = c->b->in->facts->has_ipv6 ? IP_N_FAMILIES : 1;
    uint32_t mask = c->options->mark_mask;
    bool by_mark = c->options->rules == MACHINE_RULES_MARK;

    for (size_t i = 0; i < c->n_tables; i++) {
        uint32_t mark = c->marks.marks[i];

        for (int family = 0; family < n_families; family++) {
            /* Where all look the table up, it is no end for them. */
            if (!machine_facts_find_lookup(c->b->in->facts, c->tables[i],
                                           family)) {
                add_guard(c, family, c->tables[i]);
            }
            if (by_mark && mark) {
                add_mark_rule(c, family, MACHINE_RULE_NETWORK, mark, mask,
                              c->tables[i]);
            }
        }
        machine_build_sysctls(c->b, c->tables[i]);
    }

    for (int family = 0; family < n_families; family++) {
        if (by_mark && c->blocking) {
            add_mark_rule(c, family, MACHINE_RULE_NETWORK, c->marks.blocked,
                          mask,
                          0);
        } else if (!by_mark && (c->n_tables || c->blocking)) {
            add_mark_rule(c, family, MACHINE_RULE_NODE_MARK, MACHINE_NODE_MARK,
                          UINT32_MAX, MAIN_TABLE);
        }
    }
    if (c->n_tables || c->blocking || c->b->in->n_ingresses) {
        add_local_rules(c, &c->options->cluster_networks);
        add_local_rules(c, &c->options->service_networks);
        add_local_rules(c, &c->options->masquerade_networks);
    }
}

/* The nftables table. */

static void
build_nft(struct context *c)
{
    struct machine_objects *want = &c->b->machine->want;
    uint32_t *marks = xmalloc((c->n_tables + 1) * sizeof *marks);
    size_t n = 0;

    for (size_t i = 0; i < c->n_tables; i++) {
        if (c->marks.marks[i]) {
            marks[n++] = c->marks.marks[i];
        }
    }
    if (c->blocking) {
        marks[n++] = c->marks.blocked;
    }
    machine_build_sets(c->b);
    machine_guard_build(&c->guard);
    size_t first = want->n;
    machine_nft_build(&(struct machine_nft) {
                       .mask = c->options->mark_mask,
                       .marks = marks,
                       .n_marks = n,
                       .guard_seconds = c->options->guard_seconds,
                       .watch_seconds = (
                           c->guard.watching
                           ? MAX(c->options->drain_seconds, 1) : 0),
                   }, want);
    free(marks);
    for (size_t i = first; i < want->n; i++) {
        svec_add(&want->items[i]->origins, MACHINE_ALL_SERVICES);
    }
}

/* Services that leave come last, so that an endpoint belongs to the one that
 * stays. */
void
machine_build_services(struct machine_builder *b)
{
    const struct machine_input *in = b->in;
    struct context c = { .b = b, .options = in->options };
    bool any = false;

    machine_guard_init(&c.guard, b);
    smap_init(&c.owners);
    collect_tables(&c);
    machine_marks_init(&c.marks, c.options->mark_mask, c.tables, c.n_tables);

    for (int leaving = 0; leaving < 2; leaving++) {
        for (size_t i = 0; i < in->n_services; i++) {
            const struct machine_service *s = &in->services[i];

            if ((s->state == MACHINE_DRAINING) == leaving) {
                any |= build_service(&c, s);
            }
        }
    }
    if (any || in->n_ingresses) {
        build_networks(&c);
        build_nft(&c);
    } else if (in->facts->guarding) {
        build_nft(&c);
    }

    machine_marks_destroy(&c.marks);
    free(c.tables);
    smap_destroy(&c.owners);
    machine_guard_destroy(&c.guard);
}
