# SPDX-License-Identifier: Apache-2.0
#
# What can be done with a lab that is up: for the shell of ovn-egress-lab, for
# scripts and for the tests.  Sourced.
# shellcheck shell=bash disable=SC2154

lab=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
abs_top_srcdir=${abs_top_srcdir:-$(cd "$lab/../.." && pwd)}
OVN_SCHEMAS=${OVN_SCHEMAS:-/usr/share/ovn}
OVS_SCHEMA=${OVS_SCHEMA:-/usr/share/openvswitch/vswitch.ovsschema}
export EGRESS_LOG_LEVEL=${EGRESS_LOG_LEVEL:-info}

if ! declare -F egress_fail > /dev/null; then
    egress_fail () {
        echo "$*" >&2
        exit 1
    }
    egress_skip () {
        egress_fail "$@"
    }
fi
# shellcheck source=/dev/null
. "$abs_top_srcdir/tests/egress-functions.sh"
# shellcheck source=/dev/null
. "$abs_top_srcdir/tests/system-functions.sh"
# shellcheck source=/dev/null
. "$lab/topology.sh"
# shellcheck source=/dev/null
. "$lab/manifests.sh"
# shellcheck source=/dev/null
. "$lab/beside.sh"
# shellcheck source=/dev/null
. "$lab/watch.sh"
# shellcheck source=/dev/null
. "$lab/load.sh"

# lab_environment
# Has OVN's tools talk to the databases of the lab.
lab_environment () {
    OVN_RUNDIR=$LAB_RUN
    OVN_NB_DB=unix:$LAB_RUN/central/ovnnb_db.sock
    OVN_SB_DB=unix:$LAB_RUN/central/ovnsb_db.sock
    OVN_EGRESS_DB=unix:$LAB_RUN/central/ovnegress_db.sock
    export OVN_RUNDIR OVN_NB_DB OVN_SB_DB OVN_EGRESS_DB
}
lab_environment

# nb_add COMMAND...
# Adds to the array nb, the arguments of one ovn-nbctl.
nb_add () {
    nb+=(-- "$@")
}

# lab_reset
# All objects as lab_manifests has them, and no other.
lab_reset () {
    lab_manifests > reset.yaml
    check ovn-egressctl apply -f reset.yaml --apply-set=lab --prune \
        > apply.out
}

# lab_serve
# Starts the responder of all pods, nodes, clients and the outside host: TCP,
# HTTP and UDP, see lab-net.
lab_serve () {
    local spec i where=()
    for spec in "${PODS[@]}"; do
        for i in 1 2 3; do
            where+=("${spec%:*}-$i:$POD_PORT")
        done
    done
    "$lab/lab-net" serve "${NODES[@]/%/:$NODE_PORT}" "${where[@]}" main:80 client1:80 client2:80 \
        > "$LAB_RUN/serve.log" 2>&1 < /dev/null &
    echo $! > "$LAB_RUN/serve.pid"
    wait_until "grep -q ready $LAB_RUN/serve.log"
}

# lab_shell
# Becomes a shell for people.
lab_shell () {
    cat <<'EOT'

The lab is up.  Try:
  ip netns                                      who is there
  ns client1 curl http://192.169.10.0/          a client asks a service
  probe "server1-2 tcp 192.0.2.10 80"           a pod asks the client
  ovn-egressctl get all -A                      what was applied
  ovn-nbctl lr-policy-list ovn_cluster_router   what OVN was told
  ns worker1 ip rule                            what a node does
  ns worker1 tcpdump -n -i any host 192.0.2.10  which way packets take
"exit" ends it.
EOT
    exec bash --init-file "$lab/lab-functions.sh" -i
}

# probe [LINE...]
# Makes connections, all at the same moment; each LINE (or line of standard
# input) is "NAMESPACE PROTOCOL ADDRESS PORT [SIZE [FROM-PORT]]", and becomes a line of
# output, see lab-net.
probe () {
    if test $# -gt 0; then
        printf '%s\n' "$@" | "$lab/lab-net" probe
    else
        "$lab/lab-net" probe
    fi
}

# stream_start NAME SECONDS LINE...
# Asks what the LINEs say every SECONDS, until stream_stop NAME.
stream_start () {
    local name=$1 seconds=$2
    shift 2
    printf '%s\n' "$@" > "$name.in"
    (
        "$lab/lab-net" stream "$seconds" < "$name.in" > "$name.out" 2>&1 &
        echo $! > "$name.pid"
    )
    on_exit "kill_daemon $name"
    wait_until "grep -q running $name.out"
}

