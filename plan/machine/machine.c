/* SPDX-License-Identifier: Apache-2.0 */

/* The desired state of a host: the entry point, its errors, and what its
 * parts share.  See machine.h; the decisions are in machine-nncp.c (policies),
 * machine-service.c (services) and machine-ingress.c. */

#include <config.h>

#include "plan/machine/machine.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "plan/machine/machine-build.h"
#include "plan/machine/machine-route.h"
#include "plan/machine/machine-rule.h"
#include "util.h"

/* So that a thousand failures of one kind make no endless message. */
#define MAX_ERROR_LEN 512

/* Building. */

void
machine_init(struct machine *machine)
{
    memset(machine, 0, sizeof *machine);
    machine_objects_init(&machine->want);
    smap_init(&machine->errors);
}

/* 'second', which was wanted later, gives its origins to 'first', or is an
 * error of them. */
static struct machine_object *
merge_wanted(struct machine_object *first, struct machine_object *second,
             void *machine_)
{
    struct machine *machine = machine_;
    bool same = (machine_object_is_satisfied(first, second)
                 && machine_object_is_satisfied(second, first));
    const char *origin;
    size_t i;

    SVEC_FOR_EACH (i, origin, &second->origins) {
        if (!same) {
            char *name = machine_object_name(second, true);
            char *origins = machine_object_origins(first);

            machine_error(&machine->errors, origin,
                          "%s is wanted differently by %s", name, origins);
            free(origins);
            free(name);
        } else if (!svec_contains_unsorted(&first->origins, origin)) {
            svec_add(&first->origins, origin);
        }
    }
    return first;
}

static void
init_sets(struct machine_builder *b)
{
    for (int id = 0; id < MACHINE_N_SETS; id++) {
        machine_set_init(&b->sets[id][IP_V4], id, IP_V4);
        machine_set_init(&b->sets[id][IP_V6], id, IP_V6);
    }
}

void
machine_build(const struct machine_input *in, struct machine *machine)
{
    struct machine_builder b = { .in = in, .machine = machine };

    machine_init(machine);
    init_sets(&b);
    machine->guard_seconds = in->options->guard_seconds;
    machine_build_policies(&b);
    machine_build_services(&b);
    machine_build_ingress(&b);

    for (int id = 0; id < MACHINE_N_SETS; id++) {
        machine_set_destroy(&b.sets[id][IP_V4]);
        machine_set_destroy(&b.sets[id][IP_V6]);
    }
    machine_objects_sort(&machine->want);
    machine_objects_merge(&machine->want, merge_wanted, machine);
}

void
machine_destroy(struct machine *machine)
{
    if (machine) {
        machine_objects_destroy(&machine->want);
        smap_destroy(&machine->errors);
        free(machine->absent_routes);
        free(machine->absent_rules);
    }
}

void
machine_builder_add(struct machine_builder *b, const void *object,
                    const char *origin)
{
    struct machine_objects *want = &b->machine->want;
    struct machine_object *new = machine_objects_add(want, object);

    new->seq = want->n;
    svec_add(&new->origins, origin);
}

const void *
machine_builder_find(const struct machine_builder *b, const void *object)
{
    const struct machine_objects *want = &b->machine->want;

    for (size_t i = 0; i < want->n; i++) {
        if (!machine_object_compare(want->items[i], object)) {
            return want->items[i];
        }
    }
    return NULL;
}

bool
machine_condemns(const struct machine *machine,
                 const struct machine_object *object)
{
    bool condemned = false;

    if (object->class == &machine_class_route) {
        for (size_t i = 0; i < machine->n_absent_routes && !condemned; i++) {
            const struct machine_absent_route *a = &machine->absent_routes[i];

            condemned = machine_route_is_absent(
                (const struct machine_route *) object, a->route, a->table);
        }
    } else if (object->class == &machine_class_rule) {
        for (size_t i = 0; i < machine->n_absent_rules && !condemned; i++) {
            condemned = machine_rule_is_absent(
                (const struct machine_rule *) object,
                machine->absent_rules[i]);
        }
    }
    return condemned;
}

