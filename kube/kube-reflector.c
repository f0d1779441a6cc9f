/* SPDX-License-Identifier: Apache-2.0 */

/* Follows the objects of one kind: see the header. */

#include <config.h>

#include "kube/kube-reflector.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "intent/intent.h"
#include "kube/kube-backoff.h"
#include "kube/kube-http.h"
#include "kube/kube-json.h"
#include "kube/kube-kind.h"
#include "kube/kube-store.h"
#include "kube/kube-watch-decode.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "timeval.h"
#include "util.h"

#define PAGE 500                /* Objects in a page of a list. */
#define LIST_TIMEOUT 60000      /* ms, for a page. */

/* How long the server lets a watch live, at least and at most, in s. */
#define WATCH_MIN 300
#define WATCH_MAX 600

/* A server says something each minute, if it is asked for bookmarks.  One that
 * has been silent for so long (ms) is not there any more. */
#define SILENCE 130000

/* A watch that lived for so long (ms) was a good one. */
#define GOOD_WATCH 10000

#define NOT_OURS "the answer is no list of this kind"

enum state {
    IDLE,                       /* No version. */
    LISTING,
    WATCHING,
    WAITING,                    /* Until 'retry'. */
};

struct kube_reflector {
    struct kube_http *http;
    struct kube_store *store;
    enum intent_kind kind;
    char *namespace, *name;     /* NULL for all. */
    char *only;                 /* The id of that one. */
    char *version;              /* NULL if none. */

    enum state state;
    struct kube_request *request;
    struct kube_decoder decoder;        /* Of the answer to 'request'. */
    const char *fault;          /* Of that answer, or NULL. */
    bool list_is_ours;          /* It has said that it is of our kind. */
    bool relist;                /* The next thing to do is to list. */
    bool gone;                  /* There is no such kind. */
    bool fresh;                 /* In a new connection. */
    unsigned int pass;          /* Of the listing... */
    bool unsure;                /* ...of which an item cannot be read. */
    char *next_page;            /* Where it goes on, or NULL. */
    char *resource_version;     /* Where to watch from. */
    long long int began;        /* The request... */
    long long int heard;        /* ...and when something of it came. */
    long long int retry;
    struct kube_backoff backoff;
    char *error;                /* Of the last attempt, or NULL. */
    char *bad_object;           /* What was wrong with one, or NULL. */
    uint64_t n_lists, n_watches, n_events;
};

struct kube_reflector *
kube_reflector_create(struct kube_http *http, struct kube_store *store,
                      enum intent_kind kind, const char *namespace,
                      const char *name)
{
    struct kube_reflector *r = xzalloc(sizeof *r);

    r->http = http;
    r->store = store;
    r->kind = kind;
    r->namespace = nullable_xstrdup(namespace);
    r->name = nullable_xstrdup(name);
    r->only = name ? kube_object_id(kind, namespace, name) : NULL;
    kube_decoder_init(&r->decoder, KUBE_LIST, NULL, NULL);
    return r;
}

/* Ends what is under way. */
static void
stop(struct kube_reflector *r)
{
    kube_http_cancel(r->request);
    r->request = NULL;
}

void
kube_reflector_destroy(struct kube_reflector *r)
{
    if (r) {
        stop(r);
        kube_decoder_destroy(&r->decoder);
        free(r->namespace);
        free(r->name);
        free(r->only);
        free(r->version);
        free(r->next_page);
        free(r->resource_version);
        free(r->error);
        free(r->bad_object);
        free(r);
    }
}

static void
set_text(char **to, const char *s)
{
    char *copy = nullable_xstrdup(s);

    free(*to);
    *to = copy;
}

/* Something failed: 'why'.  Tries again, with a list if 'relist'. */
static void
fail(struct kube_reflector *r, const char *why, bool relist, int retry_after)
{
    stop(r);
    set_text(&r->error, why);
    r->state = WAITING;
    r->relist |= relist;
    r->retry = kube_backoff_next(&r->backoff, time_msec(), retry_after);
}

