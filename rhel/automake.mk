# SPDX-License-Identifier: Apache-2.0
#
# Packaging for RPM systems, and the systemd units.
