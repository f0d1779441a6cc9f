# SPDX-License-Identifier: Apache-2.0
#
# Manifests that run ovn-egress in a Kubernetes cluster.

EXTRA_DIST += \
	deploy/kubernetes/README.md \
	deploy/kubernetes/accounts.yaml \
	deploy/kubernetes/agent.yaml \
	deploy/kubernetes/config.yaml \
	deploy/kubernetes/crds/egressservices.yaml \
	deploy/kubernetes/database.yaml \
	deploy/kubernetes/disruption/budget.yaml \
	deploy/kubernetes/disruption/kustomization.yaml \
	deploy/kubernetes/kube.yaml \
	deploy/kubernetes/kustomization.yaml \
	deploy/kubernetes/metallb/kustomization.yaml \
	deploy/kubernetes/metallb/secrets.yaml \
	deploy/kubernetes/namespace.yaml \
	deploy/kubernetes/network-policy.yaml \
	deploy/kubernetes/node.yaml \
	deploy/kubernetes/rbac.yaml \
	deploy/kubernetes/write-ingress/kustomization.yaml \
	deploy/kubernetes/write-ingress/services.yaml
