# SPDX-License-Identifier: Apache-2.0
#
# Shell functions for tests/system-ingress.at: a node between clients and pods,
# and Services in a database, without an agent.  Beside those of
# tests/egress-functions.sh, tests/system-functions.sh and
# tests/node-functions.sh.
# shellcheck shell=sh disable=SC2154

# forwarding NAMESPACE
forwarding () {
    ns "$1" sh -c 'for i in /proc/sys/net/ipv[46]/conf/*/forwarding; do
            echo 1 > $i; done
        for i in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 > $i; done'
}

# client NAME LINK NUMBER
# Makes a network with clients, which n1 reaches over LINK: all of them have
# the same addresses of clients.
client () {
    add_namespaces "$1"
    add_veth n1 "$2" "$1" eth0
    ns_ip "$1" <<EOT
addr add 192.168.$3.2/24 dev eth0
addr add fd00:$3::2/64 dev eth0 nodad
addr add 203.0.113.1/32 dev lo
addr add 2001:db8:113::1/128 dev lo nodad
route add default via 192.168.$3.1
route add default via fd00:$3::1
EOT
    ns_ip n1 <<EOT
addr add 192.168.$3.1/24 dev $2
addr add fd00:$3::1/64 dev $2 nodad
EOT
}

# vrf NAME LINK NUMBER TABLE
# Puts LINK into a VRF.
vrf () {
    ns_ip n1 <<EOT
link add $1 type vrf table $4
link set $1 up
link set $2 master $1
addr replace fd00:$3::1/64 dev $2 nodad
route add default via 192.168.$3.2 table $4
route add default via fd00:$3::2 table $4
EOT
}

# pod NAME LINK NUMBER
# Makes a pod, whose server listens on port 8080.
pod () {
    add_namespaces "$1"
    add_veth n1 "$2" "$1" eth0
    ns_ip "$1" <<EOT
addr add 10.132.$3.5/24 dev eth0
addr add fd01:0:0:$3::5/64 dev eth0 nodad
route add default via 10.132.$3.1
route add default via fd01:0:0:$3::1
EOT
    ns_ip n1 <<EOT
addr add 10.132.$3.1/24 dev $2
addr add fd01:0:0:$3::1/64 dev $2 nodad
EOT
    server "$1" 8080
}

# server NAMESPACE PORT
# Answers with the namespace's name and the address of who asks.
server () {
    background "$1" "$1" "$abs_top_srcdir/tests/echo-source" serve "$1" "$2"
}

# How long to wait for an answer that must come.
export ECHO_TIMEOUT=5

# ingress_fabric
# A node with two VRFs and a network of its main table, two pods, and in place
# of OVN's load balancer a server behind all ClusterIPs.  The helper runs.
ingress_fabric () {
    add_namespaces n1 cluster
    client red ens4 4
    client blue ens5 5
    client main ens6 6
    vrf red ens4 4 2
    vrf blue ens5 5 3
    add_veth n1 br-ex cluster eth0
    ns_ip cluster <<'EOT'
addr add 169.254.169.4/29 dev eth0
addr add fd69::4/125 dev eth0 nodad
route add default via 169.254.169.2
route add default via fd69::2
EOT
    ns cluster nft -f - <<'EOT'
table inet cluster {
    chain in {
        type nat hook prerouting priority dstnat
        ip daddr 172.30.0.0/16 dnat to 169.254.169.4
        ip6 daddr fd02::/112 dnat to fd69::4
    }
}
EOT
    ns_ip n1 <<'EOT'
addr add 169.254.169.2/29 dev br-ex
addr add fd69::2/125 dev br-ex nodad
route add 172.30.0.0/16 via 169.254.169.4 dev br-ex
route add fd02::/112 via fd69::4 dev br-ex
route add default via 192.168.6.2
route add default via fd00:6::2
EOT
    pod pod1 p1 1
    pod pod2 p2 2
    forwarding n1
    server cluster 80
    start_work
    start_helper
    for _s in pod1 pod2 cluster; do
        wait_until "grep -q ready $_s.out"
    done
}

