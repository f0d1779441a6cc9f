/* SPDX-License-Identifier: Apache-2.0 */

/* Dumps of netfilter's netlink subsystems.
 *
 * libopenvswitch's nl_dump_next() takes the end of a dump for a success, but
 * the kernel tells there whether it could read everything.
 *
 * Called by node/nft-nl.c and node/conntrack.c. */

#ifndef NODE_NFNL_H
#define NODE_NFNL_H 1

#include <stdbool.h>

struct ofpbuf;

/* Sends 'request' as a dump, which needs no flags, and calls 'cb' for each
 * object in the answer until it returns false.  Returns 0 or a positive errno
 * value: EPROTO if 'cb' returned false, EINTR if the kernel says that what it
 * read changed in the meantime.  With an error, what 'cb' was given means
 * nothing. */
int nfnl_dump(struct ofpbuf *request,
              bool (*cb)(const struct ofpbuf *msg, void *aux), void *aux);

#endif /* node/nfnl.h */
