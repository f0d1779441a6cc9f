# SPDX-License-Identifier: Apache-2.0
#
# Shell functions for tests/system-frr.at: FRR on the node n1 and on routers
# in other namespaces, and rows of Node_Peer without an agent.  Beside those of
# tests/egress-functions.sh, tests/system-functions.sh and
# tests/node-functions.sh.
# shellcheck shell=sh disable=SC2154

FRR_DAEMONS=/usr/lib/frr

# frr_daemon NAMESPACE DAEMON [OPTION...]
# Starts one of FRR's daemons, with NAMESPACE.DAEMON.conf as its configuration.
frr_daemon () {
    _file=$1-$2 _conf=$1.$2.conf
    test -e "$_conf" || echo "hostname $1" > "$_conf"
    _ns=$1 _daemon=$2
    shift 2
    ns "$_ns" "$FRR_DAEMONS/$_daemon" -d -N "$_ns" -u root -g root \
        -f "$PWD/$_conf" -i "$PWD/$_file.pid" --log "file:$PWD/$_file.out" \
        "$@" 2> "$_file.stderr" \
        || { cat "$_file.stderr" >&2; egress_fail "$_file did not start"; }
    on_exit "kill_daemon $_file"
}

# frr_start NAMESPACE "DAEMON [OPTION...]"...
# Starts FRR in a namespace; bgpd's configuration is standard input.
frr_start () {
    require vtysh "$FRR_DAEMONS/zebra"
    mkdir -p "/run/frr/$1" "/etc/frr/$1"
    chmod 755 /etc/frr
    : > "/etc/frr/$1/vtysh.conf"
    grep -q '^frrvty:.*root' /etc/group \
        || sed -i '/^frrvty:/s/$/,root/' /etc/group
    { echo "hostname $1"; cat; } > "$1.bgpd.conf"
    _frr=$1
    shift
    # mgmtd is new in FRR 9, and the others need it there.
    test ! -x "$FRR_DAEMONS/mgmtd" || frr_daemon "$_frr" mgmtd
    frr_daemon "$_frr" zebra
    for _d; do
        # shellcheck disable=SC2086
        frr_daemon "$_frr" $_d
    done
}

# frr_kill NAMESPACE DAEMON
# Kills one of FRR's daemons, and waits for its end.
frr_kill () {
    _pid=$(cat "$1-$2.pid")
    kill_daemon "$1-$2"
    wait_until "! kill -0 $_pid"
}

# frr NAMESPACE COMMAND...
# Runs commands of bgpd in vtysh.
frr () {
    _frr=$1
    shift
    for _c; do
        set -- "$@" -c "$_c"
        shift
    done
    ns "$_frr" vtysh -N "$_frr" -d bgpd "$@"
}

# routes ROUTER
# Prints what bgpd of ROUTER was told, a line for each path: the prefix, the
# next hop, the AS path, and what else was said of it.
routes () {
    frr "$1" 'show bgp ipv4 unicast json detail' \
             'show bgp ipv6 unicast json detail' > "routes-$1.json"
    "$PYTHON3" "$abs_top_srcdir/tests/frr-routes" "routes-$1.json"
}

# wait_routes ROUTER LINE...
# Waits until "routes ROUTER" prints the LINEs.
wait_routes () {
    _router=$1
    shift
    if test $# -gt 0; then
        printf '%s\n' "$@" | sort > "want-$_router"
    else
        : > "want-$_router"
    fi
    wait_until "routes $_router > have-$_router \
                && diff want-$_router have-$_router"
}

# network_vrf NUMBER TABLE
# Gives the node a VRF ensNUMBERvrf over ensNUMBER, to the router rNUMBER.
# All networks have the same addresses.
network_vrf () {
    add_namespaces "r$1"
    add_veth n1 "ens$1" "r$1" eth0
    ns_ip n1 <<EOT
link add ens$1vrf type vrf table $2
link set ens$1vrf up
link set ens$1 master ens$1vrf
addr add 192.168.130.130/24 dev ens$1
addr add 2001:db8:130::130/64 dev ens$1 nodad
route add default via 192.168.130.1 dev ens$1 table $2
EOT
    ns_ip "r$1" <<EOT
addr add 192.168.130.1/24 dev eth0
addr add 2001:db8:130::1/64 dev eth0 nodad
EOT
}

# network_main
# Connects the node's main table to the router r6.
network_main () {
    add_namespaces r6
    add_veth n1 ens6 r6 eth0
    ns_ip n1 <<'EOT'
addr add 192.168.6.130/24 dev ens6
addr add 2001:db8:6::130/64 dev ens6 nodad
EOT
    ns_ip r6 <<'EOT'
addr add 192.168.6.1/24 dev eth0
addr add 2001:db8:6::1/64 dev eth0 nodad
EOT
}

