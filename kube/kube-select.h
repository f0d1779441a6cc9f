/* SPDX-License-Identifier: Apache-2.0 */

/* Which objects of a cluster are needed in OVN_Egress.
 *
 *   EgressServices, Nodes, policies, MetalLB's kinds: all
 *   Services: with an EgressService of their name; of type LoadBalancer, with
 *     an address that one of the former has too; and all of type
 *     LoadBalancer, if ovn-egress allocates or announces their addresses
 *   EndpointSlices: of these Services
 *   Namespaces: in which one of these Services is
 *   Secrets: that a BGPPeer names
 *
 * Pure.  Used by kube-mirror.c. */

#ifndef KUBE_SELECT_H
#define KUBE_SELECT_H 1

#include <stdbool.h>

#include "sset.h"

struct kube_object;
struct kube_store;

/* The options that make more objects needed; "ingress" is true if it is "true"
 * in OVN_Egress. */
struct kube_select_options {
    bool allocate_ips, announce, ingress;
};

struct kube_selection {
    struct sset services;       /* "NAMESPACE/NAME". */
    struct sset namespaces;
    struct sset secrets;        /* "NAMESPACE/NAME". */
};

void kube_selection_init(struct kube_selection *);
void kube_selection_destroy(struct kube_selection *);

/* Makes each what the other one is. */
void kube_selection_swap(struct kube_selection *, struct kube_selection *);

/* Makes '*selection', which must be initialized, what is needed of 'store'. */
void kube_select(const struct kube_store *store,
                 const struct kube_select_options *options,
                 struct kube_selection *selection);

/* True if 'o' is needed. */
bool kube_selection_has(const struct kube_selection *selection,
                        const struct kube_object *o);

#endif /* kube/kube-select.h */
