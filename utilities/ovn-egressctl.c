/* SPDX-License-Identifier: Apache-2.0 */

/* ovn-egressctl: main(), and the command line as a whole.  See egressctl.h
 * for the other files. */

#include <config.h>
#include "utilities/egressctl.h"

#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command-line.h"
#include "fatal-signal.h"
#include "openvswitch/vlog.h"
#include "ovsdb-idl.h"
#include "process.h"
#include "stream-ssl.h"
#include "stream.h"
#include "table.h"
#include "util.h"

#include "intent/intent.h"
#include "lib/egress-dirs.h"
#include "lib/program.h"
#include "lib/version.h"
#include "ovsdb/egress-idl.h"
#include "utilities/ctl-command.h"
#include "utilities/ctl-observe.h"
#include "utilities/ctl-session.h"

VLOG_DEFINE_THIS_MODULE(ovn_egressctl);

enum {
    OPT_DB = UCHAR_MAX + 1,
    OPT_NB_DB,
    OPT_DRY_RUN,
    OPT_LEADER_ONLY,
    OPT_NO_LEADER_ONLY,
    OPT_COMMANDS,
    OPT_OPTIONS,
    OPT_PEER_CA_CERT,
    OPT_BOOTSTRAP_CA_CERT,
    OPT_LOCAL,                  /* Of a database command. */
    VLOG_OPTION_ENUMS,
    TABLE_OPTION_ENUMS,
    SSL_OPTION_ENUMS,
};

static const struct option global_options[] = {
    {"db", required_argument, NULL, OPT_DB},
    {"nb-db", required_argument, NULL, OPT_NB_DB},
    {"dry-run", no_argument, NULL, OPT_DRY_RUN},
    {"namespace", required_argument, NULL, 'n'},
    {"timeout", required_argument, NULL, 't'},
    {"leader-only", no_argument, NULL, OPT_LEADER_ONLY},
    {"no-leader-only", no_argument, NULL, OPT_NO_LEADER_ONLY},
    {"commands", no_argument, NULL, OPT_COMMANDS},
    {"options", no_argument, NULL, OPT_OPTIONS},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {"peer-ca-cert", required_argument, NULL, OPT_PEER_CA_CERT},
    {"bootstrap-ca-cert", required_argument, NULL, OPT_BOOTSTRAP_CA_CERT},
    VLOG_LONG_OPTIONS,
    TABLE_LONG_OPTIONS,
    STREAM_SSL_LONG_OPTIONS,
    {NULL, 0, NULL, 0},
};

/* How a record is named in the database commands. */
static const struct ctl_table_class tables[EGRESSREC_N_TABLES] = {
    [EGRESSREC_TABLE_CONNECTION].row_ids[0]
    = { &egressrec_connection_col_target, NULL, NULL },

    [EGRESSREC_TABLE_NODE].row_ids[0]
    = { &egressrec_node_col_name, NULL, NULL },

    [EGRESSREC_TABLE_NODE_POLICY].row_ids[0]
    = { &egressrec_node_policy_col_policy, NULL, NULL },

    [EGRESSREC_TABLE_NODE_PEER].row_ids[0]
    = { &egressrec_node_peer_col_peer, NULL, NULL },

    [EGRESSREC_TABLE_NODE_SERVICE].row_ids[0]
    = { &egressrec_node_service_col_service, NULL, NULL },

    [EGRESSREC_TABLE_OBJECT].row_ids[0]
    = { &egressrec_object_col_name, NULL, NULL },

    [EGRESSREC_TABLE_RBAC_ROLE].row_ids[0]
    = { &egressrec_rbac_role_col_name, NULL, NULL },

    [EGRESSREC_TABLE_RBAC_PERMISSION].row_ids[0]
    = { &egressrec_rbac_permission_col_table, NULL, NULL },
};

/* What "show" prints. */
static const struct cmd_show_table show_tables[] = {
    { &egressrec_table_object, &egressrec_object_col_name,
      { &egressrec_object_col_kind, &egressrec_object_col_namespace_,
        &egressrec_object_col_status, &egressrec_object_col_conditions },
      { NULL, NULL, NULL } },
    { NULL, NULL, { NULL }, { NULL, NULL, NULL } },
};

