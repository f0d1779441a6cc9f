/* SPDX-License-Identifier: Apache-2.0 */

/* The version of this project, as configure knows it.
 *
 * Use this and not VERSION: <config.h> is the one of libopenvswitch, whose
 * VERSION is that of Open vSwitch.  For every program's --version. */

#ifndef EGRESS_VERSION_H
#define EGRESS_VERSION_H 1

/* The version as text, such as "0.1.0". */
extern const char egress_version[];

#endif /* lib/version.h */
