/* SPDX-License-Identifier: Apache-2.0 */

/* What we want to change in Kubernetes, until it is done.
 *
 * There is at most one change for each key, the newest; so many requests at
 * most are under way.  What fails is tried again, later each time, but for
 * what the server has no object for; a new object (POST) that it refuses is
 * given up.  A change that has been made is not made
 * again until the object has changed.  Used by kube-status.c.  Does not
 * log. */

#ifndef KUBE_WRITER_H
#define KUBE_WRITER_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ds;
struct json;
struct kube_http;
struct kube_writer;

#define KUBE_MERGE_PATCH "application/merge-patch+json"

/* Called when the change 'key', which was 'body', has been made: 'object' is
 * what the server answers, or NULL. */
typedef void kube_written_func(void *aux, const char *key, const char *body,
                               const struct json *object);

/* Calls the function with 'aux'. */
struct kube_writer *kube_writer_create(struct kube_http *,
                                       kube_written_func *, void *aux);
void kube_writer_destroy(struct kube_writer *);

/* Wants 'body' of 'content_type' to be sent to 'path' with 'method'.
 * 'version' is that of the object it was made for: while neither that nor the
 * body changes, it is sent once. */
void kube_writer_put(struct kube_writer *, const char *key,
                     const char *method, const char *path,
                     const char *content_type, const char *body,
                     const char *version);

/* Wants nothing of 'key' any more. */
void kube_writer_drop(struct kube_writer *, const char *key);

/* Returns how many changes are known, those made too. */
size_t kube_writer_count(const struct kube_writer *);

/* Forgets all of it: somebody else writes now. */
void kube_writer_clear(struct kube_writer *);

/* Sends what is due. */
void kube_writer_run(struct kube_writer *, long long int now);
void kube_writer_wait(const struct kube_writer *);

/* Appends a line for each change that fails, at most 'max', and how many there
 * are. */
void kube_writer_format(const struct kube_writer *, size_t max, struct ds *);

#endif /* kube/kube-writer.h */
