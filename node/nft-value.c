/* SPDX-License-Identifier: Apache-2.0 */

/* The values in elements of nftables' maps and sets.  See nft-value.h. */

#include <config.h>

#include "node/nft-value.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <linux/netfilter/nf_tables.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "netlink.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofpbuf.h"
#include "plan/machine/machine.h"
#include "util.h"

/* The parts that values are made of. */
enum part { ADDRESS, PROTOCOL, PORT, NUMBER, LINK };

static const struct form {
    size_t n;
    enum part parts[4];
} forms[] = {
    [NFT_VALUE_ADDRESS] = { 1, { ADDRESS } },
    [NFT_VALUE_ADDRESS_PORT] = { 2, { ADDRESS, PORT } },
    [NFT_VALUE_SERVICE] = { 3, { ADDRESS, PROTOCOL, PORT } },
    [NFT_VALUE_SLOT] = { 4, { ADDRESS, PROTOCOL, PORT, NUMBER } },
    [NFT_VALUE_PREFIX] = { 1, { ADDRESS } },
    [NFT_VALUE_WAY] = { 2, { ADDRESS, LINK } },
    [NFT_VALUE_PAIR] = { 2, { ADDRESS, ADDRESS } },
    [NFT_VALUE_DROP] = { 3, { ADDRESS, ADDRESS, LINK } },
    [NFT_VALUE_MARK] = { 0, { ADDRESS } },
};

/* Between two parts of a text. */
#define SEPARATOR " . "

static const struct protocol {
    const char *name;
    uint8_t number;
} protocols[] = {
    { "tcp", IPPROTO_TCP }, { "udp", IPPROTO_UDP }, { "sctp", IPPROTO_SCTP },
};

static size_t
part_len(enum part part, enum ip_family family)
{
    return (part == LINK ? IFNAMSIZ
            : part == ADDRESS && family == IP_V6 ? 16 : 4);
}

size_t
nft_value_len(enum nft_value data, enum ip_family family)
{
    size_t len = 0;

    for (size_t i = 0; i < forms[data].n; i++) {
        len += part_len(forms[data].parts[i], family);
    }
    return len;
}

uint32_t
nft_value_type(enum nft_value data, enum ip_family family)
{
    uint32_t type = 0;

    for (size_t i = 0; i < forms[data].n; i++) {
        enum part part = forms[data].parts[i];

        type = type << 6 | (part == PROTOCOL ? 12
                            : part == PORT ? 13
                            : part == NUMBER ? 4
                            : part == LINK ? 41
                            : family == IP_V6 ? 8 : 7);
    }
    return type;
}

/* Text. */

static bool
parse_address(enum ip_family family, const char *s, uint8_t *bytes)
{
    size_t len = part_len(ADDRESS, family);
    struct in6_addr ip;

    if (!ip_addr_parse(s, &ip) || ip_family(&ip) != family) {
        return false;
    }
    memcpy(bytes, ip.s6_addr + 16 - len, len);
    return true;
}

static bool
parse_protocol(const char *s, uint8_t *bytes)
{
    for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
        if (!strcmp(protocols[i].name, s)) {
            bytes[0] = protocols[i].number;
            return true;
        }
    }
    return false;
}

static bool
parse_part(enum part part, enum ip_family family, const char *s,
           uint8_t *bytes)
{
    unsigned int number;
    ovs_be16 port;

    memset(bytes, 0, part_len(part, family));
    if (part == ADDRESS) {
        return parse_address(family, s, bytes);
    } else if (part == PROTOCOL) {
        return parse_protocol(s, bytes);
    } else if (part == LINK) {
        ovs_strlcpy((char *) bytes, s, IFNAMSIZ);
        return *s && strlen(s) < IFNAMSIZ;
    } else if (!str_to_uint(s, 10, &number)
               || (part == PORT && number > UINT16_MAX)) {
        return false;
    } else if (part == PORT) {
        port = htons(number);
        memcpy(bytes, &port, sizeof port);
    } else {
        memcpy(bytes, &number, sizeof number);
    }
    return true;
}

bool
nft_value_parse(enum nft_value data, enum ip_family family, const char *s,
               uint8_t *bytes)
{
    const struct form *form = &forms[data];
    char *copy = xstrdup(s);
    char *p = copy;
    bool ok = data != NFT_VALUE_PREFIX && form->n > 0;

    for (size_t i = 0; i < form->n && ok; i++) {
        char *end = i + 1 < form->n ? strstr(p, SEPARATOR) : strchr(p, '\0');

        ok = end != NULL;
        if (ok) {
            char *next = end + (*end ? strlen(SEPARATOR) : 0);

            *end = '\0';
            ok = parse_part(form->parts[i], family, p, bytes);
            bytes += part_len(form->parts[i], family);
            p = next;
        }
    }
    free(copy);
    return ok;
}

static void
format_part(enum part part, enum ip_family family, const uint8_t *bytes,
            struct ds *s)
{
    char buf[INET6_ADDRSTRLEN];
    uint32_t number;
    ovs_be16 port;

