/* SPDX-License-Identifier: Apache-2.0 */

/* "ovn-egress-test host": reads a host's work and facts from standard input
 * and prints what plan/machine/machine.h makes of it.  Lines:
 *
 *   option KEY=VALUE
 *   link NAME [vrf TABLE] [ours] [down] [master NAME] [forwarding]
 *        [strict] [was-strict] [inside]
 *   table NUMBER [ipv4] [ipv6] [default4] [by LINK]
 *                                   where it leads to the outside; with a
 *                                   default route of IPv4
 *   foreign-rule RULE               of another owner, as "rule" is shown
 *   guarding                        the table of nftables is not empty
 *   table-name NAME NUMBER          of rt_tables
 *   no-ipv6
 *   ipv6-forwarding
 *   policy NAME                     a NodeNetworkConfigurationPolicy; its
 *                                   desiredState follows, up to a line "end"
 *   broken-policy NAME
 *   service NAME KEY=VALUE...       state, role, network, source, ingress,
 *                                   fading, endpoints, cluster, ports (lists
 *                                   with commas); "watched" alone
 *   ingress NAME KEY=VALUE...       ip, cluster, ports (lists with commas);
 *                                   "local" alone; backend=PROTOCOL:PORT,NODE,
 *                                   IP,PORT for each; the host is node "n1"
 *   show [CLASS...]                 what is wanted, of these classes
 *   errors                          what stands in the way, and what
 *                                   machine_check() says; by origin and for
 *                                   each service and policy
 *   condemned rule|route            of what follows, up to "end", in the form
 *                                   of a policy: which would be removed
 *
 * Rules and the constant part of nftables are shown by their places, the rest
 * with fields; maps and sets of nftables only if they have elements. */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "plan/machine/machine-build.h"
#include "plan/machine/machine-chain.h"
#include "plan/machine/machine-rule.h"
#include "plan/machine/machine-set.h"
#include "plan/machine/machine.h"
#include "tests/egress-test.h"
#include "util.h"

#define MAX_ITEMS 64

struct world {
    struct smap options;
    struct machine_facts facts;
    struct machine_service services[MAX_ITEMS];
    struct machine_policy policies[MAX_ITEMS];
    struct machine_ingress ingresses[MAX_ITEMS];
    struct machine_input in;
};

static int
compare_names(const void *a_, const void *b_)
{
    const char *const *a = a_;
    const char *const *b = b_;

    return strcmp(*a, *b);
}

static void
add_link(struct world *w, char *save)
{
    struct machine_facts *f = &w->facts;

    f->links = xrealloc(f->links, (f->n_links + 1) * sizeof *f->links);

    struct machine_link *link = &f->links[f->n_links++];
    *link = (struct machine_link) {
        .name = xstrdup(strtok_r(NULL, " ", &save)),
        .master = xstrdup(""),
        .up = true,
    };
    for (char *word = strtok_r(NULL, " ", &save); word;
         word = strtok_r(NULL, " ", &save)) {
        if (!strcmp(word, "vrf")) {
            link->is_vrf = true;
            link->table = atoi(strtok_r(NULL, " ", &save));
        } else if (!strcmp(word, "master")) {
            free(link->master);
            link->master = xstrdup(strtok_r(NULL, " ", &save));
        } else if (!strcmp(word, "ours")) {
            link->ours = true;
        } else if (!strcmp(word, "down")) {
            link->up = false;
        } else if (!strcmp(word, "forwarding")) {
            link->forwarding = true;
        } else if (!strcmp(word, "strict")) {
            link->strict = link->was_strict = true;
        } else if (!strcmp(word, "was-strict")) {
            link->was_strict = true;
        } else if (!strcmp(word, "inside")) {
            link->inside = true;
        } else {
            ovs_fatal(0, "link: \"%s\"", word);
        }
    }
    BUILD_ASSERT_DECL(offsetof(struct machine_link, name) == 0);
    qsort(f->links, f->n_links, sizeof *f->links, compare_names);
}

