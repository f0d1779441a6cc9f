# SPDX-License-Identifier: Apache-2.0
#
# The pure core.  Its objects may not do I/O: see build-aux/check-pure.

noinst_LTLIBRARIES += plan/libplan.la
plan_libplan_la_SOURCES = \
	plan/announce-advert.c \
	plan/announce-advert.h \
	plan/announce-peer.c \
	plan/announce-status.c \
	plan/announce.c \
	plan/announce.h \
	plan/check-bgp.c \
	plan/check-network.c \
	plan/check-service.c \
	plan/check.c \
	plan/check.h \
	plan/endpoints.c \
	plan/format.c \
	plan/frr-config.c \
	plan/frr-config.h \
	plan/frr-diff.c \
	plan/frr-diff.h \
	plan/frr.c \
	plan/frr.h \
	plan/host-build.h \
	plan/host-check.c \
	plan/host-ingress.c \
	plan/host-marks.c \
	plan/host-marks.h \
	plan/host-nft.c \
	plan/host-nft.h \
	plan/host-nncp.c \
	plan/host-options.c \
	plan/host-route.c \
	plan/host-route.h \
	plan/host-row.h \
	plan/host-rule.c \
	plan/host-rule.h \
	plan/host-service.c \
	plan/host-sysctl.c \
	plan/host.c \
	plan/host.h \
	plan/ingress.c \
	plan/input.c \
	plan/labels.c \
	plan/match.c \
	plan/match.h \
	plan/options.c \
	plan/plan.c \
	plan/plan.h \
	plan/pool-match.c \
	plan/pools.c \
	plan/pools.h \
	plan/prefix-index.c \
	plan/prefix-index.h \
	plan/problem.c \
	plan/problem.h \
	plan/rollout.c \
	plan/row-diff.c \
	plan/row.c \
	plan/row.h \
	plan/schedule.c \
	plan/select.c \
	plan/sets.c \
	plan/status-service.c \
	plan/status.c \
	plan/status.h \
	plan/topology.c \
	plan/trace-build.h \
	plan/trace-claim.c \
	plan/trace-node.c \
	plan/trace-reply.c \
	plan/trace-router.c \
	plan/trace-set.c \
	plan/trace.c \
	plan/trace.h \
	plan/view.c \
	plan/view.h \
	plan/work.c \
	plan/zone-endpoint.c \
	plan/zone-node.c \
	plan/zone-shared.c \
	plan/zone.c \
	plan/zone.h
plan_libplan_la_CPPFLAGS = $(OVS_CPPFLAGS)