# router NAME ASN
# Starts FRR on a router that talks to whoever is in AS 100; what else its
# "router bgp" has is standard input.
router () {
    {
        cat <<EOT
router bgp $2
 bgp router-id 10.0.0.${1#r}
 no bgp ebgp-requires-policy
 no bgp default ipv4-unicast
 neighbor nodes peer-group
 neighbor nodes remote-as 100
 neighbor nodes timers connect 1
 bgp listen range 192.168.0.0/16 peer-group nodes
 bgp listen range 2001:db8::/32 peer-group nodes
EOT
        cat
        cat <<'EOT'
 address-family ipv4 unicast
  neighbor nodes activate
 exit-address-family
 address-family ipv6 unicast
  neighbor nodes activate
  neighbor nodes route-map global in
 exit-address-family
exit
route-map global permit 1
 set ipv6 next-hop prefer-global
exit
EOT
    } > "$1.conf"
    frr_start "$1" bgpd bfdd < "$1.conf"
}

# announcements TEXT
# Prints, in JSON, what "PREFIX [ATTRIBUTE...], PREFIX ..." says.
announcements () {
    printf '["map",['
    echo "$1" | tr '\n' ' ' | sed 's/ *, */\n/g' \
        | sed 's/^ *//; s/ *$//; /^$/d; s/^\([^ ]*\) *\(.*\)/["\1","\2"]/' | paste -sd , - \
        | tr -d '\n'
    printf ']]'
}

# peer NAME REVISION SPEC [ANNOUNCEMENTS [COLUMNS]]
# Gives the node n1, or $NODE, a BGPPeer metallb/NAME with this spec, which
# announces what ANNOUNCEMENTS says, and other COLUMNS of its row.
peer () {
    _manifest=$(printf '{"apiVersion":"metallb.io/v1beta2","kind":"BGPPeer",
        "metadata":{"namespace":"metallb","name":"%s"},"spec":{%s}}' \
        "$1" "$3" | json_quote)
    transact '{"op":"delete","table":"Node_Peer",
               "where":[["peer","==","metallb/'"$1"'"]]}' \
             '{"op":"insert","table":"Node_Peer","row":{"node":"'"${NODE-n1}"'",
               "peer":"metallb/'"$1"'","revision":"'"$2"'",
               "announcements":'"$(announcements "${4-}")"',
               "manifest":'"$_manifest"'
               '"${5:+,$5}"'}}'
}

# bfd NAME SPEC
# Prints, as COLUMNS of a peer, a BFDProfile metallb/NAME with this spec.
bfd () {
    _manifest=$(printf '{"apiVersion":"metallb.io/v1beta1",
        "kind":"BFDProfile","metadata":{"namespace":"metallb","name":"%s"},
        "spec":{%s}}' "$1" "$2" | json_quote)
    printf '"bfd_name":"%s","bfd":%s' "$1" "$_manifest"
}

# announce NAME REVISION [ANNOUNCEMENTS]
# Changes what a peer announces.
announce () {
    transact '{"op":"update","table":"Node_Peer",
               "where":[["peer","==","metallb/'"$1"'"]],
               "row":{"revision":"'"$2"'",
                      "announcements":'"$(announcements "${3-}")"'}}'
}

# forget_answers
# Takes back what the node answered for its peers.
forget_answers () {
    transact '{"op":"update","table":"Node_Peer","where":[],
               "row":{"acked":"","session":"","advertised":["set",[]]}}'
}

# dropped ROUTER
# Prints how often a session of ROUTER went down.
dropped () {
    frr "$1" 'show bgp summary json' | grep -o '"connectionsDropped":[0-9]*'
}

# serve REVISION STATE [OPERATION...]
# Gives the node the service test/server1, whose ingress address 192.169.10.1
# is, in one transaction with OPERATIONs.
serve () {
    _revision=$1 _state=$2
    shift 2
    transact '{"op":"delete","table":"Node_Service",
               "where":[["service","==","test/server1"]]}' \
             '{"op":"insert","table":"Node_Service","row":{"node":"n1",
               "role":"host","service":"test/server1",
               "revision":"'"$_revision"'","state":"'"$_state"'",
               "source_ips":["set",["192.169.10.1"]],
               "ingress_ips":["set",["192.169.10.1"]],
               "endpoints":["set",["10.132.0.5"]]}}' "$@"
}

# announcing NAME REVISION [ANNOUNCEMENTS]
# Prints the operation by which the peer NAME gets this to announce.
announcing () {
    printf '%s' '{"op":"update","table":"Node_Peer",
                  "where":[["peer","==","metallb/'"$1"'"]],
                  "row":{"revision":"'"$2"'",
                         "announcements":'"$(announcements "${3-}")"'}}'
}

