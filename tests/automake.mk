# SPDX-License-Identifier: Apache-2.0
#
# The tests: a program that holds all tests written in C, the test suite in
# autotest, and the fuzzers.

# --- ovn-egress-test: add a file here, and it registers itself. ---

check_PROGRAMS += tests/ovn-egress-test
tests_ovn_egress_test_SOURCES = \
	tests/bench-nft.c \
	tests/bench-node.c \
	tests/egress-test.h \
	tests/fuzz/fuzz-driver.c \
	tests/fuzz/fuzz-frr.c \
	tests/fuzz/fuzz-intent-json.c \
	tests/fuzz/fuzz-intent.c \
	tests/fuzz/fuzz-ip.c \
	tests/fuzz/fuzz-kube.c \
	tests/fuzz/fuzz-match.c \
	tests/fuzz/fuzz-nb.c \
	tests/fuzz/fuzz-netlink.c \
	tests/fuzz/fuzz-node.c \
	tests/fuzz/fuzz-options.c \
	tests/fuzz/fuzz-rows.c \
	tests/fuzz/fuzz-rows.h \
	tests/fuzz/fuzz-selftest.c \
	tests/fuzz/fuzz-steering.c \
	tests/fuzz/fuzz.h \
	tests/intent-check.h \
	tests/intent-dump-nncp.c \
	tests/intent-dump.c \
	tests/intent-dump.h \
	tests/nft-table.c \
	tests/nft-table.h \
	tests/ovn-egress-test.c \
	tests/plan-announced.c \
	tests/plan-must.c \
	tests/plan-must.h \
	tests/plan-sim.c \
	tests/plan-sim.h \
	tests/plan-world-json.c \
	tests/plan-world-publish.c \
	tests/plan-world.c \
	tests/plan-world.h \
	tests/test-apply.c \
	tests/test-daemon.c \
	tests/test-frr.c \
	tests/test-helper.c \
	tests/test-machine.c \
	tests/test-intent.c \
	tests/test-ip.c \
	tests/test-json.c \
	tests/test-kube.c \
	tests/test-lib.c \
	tests/test-liveness.c \
	tests/test-match.c \
	tests/test-nft.c \
	tests/node-fault.c \
	tests/node-fault.h \
	tests/node-life.c \
	tests/node-life.h \
	tests/node-world.c \
	tests/node-world.h \
	tests/test-node-faults.c \
	tests/test-node-hold.c \
	tests/test-node-step.c \
	tests/test-node.c \
	tests/test-plan-bench.c \
	tests/test-plan-sim.c \
	tests/test-plan.c \
	tests/test-trial.c
tests_ovn_egress_test_CPPFLAGS = $(OVS_CPPFLAGS) $(LIBNL_CFLAGS)
tests_ovn_egress_test_LDFLAGS = $(PROGRAM_LINK) -no-install
tests_ovn_egress_test_LDADD = \
	node/libnode.la kube/libkube.la $(EGRESS_LIBS) $(LIBNL_LIBS)

# --- The test suite: add a file here and to testsuite.at. ---

TESTSUITE_AT = \
	tests/agent-flows.at \
	tests/agent-ha.at \
	tests/agent-migrate.at \
	tests/agent-ovn.at \
	tests/agent-clash.at \
	tests/agent-silent.at \
	tests/agent-replaced.at \
	tests/agent.at \
	tests/apply.at \
	tests/architecture.at \
	tests/ctl.at \
	tests/ctl-apply.at \
	tests/ctl-get.at \
	tests/ctl-plan.at \
	tests/ctl-text.at \
	tests/ctl-trace-rows.at \
	tests/ctl-trace.at \
	tests/ovn-egress-ctl.at \
	tests/daemon-shell.at \
	tests/frr.at \
	tests/documentation.at \
	tests/fuzz.at \
	tests/harness.at \
	tests/judge.at \
	tests/kube.at \
	tests/kube-bad.at \
	tests/intent.at \
	tests/host.at \
	tests/host-guard.at \
	tests/host-ingress.at \
	tests/host-policy.at \
	tests/host-network.at \
	tests/library.at \
	tests/match.at \
	tests/nft.at \
	tests/ovn-egress-macros.at \
	tests/plain-ovn.at \
	tests/plan.at \
	tests/quickstart.at \
	tests/testsuite.at \
	tests/topology.at \
	tests/trial.at
