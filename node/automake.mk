# SPDX-License-Identifier: Apache-2.0
#
# ovn-egress-node: makes a host do its part.

bin_PROGRAMS += node/ovn-egress-node
node_ovn_egress_node_SOURCES = \
	node/ovn-egress-node.c
node_ovn_egress_node_CPPFLAGS = $(OVS_CPPFLAGS) $(LIBNL_CFLAGS)
node_ovn_egress_node_LDFLAGS = $(PROGRAM_LINK)
node_ovn_egress_node_LDADD = \
	$(EGRESS_LIBS) $(LIBNL_LIBS) $(LIBCAPNG_LIBS)
