# SPDX-License-Identifier: Apache-2.0
#
# The unit tests' program and the test suite.

check_PROGRAMS += tests/ovn-egress-test
tests_ovn_egress_test_SOURCES = \
	tests/egress-test.h \
	tests/ovn-egress-test.c \
	tests/test-json.c
tests_ovn_egress_test_CPPFLAGS = $(OVS_CPPFLAGS)
tests_ovn_egress_test_LDFLAGS = $(PROGRAM_LINK)
tests_ovn_egress_test_LDADD = $(EGRESS_LIBS)
