# SPDX-License-Identifier: Apache-2.0
#
# quickstart: shows the main job on real input, with what build made.  In the
# lab (utilities/ovn-egress-lab), with packets, see lab.sh; where that cannot
# run, only what the databases say: real databases, ovn-northd and
# ovn-egress-agent in a private directory, a small cluster in OVN_Northbound,
# and the documented manifests.  Everything is stopped and removed at the end,
# unless --keep is given.
# Sourced by utilities/quickstart, which calls run.
# shellcheck shell=bash

# The steps in their order; each is a function run_NAME below.
RUN_STEPS=(
    version
    databases
    northd
    agent
    topology
    options
    apply
    show_results
)

RUN_MANIFESTS=$SOURCE/Documentation/examples

# run_daemon NAME PROGRAM [OPTION...]
# Starts a daemon in the private directory.
run_daemon () {
    local name=$1 program=$2
    shift 2
    "$program" -vconsole:off --log-file="$RUN_DIR/$name.log" --detach \
        --no-chdir --pidfile="$RUN_DIR/$name.pid" "$@" \
        || die "$name did not start, see $RUN_DIR/$name.log"
}

# Ends what was started, the last one first, and removes the directory.
run_cleanup () {
    local name pid
    for name in ovn-egress-agent ovn-northd ovnegress_db ovnsb_db ovnnb_db; do
        test -s "$RUN_DIR/$name.pid" || continue
        pid=$(cat "$RUN_DIR/$name.pid")
        kill "$pid" 2> /dev/null || continue
        while kill -0 "$pid" 2> /dev/null; do
            sleep 0.1
        done
    done
    rm -rf "$RUN_DIR"
}

run_version () {
    show ovn-egressctl --version
}

run_databases () {
    local db schema
    for db in nb sb egress; do
        case $db in
        egress) schema=$SOURCE/schemas/ovn-egress.ovsschema ;;
        *) schema=/usr/share/ovn/ovn-$db.ovsschema ;;
        esac
        ovsdb-tool create "$RUN_DIR/ovn${db}_db.db" "$schema"
        run_daemon "ovn${db}_db" ovsdb-server \
            --remote="punix:$RUN_DIR/ovn${db}_db.sock" \
            "$RUN_DIR/ovn${db}_db.db"
    done
    ovn-nbctl init
    ovn-sbctl init
    ovn-egressctl init
}

run_northd () {
    run_daemon ovn-northd ovn-northd --ovnnb-db="$OVN_NB_DB" \
        --ovnsb-db="$OVN_SB_DB"
}

run_agent () {
    run_daemon ovn-egress-agent ovn-egress-agent
}

run_topology () {
    say "a cluster of two nodes in OVN_Northbound"
    show "$SOURCE/utilities/quickstart-topology" worker1 worker2
    show ovn-nbctl --wait=sb --columns=name find Logical_Switch
}

# No helper runs on these nodes, so do not wait for one.
run_options () {
    say "nobody acknowledges for the nodes here: do not wait for them"
    show ovn-egressctl set Egress_Global . options:wait-for-nodes=false
}

run_apply () {
    say "the documented manifests, unchanged"
    show ovn-egressctl apply --wait --apply-set=quickstart \
        -f "$RUN_MANIFESTS"
    show ovn-egressctl wait es test/server1 --for=Steered
}

run_show_results () {
    ovn-nbctl --wait=sb sync
    show_results
}

# Says how to look further.
run_hint () {
    cat <<EOM

== everything is still running in $RUN_DIR; to look further:
export OVN_RUNDIR=$RUN_DIR PATH=$BUILD/utilities:\$PATH
ovn-egressctl get es test/server1 -o yaml
ovn-appctl -t ovn-egress-agent plan/show
and to end it:
kill \$(cat $RUN_DIR/*.pid); sleep 1; rm -rf $RUN_DIR
EOM
}

# run [--keep]
run () {
    if test "${1-}" = --keep && ! test -t 0; then
        say "no terminal for a shell in the lab: only what the databases say"
        run_central "$@"
    elif ! "$SOURCE/utilities/ovn-egress-vm" --check; then
        say "no kernel of our own can run here (see above):" \
            "only what the databases say"
        run_central "$@"
    else
        run_lab "$@"
    fi
}

# run_lab [--keep] [OPTION...]
# In the lab, to which OPTIONs are given; with --keep, it ends in a shell there.
run_lab () {
    local options=(--empty --build="$BUILD" "${@:2}")
    export SOURCE RUN_MANIFESTS RUN_KEEP=${1-}
    test "$RUN_KEEP" != --keep || options+=(--tty)
    say "a cluster of three nodes, in a kernel of its own"
    "$SOURCE/utilities/ovn-egress-lab" "${options[@]}" \
        . "$SOURCE/utilities/quickstart-lib/lab.sh"
    printf '\n'
    say "done; \"${0##*/} run${RUN_KUBE:+ --kubernetes} --keep\" ends in a" \
        "shell there to look around"
}

# run_central [--keep]
# Without nodes.  With --keep, everything is left running.
run_central () {
    local step
    RUN_DIR=$(mktemp -d "${TMPDIR:-/tmp}/ovn-egress.XXXXXX")
    trap run_cleanup EXIT
    trap 'exit 1' HUP INT TERM

    export OVN_RUNDIR=$RUN_DIR OVS_RUNDIR=$RUN_DIR
    export OVN_NB_DB=unix:$RUN_DIR/ovnnb_db.sock
    export OVN_SB_DB=unix:$RUN_DIR/ovnsb_db.sock
    export OVN_EGRESS_DB=unix:$RUN_DIR/ovnegress_db.sock
    unset OVN_NB_DAEMON OVN_SB_DAEMON
    PATH=$BUILD/utilities:$BUILD/agent:$PATH

    for step in "${RUN_STEPS[@]}"; do
        "run_$step"
    done

    if test "${1-}" = --keep; then
        trap - EXIT
        run_hint
    else
        printf '\n'
        say "done; \"${0##*/} run --keep\" leaves it running to look at"
    fi
}
