# SPDX-License-Identifier: Apache-2.0
#
# A node of the lab: Open vSwitch with the kernel's datapath, ovn-controller,
# FRR, and what ovn-kubernetes does on a host in local gateway mode.  Sourced
# by lab-up.
# shellcheck shell=bash disable=SC2154

# Puts sockets and logs of what is started next into the folder of a node.
node_dirs () {
    OVS_RUNDIR=$LAB_RUN/$1 OVS_LOGDIR=$LAB_RUN/$1 OVS_DBDIR=$LAB_RUN/$1
    OVN_RUNDIR=$LAB_RUN/$1 OVN_LOGDIR=$LAB_RUN/$1 OVN_DBDIR=$LAB_RUN/$1
    export OVS_RUNDIR OVS_LOGDIR OVS_DBDIR OVN_RUNDIR OVN_LOGDIR OVN_DBDIR
    mkdir -p "$LAB_RUN/$1"
    cd "$LAB_RUN/$1" || exit
    : > daemons
    : > cleanup
}

# node_ovs NAME
# Starts Open vSwitch with the ports of the node's pods, and ovn-controller.
node_ovs () {
    local name=$1 i j ports=() mac node_v4 node_v6 pods_v4 pods_v6
    node_addresses "$name"
    EGRESS_NS=$name
    cp "$LAB_RUN/conf.db" conf.db
    start_named ovsdb-server ovsdb-server \
        --remote="punix:$OVS_RUNDIR/db.sock" conf.db
    start_named ovs-vswitchd ovs-vswitchd
    for j in "${!PODS[@]}"; do
        ports+=(-- add-port br-int "${PODS[j]}-$((i + 1))"
                -- set interface "${PODS[j]}-$((i + 1))"
                external_ids:iface-id="test_pod-$name-$j")
    done
    mac_of "$pods_v4.2"
    check ovs-vsctl --no-wait --db="unix:$OVS_RUNDIR/db.sock" init \
        -- set open_vswitch . external_ids:system-id="$name" \
            external_ids:hostname="$name" \
            external_ids:ovn-remote="tcp:$CENTRAL_V4:6642" \
            external_ids:ovn-encap-type=geneve \
            external_ids:ovn-encap-ip="$node_v4" \
            external_ids:ovn-bridge-mappings=physnet:br-ex \
            external_ids:ovn-monitor-all=true \
            other_config:n-revalidator-threads=1 \
        -- add-br br-int -- set bridge br-int fail-mode=secure \
        -- add-br br-ex -- set bridge br-ex fail-mode=secure \
            "other_config:hwaddr=\"$MAC_BR_EX\"" \
        -- add-port br-int ovn-k8s-mp0 -- set interface ovn-k8s-mp0 \
            type=internal "mac=\"$mac\"" mtu_request=1400 \
            external_ids:iface-id="k8s-$name" \
        "${ports[@]}"
    # ovn-controller has no option for its control socket.
    ns "$name" ovn-controller --detach --no-chdir --pidfile \
        --log-file="$OVN_LOGDIR/ovn-controller.log" -vconsole:off \
        "unix:$OVS_RUNDIR/db.sock" 2> ovn-controller.stderr \
        || egress_fail "ovn-controller of $name: $(cat ovn-controller.stderr)"
    EGRESS_NS=
}

# node_host NAME
# Addresses and routes of the host's own links to OVN.
node_host () {
    local name=$1 i mac node_v4 node_v6 pods_v4 pods_v6
    node_addresses "$name"
    mac_of "$node_v4"
    ns_ip "$name" <<EOF
link set ovn-k8s-mp0 up
link set br-ex up
addr add $pods_v4.2/23 dev ovn-k8s-mp0
addr add $pods_v6:2/64 dev ovn-k8s-mp0 nodad
addr add 169.254.169.2/29 dev br-ex
addr add fd69::2/125 dev br-ex nodad
neigh replace 169.254.169.4 lladdr $mac dev br-ex
neigh replace fd69::4 lladdr $mac dev br-ex
route replace $CLUSTER_V4 via $pods_v4.1 dev ovn-k8s-mp0
route replace $CLUSTER_V6 via $pods_v6:1 dev ovn-k8s-mp0
route replace 169.254.169.3 via $pods_v4.1 dev ovn-k8s-mp0
route replace fd69::3 via $pods_v6:1 dev ovn-k8s-mp0
route replace $SERVICE_V4 via 169.254.169.4 dev br-ex src 169.254.169.2 mtu 1400
route replace $SERVICE_V6 via fd69::4 dev br-ex src fd69::2 mtu 1400
EOF
}

