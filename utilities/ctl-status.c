/* SPDX-License-Identifier: Apache-2.0 */

/* status: is all well?  The agent, the nodes, how many objects there are, and
 * what is wrong with which, on one screen. */

#include <config.h>
#include "utilities/egressctl.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "ovsdb-idl.h"
#include "smap.h"
#include "timeval.h"
#include "util.h"

#include "intent/intent.h"
#include "ovsdb/egress-idl.h"
#include "ovsdb/lease.h"
#include "ovsdb/node-bounds.h"
#include "plan/world/option.h"
#include "utilities/ctl-command.h"
#include "utilities/ctl-heartbeat.h"
#include "utilities/ctl-object.h"
#include "utilities/ctl-session.h"
#include "utilities/ctl-text.h"

/* So many nodes, and problems, fit on a screen. */
#define MAX_NODES 10
#define MAX_PROBLEMS 10

/* What comes together for the last word. */
struct status {
    struct ds *s;
    struct ds problems;         /* A line each. */
    size_t n_problems;
    size_t n_warnings;          /* Of these, what works all the same. */
};

static void OVS_PRINTF_FORMAT(2, 3)
add_problem(struct status *st, const char *format, ...)
{
    va_list args;

    if (st->n_problems++ < MAX_PROBLEMS) {
        va_start(args, format);
        char *line = xvasprintf(format, args);
        va_end(args);
        ds_put_cstr(&st->problems, "  ");
        text_put(&st->problems, line);
        ds_put_char(&st->problems, '\n');
        free(line);
    }
}

static void
status_prerequisites(struct ctl_context *ctx)
{
    const struct ovsdb_idl_column *const columns[] = {
        &egressrec_egress_global_col_options,
        &egressrec_egress_global_col_effective,
        &egressrec_egress_global_col_status,
        &egressrec_egress_global_col_leader,
        &egressrec_egress_global_col_leader_beat,
        &egressrec_egress_global_col_next_cfg,
        &egressrec_egress_global_col_cur_cfg,
        &egressrec_node_col_name,
        &egressrec_node_col_heartbeat,
        &egressrec_node_col_conditions,
        &egressrec_node_col_counters,
        &egressrec_node_service_col_node,
        &egressrec_node_service_col_service,
        &egressrec_node_service_col_revision,
        &egressrec_node_service_col_acked,
        &egressrec_node_service_col_error,
        &egressrec_node_policy_col_node,
        &egressrec_node_policy_col_policy,
        &egressrec_node_policy_col_revision,
        &egressrec_node_policy_col_acked,
        &egressrec_node_policy_col_error,
        &egressrec_node_peer_col_node,
        &egressrec_node_peer_col_peer,
        &egressrec_node_peer_col_revision,
        &egressrec_node_peer_col_acked,
        &egressrec_node_peer_col_error,
        &egressrec_node_peer_col_session,
    };
    const struct command *cmd = command_parse(ctx, CMD_OUTPUT);

    if (!cmd) {
        return;
    }
    if (cmd->n_words) {
        ctl_error(ctx, "status: unexpected argument \"%s\"", cmd->words[0]);
        return;
    }
    if (cmd->format != FORMAT_TABLE && cmd->format != FORMAT_WIDE) {
        ctl_error(ctx, "status: -o must be table or wide");
        return;
    }
    object_monitor(ctx);
    for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
        ovsdb_idl_add_column(ctx->idl, columns[i]);
    }
}

static void
put_map(struct ds *s, const char *title, const struct smap *map)
{
    const struct smap_node **sorted = smap_sort(map);

    ds_put_format(s, "%s:%s\n", title, smap_is_empty(map) ? " none" : "");
    for (size_t i = 0; i < smap_count(map); i++) {
        ds_put_cstr(s, "  ");
        text_put(s, sorted[i]->key);
        ds_put_cstr(s, ": ");
        text_put(s, sorted[i]->value);
        ds_put_char(s, '\n');
    }
    free(sorted);
}

/* The agent. */

/* Notes which options are wrong: each has another value in force. */
static void
put_options(struct status *st, const struct egressrec_egress_global *global)
{
    struct intent_problems problems = INTENT_PROBLEMS_INITIALIZER;

    option_check_all(&global->options, &problems);
    for (size_t i = 0; i < problems.n; i++) {
        const char *name = problems.items[i].field;
        const char *value = smap_get(&global->effective, name);

        if (option_find(name) && value) {
            add_problem(st, "options: %s: %s; in force is \"%s\"", name,
                        problems.items[i].message, value);
        } else {
            add_problem(st, "options: %s: %s", name,
                        problems.items[i].message);
        }
    }
    intent_problems_destroy(&problems);
}

