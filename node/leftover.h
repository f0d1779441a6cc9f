/* SPDX-License-Identifier: Apache-2.0 */

/* Tracked connections that are left over: whose translation is explained by
 * nothing that is here any more.
 *
 *   - One that a pod opened, and whose source is an address of ours, past or
 *     present, but not the one that the pod has now.
 *   - One that a client opened to an ingress IP which has left, or that leads
 *     to an endpoint or ClusterIP which has left, or which is no longer behind
 *     that ingress IP.
 *
 * What has left says the kernel (node/nft-leave.h), so this can be asked at
 * any time, also by a process that did not see it leave.
 *
 * Called by node/kind-nft.c after each transaction, and by
 * kind-conntrack.c. */

#ifndef NODE_LEFTOVER_H
#define NODE_LEFTOVER_H 1

#include <stdbool.h>

#include "openvswitch/compiler.h"

struct kind_view;

/* To be called when the table was changed, or the process began: there may be
 * such connections. */
void leftover_expect(void);

/* Makes the kernel forget them, or only counts them if not 'flush'.  Stores
 * whether there were none in '*clean'.  Does not look when there can be
 * none.  Returns NULL, or an error that the caller frees. */
char *leftover_run(const struct kind_view *view, bool flush, bool *clean)
    OVS_WARN_UNUSED_RESULT;

#endif /* node/leftover.h */
