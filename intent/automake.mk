# SPDX-License-Identifier: Apache-2.0
#
# The decoder: a private shared library that shows only intent_* and ip_*.
# It uses jansson and libyaml, and never libopenvswitch (see Makefile.am).

pkglib_LTLIBRARIES += intent/libovnegress-intent.la
intent_libovnegress_intent_la_SOURCES = \
	intent/advertisement.c \
	intent/annotation.c \
	intent/annotation.h \
	intent/arena.c \
	intent/arena.h \
	intent/base64.c \
	intent/bgp-peer.c \
	intent/clean.c \
	intent/clean.h \
	intent/core.c \
	intent/decode-types.c \
	intent/decode.c \
	intent/decode.h \
	intent/egress-service.c \
	intent/endpoint-slice.c \
	intent/intent.h \
	intent/ip.c \
	intent/ip.h \
	intent/kind-info.h \
	intent/kinds.c \
	intent/kinds.h \
	intent/nncp-interface.c \
	intent/nncp-route.c \
	intent/nncp.c \
	intent/nncp.h \
	intent/node.c \
	intent/object.c \
	intent/object.h \
	intent/parse.c \
	intent/pool.c \
	intent/print.c \
	intent/problem.c \
	intent/problem.h \
	intent/protocol.h \
	intent/selector.c \
	intent/service.c \
	intent/syntax.c \
	intent/syntax.h \
	intent/value-json.c \
	intent/value-yaml.c \
	intent/value.c \
	intent/value.h \
	intent/versions.c \
	intent/yaml-json.c
intent_libovnegress_intent_la_CPPFLAGS = \
	-D_GNU_SOURCE $(JANSSON_CFLAGS) $(YAML_CFLAGS)
intent_libovnegress_intent_la_LDFLAGS = \
	$(AM_LDFLAGS) -avoid-version -export-symbols-regex '^(intent_|ip_)'
intent_libovnegress_intent_la_LIBADD = $(JANSSON_LIBS) $(YAML_LIBS)
