/* SPDX-License-Identifier: Apache-2.0 */

/* Follows the objects of one kind: lists them, then watches for changes.
 *
 *     IDLE --start--> LIST --pages--> WATCH --ended--> WATCH ...
 *                      ^ |              |
 *                      | v              | 410 Gone, or something wrong
 *                     WAIT <------------+
 *
 * A watch goes on where the last one ended.  When the server does not know
 * that place any more (410), the kind is listed again; what there was stays
 * until the listing is complete.  A watch that is silent for too long is dead.
 * What goes wrong is tried again, later each time, and is no reason to remove
 * anything.
 *
 * kube.c owns one for each kind, and one for each Secret; they write into the
 * kube_store.  Does not log: kube_reflector_error() says what is wrong. */

#ifndef KUBE_REFLECTOR_H
#define KUBE_REFLECTOR_H 1

#include <stdbool.h>
#include <stdint.h>

#include "intent/intent.h"

struct ds;
struct kube_http;
struct kube_reflector;
struct kube_store;

/* A reflector of all objects of 'kind' or, if 'name' is not NULL, of that one
 * in 'namespace'.  Idle until it is told a version. */
struct kube_reflector *kube_reflector_create(struct kube_http *,
                                             struct kube_store *,
                                             enum intent_kind kind,
                                             const char *namespace,
                                             const char *name);
void kube_reflector_destroy(struct kube_reflector *);

/* Makes it follow 'version' of its kind, or nothing if that is NULL (what the
 * store has, stays). */
void kube_reflector_set_version(struct kube_reflector *, const char *version,
                                long long int now);

/* Asks if it is time. */
void kube_reflector_run(struct kube_reflector *, long long int now);
void kube_reflector_wait(const struct kube_reflector *);

/* Lists all again. */
void kube_reflector_relist(struct kube_reflector *, long long int now);

/* True if it has listed all since the server was away, or has gone on where it
 * was. */
bool kube_reflector_is_current(const struct kube_reflector *);

/* True if the server says that there is no such kind.  Says it once. */
bool kube_reflector_is_gone(struct kube_reflector *);

/* Returns what is wrong now, or NULL; and with objects, of which one was of no
 * use. */
const char *kube_reflector_error(const struct kube_reflector *);
const char *kube_reflector_bad_object(const struct kube_reflector *);

/* Appends the state, in a line without its end. */
void kube_reflector_format(const struct kube_reflector *, struct ds *,
                           long long int now);

#endif /* kube/kube-reflector.h */
