/* SPDX-License-Identifier: Apache-2.0 */

/* ovn-egress-node: makes a host do its part.
 *
 * The loop: when its rows of OVN_Egress or the kernel changed, or something
 * has to be tried again, work.c reads the rows, reconcile.c makes the kernel
 * match, and work.c writes what came of it.  Decides nothing itself. */

#include <config.h>

#include <cap-ng.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/daemon-shell.h"
#include "lib/egress-dirs.h"
#include "node/beat.h"
#include "node/guard.h"
#include "node/peers.h"
#include "node/reconcile.h"
#include "node/state.h"
#include "node/trial.h"
#include "node/work.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovsdb-idl.h"
#include "ovsdb/egress-idl.h"
#include "stopwatch.h"
#include "timeval.h"
#include "unixctl.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(node);

#define STOPWATCH_NAME "reconcile"

/* When something failed, it is tried again after this long (ms), doubled each
 * time. */
#define RETRY_MIN 1000
#define RETRY_MAX 30000

/* After a run, the next one waits for this many times as long as it took, so
 * that a host whose routes change all the time keeps its processor. */
#define REST_FACTOR 4

/* The longest rest (ms): what took a minute was stopped rather than busy. */
#define REST_MAX 10000

/* And after a failure for this long (ms) at least, for what it changed in vain
 * may come back as a notification. */
#define FAILURE_REST 200

struct node {
    struct ovsdb_idl_loop loop;
    struct trial *trial;
    struct work *work;
    struct peers *peers;
    uint8_t protocol;
    unsigned int seqno;         /* Of the IDL, as last collected. */
    bool dirty;                 /* Something changed. */
    long long int not_before;   /* Next run at the earliest. */
    long long int retry;        /* Next run at the latest, or LLONG_MAX. */
    unsigned int backoff;       /* Of the next retry, ms. */
    long long int beat;         /* Next heartbeat. */
    int64_t beaten;             /* Wall clock of the last one, ms. */
    long long int untaken;      /* Since when the database has taken none, or
                                 * 0. */
    int64_t asked;              /* Number of the heartbeat that OVN_Egress has
                                 * to answer to end a trial. */
    uint64_t n_runs;
    const char *hindrance;      /* Why the work is not known, as logged. */

    struct reconcile_result *result;    /* Of the last run, or NULL. */
};

/* Options. */
static const char *remote;
static const char *node_name;
static const char *protocol_text;
static const char *frr_namespace;
static bool dry_run;

/* Control commands. */

/* So many heartbeats are not taken before we say so. */
#define MAX_UNTAKEN 3

/* True if the database refuses what we write. */
static bool
is_refused(const struct node *node)
{
    const struct machine_input *in = work_get_input(node->work);

    return (in && node->untaken && ovsdb_idl_is_connected(node->loop.idl)
            && (time_msec() - node->untaken
                > MAX_UNTAKEN * in->options->heartbeat_interval));
}

static void
show_command(struct unixctl_conn *conn, int argc OVS_UNUSED,
             const char *argv[] OVS_UNUSED, void *node_)
{
    const struct node *node = node_;
    const struct machine_input *in = work_get_input(node->work);
    struct ds s = DS_EMPTY_INITIALIZER;

    if (in) {
        reconcile_format_wanted(in, node->protocol, &s);
    }
    unixctl_command_reply(conn, ds_cstr(&s));
    ds_destroy(&s);
}

static void
diff_command(struct unixctl_conn *conn, int argc OVS_UNUSED,
             const char *argv[] OVS_UNUSED, void *node_)
{
    const struct node *node = node_;
    const struct machine_input *in = work_get_input(node->work);
    struct ds s = DS_EMPTY_INITIALIZER;

    if (in) {
        reconcile_format_diff(in, node->protocol, &s);
    }
    unixctl_command_reply(conn, ds_cstr(&s));
    ds_destroy(&s);
}

static void
resync_command(struct unixctl_conn *conn, int argc OVS_UNUSED,
               const char *argv[] OVS_UNUSED, void *node_)
{
    struct node *node = node_;

    node->dirty = true;
    node->not_before = 0;
    unixctl_command_reply(conn, NULL);
}

