/* SPDX-License-Identifier: Apache-2.0 */

/* The interfaces of NMState's desiredState.
 *
 * VRFs and IP configuration are what we apply, so they are decoded to the
 * letter.  NMState can do more, so the rest gets a warning and no error. */

#include "intent/nncp.h"

#include <stdlib.h>
#include <string.h>

/* IP. */

struct raw_address {
    struct in6_addr ip;
    int plen;
};

static const struct field address_fields[] = {
    FIELD("ip", ip, raw_address, ip, .flags = F_REQUIRED),
    FIELD("prefix-length", int, raw_address, plen, RANGE(0, 128),
          .flags = F_REQUIRED | F_NMSTATE),
    IGNORED("mptcp-flags", T_LIST),
    IGNORED("valid-life-time", T_STRING),
    IGNORED("valid-left", T_STRING),
    IGNORED("valid-lft", T_STRING),
    IGNORED("preferred-life-time", T_STRING),
    IGNORED("preferred-left", T_STRING),
    IGNORED("preferred-lft", T_STRING),
    { .name = NULL },
};

static const struct table address_table = {
    .fields = address_fields,
    .size = sizeof(struct raw_address),
};

/* [struct intent_prefixes] 'min' is the family. */
static void
decode_addresses(struct decoder *d, const struct value *value,
                 const struct field *f, void *dst)
{
    const enum ip_family family = f->min;
    struct any_list list = { NULL, 0 };

    decode_structs(d, value, f, &list);
    for (size_t i = 0; i < list.n; i++) {
        const struct raw_address *raw
            = (const struct raw_address *) list.items + i;
        const struct ip_prefix prefix = { raw->ip, raw->plen };
        const struct value *at = value->items[i];

        struct path path;

        if (!ip_is_set(&raw->ip)) {
            continue;           /* Already an error. */
        }
        decode_push(d, &path, NULL, i);
        if (ip_family(&raw->ip) != family) {
            decode_error(d, value_get(at, "ip"), "ip", "must be of the family "
                         "%s, not %s", ip_family_name(family),
                         decode_quote(d, value_get_string(at, "ip")));
        } else if (family == IP_V4 && raw->plen > 32) {
            decode_error(d, value_get(at, "prefix-length"), "prefix-length",
                         "must be from 0 to 32, not %d", raw->plen);
        } else if (IN6_IS_ADDR_LINKLOCAL(&raw->ip)) {
            decode_warn(d, at, NULL, "link-local addresses are ignored");
        } else {
            decode_add_prefix(d, dst, &prefix);
        }
        decode_pop(d);
    }
}

#define IP_BOOL(NAME, MEMBER) \
    FIELD(NAME, bool, intent_if_ip, MEMBER, .flags = F_NMSTATE)

#define IP_FIELDS(FAMILY) \
    IP_BOOL("enabled", enabled), \
    IP_BOOL("dhcp", dhcp), \
    FIELD("address", addresses, intent_if_ip, addresses, .min = FAMILY, \
          .arg = &address_table), \
    FIELD("forwarding", tristate, intent_if_ip, forwarding, \
          .flags = F_NMSTATE), \
    IGNORED("auto-dns", T_ANY), \
    IGNORED("auto-gateway", T_ANY), \
    IGNORED("auto-routes", T_ANY), \
    IGNORED("auto-route-table-id", T_ANY), \
    IGNORED("auto-route-metric", T_ANY), \
    IGNORED("allow-extra-address", T_ANY), \
    IGNORED("dhcp-send-hostname", T_ANY), \
    IGNORED("dhcp-custom-hostname", T_STRING), \
    IGNORED("mptcp", T_MAP)

static const struct field ipv4_fields[] = {
    IP_FIELDS(IP_V4),
    IGNORED("dhcp-client-id", T_STRING),
    { .name = NULL },
};

