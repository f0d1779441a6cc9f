# SPDX-License-Identifier: Apache-2.0
#
# The tools that people start themselves.

bin_PROGRAMS += utilities/ovn-egressctl
utilities_ovn_egressctl_SOURCES = \
	utilities/ctl-apply.c \
	utilities/ctl-cells.c \
	utilities/ctl-cells.h \
	utilities/ctl-check.c \
	utilities/ctl-columns-metallb.c \
	utilities/ctl-columns.c \
	utilities/ctl-columns.h \
	utilities/ctl-command.c \
	utilities/ctl-command.h \
	utilities/ctl-connection.c \
	utilities/ctl-describe.c \
	utilities/ctl-get.c \
	utilities/ctl-heartbeat.c \
	utilities/ctl-heartbeat.h \
	utilities/ctl-manifests.c \
	utilities/ctl-manifests.h \
	utilities/ctl-migrate-read.c \
	utilities/ctl-migrate-text.c \
	utilities/ctl-migrate-write.c \
	utilities/ctl-migrate.c \
	utilities/ctl-migrate.h \
	utilities/ctl-object.c \
	utilities/ctl-object.h \
	utilities/ctl-observe.c \
	utilities/ctl-observe.h \
	utilities/ctl-options.c \
	utilities/ctl-output.c \
	utilities/ctl-output.h \
	utilities/ctl-plan.c \
	utilities/ctl-server.c \
	utilities/ctl-server.h \
	utilities/ctl-session.c \
	utilities/ctl-session.h \
	utilities/ctl-status.c \
	utilities/ctl-text.c \
	utilities/ctl-text.h \
	utilities/ctl-trace.c \
	utilities/ctl-view.c \
	utilities/ctl-view.h \
	utilities/ctl-wait.c \
	utilities/egressctl.h \
	utilities/ovn-egressctl.c
utilities_ovn_egressctl_CPPFLAGS = $(OVS_CPPFLAGS)
utilities_ovn_egressctl_LDFLAGS = $(PROGRAM_LINK)
utilities_ovn_egressctl_LDADD = $(EGRESS_LIBS)

bashcompdir = $(datadir)/bash-completion/completions
dist_bashcomp_DATA = utilities/bash-completion/ovn-egressctl

sbin_SCRIPTS += utilities/ovn-egress-ctl
CLEANFILES += utilities/ovn-egress-ctl
utilities/ovn-egress-ctl: $(srcdir)/utilities/ovn-egress-ctl.in Makefile
	$(AM_V_GEN)$(MKDIR_P) utilities && \
		sed -e 's,@bindir\@,$(bindir),g' \
		    -e 's,@pkgdatadir\@,$(pkgdatadir),g' \
		    -e 's,@OVN_RUNDIR\@,$(OVN_RUNDIR),g' \
		    -e 's,@OVN_LOGDIR\@,$(OVN_LOGDIR),g' \
		    $(srcdir)/utilities/ovn-egress-ctl.in > $@.tmp && \
		chmod +x $@.tmp && mv $@.tmp $@

EXTRA_DIST += \
	utilities/ovn-egress-ctl.in \
	utilities/lab/beside.sh \
	utilities/lab/central.sh \
	utilities/lab/fabric.sh \
	utilities/lab/lab-functions.sh \
	utilities/lab/lab-judge \
	utilities/lab/lab-net \
	utilities/lab/lab-shell \
	utilities/lab/lab-up \
	utilities/lab/labload.py \
	utilities/lab/load.sh \
	utilities/lab/manifests.sh \
	utilities/lab/node.sh \
	utilities/lab/topology.sh \
	utilities/lab/watch.sh \
	utilities/ovn-egress-lab \
	utilities/ovn-egress-vm \
	utilities/quickstart \
	utilities/quickstart-lib/build.sh \
	utilities/quickstart-lib/check.sh \
	utilities/quickstart-lib/deps.sh \
	utilities/quickstart-lib/image.sh \
	utilities/quickstart-lib/kube.sh \
	utilities/quickstart-lib/lab.sh \
	utilities/quickstart-lib/ovs.sh \
	utilities/quickstart-lib/run-kubernetes.sh \
	utilities/quickstart-lib/run.sh \
	utilities/quickstart-lib/show.sh \
	utilities/quickstart-topology
