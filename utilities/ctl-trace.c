/* SPDX-License-Identifier: Apache-2.0 */

/* trace: what happens to a pod's packets, and why.
 *
 * Collects from both databases what plan/trace/trace.h wants, and prints what
 * it says.  Nothing is decided here. */

#include <config.h>
#include "utilities/egressctl.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "ovsdb-idl.h"
#include "smap.h"
#include "svec.h"
#include "util.h"

#include "intent/intent.h"
#include "ovsdb/db-table.h"
#include "ovsdb/nb-idl.h"
#include "plan/trace/trace.h"
#include "utilities/ctl-command.h"
#include "utilities/ctl-observe.h"
#include "utilities/ctl-session.h"
#include "utilities/ctl-text.h"

/* What was asked for. */
struct target {
    struct in6_addr src;        /* "::" if a Service was named. */
    struct in6_addr dst;        /* "::" for any. */
    bool inbound;
    char *namespace, *name;     /* Of the Service; NULL. */
};

static void
target_destroy(struct target *t)
{
    free(t->namespace);
    free(t->name);
}

/* Parses NAMESPACE/SERVICE, or SERVICE of the namespace of -n. */
static bool
parse_service(const struct command *cmd, const char *word, struct target *t)
{
    const char *slash = strchr(word, '/');
    const char *name = slash ? slash + 1 : word;

    if (!*name || slash == word || strchr(name, '/')
        || (!slash && !cmd->namespace)) {
        return false;
    }
    t->namespace = (slash ? xmemdup0(word, slash - word)
                    : xstrdup(cmd->namespace));
    t->name = xstrdup(name);
    return true;
}

/* Parses the words of 'cmd' into '*t'.  On a mistake sets ctx->error and
 * returns false. */
static bool
target_parse(struct ctl_context *ctx, const struct command *cmd,
             struct target *t)
{
    const char *dst = cmd->n_words > 1 ? cmd->words[1] : cmd->client;

    memset(t, 0, sizeof *t);
    t->inbound = cmd->client != NULL;
    if (!cmd->n_words) {
        ctl_error(ctx, "trace: the address of a pod or NAMESPACE/SERVICE is "
                  "required");
    } else if (cmd->n_words + t->inbound > 2) {
        ctl_error(ctx, "trace: unexpected argument \"%s\"",
                  cmd->words[cmd->n_words - 1]);
    } else if (!ip_addr_parse(cmd->words[0], &t->src)
               && !parse_service(cmd, cmd->words[0], t)) {
        ctl_error(ctx, "trace: \"%s\" is neither an address nor "
                  "NAMESPACE/SERVICE", cmd->words[0]);
    } else if (dst && !ip_addr_parse(dst, &t->dst)) {
        ctl_error(ctx, "trace: \"%s\" is not an address", dst);
    } else if (dst && !t->name
               && ip_family(&t->src) != ip_family(&t->dst)) {
        ctl_error(ctx, "trace: %s and %s are not of the same family",
                  cmd->words[0], dst);
    } else if (cmd->format == FORMAT_WIDE || cmd->format == FORMAT_NAME) {
        ctl_error(ctx, "trace: -o must be table, yaml or json");
    }
    return !ctx->error;
}

static void
trace_prerequisites(struct ctl_context *ctx)
{
    const struct command *cmd
        = command_parse(ctx, CMD_NAMESPACE | CMD_OUTPUT | CMD_FROM);
    struct ovsdb_idl *nb = session_northbound();
    struct target t;

    if (cmd && target_parse(ctx, cmd, &t)) {
        observe_monitor(ctx, true);
        ovsdb_idl_add_column(nb, &nbrec_logical_switch_port_col_options);
    }
    if (cmd) {
        target_destroy(&t);
    }
}

/* What OVN_Northbound says. */

struct facts {
    struct trace_policy *policies;
    size_t n_policies;
    struct shash sets;          /* Of "struct match_set". */
    struct smap inports;
};

/* Returns who made a policy that is not ours, as far as it says, for people.
 * The caller frees it. */
static char *
describe_owner(const struct smap *ids)
{
    const char *type = smap_get(ids, "k8s.ovn.org/owner-type");
    const char *name = smap_get(ids, "k8s.ovn.org/name");
    const char *egress_svc = smap_get(ids, "EgressSVC");
    const char *owner = smap_get(ids, "owner");

    name = name ? name : smap_get(ids, "name");
    return (egress_svc ? xasprintf("EgressService %s", egress_svc)
            : type ? xasprintf("%s%s%s", type, name ? " " : "",
                               name ? name : "")
            : owner ? xstrdup(owner)
            : name ? xstrdup(name)
            : xstrdup(""));
}

