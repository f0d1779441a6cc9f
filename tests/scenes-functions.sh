# SPDX-License-Identifier: Apache-2.0
#
# Scenes: something happens in the lab while all kinds of traffic flow, and
# every packet is judged.  What a scene is made of, for the lines of
# tests/scenes-*.at; faults are in tests/scenes-faults.sh.  Sourced by the tests
# that tests/scenes-macros.at describes.
# shellcheck shell=bash disable=SC2154,SC2034,SC2016,SC2317

# At the beginning service 1 is on worker1, and service 2 on worker2.
#
#   scene_host      the node of each service, as it ought to be
#   scene_members   the pods of each service
#   scene_ways      how each pod's connections may have left by now, or later
#   scene_gone      the beginnings of the names of streams that are not answered
#                   any more
#   scene_down      the same, of pods whose node is dead just now
#   scene_uncounted those whose gaps do not count
#   scene_old       "ROUTER ADDRESS" that no router ought to know any more
#   scene_missing   what did not come true in time

# scene TITLE STEPS
# Plays one: STEPS is shell text.
scene () {
    scene_title=$1
    scene_begin
    scene_say "$2"
    eval "$2"
    scene_say "wait for the end"
    scene_end
}

# scene_say TEXT
# What happens now, and when, in seconds since the kernel booted.
scene_say () {
    local uptime
    read -r uptime _ < /proc/uptime
    printf '%8s  %s\n' "$uptime" "$*"
}

scene_begin () {
    local k pod
    scene_host=([1]=worker1 [2]=worker2)
    scene_members=([1]="server1-1 server1-2 server1-3"
                   [2]="server2-1 server2-2 server2-3")
    scene_gone=() scene_down=() scene_uncounted=() scene_old=()
    scene_missing=()
    declare -gA scene_ways=() scene_service=([1]=yes [2]=yes)
    for k in 1 2; do
        for pod in ${scene_members[k]}; do
            scene_ways[$pod]=ingress:$k
        done
    done
    scene_say "everything may take $EGRESS_TIMEOUT s"
    stat -c '%s %n' "$LAB_RUN"/*/*.log > logs.before
    e2e_heartbeats
    scene_manifests > reset.yaml
    check ovn-egressctl apply -f reset.yaml --apply-set=lab --prune > apply.out
    scene_settled || egress_fail "the lab is not as it ought to be"
    scene_say "settled"
    watch_start ingress
    scene_more_lines > more.in
    mapfile -t scene_more < more.in
    load_start "${scene_more[@]}"
    load_round new
    scene_say "answered"
    load_reset
    load_seconds 2
}

# Streams that a scene needs besides.
scene_more_lines () {
    :
}

# All objects, each service on its node.
scene_manifests () {
    local k
    manifest_nodes
    manifest_policy
    for k in "${SERVICES[@]}"; do
        manifest_service "$k"
        manifest_endpoints "$k"
        manifest_pool "$k"
        scene_egress "$k"
    done
}

# scene_egress NUMBER
# The EgressService of a service, for its node; "" means any.
scene_egress () {
    if test -n "${scene_host[$1]}"; then
        manifest_egress "$1" \
            "matchLabels: {kubernetes.io/hostname: ${scene_host[$1]}}"
    else
        manifest_egress "$1"
    fi
}

# scene_end
# What has happened is over: everything works, and the judge speaks.
scene_end () {
    scene_expect "settled" scene_settled
    scene_expect "answered at the end" load_round "${scene_gone[@]}"
    scene_say "judge"
    load_stop "${scene_gone[@]}" "${scene_uncounted[@]}" new
    watch_stop
    load_forget
    wrong_packets > wrong
    cat load.report
    head -n 200 wrong
    grep '^judged' judge.out
    scene_line | tee scene.line
    if test -n "${RESULTS-}"; then
        cat scene.line >> "$RESULTS/table"
    fi
    scene_well || scene_keep
}

# Keeps what the daemons have logged since the scene began, and the databases,
# whose histories "ovsdb-tool show-log -mmm" prints.
scene_keep () {
    local size name
    cp "$LAB_RUN"/central/*.db .
    while read -r size name; do
        tail -c "+$((size + 1))" "$name" \
            > "$(basename "$(dirname "$name")")-${name##*/}"
    done < logs.before
}