# withdraw REVISION
# Prints the operation by which the peer red gets nothing to announce.
withdraw () {
    echo '{"op":"update","table":"Node_Peer",
           "where":[["peer","==","metallb/red"]],
           "row":{"revision":"'"$1"'","announcements":["map",[]]}}'
}

# no_peer NAME
no_peer () {
    transact '{"op":"delete","table":"Node_Peer",
               "where":[["peer","==","metallb/'"$1"'"]]}'
}

# wait_peer NAME REVISION [SESSION [PREFIX...]]
# Waits until the node has loaded a peer, and says this of its session.
wait_peer () {
    wait_column "$2" egress:Node_Peer acked "peer=metallb/$1"
    check_column '' egress:Node_Peer error "peer=metallb/$1"
    if test $# -gt 2; then
        _peer=$1
        wait_column "$3" egress:Node_Peer session "peer=metallb/$_peer"
        shift 3
        wait_column "$*" egress:Node_Peer advertised "peer=metallb/$_peer"
    fi
}

# writes
# Prints how often the helper wrote to FRR.
writes () {
    daemon_ctl ovn-egress-node coverage/read-counter frr_write
}

# start_frr_helper [NODE]
# Starts the helper of n1, or of another node under that name, which finds its
# FRR.
start_frr_helper () {
    if test $# -eq 0; then
        start_helper --frr-namespace=n1
    else
        start_in "$1" "$1" ovn-egress-node --node="$1" --frr-namespace="$1"
    fi
}

# routed FILE FAMILY ADDRESS
# Succeeds if the last word of FILE, of "ip monitor route", on 5.5.5.5 or
# 2001:db8:5::5, is that it goes by ADDRESS.
routed () {
    case $2 in
    ipv4) _to=5.5.5.5 ;;
    *) _to=2001:db8:5::5 ;;
    esac
    grep "$_to " "$1" | tail -n 1 | grep -v Deleted | grep "via $3 "
}

# ms FILE LINES FAMILY ADDRESS START
# Waits for what "routed" looks for among the lines of FILE after the first
# LINES, and prints how many ms after START that was.
ms () {
    wait_until "tail -n +$(($2 + 1)) $1 > new-routes; routed new-routes $3 $4"
    _at=$(routed new-routes "$3" "$4" | tr -d '[]' | cut -d ' ' -f 1)
    echo $(($(date -d "$_at" +%s%3N) - $5))
}

# move_nodes AS
# Two nodes n1 and n2, with FRR and a helper each, which have sessions of both
# families with a router r4 in AS; routes.log has all that becomes of its
# routes.
move_nodes () {
    add_namespaces n1 n2 r4
    for i in 1 2; do
        add_veth n$i ens$i r4 eth$i
        ns_ip n$i <<EOT
addr add 192.168.$i.130/24 dev ens$i
addr add 2001:db8:1$i::130/64 dev ens$i nodad
EOT
        ns_ip r4 <<EOT
addr add 192.168.$i.1/24 dev eth$i
addr add 2001:db8:1$i::1/64 dev eth$i nodad
EOT
        frr_start n$i bgpd < /dev/null
    done
    router r4 "$1" < /dev/null
    start_work
    transact '{"op":"insert","table":"Node","row":{"name":"n2"}}'
    for i in 1 2; do
        start_frr_helper n$i
        NODE=n$i
        peer v4-$i r1 "\"myASN\":100,\"peerASN\":$1,\"peerAddress\":\"192.168.$i.1\""
        peer v6-$i r1 "\"myASN\":100,\"peerASN\":$1,\"peerAddress\":\"2001:db8:1$i::1\""
    done
    for i in v4-1 v4-2 v6-1 v6-2; do
        wait_peer $i r1 Established
    done
    ns r4 ip -ts monitor route >> routes.log &
    on_exit "kill $!"
}

# connect ADDRESS...
# Prints what lets bgpd of a leaf or a spine talk to the neighbors at these
# addresses.
connect () {
    for _a; do
        case $_a in
        *:*) _f=ipv6 _in="neighbor $_a route-map global in" ;;
        *) _f=ipv4 _in= ;;
        esac
        cat <<EOT
 neighbor $_a remote-as external
 neighbor $_a timers connect 1
 address-family $_f unicast
  neighbor $_a activate
  $_in
 exit-address-family
EOT
    done
}