static void
read_policies(const struct nbrec_logical_router *lr, struct facts *f)
{
    f->policies = xcalloc(lr->n_policies + 1, sizeof *f->policies);
    for (size_t i = 0; i < lr->n_policies; i++) {
        struct nbrec_logical_router_policy *p = lr->policies[i];
        bool old = !p->n_nexthops && p->nexthop;

        f->policies[f->n_policies++] = (struct trace_policy) {
            .priority = p->priority,
            .match = p->match,
            .action = p->action,
            .next_hops = old ? &p->nexthop : p->nexthops,
            .n_next_hops = old ? 1 : p->n_nexthops,
            .old_column = old,
            .ours = !strcmp(smap_get_def(&p->external_ids, "owner", ""),
                            DB_OWNER),
            .owner = describe_owner(&p->external_ids),
        };
    }
}

/* Finds the port of the cluster router that the switch 'name' is plugged into.
 * Returns NULL if there is none. */
static const char *
find_inport(const struct ovsdb_idl *nb, const struct nbrec_logical_router *lr,
            const char *name)
{
    const struct nbrec_logical_switch *ls;

    NBREC_LOGICAL_SWITCH_FOR_EACH (ls, nb) {
        for (size_t i = 0; i < ls->n_ports && !strcmp(ls->name, name); i++) {
            const char *port = smap_get(&ls->ports[i]->options,
                                        "router-port");
            for (size_t j = 0; port && j < lr->n_ports; j++) {
                if (!strcmp(lr->ports[j]->name, port)) {
                    return port;
                }
            }
        }
    }
    return NULL;
}

static void
facts_init(struct facts *f, const struct ovsdb_idl *nb,
           const struct observation *o)
{
    const struct nbrec_logical_router *lr;
    const struct nbrec_address_set *as;
    struct shash_node *sn;

    memset(f, 0, sizeof *f);
    shash_init(&f->sets);
    smap_init(&f->inports);
    NBREC_ADDRESS_SET_FOR_EACH (as, nb) {
        struct match_set *set = xmalloc(sizeof *set);

        *set = (struct match_set) { as->addresses, as->n_addresses };
        shash_add(&f->sets, as->name, set);
    }
    NBREC_LOGICAL_ROUTER_FOR_EACH (lr, nb) {
        if (strcmp(lr->name, o->options.router)) {
            continue;
        }
        read_policies(lr, f);
        SHASH_FOR_EACH (sn, &o->in.nb->nodes) {
            const struct plan_nb_node *node = sn->data;
            const char *port = find_inport(nb, lr, node->switch_name);
            if (port) {
                smap_add(&f->inports, sn->name, port);
            }
        }
        break;
    }
}

static void
facts_destroy(struct facts *f)
{
    for (size_t i = 0; i < f->n_policies; i++) {
        free(f->policies[i].owner);
    }
    free(f->policies);
    shash_destroy_free_data(&f->sets);
    smap_destroy(&f->inports);
}

/* Output. */

static struct json *
trace_to_json(const char *address, const struct trace *t)
{
    static const char *const levels[] = {
        [TRACE_OK] = "ok", [TRACE_NOTE] = "note", [TRACE_BAD] = "bad",
    };
    struct json *steps = json_array_create_empty();
    struct json *json = json_object_create();

    for (size_t i = 0; i < t->n; i++) {
        struct json *step = json_object_create();

        json_object_put_string(step, "step", t->lines[i].section);
        json_object_put_string(step, "level", levels[t->lines[i].level]);
        json_object_put_string(step, "text", t->lines[i].text);
        json_array_add(steps, step);
    }
    json_object_put_string(json, "address", address);
    json_object_put(json, "steps", steps);
    json_object_put(json, "promised", json_boolean_create(t->promised));
    json_object_put_string(json, "reason", t->reason);
    json_object_put_string(json, "verdict", t->verdict);
    json_object_put_string(json, "service", t->service);
    json_object_put_string(json, "node", t->node);
    json_object_put_string(json, "network", t->network);
    json_object_put_string(json, "source", t->source);
    return json;
}

static void
put_trace(struct ds *s, const struct trace *t)
{
    static const char marks[] = {
        [TRACE_OK] = ' ', [TRACE_NOTE] = '-', [TRACE_BAD] = '!',
    };
    const char *section = "";

    for (size_t i = 0; i < t->n; i++) {
        const struct trace_line *line = &t->lines[i];

        if (strcmp(section, line->section)) {
            section = line->section;
            ds_put_format(s, "%s:\n", section);
        }
        ds_put_format(s, "  %c %s\n", marks[line->level], line->text);
    }
    ds_put_format(s, "Verdict: %s\n", t->verdict);
}

/* Appends all of the most telling trace, and of several the verdict of
 * each. */
static void
put_traces(struct ds *s, const struct svec *ips, const struct trace *traces)
{
    static const char *const headings[] = {
        "ADDRESS", "REASON", "VERDICT", NULL
    };
    struct text_table table;
    size_t worst = 0;

    while (worst < ips->n && traces[worst].promised) {
        worst++;
    }
    put_trace(s, &traces[worst < ips->n ? worst : 0]);
    if (ips->n > 1) {
        text_table_init_columns(&table, headings);
        for (size_t i = 0; i < ips->n; i++) {
            text_table_add_cell(&table, ips->names[i]);
            text_table_add_cell(&table, traces[i].reason);
            text_table_add_cell(&table, traces[i].verdict);
        }
        ds_put_cstr(s, "Endpoints:\n");
        text_table_format(&table, true, 2, s);
        text_table_destroy(&table);
    }
}

