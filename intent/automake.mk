# SPDX-License-Identifier: Apache-2.0
#
# The decoder: a private shared library that shows only intent_* and ip_*.
# It uses jansson and libyaml, and never libopenvswitch (see Makefile.am).

pkglib_LTLIBRARIES += intent/libovnegress-intent.la
intent_libovnegress_intent_la_SOURCES = \
	intent/intent.c \
	intent/intent.h \
	intent/ip.h \
	intent/kinds.h
intent_libovnegress_intent_la_CPPFLAGS = \
	-D_GNU_SOURCE $(JANSSON_CFLAGS) $(YAML_CFLAGS)
intent_libovnegress_intent_la_LDFLAGS = \
	$(AM_LDFLAGS) -avoid-version -export-symbols-regex '^(intent_|ip_)'
intent_libovnegress_intent_la_LIBADD = $(JANSSON_LIBS) $(YAML_LIBS)
