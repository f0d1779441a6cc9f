# SPDX-License-Identifier: Apache-2.0
#
# The pure core.  Its objects may not do I/O: see build-aux/check-pure.

noinst_LTLIBRARIES += plan/libplan.la
plan_libplan_la_SOURCES = \
	plan/host-nft.c \
	plan/host-nft.h \
	plan/plan.c \
	plan/plan.h \
	plan/row-diff.c \
	plan/row.c \
	plan/row.h
plan_libplan_la_CPPFLAGS = $(OVS_CPPFLAGS)
