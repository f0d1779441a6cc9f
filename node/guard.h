/* SPDX-License-Identifier: Apache-2.0 */

/* What the guard of our nftables table has dropped, as the kernel counts it.
 *
 * Called by ovn-egress-node.c; reads with node/nft-read.h. */

#ifndef NODE_GUARD_H
#define NODE_GUARD_H 1

#include "openvswitch/compiler.h"
#include "simap.h"

struct ds;

struct guard_report {
    struct simap counters;      /* Packets by "leaked", "astray", "foreign" and
                                 * "stray"; empty if there is no table. */
    char *dropped;              /* Some of the last, for a reader: "10.132.0.5
                                 * as 192.0.2.10 on eth0, ...". */
};

/* Reads it, as of now.  If that fails, the report is empty. */
void guard_report_init(struct guard_report *);
void guard_report_destroy(struct guard_report *);

/* Appends what is not zero, a line each. */
void guard_report_format(const struct guard_report *, struct ds *);

#endif /* node/guard.h */
