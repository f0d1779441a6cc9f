/* SPDX-License-Identifier: Apache-2.0 */

/* The body of a list or a watch, as it comes in, to its objects.
 *
 * A body is taken apart without being kept: of a list, at most one item and
 * what is around the items ("metadata") are held at a time, of a watch one
 * event.  Each of them is parsed by itself, so that what is wrong with one
 * costs nothing but that one.  What is longer than the bound ends the stream.
 *
 * Pure.  Used by kube-reflector.c; fuzz-kube feeds it anything. */

#ifndef KUBE_WATCH_DECODE_H
#define KUBE_WATCH_DECODE_H 1

#include <stdbool.h>
#include <stddef.h>

#include "openvswitch/dynamic-string.h"

struct json;

/* No object is larger: etcd holds 1.5 MB, which as JSON is a few times as
 * much. */
#define KUBE_MAX_ITEM (8 << 20)

/* What is around the items of a list. */
#define KUBE_MAX_ENVELOPE (64 << 10)

enum kube_stream {
    KUBE_LIST,                  /* One JSON object with "items". */
    KUBE_WATCH,                 /* Events, one behind the other. */
};

struct kube_decoder {
    enum kube_stream stream;
    size_t max_item;            /* KUBE_MAX_ITEM, or less in tests. */

    /* Takes an item of a list, or an event.  NULL and 'error' for one that is
     * not JSON.  Returns false if it wants no more. */
    bool (*take)(void *aux, const struct json *, const char *error);
    void *aux;

    /* Private. */
    struct ds item;             /* What has come of the present one. */
    struct ds envelope;
    size_t depth;
    bool in_item, in_items, in_string, in_escape;
    bool ended;                 /* The list is complete. */
    bool stopped;               /* 'take' wants no more. */
    size_t key_at;              /* Where in 'envelope' the last string of depth
                                 * 1 begins. */
    size_t n_items;
};

/* Sets the callback with the rest zero. */
void kube_decoder_init(struct kube_decoder *, enum kube_stream,
                       bool (*take)(void *aux, const struct json *,
                                    const char *error),
                       void *aux);
void kube_decoder_destroy(struct kube_decoder *);

/* Takes the next 'n' bytes.  Returns NULL, or what is wrong with the stream
 * (static), after which no more may be fed. */
const char *kube_decoder_feed(struct kube_decoder *, const char *, size_t n);

/* At the end of the stream: returns NULL if it is complete, or what is wrong
 * (static).  Of a list, sets '*envelope' to what is around its items, to be
 * freed by the caller with json_destroy(); else to NULL. */
const char *kube_decoder_finish(struct kube_decoder *,
                                struct json **envelope);

/* Returns what has come so far of what is around the items of a list, while
 * an item is taken, or NULL if it is not JSON; to be freed by the caller with
 * json_destroy(). */
struct json *kube_decoder_get_envelope(const struct kube_decoder *);

/* Events. */

enum kube_event_type {
    KUBE_ADDED, KUBE_MODIFIED, KUBE_DELETED, KUBE_BOOKMARK, KUBE_ERROR,
};

struct kube_event {
    enum kube_event_type type;
    const struct json *object;  /* Borrowed: the object, or a Status. */
    const char *resource_version;       /* Of it; "" if it has none. */
    int code;                   /* Of an error: 410 is "Gone". */
};

/* Sets '*event' to what 'json' says.  Returns NULL, or what is wrong with it
 * (static). */
const char *kube_event_from_json(const struct json *json,
                                 struct kube_event *event);

#endif /* kube/kube-watch-decode.h */
