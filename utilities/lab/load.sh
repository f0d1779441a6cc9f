# SPDX-License-Identifier: Apache-2.0
#
# Traffic of all kinds for the whole time of a scene ("lab-net load"): which
# streams there are, and waiting for their answers.  Sourced by
# lab-functions.sh.
# shellcheck shell=bash disable=SC2154,SC2034,SC2016,SC2317

# How many new connections each served pod, and each client for each service,
# makes in a second and family.  What qemu emulates bears two or three.
LOAD_RATE=${LOAD_RATE:-2}

# In ticks, of which there are LOAD_RATE a second: how often one that is kept
# is used, ten times a second, and how often the others make connections, twice.
load_often=$((LOAD_RATE > 10 ? LOAD_RATE / 10 : 1))
load_seldom=$((LOAD_RATE > 2 ? LOAD_RATE / 2 : 1))

# Prints the streams.  Classes: in-v4, in-v6, out-v4, out-v6 (new connections),
# and the others, which are kept or not so many.
load_lines () {
    local k n
    for k in "${SERVICES[@]}"; do
        n=${SERVICE_NET[k]}
        load_in "$k" "client$n" "${INGRESS_V4[k]}" v4
        load_in "$k" "client$n" "${INGRESS_V6[k]}" v6
        for n in 1 2 3; do
            load_out "server$k-$n" "$CLIENT_V4" v4
            load_out "server$k-$n" "$CLIENT_V6" v6
        done
    done
    for n in 1 2 3; do
        echo "plain/$n-v4 new plain-$n tcp $OUTSIDE_V4 80 $load_seldom"
        echo "plain/$n-v6 new plain-$n tcp $OUTSIDE_V6 80 $load_seldom"
        echo "plain/$n-udp new plain-$n udp $OUTSIDE_V4 80 $load_seldom"
        echo "plain/$n-keep keep plain-$n tcp $OUTSIDE_V6 80 $load_often"
    done
    load_east server1-1 server2-2
    load_east server2-3 plain-1
    load_east plain-2 server1-3
    load_node server1-1 worker2
    load_node server2-2 worker3
    load_node server1-3 worker1
}

# load_in NUMBER CLIENT ADDRESS FAMILY [NEW]
# Of a client to a service; NEW are addresses that it does not have yet.
load_in () {
    local to="$3 $SERVICE_PORT"
    echo "${5-}in-$4/$1 new $2 tcp $to 1"
    echo "${5-}inkeep/$1-$4-a keep $2 tcp $to $load_often"
    echo "${5-}inkeep/$1-$4-b keep $2 tcp $to $load_often"
    echo "${5-}inudp/$1-$4-keep keep $2 udp $to $load_often"
    echo "${5-}inudp/$1-$4-new new $2 udp $to $load_seldom"
}

# load_out POD ADDRESS FAMILY
load_out () {
    echo "out-$3/$1 new $1 tcp $2 80 1"
    echo "outkeep/$1-$3 keep $1 tcp $2 80 $load_often"
    echo "outudp/$1-$3-keep keep $1 udp $2 80 $load_often"
    echo "outudp/$1-$3-new new $1 udp $2 80 $load_seldom"
}

# load_east POD POD
load_east () {
    local i j pods_v4 pods_v6 pod_v4 pod_v6 node_v4 node_v6
    pod_addresses "$2"
    echo "east/$1-v4 new $1 tcp $pod_v4 $POD_PORT $load_seldom"
    echo "east/$1-v6 keep $1 tcp $pod_v6 $POD_PORT $load_often"
}

# load_node POD NODE
load_node () {
    local i pods_v4 pods_v6 node_v4 node_v6
    node_addresses "$2"
    echo "east/$1-node-v4 new $1 tcp $node_v4 $NODE_PORT $load_seldom"
    echo "east/$1-node-v6 new $1 tcp $node_v6 $NODE_PORT $load_seldom"
}

# load_start [LINE...]
# Starts the load, with these streams besides, until load_stop.
load_start () {
    { load_lines; test $# -eq 0 || printf '%s\n' "$@"; } > load.in
    rm -f load.ctl
    mkfifo load.ctl
    (
        "$lab/lab-net" load load.in load.ctl \
            "$(awk "BEGIN { print 1 / $LOAD_RATE }")" > load.out 2>&1 &
        echo $! > load.pid
    )
    on_exit "kill_daemon load"
    wait_until "grep -q running load.out"
}

# load_say COMMAND LABEL...
# Tells the load something and waits until it says that it is so.
load_say () {
    local label=${EPOCHREALTIME/./}
    echo "$1 $label ${*:2}" > load.ctl
    wait_until "grep -qx '$1 $label' load.out"
}

# load_round [EXCEPT...]
# Waits until all streams, but for those whose names begin so, have had a new
# answer.
load_round () {
    load_say round "$@"
}

# load_seconds N
# Waits for as many ticks as there are in N seconds, or longer where the
# machine is slow.
load_seconds () {
    load_say ticks "$(($1 * LOAD_RATE))"
}

# load_reset
# Forgets the gaps so far.
load_reset () {
    echo reset > load.ctl
}

# load_stop [EXCEPT...]
# Ends the load; its report is in load.report.  Those whose names begin so are
# not in the lines of classes.
load_stop () {
    echo "stop $*" > load.ctl
    wait_until "grep -q '^end' load.out"
    sed -n '/^report/,/^end/p' load.out > load.report
}

# load_forget
# Closes all connections of pods and clients, and forgets them in all nodes, so
# that nothing of this load is seen with the next one.
load_forget () {
    local name n pods
    all_pods
    for n in "${NETWORKS[@]}"; do
        pods+=("client$n")
    done
    for name in "${pods[@]}" main; do
        ns "$name" ss -K -a -t -H state connected exclude time-wait \
            > /dev/null 2>&1
    done
    for name in "${NODES[@]}"; do
        ns "$name" conntrack -F > /dev/null 2>&1
    done
}
