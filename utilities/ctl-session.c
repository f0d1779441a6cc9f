/* SPDX-License-Identifier: Apache-2.0 */

/* The connection to OVN_Egress and the one transaction of a command line: see
 * the header.  Keeps its state in one static variable, because
 * db-ctl-base.h ends the program from anywhere. */

#include <config.h>
#include "utilities/ctl-session.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovsdb-data.h"
#include "ovsdb-idl.h"
#include "smap.h"
#include "svec.h"
#include "timeval.h"
#include "util.h"

#include "intent/intent.h"
#include "ovsdb/egress-idl.h"
#include "ovsdb/egress-schema.h"
#include "ovsdb/nb-idl.h"
#include "utilities/ctl-output.h"
#include "utilities/ctl-server.h"

VLOG_DEFINE_THIS_MODULE(ctl_session);

/* How long connecting may take beyond what a command's --timeout says, in
 * ms. */
#define CONNECT_TIME 5000

/* The longest last words, in bytes. */
#define MAX_FATAL 8192

static struct session {
    struct ovsdb_idl *idl;
    struct ovsdb_idl_txn *txn;  /* The attempt in progress, or NULL. */
    struct ovsdb_symbol_table *symtab;
    const char *db;
    struct ovsdb_idl *nb_idl;   /* OVN_Northbound, if a command wants it. */
    const char *nb_db;

    struct ctl_command *commands;
    size_t n_commands;

    bool leader_only;
    bool dry_run;
    bool wait_for_agent;
    bool watch;                 /* Go on after the commit. */
    size_t n_offline;           /* Commands that need no database. */

    long long int deadline;     /* In ms by time_msec(), or LLONG_MAX: of
                                 * the whole program. */
    long long int wait_deadline;        /* Of what a command waits for. */
    double timeout;             /* That the sooner one came from, in s. */
    char *awaited;              /* What keeps us from being done, or NULL. */
    long long int retry_at;     /* When to run the commands again even if
                                 * nothing changes, or LLONG_MAX. */

    struct svec missing;        /* Lines for standard error. */
    enum egressctl_exit code;   /* EGRESSCTL_OK: not set. */
} session = {
    .deadline = LLONG_MAX,
    .wait_deadline = LLONG_MAX,
    .retry_at = LLONG_MAX,
    .missing = SVEC_EMPTY_INITIALIZER,
};

void
session_set_dry_run(void)
{
    session.dry_run = true;
}

bool
session_is_dry_run(void)
{
    return session.dry_run;
}

bool
session_is_single_command(void)
{
    return session.n_commands == 1;
}

void
session_set_watch(void)
{
    session.watch = true;
}

void
session_set_offline(void)
{
    session.n_offline++;
}

/* Lowers '*deadline' to 'seconds' from now. */
static void
lower_deadline(long long int *deadline, double seconds)
{
    long long int new = time_msec() + (long long int) (seconds * 1000);

    if (new < MIN(session.deadline, session.wait_deadline)) {
        session.timeout = seconds;
    }
    *deadline = MIN(*deadline, new);
}

void
session_set_timeout(double seconds)
{
    lower_deadline(&session.wait_deadline, seconds);
}

void
session_try_again_at(struct ctl_context *ctx, long long int when)
{
    session.retry_at = MIN(session.retry_at, when);
    ctx->try_again = true;
}

void
session_set_code(enum egressctl_exit code)
{
    session.code = code;
}

struct ovsdb_idl *
session_northbound(void)
{
    if (!session.nb_idl) {
        session.nb_idl = ovsdb_idl_create_unconnected(&nbrec_idl_class, false);
    }
    return session.nb_idl;
}

void
session_set_awaited(char *what)
{
    free(session.awaited);
    session.awaited = what;
}

void
session_report_missing(char *message)
{
    svec_add_nocopy(&session.missing, message);
}

void
session_wait_for_agent(struct ctl_context *ctx)
{
    session.wait_for_agent = true;
    ovsdb_idl_add_column(ctx->idl, &egressrec_egress_global_col_next_cfg);
    ovsdb_idl_add_column(ctx->idl, &egressrec_egress_global_col_cur_cfg);
}

const struct egressrec_egress_global *
session_global(struct ctl_context *ctx)
{
    const struct egressrec_egress_global *global
        = egressrec_egress_global_first(ctx->idl);

    return global ? global : egressrec_egress_global_insert(ctx->txn);
}

