/* SPDX-License-Identifier: Apache-2.0 */

/* Why does a server not let us use its database?  The IDL knows no more than
 * that it does not; the servers' own database, _Server, says why.
 *
 * Called by ctl-session.c before the program ends. */

#ifndef CTL_SERVER_H
#define CTL_SERVER_H 1

#include <stdbool.h>

/* Asks the servers that 'remotes', connection methods with commas between
 * them, name, about the database 'name', of which we want the leader if
 * 'leader_only'.  Returns why they do not do, for a message; static. */
const char *server_why_not(const char *remotes, const char *name,
                           bool leader_only);

#endif /* utilities/ctl-server.h */
