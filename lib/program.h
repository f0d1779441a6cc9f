/* SPDX-License-Identifier: Apache-2.0 */

/* What the programs of this project do alike, beside what daemon-shell.h does
 * for daemons.  Used by the shell and by the tools. */

#ifndef EGRESS_PROGRAM_H
#define EGRESS_PROGRAM_H 1

/* Makes the end of the program look whether all that was printed has been
 * written: if not ("No space left on device"), says so and changes the exit
 * code to EXIT_FAILURE.  A reader of a pipe that has seen enough is no error.
 * To be called once, first in main(). */
void program_check_stdout_at_exit(void);

/* Writes out what has been printed so far. */
void program_flush_stdout(void);

/* Print the part of --help on libopenvswitch's options for daemons and logs,
 * with our paths. */
void program_daemon_usage(const char *name);
void program_vlog_usage(const char *name);

/* Opens the log file 'file', or that of the program 'name' in OVN's directory
 * if it is NULL.  Returns 0 or a positive errno value. */
int program_set_log_file(const char *name, const char *file);

/* Lowers the log levels at which libopenvswitch would write what is sent to
 * and from databases, as that has passwords of BGP sessions in it.  To be
 * called whenever levels may have been changed.  Who needs those messages sets
 * OVN_EGRESS_LOG_SECRETS=yes in the environment. */
void program_hide_secrets(void);

#endif /* lib/program.h */
