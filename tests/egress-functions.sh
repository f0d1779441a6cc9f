# SPDX-License-Identifier: Apache-2.0
#
# Shell functions for tests: start and stop real daemons and databases, look
# into the databases, wait.  Sourced by tests/atlocal, used between AT_SETUP
# and AT_CLEANUP; the caller needs egress_fail() and egress_skip(), which
# tests/ovn-egress-macros.at defines.  Never touches anything outside of the
# test's own folder.
# shellcheck shell=sh disable=SC2154,SC2317

# How long anything may take before a test fails, in seconds.
EGRESS_TIMEOUT=${EGRESS_TIMEOUT:-60}

# What daemons write to their logs.
EGRESS_LOG_LEVEL=${EGRESS_LOG_LEVEL:-dbg}

# Tests look there for what goes to databases and comes from them.
OVN_EGRESS_LOG_SECRETS=yes
export OVN_EGRESS_LOG_SECRETS

# --- Running and waiting -------------------------------------------------

# check COMMAND...
# Fails the test unless COMMAND succeeds.
check () {
    "$@" || egress_fail "failed (exit code $?): $*"
}

# wait_until COMMAND...
# Repeats COMMAND, a simple command or one string of shell text, until it
# succeeds; fails the test after EGRESS_TIMEOUT.
wait_until () {
    _end=$(($(date +%s) + EGRESS_TIMEOUT))
    until eval "$*" > wait-until.out 2>&1; do
        if test "$(date +%s)" -ge "$_end"; then
            cat wait-until.out >&2
            egress_fail "still not true after ${EGRESS_TIMEOUT} s: $*"
        fi
        sleep 0.1
    done
}

# on_exit COMMAND
# Has COMMAND (one string of shell text) run when the test ends, however it
# ends; the last one given runs first.
on_exit () {
    { printf '%s\n' "$1"; cat cleanup; } > cleanup.new
    mv cleanup.new cleanup
}

# fails COMMAND...
# Succeeds if COMMAND fails the test, which it does not do really.
fails () {
    (
        egress_fail () {
            echo "$*"
            exit 5
        }
        "$@"
    )
    test $? -eq 5
}

# require PROGRAM...
# Skips the test unless each PROGRAM is installed.
require () {
    for _program; do
        command -v "$_program" > /dev/null \
            || egress_skip "$_program is not installed"
    done
}

# --- The life of a test --------------------------------------------------

# egress_init
# Makes the test's folder the place of all sockets, logs and pidfiles.
egress_init () {
    _here=$(pwd)
    OVN_RUNDIR=$_here OVN_LOGDIR=$_here OVN_DBDIR=$_here
    OVS_RUNDIR=$_here OVS_LOGDIR=$_here OVS_DBDIR=$_here
    export OVN_RUNDIR OVN_LOGDIR OVN_DBDIR OVS_RUNDIR OVS_LOGDIR OVS_DBDIR
    OVN_NB_DB=unix:$_here/ovnnb_db.sock
    OVN_SB_DB=unix:$_here/ovnsb_db.sock
    OVN_EGRESS_DB=unix:$_here/ovnegress_db.sock
    export OVN_NB_DB OVN_SB_DB OVN_EGRESS_DB
    ASAN_OPTIONS=$ASAN_OPTIONS:log_path=$_here/sanitizer
    UBSAN_OPTIONS=$UBSAN_OPTIONS:log_path=$_here/sanitizer

    : > daemons
    echo 'cat sanitizer.* 2> /dev/null || :' > cleanup
    # shellcheck disable=SC2064
    trap "cd '$_here' && . ./cleanup" EXIT
    trap 'exit 1' HUP INT PIPE TERM
}

# start_daemon PROGRAM [OPTION...]
# Starts a daemon in the background, under its own name.
start_daemon () {
    start_named "$1" "$@"
}

