# SPDX-License-Identifier: Apache-2.0
#
# quickstart: shows the main job with packets.  Runs inside of the lab, whose
# shell sources it (run.sh or run-kubernetes.sh starts it): applies the
# documented manifests to a cluster that has nothing of ours yet, has a client
# of the external network ask the service, and shows which way the packets
# took.  RUN_KUBE is the folder of the API server's credentials, if there is
# one.
# shellcheck shell=bash disable=SC2154

# shellcheck source=/dev/null
. "$SOURCE/utilities/quickstart-lib/show.sh"

# What show() shows and runs in the network namespace of a node or a client.
in_node () {
    show ip netns exec "$@"
}

# lab_packets
# Prints the packets that watch_start noted, of the client and on the links
# that lead outside: node, link, direction, addresses.
lab_packets () {
    local node
    for node in "${NODES[@]}"; do
        awk -v node="$node" -v client="^${CLIENT_V4}[.:]" '
            $2 ~ /^(eth0|ens4|ens5)$/ && ($5 ~ client || $7 ~ client) {
                $1 = node
                print
            }' "$node.packets"
    done
}

# lab_mirror
# Starts ovn-egress-kube.  It has the rights that deploy/kubernetes gives it.
lab_mirror () {
    say "the mirror between Kubernetes and OVN_Egress"
    KUBECONFIG=$RUN_KUBE/mirror.conf show ovn-egress-kube --write-ingress \
        --detach --no-chdir --pidfile=/run/lab/ovn-egress-kube.pid \
        --unixctl=/run/lab/ovn-egress-kube.ctl -vconsole:off \
        --log-file=/run/lab/ovn-egress-kube.log || exit
}

# lab_kubectl
# Applies the manifests with kubectl, and shows what it says of them.
lab_kubectl () {
    export KUBECONFIG=$RUN_KUBE/admin.conf
    say "the documented manifests, by kubectl"
    show kubectl create namespace test || exit
    show kubectl apply -f "$RUN_MANIFESTS" || exit
    show kubectl wait -n test egressservice/server1 --for=condition=Ready \
        --timeout=120s || exit
    announced 1
    say "what came of them"
    show kubectl get -n test egressservice,service
    show kubectl get -n test egressservice server1 -o "jsonpath=\
{range .status.conditions[*]}{.type}={.status} {.reason} {.message}{\"\\n\"}{end}"
    show kubectl get -n test events
    show kubectl get nodes -l egress-service.k8s.ovn.org/test-server1
    say "what OVN is told"
    show ovn-nbctl lr-policy-list ovn_cluster_router
    show ovn-nbctl --columns=name,addresses find address_set
}

# lab_ctl
# Applies the manifests with ovn-egressctl.
lab_ctl () {
    say "the documented manifests, unchanged"
    show ovn-egressctl apply --wait --apply-set=quickstart -f "$RUN_MANIFESTS"
    show ovn-egressctl wait es test/server1 --for=Ready --timeout=60s || exit
    announced 1
    show_results
}

if test -n "${RUN_KUBE-}"; then
    lab_mirror
    lab_kubectl
else
    lab_ctl
fi
say "what the node does: $(active_nodes 1)"
in_node worker1 ip -brief link show type vrf
in_node worker1 ip rule
in_node worker1 ip route show vrf ens4vrf
in_node worker1 nft list map inet ovn_egress snat4
in_node worker1 vtysh -N worker1 -c "show bgp vrf ens4vrf summary"

say "the router of the external network has learnt where the service is"
in_node router1 ip route show "${INGRESS_V4[1]}"

say "a client there asks the service; a pod asks the client"
watch_start
in_node client1 curl -sS -m 10 "http://${INGRESS_V4[1]}/" || exit
show probe "server1-2 tcp $CLIENT_V4 80" || exit
watch_stop

say "all that was seen of the client $CLIENT_V4, on all outer links of all nodes"
lab_packets
say "packets by node, link, and direction"
lab_packets | awk '{ print $1, $2, $3 }' | sort | uniq -c
wrong_packets > wrong
if test -s wrong; then
    cat wrong
    egress_fail "packets went astray"
fi
test "$RUN_KEEP" != --keep || lab_shell