static const struct field ipv6_fields[] = {
    IP_FIELDS(IP_V6),
    IGNORED("autoconf", T_ANY),
    IGNORED("dhcp-duid", T_STRING),
    UNUSED("addr-gen-mode", T_STRING),
    UNUSED("token", T_STRING),
    { .name = NULL },
};

static void
init_ip(void *ip_)
{
    struct intent_if_ip *ip = ip_;

    ip->forwarding = -1;
}

static void
check_ip(struct decoder *d, const struct value *map, void *ip_)
{
    struct intent_if_ip *ip = ip_;
    const struct value *autoconf = value_get(map, "autoconf");

    ip->given = true;
    if (!value_get(map, "enabled")) {
        ip->enabled = true;
    }
    if (autoconf) {
        static const struct field f = { .flags = F_NMSTATE };
        struct path path;
        bool on = false;

        decode_push(d, &path, "autoconf", 0);
        decode_bool(d, autoconf, &f, &on);
        decode_pop(d);
        ip->dhcp = ip->dhcp || on;
    }
    if (!ip->enabled) {
        if (ip->addresses.n) {
            decode_warn(d, value_get(map, "address"), "address",
                        "ignored, as enabled is false");
        }
        ip->addresses = (struct intent_prefixes) { NULL, 0 };
        ip->dhcp = false;
    } else if (ip->dhcp) {
        decode_warn(d, map, NULL, "ovn-egress does not run DHCP or "
                    "autoconf");
    }
}

static const struct table ipv4_table = {
    .fields = ipv4_fields, .init = init_ip, .check = check_ip,
};

static const struct table ipv6_table = {
    .fields = ipv6_fields, .init = init_ip, .check = check_ip,
};

/* VRF. */

static const struct field vrf_fields[] = {
    FIELD("port", strings, intent_interface, vrf_ports,
          .syntax = nncp_syntax_interface),
    FIELD("ports", strings, intent_interface, vrf_ports,
          .syntax = nncp_syntax_interface),
    FIELD("route-table-id", u32, intent_interface, vrf_table,
          RANGE(0, UINT32_MAX), .flags = F_NMSTATE),
    { .name = NULL },
};

