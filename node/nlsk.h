/* SPDX-License-Identifier: Apache-2.0 */

/* Netlink sockets of any protocol, on libnl: queries that say when their
 * answer is not complete, changes in batches, notifications, and attributes.
 *
 * libnl's sockets and messages are used, but not its own ways to send and
 * receive, which turn errors of the kernel into a few of their own.
 *
 * Sockets are used by rtnl.c, rtnl-monitor.c, nft-nl.c, nft-cache.c and
 * conntrack.c, attributes by all who make messages or read those of
 * netfilter. */

#ifndef NODE_NLSK_H
#define NODE_NLSK_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <netlink/msg.h>
#include <netlink/socket.h>

/* Opens a socket of 'protocol' (NETLINK_ROUTE, ...), which nl_socket_free()
 * closes.  Returns 0 or a positive errno. */
int nlsk_open(int protocol, struct nl_sock **);

/* Has the socket receive the notifications of a group.  Returns 0 or a
 * positive errno. */
int nlsk_join(struct nl_sock *, int group);

/* Called with each message that is received. */
typedef void nlsk_cb(const struct nlmsghdr *, void *aux);

/* Sends 'request', which has NLM_F_DUMP or, if it asks for one object,
 * NLM_F_ACK, and passes each object in the answer to 'cb'.  Returns 0 or a
 * positive errno, after which what 'cb' was given means nothing: EINTR if what
 * the kernel read has changed in the meantime. */
int nlsk_query(struct nl_sock *, struct nl_msg *request, nlsk_cb *, void *aux);

/* Passes all messages that wait in the socket to 'cb'.  Returns false if some
 * were lost. */
bool nlsk_listen(struct nl_sock *, nlsk_cb *, void *aux);

/* A batch of changes. */
struct nlsk_batch {
    struct nlsk_request *requests;
    size_t n, allocated;
};

struct nlsk_request {
    struct nl_msg *msg;
    const void *what;           /* For the caller. */
    int error;                  /* The answer: 0 or a positive errno. */
    char *text;                 /* What else the kernel said, or NULL. */
};

void nlsk_batch_init(struct nlsk_batch *);
void nlsk_batch_destroy(struct nlsk_batch *);

/* Adds 'msg', which it takes. */
void nlsk_batch_add(struct nlsk_batch *, struct nl_msg *msg, const void *what);

/* Moves the requests of 'other' to the end of 'batch'. */
void nlsk_batch_append(struct nlsk_batch *batch, struct nlsk_batch *other);

/* Sends all requests, up to 'chunk' of them in one system call, and fills in
 * their answers.  What should have one (NLM_F_ACK) and has none gets ENOBUFS;
 * if the socket fails, all without an answer get that error. */
void nlsk_batch_run(struct nl_sock *, struct nlsk_batch *, size_t chunk);

/* Returns why a request failed, with what the kernel said of it, for people:
 * "Invalid argument (...)".  The caller frees it. */
char *nlsk_request_error(const struct nlsk_request *);

/* Starts a message of 'type' with 'flags', beyond NLM_F_REQUEST, and a copy of
 * 'len' bytes of 'header'; there is 'room' for attributes, and no more.  The
 * caller frees it with nlmsg_free(). */
struct nl_msg *nlsk_new(int type, int flags, const void *header, size_t len,
                        size_t room);

/* Append attributes, for which there must be room: libnl's own functions leave
 * out what has none.  Those with "be" convert the number to the order of bytes
 * in the network. */
void nlsk_put(struct nl_msg *, int type, const void *data, size_t len);
void nlsk_put_u8(struct nl_msg *, int type, uint8_t);
void nlsk_put_u32(struct nl_msg *, int type, uint32_t);
void nlsk_put_be32(struct nl_msg *, int type, uint32_t);
void nlsk_put_be64(struct nl_msg *, int type, uint64_t);
void nlsk_put_string(struct nl_msg *, int type, const char *);

/* The same for one that holds others, also if these are none.  'type' is put
 * as it is: the kernel does not set NLA_F_NESTED everywhere, and what we put
 * is compared with that. */
struct nlattr *nlsk_nest(struct nl_msg *, int type);
void nlsk_nest_end(struct nl_msg *, struct nlattr *);

/* For a policy: an attribute of exactly so many bytes. */
#define NLSK_LEN(LEN) { .minlen = (LEN), .maxlen = (LEN) }

/* Split the attributes after a header of 'header_len' bytes, or in 'nest', by
 * type, into 'n' pointers.  Return false if the policy, which has 'n' entries,
 * does not allow one of them.  Those that are missing are NULL. */
bool nlsk_parse(const struct nlmsghdr *, size_t header_len,
                const struct nla_policy *, struct nlattr **, size_t n);
bool nlsk_parse_nest(const struct nlattr *nest, const struct nla_policy *,
                     struct nlattr **, size_t n);

/* Returns the attribute of 'type' in 'nest', or NULL. */
const struct nlattr *nlsk_find(const struct nlattr *nest, int type);

/* Return the number in an attribute, which must be as long. */
uint32_t nlsk_get_be32(const struct nlattr *);
uint64_t nlsk_get_be64(const struct nlattr *);

#endif /* node/nlsk.h */