/* Since when we listen to the agent, in ms by time_msec(), or 0, and what its
 * beat was then. */
static long long int listening_since;
static int64_t first_beat;

/* True if an agent is active, which its beat tells, or it is not known yet:
 * then sets '*again' to the time until which to listen.  Clocks differ, so a
 * beat that seems to be old is old if it does not change. */
static bool
has_agent(const struct egressrec_egress_global *global, long long int *again)
{
    long long int age;

    *again = 0;
    if (!*global->leader) {
        return false;
    } else if (heartbeat_get_age(global->leader_beat, &age)
               && llabs(age) <= LEASE_MS) {
        return true;
    }
    if (!listening_since) {
        listening_since = time_msec();
        first_beat = global->leader_beat;
    }
    if (global->leader_beat != first_beat) {
        return true;
    }
    if (time_msec() < listening_since + 3 * LEASE_BEAT_MS) {
        *again = listening_since + 3 * LEASE_BEAT_MS;
    }
    return *again != 0;
}

static void
put_agent(struct status *st, const struct egressrec_egress_global *global,
          bool active)
{
    const char *hold = smap_get(&global->status, "hold");
    const char *problem = smap_get(&global->status, "problem");

    ds_put_format(st->s, "Agent: %s\n",
                  !active ? "none is active"
                  : hold ? "active, but does not plan" : "active");
    if (!active) {
        add_problem(st, "no ovn-egress-agent is active: nobody decides");
    }
    if (hold) {
        add_problem(st, "the agent does not plan: %s", hold);
    }
    if (problem) {
        add_problem(st, "%s", problem);
    }
    put_options(st, global);
    if (global->cur_cfg < global->next_cfg) {
        add_problem(st, "the agent has answered change %"PRId64" of %"PRId64,
                    global->cur_cfg, global->next_cfg);
    }
}

/* Nodes. */

/* How far a node is with its work. */
struct tally {
    int64_t heartbeat;          /* 0 if its helper was never heard of. */
    size_t done, pending, failed;
    size_t n_sessions, n_established;
    const struct egressrec_node *row;   /* NULL if it has none. */
    uint64_t n_dropped;         /* Packets, by its guard. */
};

/* Returns the tally of the node 'name', a new one if need be. */
static struct tally *
get_tally(struct shash *tallies, const char *name)
{
    struct tally *tally = shash_find_data(tallies, name);

    if (!tally) {
        tally = xzalloc(sizeof *tally);
        shash_add(tallies, name, tally);
    }
    return tally;
}

static void
add_work(struct status *st, struct shash *tallies, const char *node,
         const char *what, const char *revision, const char *acked,
         const char *error)
{
    struct tally *tally = get_tally(tallies, node);

    if (error[0]) {
        tally->failed++;
        add_problem(st, "%s: %s: %s", node, what, error);
    } else if (strcmp(revision, acked)) {
        tally->pending++;
    } else {
        tally->done++;
    }
}

/* Returns the counter 'i' of 'row', whoever wrote it. */
static uint64_t
get_counter(const struct egressrec_node *row, size_t i)
{
    return MAX(0, MIN(row->value_counters[i], UINT32_MAX));
}

/* So many counters of a node are looked at. */
static size_t
n_counters(const struct egressrec_node *row)
{
    return MIN(row->n_counters, NODE_BOUNDS_MAP);
}

static uint64_t
count_dropped(const struct egressrec_node *row)
{
    uint64_t n = 0;

    for (size_t i = 0; i < n_counters(row); i++) {
        n += get_counter(row, i);
    }
    return n;
}

static void
tally_work(struct status *st, struct ctl_context *ctx, struct shash *tallies)
{
    const struct egressrec_node_service *service;
    const struct egressrec_node_policy *policy;
    const struct egressrec_node_peer *peer;
    const struct egressrec_node *node;

    EGRESSREC_NODE_FOR_EACH (node, ctx->idl) {
        struct tally *tally = get_tally(tallies, node->name);

        tally->row = node;
        tally->n_dropped = count_dropped(node);
        tally->heartbeat = node->heartbeat;
    }
    EGRESSREC_NODE_SERVICE_FOR_EACH (service, ctx->idl) {
        add_work(st, tallies, service->node, service->service,
                 service->revision, service->acked, service->error);
    }
    EGRESSREC_NODE_POLICY_FOR_EACH (policy, ctx->idl) {
        add_work(st, tallies, policy->node, policy->policy, policy->revision,
                 policy->acked, policy->error);
    }
    EGRESSREC_NODE_PEER_FOR_EACH (peer, ctx->idl) {
        struct tally *tally = get_tally(tallies, peer->node);

        add_work(st, tallies, peer->node, peer->peer, peer->revision,
                 peer->acked, peer->error);
        tally->n_sessions++;
        tally->n_established += !strcmp(peer->session, "Established");
    }
}

