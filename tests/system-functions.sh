# SPDX-License-Identifier: Apache-2.0
#
# Shell functions for the tests that need a Linux kernel of their own, beside
# those of tests/egress-functions.sh: network namespaces, links between them,
# commands and daemons inside them, captures.  Sourced by the tests that
# tests/system-run starts, and by ovn-egress-lab.
# shellcheck shell=bash disable=SC2154

# --- Network namespaces --------------------------------------------------

# add_namespaces NAME...
# Makes network namespaces, whose loopback is up, for the time of the test.
add_namespaces () {
    for _ns; do
        check ip netns add "$_ns"
        on_exit "kill_namespace $_ns"
        check ip -n "$_ns" link set lo up
    done
}

# kill_namespace NAME
# Kills what runs in a namespace and removes it.
kill_namespace () {
    _pids=$(ip netns pids "$1" 2> /dev/null) || return 0
    # shellcheck disable=SC2086
    test -z "$_pids" || kill -KILL $_pids 2> /dev/null || :
    ip netns del "$1"
}

# ns NAME COMMAND...
# Runs a command (not a shell function) in a network namespace.
ns () {
    _ns=$1
    shift
    nsenter --net=/run/netns/"$_ns" "$@"
}

# ns_ip NAME
# Runs the lines of standard input, which are arguments of ip(8), in a
# namespace, by one process.
ns_ip () {
    ip -n "$1" -batch - || egress_fail "ip in namespace $1 failed"
}

# add_veth NS1 LINK1 NS2 LINK2
# Connects two namespaces by a pair of links, which are up.
add_veth () {
    check ip link add "$2" netns "$1" type veth peer name "$4" netns "$3"
    check ip -n "$1" link set "$2" up
    check ip -n "$3" link set "$4" up
}

# start_in NS NAME PROGRAM [OPTION...]
# start_named NAME PROGRAM..., in a network namespace.
start_in () {
    EGRESS_NS=$1
    shift
    start_named "$@"
    EGRESS_NS=
}

# background NS NAME COMMAND...
# Runs a command in a namespace, in the background until the test ends, with
# its output in NAME.out.
background () {
    _ns=$1 _name=$2
    shift 2
    # In a subshell, for this one would tell of its end.
    (
        nsenter --net=/run/netns/"$_ns" "$@" > "$_name.out" 2>&1 < /dev/null &
        echo $! > "$_name.pid"
    )
    on_exit "kill_daemon $_name"
}

# --- Looking at packets and at the kernel --------------------------------

# capture NS LINK NAME [FILTER...]
# Writes the packets of a link ("any": of all) to NAME.pcap, from now on: the
# headers are enough, and whole packets are lost where there are many.
capture () {
    require tcpdump
    _ns=$1 _link=$2 _name=$3
    shift 3
    background "$_ns" "$_name" tcpdump -n -s 128 -U --immediate-mode \
        -i "$_link" -w "$_name.pcap" "$@"
    wait_until "grep -q 'listening on' $_name.out"
}

# stop_capture NAME
# Ends a capture, with all packets in the file that were seen until now.
stop_capture () {
    kill_daemon "$1" INT
    wait_until "grep -q 'packets captured' $1.out"
}

# show_capture NAME [FILTER...]
# Prints the packets of a capture, a line each, without the time.
show_capture () {
    _name=$1
    shift
    tcpdump -n -t -r "$_name.pcap" "$@" 2> /dev/null
}

# system_init
# Notes what the kernel has said so far, and how fast the machine is.
system_init () {
    dmesg > dmesg.before
    system_patience
}

# system_patience
# The machine may be slow: everything may take longer in relation.  20 forks
# take 0.3 s on one that is not.
system_patience () {
    _before=${EPOCHREALTIME/./}
    for _i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        /bin/true
    done
    _took=$((${EPOCHREALTIME/./} - _before))
    EGRESS_TIMEOUT=$((60 * _took / 300000))
    test $EGRESS_TIMEOUT -ge 60 || EGRESS_TIMEOUT=60
    test $EGRESS_TIMEOUT -le 300 || EGRESS_TIMEOUT=300
}

# system_check
# Fails the test if the kernel has complained since system_init, also of a
# program.
system_check () {
    dmesg | tail -n "+$(($(wc -l < dmesg.before) + 1))" > dmesg.new
    if grep -E -e 'BUG|WARNING|Oops|Call Trace|unregister_netdevice' \
               -e 'segfault at' dmesg.new
    then
        egress_fail "the kernel complained"
    fi
}
