# SPDX-License-Identifier: Apache-2.0
#
# Database schemas.  ovn-nb-subset is only for our IDL: the tables and columns
# of OVN_Northbound that we use.

dist_pkgdata_DATA += schemas/ovn-egress.ovsschema
EXTRA_DIST += schemas/ovn-nb-subset.ovsschema
