/* SPDX-License-Identifier: Apache-2.0 */

/* The part of main() that all daemons share: see the header.  The order of
 * the steps matters: options before detaching, so that mistakes are seen by
 * who made them; the control socket after it, because its name holds the
 * process id. */

#include <config.h>
#include "lib/daemon-shell.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "command-line.h"
#include "daemon.h"
#include "dns-resolve.h"
#include "fatal-signal.h"
#include "memory.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovs-rcu.h"
#include "simap.h"
#include "stream-ssl.h"
#include "stream.h"
#include "unixctl.h"
#include "util.h"

#include "lib/egress-config.h"
#include "lib/egress-dirs.h"
#include "lib/program.h"
#include "lib/version.h"

VLOG_DEFINE_THIS_MODULE(daemon_shell);

enum {
    OPT_UNIXCTL = UCHAR_MAX + 1,
    OPT_PEER_CA_CERT,
    OPT_BOOTSTRAP_CA_CERT,
    VLOG_OPTION_ENUMS,
    DAEMON_OPTION_ENUMS,
    SSL_OPTION_ENUMS,
    OPT_OWN                     /* The daemon's first own option. */
};

static const struct option common_options[] = {
    {"unixctl", required_argument, NULL, OPT_UNIXCTL},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {"peer-ca-cert", required_argument, NULL, OPT_PEER_CA_CERT},
    {"bootstrap-ca-cert", required_argument, NULL, OPT_BOOTSTRAP_CA_CERT},
    VLOG_LONG_OPTIONS,
    DAEMON_LONG_OPTIONS,
    STREAM_SSL_LONG_OPTIONS,
};

static size_t
count_own_options(const struct daemon_shell *shell)
{
    size_t n = 0;

    while (shell->options && shell->options[n].name) {
        n++;
    }
    return n;
}

/* Returns what getopt_long() wants: the common options, the daemon's own and
 * the end.  The caller frees it. */
static struct option *
make_long_options(const struct daemon_shell *shell)
{
    size_t n_common = ARRAY_SIZE(common_options);
    size_t n_own = count_own_options(shell);
    struct option *options = xcalloc(n_common + n_own + 1, sizeof *options);

    for (size_t i = 0; i < n_common; i++) {
        options[i] = common_options[i];
    }
    for (size_t i = 0; i < n_own; i++) {
        const struct daemon_shell_option *own = &shell->options[i];

        options[n_common + i] = (struct option) {
            .name = own->name,
            .has_arg = own->text ? required_argument : no_argument,
            .val = OPT_OWN + i,
        };
    }
    return options;
}

OVS_NO_RETURN static void
usage(const struct daemon_shell *shell)
{
    printf("%s: %s\nusage: %s [OPTIONS]\n\nOptions:\n",
           shell->name, shell->summary, shell->name);
    for (size_t i = 0; i < count_own_options(shell); i++) {
        const struct daemon_shell_option *own = &shell->options[i];
        char *left = (own->text
                      ? xasprintf("--%s=%s", own->name, own->arg)
                      : xasprintf("--%s", own->name));

        printf("  %-27s %s\n", left, own->help);
        free(left);
    }
    printf("  %-27s %s\n", "--unixctl=SOCKET", "name of the control socket");
    printf("  %-27s %s\n", "-h, --help", "display this help message");
    printf("  %-27s %s\n", "-V, --version", "display version information");
    stream_usage("database", true, true, true);
    program_daemon_usage(shell->name);
    program_vlog_usage(shell->name);
    exit(EXIT_SUCCESS);
}

/* --pidfile, within OVN's directory and not that of libopenvswitch. */
static void
use_pidfile(const struct daemon_shell *shell, const char *name)
{
    char *base = name ? xstrdup(name) : xasprintf("%s.pid", shell->name);
    char *path = abs_file_name(egress_rundir(), base);

    set_pidfile(path);
    free(path);
    free(base);
}

/* --log-file, likewise.  A file that was asked for by name must open. */
static void
use_log_file(const struct daemon_shell *shell, const char *name)
{
    int error = program_set_log_file(shell->name, name);

    if (error && name) {
        ovs_fatal(error, "%s: could not open log file", name);
    }
}

static void
use_own_option(const struct daemon_shell_option *own, const char *arg)
{
    if (own->text) {
        *own->text = arg;
    } else {
        *own->flag = true;
    }
}

/* Acts on 'c', an option that libopenvswitch has handlers for. */
static void
use_common_option(int c)
{
    switch (c) {
    VLOG_OPTION_HANDLERS
    DAEMON_OPTION_HANDLERS
    STREAM_SSL_OPTION_HANDLERS

    case OPT_PEER_CA_CERT:
        stream_ssl_set_peer_ca_cert_file(optarg);
        break;

    case OPT_BOOTSTRAP_CA_CERT:
        stream_ssl_set_ca_cert_file(optarg, true);
        break;

    default:
        OVS_NOT_REACHED();
    }
}

