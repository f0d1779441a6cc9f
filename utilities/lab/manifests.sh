# SPDX-License-Identifier: Apache-2.0
#
# The lab's Kubernetes objects, as YAML: two services, each with an ingress
# address in a network of its own, for both families.  Tests apply them in
# parts and changed.  Sourced by lab-functions.sh.
# shellcheck shell=bash disable=SC2154

# lab_manifests
# Prints all of them.
lab_manifests () {
    local k
    manifest_nodes
    manifest_policy
    for k in "${SERVICES[@]}"; do
        manifest_service "$k"
        manifest_endpoints "$k"
        manifest_pool "$k"
        manifest_egress "$k"
    done
}

# manifest_node NAME [LABELS]
# LABELS is YAML, in one line: "a: b, c: d".
manifest_node () {
    local i node_v4 node_v6 pods_v4 pods_v6
    local labels='vrf: "true"'
    node_addresses "$1"
    cat <<EOF
---
apiVersion: v1
kind: Node
metadata:
  name: $1
  labels: {kubernetes.io/hostname: $1, ${2-$labels}}
status:
  conditions:
  - {type: Ready, status: "True"}
  addresses:
  - {type: InternalIP, address: $node_v4}
  - {type: InternalIP, address: "$node_v6"}
EOF
}

manifest_nodes () {
    local name
    for name in "${NODES[@]}"; do
        manifest_node "$name"
    done
}

# The VRFs of both networks; their links have addresses already, which differ
# on each node.
manifest_policy () {
    local n network
    cat <<EOF
---
apiVersion: nmstate.io/v1
kind: NodeNetworkConfigurationPolicy
metadata:
  name: vrfpolicy
spec:
  nodeSelector:
    vrf: "true"
  maxUnavailable: 3
  desiredState:
    interfaces:
EOF
    for n in "${NETWORKS[@]}"; do
        cat <<EOF
    - name: ${NET_LINK[n]}vrf
      type: vrf
      state: up
      vrf:
        port: [${NET_LINK[n]}]
        route-table-id: ${NET_TABLE[n]}
EOF
    done
    cat <<EOF
    routes:
      config:
EOF
    for n in "${NETWORKS[@]}"; do
        cat <<EOF
      - destination: 0.0.0.0/0
        metric: 150
        next-hop-address: ${NET_V4[n]}.1
        next-hop-interface: ${NET_LINK[n]}
        table-id: ${NET_TABLE[n]}
      - destination: ::/0
        metric: 150
        next-hop-address: ${NET_V6[n]}:1
        next-hop-interface: ${NET_LINK[n]}
        table-id: ${NET_TABLE[n]}
EOF
    done
    cat <<EOF
    route-rules:
      config:
EOF
    for network in "$SERVICE_V4" "$CLUSTER_V4" "$SERVICE_V6" "$CLUSTER_V6"; do
        cat <<EOF
      - ip-to: $network
        priority: 998
        route-table: 254
EOF
    done
}

# manifest_service NUMBER [POLICY]
# POLICY is the externalTrafficPolicy, Cluster if not given.
manifest_service () {
    cat <<EOF
---
apiVersion: v1
kind: Service
metadata:
  name: server$1
  namespace: test
  annotations:
    metallb.io/address-pool: pool$1
spec:
  type: LoadBalancer
  ipFamilyPolicy: RequireDualStack
  ipFamilies: [IPv4, IPv6]
  clusterIP: ${CLUSTERIP_V4[$1]}
  clusterIPs: [${CLUSTERIP_V4[$1]}, "${CLUSTERIP_V6[$1]}"]
  externalTrafficPolicy: ${2:-Cluster}
  ports:
  - {name: tcp, protocol: TCP, port: $SERVICE_PORT, targetPort: $POD_PORT,
     nodePort: 3008$1}
  - {name: udp, protocol: UDP, port: $SERVICE_PORT, targetPort: $POD_PORT,
     nodePort: 3009$1}
EOF
}

# manifest_endpoints NUMBER [NODE...]
# The pods of a service, on the nodes given; on all if none is.
manifest_endpoints () {
    local k=$1 family name i j node_v4 node_v6 pods_v4 pods_v6 pod_v4 pod_v6
    shift
    test $# -gt 0 || set -- "${NODES[@]}"
    for family in 4 6; do
        cat <<EOF
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: server$k-ipv$family
  namespace: test
  labels:
    kubernetes.io/service-name: server$k
addressType: IPv$family
ports:
- {name: tcp, protocol: TCP, port: $POD_PORT}
- {name: udp, protocol: UDP, port: $POD_PORT}
endpoints:
EOF
        for name; do
            pod_addresses "server$k-${name#worker}"
            test $family = 4 || pod_v4=$pod_v6
            cat <<EOF
- addresses: ["$pod_v4"]
  nodeName: $name
  conditions: {ready: true}
EOF
        done
    done
}

# manifest_pool NUMBER [NODESELECTORS]
# The addresses of a service, and by whom and to whom they are announced.
# NODESELECTORS is YAML, in one line; the node with the label of the service if
# not given.
manifest_pool () {
    local selector="{matchLabels: {egress-service.k8s.ovn.org/test-server$1: ''}}"
    local link=${NET_LINK[SERVICE_NET[$1]]} n=${SERVICE_NET[$1]}
    cat <<EOF
---
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata:
  name: pool$1
  namespace: metallb-system
spec:
  addresses: [${INGRESS_V4[$1]}/32, "${INGRESS_V6[$1]}/128"]
---
apiVersion: metallb.io/v1beta1
kind: BGPAdvertisement
metadata:
  name: adv$1
  namespace: metallb-system
spec:
  ipAddressPools: [pool$1]
  peers: [${link}v4, ${link}v6]
  nodeSelectors: [${2-$selector}]
---
apiVersion: metallb.io/v1beta2
kind: BGPPeer
metadata:
  name: ${link}v4
  namespace: metallb-system
spec:
  {myASN: 100, peerASN: 200, peerAddress: ${NET_V4[n]}.1, vrf: ${link}vrf,
   holdTime: 9s, connectTime: 1s}
---
apiVersion: metallb.io/v1beta2
kind: BGPPeer
metadata:
  name: ${link}v6
  namespace: metallb-system
spec:
  {myASN: 100, peerASN: 200, peerAddress: "${NET_V6[n]}:1", vrf: ${link}vrf,
   holdTime: 9s, connectTime: 1s}
EOF
}

# manifest_egress NUMBER [NODESELECTOR [NETWORK [SOURCEIPBY]]]
# NODESELECTOR is YAML, in one line.
manifest_egress () {
    local selector='matchLabels: {vrf: "true"}'
    cat <<EOF
---
apiVersion: k8s.ovn.org/v1
kind: EgressService
metadata:
  name: server$1
  namespace: test
spec:
  sourceIPBy: ${4:-LoadBalancerIP}
  nodeSelector: {${2-$selector}}
  network: "${3-${NET_TABLE[SERVICE_NET[$1]]}}"
EOF
}
