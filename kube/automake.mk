# SPDX-License-Identifier: Apache-2.0
#
# ovn-egress-kube: the mirror of a Kubernetes cluster.  What needs no libcurl
# is a library, which the tests use.

noinst_LTLIBRARIES += kube/libkube.la
kube_libkube_la_SOURCES = \
	kube/kube-config.c \
	kube/kube-config.h \
	kube/kube-json.c \
	kube/kube-json.h \
	kube/kube-kind.c \
	kube/kube-kind.h \
	kube/kube-patch.c \
	kube/kube-patch.h \
	kube/kube-prune.c \
	kube/kube-prune.h \
	kube/kube-select.c \
	kube/kube-select.h \
	kube/kube-store.c \
	kube/kube-store.h \
	kube/kube-tell.c \
	kube/kube-tell.h \
	kube/kube-watch-decode.c \
	kube/kube-watch-decode.h
kube_libkube_la_CPPFLAGS = $(OVS_CPPFLAGS)

if HAVE_KUBE
bin_PROGRAMS += kube/ovn-egress-kube
endif
kube_ovn_egress_kube_SOURCES = \
	kube/kube-backoff.h \
	kube/kube-discovery.c \
	kube/kube-discovery.h \
	kube/kube-http.c \
	kube/kube-http.h \
	kube/kube-mirror.c \
	kube/kube-mirror.h \
	kube/kube-reflector.c \
	kube/kube-reflector.h \
	kube/kube-status.c \
	kube/kube-status.h \
	kube/kube-trust.c \
	kube/kube-trust.h \
	kube/kube-unixctl.c \
	kube/kube-writer.c \
	kube/kube-writer.h \
	kube/kube.c \
	kube/kube.h \
	kube/ovn-egress-kube.c
kube_ovn_egress_kube_CPPFLAGS = $(OVS_CPPFLAGS) $(CURL_CFLAGS)
kube_ovn_egress_kube_LDFLAGS = $(PROGRAM_LINK)
kube_ovn_egress_kube_LDADD = kube/libkube.la $(EGRESS_LIBS) $(CURL_LIBS)
