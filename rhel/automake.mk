# SPDX-License-Identifier: Apache-2.0
#
# Packaging for RPM systems, and the systemd units, which are installed if
# configure was given --with-systemdsystemunitdir.

SYSTEMD_UNITS = \
	rhel/ovn-egress-agent.service \
	rhel/ovn-egress-kube.service \
	rhel/ovn-egress-node.service
EXTRA_DIST += \
	rhel/ovn-egress-agent.service.in \
	rhel/ovn-egress-kube.service.in \
	rhel/ovn-egress-node.service.in \
	rhel/ovn-egress.logrotate \
	rhel/ovn-egress.sysconfig
CLEANFILES += $(SYSTEMD_UNITS)

if HAVE_SYSTEMD
systemdsystemunit_DATA = $(SYSTEMD_UNITS)
endif

$(SYSTEMD_UNITS): %: $(srcdir)/%.in Makefile
	$(AM_V_GEN)$(MKDIR_P) rhel && \
		sed 's,@bindir\@,$(bindir),g' $< > $@.tmp && mv $@.tmp $@
