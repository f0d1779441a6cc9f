/* SPDX-License-Identifier: Apache-2.0 */

/* The values in elements of nftables' maps and sets.  See nft-value.h. */

#include <config.h>

#include "node/nft-value.h"

#include <arpa/inet.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>

#include "node/nlsk.h"
#include "openvswitch/dynamic-string.h"
#include "plan/machine/machine.h"
#include "util.h"

static size_t
part_len(enum machine_part part, enum ip_family family)
{
    return (part == MACHINE_PART_LINK ? IFNAMSIZ
            : (part == MACHINE_PART_IP || part == MACHINE_PART_OTHER)
              && family == IP_V6 ? 16 : 4);
}

size_t
nft_value_len(enum machine_form form, enum ip_family family)
{
    size_t len = 0;

    for (size_t i = 0; machine_forms[form][i]; i++) {
        len += part_len(machine_forms[form][i], family);
    }
    return len;
}

uint32_t
nft_value_type(enum machine_form form, enum ip_family family)
{
    static const uint32_t types[] = {
        [MACHINE_PART_PROTOCOL] = 12, [MACHINE_PART_PORT] = 13,
        [MACHINE_PART_NUMBER] = 4, [MACHINE_PART_LINK] = 41,
    };
    uint32_t type = 0;

    for (size_t i = 0; machine_forms[form][i]; i++) {
        enum machine_part part = machine_forms[form][i];

        type = type << 6 | (types[part] ? types[part]
                            : family == IP_V6 ? 8 : 7);
    }
    return type;
}

void
nft_value_put(enum machine_form form, enum ip_family family,
              const struct machine_value *v, uint8_t *bytes)
{
    for (size_t i = 0; machine_forms[form][i]; i++) {
        enum machine_part part = machine_forms[form][i];
        size_t len = part_len(part, family);
        ovs_be16 port = htons(v->port);

        memset(bytes, 0, len);
        if (part == MACHINE_PART_IP) {
            memcpy(bytes, v->ip.s6_addr + 16 - len, len);
        } else if (part == MACHINE_PART_OTHER) {
            memcpy(bytes, v->other.s6_addr + 16 - len, len);
        } else if (part == MACHINE_PART_LINK) {
            ovs_strlcpy((char *) bytes, v->link, len);
        } else if (part == MACHINE_PART_PROTOCOL) {
            bytes[0] = v->protocol;
        } else if (part == MACHINE_PART_PORT) {
            memcpy(bytes, &port, sizeof port);
        } else {
            memcpy(bytes, &v->number, sizeof v->number);
        }
        bytes += len;
    }
}

/* Reads the 'len' bytes of an address. */
static struct in6_addr
get_ip(const uint8_t *bytes, size_t len)
{
    struct in6_addr ip;

    ip_addr_parse("0.0.0.0", &ip);
    memcpy(ip.s6_addr + 16 - len, bytes, len);
    return ip;
}

void
nft_value_get(enum machine_form form, enum ip_family family,
              const uint8_t *bytes, struct machine_value *v)
{
    for (size_t i = 0; machine_forms[form][i]; i++) {
        enum machine_part part = machine_forms[form][i];
        size_t len = part_len(part, family);
        ovs_be16 port;

        if (part == MACHINE_PART_IP) {
            v->ip = get_ip(bytes, len);
        } else if (part == MACHINE_PART_OTHER) {
            v->other = get_ip(bytes, len);
        } else if (part == MACHINE_PART_LINK) {
            ovs_strzcpy(v->link, (const char *) bytes, sizeof v->link);
        } else if (part == MACHINE_PART_PROTOCOL) {
            v->protocol = bytes[0];
        } else if (part == MACHINE_PART_PORT) {
            memcpy(&port, bytes, sizeof port);
            v->port = ntohs(port);
        } else {
            memcpy(&v->number, bytes, sizeof v->number);
        }
        bytes += len;
    }
}

/* What nft(8) notes about a set, for itself: attributes whose type and length
 * are a byte each.  The numbers are those of its own expressions, which it
 * keeps stable because they are stored like this. */

enum { UDATA_KEY_TYPEOF = 3, UDATA_DATA_TYPEOF = 4 };
enum { TYPEOF_EXPR, TYPEOF_DATA };
enum { EXPR_PAYLOAD = 7, EXPR_META = 9, EXPR_CONCAT = 13, EXPR_NUMGEN = 23 };

static size_t
start_udata(struct ds *s, uint8_t type)
{
    ds_put_char(s, type);
    ds_put_char(s, 0);
    return s->length;
}

static void
end_udata(struct ds *s, size_t start)
{
    s->string[start - 1] = s->length - start;
}

static void
put_udata_u32(struct ds *s, uint8_t type, uint32_t value)
{
    size_t start = start_udata(s, type);

    ds_put_buffer(s, (const char *) &value, sizeof value);
    end_udata(s, start);
}

/* Appends attribute 'i': the expression 'expr', of which the 'n' 'values'
 * tell more. */
static void
put_typeof_expr(struct ds *s, uint8_t i, uint32_t expr,
                const uint32_t *values, uint8_t n)
{
    size_t start = start_udata(s, i);

    put_udata_u32(s, TYPEOF_EXPR, expr);
    size_t data = start_udata(s, TYPEOF_DATA);
    for (uint8_t j = 0; j < n; j++) {
        put_udata_u32(s, j, values[j]);
    }
    end_udata(s, data);
    end_udata(s, start);
}

static void
put_typeof(struct ds *s, uint8_t type, enum machine_form form,
           enum ip_family family)
{
    static const uint32_t addresses[][2] = {
        [IP_V4] = { 12, 12 },                   /* ip daddr */
        [IP_V6] = { 13, 9 },                    /* ip6 daddr */
    };
    static const uint32_t port[] = { 11, 2 };   /* th dport */
    static const uint32_t protocol = NFT_META_L4PROTO;
    static const uint32_t number[] = { NFT_NG_RANDOM, MACHINE_SLOTS, 0 };

    size_t start = start_udata(s, type);
    put_udata_u32(s, TYPEOF_EXPR, EXPR_CONCAT);
    size_t list = start_udata(s, TYPEOF_DATA);
    for (size_t i = 0; machine_forms[form][i]; i++) {
        switch (machine_forms[form][i]) {
        case MACHINE_PART_IP:
            put_typeof_expr(s, i, EXPR_PAYLOAD, addresses[family], 2);
            break;
        case MACHINE_PART_PORT:
            put_typeof_expr(s, i, EXPR_PAYLOAD, port, 2);
            break;
        case MACHINE_PART_PROTOCOL:
            put_typeof_expr(s, i, EXPR_META, &protocol, 1);
            break;
        case MACHINE_PART_NUMBER:
            put_typeof_expr(s, i, EXPR_NUMGEN, number, 3);
            break;
        case MACHINE_PART_END:
        case MACHINE_PART_OTHER:
        case MACHINE_PART_LINK:
        default:
            OVS_NOT_REACHED();
        }
    }
    end_udata(s, list);
    end_udata(s, start);
}

void
nft_value_put_typeof(struct nl_msg *msg, enum ip_family family)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    put_typeof(&s, UDATA_KEY_TYPEOF, MACHINE_SLOT, family);
    put_typeof(&s, UDATA_DATA_TYPEOF, MACHINE_ADDRESS_PORT, family);
    nlsk_put(msg, NFTA_SET_USERDATA, s.string, s.length);
    ds_destroy(&s);
}
