# SPDX-License-Identifier: Apache-2.0
#
# quickstart: shows the main job on real input, with what build made.
# Sourced by utilities/quickstart, which calls run.
# shellcheck shell=bash

# The steps in their order; each is a function run_NAME below.
RUN_STEPS=(
    version
)

run_version () {
    "$BUILD/utilities/ovn-egressctl" --version
}

run () {
    local step
    for step in "${RUN_STEPS[@]}"; do
        "run_$step"
    done
}