static void
add_table(struct world *w, char *save)
{
    struct machine_facts *f = &w->facts;

    f->tables = xrealloc(f->tables, (f->n_tables + 1) * sizeof *f->tables);

    struct machine_table *table = &f->tables[f->n_tables++];
    *table = (struct machine_table) { .id = atoi(strtok_r(NULL, " ", &save)) };
    for (char *word = strtok_r(NULL, " ", &save); word;
         word = strtok_r(NULL, " ", &save)) {
        if (!strcmp(word, "by")) {
            const char *link = strtok_r(NULL, " ", &save);

            svec_add(&table->links[IP_V4], link);
            svec_add(&table->links[IP_V6], link);
        } else if (!strcmp(word, "default4")) {
            table->has_default[IP_V4] = true;
        } else {
            table->usable[!strcmp(word, "ipv6")] = true;
        }
    }
}

/* Takes one word of a rule and its value.  Returns false if there is no such
 * word. */
static bool
set_rule_word(struct machine_rule *r, const char *word, const char *value)
{
    if (!strcmp(word, "priority")) {
        r->priority = strtoul(value, NULL, 10);
    } else if (!strcmp(word, "from")) {
        ip_prefix_parse(value, &r->from, NULL);
    } else if (!strcmp(word, "to")) {
        ip_prefix_parse(value, &r->to, NULL);
    } else if (!strcmp(word, "fwmark")) {
        r->fwmark = strtoul(value, NULL, 0);
        r->fwmask = strtoul(strchr(value, '/') + 1, NULL, 0);
    } else if (!strcmp(word, "iif")) {
        ovs_strlcpy(r->iif, value, sizeof r->iif);
    } else if (!strcmp(word, "oif")) {
        ovs_strlcpy(r->oif, value, sizeof r->oif);
    } else if (!strcmp(word, "sport")) {
        r->sport = strtoul(value, NULL, 10);
    } else if (!strcmp(word, "with")) {
        for (int i = 0; i < MACHINE_RULE_N_OTHERS; i++) {
            r->other |= strstr(value, machine_rule_other_name(i)) ? 1 << i : 0;
        }
    } else if (!strcmp(word, "lookup")) {
        r->table = strtoul(value, NULL, 10);
    } else {
        return false;
    }
    return true;
}

static void
add_foreign_rule(struct world *w, char *save)
{
    struct machine_rule rule;

    machine_rule_init(&rule, strcmp(strtok_r(NULL, " ", &save), "ipv4")
                             ? IP_V6 : IP_V4);
    for (char *word = strtok_r(NULL, " ", &save); word;
         word = strtok_r(NULL, " ", &save)) {
        if (!strcmp(word, "unreachable")) {
            rule.action = INTENT_RULE_UNREACHABLE;
        } else if (!set_rule_word(&rule, word, strtok_r(NULL, " ", &save))) {
            ovs_fatal(0, "foreign-rule: \"%s\"", word);
        }
    }
    machine_facts_add_rule(&w->facts, &rule);
}

static void
parse_ips(char *value, struct intent_ips *ips)
{
    char *save = NULL;

    for (char *s = strtok_r(value, ",", &save); s;
         s = strtok_r(NULL, ",", &save)) {
        ips->items = xrealloc(ips->items, (ips->n + 1) * sizeof *ips->items);
        ovs_assert(ip_addr_parse(s, &ips->items[ips->n++]));
    }
}