# stream_stop NAME
# Ends that and prints what came of it, see lab-net.
stream_stop () {
    kill_daemon "$1" TERM
    wait_until "grep -q ms $1.out"
    sed 1d "$1.out"
}

# --- Daemons and nodes that die ------------------------------------------------------

# daemon_kill NODE NAME
# Kills a daemon of a node (or of "central") at once: ovn-egress-node,
# ovn-egress-agent or ovn-northd.
daemon_kill () {
    local pid
    read -r pid < "$LAB_RUN/$1/$2.pid"
    kill -KILL "$pid"
    while kill -0 "$pid" 2> /dev/null; do
        sleep 0.1
    done
}

# daemon_start NODE NAME
# Starts it again.  It outlives a test, which would wait for whoever has its
# files.
daemon_start () {
    (
        # shellcheck source=/dev/null
        . "$lab/central.sh"
        # shellcheck source=/dev/null
        . "$lab/node.sh"
        node_dirs "$1"
        case $2 in
        ovn-egress-node) node_egress "$1" ;;
        ovn-egress-agent) central_agent ;;
        ovn-northd) EGRESS_NS=$1; start_northd ;;
        esac
    ) 3>&- 4>&- 5>&- 6>&- 7>&- > "$LAB_RUN/$1/start.out" 2>&1 \
        || egress_fail "$2 of $1 did not start again"
}

# node_freeze NAME
# A node loses its power, as far as others can see, until node_thaw.
node_freeze () {
    local link
    for link in eth0 "${NET_LINK[@]}"; do
        echo "link set $1-$link down"
    done | ns_ip fabric
    # shellcheck disable=SC2046
    kill -STOP $(ip netns pids "$1")
}

# node_thaw NAME
node_thaw () {
    local link
    # shellcheck disable=SC2046
    kill -CONT $(ip netns pids "$1")
    for link in eth0 "${NET_LINK[@]}"; do
        echo "link set $1-$link up"
    done | ns_ip fabric
}

# --- BGP -----------------------------------------------------------------

# frr NS COMMAND...
# Has vtysh run commands in a namespace.
frr () {
    local name=$1 command commands=()
    shift
    for command; do
        commands+=(-c "$command")
    done
    vtysh -N "$name" "${commands[@]}"
}

# active_nodes NUMBER
# Prints the nodes that carry service NUMBER now.
active_nodes () {
    ovn-egressctl --bare --columns=node find Node_Service \
        service="test/server$1" state=active | sed '/^$/d' | sort
}

# announcers NUMBER PREFIX
# Prints the nodes that ought to announce an ingress address of service NUMBER
# now.
announcers () {
    if test -e "$LAB_RUN/beside"; then
        active_nodes "$1"
    else
        ovn-egressctl --bare --columns=node find node_peer \
            "announcements:\"$2\"!=none" | sed '/^$/d' | sort
    fi
}

# announced [NUMBER...]
# Waits until the routers send what is for services (default: all) to the
# nodes that ought to announce them.
announced () {
    local k
    test $# -gt 0 || set -- "${SERVICES[@]}"
    for k; do
        test ! -e "$LAB_RUN/beside" || beside_announce "$k"
        wait_until "routes_follow $k"
    done
}

# routes_follow NUMBER
# Succeeds if the router sends what is for service NUMBER there.
routes_follow () {
    local n=${SERVICE_NET[$1]} node hops i
    local node_v4 node_v6 pods_v4 pods_v6
    hops=
    for node in $(announcers "$1" "${INGRESS_V4[$1]}/32"); do
        node_addresses "$node"
        hops+="${NET_V4[n]}.$((130 + i)) "
    done
    echo "expected: $hops"
    test "$(next_hops "router$n" "${INGRESS_V4[$1]}")" = "${hops% }" || return
    hops=
    for node in $(announcers "$1" "${INGRESS_V6[$1]}/128"); do
        node_addresses "$node"
        hops+="${NET_V6[n]}:$((130 + i)) "
    done
    echo "expected: $hops"
    test "$(next_hops "router$n" "${INGRESS_V6[$1]}")" = "${hops% }"
}

# lab_repair
# Makes good what a test may have left that failed.
lab_repair () {
    local node
    for node in "${NODES[@]}"; do
        node_thaw "$node"
        ( . "$lab/node.sh" && node_rules "$node" )
    done
    test ! -e "$LAB_RUN/beside" || beside_stop
}

# next_hops NS PREFIX
# Prints the next hops of a route, sorted, in a line.
next_hops () {
    local family=-4
    case $2 in *:*) family=-6 ;; esac
    ip -n "$1" "$family" route show "$2" | tr -s ' ' '\n' | sed -n '/^via$/{n;p}' \
        | sort | paste -sd ' ' -
}
