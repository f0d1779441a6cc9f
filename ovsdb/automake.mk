# SPDX-License-Identifier: Apache-2.0
#
# The databases: IDLs generated from schemas/ by Open vSwitch's ovsdb-idlc,
# and the code that reads and writes through them.

noinst_LTLIBRARIES += ovsdb/libegressdb.la
ovsdb_libegressdb_la_SOURCES = \
	ovsdb/apply.c \
	ovsdb/apply.h \
	ovsdb/db-mirror.c \
	ovsdb/db-mirror.h \
	ovsdb/db-references.c \
	ovsdb/db-references.h \
	ovsdb/db-row.c \
	ovsdb/db-row.h \
	ovsdb/db-session.c \
	ovsdb/db-session.h \
	ovsdb/db-table.c \
	ovsdb/db-table.h \
	ovsdb/db-watch.c \
	ovsdb/db-watch.h \
	ovsdb/egress-leader.c \
	ovsdb/egress-leader.h \
	ovsdb/egress-nodes.c \
	ovsdb/egress-nodes.h \
	ovsdb/egress-objects.c \
	ovsdb/egress-objects.h \
	ovsdb/egress-observe.c \
	ovsdb/egress-observe.h \
	ovsdb/egress-publish.c \
	ovsdb/egress-publish.h \
	ovsdb/egress-rbac.c \
	ovsdb/egress-rbac.h \
	ovsdb/egress-schema.c \
	ovsdb/egress-schema.h \
	ovsdb/egress-source.h \
	ovsdb/lease.c \
	ovsdb/lease.h \
	ovsdb/liveness.c \
	ovsdb/liveness.h \
	ovsdb/nb-confirm.c \
	ovsdb/nb-confirm.h \
	ovsdb/nb-observe.c \
	ovsdb/nb-observe.h \
	ovsdb/nb-origin.c \
	ovsdb/nb-origin.h \
	ovsdb/nb-routes.c \
	ovsdb/nb-routes.h \
	ovsdb/nb-steering.c \
	ovsdb/nb-steering.h \
	ovsdb/nb-topology.c \
	ovsdb/nb-topology.h \
	ovsdb/sb-chassis.c \
	ovsdb/sb-chassis.h \
	ovsdb/node-bounds.c \
	ovsdb/node-bounds.h
nodist_ovsdb_libegressdb_la_SOURCES = $(IDL_FILES)
ovsdb_libegressdb_la_CPPFLAGS = $(OVS_CPPFLAGS)

IDL_FILES = \
	ovsdb/nb-idl.c \
	ovsdb/nb-idl.h \
	ovsdb/egress-idl.c \
	ovsdb/egress-idl.h \
	ovsdb/sb-idl.c \
	ovsdb/sb-idl.h
BUILT_SOURCES += $(IDL_FILES)
CLEANFILES += $(IDL_FILES) ovsdb/nb-idl.ovsidl ovsdb/egress-idl.ovsidl \
	ovsdb/sb-idl.ovsidl
EXTRA_DIST += ovsdb/nb-idl.ann ovsdb/egress-idl.ann ovsdb/sb-idl.ann

OVSDB_IDLC = $(run_python) $(OVS_SOURCE)/ovsdb/ovsdb-idlc.in
IDL_GEN = $(AM_V_GEN)$(MKDIR_P) ovsdb && $(OVSDB_IDLC)

ovsdb/nb-idl.ovsidl: schemas/ovn-nb-subset.ovsschema ovsdb/nb-idl.ann
	$(IDL_GEN) annotate $(srcdir)/schemas/ovn-nb-subset.ovsschema \
		$(srcdir)/ovsdb/nb-idl.ann > $@.tmp && mv $@.tmp $@
ovsdb/egress-idl.ovsidl: schemas/ovn-egress.ovsschema ovsdb/egress-idl.ann
	$(IDL_GEN) annotate $(srcdir)/schemas/ovn-egress.ovsschema \
		$(srcdir)/ovsdb/egress-idl.ann > $@.tmp && mv $@.tmp $@
ovsdb/nb-idl.c: ovsdb/nb-idl.ovsidl
	$(IDL_GEN) c-idl-source ovsdb/nb-idl.ovsidl > $@.tmp && mv $@.tmp $@
ovsdb/nb-idl.h: ovsdb/nb-idl.ovsidl
	$(IDL_GEN) c-idl-header ovsdb/nb-idl.ovsidl > $@.tmp && mv $@.tmp $@
ovsdb/egress-idl.c: ovsdb/egress-idl.ovsidl
	$(IDL_GEN) c-idl-source ovsdb/egress-idl.ovsidl > $@.tmp && mv $@.tmp $@
ovsdb/egress-idl.h: ovsdb/egress-idl.ovsidl
	$(IDL_GEN) c-idl-header ovsdb/egress-idl.ovsidl > $@.tmp && mv $@.tmp $@
ovsdb/sb-idl.ovsidl: schemas/ovn-sb-subset.ovsschema ovsdb/sb-idl.ann
	$(IDL_GEN) annotate $(srcdir)/schemas/ovn-sb-subset.ovsschema \
		$(srcdir)/ovsdb/sb-idl.ann > $@.tmp && mv $@.tmp $@
ovsdb/sb-idl.c: ovsdb/sb-idl.ovsidl
	$(IDL_GEN) c-idl-source ovsdb/sb-idl.ovsidl > $@.tmp && mv $@.tmp $@
ovsdb/sb-idl.h: ovsdb/sb-idl.ovsidl
	$(IDL_GEN) c-idl-header ovsdb/sb-idl.ovsidl > $@.tmp && mv $@.tmp $@
