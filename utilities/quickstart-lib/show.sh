# SPDX-License-Identifier: Apache-2.0
#
# quickstart: how commands and their results are shown, in the lab and outside
# of it.  Sourced by utilities/quickstart and by lab.sh.
# shellcheck shell=bash

# say TEXT...
# Tells the user what happens now.
say () {
    printf '== %s\n' "$*"
}

# show COMMAND...
# Runs COMMAND and shows it as one would type it.
show () {
    local arg line=
    for arg; do
        case $arg in
        *[!A-Za-z0-9_./:=,-]*) line+=" '$arg'" ;;
        *) line+=" $arg" ;;
        esac
    done
    printf '\n$%s\n' "$line"
    "$@"
}

# What came of the manifests.
show_results () {
    say "what came of them"
    show ovn-egressctl get es -A
    show ovn-egressctl describe es test/server1
    # Where there are neither helpers nor BGP peers, it says so.
    show ovn-egressctl status || test $? -eq 6
    say "what OVN is told"
    show ovn-nbctl lr-policy-list ovn_cluster_router
    show ovn-nbctl --columns=name,addresses find address_set
}
