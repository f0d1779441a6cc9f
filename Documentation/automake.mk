# SPDX-License-Identifier: Apache-2.0
#
# Man pages and documents: every page installs from here.

dist_man_MANS += \
	Documentation/ovn-egress-agent.8 \
	Documentation/ovn-egress-ctl.8 \
	Documentation/ovn-egress-kube.8 \
	Documentation/ovn-egress-node.8 \
	Documentation/ovn-egress.5 \
	Documentation/ovn-egressctl.8
dist_doc_DATA += \
	NEWS \
	README.md \
	Documentation/architecture.md \
	Documentation/deployment.md \
	Documentation/lab.md \
	Documentation/manifests.md \
	Documentation/nftables.md \
	Documentation/ownership.md \
	Documentation/plain-ovn.md \
	Documentation/security.md \
	Documentation/testing.md

# The manifests of the documented procedure: the tests and quickstart apply
# them.
examplesdir = $(docdir)/examples
dist_examples_DATA = \
	Documentation/examples/egress-service.yaml \
	Documentation/examples/first-adv.yaml \
	Documentation/examples/first-pool.yaml \
	Documentation/examples/frr-via-vrf.yaml \
	Documentation/examples/node-network-vrf.yaml \
	Documentation/examples/workload.yaml
