# SPDX-License-Identifier: Apache-2.0
#
# What both daemons' and the tools' main() share.

noinst_LTLIBRARIES += lib/libegress.la
lib_libegress_la_SOURCES = \
	lib/daemon-shell.c \
	lib/daemon-shell.h \
	lib/egress-dirs.c \
	lib/egress-dirs.h \
	lib/json-array.h \
	lib/program.c \
	lib/program.h \
	lib/version.c \
	lib/version.h
lib_libegress_la_CPPFLAGS = $(OVS_CPPFLAGS)
