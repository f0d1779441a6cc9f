/* SPDX-License-Identifier: Apache-2.0 */

/* A program that runs beside the daemon: it is given its standard input, a
 * file without a name, it is waited for without blocking, and its output is
 * kept.
 *
 * Called by frr.c for vtysh(1).  libopenvswitch's process.h starts programs,
 * too, but leaves them the daemon's own input and output.  What is written and
 * read may hold secrets: it never goes to a disk or a log. */

#ifndef NODE_CHILD_H
#define NODE_CHILD_H 1

#include <stdbool.h>

struct child;

/* Starts argv[0], searched for in PATH, with the arguments 'argv' (the last
 * one is NULL) and 'input' as standard input.  It is killed after 'timeout'
 * ms.  Returns NULL and sets '*error', which the caller frees, if it cannot be
 * started. */
struct child *child_start(char *const argv[], const char *input, int timeout,
                          char **error);

/* Kills it if it still runs. */
void child_destroy(struct child *);

/* Reads from it.  Returns true when it has ended. */
bool child_run(struct child *);
void child_wait(const struct child *);

/* Once it has ended: NULL if it exited with status 0, otherwise why not; owned
 * by the child. */
const char *child_get_failure(const struct child *);

/* What it wrote to standard output and standard error, until now. */
const char *child_get_output(const struct child *);
const char *child_get_errors(const struct child *);

#endif /* node/child.h */
