# SPDX-License-Identifier: Apache-2.0
#
# The pure core.  Its objects may not do I/O: see build-aux/check-pure.

noinst_LTLIBRARIES += plan/libplan.la
plan_libplan_la_SOURCES = \
	plan/host-build.h \
	plan/host-check.c \
	plan/host-marks.c \
	plan/host-marks.h \
	plan/host-nncp.c \
	plan/host-options.c \
	plan/host-route.c \
	plan/host-route.h \
	plan/host-row.h \
	plan/host-rule.c \
	plan/host-rule.h \
	plan/host-service.c \
	plan/host.c \
	plan/host.h \
	plan/plan.c \
	plan/plan.h \
	plan/row-diff.c \
	plan/row.c \
	plan/row.h
plan_libplan_la_CPPFLAGS = $(OVS_CPPFLAGS)
