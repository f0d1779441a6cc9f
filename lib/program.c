/* SPDX-License-Identifier: Apache-2.0 */

/* What the programs of this project do alike: see the header. */

#include <config.h>
#include "lib/program.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "openvswitch/vlog.h"
#include "util.h"

#include "lib/egress-dirs.h"

VLOG_DEFINE_THIS_MODULE(program);

/* Standard output. */

/* The first error of program_flush_stdout(), or 0. */
static int flush_error;

void
program_flush_stdout(void)
{
    if (fflush(stdout) && !flush_error) {
        flush_error = errno;
    }
}

static void
check_stdout(void)
{
    bool failed = ferror(stdout);
    int error = flush_error;

    if (fclose(stdout)) {
        error = error ? error : errno;
        failed = true;
    }
    if (failed && error != EPIPE && error != EBADF) {
        fprintf(stderr, "%s: cannot write to standard output%s%s\n",
                program_name, error ? ": " : "",
                error ? ovs_strerror(error) : "");
        _exit(EXIT_FAILURE);
    }
}

void
program_check_stdout_at_exit(void)
{
    if (atexit(check_stdout)) {
        abort();
    }
}

/* Usage. */

void
program_daemon_usage(const char *name)
{
    printf("\n"
           "Daemon options:\n"
           "  --detach                    run in background as daemon\n"
           "  --monitor                   have a process that starts it again "
           "after a crash\n"
           "  --user=USER[:GROUP]         run as this user and group\n"
           "  --no-chdir                  do not chdir to '/'\n"
           "  --pidfile[=FILE]            create pidfile\n"
           "                              (default: %s/%s.pid)\n"
           "  --overwrite-pidfile         with --pidfile, start even if "
           "already running\n", egress_rundir(), name);
}

void
program_vlog_usage(const char *name)
{
    printf("\n"
           "Logging options:\n"
           "  -vSPEC, --verbose=SPEC      set logging levels\n"
           "  -v, --verbose               set maximum verbosity level\n"
           "  --log-file[=FILE]           enable logging to FILE\n"
           "                              (default: %s/%s.log)\n"
           "  --syslog-method=(libc|unix:file|udp:ip:port)\n"
           "                              specify how to send messages to "
           "syslog daemon\n"
           "  --syslog-target=HOST:PORT   also send syslog msgs to HOST:PORT "
           "via UDP\n", egress_logdir(), name);
}

/* Logs. */

int
program_set_log_file(const char *name, const char *file)
{
    char *path = (file ? xstrdup(file)
                  : xasprintf("%s/%s.log", egress_logdir(), name));
    int error = vlog_set_log_file(path);

    free(path);
    return error;
}

void
program_hide_secrets(void)
{
    static const char *const names[] = { "jsonrpc", "ovsdb_cs" };
    static struct vlog_module *modules[ARRAY_SIZE(names)];
    const char *show = getenv("OVN_EGRESS_LOG_SECRETS");
    bool lowered = false;

    if (show && !strcmp(show, "yes")) {
        return;
    }
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (!modules[i]) {
            modules[i] = vlog_module_from_name(names[i]);
        }
        for (int d = 0; d < VLF_N_DESTINATIONS && modules[i]; d++) {
            if (vlog_get_level(modules[i], d) == VLL_DBG) {
                vlog_set_levels(modules[i], d, VLL_INFO);
                lowered = true;
            }
        }
    }
    if (lowered) {
        VLOG_DBG("messages of databases are not logged: they have passwords "
                 "of BGP sessions in them");
    }
}
