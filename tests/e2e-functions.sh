# SPDX-License-Identifier: Apache-2.0
#
# Shell functions for the tests of the whole system, beside those of the lab
# (utilities/lab/lab-functions.sh).  Sourced by the tests that
# tests/e2e-macros.at describes.
# shellcheck shell=bash disable=SC2154

# e2e_apply
# Applies the manifests on standard input.
e2e_apply () {
    cat > applied.yaml
    check ovn-egressctl apply -f applied.yaml > /dev/null
}

# site_labels [KEY]
# Node NAME gets the label "site: NAME", or "KEY: NAME".
site_labels () {
    for _name in worker1 worker2 worker3; do
        manifest_node "$_name" "vrf: \"true\", ${1:-site}: $_name"
    done | e2e_apply
}

# e2e_heartbeats
# A helper that gets no time is not dead: on a slow machine, which may stop one
# for seconds, it takes longer to take it for dead.
e2e_heartbeats () {
    check ovn-egressctl set Egress_Global . \
        "options:heartbeat-interval=$((2000 * EGRESS_TIMEOUT / 60))"
}

# e2e_ready [NUMBER...]
# Waits until services (default: all) are ready, and the routers know the way
# to all services.
e2e_ready () {
    test $# -gt 0 || set -- "${SERVICES[@]}"
    for _k; do
        check ovn-egressctl wait egressservice "server$_k" -n test \
            --for=Ready --timeout="${EGRESS_TIMEOUT}s" > /dev/null
    done
    announced
}

# e2e_settled
# Succeeds if a plan made anew changes nothing, in the databases or in the
# kernel of any node.
e2e_settled () {
    daemon_ctl central/ovn-egress-agent plan/diff > plan-diff
    for _node in "${NODES[@]}"; do
        daemon_ctl "$_node/ovn-egress-node" node/diff >> plan-diff
    done
    ! test -s plan-diff
}

# expect_answers EXPECTED
# Makes the connections whose lines are in the file "probes", and compares the
# answers with those in the file EXPECTED, in any order.
expect_answers () {
    probe < probes > answers || :
    sort answers > answers.sorted
    sort "$1" | diff -u - answers.sorted \
        || egress_fail "these are not the expected answers"
}

# check_egress NAME WHO SOURCE
# Has all pods NAME-1, NAME-2, ... (or NAME, if that has a number) talk to the
# clients' addresses, or if WHO is "main" to the outside host of the main
# network, in all protocols, with small and large packets.  WHO must see them
# come from
#   ingress   the ingress addresses of the pod's service
#   network   the addresses of the pod's node in the network of its service
#   node      the addresses of the pod's node in the main network
# If WHO is "nobody", there must be no answer.
check_egress () {
    : > probes
    : > expected
    case $1 in
    *-*) _pods=$1 ;;
    *) _pods="$1-1 $1-2 $1-3" ;;
    esac
    _v4=$CLIENT_V4 _v6=$CLIENT_V6
    test "$2" != main || _v4=$OUTSIDE_V4 _v6=$OUTSIDE_V6
    for _pod in $_pods; do
        pod_addresses "$_pod"
        _k=${_pod%-*} _k=${_k#server}
        case ${3-} in
        ingress) _source4=${INGRESS_V4[_k]} _source6=${INGRESS_V6[_k]} ;;
        network) _source4=${NET_V4[SERVICE_NET[_k]]}.$((130 + i))
                 _source6=${NET_V6[SERVICE_NET[_k]]}:$((130 + i)) ;;
        *) _source4=$node_v4 _source6=$node_v6 ;;
        esac
        for _kind in tcp "tcp 1400" udp "udp 1200" http; do
            _size=${_kind#* }
            _kind=${_kind% *}
            test "$_size" != "$_kind" || _size=
            printf '%s\n' "$_pod $_kind $_v4 80 $_size" \
                "$_pod $_kind $_v6 80 $_size" >> probes
            if test "$2" != nobody; then
                printf '%s\n' "$_pod $_kind $_v4 -> $2 saw $_source4" \
                    "$_pod $_kind $_v6 -> $2 saw $_source6" >> expected
            else
                printf '%s\n' "$_pod $_kind $_v4 -> no answer" \
                    "$_pod $_kind $_v6 -> no answer" >> expected
            fi
        done
    done
    expect_answers expected
}

# check_ingress NUMBER [POLICY]
# Has the client of its network talk to service NUMBER at its ingress
# addresses: one of its pods answers, and has seen the gateway router of the
# node that carries the service, or with the traffic policy Local the client
# itself.
check_ingress () {
    _sources="$CLIENT_V4 $CLIENT_V6"
    if test "${2-}" != Local; then
        node_addresses "$(active_nodes "$1")"
        _sources="100.64.0.$((2 + i)) fd98::$((2 + i))"
    fi
    for _kind in tcp "tcp 1400" udp "udp 1200" http; do
        _size=${_kind#* }
        _kind=${_kind% *}
        test "$_size" != "$_kind" || _size=
        _from="client${SERVICE_NET[$1]} $_kind"
        echo "$_from ${INGRESS_V4[$1]} 80 $_size"
        echo "$_from ${INGRESS_V6[$1]} 80 $_size"
        echo "$_from ${INGRESS_V4[$1]} -> server$1 saw ${_sources% *}" >&3
        echo "$_from ${INGRESS_V6[$1]} -> server$1 saw ${_sources#* }" >&3
    done > probes 3> expected
    probe < probes > answers
    sed 's/-[1-9] saw/ saw/' answers | sort > answers.sorted
    sort expected | diff -u - answers.sorted \
        || egress_fail "these are not the expected answers"
}

# outer_links ADDRESS
# Prints on which links that lead outside, and in which direction, a packet
# from or to ADDRESS was seen since watch_start: "NODE LINK In|Out", sorted.
outer_links () {
    for _name in worker1 worker2 worker3; do
        awk -v node="$_name" -v address="$1" '
            $2 ~ /^(eth0|ens4|ens5)$/ && (index($5, address) == 1 \
                                          || index($7, address) == 1) {
                print node, $2, $3
            }' "$_name.packets"
    done | sort -u
}

# wait_host NUMBER NODE
# Waits until service NUMBER is ready on NODE, and no other carries it.
wait_host () {
    wait_until "test \"\$(active_nodes $1)\" = $2"
    e2e_ready "$1"
}

# labelled_nodes NUMBER
# Prints the nodes with the label of service NUMBER.
labelled_nodes () {
    ovn-egressctl get node -o wide \
        | awk -v label="test-server$1" 'index($0, label) { print $1 }'
}
