/* SPDX-License-Identifier: Apache-2.0 */

/* What "get" shows of the kinds of MetalLB: see ctl-columns.h. */

#include <config.h>
#include "utilities/ctl-columns.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "smap.h"
#include "util.h"

#include "ovsdb/egress-idl.h"
#include "utilities/ctl-cells.h"

static void
peer_address(const struct column_source *src, struct ds *s)
{
    cell_put_ip(s, &src->obj->bgp_peer.peer_address);
    ds_put_cstr(s, src->obj->bgp_peer.interface);
}

static void
peer_asn(const struct column_source *src, struct ds *s)
{
    cell_put_number(s, src->obj->bgp_peer.peer_asn, 0);
    ds_put_cstr(s, src->obj->bgp_peer.dynamic_asn);
}

static void
peer_my_asn(const struct column_source *src, struct ds *s)
{
    cell_put_number(s, src->obj->bgp_peer.my_asn, 0);
}

static void
peer_vrf(const struct column_source *src, struct ds *s)
{
    ds_put_cstr(s, src->obj->bgp_peer.vrf);
}

static void
peer_bfd(const struct column_source *src, struct ds *s)
{
    ds_put_cstr(s, src->obj->bgp_peer.bfd_profile);
}

const struct column columns_of_bgp_peer[] = {
    { "ADDRESS", false, peer_address },
    { "ASN", false, peer_asn },
    { "VRF", false, peer_vrf },
    { "BFD-PROFILE", false, peer_bfd },
    { "MY-ASN", true, peer_my_asn },
    CELL_ALL_COLUMNS
};

static void
bfd_receive(const struct column_source *src, struct ds *s)
{
    cell_put_number(s, src->obj->bfd_profile.receive_interval, -1);
}

static void
bfd_transmit(const struct column_source *src, struct ds *s)
{
    cell_put_number(s, src->obj->bfd_profile.transmit_interval, -1);
}

static void
bfd_multiplier(const struct column_source *src, struct ds *s)
{
    cell_put_number(s, src->obj->bfd_profile.detect_multiplier, -1);
}

static void
bfd_passive(const struct column_source *src, struct ds *s)
{
    cell_put_bool(s, src->obj->bfd_profile.passive_mode);
}

const struct column columns_of_bfd_profile[] = {
    { "PASSIVE", false, bfd_passive },
    { "TRANSMIT", false, bfd_transmit },
    { "RECEIVE", false, bfd_receive },
    { "MULTIPLIER", false, bfd_multiplier },
    CELL_ALL_COLUMNS
};

static void
pool_auto_assign(const struct column_source *src, struct ds *s)
{
    cell_put_bool(s, src->obj->pool.auto_assign);
}

static void
pool_avoid_buggy(const struct column_source *src, struct ds *s)
{
    cell_put_bool(s, src->obj->pool.avoid_buggy_ips);
}

static void
pool_addresses(const struct column_source *src, struct ds *s)
{
    for (size_t i = 0; i < src->obj->pool.n_ranges; i++) {
        const struct ip_range *range = &src->obj->pool.ranges[i];
        char first[IP_STRLEN], last[IP_STRLEN];

        ip_format(&range->first, first);
        ip_format(&range->last, last);
        cell_put_member(s, first);
        if (strcmp(first, last)) {
            ds_put_format(s, "-%s", last);
        }
    }
}

/* Appends the counts 'key'-ipv4 and 'key'-ipv6 of the status. */
static void
put_counts(const struct column_source *src, const char *key, struct ds *s)
{
    for (enum ip_family family = 0; family < IP_N_FAMILIES; family++) {
        char *full = xasprintf("%s-%s", key, ip_family_name(family));
        const char *count = smap_get(&src->row->status, full);

        if (count) {
            cell_put_member(s, count);
        }
        free(full);
    }
}

static void
pool_assigned(const struct column_source *src, struct ds *s)
{
    put_counts(src, "assigned", s);
}

static void
pool_available(const struct column_source *src, struct ds *s)
{
    put_counts(src, "available", s);
}

const struct column columns_of_ip_address_pool[] = {
    { "AUTO-ASSIGN", false, pool_auto_assign },
    { "AVOID-BUGGY-IPS", false, pool_avoid_buggy },
    { "ADDRESSES", false, pool_addresses },
    { "ASSIGNED", false, pool_assigned },
    { "AVAILABLE", false, pool_available },
    CELL_ALL_COLUMNS
};

static void
adv_pools(const struct column_source *src, struct ds *s)
{
    cell_put_strings(s, &src->obj->advertisement.pools);
}

static void
adv_peers(const struct column_source *src, struct ds *s)
{
    cell_put_strings(s, &src->obj->advertisement.peers);
}

const struct column columns_of_bgp_advertisement[] = {
    { "IPADDRESSPOOLS", false, adv_pools },
    { "PEERS", false, adv_peers },
    CELL_ALL_COLUMNS
};