TESTSUITE = $(srcdir)/tests/testsuite
EXTRA_DIST += \
	tests/schema-1.5.0.ovsschema \
	$(TESTSUITE_AT) \
	$(TESTSUITE) \
	tests/agent-vrf-both.yaml \
	tests/egress-functions.sh \
	tests/fake-functions.sh \
	tests/kube-fake \
	tests/run-page \
	tests/golden
DISTCLEANFILES += tests/atconfig
AUTOTEST_PATH = agent/.libs:kube/.libs:node/.libs:utilities/.libs:utilities:tests

$(srcdir)/package.m4: $(top_srcdir)/configure.ac
	$(AM_V_GEN){ \
	  echo 'm4_define([AT_PACKAGE_NAME],      [$(PACKAGE_NAME)])'; \
	  echo 'm4_define([AT_PACKAGE_TARNAME],   [$(PACKAGE_TARNAME)])'; \
	  echo 'm4_define([AT_PACKAGE_VERSION],   [$(PACKAGE_VERSION)])'; \
	  echo 'm4_define([AT_PACKAGE_STRING],    [$(PACKAGE_STRING)])'; \
	  echo 'm4_define([AT_PACKAGE_BUGREPORT], [$(PACKAGE_BUGREPORT)])'; \
	} > $@.tmp && mv $@.tmp $@
EXTRA_DIST += $(srcdir)/package.m4

$(TESTSUITE): $(srcdir)/package.m4 $(TESTSUITE_AT)
	$(AM_V_GEN)$(AUTOM4TE) --language=autotest -I '$(srcdir)' \
		-o $@.tmp $(srcdir)/tests/testsuite.at && mv $@.tmp $@

RUN_TESTSUITE = $(SHELL) '$(TESTSUITE)' -C tests AUTOTEST_PATH=$(AUTOTEST_PATH)
check-local: $(TESTSUITE) tests/atconfig tests/atlocal distfiles
	$(RUN_TESTSUITE) -j2 $(TESTSUITEFLAGS)
# The same with what is built, for tests/check-mutants.
check-as-built:
	$(RUN_TESTSUITE) -j2 $(TESTSUITEFLAGS)
.PHONY: check-as-built
clean-testsuite:
	-test ! -f '$(TESTSUITE)' || $(RUN_TESTSUITE) --clean
CLEAN_LOCAL += clean-testsuite

# --- Tests that need a kernel: tests/system-common-macros.at says how to add
# one. ---

SYSTEM_TESTSUITE_AT = \
	tests/ovn-egress-macros.at \
	tests/plan.at \
	tests/system-common-macros.at \
	tests/system-harness.at \
	tests/system-nft-guard.at \
	tests/system-nft-packets.at \
	tests/system-node-cut.at \
	tests/system-node-removal.at \
	tests/system-node-trial.at \
	tests/system-node.at \
	tests/system-node-guard.at \
	tests/system-node-hard.at \
	tests/system-node-order.at \
	tests/system-node-policy.at \
	tests/system-node-replaced.at \
	tests/system-node-random.at \
	tests/system-frr-daemons.at \
	tests/system-frr-move.at \
	tests/system-frr.at \
	tests/system-ingress.at \
	tests/system-nft.at \
	tests/system-testsuite.at
SYSTEM_TESTSUITE = $(srcdir)/tests/system-testsuite
EXTRA_DIST += \
	$(SYSTEM_TESTSUITE_AT) \
	$(SYSTEM_TESTSUITE) \
	tests/node-functions.sh \
	tests/echo-source \
	tests/frr-functions.sh \
	tests/frr-manifests.yaml \
	tests/frr-routes \
	tests/ingress-functions.sh \
	tests/system-functions.sh \
	tests/system-run \
	tests/vm/init \
	tests/vm/initrd-init \
	tests/vm/kernel