static void
free_attempt(void)
{
    if (session.txn) {
        ovsdb_idl_txn_abort(session.txn);
        ovsdb_idl_txn_destroy(session.txn);
        session.txn = NULL;
    }
    ovsdb_symbol_table_destroy(session.symtab);
    session.symtab = NULL;

    for (size_t i = 0; i < session.n_commands; i++) {
        struct ctl_command *c = &session.commands[i];

        ds_destroy(&c->output);
        ds_init(&c->output);
        if (c->table) {
            table_destroy(c->table);
            free(c->table);
            c->table = NULL;
        }
    }
    svec_clear(&session.missing);
}

static void
free_session(void)
{
    free_attempt();
    ovsdb_idl_destroy(session.idl);
    session.idl = NULL;
    ovsdb_idl_destroy(session.nb_idl);
    session.nb_idl = NULL;
    svec_destroy(&session.missing);
    free(session.awaited);
    session.awaited = NULL;
}

void
session_exit(int status)
{
    free_session();
    exit(session.code != EGRESSCTL_OK ? session.code : status);
}

void
session_fatal(enum egressctl_exit code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *message = xvasprintf(format, args);
    va_end(args);

    /* What the database or a manifest says may be in it. */
    char *clean = intent_clean(message, MAX_FATAL);

    free(message);
    session.code = code;
    ctl_fatal("%s", clean);
}

/* Ends the program because a command failed. */
OVS_NO_RETURN static void
command_fatal(const char *error)
{
    session_fatal(MAX(session.code, EGRESSCTL_FAILED), "%s", error);
}

/* Ends the program if the connection of 'idl', to the database 'name' at 'db',
 * is lost. */
static void
check_connection(const struct ovsdb_idl *idl, const char *name,
                 const char *db)
{
    if (!ovsdb_idl_is_alive(idl)) {
        int error = ovsdb_idl_get_last_error(idl);

        session_fatal(EGRESSCTL_NO_DATABASE,
                      "%s: cannot connect to the database %s (%s)",
                      db, name, (error ? ovs_retval_to_string(error)
                                 : server_why_not(db, name,
                                                  session.leader_only)));
    }
}

/* Ends the program if a connection is lost or 'deadline' is over, else makes
 * the next poll_block() wake up when that may be so. */
static void
check_alive(long long int deadline)
{
    check_connection(session.idl, "OVN_Egress", session.db);
    if (session.nb_idl) {
        check_connection(session.nb_idl, "OVN_Northbound", session.nb_db);
    }
    if (time_msec() >= deadline) {
        if (!ovsdb_idl_has_ever_connected(session.idl)) {
            session_set_awaited(xasprintf("no answer from the database "
                                          "OVN_Egress at %s", session.db));
        } else if (session.nb_idl
                   && !ovsdb_idl_has_ever_connected(session.nb_idl)) {
            session_set_awaited(xasprintf("no answer from the database "
                                          "OVN_Northbound at %s",
                                          session.nb_db));
        }
        session_fatal(EGRESSCTL_TIMED_OUT, "timed out after %g s: %s",
                      session.timeout,
                      session.awaited ? session.awaited : "not done");
    }
    poll_timer_wait_until(deadline);
}

/* Until when to wait for the database to change.  What a command waits for, it
 * has to look at once, however short its time. */
static long long int
get_deadline(void)
{
    long long int deadline = session.wait_deadline;

    if (deadline != LLONG_MAX
        && !ovsdb_idl_has_ever_connected(session.idl)) {
        deadline += CONNECT_TIME;
    }
    return MIN(session.deadline, deadline);
}

/* Lets each command say which columns it wants. */
static void
run_prerequisites(void)
{
    for (size_t i = 0; i < session.n_commands; i++) {
        struct ctl_command *c = &session.commands[i];
        struct ctl_context ctx;

        ds_init(&c->output);
        c->table = NULL;
        if (!c->syntax->prerequisites) {
            continue;
        }
        ds_init(&ctx.output);
        ctl_context_init(&ctx, c, session.idl, NULL, NULL, NULL);
        c->syntax->prerequisites(&ctx);
        if (ctx.error) {
            command_fatal(ctx.error);
        }
        ctl_context_done(&ctx, c);
    }
}

