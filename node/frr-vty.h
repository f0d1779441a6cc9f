/* SPDX-License-Identifier: Apache-2.0 */

/* A connection to one of FRR's daemons: the Unix socket on which vtysh(1)
 * talks to it.
 *
 * A command ends with a zero byte.  What the daemon says to it ends with three
 * of them and a status, which is 0 if all is well.  There is one command at a
 * time; nothing here blocks.  Where no daemon listens, it is tried again
 * often.  Called by frr-daemon.c. */

#ifndef NODE_FRR_VTY_H
#define NODE_FRR_VTY_H 1

#include <stdbool.h>

struct frr_vty;

/* For the daemon 'name' of the instance 'namespace' (NULL for the one that has
 * no name). */
struct frr_vty *frr_vty_create(const char *namespace, const char *name);
void frr_vty_destroy(struct frr_vty *);

/* Connects, sends and receives as far as possible now.  It is tried less often
 * to connect to a daemon that is not 'needed'. */
void frr_vty_run(struct frr_vty *, bool needed);
void frr_vty_wait(const struct frr_vty *);

/* Returns 0 while there is no connection, otherwise a number that is another
 * one for each: a new connection may be to a daemon that forgot all. */
unsigned int frr_vty_connection(const struct frr_vty *);

/* While there is no connection: why not, as a positive errno, or 0 if that is
 * not known yet. */
int frr_vty_get_errno(const struct frr_vty *);

/* True if that says that the daemon does not run. */
bool frr_vty_is_gone(const struct frr_vty *);

/* Sends a command.  There must be a connection, and no command without its
 * reply. */
void frr_vty_send(struct frr_vty *, const char *command);

/* If the reply is complete, returns its text, which the caller frees, and its
 * status; otherwise NULL. */
char *frr_vty_receive(struct frr_vty *, int *status);

/* If the daemon answered the last command at once, waits a moment (2 ms at
 * most) for the answer to this one. */
void frr_vty_linger(struct frr_vty *);

/* Returns for how long (ms) a command has been without its reply, 0 if there
 * is none. */
long long int frr_vty_silence(const struct frr_vty *);

#endif /* node/frr-vty.h */