$(SYSTEM_TESTSUITE): $(srcdir)/package.m4 $(SYSTEM_TESTSUITE_AT)
	$(AM_V_GEN)$(AUTOM4TE) --language=autotest -I '$(srcdir)' \
		-o $@.tmp $(srcdir)/tests/system-testsuite.at && mv $@.tmp $@

check-system: all $(check_PROGRAMS) $(SYSTEM_TESTSUITE) \
		tests/atconfig tests/atlocal
	$(abs_top_srcdir)/tests/system-run \
		'$(abs_top_srcdir)/tests/system-testsuite' \
		$(AUTOTEST_PATH) $(TESTSUITEFLAGS)
clean-system:
	rm -rf tests/system-testsuite.dir tests/e2e-testsuite.dir \
		tests/scenes-testsuite.dir
CLEAN_LOCAL += clean-system
.PHONY: check-system check-e2e

# --- Tests of the whole system with packets: tests/e2e-macros.at. ---

E2E_TESTSUITE_AT = \
	tests/e2e-beside.at \
	tests/e2e-daemon.at \
	tests/e2e-macros.at \
	tests/e2e-move.at \
	tests/e2e-network.at \
	tests/e2e-service.at \
	tests/e2e-testsuite.at \
	tests/scenes-macros.at
E2E_TESTSUITE = $(srcdir)/tests/e2e-testsuite
EXTRA_DIST += $(E2E_TESTSUITE_AT) $(E2E_TESTSUITE) tests/e2e-functions.sh \
	tests/bench-e2e

$(E2E_TESTSUITE): $(srcdir)/package.m4 $(E2E_TESTSUITE_AT) \
		$(SYSTEM_TESTSUITE_AT)
	$(AM_V_GEN)$(AUTOM4TE) --language=autotest -I '$(srcdir)' \
		-o $@.tmp $(srcdir)/tests/e2e-testsuite.at && mv $@.tmp $@

check-e2e: all $(check_PROGRAMS) $(E2E_TESTSUITE) \
		tests/atconfig tests/atlocal
	SYSTEM_SETUP='$(abs_top_srcdir)/utilities/lab/lab-up' SYSTEM_MEM=2G \
		$(abs_top_srcdir)/tests/system-run \
		'$(abs_top_srcdir)/tests/e2e-testsuite' \
		$(AUTOTEST_PATH) $(TESTSUITEFLAGS)

# --- Tests with a real Kubernetes API server: tests/kube-macros.at. ---

KUBE_TESTSUITE_AT = \
	tests/kube-api.at \
	tests/kube-churn.at \
	tests/kube-deploy.at \
	tests/kube-macros.at \
	tests/kube-manager.at \
	tests/kube-mirror.at \
	tests/kube-testsuite.at \
	tests/ovn-egress-macros.at
KUBE_TESTSUITE = $(srcdir)/tests/kube-testsuite
EXTRA_DIST += $(KUBE_TESTSUITE_AT) $(KUBE_TESTSUITE) \
	tests/kube-churn \
	tests/kube-crds.yaml \
	tests/kube-functions.sh \
	tests/kube-peer-crd.yaml

$(KUBE_TESTSUITE): $(srcdir)/package.m4 $(KUBE_TESTSUITE_AT)
	$(AM_V_GEN)$(AUTOM4TE) --language=autotest -I '$(srcdir)' \
		-o $@.tmp $(srcdir)/tests/kube-testsuite.at && mv $@.tmp $@

