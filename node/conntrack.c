/* SPDX-License-Identifier: Apache-2.0 */

/* Tracked connections, over ctnetlink.  See conntrack.h.
 *
 * Of a connection, only addresses and ports are read; what is deleted is the
 * very connection that was seen, by its ID. */

#include <config.h>

#include "node/conntrack.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "intent/ip.h"
#include "node/nft-nl.h"
#include "util.h"

/* Up to this number of endpoints, the kernel is asked for the connections of
 * each: it walks through its table as often, but hands out little of it. */
#define MAX_WALKS 8

/* Requests in one system call. */
#define CHUNK 64

/* Enough for the attributes of a request. */
#define ROOM 512

/* Bit of CTA_FILTER_ORIG_FLAGS for the source address; the kernel's headers
 * for programs do not name it. */
#define FILTER_IP_SRC (1 << 0)

/* The kernel's table. */

/* A connection, and what a request about it needs. */
struct connection {
    struct conntrack_connection c;
    uint8_t family;
    const struct nlattr *orig_attr;     /* CTA_TUPLE_ORIG. */
    uint32_t id;
};

/* Reads one address, of attribute 'v4' or 'v6'.  Returns false if there is
 * none. */
static bool
get_address(struct nlattr *const *ips, uint16_t v4, uint16_t v6,
            struct in6_addr *ip)
{
    if (ips[v4]) {
        ip_addr_parse("0.0.0.0", ip);
        memcpy(&ip->s6_addr[12], nla_data(ips[v4]), 4);
    } else if (ips[v6]) {
        memcpy(ip, nla_data(ips[v6]), sizeof *ip);
    } else {
        return false;
    }
    return true;
}

static bool
is_zone_0(const struct nlattr *zone)
{
    return !zone || !nla_get_u16(zone);
}

/* Returns false if 'nest' is not a tuple, or in a zone other than 0. */
static bool
parse_tuple(const struct nlattr *nest, struct conntrack_tuple *tuple)
{
    static const struct nla_policy tuple_policy[] = {
        [CTA_TUPLE_IP] = { .type = NLA_NESTED },
        [CTA_TUPLE_PROTO] = { .type = NLA_NESTED },
        [CTA_TUPLE_ZONE] = NLSK_LEN(2),
    };
    static const struct nla_policy ip_policy[] = {
        [CTA_IP_V4_SRC] = NLSK_LEN(4),
        [CTA_IP_V4_DST] = NLSK_LEN(4),
        [CTA_IP_V6_SRC] = NLSK_LEN(16),
        [CTA_IP_V6_DST] = NLSK_LEN(16),
    };
    static const struct nla_policy proto_policy[] = {
        [CTA_PROTO_NUM] = NLSK_LEN(1),
        [CTA_PROTO_SRC_PORT] = NLSK_LEN(2),
        [CTA_PROTO_DST_PORT] = NLSK_LEN(2),
    };
    struct nlattr *attrs[ARRAY_SIZE(tuple_policy)];
    struct nlattr *ips[ARRAY_SIZE(ip_policy)];
    struct nlattr *proto[ARRAY_SIZE(proto_policy)];

    if (!nlsk_parse_nest(nest, tuple_policy, attrs, ARRAY_SIZE(attrs))
        || !is_zone_0(attrs[CTA_TUPLE_ZONE])
        || !attrs[CTA_TUPLE_IP]
        || !nlsk_parse_nest(attrs[CTA_TUPLE_IP], ip_policy, ips,
                            ARRAY_SIZE(ips))
        || !attrs[CTA_TUPLE_PROTO]
        || !nlsk_parse_nest(attrs[CTA_TUPLE_PROTO], proto_policy, proto,
                            ARRAY_SIZE(proto))
        || !proto[CTA_PROTO_NUM]) {
        return false;
    }

    const struct nlattr *sport = proto[CTA_PROTO_SRC_PORT];
    const struct nlattr *dport = proto[CTA_PROTO_DST_PORT];
    tuple->protocol = nla_get_u8(proto[CTA_PROTO_NUM]);
    tuple->sport = sport ? ntohs(nla_get_u16(sport)) : 0;
    tuple->dport = dport ? ntohs(nla_get_u16(dport)) : 0;
    return (get_address(ips, CTA_IP_V4_SRC, CTA_IP_V6_SRC, &tuple->src)
            && get_address(ips, CTA_IP_V4_DST, CTA_IP_V6_DST, &tuple->dst));
}