static void
set_service_key(struct machine_service *s, const char *key, char *value)
{
    if (!strcmp(key, "watched")) {
        s->watched = true;
    } else if (!strcmp(key, "state")) {
        s->state = (!strcmp(value, "active") ? MACHINE_ACTIVE
                    : !strcmp(value, "draining") ? MACHINE_DRAINING
                    : !strcmp(value, "removing") ? MACHINE_REMOVING
                    : MACHINE_STANDBY);
    } else if (!strcmp(key, "role")) {
        s->local = !strcmp(value, "local");
    } else if (!strcmp(key, "network")) {
        free(s->network);
        s->network = xstrdup(value);
    } else if (!strcmp(key, "source")) {
        parse_ips(value, &s->source_ips);
    } else if (!strcmp(key, "ingress")) {
        parse_ips(value, &s->ingress_ips);
    } else if (!strcmp(key, "fading")) {
        parse_ips(value, &s->fading_ips);
    } else if (!strcmp(key, "endpoints")) {
        parse_ips(value, &s->endpoints);
    } else if (!strcmp(key, "cluster")) {
        parse_ips(value, &s->cluster_ips);
    } else if (!strcmp(key, "ports")) {
        char *save = NULL;

        s->node_ports = xmalloc(16 * sizeof *s->node_ports);
        for (char *p = strtok_r(value, ",", &save); p;
             p = strtok_r(NULL, ",", &save)) {
            s->node_ports[s->n_node_ports++] = atoi(p);
        }
    } else {
        ovs_fatal(0, "service: \"%s\"", key);
    }
}

static void
add_service(struct world *w, char *save)
{
    struct machine_service *s = &w->services[w->in.n_services++];

    *s = (struct machine_service) {
        .name = xstrdup(strtok_r(NULL, " ", &save)),
        .state = MACHINE_ACTIVE,
        .network = xstrdup(""),
    };
    for (char *word = strtok_r(NULL, " ", &save); word;
         word = strtok_r(NULL, " ", &save)) {
        char *value = strchr(word, '=');

        if (value) {
            *value++ = '\0';
        }
        set_service_key(s, word, value);
    }
}

static void
set_ingress_key(struct machine_ingress *in, const char *key, char *value)
{
    if (!strcmp(key, "local")) {
        in->local = true;
    } else if (!strcmp(key, "ip")) {
        parse_ips(value, &in->ingress_ips);
    } else if (!strcmp(key, "cluster")) {
        parse_ips(value, &in->cluster_ips);
    } else if (!strcmp(key, "backend")) {
        struct machine_backend b;

        if (!ip_port_parse(value, &b.ip, &b.port)) {
            ovs_fatal(0, "ingress: \"%s\"", value);
        }
        in->backends = xrealloc(in->backends,
                                (in->n_backends + 1) * sizeof b);
        in->backends[in->n_backends++] = b;
    } else {
        ovs_fatal(0, "ingress: \"%s\"", key);
    }
}

static void
add_ingress(struct world *w, char *save)
{
    struct machine_ingress *in = &w->ingresses[w->in.n_ingresses++];

    in->service = xstrdup(strtok_r(NULL, " ", &save));
    in->protocol = machine_protocol_parse(strtok_r(NULL, " ", &save));
    in->port = atoi(strtok_r(NULL, " ", &save));
    for (char *word = strtok_r(NULL, " ", &save); word;
         word = strtok_r(NULL, " ", &save)) {
        char *value = strchr(word, '=');

        if (value) {
            *value++ = '\0';
        }
        set_ingress_key(in, word, value);
    }
}

/* Reads a desiredState up to "end" and makes an object of it. */
static struct intent_object *
read_policy(const char *name)
{
    struct intent_problems problems = INTENT_PROBLEMS_INITIALIZER;
    struct intent_list list = INTENT_LIST_INITIALIZER;
    struct ds text = DS_EMPTY_INITIALIZER;
    struct ds line = DS_EMPTY_INITIALIZER;

    ds_put_format(&text, "apiVersion: nmstate.io/v1\n"
                  "kind: NodeNetworkConfigurationPolicy\n"
                  "metadata: { name: %s }\nspec:\n  desiredState:\n", name);
    while (!ds_get_line(&line, stdin) && strcmp(ds_cstr(&line), "end")) {
        ds_put_format(&text, "    %s\n", ds_cstr(&line));
    }
    intent_parse(ds_cstr(&text), text.length, name, INTENT_STRICT, &list,
                 &problems);
    for (size_t i = 0; i < problems.n; i++) {
        char *s = intent_problem_to_string(&problems.items[i]);
        printf("%s\n", s);
        free(s);
    }
    fflush(stdout);
    ovs_assert(list.n == 1);

    struct intent_object *object = list.objs[0];
    list.n = 0;
    intent_list_destroy(&list);
    intent_problems_destroy(&problems);
    ds_destroy(&line);
    ds_destroy(&text);
    return object;
}

