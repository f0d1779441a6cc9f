# SPDX-License-Identifier: Apache-2.0
#
# The generator of random scenes: one to three changes, with none to two faults
# at random moments.  Beside tests/scenes-functions.sh.
# shellcheck shell=bash disable=SC2154,SC2034,SC2016,SC2317

# random_steps SEED
# Makes up the steps of a scene, prints and plays them.
random_steps () {
    local steps=() changes faults n step
    RANDOM=$1
    changes=$((1 + RANDOM % 3))
    faults=$((RANDOM % 3))
    random_left="3 2 1"
    for ((n = 0; n < changes; n++)); do
        random_change
        if test "$faults" -gt 0; then
            random_fault "$step"
            faults=$((faults - 1))
        fi
        steps+=("$step" "load_say ticks $((RANDOM % 60))")
    done
    for ((; faults > 0; faults--)); do
        random_fault true
        steps+=("$step")
    done
    printf 'random steps of seed %s:\n' "$1"
    printf '    %s\n' "${steps[@]}"
    for step in "${steps[@]}"; do
        eval "$step"
    done
}

# Sets step to a change.
random_change () {
    local pod=${random_left%% *}
    case $((RANDOM % 6)) in
    0 | 1 | 2) step="move $((1 + RANDOM % 2)) worker$((1 + RANDOM % 3))" ;;
    3) step="leave server$((1 + RANDOM % 2))-$pod"
       random_left=${random_left#* } ;;
    4) step="swap $pod"
       random_left=${random_left#* } ;;
    *) step="move 1 worker$((1 + RANDOM % 3)); move 2 worker$((1 + RANDOM % 3))"
    esac
}

# random_fault CHANGE
# Sets step to one with a fault around it.
random_fault () {
    local worker=worker$((1 + RANDOM % 3))
    case $((RANDOM % 9)) in
    0) step="stopped central ovn-northd $((RANDOM % 20)) random_do '$1'" ;;
    1) step="stopped $worker ovn-controller $((RANDOM % 20)) random_do '$1'" ;;
    2) step="slow_frr $worker $((RANDOM % 15)) random_do '$1'" ;;
    3) step="stopped $worker bgpd $((RANDOM % 15)) random_do '$1'" ;;
    4) step="killed $worker $((1 + RANDOM % 3)) random_do '$1'" ;;
    5) step="random_do '$1'; bgpd_restarts $worker" ;;
    6) step="random_do '$1'; lose_rules $worker" ;;
    7) step="random_do '$1'; lose_routes $worker $((2 + RANDOM % 2)) proto 69" ;;
    *) step="random_do '$1'; cut_on $worker; load_seconds 3; cut_off $worker" ;;
    esac
}

random_do () {
    eval "$1"
}
