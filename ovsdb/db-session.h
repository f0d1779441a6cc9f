/* SPDX-License-Identifier: Apache-2.0 */

/* Is a replica that of the server that we are connected to now?
 *
 * An IDL that has lost its connection keeps the rows of the former one, and is
 * "connected" again before the server has said what there is.  Only the answer
 * to the request to monitor tells: until then nothing may be concluded from
 * the replica, least of all that something is there still, or is gone.
 *
 * Used by the agent and the nodes' helpers, which run it after each run of the
 * IDL. */

#ifndef DB_SESSION_H
#define DB_SESSION_H 1

#include <stdbool.h>

struct ovsdb_idl;

/* All zero when the IDL is new. */
struct db_session {
    unsigned int seqno;         /* Of the IDL, while not connected. */
    bool current;               /* The replica is this connection's. */
};

/* Returns true if there is a connection and its first answer has been taken
 * in. */
bool db_session_run(struct db_session *, const struct ovsdb_idl *);

#endif /* ovsdb/db-session.h */
