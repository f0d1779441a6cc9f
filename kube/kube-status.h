/* SPDX-License-Identifier: Apache-2.0 */

/* What the agent says of an object, back to Kubernetes.
 *
 *   EgressService  status.host, and status.conditions where its CRD has them
 *   Node           the labels of its services; others with their prefix are
 *                  removed
 *   Service        with --write-ingress: the addresses that the agent has
 *                  allocated, in its status, if that has none
 *
 * Only what differs is written, and nothing of an object before the agent has
 * said something of it.  Conditions of a service that is ready on its host
 * wait for a second, as they change for a moment with each endpoint.  kube.c
 * owns one and runs it while it is the active mirror.  Does not log. */

#ifndef KUBE_STATUS_H
#define KUBE_STATUS_H 1

#include <stdbool.h>

struct ds;
struct kube_http;
struct kube_mirror;
struct kube_status;
struct kube_store;
struct sset;

/* Addresses of Services are written with 'write_ingress'. */
struct kube_status *kube_status_create(struct kube_http *,
                                       bool write_ingress);
void kube_status_destroy(struct kube_status *);

/* Looks at the objects whose ids are in 'changed', or at all if that is
 * NULL. */
void kube_status_update(struct kube_status *, const struct kube_store *,
                        const struct kube_mirror *,
                        const struct sset *changed);

/* Looks again at what was not written because it was likely to pass. */
void kube_status_update_held(struct kube_status *, const struct kube_store *,
                             const struct kube_mirror *, long long int now);

/* Says that the rows of the objects 'ids' were a user's. */
void kube_status_tell_replaced(struct kube_status *,
                               const struct kube_store *,
                               const struct sset *ids);

/* Forgets what was to be written: another mirror does it. */
void kube_status_clear(struct kube_status *);

/* Sends what has to be written. */
void kube_status_run(struct kube_status *, long long int now);
void kube_status_wait(const struct kube_status *);

/* Appends how that goes, a line each. */
void kube_status_format(const struct kube_status *, struct ds *);

#endif /* kube/kube-status.h */
