/* SPDX-License-Identifier: Apache-2.0 */

/* Tracked connections, over ctnetlink.  See conntrack.h.
 *
 * libopenvswitch's netlink-conntrack.h decodes whole entries, and deletes them
 * by addresses and ports alone; here only those are read, and what is
 * deleted is the very connection that was seen, by its ID. */

#include <config.h>

#include "node/conntrack.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <stdlib.h>
#include <string.h>

#include "intent/ip.h"
#include "netlink-socket.h"
#include "netlink.h"
#include "node/nfnl.h"
#include "openvswitch/list.h"
#include "openvswitch/ofpbuf.h"
#include "util.h"

/* Up to this number of endpoints, the kernel is asked for the connections of
 * each: it walks through its table as often, but hands out little of it. */
#define MAX_WALKS 8

/* Bit of CTA_FILTER_ORIG_FLAGS for the source address; the kernel's headers
 * for programs do not name it. */
#define FILTER_IP_SRC (1 << 0)

/* The kernel's table. */

/* A connection, and what a request about it needs. */
struct connection {
    struct conntrack_connection c;
    uint8_t family;
    const struct nlattr *orig_attr;     /* CTA_TUPLE_ORIG. */
    ovs_be32 id;
};

/* Reads one address, of attribute 'v4' or 'v6'.  Returns false if there is
 * none. */
static bool
get_address(struct nlattr *const *ips, uint16_t v4, uint16_t v6,
            struct in6_addr *ip)
{
    if (ips[v4]) {
        ovs_be32 addr = nl_attr_get_be32(ips[v4]);

        ip_addr_parse("0.0.0.0", ip);
        memcpy(&ip->s6_addr[12], &addr, sizeof addr);
    } else if (ips[v6]) {
        *ip = nl_attr_get_in6_addr(ips[v6]);
    } else {
        return false;
    }
    return true;
}

/* Returns false if 'nest' is not a tuple, or in a zone other than 0. */
static bool
parse_tuple(const struct nlattr *nest, struct conntrack_tuple *tuple)
{
    static const struct nl_policy tuple_policy[] = {
        [CTA_TUPLE_IP] = { .type = NL_A_NESTED },
        [CTA_TUPLE_PROTO] = { .type = NL_A_NESTED },
        [CTA_TUPLE_ZONE] = { .type = NL_A_BE16, .optional = true },
    };
    static const struct nl_policy ip_policy[] = {
        [CTA_IP_V4_SRC] = { .type = NL_A_BE32, .optional = true },
        [CTA_IP_V4_DST] = { .type = NL_A_BE32, .optional = true },
        [CTA_IP_V6_SRC] = { .type = NL_A_IPV6, .optional = true },
        [CTA_IP_V6_DST] = { .type = NL_A_IPV6, .optional = true },
    };
    static const struct nl_policy proto_policy[] = {
        [CTA_PROTO_NUM] = { .type = NL_A_U8 },
        [CTA_PROTO_SRC_PORT] = { .type = NL_A_BE16, .optional = true },
        [CTA_PROTO_DST_PORT] = { .type = NL_A_BE16, .optional = true },
    };
    struct nlattr *attrs[ARRAY_SIZE(tuple_policy)];
    struct nlattr *ips[ARRAY_SIZE(ip_policy)];
    struct nlattr *proto[ARRAY_SIZE(proto_policy)];

    if (!nl_parse_nested(nest, tuple_policy, attrs, ARRAY_SIZE(attrs))
        || (attrs[CTA_TUPLE_ZONE]
            && nl_attr_get_be16(attrs[CTA_TUPLE_ZONE]))
        || !nl_parse_nested(attrs[CTA_TUPLE_IP], ip_policy, ips,
                            ARRAY_SIZE(ips))
        || !nl_parse_nested(attrs[CTA_TUPLE_PROTO], proto_policy, proto,
                            ARRAY_SIZE(proto))) {
        return false;
    }

    const struct nlattr *sport = proto[CTA_PROTO_SRC_PORT];
    const struct nlattr *dport = proto[CTA_PROTO_DST_PORT];
    tuple->protocol = nl_attr_get_u8(proto[CTA_PROTO_NUM]);
    tuple->sport = sport ? ntohs(nl_attr_get_be16(sport)) : 0;
    tuple->dport = dport ? ntohs(nl_attr_get_be16(dport)) : 0;
    return (get_address(ips, CTA_IP_V4_SRC, CTA_IP_V6_SRC, &tuple->src)
            && get_address(ips, CTA_IP_V4_DST, CTA_IP_V6_DST, &tuple->dst));
}

/* Returns false if 'msg' is not a connection in zone 0. */
static bool
parse_connection(const struct ofpbuf *msg, struct connection *conn)
{
    static const struct nl_policy policy[] = {
        [CTA_TUPLE_ORIG] = { .type = NL_A_NESTED },
        [CTA_TUPLE_REPLY] = { .type = NL_A_NESTED },
        [CTA_ZONE] = { .type = NL_A_BE16, .optional = true },
        [CTA_ID] = { .type = NL_A_BE32 },
    };
    struct nlattr *attrs[ARRAY_SIZE(policy)];
    const struct nfgenmsg *nfg = ofpbuf_at(msg, NLMSG_HDRLEN, sizeof *nfg);

    if (!nfg
        || !nl_policy_parse(msg, NLMSG_HDRLEN + sizeof *nfg, policy, attrs,
                            ARRAY_SIZE(attrs))
        || (attrs[CTA_ZONE] && nl_attr_get_be16(attrs[CTA_ZONE]))) {
        return false;
    }
    conn->family = nfg->nfgen_family;
    conn->orig_attr = attrs[CTA_TUPLE_ORIG];
    conn->id = nl_attr_get_be32(attrs[CTA_ID]);
    return (parse_tuple(attrs[CTA_TUPLE_ORIG], &conn->c.orig)
            && parse_tuple(attrs[CTA_TUPLE_REPLY], &conn->c.reply));
}

