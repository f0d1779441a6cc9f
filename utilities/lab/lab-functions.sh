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

OVN_NB_DB=unix:$LAB_RUN/central/ovnnb_db.sock
OVN_SB_DB=unix:$LAB_RUN/central/ovnsb_db.sock
OVN_EGRESS_DB=unix:$LAB_RUN/central/ovnegress_db.sock
export OVN_NB_DB OVN_SB_DB OVN_EGRESS_DB

# lab_serve
# Starts the responder of all pods, clients and the outside host: TCP, HTTP
# and UDP, see lab-net.
lab_serve () {
    local spec i where=()
    for spec in "${PODS[@]}"; do
        for i in 1 2 3; do
            where+=("${spec%:*}-$i:$POD_PORT")
        done
    done
    python3 "$lab/lab-net" serve "${where[@]}" main:80 client1:80 client2:80 \
        > "$LAB_RUN/serve.log" 2>&1 < /dev/null &
    echo $! > "$LAB_RUN/serve.pid"
    wait_until "grep -q ready $LAB_RUN/serve.log"
}

# probe [LINE...]
# Makes connections, all at the same moment; each LINE (or line of standard
# input) is "NAMESPACE PROTOCOL ADDRESS PORT [SIZE]", and becomes a line of
# output, see lab-net.
probe () {
    if test $# -gt 0; then
        printf '%s\n' "$@" | python3 "$lab/lab-net" probe
    else
        python3 "$lab/lab-net" probe
    fi
}