/* Begins with a new listing at once. */
static void
start_over(struct kube_reflector *r, long long int now)
{
    stop(r);
    set_text(&r->next_page, NULL);
    r->state = WAITING;
    r->relist = true;
    r->retry = now;
}

void
kube_reflector_set_version(struct kube_reflector *r, const char *version,
                           long long int now)
{
    if (nullable_string_is_equal(r->version, version)) {
        return;
    }
    set_text(&r->version, version);
    set_text(&r->error, NULL);
    kube_backoff_reset(&r->backoff);
    start_over(r, now);
    if (!version) {
        r->state = IDLE;
    }
}

/* Objects. */

/* Takes 'json' into the store.  Returns false if it cannot be. */
static bool
put_object(struct kube_reflector *r, const struct json *json)
{
    char *error;
    struct kube_object *o = kube_object_from_json(r->kind, r->version, json,
                                                  &error);

    if (o) {
        o->pass = r->pass;
        kube_store_put(r->store, o);
    } else {
        free(r->bad_object);
        r->bad_object = error;
    }
    return o != NULL;
}

static void
remove_object(struct kube_reflector *r, const struct json *json)
{
    const struct json *metadata = kube_json_get(json, "metadata");
    const char *namespace = (intent_kind_is_namespaced(r->kind)
                             ? kube_json_string(metadata, "namespace") : "");
    char *id = kube_object_id(r->kind, namespace,
                              kube_json_string(metadata, "name"));

    kube_store_remove(r->store, id);
    free(id);
}

/* True if 'envelope' is one of a list of our kind. */
static bool
is_our_list(const struct kube_reflector *r, const struct json *envelope)
{
    char *kind = xasprintf("%sList", intent_kind_name(r->kind));
    bool ours = !strcmp(kube_json_string(envelope, "kind"), kind);

    free(kind);
    return ours;
}

/* True if 'item' is of our kind: custom resources say so themselves, for
 * others the list has said it before. */
static bool
is_our_item(struct kube_reflector *r, const struct json *item)
{
    if (!*kube_json_string(item, "kind") && !r->list_is_ours) {
        struct json *envelope = kube_decoder_get_envelope(&r->decoder);

        r->list_is_ours = is_our_list(r, envelope);
        json_destroy(envelope);
        return r->list_is_ours;
    }
    return true;
}

static bool
take_item(void *r_, const struct json *json, const char *error)
{
    struct kube_reflector *r = r_;

    if (json && !is_our_item(r, json)) {
        r->fault = NOT_OURS;
        return false;
    } else if (!json) {
        set_text(&r->bad_object, error);
    }
    r->unsure |= !json || !put_object(r, json);
    return true;
}

/* Takes an event.  Returns false to end the watch. */
static bool
take_event(void *r_, const struct json *json, const char *error)
{
    struct kube_reflector *r = r_;
    struct kube_event event;

    r->n_events++;
    if (!json) {
        set_text(&r->bad_object, error);
        return true;
    }
    r->fault = kube_event_from_json(json, &event);
    if (r->fault) {
        r->relist = true;
        return false;
    }
    switch (event.type) {
    case KUBE_ADDED:
    case KUBE_MODIFIED:
        put_object(r, event.object);
        break;
    case KUBE_DELETED:
        remove_object(r, event.object);
        break;
    case KUBE_BOOKMARK:
        break;
    case KUBE_ERROR:
        r->relist = true;
        r->fault = (event.code == 410 ? "the server has forgotten where the "
                    "watch was" : "the server ends the watch with an error");
        return false;
    }
    if (*event.resource_version) {
        set_text(&r->resource_version, event.resource_version);
    }
    return true;
}

static bool
take_data(void *r_, const char *data, size_t n)
{
    struct kube_reflector *r = r_;

    r->heard = time_msec();
    const char *fault = kube_decoder_feed(&r->decoder, data, n);
    if (fault) {
        r->fault = fault;
        r->relist = true;
    }
    return !r->fault;
}

/* Ends. */