check-kube: all $(check_PROGRAMS) $(KUBE_TESTSUITE) \
		tests/atconfig tests/atlocal
	@. $(abs_top_srcdir)/tests/kube-functions.sh; kube_find || \
		echo "kube-testsuite: skipped: no kube-apiserver is built" \
			"(utilities/quickstart kube)"
	$(SHELL) '$(KUBE_TESTSUITE)' -C tests -j2 AUTOTEST_PATH=$(AUTOTEST_PATH) \
		$(TESTSUITEFLAGS)

# The same with as many objects as a large cluster has, and figures.
KUBE_LOAD = KUBE_SERVICES=1000 KUBE_ENDPOINTS=10 KUBE_CHANGES=200 \
	KUBE_MORE=300 EGRESS_TIMEOUT=300
bench-kube: all $(KUBE_TESTSUITE) tests/atconfig tests/atlocal
	$(KUBE_LOAD) KUBE_FIGURES='$(abs_builddir)/tests/kube-figures' \
		$(SHELL) '$(KUBE_TESTSUITE)' -C tests \
		AUTOTEST_PATH=$(AUTOTEST_PATH) -k churn
	@cat tests/kube-figures
clean-kube:
	rm -f tests/kube-figures
	-test ! -f '$(KUBE_TESTSUITE)' || \
		$(SHELL) '$(KUBE_TESTSUITE)' -C tests --clean
CLEAN_LOCAL += clean-kube
.PHONY: bench-kube check-kube

# The documented procedure in the lab, by kubectl.
EXTRA_DIST += tests/kube-lab-check
check-kube-lab: all
	$(abs_top_srcdir)/tests/kube-lab-check
clean-kube-lab:
	rm -f tests/kube-lab.out
CLEAN_LOCAL += clean-kube-lab
.PHONY: check-kube-lab

# --- The OCI image. ---

EXTRA_DIST += tests/image-check

check-image: all
	$(abs_top_srcdir)/tests/image-check
clean-image:
	rm -rf tests/image.dir
CLEAN_LOCAL += clean-image
.PHONY: check-image

# --- Scenes, every packet of which is judged: tests/scenes-macros.at. ---

SCENES_TESTSUITE_AT = \
	tests/scenes-endpoint.at \
	tests/scenes-move.at \
	tests/scenes-node.at \
	tests/scenes-random.at \
	tests/scenes-service.at \
	tests/scenes-testsuite.at
SCENES_TESTSUITE = $(srcdir)/tests/scenes-testsuite
EXTRA_DIST += $(SCENES_TESTSUITE_AT) $(SCENES_TESTSUITE) \
	tests/scenes-faults.sh \
	tests/scenes-functions.sh \
	tests/scenes-random.sh

$(SCENES_TESTSUITE): $(srcdir)/package.m4 $(SCENES_TESTSUITE_AT) \
		$(E2E_TESTSUITE_AT) $(SYSTEM_TESTSUITE_AT)
	$(AM_V_GEN)$(AUTOM4TE) --language=autotest -I '$(srcdir)' \
		-o $@.tmp $(srcdir)/tests/scenes-testsuite.at && mv $@.tmp $@

check-scenes-short: SCENES = -k short
check-scenes check-scenes-short: all $(check_PROGRAMS) $(SCENES_TESTSUITE) \
		tests/atconfig tests/atlocal
	SYSTEM_SETUP='$(abs_top_srcdir)/utilities/lab/lab-up' SYSTEM_MEM=2G \
		SYSTEM_KERNELS=$${SYSTEM_KERNELS:-1} \
		SYSTEM_CPUS=$${SYSTEM_CPUS:-2} \
		SYSTEM_TIMEOUT=14400 $(abs_top_srcdir)/tests/system-run \
		'$(abs_top_srcdir)/tests/scenes-testsuite' \
		$(AUTOTEST_PATH) $(SCENES) $(TESTSUITEFLAGS)
.PHONY: check-scenes check-scenes-short

bench-e2e: all
	$(abs_top_srcdir)/utilities/ovn-egress-lab --build='$(abs_top_builddir)' \
		. '$(abs_top_srcdir)/tests/bench-e2e'
.PHONY: bench-e2e