static void
status_command(struct unixctl_conn *conn, int argc OVS_UNUSED,
               const char *argv[] OVS_UNUSED, void *node_)
{
    const struct node *node = node_;
    struct ovsdb_idl *idl = node->loop.idl;
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_format(&s, "node: %s\n", node_name);
    bool connected = ovsdb_idl_is_connected(idl);
    int error = connected ? 0 : ovsdb_idl_get_last_error(idl);
    ds_put_format(&s, "database: %s%s%s%s\n",
                  connected ? "connected" : "not connected",
                  error ? ": " : "", error ? ovs_retval_to_string(error) : "",
                  is_refused(node)
                  ? ", but it refuses what this node writes: the "
                    "certificate may be that of another node, or the "
                    "connection read-only" : "");
    const char *hindrance = work_hindrance(node->work);
    ds_put_format(&s, "work: %s%s\n",
                  hindrance ? "not known, nothing is changed: " : "read",
                  hindrance ? hindrance : "");
    ds_put_format(&s, "kernel: %s\n",
                  !node->result ? "not read yet"
                  : node->result->matches ? "as wanted" : "not as wanted");
    ds_put_format(&s, "runs: %"PRIu64"\n", node->n_runs);
    if (node->result) {
        reconcile_format_problems("error", &node->result->errors, &s);
        reconcile_format_problems("warning", &node->result->warnings, &s);
    }

    struct guard_report guard;
    guard_report_init(&guard);
    guard_report_format(&guard, &s);
    guard_report_destroy(&guard);
    unixctl_command_reply(conn, ds_cstr(&s));
    ds_destroy(&s);
}

static void
frr_command(struct unixctl_conn *conn, int argc OVS_UNUSED,
            const char *argv[] OVS_UNUSED, void *node_)
{
    const struct node *node = node_;
    struct ds s = DS_EMPTY_INITIALIZER;

    peers_format(node->peers, &s);
    unixctl_command_reply(conn, ds_cstr(&s));
    ds_destroy(&s);
}

/* Life. */

/* Where --user has made us somebody who is not root, libopenvswitch has kept
 * more than we need.  Returns NULL, or why that cannot be given up. */
static char *
drop_privileges(void)
{
    if (!geteuid()) {
        return NULL;
    }
    capng_clear(CAPNG_SELECT_CAPS);
    if (capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED,
                     CAP_NET_ADMIN)
        || capng_apply(CAPNG_SELECT_CAPS)) {
        return xstrdup("cannot drop capabilities");
    }
    return NULL;
}

static char *
node_init(void *node_)
{
    struct node *node = node_;
    unsigned int protocol = MACHINE_DEFAULT_PROTOCOL;
    static char hostname[HOST_NAME_MAX + 1];

    if (protocol_text
        && (!str_to_uint(protocol_text, 0, &protocol)
            || protocol < 5 || protocol > 255)) {
        return xasprintf("--rt-protocol: \"%s\" is not a number from 5 to "
                         "255", protocol_text);
    }
    if (!node_name) {
        gethostname(hostname, sizeof hostname - 1);
        node_name = hostname;
    }

    char *error = drop_privileges();
    if (!error) {
        error = reconcile_init();
    }
    if (error) {
        return error;
    }
    if (!dry_run) {
        state_init(node_name);
    }

    struct ovsdb_idl *idl = ovsdb_idl_create_unconnected(
        &egressrec_idl_class, false);
    struct trial *trial = trial_create(protocol, time_msec());
    *node = (struct node) {
        .loop = OVSDB_IDL_LOOP_INITIALIZER(idl),
        .trial = trial,
        .work = work_create(idl, node_name, trial),
        .peers = peers_create(idl, node_name, frr_namespace),
        .protocol = protocol,
        .dirty = true,
        .retry = LLONG_MAX,
        .backoff = RETRY_MIN,
    };
    /* Any member of a cluster will do, and a relay, as for ovn-controller. */
    ovsdb_idl_set_leader_only(idl, false);
    ovsdb_idl_set_remote(idl, remote ? remote : egress_default_egress_db(),
                         true);
    stopwatch_create(STOPWATCH_NAME, SW_MS);
    unixctl_command_register("node/show", "", 0, 0, show_command, node);
    unixctl_command_register("node/diff", "", 0, 0, diff_command, node);
    unixctl_command_register("node/resync", "", 0, 0, resync_command, node);
    unixctl_command_register("node/status", "", 0, 0, status_command, node);
    unixctl_command_register("frr/show", "", 0, 0, frr_command, node);
    return NULL;
}