# node_rules NAME
# What a host does for all its pods: those without an egress service leave with
# the node's address.
node_rules () {
    local name=$1 i node_v4 node_v6 pods_v4 pods_v6
    node_addresses "$name"
    ns "$name" nft -f - <<EOF
table inet node
delete table inet node
table inet node {
    chain outside {
        type nat hook postrouting priority 101
        oifname ovn-k8s-mp0 return
        oifname br-ex return
        ip saddr $pods_v4.0/23 masquerade
        ip6 saddr $pods_v6:/64 masquerade
    }
}
EOF
}

# node_bridge NAME
# What a host sends to a service comes to the gateway router from the
# masquerade address, whoever sent it: the replies find back to this host.
node_bridge () {
    local name=$1 port
    wait_until "ovs-vsctl --db=unix:$OVS_RUNDIR/db.sock get interface \
                patch-br-ex_$name-to-br-int ofport | grep -x '[0-9]*'"
    read -r port < wait-until.out
    ovs-ofctl add-flows "unix:$OVS_RUNDIR/br-ex.mgmt" - <<EOF
table=0,priority=500,ip,in_port=LOCAL,nw_dst=$SERVICE_V4,actions=ct(commit,zone=64001,nat(src=169.254.169.2),table=1)
table=0,priority=500,ipv6,in_port=LOCAL,ipv6_dst=$SERVICE_V6,actions=ct(commit,zone=64001,nat(src=fd69::2),table=1)
table=0,priority=500,ip,in_port=$port,nw_dst=169.254.169.2,actions=ct(zone=64001,nat,table=2)
table=0,priority=500,ipv6,in_port=$port,ipv6_dst=fd69::2,actions=ct(zone=64001,nat,table=2)
table=0,priority=0,actions=NORMAL
table=1,priority=100,actions=output:$port
table=2,priority=100,actions=mod_dl_dst=$MAC_BR_EX,output:LOCAL
EOF
}

# node_egress NAME
# Starts our own daemon.
node_egress () {
    start_in "$1" ovn-egress-node ovn-egress-node --node="$1" \
        --egress-db="tcp:$CENTRAL_V4:6643" --frr-namespace="$1"
}

# frr_start NS LINE...
# Starts FRR in a namespace, with the lines given as bgpd's configuration.
frr_start () {
    local name=$1
    shift
    mkdir -p "/etc/frr/$name" "/run/frr/$name"
    printf 'hostname %s\n' "$name" > "/etc/frr/$name/zebra.conf"
    printf '%s\n' "hostname $name" "$@" > "/etc/frr/$name/bgpd.conf"
    : > "/etc/frr/$name/bfdd.conf"
    : > "/etc/frr/$name/vtysh.conf"
    local daemon
    for daemon in zebra bfdd bgpd; do
        ns "$name" /usr/lib/frr/$daemon -d -N "$name" -u root -g root \
            -f "/etc/frr/$name/$daemon.conf" --log "file:$LAB_RUN/$name-$daemon.log" \
            2> /dev/null || egress_fail "$daemon of $name did not start"
    done
}

# The router of network N takes whatever a node announces.
router_frr () {
    local n=$1
    frr_start "router$n" \
        "router bgp 200" \
        "bgp router-id 10.0.$n.200" \
        "no bgp ebgp-requires-policy" \
        "no bgp default ipv4-unicast" \
        "bgp bestpath as-path multipath-relax" \
        "neighbor nodes peer-group" \
        "neighbor nodes remote-as 100" \
        "neighbor nodes timers 3 9" \
        "neighbor nodes bfd" \
        "bgp listen range ${NET_V4[n]}.0/24 peer-group nodes" \
        "bgp listen range ${NET_V6[n]}:/64 peer-group nodes" \
        "address-family ipv4 unicast" \
        "neighbor nodes activate" \
        "exit-address-family" \
        "address-family ipv6 unicast" \
        "neighbor nodes activate" \
        "neighbor nodes route-map global in" \
        "exit-address-family" \
        "route-map global permit 1" \
        "set ipv6 next-hop prefer-global"
}