/* A page of a list has come: 'envelope' is around it. */
static void
end_page(struct kube_reflector *r, const struct json *envelope)
{
    const struct json *metadata = kube_json_get(envelope, "metadata");
    const char *next = kube_json_string(metadata, "continue");
    const char *version = kube_json_string(metadata, "resourceVersion");

    if (!is_our_list(r, envelope) || !*version) {
        fail(r, NOT_OURS, true, 0);
    } else if (*next) {
        set_text(&r->next_page, next);
        r->state = WAITING;
        r->retry = 0;
    } else {
        set_text(&r->next_page, NULL);
        set_text(&r->resource_version, version);
        kube_store_end_listing(r->store, r->kind, r->pass, r->only,
                               r->unsure);
        r->n_lists++;
        r->relist = false;
        r->state = WAITING;
        r->retry = 0;
        set_text(&r->error, NULL);
        kube_backoff_reset(&r->backoff);
    }
}

/* Looks after an answer that is an error.  Returns true if it was one. */
static bool
check_error(struct kube_reflector *r, const struct kube_response *response)
{
    if (r->fault) {
        fail(r, r->fault, true, 0);
    } else if (response->status == 410) {
        /* The rest of a listing, or the place of a watch, is not known any
         * more. */
        set_text(&r->next_page, NULL);
        fail(r, response->error ? response->error : "HTTP status 410", true,
             response->retry_after);
    } else if (response->status == 404) {
        r->gone = !r->name;
        fail(r, response->error, true, response->retry_after);
    } else if (response->error) {
        /* It may be another server that answers next, and that of another
         * cluster: by its namespaces we know it. */
        r->fresh = response->cut;
        fail(r, response->error, r->kind == INTENT_NAMESPACE,
             response->retry_after);
    } else {
        return false;
    }
    return true;
}

static void
list_ended(void *r_, const struct kube_response *response)
{
    struct kube_reflector *r = r_;
    struct json *envelope;

    r->request = NULL;
    if (check_error(r, response)) {
        return;
    }

    const char *fault = kube_decoder_finish(&r->decoder, &envelope);
    if (fault) {
        fail(r, fault, true, 0);
    } else {
        r->fresh = false;
        end_page(r, envelope);
    }
    json_destroy(envelope);
}

static void
watch_ended(void *r_, const struct kube_response *response)
{
    struct kube_reflector *r = r_;
    struct json *envelope;
    long long int now = time_msec();

    r->request = NULL;
    if (now - r->began >= GOOD_WATCH) {
        kube_backoff_reset(&r->backoff);
    }
    if (check_error(r, response)) {
        return;
    }
    if (kube_decoder_finish(&r->decoder, &envelope) || r->heard == r->began
        || now - r->began < GOOD_WATCH) {
        /* Whatever ended it, not its time. */
        fail(r, "the watch has ended early", false, 0);
    } else {
        r->state = WAITING;
        r->retry = now;
    }
}

/* Begins. */

/* Appends 's' as a part of a query. */
static void
put_encoded(struct ds *out, const char *s)
{
    char *encoded = kube_http_encode(s);

    ds_put_cstr(out, encoded);
    free(encoded);
}

static void
begin(struct kube_reflector *r, enum kube_stream stream, struct ds *path,
      int timeout_ms)
{
    bool list = stream == KUBE_LIST;
    struct kube_ask ask = {
        .method = "GET",
        .path = ds_cstr(path),
        .timeout_ms = timeout_ms,
        .fresh = r->fresh,
        .data = take_data,
        .end = list ? list_ended : watch_ended,
        .aux = r,
    };

    kube_decoder_destroy(&r->decoder);
    kube_decoder_init(&r->decoder, stream, list ? take_item : take_event, r);
    r->fault = NULL;
    r->list_is_ours = false;
    r->state = list ? LISTING : WATCHING;
    r->began = r->heard = time_msec();
    r->request = kube_http_ask(r->http, &ask);
}

/* The path, with the start of a query. */
static void
put_path(const struct kube_reflector *r, struct ds *path)
{
    char *p = kube_kind_path(r->kind, r->version, r->namespace, NULL);

    ds_put_format(path, "%s?", p);
    free(p);
    if (r->name) {
        ds_put_cstr(path, "fieldSelector=metadata.name%3D");
        put_encoded(path, r->name);
        ds_put_char(path, '&');
    }
}

