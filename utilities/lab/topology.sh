# SPDX-License-Identifier: Apache-2.0
#
# The lab: who is there, and with which addresses.  Only data, and functions
# that compute it; sourced by all other parts of the lab and by the tests.
# shellcheck shell=bash disable=SC2034

# Nodes.  Node I, from 0, has these addresses (those of OVN come from
# utilities/quickstart-topology):
#   main network    eth0           172.18.0.(11+I)    fd00:172:18::(11+I)
#   pods                           10.132.(2*I).0/23  fd00:10:132:I::/64
#   management      ovn-k8s-mp0    .2                 ::2
#   gateway router  (join switch)  100.64.0.(2+I)     fd98::(2+I)
#   network N       ensM           .(130+I)           ::(130+I)
NODES=(worker1 worker2 worker3)

# External networks.  Each has a router of its own, whose AS is 200, and a
# client behind it.  The clients have the SAME addresses.
NETWORKS=(1 2)
NET_LINK=([1]=ens4 [2]=ens5)
NET_TABLE=([1]=2 [2]=3)
NET_V4=([1]=192.168.130 [2]=192.168.140)
NET_V6=([1]=fd00:130: [2]=fd00:140:)
CLIENT_V4=192.0.2.10
CLIENT_V6=2001:db8::10

# In the main network: its router, which is also the host "main", with the
# clients' addresses once more, so that what leaks there finds an answer.
MAIN_V4=172.18.0.1
MAIN_V6=fd00:172:18::1
OUTSIDE_V4=198.51.100.10
OUTSIDE_V6=2001:db8:51::10
CENTRAL_V4=172.18.0.2
CENTRAL_V6=fd00:172:18::2

# Networks of the cluster.
CLUSTER_V4=10.132.0.0/14
CLUSTER_V6=fd00:10:132::/48
SERVICE_V4=172.30.0.0/16
SERVICE_V6=fd00:172:30::/112

# Pods of each node, in the order of their addresses: the first has the host
# number 10 (::10), and so on.  Those of a service are named as it, "plain" is
# behind no service.  Each has a namespace NAME-(I+1).
PODS=(server1 server2 plain)
POD_PORT=8080
NODE_PORT=91

# Services, by number: network, ingress addresses, ClusterIPs.
SERVICES=(1 2)
SERVICE_NET=([1]=1 [2]=2)
INGRESS_V4=([1]=192.169.10.0 [2]=192.169.20.0)
INGRESS_V6=([1]=fd00:169:10::1 [2]=fd00:169:20::1)
CLUSTERIP_V4=([1]=172.30.0.65 [2]=172.30.0.66)
CLUSTERIP_V6=([1]=fd00:172:30::65 [2]=fd00:172:30::66)
SERVICE_PORT=80

# Of the bridge br-ex on each host.
MAC_BR_EX=0a:58:a9:fe:a9:02

# Where everything is kept, by the name of the namespace.
LAB_RUN=/run/lab

# node_addresses NAME
# Sets i to the number of a node, and node_v4, node_v6, pods_v4 and pods_v6 to
# its addresses, the last two without the host part.
node_addresses () {
    i=$((${1#worker} - 1))
    node_v4=172.18.0.$((11 + i))
    printf -v node_v6 'fd00:172:18::%x' $((11 + i))
    pods_v4=10.132.$((2 * i))
    pods_v6=fd00:10:132:
    test "$i" = 0 || pods_v6+=$i:
}

# pod_addresses NAME-NUMBER
# Sets i, pods_v4, pods_v6 as node_addresses, j to the number of the pod on
# its node, and pod_v4 and pod_v6 to the pod's addresses.
pod_addresses () {
    node_addresses "worker${1##*-}"
    for j in "${!PODS[@]}"; do
        test "${PODS[j]}" != "${1%-*}" || break
    done
    pod_v4=$pods_v4.$((10 + j))
    printf -v pod_v6 '%s:%x' "$pods_v6" $((16 + j))
}

# mac_of IPV4
# Sets mac to the MAC address that OVN's ports with this address have.
mac_of () {
    local IFS=.
    # shellcheck disable=SC2086
    printf -v mac '0a:58:%02x:%02x:%02x:%02x' $1
}

# pod_ports NAME-NUMBER
# Sets low and high to the range of ports that a pod's connections come from.
# Each pod has one of its own, which it keeps through the translation of
# sources: so it is known who sent a packet, whatever address it has then.
pod_ports () {
    local i j pods_v4 pods_v6 pod_v4 pod_v6 node_v4 node_v6
    pod_addresses "$1"
    low=$((20000 + 4000 * (i * ${#PODS[@]} + j)))
    high=$((low + 3999))
}

# Sets pods to the namespaces of all pods.
all_pods () {
    local name node
    pods=()
    for name in "${PODS[@]}"; do
        for node in "${NODES[@]}"; do
            pods+=("$name-${node#worker}")
        done
    done
}