bool
conntrack_parse(const struct ofpbuf *msg, struct conntrack_connection *c)
{
    struct connection conn;
    bool ok = parse_connection(msg, &conn);

    if (ok) {
        *c = conn.c;
    }
    return ok;
}

static void
put_request(struct ofpbuf *msg, uint8_t cmd, uint8_t family)
{
    nl_msg_put_nlmsghdr(msg, sizeof(struct nfgenmsg),
                        NFNL_SUBSYS_CTNETLINK << 8 | cmd, NLM_F_REQUEST);

    struct nfgenmsg *nfg = nl_msg_put_uninit(msg, sizeof *nfg);
    *nfg = (struct nfgenmsg) {
        .nfgen_family = family, .version = NFNETLINK_V0,
    };
}

/* Returns a request to delete 'conn'. */
static struct ofpbuf *
delete_request(const struct connection *conn)
{
    struct ofpbuf *msg = ofpbuf_new(256);

    put_request(msg, IPCTNL_MSG_CT_DELETE, conn->family);
    nl_msg_put_unspec(msg, CTA_TUPLE_ORIG | NLA_F_NESTED,
                      nl_attr_get(conn->orig_attr),
                      nl_attr_get_size(conn->orig_attr));
    nl_msg_put_be32(msg, CTA_ID, conn->id);
    return msg;
}

/* Asks the kernel for the connections that 'endpoint' opened and no others.  A
 * kernel older than 5.8 answers with all of its family. */
static void
put_endpoint(struct ofpbuf *msg, const struct in6_addr *endpoint)
{
    size_t orig = nl_msg_start_nested(msg, CTA_TUPLE_ORIG | NLA_F_NESTED);
    size_t ip = nl_msg_start_nested(msg, CTA_TUPLE_IP | NLA_F_NESTED);
    if (ip_family(endpoint) == IP_V4) {
        nl_msg_put_unspec(msg, CTA_IP_V4_SRC, &endpoint->s6_addr[12], 4);
    } else {
        nl_msg_put_in6_addr(msg, CTA_IP_V6_SRC, endpoint);
    }
    nl_msg_end_nested(msg, ip);
    nl_msg_end_nested(msg, orig);

    size_t filter = nl_msg_start_nested(msg, CTA_FILTER | NLA_F_NESTED);
    nl_msg_put_u32(msg, CTA_FILTER_ORIG_FLAGS, FILTER_IP_SRC);
    nl_msg_end_nested(msg, filter);
}

/* A walk through the kernel's table. */
struct walk {
    struct conntrack_filter *filter;    /* Or else: */
    bool (*judge)(const struct conntrack_connection *, const void *aux);
    const void *aux;
    unsigned int n_judged;      /* So many it found. */

    struct ovs_list *requests;  /* To delete what is found; may be NULL. */
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
    ovs_list_push_back(walk->requests, &delete_request(conn)->list_node);
    if (orig->protocol == IPPROTO_TCP
        && !ip_compare(&orig->dst, &conn->c.reply.src)) {
        machine_set_add(&walk->cut[ip_family(&orig->src)],
                        &(struct machine_element) {
                            .key = { .ip = orig->src, .port = orig->sport },
                        });
    }
}

static bool
take_connection(const struct ofpbuf *msg, void *walk_)
{
    struct walk *walk = walk_;
    struct connection conn;

    if (!parse_connection(msg, &conn)) {
        return true;
    } else if (walk->judge) {
        if (walk->judge(&conn.c, walk->aux)) {
            walk->n_judged++;
            add_deletion(walk, &conn);
        }
    } else if (conntrack_filter_has(walk->filter, &conn.c)) {
        add_deletion(walk, &conn);
    }
    return true;
}

/* Takes the connections of the filter among those of 'endpoint', or all if
 * that is NULL.  Returns 0 or a positive errno value. */
static int
walk_endpoint(struct walk *walk, const struct in6_addr *endpoint)
{
    struct ofpbuf request;

    ofpbuf_init(&request, 64);
    if (endpoint) {
        put_request(&request, IPCTNL_MSG_CT_GET,
                    ip_family(endpoint) == IP_V4 ? AF_INET : AF_INET6);
        put_endpoint(&request, endpoint);
    } else {
        put_request(&request, IPCTNL_MSG_CT_GET, AF_UNSPEC);
    }

    int error = nfnl_dump(&request, take_connection, walk);
    ofpbuf_uninit(&request);
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
start_deletions(struct walk *walk, struct ovs_list *requests)
{
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
    struct ofpbuf *request;
    char *noting = cut(walk->cut);
    char *deleting = NULL;

    LIST_FOR_EACH_POP (request, list_node, walk->requests) {
        int retval = noting ? 0 : nl_transact(NETLINK_NETFILTER, request,
                                              NULL);

        if (!retval) {
            ++*n;
        } else if (retval != ENOENT && !deleting) {
            deleting = xasprintf("deleting tracked connections: %s",
                                 ovs_strerror(retval));
        }
        ofpbuf_delete(request);
    }
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
    struct ovs_list requests = OVS_LIST_INITIALIZER(&requests);
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
    struct ovs_list requests = OVS_LIST_INITIALIZER(&requests);
    struct walk walk = { .judge = judge, .aux = aux };
    unsigned int n_deleted = 0;

    if (cut) {
        start_deletions(&walk, &requests);
    }
    char *error = walk_error(walk_endpoint(&walk, NULL));
    *n = walk.n_judged;
    return cut ? send_deletions(&walk, error, cut, &n_deleted) : error;
}
