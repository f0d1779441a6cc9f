/* SPDX-License-Identifier: Apache-2.0 */

/* What happened to an object, as Events of Kubernetes that "kubectl describe"
 * shows.
 *
 * Pure but for the time, which is an argument.  Called by kube-status.c. */

#ifndef KUBE_TELL_H
#define KUBE_TELL_H 1

#include <stdbool.h>
#include <stddef.h>

struct kube_object;
struct smap;

/* An event. */
struct kube_news {
    bool warning;
    const char *reason;         /* "HostChanged". */
    char *message;              /* Owned. */
};

/* At most so many at once. */
#define KUBE_MAX_NEWS 2

/* What an EgressService is like: its host, and why it is ready or not. */
struct kube_service_state {
    const char *host;           /* NULL if not known. */
    const char *ready;          /* "STATUS REASON MESSAGE", or NULL if not
                                 * known. */
};

/* Sets 'news' to what is new in 'now' against 'before'; 'unfit' says why the
 * host of before cannot be one, or is NULL.  Returns how many there are. */
size_t kube_tell(const struct kube_service_state *before,
                 const struct kube_service_state *now, const char *unfit,
                 struct kube_news news[KUBE_MAX_NEWS]);

/* Returns an object Event about 'o' in JSON, made at 'now' (ms since 1970);
 * the caller frees it. */
char *kube_tell_event(const struct kube_object *o, const struct kube_news *,
                      long long int now);

/* Returns the path to which it is to be posted; the caller frees it. */
char *kube_tell_path(const struct kube_object *o);

#endif /* kube/kube-tell.h */