struct machine_set *
machine_builder_set(struct machine_builder *b, enum machine_set_id id,
                    const struct in6_addr *ip)
{
    return &b->sets[id][ip_family(ip)];
}

void
machine_builder_add_sets(struct machine_builder *b,
                         enum machine_set_group group, const char *origin)
{
    for (int id = 0; id < MACHINE_N_SETS; id++) {
        for (int f = 0; f < IP_N_FAMILIES; f++) {
            struct machine_set *set = &b->sets[id][f];

            if (set->type->group == group) {
                machine_set_sort(set);
                machine_builder_add(b, set, origin);
                machine_set_init(set, id, f);
            }
        }
    }
}

/* Networks. */

bool
machine_is_network_table(uint32_t table)
{
    return table && (table < 253 || table > 255);
}

/* Returns the table of the VRF that a policy makes, the oldest one that says
 * so, or 0. */
static uint32_t
find_policy_vrf(const struct machine_input *in, const char *name)
{
    const struct machine_policy *best = NULL;
    uint32_t table = 0;

    for (size_t i = 0; i < in->n_policies; i++) {
        const struct machine_policy *p = &in->policies[i];

        for (size_t j = 0; p->object && j < p->object->nncp.n_interfaces;
             j++) {
            const struct intent_interface *iface
                = &p->object->nncp.interfaces[j];

            if (iface->vrf_table && !strcmp(iface->name, name)
                && (!best || machine_policy_compare_age(p, best) < 0)) {
                best = p;
                table = iface->vrf_table;
            }
        }
    }
    return table;
}

/* As machine_resolve_network(), but of any table. */
static uint32_t
resolve_any(const struct machine_input *in, const char *network)
{
    unsigned int table;

    if (!*network) {
        return 0;
    } else if (str_to_uint(network, 10, &table)) {
        return table;
    }

    const struct machine_link *link = machine_facts_find_link(in->facts,
                                                              network);
    if (link && link->is_vrf) {
        return link->table;
    }

    uint32_t vrf = find_policy_vrf(in, network);
    if (vrf) {
        return vrf;
    }

    const char *number = smap_get(&in->facts->table_names, network);
    return number && str_to_uint(number, 10, &table) ? table : 0;
}

uint32_t
machine_resolve_network(const struct machine_input *in, const char *network)
{
    uint32_t table = resolve_any(in, network);

    return machine_is_network_table(table) ? table : 0;
}

/* Facts. */

void
machine_facts_init(struct machine_facts *facts)
{
    memset(facts, 0, sizeof *facts);
    smap_init(&facts->table_names);
}

void
machine_facts_destroy(struct machine_facts *facts)
{
    if (facts) {
        for (size_t i = 0; i < facts->n_links; i++) {
            free(facts->links[i].name);
            free(facts->links[i].master);
        }
        for (size_t i = 0; i < facts->n_tables; i++) {
            for (int f = 0; f < IP_N_FAMILIES; f++) {
                svec_destroy(&facts->tables[i].links[f]);
            }
        }
        for (int f = 0; f < IP_N_FAMILIES; f++) {
            svec_destroy(&facts->gateways[f]);
            free(facts->lookups[f]);
        }
        free(facts->links);
        free(facts->tables);
        smap_destroy(&facts->table_names);
    }
}

static bool
tables_equal(const struct machine_facts *a, const struct machine_facts *b)
{
    for (size_t i = 0; i < a->n_tables && i < b->n_tables; i++) {
        const struct machine_table *x = &a->tables[i];
        const struct machine_table *y = &b->tables[i];

        if (x->id != y->id) {
            return false;
        }
        for (int f = 0; f < IP_N_FAMILIES; f++) {
            if (x->usable[f] != y->usable[f]
                || x->has_default[f] != y->has_default[f]
                || !svec_equal(&x->links[f], &y->links[f])) {
                return false;
            }
        }
    }
    return a->n_tables == b->n_tables;
}