/* A named row that does not get into the database is a mistake. */
static void
check_symbols(void)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &session.symtab->sh) {
        const struct ovsdb_symbol *symbol = node->data;

        if (!symbol->created) {
            ctl_fatal("row id \"%s\" is used but no command creates it "
                      "(as with \"-- --id=%s create ...\")",
                      node->name, node->name);
        } else if (!symbol->strong_ref) {
            VLOG_WARN("row id \"%s\" was created but %s refers to it, so the "
                      "database will not keep it", node->name,
                      symbol->weak_ref ? "only a weak reference" : "nothing");
        }
    }
}

/* Runs the commands.  Returns false if one of them is not content yet. */
static bool
run_commands(struct ctl_context *ctx)
{
    for (size_t i = 0; i < session.n_commands; i++) {
        struct ctl_command *c = &session.commands[i];

        ctl_context_init_command(ctx, c, i == session.n_commands - 1);
        if (c->syntax->run) {
            c->syntax->run(ctx);
        }
        if (ctx->error) {
            command_fatal(ctx->error);
        }
        ctl_context_done_command(ctx, c);
        if (ctx->try_again) {
            return false;
        }
    }
    return true;
}

/* Sends the transaction and waits for the answer.  Returns true if it is
 * committed, false if it has to be made anew. */
static bool
commit(void)
{
    enum ovsdb_idl_txn_status status;

    while ((status = ovsdb_idl_txn_commit(session.txn)) == TXN_INCOMPLETE) {
        ovsdb_idl_run(session.idl);
        check_alive(session.deadline);
        ovsdb_idl_wait(session.idl);
        ovsdb_idl_txn_wait(session.txn);
        poll_block();
    }
    if (status == TXN_ERROR) {
        session_fatal(EGRESSCTL_FAILED,
                      "the database refuses the transaction: %s",
                      ovsdb_idl_txn_get_error(session.txn));
    }
    return status == TXN_SUCCESS || status == TXN_UNCHANGED;
}

/* Lets commands complete their output with what the commit has given. */
static void
postprocess(void)
{
    for (size_t i = 0; i < session.n_commands; i++) {
        struct ctl_command *c = &session.commands[i];
        struct ctl_context ctx;

        if (c->syntax->postprocess) {
            ds_init(&ctx.output);
            ctl_context_init(&ctx, c, session.idl, session.txn,
                             session.symtab, NULL);
            c->syntax->postprocess(&ctx);
            if (ctx.error) {
                command_fatal(ctx.error);
            }
            ctl_context_done(&ctx, c);
        }
    }
}

/* Tries once to run everything and commit it.  Returns false if the database
 * has to change first.  Otherwise sets '*next_cfg' to what the agent has to
 * reach. */
static bool
attempt(const struct session_options *o, int64_t *next_cfg)
{
    session.txn = ovsdb_idl_txn_create(session.idl);
    session.symtab = ovsdb_symbol_table_create();
    if (session.dry_run) {
        ovsdb_idl_txn_set_dry_run(session.txn);
    }
    ovsdb_idl_txn_add_comment(session.txn, "ovn-egressctl: %s", o->args);

    struct ctl_context ctx;
    ds_init(&ctx.output);
    ctl_context_init(&ctx, NULL, session.idl, session.txn, session.symtab,
                     NULL);
    if (ctl_might_write_to_db(session.commands, session.n_commands)) {
        const struct egressrec_egress_global *global = session_global(&ctx);

        if (session.wait_for_agent) {
            ovsdb_idl_txn_increment(session.txn, &global->header_,
                                    &egressrec_egress_global_col_next_cfg,
                                    true);
        }
    }

    struct smap options;
    options_remember(session.idl, &options);
    bool content = run_commands(&ctx);
    options_check_change(session.idl, &options, session.commands,
                         session.n_commands);
    ctl_context_done(&ctx, NULL);
    if (!content) {
        return false;
    }
    check_symbols();
    if (!commit()) {
        return false;
    }
    postprocess();
    if (session.wait_for_agent && !session.dry_run) {
        *next_cfg = ovsdb_idl_txn_get_increment_new_value(session.txn);
    }
    return true;
}