static void
print_errors(const char *what, const struct smap *errors)
{
    const struct smap_node **nodes = smap_sort(errors);

    for (size_t i = 0; i < smap_count(errors); i++) {
        printf("%s%s: %s\n", what, nodes[i]->key, nodes[i]->value);
    }
    free(nodes);
}

static void
build(struct world *w, struct machine_options *options,
      struct machine *machine)
{
    struct smap errors = SMAP_INITIALIZER(&errors);

    machine_options_init(options, &w->options, &errors);
    print_errors("", &errors);
    smap_destroy(&errors);
    w->in.options = options;
    w->in.facts = &w->facts;
    w->in.services = w->services;
    w->in.policies = w->policies;
    w->in.ingresses = w->ingresses;
    machine_build(&w->in, machine);
}

static bool
is_shown(const char *tables, const char *table)
{
    size_t len = strlen(table);

    for (const char *p = tables; (p = strstr(p, table)); p += len) {
        if ((p == tables || p[-1] == ' ') && (!p[len] || p[len] == ' ')) {
            return true;
        }
    }
    return !*tables;
}

static bool
is_empty_set(const struct machine_object *object)
{
    return (object->class == &machine_class_nft_map
            && !((const struct machine_set *) object)->n);
}

static void
show(struct world *w, const char *classes)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    struct machine_options options;
    struct machine machine;

    build(w, &options, &machine);
    for (size_t i = 0; i < machine.want.n; i++) {
        const struct machine_object *object = machine.want.items[i];

        if (!is_shown(classes, object->class->name) || is_empty_set(object)) {
            continue;
        } else if (strstr(object->class->name, "rule")
                   || object->class == &machine_class_nft) {
            char *name = machine_object_name(object, false);
            char *origins = machine_object_origins(object);

            ds_put_format(&s, "%s # %s\n", name, origins);
            free(origins);
            free(name);
        } else {
            machine_object_format(object, &s);
        }
    }
    fputs(ds_cstr(&s), stdout);
    ds_destroy(&s);
    machine_destroy(&machine);
    machine_options_destroy(&options);
}

static void
show_errors(struct world *w)
{
    struct smap warnings = SMAP_INITIALIZER(&warnings);
    struct machine_options options;
    struct machine machine;

    build(w, &options, &machine);
    machine_check(&w->in, &machine.errors, &warnings);

    print_errors("", &machine.errors);
    print_errors("warning: ", &warnings);
    smap_destroy(&warnings);
    for (size_t i = 0; i < w->in.n_services; i++) {
        char *s = machine_service_errors(&w->in, &machine.errors,
                                         &w->services[i]);
        printf("-> service %s: %s\n", w->services[i].name, *s ? s : "ok");
        free(s);
    }
    for (size_t i = 0; i < w->in.n_policies; i++) {
        char *s = machine_policy_errors(&machine.errors, &w->policies[i]);
        printf("-> policy %s: %s\n", w->policies[i].name, *s ? s : "ok");
        free(s);
    }
    if (machine.incomplete) {
        printf("incomplete\n");
    }
    machine_destroy(&machine);
    machine_options_destroy(&options);
}

