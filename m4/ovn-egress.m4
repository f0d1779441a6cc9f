# SPDX-License-Identifier: Apache-2.0
#
# The project's own configure macros, each called once by configure.ac.

# EGRESS_CHECK_PYTHON
#
# Python 3 runs ovsdb-idlc and the checks in build-aux/.  The system's own
# interpreter is preferred to one that a version manager put into PATH.
AC_DEFUN([EGRESS_CHECK_PYTHON], [
  AC_ARG_VAR([PYTHON3], [Python 3 interpreter])
  AC_PATH_PROG([PYTHON3], [python3], [no], [/usr/bin:$PATH])
  if test "$PYTHON3" = no; then
    AC_MSG_ERROR([Python 3 is needed to build])
  fi
])

# EGRESS_CHECK_OVS
#
# Open vSwitch must be given as a source directory and a finished build
# directory, because distributions package neither the headers nor ovsdb-idlc.
AC_DEFUN([EGRESS_CHECK_OVS], [
  AC_ARG_WITH([ovs-source],
    [AS_HELP_STRING([--with-ovs-source=DIR],
                    [source directory of Open vSwitch, 3.1 or later])],
    [], [with_ovs_source=no])
  AC_ARG_WITH([ovs-build],
    [AS_HELP_STRING([--with-ovs-build=DIR],
                    [build directory of Open vSwitch
                     (default: the source directory)])],
    [], [with_ovs_build=$with_ovs_source])

  AC_MSG_CHECKING([for the Open vSwitch source directory])
  case $with_ovs_source in
    no|yes)
      AC_MSG_RESULT([not given])
      AC_MSG_ERROR([--with-ovs-source=DIR is needed]) ;;
  esac
  OVS_SOURCE=`cd "$with_ovs_source" 2>/dev/null && pwd`
  if test ! -f "$OVS_SOURCE/ovsdb/ovsdb-idlc.in"; then
    AC_MSG_RESULT([$with_ovs_source])
    AC_MSG_ERROR([$with_ovs_source holds no ovsdb/ovsdb-idlc.in])
  fi
  AC_MSG_RESULT([$OVS_SOURCE])

  AC_MSG_CHECKING([for the Open vSwitch build directory])
  OVS_BUILD=`cd "$with_ovs_build" 2>/dev/null && pwd`
  if test ! -f "$OVS_BUILD/lib/libopenvswitch.la" \
     || test ! -f "$OVS_BUILD/lib/.libs/libopenvswitch.a"; then
    AC_MSG_RESULT([$with_ovs_build])
    AC_MSG_ERROR([$with_ovs_build holds no static lib/libopenvswitch.la])
  fi
  AC_MSG_RESULT([$OVS_BUILD])

  AC_SUBST([OVS_SOURCE])
  AC_SUBST([OVS_BUILD])

  # Where an interface changed after 3.1, egress-config.h hides it.
  egress_save_CPPFLAGS=$CPPFLAGS
  CPPFLAGS="$CPPFLAGS -I$OVS_SOURCE/include -I$OVS_BUILD/include"
  CPPFLAGS="$CPPFLAGS -I$OVS_SOURCE/lib -I$OVS_BUILD/lib"
  AC_MSG_CHECKING([whether daemonize_start() takes two arguments])
  AC_COMPILE_IFELSE(
    [AC_LANG_PROGRAM([#include "daemon.h"], [daemonize_start(true, false);])],
    [AC_MSG_RESULT([yes])
     egress_start='daemonize_start(net_admin, false)'],
    [AC_MSG_RESULT([no])
     egress_start='daemonize_start(net_admin)'])
  AC_SUBST([DAEMONIZE_START], [$egress_start])
  AC_MSG_CHECKING([for json_array_at()])
  AC_COMPILE_IFELSE(
    [AC_LANG_PROGRAM([#include <stddef.h>
                      #include "openvswitch/json.h"],
                     [const struct json *(*at)(const struct json *, size_t)
                      = json_array_at; (void) at;])],
    [AC_MSG_RESULT([yes])
     JSON_ARRAY_SIZE='json_array_size(json)'
     JSON_ARRAY_AT='json_array_at(json, i)'],
    [AC_MSG_RESULT([no])
     JSON_ARRAY_SIZE='(json)->array.n'
     JSON_ARRAY_AT='(json)->array.elems@<:@i@:>@'])
  AC_SUBST([JSON_ARRAY_SIZE])
  AC_SUBST([JSON_ARRAY_AT])
  CPPFLAGS=$egress_save_CPPFLAGS
])

# EGRESS_CHECK_DIRS
#
# The directories that we share with OVN must be those of the OVN that is
# installed, whatever our own prefix is.
AC_DEFUN([EGRESS_CHECK_DIRS], [
  AC_ARG_WITH([ovn-rundir],
    [AS_HELP_STRING([--with-ovn-rundir=DIR],
                    [OVN's directory of sockets (default: /var/run/ovn)])],
    [], [with_ovn_rundir=/var/run/ovn])
  AC_ARG_WITH([ovn-logdir],
    [AS_HELP_STRING([--with-ovn-logdir=DIR],
                    [OVN's directory of logs (default: /var/log/ovn)])],
    [], [with_ovn_logdir=/var/log/ovn])
  AC_SUBST([OVN_RUNDIR], [$with_ovn_rundir])
  AC_SUBST([OVN_LOGDIR], [$with_ovn_logdir])
  AC_ARG_WITH([systemdsystemunitdir],
    [AS_HELP_STRING([--with-systemdsystemunitdir=DIR],
                    [install systemd units there (default: do not)])],
    [], [with_systemdsystemunitdir=no])
  AS_IF([test "$with_systemdsystemunitdir" != no],
    [AC_SUBST([systemdsystemunitdir], [$with_systemdsystemunitdir])])
  AM_CONDITIONAL([HAVE_SYSTEMD],
                 [test "$with_systemdsystemunitdir" != no])
])

# EGRESS_CHECK_OVN_SCHEMAS
#
# The tests start OVN's own databases; where their schemas are installed.
AC_DEFUN([EGRESS_CHECK_OVN_SCHEMAS], [
  AC_ARG_WITH([ovn-schemas],
    [AS_HELP_STRING([--with-ovn-schemas=DIR],
                    [where ovn-nb.ovsschema and ovn-sb.ovsschema are
                     installed (default: /usr/share/ovn)])],
    [], [with_ovn_schemas=/usr/share/ovn])
  AC_SUBST([OVN_SCHEMAS], [$with_ovn_schemas])
])

# EGRESS_ENABLE_WARNINGS
#
# Adds to WARNING_FLAGS every warning that the compiler knows of.
AC_DEFUN([EGRESS_ENABLE_WARNINGS], [
  AC_ARG_ENABLE([Werror],
    [AS_HELP_STRING([--enable-Werror], [make warnings errors])],
    [], [enable_Werror=no])
  WARNING_FLAGS=
  m4_foreach_w([egress_flag],
    [-Wall -Wextra -Wno-sign-compare -Wpointer-arith -Wformat=2
     -Wno-format-nonliteral -Wswitch-enum -Wbad-function-cast
     -Wcast-align -Wstrict-prototypes -Wold-style-definition
     -Wmissing-prototypes -Wmissing-field-initializers -Wshadow -Wvla
     -Wduplicated-cond -Wlogical-op -Wnull-dereference
     -Wmultistatement-macros -fno-strict-aliasing],
    [EGRESS_TRY_FLAG(egress_flag)])
  if test "$enable_Werror" = yes; then
    WARNING_FLAGS="$WARNING_FLAGS -Werror"
  fi
  AC_SUBST([WARNING_FLAGS])
])

# EGRESS_TRY_FLAG(FLAG)
#
# Appends FLAG to WARNING_FLAGS if the compiler accepts it without a word.
AC_DEFUN([EGRESS_TRY_FLAG], [
  egress_save_CFLAGS=$CFLAGS
  CFLAGS="$CFLAGS $1 -Werror"
  AC_MSG_CHECKING([whether the compiler knows $1])
  AC_COMPILE_IFELSE([AC_LANG_PROGRAM()],
    [AC_MSG_RESULT([yes])
     WARNING_FLAGS="$WARNING_FLAGS $1"],
    [AC_MSG_RESULT([no])])
  CFLAGS=$egress_save_CFLAGS
])

# EGRESS_ENABLE_SANITIZERS
#
# Compiles our own code (not libopenvswitch) with ASan and UBSan.
AC_DEFUN([EGRESS_ENABLE_SANITIZERS], [
  AC_ARG_ENABLE([sanitizers],
    [AS_HELP_STRING([--enable-sanitizers],
                    [compile with address and undefined sanitizers])],
    [], [enable_sanitizers=no])
  SANITIZER_FLAGS=
  if test "$enable_sanitizers" = yes; then
    SANITIZER_FLAGS="-fsanitize=address,undefined -fno-omit-frame-pointer"
    SANITIZER_FLAGS="$SANITIZER_FLAGS -fno-sanitize-recover=undefined"
  fi
  AC_SUBST([SANITIZER_FLAGS])
])

# EGRESS_ENABLE_KUBE
#
# ovn-egress-kube needs libcurl; --disable-kube does without both.  7.77 is the
# oldest that takes the certificate of an authority from memory.
AC_DEFUN([EGRESS_ENABLE_KUBE], [
  AC_ARG_ENABLE([kube],
    [AS_HELP_STRING([--disable-kube],
                    [do not build ovn-egress-kube, which needs libcurl])],
    [], [enable_kube=yes])
  if test "$enable_kube" != no; then
    PKG_CHECK_MODULES([CURL], [libcurl >= 7.77])
  fi
  AM_CONDITIONAL([HAVE_KUBE], [test "$enable_kube" != no])
])
