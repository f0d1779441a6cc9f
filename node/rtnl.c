/* SPDX-License-Identifier: Apache-2.0 */

/* The rtnetlink socket: see rtnl.h. */

#include <config.h>

#include "node/rtnl.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "coverage.h"
#include "util.h"

COVERAGE_DEFINE(rtnl_dump);
COVERAGE_DEFINE(rtnl_dump_again);
COVERAGE_DEFINE(rtnl_request);

/* Dumps of one kind before giving up. */
#define DUMP_TRIES 10

static struct nl_sock *sock;

int
rtnl_init(void)
{
    return nlsk_open(NETLINK_ROUTE, &sock);
}

void
rtnl_destroy(void)
{
    nl_socket_free(sock);
    sock = NULL;
}

uint32_t
rtnl_port(void)
{
    return nl_socket_get_local_port(sock);
}

int
rtnl_dump(int type, unsigned char af, void (*reset)(void *aux), nlsk_cb *cb,
          void *aux)
{
    struct rtgenmsg header = { .rtgen_family = af };
    struct nl_msg *msg = nlsk_new(type, NLM_F_DUMP, &header, sizeof header, 0);
    int error = EINTR;

    for (int i = 0; i < DUMP_TRIES && error == EINTR; i++) {
        if (i) {
            COVERAGE_INC(rtnl_dump_again);
        }
        COVERAGE_INC(rtnl_dump);
        reset(aux);
        error = nlsk_query(sock, msg, cb, aux);
    }
    nlmsg_free(msg);
    return error == EAFNOSUPPORT || error == EOPNOTSUPP ? 0 : error;
}

void
rtnl_batch_run(struct nlsk_batch *batch)
{
    COVERAGE_ADD(rtnl_request, batch->n);
    nlsk_batch_run(sock, batch, RTNL_CHUNK);
}

/* Messages. */

struct nl_msg *
rtnl_new(int type, int flags, const void *header, size_t len)
{
    return nlsk_new(type, flags | NLM_F_ACK, header, len, RTNL_ROOM);
}

int
rtnl_af(enum ip_family family)
{
    return family == IP_V4 ? AF_INET : AF_INET6;
}

void
rtnl_put_ip(struct nl_msg *msg, int attr, const struct in6_addr *ip)
{
    if (ip_family(ip) == IP_V4) {
        nlsk_put(msg, attr, &ip->s6_addr[12], 4);
    } else {
        nlsk_put(msg, attr, ip, sizeof *ip);
    }
}

bool
rtnl_get_ip(const struct nlattr *attr, unsigned char af, struct in6_addr *ip)
{
    size_t len = af == AF_INET ? 4 : sizeof *ip;

    if (!attr || nla_len(attr) != len) {
        return false;
    }
    memset(ip, 0, sizeof *ip);
    if (af == AF_INET) {
        ip->s6_addr[10] = ip->s6_addr[11] = 0xff;
        memcpy(&ip->s6_addr[12], nla_data(attr), len);
    } else {
        memcpy(ip, nla_data(attr), len);
    }
    return true;
}