/* Takes what a policy wants for what the kernel has. */
static void
show_condemned(struct world *w, const char *class)
{
    struct world kernel = { .policies[0].name = CONST_CAST(char *, "kernel") };
    struct machine_options options, kernel_options;
    struct machine machine, present;

    machine_facts_init(&kernel.facts);
    smap_init(&kernel.options);
    kernel.policies[0].object = read_policy("kernel");
    kernel.in.n_policies = 1;
    build(w, &options, &machine);
    build(&kernel, &kernel_options, &present);
    for (size_t i = 0; i < present.want.n; i++) {
        const struct machine_object *object = present.want.items[i];

        if (!strcmp(object->class->name, class)) {
            char *name = machine_object_name(object, false);

            printf("%s: %s\n", name + strlen(class) + 1,
                   machine_condemns(&machine, object) ? "removed" : "stays");
            free(name);
        }
    }
    machine_destroy(&present);
    machine_options_destroy(&kernel_options);
    intent_object_destroy(kernel.policies[0].object);
    machine_facts_destroy(&kernel.facts);
    smap_destroy(&kernel.options);
    machine_destroy(&machine);
    machine_options_destroy(&options);
}

/* 'name' may be followed by when it was made. */
static void
add_policy(struct world *w, char *name, bool broken)
{
    char *created = NULL;
    struct machine_policy *p = &w->policies[w->in.n_policies++];

    name = strtok_r(name, " ", &created);
    *p = (struct machine_policy) {
        .name = xstrdup(name),
        .created = nullable_xstrdup(created),
    };
    if (broken) {
        p->error = xstrdup("no manifest");
    } else {
        p->object = read_policy(name);
    }
}

static void
run_line(struct world *w, char *line)
{
    char *save = NULL;
    char *command = strtok_r(line, " ", &save);

    if (!command) {
        return;
    } else if (!strcmp(command, "option")) {
        char *value = strchr(save, '=');

        *value++ = '\0';
        smap_replace(&w->options, save, value);
    } else if (!strcmp(command, "link")) {
        add_link(w, save);
    } else if (!strcmp(command, "foreign-rule")) {
        add_foreign_rule(w, save);
    } else if (!strcmp(command, "table")) {
        add_table(w, save);
    } else if (!strcmp(command, "table-name")) {
        char *name = strtok_r(NULL, " ", &save);
        smap_add(&w->facts.table_names, name, save);
    } else if (!strcmp(command, "no-ipv6")) {
        w->facts.has_ipv6 = false;
    } else if (!strcmp(command, "guarding")) {
        w->facts.guarding = true;
    } else if (!strcmp(command, "ipv6-forwarding")) {
        w->facts.ipv6_forwarding = true;
    } else if (!strcmp(command, "policy")) {
        add_policy(w, save, false);
    } else if (!strcmp(command, "broken-policy")) {
        add_policy(w, save, true);
    } else if (!strcmp(command, "service")) {
        add_service(w, save);
    } else if (!strcmp(command, "ingress")) {
        add_ingress(w, save);
    } else if (!strcmp(command, "show")) {
        show(w, save);
    } else if (!strcmp(command, "errors")) {
        show_errors(w);
    } else if (!strcmp(command, "condemned")) {
        show_condemned(w, save);
    } else {
        ovs_fatal(0, "\"%s\"", command);
    }
}

static void
test_host(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    struct world *w = xzalloc(sizeof *w);
    struct ds line = DS_EMPTY_INITIALIZER;

    smap_init(&w->options);
    machine_facts_init(&w->facts);
    w->facts.has_ipv6 = true;
    while (!ds_get_line(&line, stdin)) {
        if (line.length && *ds_cstr(&line) != '#') {
            run_line(w, ds_cstr(&line));
        }
    }
    ds_destroy(&line);
    for (size_t i = 0; i < w->in.n_services; i++) {
        machine_service_destroy(&w->services[i]);
    }
    for (size_t i = 0; i < w->in.n_policies; i++) {
        machine_policy_destroy(&w->policies[i]);
    }
    for (size_t i = 0; i < w->in.n_ingresses; i++) {
        machine_ingress_destroy(&w->ingresses[i]);
    }
    machine_facts_destroy(&w->facts);
    smap_destroy(&w->options);
    free(w);
}

EGRESS_TEST("host", "< SCRIPT", 0, 0, test_host)
