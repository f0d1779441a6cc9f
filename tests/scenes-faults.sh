# SPDX-License-Identifier: Apache-2.0
#
# What goes wrong in scenes: daemons that stop, hang or are killed, and others
# who change the kernel.  Beside tests/scenes-functions.sh.
# shellcheck shell=bash disable=SC2154,SC2034,SC2016,SC2317

# --- What others do to the kernel of a node -----------------------------

# lose_rules NODE
# Somebody deletes our policy rules.
lose_rules () {
    local family
    for family in -4 -6; do
        while ip -n "$1" "$family" rule del priority 5000 2> /dev/null; do
            :
        done
    done
}

# lose_routes NODE TABLE [SELECTOR...]
# Somebody flushes the routes of a table: all, or those selected.
lose_routes () {
    local node=$1 table=$2
    shift 2
    ip -n "$node" -4 route flush table "$table" "$@"
    ip -n "$node" -6 route flush table "$table" "$@"
}

# masquerade_on NODE
# Somebody else's masquerade comes before ours, until masquerade_off NODE.
masquerade_on () {
    ns "$1" nft -f - <<EOT
table inet foreign {
    chain postrouting {
        type nat hook postrouting priority 90
        oifname { "${NET_LINK[1]}", "${NET_LINK[2]}" } masquerade
    }
}
EOT
}

masquerade_off () {
    ns "$1" nft delete table inet foreign 2> /dev/null
}

# lose_addresses NODE N
# The addresses of the link to network N are flushed, and come back.
lose_addresses () {
    local link=${NET_LINK[$2]} i pods_v4 pods_v6 node_v4 node_v6
    node_addresses "$1"
    ip -n "$1" addr flush dev "$link" scope global
    load_seconds "${3:-1}"
    ns_ip "$1" <<EOT
addr replace ${NET_V4[$2]}.$((130 + i))/24 dev $link
addr replace ${NET_V6[$2]}:$((130 + i))/64 dev $link nodad
EOT
}

# cut_on NODE
# A node does not reach the databases, until cut_off NODE; everything else goes
# on.
cut_on () {
    local k n=${1#worker}
    # OVN does not tell this node either that its pods go another way.
    scene_down=()
    for k in "${SERVICES[@]}"; do
        scene_down+=("out-v4/server$k-$n" "out-v6/server$k-$n"
                     "outkeep/server$k-$n" "outudp/server$k-$n")
    done
    scene_uncounted+=("${scene_down[@]}")
    ns "$1" nft -f - <<EOT
table inet cut {
    chain output {
        type filter hook output priority 0
        ip daddr $CENTRAL_V4 tcp dport { 6642, 6643 } drop
    }
    chain input {
        type filter hook input priority 0
        ip saddr $CENTRAL_V4 tcp sport { 6642, 6643 } drop
    }
}
EOT
}

cut_off () {
    scene_down=()
    ns "$1" nft delete table inet cut 2> /dev/null
}

# --- Daemons -------------------------------------------------------------

# scene_signal SIGNAL WHERE NAME
# Sends a signal to a daemon of a node, or of "central".
scene_signal () {
    local pid file=$LAB_RUN/$2/$3.pid
    case $3 in bgpd | zebra | bfdd) file=/run/frr/$2/$3.pid ;; esac
    read -r pid < "$file" && kill "-$1" "$pid" 2> /dev/null
}

# stopped WHERE NAME SECONDS COMMAND...
# The daemon stands still around COMMAND: until SECONDS after it.
stopped () {
    local where=$1 name=$2 seconds=$3
    shift 3
    scene_signal STOP "$where" "$name"
    "$@"
    load_seconds "$seconds"
    scene_signal CONT "$where" "$name"
}

# slow_frr NODE SECONDS COMMAND...
# FRR is slow around COMMAND: bgpd runs now and then only, often enough for its
# sessions to stay.
slow_frr () {
    local node=$1 seconds=$2
    shift 2
    (
        while :; do
            scene_signal STOP "$node" bgpd
            sleep 1.5
            scene_signal CONT "$node" bgpd
            sleep 0.03
        done > /dev/null 2>&1 &
        echo $! > slow.pid
    )
    on_exit "kill_daemon slow; scene_signal CONT $node bgpd"
    "$@"
    load_seconds "$seconds"
    kill_daemon slow
    scene_signal CONT "$node" bgpd
}

# killed NODE TIMES COMMAND...
# After COMMAND the helper of a node is killed and started again, at random
# moments.
killed () {
    local node=$1 times=$2 n
    shift 2
    "$@"
    for ((n = 0; n < times; n++)); do
        load_say ticks $((RANDOM % (LOAD_RATE * 2)))
        daemon_kill "$node" ovn-egress-node
        daemon_start "$node" ovn-egress-node
    done
}

# helper_dies NODE
# The helper alone is killed, and stays dead until helper_back NODE.
helper_dies () {
    daemon_kill "$1" ovn-egress-node
}

helper_back () {
    daemon_start "$1" ovn-egress-node
}

# bgpd_restarts NODE
# bgpd alone is killed and started again.
bgpd_restarts () {
    local pid
    read -r pid < "/run/frr/$1/bgpd.pid"
    kill -KILL "$pid"
    wait_until "! kill -0 $pid"
    bgpd_start "$1"
}

# bgpd_start NODE
bgpd_start () {
    (
        ns "$1" /usr/lib/frr/bgpd -d -N "$1" -u root -g root \
            -f "/etc/frr/$1/bgpd.conf" --log "file:$LAB_RUN/$1-bgpd.log"
    ) 3>&- 4>&- 5>&- 6>&- 7>&- > bgpd.out 2>&1 \
        || egress_fail "bgpd of $1: $(cat bgpd.out)"
}

# elsewhere NUMBER NODE
# Waits until another node than this carries a service.
elsewhere () {
    scene_expect "service $1 on another node" wait_until \
        "active_nodes $1 | grep -v $2"
}

# scene_repair
# Makes good what a scene may have left that failed.
scene_repair () {
    local node n i pods_v4 pods_v6 node_v4 node_v6
    scene_signal CONT central ovn-northd
    for node in "${NODES[@]}"; do
        scene_signal CONT "$node" ovn-controller
        scene_signal CONT "$node" bgpd
        masquerade_off "$node"
        cut_off "$node"
        node_addresses "$node"
        for n in "${NETWORKS[@]}"; do
            ns_ip "$node" <<EOT
addr replace ${NET_V4[n]}.$((130 + i))/24 dev ${NET_LINK[n]}
addr replace ${NET_V6[n]}:$((130 + i))/64 dev ${NET_LINK[n]} nodad
EOT
        done
        if scene_signal 0 "$node" bgpd; then
            frr "$node" "clear bgp vrf ens4vrf *" "clear bgp vrf ens5vrf *" \
                > /dev/null 2>&1
        else
            bgpd_start "$node"
        fi
        ! scene_signal 0 "$node" ovn-egress-node \
            || daemon_kill "$node" ovn-egress-node
        daemon_start "$node" ovn-egress-node
    done
    load_forget
}