OVS_NO_RETURN static void
usage(void)
{
    printf("\
%s: manages what OVN sends through which node's network\n\
usage: %s [OPTIONS] COMMAND [ARG...] [-- COMMAND [ARG...]]...\n\
\n\
Object commands (options behind the command; KIND as kubectl names it):\n\
  apply -f FILE|DIR|-...      create or update objects from manifests\n\
    [-n NAMESPACE] [-R] [--strict] [--dry-run]\n\
    [--wait [--timeout=TIME]] [--apply-set=NAME [--prune]]\n\
  delete -f FILE|DIR|-...     delete the objects in manifests\n\
  delete KIND NAME...         delete these objects\n\
    [-n NAMESPACE] [--dry-run] [--wait [--timeout=TIME]]\n\
    [--ignore-not-found]\n\
  get KIND|all [NAME...]      list objects\n\
    [-n NAMESPACE | -A] [-o table|wide|yaml|json|name] [--no-headers]\n\
    [--ignore-not-found] [-w]\n\
  describe KIND [NAME...]     show all about objects [-n NAMESPACE]\n\
  wait KIND [NAME...]         wait until objects have a condition\n\
    --for=CONDITION[=True|False|Unknown]|delete\n\
    [-n NAMESPACE] [--timeout=TIME]\n\
  check [-f FILE|DIR|-...]    look for mistakes in manifests or the database\n\
  status [-o wide]            the agent, the nodes, counts and problems\n\
  plan [-f FILE|DIR|-...]     what the agent would do now, or with manifests\n\
    [-n NAMESPACE]\n\
  trace ADDRESS|NAMESPACE/SERVICE [DESTINATION]\n\
                              what happens to a pod's packets, and why\n\
    [--from=CLIENT] [-n NAMESPACE] [-o table|yaml|json]\n\
  migrate [NAMESPACE/SERVICE...]\n\
                              what ovn-kubernetes has of EgressServices, and\n\
                              take it over, or give it back\n\
    [--take-over [--force] | --back | --release]\n\
    [--dry-run] [--timeout=TIME]\n\
  options [-o table|name]     list the options of Egress_Global\n\
  init                        make an empty database ready\n\
\n\
Connection commands:\n\
  get-connection              print the connections\n\
  del-connection              delete the connections\n\
  [--inactivity-probe=MSECS]\n\
  set-connection TARGET...    set the list of connections to TARGET...\n\
\n\
SSL commands:\n\
  get-ssl                     print the SSL configuration\n\
  del-ssl                     delete the SSL configuration\n\
  [--bootstrap] set-ssl PRIV-KEY CERT CA-CERT [SSL-PROTOS [SSL-CIPHERS]]\n\
                              set the SSL configuration\n\
\n\
%s  show                        print an overview of the objects\n\
(\"get\" with a KIND is the object command)\n\
\n\
Options:\n\
  --db=DATABASE               connect to DATABASE\n\
                              (default: %s)\n\
  --nb-db=DATABASE            OVN_Northbound, for plan, trace, migrate\n\
                              (default: %s)\n\
  --no-leader-only            accept any member of a cluster, or a relay\n\
  -n, --namespace=NAMESPACE   for the object commands\n\
  -t, --timeout=SECS          give up after SECS seconds\n\
  --dry-run                   commit no changes\n",
           program_name, program_name, ctl_get_db_cmd_usage(),
           egress_default_egress_db(), egress_default_nb_db());
    table_usage();
    program_vlog_usage("ovn-egressctl");
    printf("  --commands                  list the commands with their "
           "options\n"
           "  --options                   list the options\n"
           "  -h, --help                  display this help message\n"
           "  -V, --version               display version information\n");
    stream_usage("database", true, true, true);
    puts("Exit code: 0 done, 1 failed or wrong usage, 2 bad manifest, "
         "3 not found,\n4 timed out, 5 no connection to the database, "
         "6 not as it should be\n(trace, plan, migrate, status).");
    exit(EXIT_SUCCESS);
}

OVS_NO_RETURN static void
version(void)
{
    char *versions = intent_versions();

    ovs_print_version(0, 0);
    printf("DB Schema %s\n%s\n", egressrec_get_db_version(), versions);
    free(versions);
    exit(EXIT_SUCCESS);
}

/* Acts on the global option 'c'. */
static void
use_option(int c, struct session_options *o, const struct option *options)
{
    switch (c) {
    case OPT_DB:
        o->db = optarg;
        break;

    case OPT_NB_DB:
        o->nb_db = optarg;
        break;

    case OPT_DRY_RUN:
        o->dry_run = true;
        break;

    case 'n':
        command_set_default_namespace(optarg);
        break;

    case 't':
        if (!str_to_uint(optarg, 10, &o->timeout) || !o->timeout) {
            ctl_fatal("\"%s\" is not a number of seconds", optarg);
        }
        break;

    case OPT_LEADER_ONLY:
        o->leader_only = true;
        break;

    case OPT_NO_LEADER_ONLY:
        o->leader_only = false;
        break;

    case OPT_COMMANDS:
        ctl_print_commands();
        break;

    case OPT_OPTIONS:
        ctl_print_options(options);
        break;

    case 'h':
        usage();

    case 'V':
        version();

    case OPT_PEER_CA_CERT:
        stream_ssl_set_peer_ca_cert_file(optarg);
        break;

    case OPT_BOOTSTRAP_CA_CERT:
        stream_ssl_set_ca_cert_file(optarg, true);
        break;

    VLOG_OPTION_HANDLERS
    TABLE_OPTION_HANDLERS(&o->table_style)
    STREAM_SSL_OPTION_HANDLERS

    case '?':
        exit(EXIT_FAILURE);

    default:
        OVS_NOT_REACHED();
    }
}