/* Returns false if 'nlh' is not a connection in zone 0. */
static bool
parse_connection(const struct nlmsghdr *nlh, struct connection *conn)
{
    static const struct nla_policy policy[] = {
        [CTA_TUPLE_ORIG] = { .type = NLA_NESTED },
        [CTA_TUPLE_REPLY] = { .type = NLA_NESTED },
        [CTA_ZONE] = NLSK_LEN(2),
        [CTA_ID] = NLSK_LEN(4),
    };
    struct nlattr *attrs[ARRAY_SIZE(policy)];
    const struct nfgenmsg *nfg = nlmsg_data(nlh);

    if (!nlsk_parse(nlh, sizeof *nfg, policy, attrs, ARRAY_SIZE(attrs))
        || !attrs[CTA_TUPLE_ORIG] || !attrs[CTA_TUPLE_REPLY] || !attrs[CTA_ID]
        || !is_zone_0(attrs[CTA_ZONE])) {
        return false;
    }
    conn->family = nfg->nfgen_family;
    conn->orig_attr = attrs[CTA_TUPLE_ORIG];
    conn->id = nlsk_get_be32(attrs[CTA_ID]);
    return (parse_tuple(attrs[CTA_TUPLE_ORIG], &conn->c.orig)
            && parse_tuple(attrs[CTA_TUPLE_REPLY], &conn->c.reply));
}

bool
conntrack_parse(const struct nlmsghdr *nlh, struct conntrack_connection *c)
{
    struct connection conn;
    bool ok = parse_connection(nlh, &conn);

    if (ok) {
        *c = conn.c;
    }
    return ok;
}

static struct nl_msg *
new_request(uint8_t cmd, uint16_t flags, uint8_t family)
{
    return nft_nl_new(NFNL_SUBSYS_CTNETLINK << 8 | cmd, flags, family, ROOM);
}

/* Returns a request to delete 'conn'. */
static struct nl_msg *
delete_request(const struct connection *conn)
{
    struct nl_msg *msg = new_request(IPCTNL_MSG_CT_DELETE, NLM_F_ACK,
                                     conn->family);

    nlsk_put(msg, CTA_TUPLE_ORIG | NLA_F_NESTED, nla_data(conn->orig_attr),
             nla_len(conn->orig_attr));
    nlsk_put_be32(msg, CTA_ID, conn->id);
    return msg;
}

/* Asks the kernel for the connections that 'endpoint' opened and no others.  A
 * kernel older than 5.8 answers with all of its family. */
static void
put_endpoint(struct nl_msg *msg, const struct in6_addr *endpoint)
{
    struct nlattr *orig = nlsk_nest(msg, CTA_TUPLE_ORIG | NLA_F_NESTED);
    struct nlattr *ip = nlsk_nest(msg, CTA_TUPLE_IP | NLA_F_NESTED);
    if (ip_family(endpoint) == IP_V4) {
        nlsk_put(msg, CTA_IP_V4_SRC, &endpoint->s6_addr[12], 4);
    } else {
        nlsk_put(msg, CTA_IP_V6_SRC, endpoint, sizeof *endpoint);
    }
    nlsk_nest_end(msg, ip);
    nlsk_nest_end(msg, orig);

    struct nlattr *filter = nlsk_nest(msg, CTA_FILTER | NLA_F_NESTED);
    nlsk_put_u32(msg, CTA_FILTER_ORIG_FLAGS, FILTER_IP_SRC);
    nlsk_nest_end(msg, filter);
}

/* A walk through the kernel's table. */
struct walk {
    struct conntrack_filter *filter;    /* Or else: */
    bool (*judge)(const struct conntrack_connection *, const void *aux);
    const void *aux;
    unsigned int n_judged;      /* So many it found. */

    struct nlsk_batch *requests;        /* To delete what is found; may be
                                         * NULL. */
    struct machine_set cut[IP_N_FAMILIES];      /* See
                                                 * conntrack_cut_func. */
};

/* Adds 'conn' to what is to be deleted, if anything is. */
static void
add_deletion(struct walk *walk, const struct connection *conn)
{
    const struct conntrack_tuple *orig = &conn->c.orig;

    if (!walk->requests) {
        return;
    }
    nlsk_batch_add(walk->requests, delete_request(conn), NULL);
    if (orig->protocol == IPPROTO_TCP
        && !ip_compare(&orig->dst, &conn->c.reply.src)) {
        machine_set_add(&walk->cut[ip_family(&orig->src)],
                        &(struct machine_element) {
                            .key = { .ip = orig->src, .port = orig->sport },
                        });
    }
}

