# SPDX-License-Identifier: Apache-2.0
#
# The lab's wires: a namespace for each node, router, client, and one for the
# switches between them, with addresses and static routes.  No OVN yet.
# Sourced by lab-up.
# shellcheck shell=bash disable=SC2154

# The lines of commands for ip(8), a text for each namespace; ROOT is outside
# of all.
declare -A fabric_lines=()

# in_ns NS LINE
# Adds a line to those of a namespace.
in_ns () {
    fabric_lines[$1]+=$2$'\n'
}

# fabric_flush NS...
# Runs the lines that were added.
fabric_flush () {
    local name
    for name; do
        test -n "${fabric_lines[$name]-}" || continue
        if test "$name" = ROOT; then
            ip -batch - <<< "${fabric_lines[ROOT]}"
        else
            ip -n "$name" -batch - <<< "${fabric_lines[$name]}"
        fi
        fabric_lines[$name]=
    done
}

# fabric_wire NS LINK SWITCH
# Connects LINK of a namespace to a switch.
fabric_wire () {
    in_ns ROOT "link add $2 netns $1 type veth peer name $1-$2 netns fabric"
    in_ns "$1" "link set $2 up"
    in_ns fabric "link set $1-$2 master $3"
    in_ns fabric "link set $1-$2 up"
}

# fabric_address NS LINK V4 V6
fabric_address () {
    in_ns "$1" "addr add $3/24 dev $2"
    in_ns "$1" "addr add $4/64 dev $2 nodad"
}

fabric_switch () {
    in_ns fabric "link add $1 type bridge forward_delay 0 mcast_snooping 0"
    in_ns fabric "link set $1 up"
}

fabric_main () {
    fabric_switch main
    fabric_wire central eth0 main
    fabric_address central eth0 "$CENTRAL_V4" "$CENTRAL_V6"
    fabric_wire main eth0 main
    fabric_address main eth0 "$MAIN_V4" "$MAIN_V6"
    local address
    for address in "$OUTSIDE_V4" "$OUTSIDE_V6" "$CLIENT_V4" "$CLIENT_V6"; do
        in_ns main "addr add $address dev lo"
    done
}

# A network's switch, router and client; the client is behind the router.
fabric_network () {
    local n=$1
    fabric_switch "net$n"
    fabric_wire "router$n" eth0 "net$n"
    fabric_address "router$n" eth0 "${NET_V4[n]}.1" "${NET_V6[n]}:1"
    in_ns ROOT "link add eth1 netns router$n type veth \
                peer name eth0 netns client$n"
    in_ns "router$n" "link set eth1 up"
    in_ns "client$n" "link set eth0 up"
    fabric_address "router$n" eth1 192.0.2.1 2001:db8::1
    fabric_address "client$n" eth0 "$CLIENT_V4" "$CLIENT_V6"
    in_ns "client$n" "route add default via 192.0.2.1"
    in_ns "client$n" "route add default via 2001:db8::1"
}

fabric_node () {
    local name=$1 i n node_v4 node_v6 pods_v4 pods_v6
    node_addresses "$name"
    fabric_wire "$name" eth0 main
    fabric_address "$name" eth0 "$node_v4" "$node_v6"
    in_ns "$name" "route add default via $MAIN_V4 dev eth0"
    in_ns "$name" "route add default via $MAIN_V6 dev eth0"
    for n in "${NETWORKS[@]}"; do
        fabric_wire "$name" "${NET_LINK[n]}" "net$n"
        fabric_address "$name" "${NET_LINK[n]}" \
            "${NET_V4[n]}.$((130 + i))" "${NET_V6[n]}:$((130 + i))"
    done
}

# A pod's link, to the node that has it; the node's side is named as the pod.
fabric_pod () {
    local pod=$1 node i j mac pods_v4 pods_v6 pod_v4 pod_v6 node_v4 node_v6
    pod_addresses "$pod"
    node=${NODES[i]}
    mac_of "$pod_v4"
    in_ns ROOT "link add eth0 netns $pod address $mac mtu 1400 type veth \
                peer name $pod netns $node"
    in_ns "$node" "link set $pod up mtu 1400"
    in_ns "$pod" "link set eth0 up"
    in_ns "$pod" "addr add $pod_v4/23 dev eth0"
    in_ns "$pod" "addr add $pod_v6/64 dev eth0 nodad"
    in_ns "$pod" "route add default via $pods_v4.1"
    in_ns "$pod" "route add default via $pods_v6:1"
}

fabric_up () {
    local names=(fabric central main "${NODES[@]}") pods n name low high
    for n in "${NETWORKS[@]}"; do
        names+=("router$n" "client$n")
    done
    all_pods

    for name in "${names[@]}" "${pods[@]}"; do
        in_ns ROOT "netns add $name"
        in_ns "$name" "link set lo up"
    done
    fabric_flush ROOT
    fabric_main
    for n in "${NETWORKS[@]}"; do
        fabric_network "$n"
    done
    for name in "${NODES[@]}"; do
        fabric_node "$name"
    done
    for name in "${pods[@]}"; do
        fabric_pod "$name"
    done
    fabric_flush ROOT "${names[@]}" "${pods[@]}"

    # Checksums that are left to the hardware do not survive geneve here.
    for name in "${pods[@]}"; do
        ns "$name" ethtool -K eth0 tx off > /dev/null
        pod_ports "$name"
        ns "$name" sysctl -q -w net.ipv4.ip_local_port_range="$low $high"
    done
    for name in main "${NODES[@]}" router1 router2; do
        ns "$name" sysctl -q -w net.ipv4.ip_forward=1 \
            net.ipv6.conf.all.forwarding=1
    done
}