# network NAME TABLE NUMBER POD...
# Gives the node an EgressService test/NAME with these pods as its endpoints.
network () {
    _name=$1 _table=$2 _number=$3 _endpoints=
    shift 3
    for _pod; do
        _endpoints="$_endpoints${_endpoints:+,}\"10.132.$_pod.5\",
                    \"fd01:0:0:$_pod::5\""
    done
    service "test/$_name" "$_name" '"state":"active","network":"'"$_table"'",
        "source_ips":["set",["192.0.2.'"$_number"'","2001:db8::'"$_number"'"]],
        "ingress_ips":["set",["192.0.2.'"$_number"'",
                              "2001:db8::'"$_number"'"]],
        "endpoints":["set",['"$_endpoints"']],
        "cluster_ips":["set",["172.30.0.'"$_number"'","fd02::'"$_number"'"]]'
    wait_acked service "test/$_name" "$_name"
}

# ingress NAME NUMBER [BACKEND...]
# A Service test/NAME with the ingress addresses and ClusterIPs that end in
# NUMBER and port 80 of TCP and UDP.  With BACKENDs, or "none", its traffic
# policy is Local; each is NODE:POD.  Returns when the kernel is as it says.
ingress () {
    _name=$1 _number=$2 _local=false _backends= _sep=
    shift 2
    for _b; do
        _local=true
        test "$_b" != none || continue
        for _ip in "10.132.${_b#*:}.5" "[fd01:0:0:${_b#*:}::5]"; do
            _backends="$_backends$_sep[\"$_ip:8080\",\"${_b%:*}\"]"
            _sep=,
        done
    done
    set -- '{"op":"delete","table":"Ingress_Port",
             "where":[["service","==","test/'"$_name"'"]]}'
    for _p in tcp udp; do
        set -- "$@" '{"op":"insert","table":"Ingress_Port","row":{
               "service":"test/'"$_name"'","protocol":"'$_p'","port":80,
               "local":'$_local',
               "ingress_ips":["set",["192.0.2.'"$_number"'",
                                     "2001:db8::'"$_number"'"]],
               "cluster_ips":["set",["172.30.0.'"$_number"'",
                                     "fd02::'"$_number"'"]],
               "backends":["map",['"$_backends"']]}}'
    done
    transact_and_wait "$@"
}

# no_ingress NAME
no_ingress () {
    transact_and_wait '{"op":"delete","table":"Ingress_Port",
                        "where":[["service","==","test/'"$1"'"]]}'
}

# transact_and_wait OPERATION...
# Carries out operations, and waits until the kernel is as they say: a service
# without endpoints, which they touch too, is acknowledged.
transact_and_wait () {
    _marker=$((${_marker:-0} + 1))
    transact "$@" \
        '{"op":"delete","table":"Node_Service",
          "where":[["service","==","test/marker"]]}' \
        '{"op":"insert","table":"Node_Service","row":{"node":"n1",
          "role":"host","service":"test/marker","state":"active",
          "revision":"'"$_marker"'"}}'
    wait_acked service test/marker "$_marker"
    test -z "$(daemon_ctl ovn-egress-node node/diff)" \
        || egress_fail "the kernel is not as wanted"
}

# ask NAMESPACE "PROTOCOL NUMBER [PORT]"...
# Asks, over both families, the services whose addresses end in NUMBER.
ask () {
    _ns=$1
    shift
    for _q; do
        # shellcheck disable=SC2086
        set -- $_q
        echo "$1 203.0.113.1${3:+,$3} 192.0.2.$2 80"
        echo "$1 2001:db8:113::1${3:+,$3} 2001:db8::$2 80"
    done | ns "$_ns" "$abs_top_srcdir/tests/echo-source" ask-all
}

# ask_line NAMESPACE QUESTION
# Asks what a line for "echo-source ask-all" says.
ask_line () {
    echo "$2" | ns "$1" "$abs_top_srcdir/tests/echo-source" ask-all
}

# converse NAMESPACE NAME PROTOCOL NUMBER PORT
# Begins a conversation, of which each line written to file descriptor 9 is a
# question; what comes back is in NAME.out.  IPv4.
converse () {
    mkfifo "$2.in"
    nsenter --net=/run/netns/"$1" "$abs_top_srcdir/tests/echo-source" \
        ask "$3" "203.0.113.1,$5" "192.0.2.$4" 80 99 \
        < "$2.in" > "$2.out" 2>&1 &
    on_exit "kill -KILL $! 2> /dev/null"
}

# counter NAME
# Prints how many packets a counter of our table has seen.
counter () {
    ns n1 nft list counter inet ovn_egress "$1" \
        | sed -n 's/.*packets \([0-9]*\).*/\1/p'
}

# show_any [FILTER...]
# Prints the packets in any.pcap, of all links of n1, each with its link.
show_any () {
    ns n1 tcpdump -n -t -r any.pcap "$@" 2> /dev/null
}