static void
take_connection(const struct nlmsghdr *nlh, void *walk_)
{
    struct walk *walk = walk_;
    struct connection conn;

    if (!parse_connection(nlh, &conn)) {
        return;
    } else if (walk->judge) {
        if (walk->judge(&conn.c, walk->aux)) {
            walk->n_judged++;
            add_deletion(walk, &conn);
        }
    } else if (conntrack_filter_has(walk->filter, &conn.c)) {
        add_deletion(walk, &conn);
    }
}

/* Takes the connections of the filter among those of 'endpoint', or all if
 * that is NULL.  Returns 0 or a positive errno value. */
static int
walk_endpoint(struct walk *walk, const struct in6_addr *endpoint)
{
    uint8_t family = (!endpoint ? AF_UNSPEC
                      : ip_family(endpoint) == IP_V4 ? AF_INET : AF_INET6);
    struct nl_msg *msg = new_request(IPCTNL_MSG_CT_GET, NLM_F_DUMP, family);

    if (endpoint) {
        put_endpoint(msg, endpoint);
    }
    int error = nlsk_query(nft_nl_socket(), msg, take_connection, walk);
    nlmsg_free(msg);
    return error;
}

/* Does the same for all that the filter names. */
static int
walk_filter(struct walk *walk)
{
    struct conntrack_filter *filter = walk->filter;
    struct conntrack_pair *pair;
    int error = 0;

    if (hmap_count(&filter->pairs) > MAX_WALKS
        || !hmap_is_empty(&filter->services)) {
        return walk_endpoint(walk, NULL);
    }
    HMAP_FOR_EACH (pair, node, &filter->pairs) {
        int retval = walk_endpoint(walk, &pair->endpoint);
        error = error ? error : retval;
    }
    return error;
}

static char *
walk_error(int error)
{
    return error ? xasprintf("reading tracked connections: %s",
                             ovs_strerror(error)) : NULL;
}

/* Deleting. */

static void
start_deletions(struct walk *walk, struct nlsk_batch *requests)
{
    nlsk_batch_init(requests);
    walk->requests = requests;
    for (int f = 0; f < IP_N_FAMILIES; f++) {
        machine_set_init(&walk->cut[f], MACHINE_SET_CUT, f);
    }
}

/* Sends the requests of 'walk', after 'cut', and frees them.  Adds the number
 * of those that were there to '*n'.  'error' is that of reading. */
static char *
send_deletions(struct walk *walk, char *error, conntrack_cut_func *cut,
               unsigned int *n)
{
    struct nlsk_batch *batch = walk->requests;
    char *noting = cut(walk->cut);
    char *deleting = NULL;

    if (!noting) {
        nlsk_batch_run(nft_nl_socket(), batch, CHUNK);
    }
    for (size_t i = 0; i < batch->n && !noting; i++) {
        int retval = batch->requests[i].error;

        if (!retval) {
            ++*n;
        } else if (retval != ENOENT && !deleting) {
            deleting = xasprintf("deleting tracked connections: %s",
                                 ovs_strerror(retval));
        }
    }
    nlsk_batch_destroy(batch);
    for (int f = 0; f < IP_N_FAMILIES; f++) {
        machine_set_destroy(&walk->cut[f]);
    }
    if (error) {
        free(noting);
        free(deleting);
        return error;
    }
    return noting ? noting : deleting;
}

char *
conntrack_flush(struct conntrack_filter *filter, conntrack_cut_func *cut,
                unsigned int *n_flushed)
{
    struct nlsk_batch requests;
    struct walk walk = { .filter = filter };

    if (conntrack_filter_is_empty(filter)) {
        return NULL;
    }
    start_deletions(&walk, &requests);
    char *error = walk_error(walk_filter(&walk));
    return send_deletions(&walk, error, cut, n_flushed);
}

char *
conntrack_judge(bool (*judge)(const struct conntrack_connection *,
                              const void *aux),
                const void *aux, conntrack_cut_func *cut, unsigned int *n)
{
    struct nlsk_batch requests;
    struct walk walk = { .judge = judge, .aux = aux };
    unsigned int n_deleted = 0;

    if (cut) {
        start_deletions(&walk, &requests);
    }
    char *error = walk_error(walk_endpoint(&walk, NULL));
    *n = walk.n_judged;
    return cut ? send_deletions(&walk, error, cut, &n_deleted) : error;
}
