# SPDX-License-Identifier: Apache-2.0
#
# The lab as it is where others bring the services' traffic in: load balancers
# and the translation of ingress addresses as by ovn-kubernetes, announcements
# as by MetalLB.  What ovn-egress does then is the rest: the node labels, the
# way out.  Sourced by lab-functions.sh.
# shellcheck shell=bash disable=SC2154

# beside_start
# From now on, until beside_stop, the lab does that.
beside_start () {
    local k node nb=()
    check ovn-egressctl set egress_global . options:announce=false \
        options:ingress=false
    wait_until "test -z \"\$(ovn-nbctl --bare find load_balancer)\$(
                          ovn-egressctl --bare find node_peer)\""
    for k in "${SERVICES[@]}"; do
        beside_balancers "$k"
    done
    check ovn-nbctl "${nb[@]:1}" > /dev/null
    for node in "${NODES[@]}"; do
        wait_until "! frr $node 'show running-config' | grep 'router bgp'"
        beside_translation | ns "$node" nft -f -
        beside_frr "$node"
    done
    : > "$LAB_RUN/beside"
}

# beside_stop
# As it was.
beside_stop () {
    local k n node nb=()
    for k in "${SERVICES[@]}"; do
        rm -f "$LAB_RUN/announced-$k"
        nb_add --if-exists lb-del "server$k-tcp"
        nb_add --if-exists lb-del "server$k-udp"
    done
    check ovn-nbctl "${nb[@]:1}"
    for node in "${NODES[@]}"; do
        ns "$node" nft delete table inet beside 2> /dev/null
        for n in "${NETWORKS[@]}"; do
            frr "$node" configure "no router bgp 100 vrf ${NET_LINK[n]}vrf" \
                > /dev/null
        done
    done
    check ovn-egressctl remove egress_global . options announce ingress
    rm -f "$LAB_RUN/beside"
}

# The load balancers of a service: its ClusterIPs, on all node switches and
# gateway routers.
beside_balancers () {
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

# Prints, for nft: what comes to an ingress address goes to the ClusterIP.
beside_translation () {
    local k v4= v6=
    for k in "${SERVICES[@]}"; do
        v4+="${INGRESS_V4[k]} : ${CLUSTERIP_V4[k]}, "
        v6+="${INGRESS_V6[k]} : ${CLUSTERIP_V6[k]}, "
    done
    cat <<EOT
table inet beside {
    chain ingress {
        type nat hook prerouting priority dstnat
        meta l4proto { tcp, udp } th dport $SERVICE_PORT \
            dnat ip to ip daddr map { $v4 }
        meta l4proto { tcp, udp } th dport $SERVICE_PORT \
            dnat ip6 to ip6 daddr map { $v6 }
    }
}
EOT
}

# Sessions of a node with the routers of all networks.
beside_frr () {
    local node=$1 n lines=()
    for n in "${NETWORKS[@]}"; do
        lines+=("router bgp 100 vrf ${NET_LINK[n]}vrf"
                "bgp router-id 10.0.$n.${node#worker}"
                "no bgp ebgp-requires-policy"
                "no bgp network import-check"
                "no bgp default ipv4-unicast"
                "neighbor ${NET_V4[n]}.1 remote-as 200"
                "neighbor ${NET_V4[n]}.1 timers connect 1"
                "neighbor ${NET_V6[n]}:1 remote-as 200"
                "neighbor ${NET_V6[n]}:1 timers connect 1"
                "address-family ipv4 unicast"
                "neighbor ${NET_V4[n]}.1 activate"
                "exit-address-family"
                "address-family ipv6 unicast"
                "neighbor ${NET_V6[n]}:1 activate"
                "exit-address-family"
                "exit")
    done
    check frr "$node" configure "${lines[@]}"
}

# beside_announce NUMBER
# Has the nodes that carry a service, and no other, announce its ingress
# addresses.
beside_announce () {
    local k=$1 node now before add
    now=" $(active_nodes "$k" | tr '\n' ' ') "
    before=" $(cat "$LAB_RUN/announced-$k" 2> /dev/null) "
    for node in "${NODES[@]}"; do
        case $now/$before in
        *" $node "*/*" $node "*) continue ;;
        *" $node "*/*) add= ;;
        */*" $node "*) add="no " ;;
        *) continue ;;
        esac
        check frr "$node" configure \
            "router bgp 100 vrf ${NET_LINK[SERVICE_NET[k]]}vrf" \
            "address-family ipv4 unicast" "${add}network ${INGRESS_V4[k]}/32" \
            exit \
            "address-family ipv6 unicast" "${add}network ${INGRESS_V6[k]}/128"
    done
    echo $now > "$LAB_RUN/announced-$k"
}
