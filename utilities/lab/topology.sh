# SPDX-License-Identifier: Apache-2.0
#
# The lab: who is there, and with which addresses.  Only data, and functions
# that compute it; sourced by all other parts of the lab and by the tests.
# shellcheck shell=bash disable=SC2034

# Nodes, by their number: 1, 2, 3.  Node I has these addresses, where S is
# 2 * (I - 1):
#   main network    eth0           172.18.0.1I        fd00:18::1I
#   pods                           10.132.S.0/23      fd01:0:0:I::/64
#   management      ovn-k8s-mp0    10.132.S.2         fd01:0:0:I::2
#   gateway router  (join switch)  100.64.0.(I+1)     fd98::(I+1)
#   network N       ensM           see below
NODES=(worker1 worker2 worker3)

# External networks, by their number: 1, 2.  Each has a router of its own,
# whose AS is 200, and a client behind it.  The clients have the SAME
# addresses.  Node I has the host number 130 + I - 1 in each.
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
MAIN_V6=fd00:18::1
OUTSIDE_V4=198.51.100.10
OUTSIDE_V6=2001:db8:51::10
CENTRAL_V4=172.18.0.2

# Networks of the cluster.
CLUSTER_V4=10.132.0.0/14
CLUSTER_V6=fd01::/48
SERVICE_V4=172.30.0.0/16
SERVICE_V6=fd02::/112
JOIN_V4=100.64.0.0/16
JOIN_V6=fd98::/64
NODE_V4=172.18.0.0/24
NODE_V6=fd00:18::/64
MASQUERADE_V4=169.254.169.0/29
MASQUERADE_V6=fd69::/125

# Services: name, network, ingress IPs, cluster IPs.  Each has a pod on each
# node, NAME-I, with the host number given.  "plain" is behind no service.
SERVICES=(server1 server2)
SERVICE_NET=([1]=1 [2]=2)
INGRESS_V4=([1]=192.169.10.0 [2]=192.169.20.0)
INGRESS_V6=([1]=fd00:169:10::1 [2]=fd00:169:20::1)
CLUSTERIP_V4=([1]=172.30.0.65 [2]=172.30.0.66)
CLUSTERIP_V6=([1]=fd02::65 [2]=fd02::66)
PODS=(server1:10 server2:11 plain:12)
POD_PORT=8080
SERVICE_PORT=80

# Where everything is kept, by the name of the namespace.
LAB_RUN=/run/lab

# node_index NAME
# Sets i to the number of a node.
node_index () {
    i=${1#worker}
}

# node_subnet I
# Sets the prefixes (without the host part) of a node's pods.
node_subnet () {
    pods_v4=10.132.$((2 * ($1 - 1)))
    pods_v6=fd01:0:0:$1:
}

# mac KIND I [HOST]
# Sets mac to the address of link KIND (a number) of node I.
mac () {
    printf -v mac '0a:58:%02x:%02x:00:%02x' "$1" "$2" "${3:-0}"
}
MAC_MGMT=1 MAC_SWITCH_PORT=2 MAC_JOIN=3 MAC_EXTERNAL=4 MAC_POD=5