# scene_well
# Succeeds if nothing was wrong, and everything came true.
scene_well () {
    test ${#scene_missing[@]} -eq 0 && test ! -s wrong
}

# Prints the line of the table.
scene_line () {
    awk -v title="$scene_title" -v missing=${#scene_missing[@]} '
        $1 == "rule" && $2 == "bounced" { bounced = $3; next }
        $1 == "rule" && $2 == "hops" { hops = $3; next }
        $1 == "rule" { wrong += $3 }
        $1 == "class" { gap[$2] = $3 }
        END {
            printf "%-52s | %5d | %5d | %4d | %4d | %6s | %6s | %6s | %6s\n",
                   title, wrong, bounced, hops, missing, gap["in-v4"],
                   gap["in-v6"], gap["out-v4"], gap["out-v6"]
        }' judge.out load.report
}

# scene_expect WHAT COMMAND...
# Notes WHAT if COMMAND does not succeed, or fails the test.
scene_expect () {
    local what=$1
    shift
    if ! (
        egress_fail () {
            echo "$*" >&2
            exit 1
        }
        trap - EXIT
        "$@"
    ); then
        echo "not in time: $what"
        tail -n 1 load.out
        scene_missing+=("$what")
    fi
}

# scene_settled
# Waits until everything is as it ought to be, and nobody has anything to do.
scene_settled () {
    local k old
    for old in "${scene_old[@]}"; do
        wait_until "test -z \"\$(next_hops $old)\""
    done
    for k in "${SERVICES[@]}"; do
        test "${scene_service[$k]}" = yes || continue
        check ovn-egressctl wait egressservice "server$k" -n test \
            --for=Ready --timeout="${EGRESS_TIMEOUT}s" > /dev/null
        test -z "${scene_host[k]}" \
            || wait_until "test \"\$(active_nodes $k)\" = ${scene_host[k]}"
        wait_until "routes_follow $k"
    done
    wait_until 'test -z "$(ovn-egressctl --bare --columns=service find \
                           Node_Service state!=active state!=standby)"'
    wait_until e2e_settled
}

# scene_round
# Waits until all that can be answered is.
scene_round () {
    scene_expect "${1:-answered in between}" load_round new "${scene_gone[@]}" \
        "${scene_down[@]}"
}

# node_dies N
# Node workerN loses its power, with its pods, until node_back N.
node_dies () {
    local k
    scene_down=("plain/$1" east)
    for k in "${SERVICES[@]}"; do
        scene_down+=("out-v4/server$k-$1" "out-v6/server$k-$1"
                     "outkeep/server$k-$1" "outudp/server$k-$1")
    done
    scene_uncounted+=("${scene_down[@]}")
    node_freeze "worker$1"
}

node_back () {
    node_thaw "worker$1"
    scene_down=()
}

# scene_way POD WAY
# From now on a pod's connections may leave that way, too.
scene_way () {
    scene_ways[$1]+=" $2"
    legit may "$1" "${scene_ways[$1]}"
}

# scene_silent NUMBER
# From now on a service has no answer to those who ask it.
scene_silent () {
    scene_gone+=("in-v4/$1" "in-v6/$1" "inkeep/$1" "inudp/$1")
    scene_old+=("router${SERVICE_NET[$1]} ${INGRESS_V4[$1]}"
                "router${SERVICE_NET[$1]} ${INGRESS_V6[$1]}")
}

# --- What can happen -----------------------------------------------------

# move NUMBER NODE
# Its selector moves a service; "" lets it be anywhere.
move () {
    scene_host[$1]=$2
    scene_egress "$1" | e2e_apply
}

# leave POD
# A pod leaves its service.
leave () {
    local k
    scene_way "$1" node
    for k in "${SERVICES[@]}"; do
        case " ${scene_members[k]} " in
        *" $1 "*)
            scene_members[k]=${scene_members[k]//$1/}
            scene_endpoints "$k" | e2e_apply ;;
        esac
    done
}

# join POD
# A pod is in its service again.
join () {
    local k=${1%-*}
    k=${k#server}
    scene_members[k]+=" $1"
    scene_endpoints "$k" | e2e_apply
}

# swap N
# Pods server1-N and server2-N change their services, at once.
swap () {
    scene_way "server1-$1" ingress:2
    scene_way "server2-$1" ingress:1
    scene_members[1]=${scene_members[1]//server1-$1/server2-$1}
    scene_members[2]=${scene_members[2]//server2-$1/server1-$1}
    { scene_endpoints 1; scene_endpoints 2; } | e2e_apply
}

# swap_back N
swap_back () {
    scene_members[1]=${scene_members[1]//server2-$1/server1-$1}
    scene_members[2]=${scene_members[2]//server1-$1/server2-$1}
    { scene_endpoints 1; scene_endpoints 2; } | e2e_apply
}

# scene_endpoints NUMBER
# The EndpointSlices of a service.
scene_endpoints () {
    local family pod i j node_v4 node_v6 pods_v4 pods_v6 pod_v4 pod_v6
    for family in 4 6; do
        manifest_endpoints "$1" "${NODES[0]}" \
            | sed -n "/server$1-ipv$family/,/^endpoints/p" \
            | sed "1i---\\
apiVersion: discovery.k8s.io/v1\\
kind: EndpointSlice\\
metadata:"
        for pod in ${scene_members[$1]}; do
            pod_addresses "$pod"
            test $family = 4 || pod_v4=$pod_v6
            echo "- addresses: [\"$pod_v4\"]"
            echo "  nodeName: ${NODES[i]}"
            echo "  conditions: {ready: true}"
        done
    done
}

# unserve NUMBER
# From now on nobody serves the pods of a service.
unserve () {
    local pod
    scene_service[$1]=no
    scene_silent "$1"
    for pod in ${scene_members[$1]}; do
        scene_way "$pod" node
    done
}

# delete_egress NUMBER
delete_egress () {
    unserve "$1"
    check ovn-egressctl delete egressservice -n test "server$1" > /dev/null
}

# without_egress NUMBER
# A service has no EgressService, and all is settled.
without_egress () {
    delete_egress "$1"
    scene_expect "settled without EgressService" scene_settled
}

# make_egress NUMBER
# Such a service gets one.
make_egress () {
    scene_service[$1]=yes
    scene_gone=() scene_old=()
    scene_egress "$1" | e2e_apply
}

# delete_service NUMBER
delete_service () {
    unserve "$1"
    check ovn-egressctl delete service -n test "server$1" > /dev/null
}

# The addresses that change_address gives, as streams "newin-...".
new_address_lines () {
    load_in "$1" "client${SERVICE_NET[$1]}" "192.169.1$1.0" v4 new
    load_in "$1" "client${SERVICE_NET[$1]}" "fd00:169:1$1::1" v6 new
}

# change_address NUMBER
# A service gets other ingress addresses.
change_address () {
    scene_silent "$1"
    INGRESS_V4[$1]=192.169.1$1.0
    INGRESS_V6[$1]=fd00:169:1$1::1
    legit ingress "$1" "${INGRESS_V4[$1]}" "${INGRESS_V6[$1]}"
    manifest_pool "$1" | e2e_apply
}

# by_network NUMBER
# The sources of a service are the addresses of nodes, and all announce it.
by_network () {
    local pod
    scene_host[$1]=
    for pod in ${scene_members[$1]}; do
        scene_way "$pod" "network:${NET_LINK[SERVICE_NET[$1]]}"
    done
    legit hosts "$1" many
    { manifest_egress "$1" '' "${NET_TABLE[SERVICE_NET[$1]]}" Network
      manifest_pool "$1" ''; } | e2e_apply
    wait_until "ovn-egressctl get es -n test server$1 | grep -w ALL"
}

# by_address NUMBER NODE
# And back: on a node.
by_address () {
    scene_host[$1]=$2
    { scene_egress "$1"; manifest_pool "$1"; } | e2e_apply
}

# The clients of the other network ask, too, as streams "newin-...".
new_network_lines () {
    local n=$((3 - SERVICE_NET[$1]))
    load_in "$1" "client$n" "${INGRESS_V4[$1]}" v4 new
    load_in "$1" "client$n" "${INGRESS_V6[$1]}" v6 new
}

# change_network NUMBER
# A service is to be in the other network.
change_network () {
    scene_silent "$1"
    SERVICE_NET[$1]=$((3 - SERVICE_NET[$1]))
    legit ways "$1" ens4 ens5
    { scene_egress "$1"; manifest_pool "$1"; } | e2e_apply
}
