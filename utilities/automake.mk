# SPDX-License-Identifier: Apache-2.0
#
# The tools that people start themselves.

bin_PROGRAMS += utilities/ovn-egressctl
utilities_ovn_egressctl_SOURCES = \
	utilities/ovn-egressctl.c
utilities_ovn_egressctl_CPPFLAGS = $(OVS_CPPFLAGS)
utilities_ovn_egressctl_LDFLAGS = $(PROGRAM_LINK)
utilities_ovn_egressctl_LDADD = $(EGRESS_LIBS)

EXTRA_DIST += \
	utilities/ovn-egress-uml \
	utilities/quickstart \
	utilities/quickstart-lib/build.sh \
	utilities/quickstart-lib/check.sh \
	utilities/quickstart-lib/deps.sh \
	utilities/quickstart-lib/ovs.sh \
	utilities/quickstart-lib/run.sh
