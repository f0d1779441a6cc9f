/* SPDX-License-Identifier: Apache-2.0 */

/* The rtnetlink socket: dumps that say when they are not complete, and changes
 * in batches.
 *
 * Used by the kinds of node/.  Messages are built and parsed with libnl's
 * attribute functions; its objects are not used, since they leave out fields
 * that matter here (l3mdev, ports, the protocol of an address).  One socket
 * for the process, opened by rtnl_init(). */

#ifndef NODE_RTNL_H
#define NODE_RTNL_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "intent/ip.h"
#include "node/nlsk.h"

/* Opens the socket.  Returns 0 or a positive errno. */
int rtnl_init(void);
void rtnl_destroy(void);

/* The port number of the socket: the kernel's notifications name it where they
 * tell of a change that came through it. */
uint32_t rtnl_port(void);

/* Dumps all objects that RTM_GET... 'type' lists in address family 'af' and
 * passes each message to 'cb'.  Calls 'reset' first, and again whenever the
 * kernel says that the dump was interrupted by a change, in which case it
 * starts anew; after some tries it gives up with EINTR.  Of what the kernel
 * does not support there is nothing.  Returns 0 or a positive errno, after
 * which what 'cb' collected means nothing. */
int rtnl_dump(int type, unsigned char af, void (*reset)(void *aux), nlsk_cb *,
              void *aux);

/* Sends all requests and fills in their answers.  They reach the kernel in one
 * system call, if they are few (RTNL_CHUNK), so that a kill -9 cannot come
 * between them. */
#define RTNL_CHUNK 64
void rtnl_batch_run(struct nlsk_batch *);

/* Starts a request for a batch, of 'type' with 'flags' and a copy of 'len'
 * bytes of 'header', with room for attributes: enough for all but many next
 * hops. */
#define RTNL_ROOM 512
struct nl_msg *rtnl_new(int type, int flags, const void *header, size_t len);

/* Addresses in attributes: in the form of 'af' to the form of intent/ip.h and
 * back. */
int rtnl_af(enum ip_family);
void rtnl_put_ip(struct nl_msg *, int attr, const struct in6_addr *);
bool rtnl_get_ip(const struct nlattr *, unsigned char af, struct in6_addr *);

#endif /* node/rtnl.h */
