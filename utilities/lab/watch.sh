# SPDX-License-Identifier: Apache-2.0
#
# Watching every packet on the outer links of all nodes, and the routes of the
# routers, for lab-judge; and saying what is legitimate when.  Sourced by
# lab-functions.sh.
# shellcheck shell=bash disable=SC2154,SC2034,SC2016,SC2317

# legit TEXT...
# From now on something else is legitimate: TEXT as in the facts of lab-judge,
# without the time.
legit () {
    echo "$EPOCHREALTIME $*" >> judge.facts
}

# watch_facts [WAYS]
# Prints what lab-judge has to know of the lab.  WAYS is how the connections of
# served pods may leave at first: "any" if not given, otherwise "ingress".
watch_facts () {
    local node n k pods pod low high way i pods_v4 pods_v6 node_v4 node_v6
    for node in "${NODES[@]}"; do
        node_addresses "$node"
        echo "link $node eth0 $node_v4 $node_v6"
        for n in "${NETWORKS[@]}"; do
            echo "link $node ${NET_LINK[n]} ${NET_V4[n]}.$((130 + i))" \
                 "${NET_V6[n]}:$((130 + i))"
        done
    done
    echo "main eth0 ${MAIN_V4%.*}.0/24 ${MAIN_V6%1}/64"
    echo "inside $CLUSTER_V4 $CLUSTER_V6 $SERVICE_V4 $SERVICE_V6" \
         "100.64.0.0/16 fd98::/64 169.254.169.0/29 fd69::/125"
    echo "client $CLIENT_V4 $CLIENT_V6"
    echo "port $SERVICE_PORT"
    all_pods
    for pod in "${pods[@]}"; do
        pod_ports "$pod"
        echo "pod $pod $low $high"
        case ${1-}$pod in
        ingressserver*) k=${pod%-*}; way=ingress:${k#server} ;;
        ingress*) way=node ;;
        *) way=any ;;
        esac
        echo "0 may $pod $way"
    done
    for k in "${SERVICES[@]}"; do
        echo "0 ingress $k ${INGRESS_V4[k]} ${INGRESS_V6[k]}"
        echo "0 ways $k ${NET_LINK[SERVICE_NET[k]]}"
        test -z "${1-}" || echo "0 hosts $k one"
    done
}

# watch_start [WAYS]
# From now on, notes each packet on the links of all nodes that lead outside,
# and each change of the routers' routes.  WAYS as for watch_facts.
watch_start () {
    local node n filter
    watch_facts "$@" > judge.facts
    for node in "${NODES[@]}"; do
        filter=$(ip -n "$node" -o link show \
            | sed -nE 's/^([0-9]+): (eth0|ens[0-9]+)[@:].*/or ifindex \1/p')
        filter=${filter#or }
        # Neighbours find each other, BGP and BFD talk, the databases too.
        background "$node" "watch-$node" tcpdump -n -U -s 160 -B 32768 -i any \
            -w "$node.pcap" "($filter) and (ip or ip6)
                and not udp port 6081 and not udp port 3784
                and not tcp port 179 and not tcp port 6642
                and not tcp port 6643
                and not (ip6[6] == 58 and ip6[40] >= 133 and ip6[40] <= 137)
                and not (ip6[6] == 0 and ip6[48] >= 130 and ip6[48] <= 143)"
    done
    for n in "${NETWORKS[@]}"; do
        background "router$n" "watch-router$n" sh -c \
            "exec ip -ts -o monitor route > router$n.routes"
    done
    for node in "${NODES[@]}"; do
        wait_until "grep -q 'listening on' watch-$node.out"
    done
}

# watch_stop
# Ends that, when all packets have been noted: one of each node, to port 9, is
# the last.  They are in NODE.packets then: "TIME LINK In|Out IP SOURCE >
# DESTINATION: ...".
watch_stop () {
    local node n
    for node in "${NODES[@]}"; do
        ns "$node" bash -c "echo > /dev/udp/$MAIN_V4/9"
    done
    for node in "${NODES[@]}"; do
        wait_until "watch_list $node 'udp port 9' | grep -q ' ${MAIN_V4}[.]9: '"
        kill_daemon "watch-$node" INT
    done
    for n in "${NETWORKS[@]}"; do
        kill_daemon "watch-router$n"
    done
    for node in "${NODES[@]}"; do
        wait_until "grep -q 'packets captured' watch-$node.out"
        check grep -q '^0 packets dropped by kernel' "watch-$node.out"
        watch_list "$node" > "$node.packets"
    done
}

# watch_list NODE [FILTER]
# Prints what was noted of a node, which knows the names of its links.
watch_list () {
    local node=$1
    shift
    ns "$node" tcpdump -n -tt -r "$node.pcap" "$@" 2> /dev/null
}

# wrong_packets
# Prints what no node should ever have sent or got, and what no router should
# have known, see lab-judge; the numbers are in judge.out.
wrong_packets () {
    local node n files=()
    for node in "${NODES[@]}"; do
        files+=("$node.packets")
    done
    for n in "${NETWORKS[@]}"; do
        files+=("router$n.routes")
    done
    "$lab/lab-judge" judge.facts "${files[@]}" > judge.out
    if test $? -gt 1 || ! grep -q '^judged [1-9]' judge.out; then
        tail -n 1 judge.out >&2
        egress_fail "the packets could not be judged"
    fi
    sed '/^rule /d; /^judged /d' judge.out
}
