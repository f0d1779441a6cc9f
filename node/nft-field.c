/* SPDX-License-Identifier: Apache-2.0 */

/* What rules of nf_tables load.  See nft-field.h. */

#include <config.h>

#include "node/nft-field.h"

#include <arpa/inet.h>
#include <linux/netfilter/nf_conntrack_tuple_common.h>
#include <linux/netfilter/nf_tables.h>
#include <net/if.h>
#include <string.h>

#include "netlink.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofpbuf.h"
#include "unaligned.h"
#include "util.h"

/* Bases beside NFT_PAYLOAD_*. */
#define META -1
#define NUMGEN -2
#define CT -3
#define CT_ORIGINAL -4          /* As the one who opened it sees it. */
#define CT_REPLY -5             /* As the one who answers does. */

static const struct nft_field fields[] = {
    { "meta mark", NFT_FORMAT_NUMBER, 4, META, NFT_META_MARK },
    { "meta nfproto", NFT_FORMAT_NUMBER, 1, META, NFT_META_NFPROTO },
    { "meta l4proto", NFT_FORMAT_NUMBER, 1, META, NFT_META_L4PROTO },
    { "meta iifname", NFT_FORMAT_NAME, IFNAMSIZ, META, NFT_META_IIFNAME },
    { "meta oifname", NFT_FORMAT_NAME, IFNAMSIZ, META, NFT_META_OIFNAME },
    { "ct direction", NFT_FORMAT_NUMBER, 1, CT, NFT_CT_DIRECTION },
    { "ct state", NFT_FORMAT_NUMBER, 4, CT, NFT_CT_STATE },
    { "ct original ip saddr", NFT_FORMAT_IPV4, 4, CT_ORIGINAL, NFT_CT_SRC_IP },
    { "ct original ip6 saddr", NFT_FORMAT_IPV6, 16, CT_ORIGINAL,
      NFT_CT_SRC_IP6 },
    { "ct reply ip daddr", NFT_FORMAT_IPV4, 4, CT_REPLY, NFT_CT_DST_IP },
    { "ct reply ip6 daddr", NFT_FORMAT_IPV6, 16, CT_REPLY, NFT_CT_DST_IP6 },
    { "ip saddr", NFT_FORMAT_IPV4, 4, NFT_PAYLOAD_NETWORK_HEADER, 12 },
    { "ip daddr", NFT_FORMAT_IPV4, 4, NFT_PAYLOAD_NETWORK_HEADER, 16 },
    { "ip6 saddr", NFT_FORMAT_IPV6, 16, NFT_PAYLOAD_NETWORK_HEADER, 8 },
    { "ip6 daddr", NFT_FORMAT_IPV6, 16, NFT_PAYLOAD_NETWORK_HEADER, 24 },
    { "th sport", NFT_FORMAT_PORT, 2, NFT_PAYLOAD_TRANSPORT_HEADER, 0 },
    { "th dport", NFT_FORMAT_PORT, 2, NFT_PAYLOAD_TRANSPORT_HEADER, 2 },
    { "tcp flags", NFT_FORMAT_NUMBER, 1, NFT_PAYLOAD_TRANSPORT_HEADER, 13 },
    { "numgen random 16", NFT_FORMAT_NUMBER, 4, NUMGEN, 16 },
};

const struct nft_field *
nft_field_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
        if (!strcmp(fields[i].name, name)) {
            return &fields[i];
        }
    }
    return NULL;
}

static bool
is_ct(const struct nft_field *field)
{
    return (field->base == CT || field->base == CT_ORIGINAL
            || field->base == CT_REPLY);
}

const char *
nft_field_expr(const struct nft_field *field)
{
    return (field->base == META ? "meta"
            : field->base == NUMGEN ? "numgen"
            : is_ct(field) ? "ct"
            : "payload");
}

/* The attribute of such an expression that tells what is loaded. */
static uint16_t
where_attr(const struct nft_field *field)
{
    return (field->base == META ? NFTA_META_KEY
            : field->base == NUMGEN ? NFTA_NG_MODULUS
            : is_ct(field) ? NFTA_CT_KEY
            : NFTA_PAYLOAD_OFFSET);
}