# start_named NAME PROGRAM [OPTION...]
# Starts a daemon in the background, with NAME.pid, NAME.log and NAME.ctl; in
# the network namespace EGRESS_NS, if that is set.
start_named () {
    _name=$1
    _program=$2
    shift 2
    ${EGRESS_NS:+nsenter --net=/run/netns/"$EGRESS_NS"} \
        "$_program" --detach --no-chdir --pidfile="$OVN_RUNDIR/$_name.pid" \
        --unixctl="$OVN_RUNDIR/$_name.ctl" \
        --log-file="$OVN_LOGDIR/$_name.log" \
        -vconsole:off -vsyslog:off -vfile:"$EGRESS_LOG_LEVEL" "$@" \
        2> "$_name.stderr" \
        || { cat "$_name.stderr" >&2
             egress_fail "$_name did not start"; }
    echo "$_name" >> daemons
    on_exit "kill_daemon $_name"
}

# kill_daemon NAME [SIGNAL]
# Sends SIGNAL (default KILL) to NAME, if it runs.
kill_daemon () {
    test -s "$1.pid" || return 0
    kill "-${2:-KILL}" "$(cat "$1.pid")" 2> /dev/null || :
}

# daemon_ctl NAME COMMAND [ARG...]
# Sends COMMAND to NAME's control socket and prints the answer.
daemon_ctl () {
    _name=$1
    shift
    ovn-appctl -T "$EGRESS_TIMEOUT" -t "$OVN_RUNDIR/$_name.ctl" "$@"
}

# stop_daemon NAME
# Asks NAME to exit and waits for its end, which must be a clean one.
stop_daemon () {
    test -s "$1.pid" || egress_fail "$1 is not running any more"
    _pid=$(cat "$1.pid")
    check daemon_ctl "$1" exit
    wait_until "! kill -0 $_pid"
    test ! -e "$1.pid" || egress_fail "$1 left its pidfile"
    grep -vxF "$1" daemons > daemons.new
    mv daemons.new daemons
}

# What ovsdb-server says of a client that has what it wanted and is gone.
EGRESS_CLIENT_GONE='(Broken pipe|Connection reset by peer)'
EGRESS_CLIENT_GONE='\|(jsonrpc|reconnect)\|WARN\|unix#[0-9]+: .*'$EGRESS_CLIENT_GONE

# check_logs [ALLOWED]
# Fails the test if a log has a line of level WARN or above that ALLOWED (an
# extended regular expression) does not match, or if a sanitizer reported.
# That a busy machine let a process wait (timeval) is no defect of it.
check_logs () {
    for _log in *.log; do
        test "${_log%testsuite.log}" = "$_log" || continue
        test -e "$_log" || continue
        sed -n '/|\(WARN\|ERR\|EMER\)|/p' "$_log" \
            | grep -Ev "$EGRESS_CLIENT_GONE" \
            | grep -Ev '\|timeval(\([a-z0-9]*\))?\|WARN\|' \
            | grep -Ev "${1:-^$}" > unclean && {
            cat unclean
            egress_fail "$_log: warnings or errors that are not allowed"
        }
    done
    for _report in sanitizer.*; do
        test -e "$_report" || continue
        cat "$_report"
        egress_fail "$_report: a sanitizer found an error"
    done
}

# egress_stop_all [ALLOWED]
# Stops every daemon, the last one started first, then check_logs ALLOWED.
egress_stop_all () {
    while test -s daemons; do
        stop_daemon "$(tail -n 1 daemons)"
    done
    check_logs "$@"
}

# --- Databases and ovn-northd --------------------------------------------

# start_db nb|sb|egress
# Starts an ovsdb-server with an empty database of this kind.
start_db () {
    require ovsdb-server ovsdb-tool
    case $1 in
    nb | sb) _schema=$OVN_SCHEMAS/ovn-$1.ovsschema ;;
    *) _schema=$abs_top_srcdir/schemas/ovn-egress.ovsschema ;;
    esac
    test -e "$_schema" || egress_skip "$_schema is not installed"
    check ovsdb-tool create "$1.db" "$_schema"
    start_named "ovsdb-$1" ovsdb-server \
        --remote="punix:$OVN_RUNDIR/ovn$1_db.sock" "$1.db"
    case $1 in
    nb | sb) check "ovn-${1}ctl" init ;;
    esac
}

