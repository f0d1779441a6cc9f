/* SPDX-License-Identifier: Apache-2.0 */

/* The kinds: names, versions and tables.  See kind-info.h and intent.h. */

#include "intent/kind-info.h"

#include <string.h>
#include <strings.h>

static const struct kind_info kinds[INTENT_N_KINDS] = {
    [INTENT_EGRESS_SERVICE] = {
        "EgressService", { "egressservices", "es" }, true,
        syntax_dns_label,
        { { "k8s.ovn.org/v1", &egress_service_table } },
    },
    [INTENT_SERVICE] = {
        "Service", { "services", "svc" }, true, syntax_dns_label,
        { { "v1", &service_table } },
    },
    [INTENT_ENDPOINT_SLICE] = {
        "EndpointSlice", { "endpointslices" }, true, syntax_dns_subdomain,
        { { "discovery.k8s.io/v1", &endpoint_slice_table },
          { "discovery.k8s.io/v1beta1", &endpoint_slice_table } },
    },
    [INTENT_NODE] = {
        "Node", { "nodes", "no" }, false, syntax_dns_subdomain,
        { { "v1", &node_table } },
    },
    [INTENT_NAMESPACE] = {
        "Namespace", { "namespaces", "ns" }, false, syntax_dns_label,
        { { "v1", &namespace_table } },
    },
    [INTENT_SECRET] = {
        "Secret", { "secrets" }, true, syntax_dns_subdomain,
        { { "v1", &secret_table } },
    },
    [INTENT_NNCP] = {
        "NodeNetworkConfigurationPolicy",
        { "nodenetworkconfigurationpolicies", "nncp" }, false,
        syntax_dns_subdomain,
        { { "nmstate.io/v1", &nncp_table },
          { "nmstate.io/v1beta1", &nncp_table } },
    },
    [INTENT_BGP_PEER] = {
        "BGPPeer", { "bgppeers" }, true, syntax_dns_subdomain,
        { { "metallb.io/v1beta2", &bgp_peer_table },
          { "metallb.io/v1beta1", &bgp_peer_v1beta1_table } },
    },
    [INTENT_BFD_PROFILE] = {
        "BFDProfile", { "bfdprofiles" }, true, syntax_dns_subdomain,
        { { "metallb.io/v1beta1", &bfd_profile_table } },
    },
    [INTENT_IP_ADDRESS_POOL] = {
        "IPAddressPool", { "ipaddresspools" }, true, syntax_dns_subdomain,
        { { "metallb.io/v1beta1", &ip_address_pool_table } },
    },
    [INTENT_BGP_ADVERTISEMENT] = {
        "BGPAdvertisement", { "bgpadvertisements" }, true,
        syntax_dns_subdomain,
        { { "metallb.io/v1beta1", &bgp_advertisement_table } },
    },
    [INTENT_COMMUNITY] = {
        "Community", { "communities" }, true, syntax_dns_subdomain,
        { { "metallb.io/v1beta1", &community_table } },
    },
};

const struct kind_info *
kind_info(enum intent_kind kind)
{
    return &kinds[kind];
}

const struct table *
kind_table(enum intent_kind kind, const char *api_version)
{
    const struct kind_info *info = &kinds[kind];

    for (size_t i = 0;
         i < INTENT_N_VERSIONS && info->versions[i].api_version; i++) {
        if (!strcmp(info->versions[i].api_version, api_version)) {
            return info->versions[i].table;
        }
    }
    return NULL;
}

const char *
intent_kind_name(enum intent_kind kind)
{
    return kinds[kind].name;
}

const char *
intent_kind_version(enum intent_kind kind, size_t i)
{
    return i < INTENT_N_VERSIONS ? kinds[kind].versions[i].api_version : NULL;
}

const char *
intent_kind_api_version(enum intent_kind kind)
{
    return intent_kind_version(kind, 0);
}

const char *
intent_kind_plural(enum intent_kind kind)
{
    return kinds[kind].aliases[0];
}

bool
intent_kind_is_namespaced(enum intent_kind kind)
{
    return kinds[kind].namespaced;
}

/* True if the 'n' bytes at 's' are a name of the kind in any case. */
static bool
kind_has_name(const struct kind_info *info, const char *s, size_t n)
{
    const size_t n_aliases = sizeof info->aliases / sizeof info->aliases[0];

    if (strlen(info->name) == n && !strncasecmp(info->name, s, n)) {
        return true;
    }
    for (size_t i = 0; i < n_aliases && info->aliases[i]; i++) {
        if (strlen(info->aliases[i]) == n
            && !strncasecmp(info->aliases[i], s, n)) {
            return true;
        }
    }
    return false;
}

bool
intent_kind_from_string(const char *s, enum intent_kind *kind)
{
    const char *dot = strchr(s, '.');
    size_t n = dot ? (size_t) (dot - s) : strlen(s);

    for (int i = 0; i < INTENT_N_KINDS; i++) {
        const char *api_version = kinds[i].versions[0].api_version;
        const char *slash = strchr(api_version, '/');

        /* "egressservices.k8s.ovn.org" names the group too. */
        if (dot && (!slash
                    || strlen(dot + 1) != (size_t) (slash - api_version)
                    || strncasecmp(dot + 1, api_version,
                                   slash - api_version))) {
            continue;
        }
        if (kind_has_name(&kinds[i], s, n)) {
            *kind = i;
            return true;
        }
    }
    return false;
}