# fabric
# A fabric in place of the one router of move_nodes: n1 and n2 have leaves r1
# and r2 of different ASes, and these have the spine r3, which takes any two
# paths of equal length for as good.  Beside routes.log, of the spine, there is
# leaf-1.log and leaf-2.log.
fabric () {
    add_namespaces n1 n2 r1 r2 r3
    for i in 1 2; do
        add_veth n$i ens$i r$i eth0
        add_veth r$i eth3 r3 eth$i
        ns_ip n$i <<EOT
addr add 192.168.$i.130/24 dev ens$i
addr add 2001:db8:1$i::130/64 dev ens$i nodad
EOT
        ns_ip r$i <<EOT
addr add 192.168.$i.1/24 dev eth0
addr add 2001:db8:1$i::1/64 dev eth0 nodad
addr add 10.3.$i.1/24 dev eth3
addr add fd03:$i::1/64 dev eth3 nodad
EOT
        ns_ip r3 <<EOT
addr add 10.3.$i.3/24 dev eth$i
addr add fd03:$i::3/64 dev eth$i nodad
EOT
        frr_start n$i bgpd < /dev/null
        connect 10.3.$i.3 fd03:$i::3 | router r$i 20$i
    done
    {
        echo ' bgp bestpath as-path multipath-relax'
        connect 10.3.1.1 10.3.2.1 fd03:1::1 fd03:2::1
    } | router r3 300
    start_work
    transact '{"op":"insert","table":"Node","row":{"name":"n2"}}'
    for i in 1 2; do
        start_frr_helper n$i
        NODE=n$i
        _spec="\"myASN\":100,\"peerASN\":20$i,\"peerAddress\""
        peer v4-$i r1 "$_spec:\"192.168.$i.1\""
        peer v6-$i r1 "$_spec:\"2001:db8:1$i::1\""
    done
    for i in v4-1 v4-2 v6-1 v6-2; do
        wait_peer $i r1 Established
    done
    for i in 10.3.1.1 10.3.2.1 fd03:1::1 fd03:2::1; do
        wait_until "frr r3 'show bgp neighbors $i' \
                    | grep 'BGP state = Established'"
    done
    ns r3 ip -ts monitor route >> routes.log &
    on_exit "kill $!"
    for i in 1 2; do
        ns r$i ip -ts monitor route >> leaf-$i.log &
        on_exit "kill $!"
    done
}

# leaf_moved NODE
# Waits until the leaf of the other node sends over the spine, and so to the
# leaf of node NUMBER.
leaf_moved () {
    _other=$((3 - $1))
    wait_until "routed leaf-$_other.log ipv4 10.3.$_other.3 \
                && routed leaf-$_other.log ipv6 fd03:$_other::3"
}

# announce_epoch NODE EPOCH [PREPENDS]
# Has the node NUMBER announce both prefixes, as the EPOCHth host.
announce_epoch () {
    _med="med=$((4294967295 - $2))${3:+ prepend=$3}"
    _v4=$(announcements "5.5.5.5/32 $_med")
    _v6=$(announcements "2001:db8:5::5/128 $_med")
    transact '{"op":"update","table":"Node_Peer",
               "where":[["peer","==","metallb/v4-'$1'"]],
               "row":{"revision":"e'$2${3-}'","announcements":'"$_v4"'}}' \
             '{"op":"update","table":"Node_Peer",
               "where":[["peer","==","metallb/v6-'$1'"]],
               "row":{"revision":"e'$2${3-}'","announcements":'"$_v6"'}}'
}

# wait_epoch NODE EPOCH [PREPENDS]
# Waits until that is acknowledged.
wait_epoch () {
    wait_peer "v4-$1" "e$2${3-}" Established 5.5.5.5/32
    wait_peer "v6-$1" "e$2${3-}" Established 2001:db8:5::5/128
}

# moved NODE EPOCH [PREPENDS]
# The same as announce_epoch, and waits until the kernel of the router, or of
# the spine, sends to that node or its leaf, by both families; adds to moves.ms
# how long that took.
moved () {
    if test -e leaf-1.log; then
        _hops="ipv4,10.3.$1.1 ipv6,fd03:$1::1"
    else
        _hops="ipv4,192.168.$1.130 ipv6,2001:db8:1$1::130"
    fi
    _lines=$(wc -l < routes.log)
    _start=$(date +%s%3N)
    announce_epoch "$@"
    for _f in $_hops; do
        _ms=$(ms routes.log "$_lines" "${_f%,*}" "${_f#*,}" "$_start")
        echo "$2 ${_f%,*} $_ms" >> moves.ms
    done
}

# no_epoch NODE REVISION
# Has the node NUMBER announce nothing.
no_epoch () {
    announce "v4-$1" "$2"
    announce "v6-$1" "$2"
}

# running NAMESPACE
# Prints the configuration of bgpd.
running () {
    frr "$1" 'show running-config'
}