# start_northd
# Starts OVN's northd between the databases nb and sb.
start_northd () {
    require ovn-northd
    start_daemon ovn-northd --ovnnb-db="$OVN_NB_DB" --ovnsb-db="$OVN_SB_DB"
    wait_until "daemon_ctl ovn-northd status | grep active"
}

# egress_start
# Starts the databases nb, sb and egress, and ovn-northd.
egress_start () {
    start_db nb
    start_db sb
    start_db egress
    start_northd
}

# --- Looking into databases ----------------------------------------------
#
# COLUMN is a whole column, not a key of a map.
# TABLE below is a table's name, after "nb:", "sb:" or "egress:" if it is not
# in OVN_Northbound.  CONDITION is as for "ovn-nbctl find".

# db_find COLUMN TABLE [CONDITION...]
# Prints COLUMN of each matching row, a line each; sets have their members
# in one line.
db_find () {
    _column=$1
    case $2 in
    sb:*) _ctl=ovn-sbctl ;;
    egress:*) _ctl=ovn-egressctl ;;
    *) _ctl=ovn-nbctl ;;
    esac
    _table=${2#*:}
    shift 2
    "$_ctl" --timeout="$EGRESS_TIMEOUT" --bare --no-headings \
        --columns="$_column" find "$_table" "$@" | sed '/^$/d'
}

# db_values COLUMN TABLE [CONDITION...]
# Prints all members of COLUMN of all matching rows, sorted, in one line.
db_values () {
    db_find "$@" | tr ' ' '\n' | sort | paste -sd ' ' -
}

# fetch_column TABLE COLUMN [CONDITION...]
# Prints the values of COLUMN, sorted, in one line.
fetch_column () {
    _t=$1 _c=$2
    shift 2
    db_values "$_c" "$_t" "$@"
}

# check_column EXPECTED TABLE COLUMN [CONDITION...]
# Fails the test unless the values of COLUMN, in any order, are EXPECTED.
check_column () {
    _expected=$(sorted_words "$1")
    shift
    _found=$(fetch_column "$@")
    test "$_found" = "$_expected" \
        || egress_fail "$*: \"$_found\", expected \"$_expected\""
}

# wait_column EXPECTED TABLE COLUMN [CONDITION...]
# Waits until check_column would not fail.
wait_column () {
    _expected=$(sorted_words "$1")
    shift
    wait_until "test \"\$(fetch_column $(quote_words "$@"))\" \
                     = \"$_expected\""
}

# count_rows TABLE [CONDITION...]
# Prints how many rows match.
count_rows () {
    db_find _uuid "$@" | wc -l
}

# check_row_count TABLE COUNT [CONDITION...]
# Fails the test unless COUNT rows match.
check_row_count () {
    _t=$1 _count=$2
    shift 2
    _found=$(count_rows "$_t" "$@")
    test "$_found" -eq "$_count" \
        || egress_fail "$_t $*: $_found rows, expected $_count"
}

# wait_row_count TABLE COUNT [CONDITION...]
# Waits until check_row_count would not fail.
wait_row_count () {
    _t=$1 _count=$2
    shift 2
    wait_until "test \"\$(count_rows $(quote_words "$_t" "$@"))\" \
                     -eq $_count"
}

# sorted_words TEXT
# Prints the words of TEXT, sorted, in one line.
sorted_words () {
    printf '%s\n' "$1" | tr -s ' ' '\n' | sort | paste -sd ' ' -
}

# quote_words WORD...
# Prints the words so that the shell reads them back unchanged.
quote_words () {
    for _word; do
        printf "'%s' " "$(printf '%s' "$_word" | sed "s/'/'\\\\''/g")"
    done
}

# --- The checks of the architecture --------------------------------------

# run_build_aux CHECK [ARG...]
# Runs the script CHECK of build-aux/.
run_build_aux () {
    _script=$abs_top_srcdir/build-aux/$1
    shift
    PYTHONDONTWRITEBYTECODE=yes "$PYTHON3" "$_script" "$@"
}
