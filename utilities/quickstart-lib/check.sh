# SPDX-License-Identifier: Apache-2.0
#
# quickstart: builds strictly and runs every test suite.
# Sourced by utilities/quickstart, which calls check.
# shellcheck shell=bash

# The suites, a line each: the tree, and a make target.  It has to say what
# became of its tests as autotest does, or by a line "N passed, N failed, N
# skipped", and to fail if a test failed.  The tree "check" has sanitizers,
# whose programs cannot run in the kernel of the system tests.
SUITES=(
    check:check
    check:check-fuzz
    check:check-kube
    build:check-system
    build:check-e2e
    build:check-scenes-short
)

# Prints "PASSED FAILED SKIPPED" as the output of a suite in file $1 has it.
count_results () {
    awk '
        /^ *[0-9]+: .* ok$/ { passed++ }
        /^ *[0-9]+: .* expected failure \(.*\)$/ { passed++ }
        /^ *[0-9]+: .* (FAILED \(.*\)|UNEXPECTED PASS)$/ { failed++ }
        /^ *[0-9]+: .* skipped \(.*\)$/ { skipped++ }
        /^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$/ {
            passed += $1; failed += $3; skipped += $5; summed = 1
        }
        END {
            if (passed + failed + skipped == 0 && !summed) {
                failed = 1      # A suite that says nothing did not run.
            }
            print passed + 0, failed + 0, skipped + 0
        }' "$1"
}

# Shows what the failed tests below folder $1 left: their own log, and the
# end of the logs of daemons that they started.
show_failures () {
    local test log
    for test in "$1"/*.dir/*/*testsuite.log; do
        test -e "$test" || continue
        say "$test"
        cat "$test"
        for log in "${test%/*}"/*.log "${test%/*}"/sanitizer.*; do
            if test -e "$log" && test "$log" != "$test"; then
                say "the end of $log"
                tail -n 40 "$log"
            fi
        done
    done
}

# run_suite TREE TARGET
# Runs a suite and adds its results to the variables of check.
run_suite () {
    local dir=$TREE/$1 log=$TREE/log/$2.log status=0 p f s
    say "make $2"
    make -C "$dir" "$2" TESTSUITEFLAGS="${TESTSUITEFLAGS-}" 2>&1 \
        | tee "$log" || status=$?
    read -r p f s < <(count_results "$log")
    if test "$status" -ne 0; then
        test "$f" -gt 0 || f=1
        show_failures "$dir/tests"
    fi
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    summary+=("$(printf '%-14s %5d passed %5d failed %5d skipped' \
        "$2" "$p" "$f" "$s")")
}

check () {
    local passed=0 failed=0 skipped=0 summary=() suite
    rm -rf "$TREE"/check/tests/*.dir
    # Two compilers, each with its warnings and one with its sanitizers.
    if build_configured check CC=clang --enable-Werror --enable-sanitizers \
       && build_configured build --enable-Werror; then
        kube_build || say "make check-kube will skip its tests"
        for suite in "${SUITES[@]}"; do
            run_suite "${suite%:*}" "${suite#*:}"
        done
    else
        failed=1
        summary=("the build failed")
    fi
    say "summary"
    printf '%s\n' "${summary[@]}"
    printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
    test "$failed" -eq 0
}
