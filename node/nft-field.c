/* SPDX-License-Identifier: Apache-2.0 */

/* What rules of nf_tables load.  See nft-field.h. */

#include <config.h>

#include "node/nft-field.h"

#include <arpa/inet.h>
#include <linux/netfilter/nf_conntrack_tuple_common.h>
#include <linux/netfilter/nf_tables.h>
#include <net/if.h>
#include <string.h>

#include "node/nlsk.h"
#include "plan/machine/machine.h"
#include "util.h"

/* Bases beside NFT_PAYLOAD_*. */
#define META -1
#define NUMGEN -2
#define CT -3
#define CT_ORIGINAL -4          /* As the one who opened it sees it. */
#define CT_REPLY -5             /* As the one who answers does. */

static const struct field {
    size_t len;
    int base;                   /* NFT_PAYLOAD_*, or one of these. */
    uint32_t where;             /* Offset in the header, NFT_META_*, NFT_CT_*,
                                 * or how many numbers there are. */
} fields[MACHINE_N_FIELDS] = {
    [MACHINE_META_MARK] = { 4, META, NFT_META_MARK },
    [MACHINE_META_NFPROTO] = { 1, META, NFT_META_NFPROTO },
    [MACHINE_META_L4PROTO] = { 1, META, NFT_META_L4PROTO },
    [MACHINE_META_IIFNAME] = { IFNAMSIZ, META, NFT_META_IIFNAME },
    [MACHINE_META_OIFNAME] = { IFNAMSIZ, META, NFT_META_OIFNAME },
    [MACHINE_CT_DIRECTION] = { 1, CT, NFT_CT_DIRECTION },
    [MACHINE_CT_STATE] = { 4, CT, NFT_CT_STATE },
    [MACHINE_TH_SPORT] = { 2, NFT_PAYLOAD_TRANSPORT_HEADER, 0 },
    [MACHINE_TH_DPORT] = { 2, NFT_PAYLOAD_TRANSPORT_HEADER, 2 },
    [MACHINE_TCP_FLAGS] = { 1, NFT_PAYLOAD_TRANSPORT_HEADER, 13 },
    [MACHINE_NUMGEN] = { 4, NUMGEN, MACHINE_SLOTS },
    [MACHINE_CT_ORIGINAL_SADDR] = { 4, CT_ORIGINAL, NFT_CT_SRC_IP },
    [MACHINE_CT_ORIGINAL_SADDR6] = { 16, CT_ORIGINAL, NFT_CT_SRC_IP6 },
    [MACHINE_CT_REPLY_DADDR] = { 4, CT_REPLY, NFT_CT_DST_IP },
    [MACHINE_CT_REPLY_DADDR6] = { 16, CT_REPLY, NFT_CT_DST_IP6 },
    [MACHINE_SADDR] = { 4, NFT_PAYLOAD_NETWORK_HEADER, 12 },
    [MACHINE_SADDR6] = { 16, NFT_PAYLOAD_NETWORK_HEADER, 8 },
    [MACHINE_DADDR] = { 4, NFT_PAYLOAD_NETWORK_HEADER, 16 },
    [MACHINE_DADDR6] = { 16, NFT_PAYLOAD_NETWORK_HEADER, 24 },
};

size_t
nft_field_len(enum machine_field field)
{
    return fields[field].len;
}

static bool
is_ct(const struct field *f)
{
    return f->base == CT || f->base == CT_ORIGINAL || f->base == CT_REPLY;
}

const char *
nft_field_expr(enum machine_field field)
{
    const struct field *f = &fields[field];

    return (f->base == META ? "meta"
            : f->base == NUMGEN ? "numgen"
            : is_ct(f) ? "ct"
            : "payload");
}

/* The attribute of such an expression that tells what is loaded. */
static uint16_t
where_attr(const struct field *f)
{
    return (f->base == META ? NFTA_META_KEY
            : f->base == NUMGEN ? NFTA_NG_MODULUS
            : is_ct(f) ? NFTA_CT_KEY
            : NFTA_PAYLOAD_OFFSET);
}

bool
nft_field_find(const char *expr, const struct nlattr *data,
               enum machine_field *field)
{
    for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
        const struct field *f = &fields[i];

        if (!strcmp(nft_field_expr(i), expr)
            && nft_attr_u32(data, where_attr(f)) == f->where
            && (f->base < 0
                || (nft_attr_u32(data, NFTA_PAYLOAD_BASE) == f->base
                    && nft_attr_u32(data, NFTA_PAYLOAD_LEN) == f->len))) {
            *field = i;
            return true;
        }
    }
    return false;
}

void
nft_field_put(enum machine_field field, uint32_t dreg, struct nl_msg *msg)
{
    const struct field *f = &fields[field];

    nlsk_put_be32(msg, where_attr(f), f->where);
    if (f->base == META) {
        nlsk_put_be32(msg, NFTA_META_DREG, dreg);
    } else if (f->base == NUMGEN) {
        nlsk_put_be32(msg, NFTA_NG_DREG, dreg);
        nlsk_put_be32(msg, NFTA_NG_TYPE, NFT_NG_RANDOM);
    } else if (is_ct(f)) {
        nlsk_put_be32(msg, NFTA_CT_DREG, dreg);
        if (f->base != CT) {
            uint8_t direction = (f->base == CT_ORIGINAL ? IP_CT_DIR_ORIGINAL
                                 : IP_CT_DIR_REPLY);

            nlsk_put(msg, NFTA_CT_DIRECTION, &direction, sizeof direction);
        }
    } else {
        nlsk_put_be32(msg, NFTA_PAYLOAD_DREG, dreg);
        nlsk_put_be32(msg, NFTA_PAYLOAD_BASE, f->base);
        nlsk_put_be32(msg, NFTA_PAYLOAD_LEN, f->len);
    }
}

int64_t
nft_attr_u32(const struct nlattr *nest, uint16_t type)
{
    const struct nlattr *a = nlsk_find(nest, type);

    return a && nla_len(a) == 4 ? (int64_t) nlsk_get_be32(a) : -1;
}