/* Logs the errors of 'now' that 'before' does not have. */
static void
log_errors(const struct smap *now, const struct smap *before)
{
    struct smap_node *e;

    SMAP_FOR_EACH (e, now) {
        const char *old = before ? smap_get(before, e->key) : NULL;

        if (!old || strcmp(old, e->value)) {
            VLOG_WARN("%s%s%s", e->key, *e->key ? ": " : "", e->value);
        }
    }
    if (before && !smap_is_empty(before) && smap_is_empty(now)) {
        VLOG_INFO("no errors remain");
    }
}

static void
print_diff_and_exit(struct node *node)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    reconcile_format_diff(work_get_input(node->work), node->protocol, &s);
    fputs(ds_cstr(&s), stdout);
    ds_destroy(&s);
    exit(fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS);
}

/* Makes the kernel match. */
static void
reconcile(struct node *node)
{
    long long int start = time_msec();

    trial_prepare(node->trial, work_get_input(node->work));
    stopwatch_start(STOPWATCH_NAME, start);
    struct reconcile_result *result = reconcile_run(
        work_get_input(node->work), node->protocol);
    long long int now = time_msec();
    stopwatch_stop(STOPWATCH_NAME, now);

    log_errors(&result->errors, node->result ? &node->result->errors : NULL);
    log_errors(&result->warnings,
               node->result ? &node->result->warnings : NULL);
    if (result->n_changes) {
        VLOG_INFO("changed %u objects in the kernel in %lld ms",
                  result->n_changes, now - start);
    }

    bool ok = result->matches && smap_is_empty(&result->errors);
    node->dirty = result->matches && work_has_left(node->work);
    node->n_runs++;
    node->not_before = now + MAX(MIN(REST_FACTOR * (now - start), REST_MAX),
                                 ok ? 0 : FAILURE_REST);
    node->retry = ok ? LLONG_MAX : now + node->backoff;
    node->backoff = ok ? RETRY_MIN : MIN(2 * node->backoff, RETRY_MAX);
    reconcile_result_destroy(node->result);
    node->result = result;

    /* A heartbeat of now asks OVN_Egress whether it can be reached. */
    if (trial_applied(node->trial, result->n_changes > 0, now)) {
        node->asked = node->loop.next_cfg + 1;
        node->beat = 0;
    }
}

/* Ends a trial that can be. */
static void
run_trial(struct node *node)
{
    if (trial_run(node->trial, work_get_input(node->work),
                  node->asked && node->loop.cur_cfg >= node->asked,
                  time_msec())) {
        node->asked = 0;
        node->dirty = true;
        node->not_before = 0;
    }
}

/* True if the work is known.  Logs what stands in the way. */
static bool
check_ready(struct node *node)
{
    const char *hindrance = work_hindrance(node->work);

    if (hindrance != node->hindrance) {
        node->hindrance = hindrance;
        if (hindrance) {
            VLOG_INFO("node %s: work is unknown: %s", node_name,
                      hindrance);
        }
    }
    return !hindrance;
}