/* Parses the command line.  Returns the name of the control socket as given,
 * or NULL. */
static const char *
parse_options(int argc, char *argv[], const struct daemon_shell *shell)
{
    struct option *long_options = make_long_options(shell);
    char *short_options = ovs_cmdl_long_options_to_short_options(long_options);
    const char *unixctl = NULL;
    int c;

    for (;;) {
        c = getopt_long(argc, argv, short_options, long_options, NULL);
        if (c == -1 || c == 'h' || c == 'V' || c == '?') {
            break;
        } else if (c >= OPT_OWN) {
            use_own_option(&shell->options[c - OPT_OWN], optarg);
        } else if (c == OPT_UNIXCTL) {
            unixctl = optarg;
        } else if (c == OPT_PIDFILE) {
            use_pidfile(shell, optarg);
        } else if (c == OPT_LOG_FILE) {
            use_log_file(shell, optarg);
        } else {
            use_common_option(c);
        }
    }
    free(short_options);
    free(long_options);

    if (c == 'h') {
        usage(shell);
    } else if (c == 'V') {
        ovs_print_version(0, 0);
        exit(EXIT_SUCCESS);
    } else if (c == '?') {
        exit(EXIT_FAILURE);     /* getopt_long() has said why. */
    } else if (optind < argc) {
        ovs_fatal(0, "unexpected argument \"%s\" (use --help for help)",
                  argv[optind]);
    }
    return unixctl;
}

static struct unixctl_server *
open_control_socket(const struct daemon_shell *shell, const char *name)
{
    struct unixctl_server *server;
    char *path;

    if (!name) {
        path = xasprintf("%s/%s.%ld.ctl", egress_rundir(), shell->name,
                         (long int) getpid());
    } else if (!strcmp(name, "none")) {
        path = xstrdup(name);
    } else {
        path = abs_file_name(egress_rundir(), name);
    }
    if (unixctl_server_create(path, &server)) {
        exit(EXIT_FAILURE);     /* It has said why. */
    }
    free(path);
    return server;
}

/* The unixctl command "exit". */
static void
exit_command(struct unixctl_conn *conn, int argc OVS_UNUSED,
             const char *argv[] OVS_UNUSED, void *exiting_)
{
    bool *exiting = exiting_;

    *exiting = true;
    unixctl_command_reply(conn, NULL);
}

static void
report_memory(const struct daemon_shell *shell, void *aux)
{
    memory_run();
    if (memory_should_report()) {
        struct simap counts = SIMAP_INITIALIZER(&counts);

        if (shell->memory) {
            shell->memory(&counts, aux);
        }
        memory_report(&counts);
        simap_destroy(&counts);
    }
}

/* Turns the loop until *EXITING. */
static void
loop(const struct daemon_shell *shell, struct unixctl_server *unixctl,
     const bool *exiting, void *aux)
{
    while (!*exiting) {
        report_memory(shell, aux);
        shell->run(aux);
        unixctl_server_run(unixctl);
        program_hide_secrets();

        memory_wait();
        shell->wait(aux);
        unixctl_server_wait(unixctl);
        if (*exiting) {
            poll_immediate_wake();
        }
        poll_block();
    }
}

int
daemon_shell_main(int argc, char *argv[], const struct daemon_shell *shell,
                  void *aux)
{
    ovs_set_program_name(argv[0], egress_version);
    ovs_cmdl_proctitle_init(argc, argv);
    program_check_stdout_at_exit();
    const char *unixctl_name = parse_options(argc, argv, shell);
    program_hide_secrets();
    fatal_ignore_sigpipe();
    dns_resolve_init(true);

    EGRESS_DAEMONIZE_START(shell->net_admin);
    struct unixctl_server *unixctl = open_control_socket(shell, unixctl_name);
    bool exiting = false;
    unixctl_command_register("exit", "", 0, 0, exit_command, &exiting);

    char *error = shell->init ? shell->init(aux) : NULL;
    if (error) {
        ovs_fatal(0, "%s", error);
    }
    daemonize_complete();
    VLOG_INFO("%s %s started", shell->name, egress_version);

    loop(shell, unixctl, &exiting, aux);

    if (shell->destroy) {
        shell->destroy(aux);
    }
    unixctl_server_destroy(unixctl);
    vlog_disable_async();
    ovsrcu_exit();
    dns_resolve_destroy();
    return EXIT_SUCCESS;
}
