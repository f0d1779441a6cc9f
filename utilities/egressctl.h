/* SPDX-License-Identifier: Apache-2.0 */

/* ovn-egressctl: what its files share.
 *
 *     ovn-egressctl.c     main(): the command line as a whole
 *     ctl-session.c       the connection and the one transaction
 *     ctl-command.c       the command line of an object command
 *     ctl-server.c        why a server does not let us in
 *     ctl-output.c        the output of commands, fit for a terminal
 *     ctl-manifests.c     files to objects
 *     ctl-object.c        rows of the table Object: finding, conditions
 *     ctl-apply.c         apply, delete
 *     ctl-get.c           get; ctl-columns*.c: its columns for each kind;
 *                         ctl-cells.c: parts of them; ctl-text.c: its table
 *     ctl-view.c          an object as one document, with its status
 *     ctl-describe.c      describe
 *     ctl-wait.c          wait
 *     ctl-check.c         check
 *     ctl-options.c       options, and the check of those that are set
 *     ctl-status.c        status
 *     ctl-heartbeat.c     how old a heartbeat is
 *     ctl-observe.c       both databases as the agent sees them, and its plan
 *     ctl-plan.c          plan
 *     ctl-trace.c         trace
 *     ctl-migrate*.c      migrate
 *     ctl-connection.c    connections and TLS of the database server
 *
 * Every command is a ctl_command_syntax of db-ctl-base.h and runs in one
 * transaction with all others of the command line.  The object commands take
 * their options behind their name, as kubectl's do; the others take them
 * before it, as ovn-nbctl's do. */

#ifndef EGRESSCTL_H
#define EGRESSCTL_H 1

#include "db-ctl-base.h"

/* Exit codes, documented in ovn-egressctl(8). */
enum egressctl_exit {
    EGRESSCTL_OK = 0,
    EGRESSCTL_FAILED = 1,       /* Wrong usage, and what is not below. */
    EGRESSCTL_BAD_INPUT = 2,    /* A manifest has errors. */
    EGRESSCTL_NOT_FOUND = 3,    /* An object that was named is not there. */
    EGRESSCTL_TIMED_OUT = 4,
    EGRESSCTL_NO_DATABASE = 5,  /* The database cannot be reached. */
    EGRESSCTL_DIFFERENT = 6,    /* What is is not what should be. */
};

/* The commands of each file. */
extern const struct ctl_command_syntax apply_commands[];
extern const struct ctl_command_syntax get_commands[];
extern const struct ctl_command_syntax describe_commands[];
extern const struct ctl_command_syntax wait_commands[];
extern const struct ctl_command_syntax check_commands[];
extern const struct ctl_command_syntax status_commands[];
extern const struct ctl_command_syntax options_commands[];
extern const struct ctl_command_syntax plan_commands[];
extern const struct ctl_command_syntax trace_commands[];
extern const struct ctl_command_syntax migrate_commands[];
extern const struct ctl_command_syntax connection_commands[];

/* ctl-options.c: sets '*before' to the options as they are before the commands
 * run; and when the 'n' 'commands' have run, prints what is wrong with those
 * that they have changed, destroys '*before', and ends the program if a value
 * is wrong. */
struct ovsdb_idl;
struct smap;
void options_remember(struct ovsdb_idl *, struct smap *before);
void options_check_change(struct ovsdb_idl *, struct smap *before,
                          const struct ctl_command *commands, size_t n);

#endif /* egressctl.h */