static void
put_json(struct ctl_context *ctx, enum command_format format,
         const struct svec *ips, const struct trace *traces)
{
    struct json *array = json_array_create_empty();

    for (size_t i = 0; i < ips->n; i++) {
        json_array_add(array, trace_to_json(ips->names[i], &traces[i]));
    }
    if (format == FORMAT_YAML) {
        char *text = json_to_string(array, 0);
        char *yaml = intent_json_to_yaml(text);

        ds_put_cstr(&ctx->output, yaml ? yaml : text);
        free(yaml);
        free(text);
    } else {
        json_to_ds(array, JSSF_PRETTY | JSSF_SORT, &ctx->output);
        ds_put_char(&ctx->output, '\n');
    }
    json_destroy(array);
}

/* Follows a packet of each of 'ips', and prints. */
static void
run_traces(struct ctl_context *ctx, const struct command *cmd,
           const struct tracer *tracer, const struct target *t,
           const struct svec *ips)
{
    struct trace *traces = xcalloc(ips->n, sizeof *traces);
    char *service = (t->name ? xasprintf("%s/%s", t->namespace, t->name)
                     : NULL);

    for (size_t i = 0; i < ips->n; i++) {
        struct trace_query q = {
            .dst = t->dst, .service = service, .inbound = t->inbound,
        };

        ip_addr_parse(ips->names[i], &q.src);
        trace_run(tracer, &q, &traces[i]);
        if (!traces[i].promised) {
            session_set_code(strcmp(traces[i].reason, TRACE_NO_ENDPOINT)
                             ? EGRESSCTL_DIFFERENT : EGRESSCTL_NOT_FOUND);
        }
    }
    if (cmd->format == FORMAT_TABLE) {
        put_traces(&ctx->output, ips, traces);
    } else {
        put_json(ctx, cmd->format, ips, traces);
    }
    for (size_t i = 0; i < ips->n; i++) {
        trace_destroy(&traces[i]);
    }
    free(traces);
    free(service);
}

/* Adds to 'ips' the addresses that 't' means, of the family of the
 * destination. */
static void
find_addresses(struct ctl_context *ctx, const struct tracer *tracer,
               const struct target *t, struct svec *ips)
{
    struct svec all = SVEC_EMPTY_INITIALIZER;
    char buf[IP_STRLEN];

    if (!t->name) {
        svec_add(ips, ip_format(&t->src, buf));
        return;
    }
    if (!trace_endpoints(tracer, t->namespace, t->name, &all)) {
        session_report_missing(xasprintf("Service %s/%s: not found",
                                         t->namespace, t->name));
    }
    for (size_t i = 0; i < all.n; i++) {
        struct in6_addr ip;

        ip_addr_parse(all.names[i], &ip);
        if (!ip_is_set(&t->dst) || ip_family(&ip) == ip_family(&t->dst)) {
            svec_add(ips, all.names[i]);
        }
    }
    if (!ips->n && !all.n) {
        ds_put_format(&ctx->output, "Service %s/%s has no endpoints\n",
                      t->namespace, t->name);
        session_set_code(EGRESSCTL_DIFFERENT);
    } else if (!ips->n) {
        ctl_error(ctx, "trace: Service %s/%s has no endpoints of the family "
                  "of the destination", t->namespace, t->name);
    }
    svec_destroy(&all);
}

static void
trace_command(struct ctl_context *ctx)
{
    const struct command *cmd = command_get(ctx);
    struct svec ips = SVEC_EMPTY_INITIALIZER;
    struct observation o;
    struct target t;
    struct facts f;

    if (!observe_run(ctx, &cmd->objs, &o)) {
        return;
    }
    target_parse(ctx, cmd, &t);
    facts_init(&f, session_northbound(), &o);
    struct trace_input in = {
        .in = &o.in,
        .plan = &o.plan,
        .nb = o.nb,
        .policies = f.policies,
        .n_policies = f.n_policies,
        .sets = &f.sets,
        .inports = &f.inports,
        .heartbeats = &o.heartbeats,
        .silent = &o.silent,
        .hold = o.hold,
    };
    struct tracer *tracer = trace_open(&in);

    find_addresses(ctx, tracer, &t, &ips);
    if (ips.n) {
        run_traces(ctx, cmd, tracer, &t, &ips);
    }
    trace_close(tracer);
    facts_destroy(&f);
    observe_destroy(&o);
    target_destroy(&t);
    svec_destroy(&ips);
}

const struct ctl_command_syntax trace_commands[] = {
    {"trace", 0, INT_MAX, "ADDRESS|NAMESPACE/SERVICE [DESTINATION]",
     trace_prerequisites, trace_command, NULL, "", RO},
    {NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, RO},
};