static int
compare_strings(const void *a, const void *b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/* Removes the ports that have no name of their own. */
static void
drop_sriov_ports(struct decoder *d, const struct value *map,
                 struct intent_strings *ports)
{
    size_t n = 0;

    for (size_t i = 0; i < ports->n; i++) {
        if (syntax_is_sriov(ports->items[i])) {
            decode_warn(d, map, NULL, "the port %s is not applied: "
                        "ovn-egress does not look up virtual functions",
                        decode_quote(d, ports->items[i]));
        } else {
            ports->items[n++] = ports->items[i];
        }
    }
    ports->n = n;
}

static void
check_vrf(struct decoder *d, const struct value *map, void *iface_)
{
    struct intent_interface *iface = iface_;
    const struct value *table = value_get(map, "route-table-id");
    struct intent_strings *ports = &iface->vrf_ports;

    if (value_get(map, "port") && value_get(map, "ports")) {
        decode_error(d, value_get(map, "ports"), "ports",
                     "cannot be together with port, which means the same");
    }
    decode_check_unique(d, map, "port");
    decode_check_unique(d, map, "ports");
    drop_sriov_ports(d, map, ports);
    if (ports->n) {
        qsort(ports->items, ports->n, sizeof *ports->items, compare_strings);
    }
    if (iface->vrf_table >= 253 && iface->vrf_table <= 255) {
        decode_error(d, table, "route-table-id", "must not be %u, which is a "
                     "table of the system", iface->vrf_table);
    }
}

static const struct table vrf_table = {
    .fields = vrf_fields, .check = check_vrf,
};

/* Interfaces. */

static const struct enum_name states[] = {
    { "up", INTENT_IF_UP },
    { "down", INTENT_IF_DOWN },
    { "absent", INTENT_IF_ABSENT },
    { "ignore", INTENT_IF_IGNORE },
    { NULL, 0 },
};

#define IF_IP(NAME, FAMILY, TABLE) \
    FIELD(NAME, struct, intent_interface, ip[FAMILY], .arg = &(TABLE))

static const struct field interface_fields[] = {
    FIELD("name", string, intent_interface, name, .flags = F_REQUIRED),
    FIELD("type", string, intent_interface, type),
    FIELD("state", enum, intent_interface, state, .arg = states),
    FIELD("mtu", u32, intent_interface, mtu, RANGE(68, 65536),
          .flags = F_NMSTATE),
    { .name = "vrf", .decode = decode_struct, .arg = &vrf_table },
    IF_IP("ipv4", IP_V4, ipv4_table),
    IF_IP("ipv6", IP_V6, ipv6_table),

    IGNORED("description", T_STRING),
    IGNORED("profile-name", T_STRING),
    IGNORED("driver", T_STRING),
    IGNORED("permanent-mac-address", T_STRING),
    IGNORED("min-mtu", T_INT),
    IGNORED("max-mtu", T_INT),
    IGNORED("wait-ip", T_STRING),
    IGNORED("identifier", T_STRING),
    UNUSED("pci-address", T_STRING),
    UNUSED("mac-address", T_STRING),
    UNUSED("controller", T_STRING),
    UNUSED("accept-all-mac-addresses", T_ANY),
    UNUSED("copy-mac-from", T_STRING),
    UNUSED("mptcp", T_MAP),
    UNUSED("ovs-db", T_MAP),
    UNUSED("802.1x", T_MAP),
    UNUSED("lldp", T_MAP),
    UNUSED("ethtool", T_MAP),
    UNUSED("ethernet", T_MAP),
    UNUSED("dispatch", T_MAP),
    UNUSED("alt-names", T_LIST),

    /* Of the types that check_type() warns of. */
    IGNORED("link-aggregation", T_MAP),
    IGNORED("bridge", T_MAP),
    IGNORED("vlan", T_MAP),
    IGNORED("vxlan", T_MAP),
    IGNORED("veth", T_MAP),
    IGNORED("mac-vlan", T_MAP),
    IGNORED("mac-vtap", T_MAP),
    IGNORED("macsec", T_MAP),
    IGNORED("infiniband", T_MAP),
    IGNORED("hsr", T_MAP),
    IGNORED("patch", T_MAP),
    IGNORED("libreswan", T_MAP),
    IGNORED("xfrm", T_MAP),
    IGNORED("ipvlan", T_MAP),
    IGNORED("dpdk", T_MAP),
    IGNORED("loopback", T_MAP),
    { .name = NULL },
};

/* Warns of types that somebody else must make, or nobody knows. */
static void
check_type(struct decoder *d, const struct value *map,
           const struct intent_interface *iface)
{
    static const char *const there[] = { "", "vrf", "ethernet", "loopback" };
    static const char *const others[] = {
        "bond", "linux-bridge", "dummy", "hsr", "mac-vlan", "mac-vtap",
        "ovs-bridge", "ovs-interface", "veth", "vlan", "vxlan", "infiniband",
        "tun", "macsec", "ipsec", "xfrm", "ipvlan", "unknown",
    };
    const struct value *at = value_get(map, "type");

    for (size_t i = 0; i < sizeof there / sizeof there[0]; i++) {
        if (!strcmp(iface->type, there[i])) {
            return;
        }
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (!strcmp(iface->type, others[i])) {
            decode_warn(d, at, "type", "ovn-egress does not make interfaces "
                        "of type %s", iface->type);
            return;
        }
    }
    decode_warn(d, at, "type", "unknown type %s",
                decode_quote(d, iface->type));
}

/* Reports that a VRF has no table, unless that is an error already.
 * (NMState lets a VRF that exists keep its table; we want it in the policy.)
 */
static void
check_no_table(struct decoder *d, const struct value *map,
               const struct value *vrf)
{
    const struct value *table = value_get(vrf, "route-table-id");
    struct path path;

    decode_push(d, &path, "vrf", 0);
    if (!table) {
        decode_error(d, vrf ? vrf : map, "route-table-id", "required");
    } else if (table->type == VALUE_INT && !table->integer) {
        decode_error(d, table, "route-table-id", "must not be 0");
    }
    decode_pop(d);
}

const char *
nncp_syntax_interface(const char *s)
{
    return syntax_is_sriov(s) ? NULL : syntax_interface(s);
}

/* The others are in Open vSwitch's database or a daemon's configuration alone,
 * so that a device may have the same name. */
bool
nncp_is_device_type(const char *type)
{
    return strcmp(type, "ovs-bridge") && strcmp(type, "ipsec");
}

/* True if the device of 'iface' has the name of 'iface', and warns if that is
 * not said to be so. */
static bool
is_found_by_name(struct decoder *d, const struct value *map,
                 const struct intent_interface *iface)
{
    const char *identifier = value_get_string(map, "identifier");

    if (*identifier && strcmp(identifier, "name")) {
        decode_warn(d, value_get(map, "identifier"), "identifier",
                    "ovn-egress finds interfaces by name only: does not "
                    "apply %s", decode_quote(d, iface->name));
        return false;
    }
    if (syntax_is_sriov(iface->name)) {
        decode_warn(d, value_get(map, "name"), "name",
                    "ovn-egress does not look up virtual functions: does "
                    "not apply %s", decode_quote(d, iface->name));
        return false;
    }
    if (!strcmp(iface->type, "ovs-interface")
        && syntax_interface(iface->name)) {
        /* Such as a patch port, or one of DPDK. */
        decode_warn(d, value_get(map, "name"), "name", "no device has such a "
                    "name: does not apply %s", decode_quote(d, iface->name));
        return false;
    }
    return true;
}

/* Checks the name of 'iface' and whether it is that of a device, and has one
 * that is not left alone. */
static void
check_name(struct decoder *d, const struct value *map,
           struct intent_interface *iface)
{
    if (!nncp_is_device_type(iface->type)
        || !is_found_by_name(d, map, iface)) {
        iface->state = INTENT_IF_IGNORE;
    } else if (*iface->name && syntax_interface(iface->name)) {
        decode_error(d, value_get(map, "name"), "name", "must be %s; not %s",
                     syntax_interface(iface->name),
                     decode_quote(d, iface->name));
    }
}

static void
check_interface(struct decoder *d, const struct value *map, void *iface_)
{
    struct intent_interface *iface = iface_;
    const struct value *vrf = value_get(map, "vrf");
    bool is_vrf = !strcmp(iface->type, "vrf");

    check_name(d, map, iface);
    check_type(d, map, iface);
    if (vrf && !is_vrf) {
        decode_error(d, vrf, "vrf", "needs type vrf");
    }
    if (is_vrf && iface->state == INTENT_IF_UP && !iface->vrf_table) {
        check_no_table(d, map, vrf);
    }
    for (size_t i = 0; i < iface->vrf_ports.n; i++) {
        if (!strcmp(iface->vrf_ports.items[i], iface->name)) {
            decode_error(d, vrf, "vrf", "cannot be a port of itself");
        }
    }
    if (iface->mtu && iface->mtu < 1280 && iface->ip[IP_V6].given
        && iface->ip[IP_V6].enabled) {
        decode_error(d, value_get(map, "mtu"), "mtu",
                     "must be at least 1280 with IPv6");
    }
    if (iface->state == INTENT_IF_ABSENT) {
        *iface = (struct intent_interface) {
            .name = iface->name,
            .type = iface->type,
            .state = iface->state,
            .ip = { { .forwarding = -1 }, { .forwarding = -1 } },
        };
    }
}

const struct table nncp_interface_table = {
    .fields = interface_fields,
    .size = sizeof(struct intent_interface),
    .check = check_interface,
};
