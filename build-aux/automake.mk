# SPDX-License-Identifier: Apache-2.0
#
# The checks of the architecture.  "make check" runs them as tests
# (tests/architecture.at); each is a target of its own as well.

EXTRA_DIST += \
	build-aux/check-dist \
	build-aux/check-json-symbols \
	build-aux/check-layers \
	build-aux/check-pure \
	build-aux/check-size \
	build-aux/check-style \
	build-aux/egress_source.py \
	build-aux/pure-symbols

run_check = $(AM_V_at)NM='$(NM)' $(run_python) $(srcdir)/build-aux

check-layers check-size check-style:
	$(run_check)/$@ $(srcdir)
check-pure: plan/libplan.la
	$(run_check)/$@ $(srcdir)/build-aux/pure-symbols plan/.libs/libplan.a
check-json-symbols: intent/libovnegress-intent.la $(bin_PROGRAMS) \
		$(check_PROGRAMS)
	$(run_check)/$@ $(OVS_BUILD)/lib/.libs/libopenvswitch.a $^
check-dist: distfiles
	$(run_check)/$@ $(srcdir) distfiles

# The files that "make dist" takes, a line each, relative to the source tree.
distfiles: Makefile
	$(AM_V_GEN)printf '%s\n' $(DISTFILES) | sed 's,^$(srcdir)/,,' \
		> $@.tmp && mv $@.tmp $@
CLEANFILES += distfiles

.PHONY: check-layers check-size check-style check-pure check-json-symbols \
	check-dist
