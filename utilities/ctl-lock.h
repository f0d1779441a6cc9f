/* SPDX-License-Identifier: Apache-2.0 */

/* Is an agent active?  The agent that decides holds a lock of the OVSDB
 * server, and who holds a lock can only be found out by asking for it.
 *
 * Called by status.  If nobody holds the lock, we do until the connection
 * closes, at once; we never write under it. */

#ifndef CTL_LOCK_H
#define CTL_LOCK_H 1

enum lock_state {
    LOCK_HELD,                  /* By somebody else. */
    LOCK_FREE,
    LOCK_UNKNOWN,               /* No server answered. */
};

/* Asks the servers that 'remotes', connection methods with commas between
 * them, name, for 'lock'. */
enum lock_state lock_probe(const char *remotes, const char *lock);

#endif /* utilities/ctl-lock.h */