    if (part == ADDRESS) {
        inet_ntop(family == IP_V6 ? AF_INET6 : AF_INET, bytes, buf,
                  sizeof buf);
        ds_put_cstr(s, buf);
    } else if (part == PORT) {
        memcpy(&port, bytes, sizeof port);
        ds_put_format(s, "%d", ntohs(port));
    } else if (part == PROTOCOL) {
        for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
            if (protocols[i].number == bytes[0]) {
                ds_put_cstr(s, protocols[i].name);
                return;
            }
        }
        ds_put_format(s, "%d", bytes[0]);
    } else if (part == LINK) {
        ds_put_buffer(s, (const char *) bytes,
                      strnlen((const char *) bytes, IFNAMSIZ));
    } else {
        memcpy(&number, bytes, sizeof number);
        ds_put_format(s, "%"PRIu32, number);
    }
}

void
nft_value_format(enum nft_value data, enum ip_family family,
                const uint8_t *bytes, struct ds *s)
{
    const struct form *form = &forms[data];

    for (size_t i = 0; i < form->n; i++) {
        ds_put_cstr(s, i ? SEPARATOR : "");
        format_part(form->parts[i], family, bytes, s);
        bytes += part_len(form->parts[i], family);
    }
}

/* What nft(8) notes about a set, for itself: attributes whose type and length
 * are a byte each.  The numbers are those of its own expressions, which it
 * keeps stable because they are stored like this. */

enum { UDATA_KEY_TYPEOF = 3, UDATA_DATA_TYPEOF = 4 };
enum { TYPEOF_EXPR, TYPEOF_DATA };
enum { EXPR_PAYLOAD = 7, EXPR_META = 9, EXPR_CONCAT = 13, EXPR_NUMGEN = 23 };

static size_t
start_udata(struct ofpbuf *msg, uint8_t type)
{
    uint8_t header[2] = { type, 0 };

    ofpbuf_put(msg, header, sizeof header);
    return msg->size;
}

static void
end_udata(struct ofpbuf *msg, size_t start)
{
    *(uint8_t *) ofpbuf_at_assert(msg, start - 1, 1) = msg->size - start;
}

static void
put_udata_u32(struct ofpbuf *msg, uint8_t type, uint32_t value)
{
    size_t start = start_udata(msg, type);

    ofpbuf_put(msg, &value, sizeof value);
    end_udata(msg, start);
}

/* Appends attribute 'i': the expression 'expr', of which the 'n' 'values'
 * tell more. */
static void
put_typeof_expr(struct ofpbuf *msg, uint8_t i, uint32_t expr,
                const uint32_t *values, uint8_t n)
{
    size_t start = start_udata(msg, i);

    put_udata_u32(msg, TYPEOF_EXPR, expr);
    size_t data = start_udata(msg, TYPEOF_DATA);
    for (uint8_t j = 0; j < n; j++) {
        put_udata_u32(msg, j, values[j]);
    }
    end_udata(msg, data);
    end_udata(msg, start);
}

static void
put_typeof(struct ofpbuf *msg, uint8_t type, enum nft_value data,
           enum ip_family family)
{
    static const uint32_t addresses[][2] = {
        [IP_V4] = { 12, 12 },                   /* ip daddr */
        [IP_V6] = { 13, 9 },                    /* ip6 daddr */
    };
    static const uint32_t port[] = { 11, 2 };   /* th dport */
    static const uint32_t protocol = NFT_META_L4PROTO;
    static const uint32_t number[] = { NFT_NG_RANDOM, MACHINE_SLOTS, 0 };

    const struct form *form = &forms[data];
    size_t start = start_udata(msg, type);
    put_udata_u32(msg, TYPEOF_EXPR, EXPR_CONCAT);
    size_t list = start_udata(msg, TYPEOF_DATA);
    for (size_t i = 0; i < form->n; i++) {
        switch (form->parts[i]) {
        case ADDRESS:
            put_typeof_expr(msg, i, EXPR_PAYLOAD, addresses[family], 2);
            break;
        case PORT:
            put_typeof_expr(msg, i, EXPR_PAYLOAD, port, 2);
            break;
        case PROTOCOL:
            put_typeof_expr(msg, i, EXPR_META, &protocol, 1);
            break;
        case NUMBER:
            put_typeof_expr(msg, i, EXPR_NUMGEN, number, 3);
            break;
        case LINK:
        default:
            OVS_NOT_REACHED();
        }
    }
    end_udata(msg, list);
    end_udata(msg, start);
}

void
nft_value_put_typeof(struct ofpbuf *msg, enum ip_family family)
{
    struct ofpbuf udata;

    ofpbuf_init(&udata, 256);
    put_typeof(&udata, UDATA_KEY_TYPEOF, NFT_VALUE_SLOT, family);
    put_typeof(&udata, UDATA_DATA_TYPEOF, NFT_VALUE_ADDRESS_PORT, family);
    nl_msg_put_unspec(msg, NFTA_SET_USERDATA, udata.data, udata.size);
    ofpbuf_uninit(&udata);
}
