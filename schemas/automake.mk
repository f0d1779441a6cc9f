# SPDX-License-Identifier: Apache-2.0
#
# Database schemas.  ovn-nb-subset and ovn-sb-subset are only for our IDLs: the
# tables and columns of OVN_Northbound and OVN_Southbound that we use.

dist_pkgdata_DATA += schemas/ovn-egress.ovsschema
EXTRA_DIST += schemas/ovn-nb-subset.ovsschema schemas/ovn-sb-subset.ovsschema
