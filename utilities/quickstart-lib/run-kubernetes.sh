# SPDX-License-Identifier: Apache-2.0
#
# quickstart: shows the main job in the lab, by kubectl alone.  etcd and the
# API server run beside the lab, on the loopback interface of this machine and
# in a private directory, because a kernel that qemu emulates is too slow for
# them; kubectl and ovn-egress-kube run in the lab (lab.sh).
# Sourced by utilities/quickstart, which calls run_kubernetes.
# shellcheck shell=bash disable=SC2034,SC2153,SC2317

# This machine, as the lab reaches it.
KUBE_LAB_ADDRESS=10.0.2.2

# run_kubernetes [--keep]
run_kubernetes () {
    if test "${1-}" = --keep && ! test -t 0; then
        die "there is no terminal for a shell in the lab"
    fi
    "$SOURCE/utilities/ovn-egress-vm" --check \
        || die "no kernel of our own can run here (see above)"
    kube_build || die "no API server can be built here (see above)"
    build
    RUN_DIR=$(mktemp -d "${TMPDIR:-/tmp}/ovn-egress.XXXXXX")
    trap 'rm -rf "$RUN_DIR"' EXIT
    trap 'exit 1' HUP INT TERM
    # The functions of the tests are not written for "set -eu".
    (
        set +eu
        run_beside
        set -eu
        run_lab "${1-}" --network
    )
}

# Starts the API server until the shell ends, and installs what a cluster
# needs for us.
run_beside () {
    abs_top_srcdir=$SOURCE PYTHON3=python3 EGRESS_TIMEOUT=120
    KUBE_BIN=$KUBE_DIR/bin
    KUBE_NAMES=IP:$KUBE_LAB_ADDRESS
    egress_fail () {
        die "$*"
    }
    cd "$RUN_DIR" || exit
    : > cleanup
    # shellcheck source=/dev/null
    . "$SOURCE/tests/egress-functions.sh"
    # shellcheck source=/dev/null
    . "$SOURCE/tests/kube-functions.sh"
    # shellcheck source=/dev/null
    trap 'cd "$RUN_DIR" && . ./cleanup 2> /dev/null' EXIT
    say "a Kubernetes API server, beside the lab, with the definitions of" \
        "NMState, MetalLB and deploy/kubernetes/crds"
    kube_start
    kube_definitions
    run_credentials
    say "what an administrator installs for us"
    show kubectl create namespace ovn-egress || exit
    show kubectl create namespace metallb-system || exit
    show kubectl apply -f "$SOURCE/deploy/kubernetes/rbac.yaml" \
        -f "$SOURCE/deploy/kubernetes/metallb/secrets.yaml" \
        -f "$SOURCE/deploy/kubernetes/write-ingress/services.yaml" || exit
}

# Makes what the lab finds: credentials, with which the server is at its
# address there, kubectl, and the manifests.
run_credentials () {
    local user
    mkdir lab manifests
    for user in admin mirror; do
        kube_config "$(cat "kube/$user.token")" \
            "https://$KUBE_LAB_ADDRESS:$KUBE_PORT" > "lab/$user.conf"
    done
    # Before Kubernetes 1.21 there is no discovery.k8s.io/v1.
    cp "$RUN_MANIFESTS"/*.yaml manifests
    sed -i 's,discovery.k8s.io/v1$,discovery.k8s.io/v1beta1,' manifests/*
    RUN_MANIFESTS=$RUN_DIR/manifests
    export RUN_KUBE=$RUN_DIR/lab KUBECONFIG=$RUN_DIR/kube/admin.conf
    PATH=$KUBE_BIN:$PATH
}