/* Prints the output of all commands, and what is missing. */
static void
print_output(const struct session_options *o)
{
    output_print(session.commands, session.n_commands, &o->table_style);
    output_print_missing(&session.missing);
    if (session.missing.n) {
        session.code = EGRESSCTL_NOT_FOUND;
    }
}

/* True once the agent has answered 'next_cfg', or nobody has asked it. */
static bool
agent_is_done(int64_t next_cfg)
{
    const struct egressrec_egress_global *global
        = egressrec_egress_global_first(session.idl);

    return !next_cfg || (global && global->cur_cfg >= next_cfg);
}

/* True if there is more to come and somebody to read it. */
static bool
watches_on(void)
{
    return (session.watch && session.code == EGRESSCTL_OK
            && !ferror(stdout));
}

static void
create_idl(const struct session_options *o)
{
    session.db = o->db;
    session.nb_db = o->nb_db;
    session.leader_only = o->leader_only;
    session.idl = ovsdb_idl_create_unconnected(&egressrec_idl_class, false);
    ovsdb_idl_set_leader_only(session.idl, o->leader_only);
    if (o->timeout) {
        lower_deadline(&session.deadline, o->timeout);
    }
}

/* Connects to the databases that the commands want. */
static void
connect_idls(const struct session_options *o)
{
    ovsdb_idl_set_remote(session.idl, o->db, false);
    if (session.nb_idl) {
        ovsdb_idl_set_leader_only(session.nb_idl, o->leader_only);
        ovsdb_idl_set_remote(session.nb_idl, o->nb_db, false);
    }
}

/* A number that changes with either database. */
static unsigned int
get_seqno(void)
{
    return (ovsdb_idl_get_seqno(session.idl)
            + (session.nb_idl ? ovsdb_idl_get_seqno(session.nb_idl) : 0));
}

/* Brings the replicas up to date.  Returns true if the commands should be run:
 * all of them are there, and something changed since '*seqno', or it is
 * time. */
static bool
run_idls(unsigned int *seqno)
{
    ovsdb_idl_run(session.idl);
    if (session.nb_idl) {
        ovsdb_idl_run(session.nb_idl);
    }
    if (!ovsdb_idl_has_ever_connected(session.idl)
        || (session.nb_idl
            && !ovsdb_idl_has_ever_connected(session.nb_idl))) {
        return false;
    }

    char *why_not = egress_schema_why_not(session.idl, NULL);
    if (why_not) {
        session_fatal(EGRESSCTL_NO_DATABASE, "%s: %s", session.db, why_not);
    }
    bool due = *seqno != get_seqno() || time_msec() >= session.retry_at;
    *seqno = get_seqno();
    return due;
}

static void
wait_idls(unsigned int seqno)
{
    if (seqno == get_seqno()) {
        ovsdb_idl_wait(session.idl);
        if (session.nb_idl) {
            ovsdb_idl_wait(session.nb_idl);
        }
        if (session.retry_at != LLONG_MAX) {
            poll_timer_wait_until(session.retry_at);
        }
        poll_block();
    }
}

enum egressctl_exit
session_run(struct ctl_command *commands, size_t n,
            const struct session_options *o)
{
    session.commands = commands;
    session.n_commands = n;
    session.dry_run = session.dry_run || o->dry_run;
    create_idl(o);
    run_prerequisites();
    if (ctl_might_write_to_db(commands, n)) {
        /* attempt() makes the row if it is not there. */
        ovsdb_idl_add_table(session.idl, &egressrec_table_egress_global);
    }
    if (session.n_offline == n) {
        free_session();
        return session.code;
    }
    connect_idls(o);

    bool committed = false;
    int64_t next_cfg = 0;
    unsigned int seqno = get_seqno();
    for (;;) {
        if (run_idls(&seqno) && !committed) {
            session.retry_at = LLONG_MAX;
            committed = attempt(o, &next_cfg);
            if (committed) {
                print_output(o);
                committed = !watches_on();
                session_set_awaited(xstrdup(
                    session.watch ? "watched for so long"
                    : "committed, but ovn-egress-agent has not answered "
                    "(does it run?)"));
            }
            free_attempt();
        }
        if (committed && agent_is_done(next_cfg)) {
            break;
        }
        check_alive(get_deadline());
        wait_idls(seqno);
    }
    free_session();
    return session.code;
}
