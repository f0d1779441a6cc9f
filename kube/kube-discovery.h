/* SPDX-License-Identifier: Apache-2.0 */

/* Which kinds an API server has, and in which version.
 *
 * Asks for the groups, and then for the resources of those versions that we
 * know.  Asks again after a while, sooner while a kind is missing or when
 * somebody found one gone: custom resources are defined later, or deleted.
 * kube.c owns one and gives each reflector what it finds.  Does not log. */

#ifndef KUBE_DISCOVERY_H
#define KUBE_DISCOVERY_H 1

#include <stdbool.h>

#include "intent/intent.h"

struct kube_discovery;
struct kube_http;

/* Knows nothing until it is run. */
struct kube_discovery *kube_discovery_create(struct kube_http *);
void kube_discovery_destroy(struct kube_discovery *);

/* Asks if it is time.  Returns true if an answer has changed something. */
bool kube_discovery_run(struct kube_discovery *, long long int now);
void kube_discovery_wait(const struct kube_discovery *);

/* Has it asked soon: 'kind' seems to be gone. */
void kube_discovery_doubt(struct kube_discovery *, enum intent_kind kind,
                          long long int now);

/* Returns the version in which the server has 'kind' ("metallb.io/v1beta2"),
 * or NULL if it has not, or that is not known yet. */
const char *kube_discovery_version(const struct kube_discovery *,
                                   enum intent_kind kind);

/* True if the server was asked for all kinds at least once. */
bool kube_discovery_is_complete(const struct kube_discovery *);

/* Returns why the last attempt failed, or NULL. */
const char *kube_discovery_error(const struct kube_discovery *);

#endif /* kube/kube-discovery.h */