static bool
lookups_equal(const struct machine_facts *a, const struct machine_facts *b)
{
    for (int f = 0; f < IP_N_FAMILIES; f++) {
        if (a->n_lookups[f] != b->n_lookups[f]) {
            return false;
        }
        for (size_t i = 0; i < a->n_lookups[f]; i++) {
            if (a->lookups[f][i].table != b->lookups[f][i].table
                || a->lookups[f][i].priority != b->lookups[f][i].priority) {
                return false;
            }
        }
    }
    return true;
}

bool
machine_facts_equal(const struct machine_facts *a,
                    const struct machine_facts *b)
{
    if (a->n_links != b->n_links || a->has_ipv6 != b->has_ipv6
        || a->guarding != b->guarding
        || !smap_equal(&a->table_names, &b->table_names)
        || !tables_equal(a, b) || !lookups_equal(a, b)) {
        return false;
    }
    for (size_t i = 0; i < a->n_links; i++) {
        const struct machine_link *x = &a->links[i];
        const struct machine_link *y = &b->links[i];

        if (strcmp(x->name, y->name) || strcmp(x->master, y->master)
            || x->up != y->up || x->is_vrf != y->is_vrf
            || x->ours != y->ours || x->table != y->table
            || x->forwarding != y->forwarding || x->strict != y->strict
            || x->was_strict != y->was_strict) {
            return false;
        }
    }
    return true;
}

static int
compare_link_name(const void *name_, const void *link_)
{
    const char *name = name_;
    const struct machine_link *link = link_;

    return strcmp(name, link->name);
}

const struct machine_link *
machine_facts_find_link(const struct machine_facts *facts, const char *name)
{
    return (facts->n_links
            ? bsearch(name, facts->links, facts->n_links,
                      sizeof *facts->links, compare_link_name)
            : NULL);
}

static const struct machine_table *
find_table(const struct machine_facts *facts, uint32_t id)
{
    for (size_t i = 0; i < facts->n_tables; i++) {
        if (facts->tables[i].id == id) {
            return &facts->tables[i];
        }
    }
    return NULL;
}

bool
machine_facts_is_usable(const struct machine_facts *facts, uint32_t id,
                        enum ip_family family)
{
    const struct machine_table *table = find_table(facts, id);

    return table && table->usable[family];
}

bool
machine_facts_has_default(const struct machine_facts *facts, uint32_t id,
                          enum ip_family family)
{
    const struct machine_table *table = find_table(facts, id);

    return table && table->has_default[family];
}

const struct machine_lookup *
machine_facts_find_lookup(const struct machine_facts *facts, uint32_t id,
                          enum ip_family family)
{
    for (size_t i = 0; i < facts->n_lookups[family]; i++) {
        if (facts->lookups[family][i].table == id) {
            return &facts->lookups[family][i];
        }
    }
    return NULL;
}

void
machine_facts_add_rule(struct machine_facts *facts,
                       const struct machine_rule *rule)
{
    enum ip_family f = rule->family;

    if (machine_rule_takes_all(rule)
        && !machine_facts_find_lookup(facts, rule->table, f)) {
        facts->lookups[f] = xrealloc(facts->lookups[f],
                                     (facts->n_lookups[f] + 1)
                                     * sizeof *facts->lookups[f]);
        facts->lookups[f][facts->n_lookups[f]++] = (struct machine_lookup) {
            rule->table, rule->priority
        };
    }
}

void
machine_facts_get_links(const struct machine_facts *facts, uint32_t id,
                        enum ip_family family, struct svec *links)
{
    const struct machine_table *table = find_table(facts, id);

