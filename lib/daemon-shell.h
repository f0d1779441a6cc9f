/* SPDX-License-Identifier: Apache-2.0 */

/* The part of main() that all daemons of this project share.
 *
 * A daemon declares itself as a constant "struct daemon_shell" and its main()
 * is one call.  The shell parses the options of libopenvswitch (detaching,
 * logging, TLS, the control socket) and the daemon's own, goes to the
 * background, opens the control socket, and then turns the loop:
 *
 *     until "exit" was asked for over the control socket:
 *         run()     do what can be done now, never block
 *         wait()    tell poll-loop.h what to wake up for
 *         block
 *     destroy()
 *
 * Called by: agent/ and node/.  It knows no database and drops no
 * privileges beyond what --user asks for. */

#ifndef DAEMON_SHELL_H
#define DAEMON_SHELL_H 1

#include <stdbool.h>

struct simap;

/* A command line option of the daemon's own.  Exactly one of 'text' and
 * 'flag' is not NULL. */
struct daemon_shell_option {
    const char *name;           /* Long name without dashes. */
    const char *help;           /* What it means, one line for --help. */

    const char **text;          /* Takes an argument, stored here. */
    const char *arg;            /* What --help calls the argument. */

    bool *flag;                 /* Takes none, sets this to true. */
};

/* A daemon.  Any callback but 'run' and 'wait' may be NULL; 'aux' of
 * daemon_shell_main() is passed to each. */
struct daemon_shell {
    const char *name;           /* Of the program, "ovn-egress-...". */
    const char *summary;        /* What it does, one line for --help. */
    bool net_admin;             /* Keep CAP_NET_ADMIN with --user? */

    /* Ends with an element whose name is NULL.  May be NULL. */
    const struct daemon_shell_option *options;

    /* Called once, in the background, before the parent returns to the shell
     * that started it.  Registers unixctl commands, opens databases.  Returns
     * NULL, or why the daemon cannot start, which the shell frees. */
    char *(*init)(void *aux);

    void (*run)(void *aux);     /* Must not block. */
    void (*wait)(void *aux);    /* Only calls poll_*() functions. */

    /* Adds counts of what uses memory to 'usage', for memory/show. */
    void (*memory)(struct simap *usage, void *aux);

    void (*destroy)(void *aux); /* Frees what init() made. */
};

/* Runs the daemon to its end and returns the exit code for main().  Exits by
 * itself on --help, --version, wrong options, and when init() fails. */
int daemon_shell_main(int argc, char *argv[], const struct daemon_shell *,
                      void *aux);

#endif /* lib/daemon-shell.h */