const struct nft_field *
nft_field_guess(const char *expr, const struct nlattr *data)
{
    for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
        const struct nft_field *f = &fields[i];

        if (!strcmp(nft_field_expr(f), expr)
            && nft_attr_u32(data, where_attr(f)) == f->where
            && (f->base < 0
                || (nft_attr_u32(data, NFTA_PAYLOAD_BASE) == f->base
                    && nft_attr_u32(data, NFTA_PAYLOAD_LEN) == f->len))) {
            return f;
        }
    }
    return NULL;
}

static void
put_u32(struct ofpbuf *msg, uint16_t type, uint32_t value)
{
    nl_msg_put_be32(msg, type, htonl(value));
}

void
nft_field_put(const struct nft_field *field, uint32_t dreg,
              struct ofpbuf *msg)
{
    put_u32(msg, where_attr(field), field->where);
    if (field->base == META) {
        put_u32(msg, NFTA_META_DREG, dreg);
    } else if (field->base == NUMGEN) {
        put_u32(msg, NFTA_NG_DREG, dreg);
        put_u32(msg, NFTA_NG_TYPE, NFT_NG_RANDOM);
    } else if (is_ct(field)) {
        put_u32(msg, NFTA_CT_DREG, dreg);
        if (field->base != CT) {
            nl_msg_put_u8(msg, NFTA_CT_DIRECTION,
                          field->base == CT_ORIGINAL ? IP_CT_DIR_ORIGINAL
                          : IP_CT_DIR_REPLY);
        }
    } else {
        put_u32(msg, NFTA_PAYLOAD_DREG, dreg);
        put_u32(msg, NFTA_PAYLOAD_BASE, field->base);
        put_u32(msg, NFTA_PAYLOAD_LEN, field->len);
    }
}

bool
nft_field_parse(const struct nft_field *field, const char *s, void *value)
{
    unsigned int number;

    if (field->format == NFT_FORMAT_IPV4) {
        return inet_pton(AF_INET, s, value) == 1;
    } else if (field->format == NFT_FORMAT_IPV6) {
        return inet_pton(AF_INET6, s, value) == 1;
    } else if (field->format == NFT_FORMAT_NAME) {
        memset(value, 0, IFNAMSIZ);
        ovs_strlcpy(value, s, IFNAMSIZ);
        return strlen(s) < IFNAMSIZ;
    } else if (!str_to_uint(s, 0, &number)) {
        return false;
    } else if (field->format == NFT_FORMAT_PORT) {
        put_unaligned_be16(value, htons(number));
    } else if (field->len == 1) {
        *(uint8_t *) value = number;
    } else {
        memcpy(value, &number, 4);
    }
    return true;
}

void
nft_field_format(const struct nft_field *field, const void *value,
                 struct ds *s)
{
    char buf[INET6_ADDRSTRLEN];
    uint32_t number;

    if (field->format == NFT_FORMAT_IPV4 || field->format == NFT_FORMAT_IPV6) {
        bool is_ipv4 = field->format == NFT_FORMAT_IPV4;

        ds_put_cstr(s, inet_ntop(is_ipv4 ? AF_INET : AF_INET6, value, buf,
                                 sizeof buf));
    } else if (field->format == NFT_FORMAT_NAME) {
        ds_put_buffer(s, value, strnlen(value, IFNAMSIZ));
    } else if (field->format == NFT_FORMAT_PORT) {
        ds_put_format(s, "%d", ntohs(get_unaligned_be16(value)));
    } else if (field->len == 1) {
        ds_put_format(s, "%d", *(const uint8_t *) value);
    } else {
        memcpy(&number, value, 4);
        ds_put_format(s, "0x%08x", number);
    }
}

int64_t
nft_attr_u32(const struct nlattr *nest, uint16_t type)
{
    const struct nlattr *a = nl_attr_find_nested(nest, type);

    return (a && nl_attr_get_size(a) == 4
            ? (int64_t) ntohl(nl_attr_get_be32(a)) : -1);
}