static void
begin_list(struct kube_reflector *r)
{
    struct ds path = DS_EMPTY_INITIALIZER;

    put_path(r, &path);
    ds_put_format(&path, "limit=%d", PAGE);
    if (r->next_page) {
        ds_put_cstr(&path, "&continue=");
        put_encoded(&path, r->next_page);
    } else {
        r->pass++;
        r->unsure = false;
        set_text(&r->bad_object, NULL);
    }
    begin(r, KUBE_LIST, &path, LIST_TIMEOUT);
    ds_destroy(&path);
}

static void
begin_watch(struct kube_reflector *r)
{
    struct ds path = DS_EMPTY_INITIALIZER;
    unsigned int seconds = WATCH_MIN + random_range(WATCH_MAX - WATCH_MIN);

    put_path(r, &path);
    ds_put_format(&path, "watch=1&allowWatchBookmarks=true"
                  "&timeoutSeconds=%u&resourceVersion=", seconds);
    put_encoded(&path, r->resource_version);
    r->n_watches++;
    begin(r, KUBE_WATCH, &path, (seconds + 60) * 1000);
    ds_destroy(&path);
}

void
kube_reflector_run(struct kube_reflector *r, long long int now)
{
    if (r->state == WAITING && now >= r->retry) {
        if (r->relist || !r->resource_version) {
            begin_list(r);
        } else {
            begin_watch(r);
        }
    } else if (r->state == WATCHING && now - r->heard >= SILENCE) {
        r->fresh = true;
        fail(r, "the watch has been silent for too long", true, 0);
    } else if (r->state == WATCHING && r->error
               && now - r->began >= GOOD_WATCH) {
        set_text(&r->error, NULL);
    }
}

void
kube_reflector_wait(const struct kube_reflector *r)
{
    if (r->state == WAITING) {
        poll_timer_wait_until(r->retry);
    } else if (r->state == WATCHING) {
        poll_timer_wait_until(r->error ? r->began + GOOD_WATCH
                              : r->heard + SILENCE);
    }
}

void
kube_reflector_relist(struct kube_reflector *r, long long int now)
{
    if (r->version) {
        start_over(r, now);
    }
}

bool
kube_reflector_is_current(const struct kube_reflector *r)
{
    return r->state != IDLE && !r->relist;
}

bool
kube_reflector_is_gone(struct kube_reflector *r)
{
    bool gone = r->gone;

    r->gone = false;
    return gone;
}

const char *
kube_reflector_error(const struct kube_reflector *r)
{
    return r->error;
}

const char *
kube_reflector_bad_object(const struct kube_reflector *r)
{
    return r->bad_object;
}

void
kube_reflector_format(const struct kube_reflector *r, struct ds *s,
                      long long int now)
{
    static const char *const names[] = {
        [IDLE] = "not served",
        [LISTING] = "listing",
        [WATCHING] = "watching",
        [WAITING] = "waiting to try again",
    };

    ds_put_format(s, "%s%s%s: %s", intent_kind_name(r->kind),
                  r->only ? strchr(r->only, ' ') : "",
                  r->store->listed[r->kind] ? "" : " (not listed yet)",
                  names[r->state]);
    if (r->state == WAITING && r->retry > now) {
        ds_put_format(s, " in %lld ms", r->retry - now);
    }
    if (r->version) {
        ds_put_format(s, ", %s", r->version);
    }
    if (!r->only) {
        ds_put_format(s, ", %"PRIuSIZE" objects",
                      kube_store_count(r->store, r->kind));
    }
    ds_put_format(s, ", %"PRIu64" lists, %"PRIu64" watches, %"PRIu64
                  " events", r->n_lists, r->n_watches, r->n_events);
    if (r->error) {
        ds_put_format(s, "; %s", r->error);
    }
    if (r->bad_object) {
        ds_put_format(s, "; an object cannot be read: %s", r->bad_object);
    }
}
