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

# The rows, as the arguments of one ovn-nbctl.
nb=()

# nb_add COMMAND...
nb_add () {
    nb+=(-- "$@")
}

nb_cluster () {
    nb_add lr-add ovn_cluster_router
    nb_add ls-add join
    nb_port_pair ovn_cluster_router rtoj-ovn_cluster_router join \
        jtor-ovn_cluster_router 0a:58:64:40:00:01 100.64.0.1/16 fd98::1/64
}

# nb_port_pair ROUTER PORT SWITCH PORT MAC NETWORK...
# Connects a router and a switch.
nb_port_pair () {
    local router=$1 rport=$2 switch=$3 sport=$4
    shift 4
    nb_add lrp-add "$router" "$rport" "$@"
    nb_add lsp-add "$switch" "$sport"
    nb_add lsp-set-type "$sport" router
    nb_add lsp-set-addresses "$sport" router
    nb_add lsp-set-options "$sport" router-port="$rport"
}

# A node's switch with its management port, and what the cluster router needs
# to know: pods leave through the node that they are on.
nb_node () {
    local name=$1 i pods_v4 pods_v6 j
    node_index "$name"
    node_subnet "$i"
    j=$((i + 1))
    nb_add ls-add "$name"
    mac $MAC_SWITCH_PORT "$i"
    nb_port_pair ovn_cluster_router "rtos-$name" "$name" "stor-$name" \
        "$mac" "$pods_v4.1/23" "$pods_v6:1/64"
    nb_add lrp-set-gateway-chassis "rtos-$name" "$name"
    mac $MAC_MGMT "$i"
    nb_add lsp-add "$name" "k8s-$name"
    nb_add lsp-set-addresses "k8s-$name" "$mac $pods_v4.2 $pods_v6:2"
    nb_add --policy=src-ip lr-route-add ovn_cluster_router \
        "$pods_v4.0/23" "$pods_v4.2"
    nb_add --policy=src-ip lr-route-add ovn_cluster_router \
        "$pods_v6:/64" "$pods_v6:2"
    nb_add lr-route-add ovn_cluster_router "100.64.0.$j/32" "100.64.0.$j"
    nb_add lr-route-add ovn_cluster_router "fd98::$j/128" "fd98::$j"
    nb_add lr-policy-add ovn_cluster_router 1004 \
        "inport == \"rtos-$name\" && ip4.dst == 172.18.0.1$i" \
        reroute "$pods_v4.2"
    nb_add lr-policy-add ovn_cluster_router 1004 \
        "inport == \"rtos-$name\" && ip6.dst == fd00:18::1$i" \
        reroute "$pods_v6:2"
}

# A node's gateway router: packets of the host for a ClusterIP come to it over
# br-ex, from the masquerade address.
nb_gateway () {
    local name=$1 i j router=GR_$1
    node_index "$name"
    j=$((i + 1))
    nb_add lr-add "$router"
    nb_add set logical_router "$router" options:chassis="$name" \
        options:lb_force_snat_ip=router_ip options:snat-ct-zone=0 \
        options:always_learn_from_arp_request=false \
        options:dynamic_neigh_routers=true
    mac $MAC_JOIN "$i"
    nb_port_pair "$router" "rtoj-$router" join "jtor-$router" \
        "$mac" "100.64.0.$j/16" "fd98::$j/64"
    nb_add ls-add "ext_$name"
    mac $MAC_EXTERNAL "$i" 1
    nb_port_pair "$router" "rtoe-$router" "ext_$name" "etor-$router" \
        "$mac" "172.18.0.1$i/24" "169.254.169.1/29" \
        "fd00:18::1$i/64" "fd69::1/125"
    nb_add lsp-add "ext_$name" "br-ex_$name"
    nb_add lsp-set-type "br-ex_$name" localnet
    nb_add lsp-set-addresses "br-ex_$name" unknown
    nb_add lsp-set-options "br-ex_$name" network_name=physnet
    mac $MAC_EXTERNAL "$i" 2
    nb_add create static_mac_binding logical_port="rtoe-$router" \
        ip=169.254.169.2 "mac=\"$mac\"" override_dynamic_mac=true
    nb_add create static_mac_binding logical_port="rtoe-$router" \
        'ip="fd69::2"' "mac=\"$mac\"" override_dynamic_mac=true
    nb_add lr-route-add "$router" "$CLUSTER_V4" 100.64.0.1
    nb_add lr-route-add "$router" "$CLUSTER_V6" fd98::1
}

# A pod's switch port is named NAMESPACE_POD.
nb_pod () {
    local pod=$1 i=$2 host=$3 pods_v4 pods_v6
    node_subnet "$i"
    mac $MAC_POD "$i" "$host"
    nb_add lsp-add "${NODES[i - 1]}" "test_$pod"
    nb_add lsp-set-addresses "test_$pod" \
        "$mac $pods_v4.$host $pods_v6:$host"
}

# The load balancers of a service: its ClusterIPs, on all switches and
# gateway routers.
nb_service () {
    local name=$1 k=$2 host=$3 i backends_v4= backends_v6= pods_v4 pods_v6
    for i in 1 2 3; do
        node_subnet "$i"
        backends_v4+=${backends_v4:+,}$pods_v4.$host:$POD_PORT
        backends_v6+="${backends_v6:+,}[$pods_v6:$host]:$POD_PORT"
    done
    local proto
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

central_network () {
    local name spec k
    nb_cluster
    for name in "${NODES[@]}"; do
        nb_node "$name"
        nb_gateway "$name"
    done
    for spec in "${PODS[@]}"; do
        for i in 1 2 3; do
            nb_pod "${spec%:*}-$i" "$i" "${spec#*:}"
        done
    done
    for k in "${!SERVICES[@]}"; do
        nb_service "${SERVICES[k]}" $((k + 1)) "${PODS[k]#*:}"
    done
    check ovn-nbctl "${nb[@]:1}" > /dev/null
}