/* Parses the options before the first command: the global ones into '*o',
 * those of a database command into 'local_options'. */
static void
parse_options(int argc, char *argv[], struct session_options *o,
              struct shash *local_options)
{
    size_t n_global = ARRAY_SIZE(global_options) - 1;
    struct option *options = xmemdup(global_options, sizeof global_options);
    size_t allocated = ARRAY_SIZE(global_options);
    size_t n = n_global;
    ctl_add_cmd_options(&options, &n, &allocated, OPT_LOCAL);

    char *plain = ovs_cmdl_long_options_to_short_options(global_options);
    char *short_options = xasprintf("+%s", plain);
    free(plain);

    for (;;) {
        int i;
        int c = getopt_long(argc, argv, short_options, options, &i);

        if (c == -1) {
            break;
        } else if (c == OPT_LOG_FILE) {
            program_set_log_file("ovn-egressctl", optarg);
        } else if (c != OPT_LOCAL) {
            use_option(c, o, options);
        } else if (shash_find(local_options, options[i].name)) {
            ctl_fatal("option \"--%s\" is given twice", options[i].name);
        } else {
            shash_add_nocopy(local_options,
                             xasprintf("--%s", options[i].name),
                             nullable_xstrdup(optarg));
        }
    }
    free(short_options);
    for (size_t i = n_global; options[i].name; i++) {
        free(CONST_CAST(char *, options[i].name));
    }
    free(options);
}

/* True if 'argv', the words behind "get" up to the next command, are meant for
 * the object command: a kind comes first, or an option, which the database
 * command takes only before its name, or there is no column to get. */
static bool
is_object_get(int argc, char *argv[])
{
    int n = 0;

    while (n < argc && strcmp(argv[n], "--")) {
        if (argv[n][0] == '-') {
            return true;
        }
        n++;
    }
    return n < 2 || command_is_object_word(argv[0]);
}

/* "get" is both an object command and a database command.  Calls the former by
 * its other name. */
static void
tell_gets_apart(int argc, char *argv[])
{
    bool is_command = true;     /* Is argv[i] the name of a command? */

    for (int i = 0; i < argc; i++) {
        if (!strcmp(argv[i], "--")) {
            is_command = true;
        } else if (is_command && argv[i][0] != '-') {
            if (!strcmp(argv[i], "get")
                && is_object_get(argc - i - 1, argv + i + 1)) {
                argv[i] = CONST_CAST(char *, "get-objects");
            }
            is_command = false;
        }
    }
}

static void
init_commands(void)
{
    ctl_init(&egressrec_idl_class, egressrec_table_classes, tables,
             show_tables, session_exit);
    ctl_register_commands(apply_commands);
    ctl_register_commands(get_commands);
    ctl_register_commands(describe_commands);
    ctl_register_commands(wait_commands);
    ctl_register_commands(check_commands);
    ctl_register_commands(status_commands);
    ctl_register_commands(options_commands);
    ctl_register_commands(plan_commands);
    ctl_register_commands(trace_commands);
    ctl_register_commands(migrate_commands);
    ctl_register_commands(connection_commands);
}

int
main(int argc, char *argv[])
{
    struct shash local_options = SHASH_INITIALIZER(&local_options);
    struct session_options o = {
        .db = egress_default_egress_db(),
        .nb_db = egress_default_nb_db(),
        .leader_only = true,
        .table_style = TABLE_STYLE_DEFAULT,
    };

    ovs_set_program_name(argv[0], egress_version);
    program_check_stdout_at_exit();
    fatal_ignore_sigpipe();
    vlog_set_levels(NULL, VLF_CONSOLE, VLL_WARN);
    vlog_set_levels_from_string_assert("reconnect:warn");
    /* That the machine is busy is no concern of who waits for us. */
    vlog_set_levels_from_string_assert("timeval:console:err");
    init_commands();

    char *args = process_escape_args(argv);
    parse_options(argc, argv, &o, &local_options);
    program_hide_secrets();
    tell_gets_apart(argc - optind, argv + optind);

    struct ctl_command *commands;
    size_t n_commands;
    char *error = ctl_parse_commands(argc - optind, argv + optind,
                                     &local_options, &commands, &n_commands);
    if (error) {
        session_fatal(EGRESSCTL_FAILED, "%s", error);
    }
    for (size_t i = 0; i < n_commands; i++) {
        if (commands[i].syntax == get_commands) {
            /* Messages call it as the user does. */
            commands[i].argv[0] = CONST_CAST(char *, "get");
        }
    }
    VLOG(ctl_might_write_to_db(commands, n_commands) ? VLL_INFO : VLL_DBG,
         "Called as %s", args);

    o.args = args;
    enum egressctl_exit code = session_run(commands, n_commands, &o);

    for (size_t i = 0; i < n_commands; i++) {
        shash_destroy_free_data(&commands[i].options);
    }
    free(commands);
    shash_destroy(&local_options);
    command_destroy_all();
    observe_close();
    free(args);
    return code;
}
