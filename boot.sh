#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Makes "configure" and what it needs from configure.ac, after a checkout
# from version control.  Needs autoconf, automake and libtool.
set -e
cd "$(dirname "$0")"
exec autoreconf --install --force