static void
node_run(void *node_)
{
    struct node *node = node_;
    struct ovsdb_idl *idl = node->loop.idl;
    struct ovsdb_idl_txn *txn = ovsdb_idl_loop_run(&node->loop);
    bool ready = check_ready(node);
    long long int now = time_msec();

    /* A row shows what is being written, too. */
    if (!node->loop.committing_txn
        && beat_get(idl, node_name) >= node->beaten) {
        node->untaken = 0;
    }
    if (node->seqno != ovsdb_idl_get_seqno(idl)) {
        node->seqno = ovsdb_idl_get_seqno(idl);
        node->dirty = true;
        node->not_before = 0;
        node->backoff = RETRY_MIN;
    }
    if (reconcile_kernel_changed()) {
        node->dirty = true;
    }
    if (now >= work_get_deadline(node->work) || now >= node->retry) {
        node->dirty = true;
    }

    run_trial(node);
    if (node->dirty && now >= node->not_before) {
        if (ready) {
            /* First the peers, for work asks them what is announced. */
            peers_collect(node->peers);
            work_collect(node->work, now,
                         node->result && node->result->matches, node->peers);
        }
        if (work_get_input(node->work)) {
            if (dry_run) {
                print_diff_and_exit(node);
            }
            reconcile(node);
        }
    }

    if (!dry_run) {
        if (peers_run(node->peers) && work_is_fading(node->work)) {
            node->dirty = true;
        }
    } else if (node->hindrance && ovsdb_idl_has_ever_connected(idl)) {
        ovs_fatal(0, "node %s: work is unknown: %s", node_name,
                  node->hindrance);
    }

    if (txn && ready && node->result) {
        if (!node->dirty) {
            work_answer(node->work, txn, node->result, node->peers);
            peers_answer(node->peers, txn);
        }
        if (time_msec() >= node->beat) {
            const struct machine_input *in = work_get_input(node->work);
            char *kept = trial_describe_kept(node->trial);

            struct guard_report guard;
            guard_report_init(&guard);
            node->beaten = time_wall_msec();
            beat_write(idl, node_name, txn, node->beaten,
                       (smap_is_empty(&node->result->errors)
                        ? "True" : "False"), kept, &guard);
            guard_report_destroy(&guard);
            free(kept);
            node->loop.next_cfg++;
            node->untaken = node->untaken ? node->untaken : time_msec();
            node->beat = time_msec() + in->options->heartbeat_interval;
        }
    }
    ovsdb_idl_loop_commit_and_wait(&node->loop);
}

static void
node_wait(void *node_)
{
    const struct node *node = node_;

    reconcile_wait();
    peers_wait(node->peers);
    poll_timer_wait_until(trial_deadline(node->trial));
    if (!work_get_input(node->work)) {
        return;                 /* The IDL wakes us. */
    }
    if (node->dirty) {
        poll_timer_wait_until(node->not_before);
    }
    poll_timer_wait_until(MAX(MIN(work_get_deadline(node->work),
                                  node->retry), node->not_before));
    if (!node->hindrance && ovsdb_idl_is_connected(node->loop.idl)) {
        poll_timer_wait_until(node->beat);
    }
}

static void
node_memory(struct simap *usage, void *node_)
{
    const struct node *node = node_;

    work_memory(node->work, usage);
}

static void
node_destroy(void *node_)
{
    struct node *node = node_;

    reconcile_result_destroy(node->result);
    peers_destroy(node->peers);
    work_destroy(node->work);
    trial_destroy(node->trial);
    ovsdb_idl_loop_destroy(&node->loop);
    reconcile_destroy();
    state_destroy();
}

static const struct daemon_shell_option options[] = {
    { .name = "egress-db", .text = &remote, .arg = "DATABASE",
      .help = "connect to OVN_Egress there" },
    { .name = "node", .text = &node_name, .arg = "NAME",
      .help = "name of this node (default: the host name)" },
    { .name = "rt-protocol", .text = &protocol_text, .arg = "NUMBER",
      .help = "mark of our routes and rules (default: 69)" },
    { .name = "frr-namespace", .text = &frr_namespace, .arg = "NAME",
      .help = "FRR's daemons run with -N NAME" },
    { .name = "dry-run", .flag = &dry_run,
      .help = "print what would change, change nothing" },
    { .name = NULL },
};

static const struct daemon_shell shell = {
    .name = "ovn-egress-node",
    .summary = "makes this host carry the egress traffic of services",
    .net_admin = true,
    .options = options,
    .init = node_init,
    .run = node_run,
    .wait = node_wait,
    .memory = node_memory,
    .destroy = node_destroy,
};

int
main(int argc, char *argv[])
{
    struct node node;

    return daemon_shell_main(argc, argv, &shell, &node);
}
