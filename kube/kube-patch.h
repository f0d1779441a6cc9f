/* SPDX-License-Identifier: Apache-2.0 */

/* Merge patches (RFC 7396) that make an object of Kubernetes say what its row
 * in OVN_Egress says.
 *
 * Each function returns NULL if nothing has to change, or else the patch, to
 * be freed by the caller.  Pure.  Called by kube-status.c. */

#ifndef KUBE_PATCH_H
#define KUBE_PATCH_H 1

#include <stdbool.h>

struct kube_object;
struct smap;

/* Returns the conditions that 'conditions' and 'transitions' of a row say, as
 * an array of metav1.Conditions in canonical JSON; the caller frees it. */
char *kube_patch_conditions(const struct smap *conditions,
                            const struct smap *transitions);

/* For the status of an EgressService that is to have 'host', and 'conditions'
 * (as above) unless that is NULL. */
char *kube_patch_egress_service(const struct kube_object *,
                                const char *host, const char *conditions);

/* For the labels of a Node that are ours: those that 'status' of its row
 * has. */
char *kube_patch_node(const struct kube_object *, const struct smap *status);

/* For the status of a Service without an address: 'ingress' has them, with
 * commas between. */
char *kube_patch_service(const struct kube_object *, const char *ingress);

#endif /* kube/kube-patch.h */
