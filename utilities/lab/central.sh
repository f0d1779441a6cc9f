# SPDX-License-Identifier: Apache-2.0
#
# The lab's central node: the databases, ovn-northd, ovn-egress-agent, and the
# logical network as ovn-kubernetes builds it in local gateway mode.  Sourced
# by lab-up.
# shellcheck shell=bash disable=SC2154

central_start () {
    EGRESS_NS=central
    local db
    for db in nb sb egress; do
        start_db "$db"
    done
    check daemon_ctl ovsdb-sb ovsdb-server/add-remote \
        "ptcp:6642:$CENTRAL_V4"
    check daemon_ctl ovsdb-egress ovsdb-server/add-remote \
        "ptcp:6643:$CENTRAL_V4"
    start_northd
    EGRESS_NS=
}

# After central_network, for the agent waits for a network.
central_agent () {
    start_in central ovn-egress-agent ovn-egress-agent \
        --ovnnb-db="$OVN_NB_DB" --ovnsb-db="$OVN_SB_DB" \
        --egress-db="$OVN_EGRESS_DB"
}

# Draining has to last until BGP has followed.
central_options () {
    wait_until "ovn-egressctl list egress_global | grep -q options"
    check ovn-egressctl set egress_global . options:drain-seconds=5 \
        options:cluster-networks="\"$CLUSTER_V4, $CLUSTER_V6\"" \
        options:service-networks="\"$SERVICE_V4, $SERVICE_V6\""
}

# central_network
# The logical network: that of quickstart-topology, and what its packets need
# besides.
central_network () {
    check "$abs_top_srcdir/utilities/quickstart-topology" -6 \
        -p "${#PODS[@]}" "${NODES[@]}"
    local name nb=()
    for name in "${NODES[@]}"; do
        nb_gateway "$name"
    done
    check ovn-nbctl "${nb[@]:1}" > /dev/null
}

# A node's gateway router: packets of the host for a ClusterIP come to it over
# br-ex, from the masquerade address.  Those of the same router to the outside
# world do not exist in this mode.  Unlike ovn-kubernetes' it knows its
# neighbours from the start: OVN 23.03 lets a UDP connection to a load balancer
# die whose first packet has to wait for a neighbour.
nb_gateway () {
    local name=$1 router=GR_$1 address
    nb_add set logical_router "$router" \
        options:lb_force_snat_ip=router_ip options:snat-ct-zone=0 \
        options:always_learn_from_arp_request=false
    nb_add add logical_router_port "rtoe-$router" networks \
        169.254.169.1/29 '"fd69::1/125"'
    for address in 169.254.169.2 '"fd69::2"'; do
        nb_add create static_mac_binding logical_port="rtoe-$router" \
            ip="$address" "mac=\"$MAC_BR_EX\"" override_dynamic_mac=true
    done
}
