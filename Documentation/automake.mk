# SPDX-License-Identifier: Apache-2.0
#
# Man pages and documents: every page installs from here.

dist_man_MANS +=
dist_doc_DATA +=