# --- Cases of the planner: tests/plan/NAME/script and what it prints. ---

EXTRA_DIST += tests/plan

# Writes tests/plan/*/plan.txt anew, for review with "git diff".
regen-plan: tests/ovn-egress-test
	@for script in $(abs_top_srcdir)/tests/plan/*/script; do \
	  dir=`dirname $$script`; \
	  tests/ovn-egress-test plan $$dir > $$dir/plan.txt || exit 1; \
	done
.PHONY: regen-plan

# --- Benchmarks: as root; tests/bench-NAME says what it measures. ---

EXTRA_DIST += tests/bench-agent tests/bench-nft

bench-nft: $(check_PROGRAMS)
	PATH=$(abs_top_builddir)/tests:$$PATH \
		$(abs_top_srcdir)/tests/bench-nft $(BENCH_ENDPOINTS)
bench-node: $(check_PROGRAMS)
	for rules in mark address; do \
		unshare --net tests/ovn-egress-test node-bench $$rules \
			$(BENCH_ENDPOINTS) || exit; done
bench: bench-nft bench-node
.PHONY: bench bench-nft bench-node

# --- Fuzzers: tests/fuzz/fuzz.h says how to write one. ---

FUZZ_RUNS = 20000
FUZZ_SEED = 1
EXTRA_DIST += tests/fuzz/run tests/fuzz/corpus

check-fuzz: all $(check_PROGRAMS)
	$(MKDIR_P) tests/fuzz.dir
	cd tests/fuzz.dir && PATH=$(abs_top_builddir)/tests:$$PATH \
		$(abs_top_srcdir)/tests/fuzz/run \
		$(abs_top_srcdir)/tests/fuzz/corpus $(FUZZ_RUNS) $(FUZZ_SEED)
clean-fuzz:
	rm -rf tests/fuzz.dir tests/libfuzzer-*
CLEAN_LOCAL += clean-fuzz

# "make libfuzzer-NAME" makes tests/libfuzzer-NAME in a tree that was configured
# with CC=clang CFLAGS="-g -O1 -fsanitize=fuzzer-no-link,address".
.PRECIOUS: tests/libfuzzer-%
libfuzzer-%: tests/libfuzzer-%
	@:
# $(LINK) ends with the program's name.
tests/libfuzzer-%: $(srcdir)/tests/fuzz/fuzz-%.c all
	$(AM_V_CC)$(COMPILE) $(tests_ovn_egress_test_CPPFLAGS) \
		-DEGRESS_LIBFUZZER -c -o $@.o $<
	$(AM_V_CC)$(COMPILE) $(tests_ovn_egress_test_CPPFLAGS) \
		-c -o $@-rows.o $(srcdir)/tests/fuzz/fuzz-rows.c
	$(AM_V_CCLD)$(LINK) $(PROGRAM_LINK) -no-install -fsanitize=fuzzer \
		$@.o $@-rows.o $(tests_ovn_egress_test_LDADD)
.PHONY: check-fuzz

# --- Small changes that the tests must see: tests/mutants. ---

EXTRA_DIST += tests/check-mutants tests/mutants

check-mutants: all
	$(PYTHON3) '$(abs_top_srcdir)/tests/check-mutants' \
		'$(abs_top_srcdir)' '$(abs_top_builddir)' $(MUTANTS)
clean-mutants:
	rm -rf mutants.dir
CLEAN_LOCAL += clean-mutants
.PHONY: check-mutants

# --- Benchmarks: figures for people, on a machine that does nothing else. ---

bench: all
	PATH=$(abs_top_builddir)/agent/.libs:$$PATH \
	LD_LIBRARY_PATH=$(abs_top_builddir)/intent/.libs \
		$(PYTHON3) $(srcdir)/tests/bench-agent \
		--schemas='$(OVN_SCHEMAS)' \
		--egress-schema='$(abs_top_srcdir)/schemas/ovn-egress.ovsschema' \
		$(BENCHFLAGS)
.PHONY: bench
