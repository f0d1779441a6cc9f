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
        --ovnnb-db="$OVN_NB_DB" --egress-db="$OVN_EGRESS_DB"
    wait_until "ovn-egressctl list egress_global | grep -q options"
    local announce=true ingress=true
    test "$LAB_ANNOUNCE" = egress || announce=false
    test "$LAB_INGRESS" = egress || ingress=false
    check ovn-egressctl set egress_global . options:drain-seconds=1 \
        options:announce=$announce options:ingress=$ingress \
        options:cluster-networks="\"$CLUSTER_V4, $CLUSTER_V6\"" \
        options:service-networks="\"$SERVICE_V4, $SERVICE_V6\""
}

# central_network
# The logical network: that of quickstart-topology, and what its packets need
# besides.
central_network () {
    check "$abs_top_srcdir/utilities/quickstart-topology" -6 \
        -p "${#PODS[@]}" "${NODES[@]}"
    local name k nb=()
    for name in "${NODES[@]}"; do
        nb_gateway "$name"
    done
    if test "$LAB_INGRESS" = lab; then
        for k in "${SERVICES[@]}"; do
            nb_service "$k"
        done
    fi
    check ovn-nbctl "${nb[@]:1}" > /dev/null
}

# nb_add COMMAND...
# Adds to the arguments of one ovn-nbctl.
nb_add () {
    nb+=(-- "$@")
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

# The load balancers of a service: its ClusterIPs, on all node switches and
# gateway routers.
nb_service () {
    local k=$1 name=server$1 node proto backends_v4= backends_v6=
    local i j pods_v4 pods_v6 pod_v4 pod_v6 node_v4 node_v6
    for node in "${NODES[@]}"; do
        pod_addresses "$name-${node#worker}"
        backends_v4+=${backends_v4:+,}$pod_v4:$POD_PORT
        backends_v6+="${backends_v6:+,}[$pod_v6]:$POD_PORT"
    done
    for proto in tcp udp; do
        nb_add lb-add "$name-$proto" "${CLUSTERIP_V4[k]}:$SERVICE_PORT" \
            "$backends_v4" "$proto"
        nb_add lb-add "$name-$proto" "[${CLUSTERIP_V6[k]}]:$SERVICE_PORT" \
            "$backends_v6" "$proto"
        for node in "${NODES[@]}"; do
            nb_add ls-lb-add "$node" "$name-$proto"
            nb_add lr-lb-add "GR_$node" "$name-$proto"
        done
    done
}