/* Returns how long ago 'heartbeat' was, for people, and sets '*old' to whether
 * that is longer than 'patience' ms.  The caller frees it. */
static char *
format_heartbeat(int64_t heartbeat, long long int patience, bool *old)
{
    long long int age;
    bool is_time = heartbeat_get_age(heartbeat, &age);

    *old = is_time && llabs(age) > patience;
    return (is_time ? xasprintf("%llds", age / 1000)
            : xstrdup(heartbeat ? "seen" : "never"));
}

/* Adds a line for the node 'name', if there is something wrong with it or if
 * 'all' shall be shown.  Returns false if it is not. */
static bool
add_node(struct status *st, struct text_table *t, const char *name,
         const struct tally *tally, long long int patience, bool all)
{
    bool old;
    char *heard = format_heartbeat(tally->heartbeat, patience, &old);

    if (old) {
        add_problem(st, "%s: its helper was heard last %s ago (by this "
                    "machine's clock)", name, heard);
    }
    if (!all && !old && !tally->failed && tally->heartbeat) {
        free(heard);
        return false;
    }
    text_table_add_cell(t, name);
    text_table_add_cell_nocopy(t, heard);
    text_table_add_cell_nocopy(t, xasprintf("%"PRIuSIZE, tally->done));
    text_table_add_cell_nocopy(t, xasprintf("%"PRIuSIZE, tally->pending));
    text_table_add_cell_nocopy(t, xasprintf("%"PRIuSIZE, tally->failed));
    text_table_add_cell_nocopy(t, xasprintf("%"PRIuSIZE"/%"PRIuSIZE,
                                            tally->n_established,
                                            tally->n_sessions));
    text_table_add_cell_nocopy(t, xasprintf("%"PRIu64, tally->n_dropped));
    return true;
}

/* Says what the guard of a node has dropped, and whose packets were the last
 * ones. */
static void
put_dropped(const struct egressrec_node *row, struct ds *s)
{
    char *text = NULL;
    bool any = false;

    ds_put_cstr(s, "  ");
    text_put(s, row->name);
    ds_put_char(s, ':');
    for (size_t i = 0; i < n_counters(row); i++) {
        uint64_t n = get_counter(row, i);

        if (n) {
            node_bounds_word(&text, row->key_counters[i]);
            ds_put_format(s, "%s %s %"PRIu64, any ? "," : "",
                          *text ? text : "?", n);
            any = true;
        }
    }
    node_bounds_text(&text, smap_get_def(&row->conditions, "Dropped", ""),
                     NODE_BOUNDS_TEXT);
    if (*text) {
        ds_put_cstr(s, "; last ");
        text_put(s, text);
    }
    ds_put_char(s, '\n');
    free(text);
}

/* The same of all nodes, if there are any, but only 'max'. */
static void
put_all_dropped(const struct shash_node **sorted, size_t n, size_t max,
                struct ds *s)
{
    size_t n_shown = 0, n_more = 0;

    for (size_t i = 0; i < n; i++) {
        const struct tally *tally = sorted[i]->data;

        if (!tally->n_dropped) {
            continue;
        } else if (n_shown >= max) {
            n_more++;
            continue;
        } else if (!n_shown++) {
            ds_put_cstr(s, "Dropped packets:\n");
        }
        put_dropped(tally->row, s);
    }
    if (n_more) {
        ds_put_format(s, "  and on %"PRIuSIZE" more nodes: see \"status -o "
                      "wide\"\n", n_more);
    }
}

static void
put_nodes(struct status *st, struct ctl_context *ctx,
          const struct egressrec_egress_global *global, bool wide)
{
    static const char *const headings[] = {
        "NODE", "HEARD", "DONE", "PENDING", "FAILED", "SESSIONS",
        "DROPPED", NULL
    };
    long long int patience = heartbeat_patience(&global->options);
    struct shash tallies = SHASH_INITIALIZER(&tallies);
    struct text_table t;
    size_t n_shown = 0;

    tally_work(st, ctx, &tallies);
    text_table_init_columns(&t, headings);

    const struct shash_node **sorted = shash_sort(&tallies);
    size_t n = shash_count(&tallies);
    for (size_t i = 0; i < n && (wide || n_shown < MAX_NODES); i++) {
        n_shown += add_node(st, &t, sorted[i]->name, sorted[i]->data,
                            patience, wide || n <= MAX_NODES);
    }
    ds_put_format(st->s, "Nodes: %"PRIuSIZE"%s\n", n,
                  n_shown < n ? ", of which these need a look:" : "");
    if (n_shown) {
        text_table_format(&t, true, 2, st->s);
    }
    put_all_dropped(sorted, n, wide ? SIZE_MAX : MAX_NODES, st->s);
    free(sorted);
    text_table_destroy(&t);
    shash_destroy_free_data(&tallies);
}

