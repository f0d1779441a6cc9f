# SPDX-License-Identifier: Apache-2.0
#
# Man pages and documents: every page installs from here.

dist_man_MANS +=
dist_doc_DATA += Documentation/architecture.md

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
