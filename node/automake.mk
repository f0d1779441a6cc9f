# SPDX-License-Identifier: Apache-2.0
#
# ovn-egress-node: makes a host do its part.

noinst_LTLIBRARIES += node/libnode.la
node_libnode_la_SOURCES = \
	node/checkpoint.c \
	node/checkpoint.h \
	node/conntrack-filter.c \
	node/conntrack.c \
	node/conntrack.h \
	node/facts.c \
	node/facts.h \
	node/frr-daemon.c \
	node/frr-daemon.h \
	node/frr-heal.c \
	node/frr-heal.h \
	node/frr-read.c \
	node/frr-read.h \
	node/frr-sessions.c \
	node/frr-sessions.h \
	node/frr-vty.c \
	node/frr-vty.h \
	node/frr-writer.c \
	node/frr-writer.h \
	node/frr.c \
	node/frr.h \
	node/hold.c \
	node/hold.h \
	node/kind-address.c \
	node/kind-conntrack.c \
	node/kind-link.c \
	node/kind-nft.c \
	node/kind-route.c \
	node/kind-rule.c \
	node/kind-sysctl.c \
	node/kind.c \
	node/kind.h \
	node/leftover.c \
	node/leftover.h \
	node/links.c \
	node/links.h \
	node/nft-cache.c \
	node/nft-cut.c \
	node/nft-cut.h \
	node/nft-cache.h \
	node/nft-field.c \
	node/nft-field.h \
	node/nft-leave.c \
	node/nft-leave.h \
	node/nft-nl.c \
	node/nft-nl.h \
	node/nft-read.c \
	node/nft-read.h \
	node/nft-rule.c \
	node/nft-rule.h \
	node/nft-set.c \
	node/nft-set.h \
	node/nft-stale.c \
	node/nft-stale.h \
	node/nft-value.c \
	node/nft-value.h \
	node/nlsk.c \
	node/nlsk.h \
	node/peers.c \
	node/peers.h \
	node/reconcile.c \
	node/reconcile.h \
	node/rtnl-address.c \
	node/rtnl-address.h \
	node/rtnl-monitor.c \
	node/rtnl-monitor.h \
	node/rtnl-route.c \
	node/rtnl-route.h \
	node/rtnl-rule.c \
	node/rtnl-rule.h \
	node/rtnl.c \
	node/rtnl.h \
	node/state.c \
	node/state.h \
	node/trial.c \
	node/trial.h \
	node/work-database.c \
	node/work-database.h \
	node/work-ingress.c \
	node/work-ingress.h \
	node/work-policy.c \
	node/work-policy.h \
	node/work.c \
	node/work.h
node_libnode_la_CPPFLAGS = $(OVS_CPPFLAGS) $(LIBNL_CFLAGS)

bin_PROGRAMS += node/ovn-egress-node
node_ovn_egress_node_SOURCES = \
	node/beat.c \
	node/beat.h \
	node/guard.c \
	node/guard.h \
	node/ovn-egress-node.c
node_ovn_egress_node_CPPFLAGS = \
	$(OVS_CPPFLAGS) $(LIBNL_CFLAGS) $(LIBCAPNG_CFLAGS)
node_ovn_egress_node_LDFLAGS = $(PROGRAM_LINK)
node_ovn_egress_node_LDADD = \
	node/libnode.la $(EGRESS_LIBS) $(LIBNL_LIBS) $(LIBCAPNG_LIBS)
