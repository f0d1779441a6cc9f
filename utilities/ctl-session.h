/* SPDX-License-Identifier: Apache-2.0 */

/* The connections to OVN_Egress and, for the commands that look at it,
 * OVN_Northbound, and the one transaction of a command line, of OVN_Egress.
 *
 * main() calls session_run() with the commands; they are run, all in one
 * transaction, again and again as the database changes, until each is content
 * and the transaction is committed.  Then their output is printed.  Commands
 * call the other functions.  Nothing here knows what a command does. */

#ifndef CTL_SESSION_H
#define CTL_SESSION_H 1

#include <stdbool.h>
#include <stddef.h>

#include "compiler.h"
#include "table.h"
#include "utilities/egressctl.h"

struct egressrec_egress_global;
struct ovsdb_idl;

struct session_options {
    const char *db;             /* Connection methods, comma-separated. */
    const char *nb_db;          /* Likewise, of OVN_Northbound. */
    bool leader_only;
    bool dry_run;               /* Commit nothing. */
    unsigned int timeout;       /* Seconds for everything; 0 is forever. */
    struct table_style table_style;
    const char *args;           /* The command line, for the log. */
};

/* Runs the 'n' 'commands' and returns the exit code.  Does not return on an
 * error. */
enum egressctl_exit session_run(struct ctl_command *commands, size_t n,
                                const struct session_options *);

/* Makes the transaction a dry run. */
void session_set_dry_run(void);
bool session_is_dry_run(void);

/* Has session_run() wait, after the commit, until the agent has seen and
 * answered the transaction.  In "prerequisites" only. */
void session_wait_for_agent(struct ctl_context *);

/* True if the command line has just one command. */
bool session_is_single_command(void);

/* Has the commands run, and their output printed, again with each change of
 * the database, until the program is killed, its time is up, or an object is
 * missing. */
void session_set_watch(void);

/* Says that the command needs no database.  If this is so for all of them, the
 * session ends after "prerequisites", without a connection. */
void session_set_offline(void);

/* Gives up waiting 'seconds' from now, but not before each command has run
 * once. */
void session_set_timeout(double seconds);

/* Has the commands run again when the databases change, or at 'when', in ms by
 * time_msec(), at the latest. */
void session_try_again_at(struct ctl_context *, long long int when);

/* Returns the replica of OVN_Northbound, which is read only.  In
 * "prerequisites" not connected: the session connects it, and does not run
 * the commands before it is complete. */
struct ovsdb_idl *session_northbound(void);

/* Sets what session_run() returns once all is done and printed. */
void session_set_code(enum egressctl_exit);

/* To be called by a command that sets ctx->try_again: what it waits for, to
 * be said if the time is up.  Takes ownership of 'what'. */
void session_set_awaited(char *what);

/* Reports, after the commit, an object that is not there: the line and the
 * exit code EGRESSCTL_NOT_FOUND.  Takes ownership of 'message'. */
void session_report_missing(char *message);

/* Returns the row of Egress_Global, a new one if there is none. */
const struct egressrec_egress_global *session_global(struct ctl_context *);

/* Ends the program with 'code' and a message on standard error. */
OVS_NO_RETURN void session_fatal(enum egressctl_exit code,
                                 const char *format, ...)
    OVS_PRINTF_FORMAT(2, 3);

/* For ctl_init(): ends the program, cleanly, with the exit code that was set,
 * if one was, else 'status'. */
OVS_NO_RETURN void session_exit(int status);

#endif /* utilities/ctl-session.h */
