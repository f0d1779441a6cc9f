/* SPDX-License-Identifier: Apache-2.0 */

/* May what an API server shows, and does not show, be believed?
 *
 * Pure.  Called by kube-mirror.c before it writes. */

#ifndef KUBE_TRUST_H
#define KUBE_TRUST_H 1

#include <stdbool.h>
#include <stddef.h>

#include "intent/intent.h"

struct kube_discovery;
struct kube_store;

struct kube_trust {
    const struct kube_store *store;
    const struct kube_discovery *discovery;
    const size_t *n_rows;       /* Of each kind, that came from Kubernetes. */
    const char *known_uid;      /* Of the cluster they came from, or NULL. */
    bool unsure;                /* Another server may answer now. */
    bool accepted;              /* A person says that it is right. */
};

/* Returns why nothing may be written, or NULL; the caller frees it.  Sets
 * '*confirm' to whether a person has to confirm that it is right. */
char *kube_trust_why_hold(const struct kube_trust *, bool *confirm);

/* The same for why no object of 'kind' may be deleted though it may be
 * written. */
char *kube_trust_why_keep(const struct kube_trust *, enum intent_kind kind,
                          bool *confirm);

/* Returns the UID of the cluster's namespace kube-system, or NULL if it is not
 * known. */
const char *kube_trust_get_uid(const struct kube_store *);

#endif /* kube/kube-trust.h */
