# SPDX-License-Identifier: Apache-2.0
#
# quickstart: installs the Debian packages that building and testing need.
# Sourced by utilities/quickstart, which calls deps.
# shellcheck shell=bash

# A list for each purpose; add a package to the list that it belongs to.
PACKAGES_BUILD=(
    autoconf automake build-essential libcap-ng-dev libcurl4-openssl-dev
    libjansson-dev libnl-3-dev libnl-route-3-dev libssl-dev libtool
    libyaml-dev openvswitch-source pkg-config python3
)
PACKAGES_OVN=(
    openvswitch-common openvswitch-switch ovn-central ovn-common ovn-host
)
PACKAGES_HOST=(
    conntrack ethtool frr iproute2 iputils-ping nftables tcpdump
)
# For the virtual machine that the system tests run in.
PACKAGES_KERNEL=(
    busybox-static cpio kmod qemu-system-x86
)
# For building kube-apiserver: kube.sh.
PACKAGES_KUBE=(
    dpkg-dev golang-go jq rsync
)
# For the OCI image: image.sh.
PACKAGES_IMAGE=(
    mmdebstrap umoci
)
PACKAGES_TEST=(
    clang libclang-rt-dev shellcheck
)
PACKAGES=(
    "${PACKAGES_BUILD[@]}" "${PACKAGES_OVN[@]}" "${PACKAGES_HOST[@]}"
    "${PACKAGES_KERNEL[@]}" "${PACKAGES_KUBE[@]}" "${PACKAGES_IMAGE[@]}"
    "${PACKAGES_TEST[@]}"
)

# What tells package scripts not to start services.
POLICY=/usr/sbin/policy-rc.d
POLICY_KEPT=$POLICY.ovn-egress-kept

# Has package scripts start no service until services_restore.
services_forbid () {
    services_restore
    trap services_restore EXIT
    trap 'exit 1' HUP INT TERM
    if test -e "$POLICY"; then
        mv "$POLICY" "$POLICY_KEPT"
    fi
    printf '#!/bin/sh\n# ovn-egress quickstart\nexit 101\n' > "$POLICY.new"
    chmod 755 "$POLICY.new"
    mv "$POLICY.new" "$POLICY"
}

# Puts back what services_forbid replaced, now or in a run that was killed.
services_restore () {
    if test -e "$POLICY_KEPT"; then
        mv -f "$POLICY_KEPT" "$POLICY"
    elif grep -qs 'ovn-egress quickstart' "$POLICY"; then
        rm -f "$POLICY"
    fi
    rm -f "$POLICY.new"
}

# Prints each of the packages $@ that is not installed.
missing_packages () {
    local package
    for package; do
        case $(dpkg-query -W -f '${Status}' "$package" 2> /dev/null) in
        'install ok installed') ;;
        *) echo "$package" ;;
        esac
    done
}

deps () {
    command -v dpkg-query > /dev/null \
        || die "packages are installed on Debian only; install these by" \
               "hand: ${PACKAGES[*]}"

    local missing
    mapfile -t missing < <(missing_packages "${PACKAGES[@]}")
    test ${#missing[@]} -gt 0 || return 0

    say "installing ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    services_forbid
    quietly "$TREE/log/apt-update.log" apt-get -q update
    quietly "$TREE/log/apt-install.log" apt-get -q -y \
        --no-install-recommends install "${missing[@]}"
    services_restore
    trap - EXIT HUP INT TERM
}