/* Notes a problem if the condition 'type' of 'row' is there and is 'bad', or,
 * if 'bad' is NULL, is not "True". */
static bool
check_condition(struct status *st, const struct egressrec_object *row,
                const char *type, const char *bad)
{
    struct object_condition c;
    bool is_problem = (object_condition_get(row, type, &c)
                       && (bad ? !strcmp(c.status, bad)
                           : strcmp(c.status, "True")));

    if (is_problem) {
        char *id = object_id(row);

        add_problem(st, "%s: %s is %s%s%s%s%s", id, type, c.status,
                    c.reason[0] ? ", " : "", c.reason,
                    c.message[0] ? ": " : "", c.message);
        free(id);
    }
    object_condition_destroy(&c);
    return is_problem;
}

/* Notes what is wrong with 'row': the cause rather than its effects. */
static void
check_object(struct status *st, const struct egressrec_object *row)
{
    if (!check_condition(st, row, "Accepted", "False")
        && !check_condition(st, row, "Ready", NULL)
        && !smap_get(&row->conditions, "Ready")) {
        check_condition(st, row, "IngressAllocated", "False");
    }
    check_condition(st, row, "Conflicted", "True");
    check_condition(st, row, "Degraded", "True");
    check_condition(st, row, "Eligible", "False");
    check_condition(st, row, "Established", "False");
    check_condition(st, row, "Kept", "True");
    st->n_warnings += check_condition(st, row, "TopologyConflict", "True");
    st->n_warnings += check_condition(st, row, "Warning", "True");
}

static void
put_objects(struct status *st, struct ctl_context *ctx)
{
    bool any = false;

    ds_put_cstr(st->s, "Objects:");
    for (int i = 0; i < INTENT_N_KINDS; i++) {
        struct object_refs refs = { NULL, 0 };
        object_refs_add(&refs, i, NULL, NULL);

        struct object_rows rows = object_rows_select(ctx, &refs, true);
        if (rows.n) {
            ds_put_format(st->s, "%s  %s: %"PRIuSIZE"\n", any ? "" : "\n",
                          intent_kind_name(i), rows.n);
            any = true;
        }
        for (size_t j = 0; j < rows.n; j++) {
            check_object(st, rows.rows[j]);
        }
        object_rows_destroy(&rows);
        object_refs_destroy(&refs);
    }
    ds_put_cstr(st->s, any ? "" : " none\n");
}

static void
put_problems(struct status *st)
{
    ds_put_format(st->s, "Problems:%s%s", st->n_problems ? "\n" : " none\n",
                  ds_cstr(&st->problems));
    if (st->n_problems > MAX_PROBLEMS) {
        ds_put_format(st->s, "  and %"PRIuSIZE" more: see \"get es\", "
                      "\"get no\" and \"describe\"\n",
                      st->n_problems - MAX_PROBLEMS);
    }
    if (st->n_problems > st->n_warnings) {
        session_set_code(EGRESSCTL_DIFFERENT);
    }
}

static void
status_run(struct ctl_context *ctx)
{
    const struct egressrec_egress_global *global
        = egressrec_egress_global_first(ctx->idl);
    bool wide = command_get(ctx)->format == FORMAT_WIDE;
    struct status st = {
        .s = &ctx->output, .problems = DS_EMPTY_INITIALIZER,
    };

    if (!global) {
        ds_put_cstr(st.s, "Agent: has never used this database\n");
        session_set_code(EGRESSCTL_DIFFERENT);
        return;
    }

    long long int again;
    bool active = has_agent(global, &again);
    if (again) {
        session_set_awaited(xstrdup("listening whether an ovn-egress-agent "
                                    "is active"));
        session_try_again_at(ctx, again);
        ds_destroy(&st.problems);
        return;
    }
    put_agent(&st, global, active);
    if (wide) {
        put_map(st.s, "Options in effect", &global->effective);
    }
    put_nodes(&st, ctx, global, wide);
    put_objects(&st, ctx);
    put_problems(&st);
    ds_destroy(&st.problems);
}

const struct ctl_command_syntax status_commands[] = {
    {"status", 0, INT_MAX, "", status_prerequisites, status_run, NULL, "",
     RO},
    {NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, RO},
};