    svec_init(links);
    if (table) {
        svec_append(links, &table->links[family]);
    }
    for (size_t i = 0; i < facts->n_links; i++) {
        const struct machine_link *link = &facts->links[i];
        const struct machine_link *vrf = (
            link->is_vrf ? link : machine_facts_find_link(facts,
                                                          link->master));

        if (vrf && vrf->is_vrf && vrf->table == id) {
            svec_add(links, link->name);
        }
    }
    svec_sort_unique(links);
}

/* Input. */

void
machine_service_destroy(struct machine_service *s)
{
    if (s) {
        free(s->name);
        free(s->network);
        free(s->source_ips.items);
        free(s->ingress_ips.items);
        free(s->fading_ips.items);
        free(s->endpoints.items);
        free(s->cluster_ips.items);
        free(s->node_ports);
    }
}

void
machine_policy_destroy(struct machine_policy *p)
{
    if (p) {
        free(p->name);
        free(p->created);
        free(p->error);
        free(p->held);
        intent_object_destroy(p->object);
    }
}

/* Who says nothing of his age is the youngest. */
int
machine_policy_compare_age(const struct machine_policy *a,
                           const struct machine_policy *b)
{
    const char *a_created = a->created ? a->created : "";
    const char *b_created = b->created ? b->created : "";
    int cmp = !*a_created - !*b_created;

    cmp = cmp ? cmp : strcmp(a_created, b_created);
    return cmp ? cmp : strcmp(a->name, b->name);
}

/* Origins and errors. */

char *
machine_service_origin(const struct machine_service *s)
{
    return xasprintf("EgressService %s", s->name);
}

char *
machine_policy_origin(const struct machine_policy *p)
{
    return xasprintf("NodeNetworkConfigurationPolicy %s", p->name);
}

char *
machine_table_origin(uint32_t table)
{
    return xasprintf("table %"PRIu32, table);
}

static void
add_error(struct smap *errors, const char *origin, const char *message)
{
    const char *old = smap_get(errors, origin);

    if (!old) {
        smap_add(errors, origin, message);
    } else if (strlen(old) < MAX_ERROR_LEN && !strstr(old, message)) {
        smap_replace_nocopy(errors, origin,
                            xasprintf("%s; %s", old, message));
    }
}

void
machine_error(struct smap *errors, const char *origin, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    char *message = xvasprintf(format, args);
    va_end(args);
    add_error(errors, origin, message);
    free(message);
}

void
machine_object_error(struct smap *errors, const struct machine_object *object,
                     const char *message)
{
    const char *origin;
    size_t i;

    SVEC_FOR_EACH (i, origin, &object->origins) {
        add_error(errors, origin, message);
    }
    if (!object->origins.n) {
        add_error(errors, "", message);
    }
}

/* Appends the errors of 'origin', which it frees. */
static void
append_errors(const struct smap *errors, char *origin, struct ds *s)
{
    const char *message = smap_get(errors, origin);

    if (message) {
        ds_put_format(s, "%s%s", s->length ? "; " : "", message);
    }
    free(origin);
}

char *
machine_service_errors(const struct machine_input *in,
                       const struct smap *errors,
                       const struct machine_service *service)
{
    uint32_t table = machine_resolve_network(in, service->network);
    struct ds s = DS_EMPTY_INITIALIZER;

    append_errors(errors, machine_service_origin(service), &s);
    if (table) {
        append_errors(errors, machine_table_origin(table), &s);
    }
    append_errors(errors, xstrdup(MACHINE_ALL_SERVICES), &s);
    append_errors(errors, xstrdup(""), &s);
    return ds_steal_cstr(&s);
}

char *
machine_policy_errors(const struct smap *errors,
                      const struct machine_policy *policy)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    append_errors(errors, machine_policy_origin(policy), &s);
    append_errors(errors, xstrdup(""), &s);
    return ds_steal_cstr(&s);
}
