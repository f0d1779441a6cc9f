/* SPDX-License-Identifier: Apache-2.0 */

/* What of an object of Kubernetes is kept: what intent/ reads.
 *
 * Called by kube-kind.c.  Pure. */

#ifndef KUBE_PRUNE_H
#define KUBE_PRUNE_H 1

struct json;
struct kube_object;

/* Sets 'manifest' and 'facts' of 'o' from 'json'. */
void kube_prune(struct kube_object *o, const struct json *json);

#endif /* kube/kube-prune.h */
