/* SPDX-License-Identifier: Apache-2.0 */

/* What we want to change in Kubernetes, until it is done: see the header. */

#include <config.h>

#include "kube/kube-writer.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "intent/intent.h"
#include "kube/kube-backoff.h"
#include "kube/kube-http.h"
#include "kube/kube-json.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/shash.h"
#include "timeval.h"
#include "util.h"

#define MAX_REQUESTS 16
#define TIMEOUT 20000           /* ms, for an answer. */

enum state {
    WAITING,                    /* Until 'retry'. */
    SENT,
    DONE,                       /* The server has taken it. */
};

struct change {
    struct kube_writer *writer;
    char *key;
    const char *method, *content_type;  /* Static. */
    char *path, *body, *version;
    enum state state;
    bool again;                 /* It has changed since it was sent. */
    bool dropped;               /* Nobody wants it any more. */
    struct kube_request *request;
    struct kube_backoff backoff;
    long long int retry;
    char *error;                /* Of the last attempt, or NULL. */
};

struct kube_writer {
    struct kube_http *http;
    kube_written_func *written;
    void *aux;
    struct shash changes;       /* Contains "struct change"s, by key. */
    size_t n_requests;          /* Under way. */
    uint64_t n_done, n_failed;
};

struct kube_writer *
kube_writer_create(struct kube_http *http, kube_written_func *written,
                   void *aux)
{
    struct kube_writer *w = xzalloc(sizeof *w);

    w->http = http;
    w->written = written;
    w->aux = aux;
    shash_init(&w->changes);
    return w;
}

static void
change_destroy(struct change *c)
{
    if (c->request) {
        kube_http_cancel(c->request);
        c->writer->n_requests--;
    }
    shash_find_and_delete(&c->writer->changes, c->key);
    free(c->key);
    free(c->path);
    free(c->body);
    free(c->version);
    free(c->error);
    free(c);
}

void
kube_writer_clear(struct kube_writer *w)
{
    struct shash_node *node, *next;

    SHASH_FOR_EACH_SAFE (node, next, &w->changes) {
        change_destroy(node->data);
    }
}

void
kube_writer_destroy(struct kube_writer *w)
{
    if (w) {
        kube_writer_clear(w);
        shash_destroy(&w->changes);
        free(w);
    }
}

static void
set_text(char **to, const char *s)
{
    char *copy = nullable_xstrdup(s);

    free(*to);
    *to = copy;
}

void
kube_writer_put(struct kube_writer *w, const char *key, const char *method,
                const char *path, const char *content_type, const char *body,
                const char *version)
{
    struct change *c = shash_find_data(&w->changes, key);

    if (c && !c->dropped && !strcmp(c->body, body)
        && !strcmp(c->path, path)
        && (c->state != DONE || !strcmp(c->version, version))) {
        return;
    }
    if (!c) {
        c = xzalloc(sizeof *c);
        c->writer = w;
        c->key = xstrdup(key);
        shash_add(&w->changes, key, c);
    }
    c->method = method;
    c->content_type = content_type;
    c->dropped = false;
    set_text(&c->path, path);
    set_text(&c->body, body);
    set_text(&c->version, version);
    if (c->state == SENT) {
        c->again = true;
    } else if (c->state == DONE) {
        c->state = WAITING;
        c->retry = 0;
    }
}

size_t
kube_writer_count(const struct kube_writer *w)
{
    return shash_count(&w->changes);
}

void
kube_writer_drop(struct kube_writer *w, const char *key)
{
    struct change *c = shash_find_data(&w->changes, key);

    if (c && c->state == SENT) {
        c->dropped = true;
    } else if (c) {
        change_destroy(c);
    }
}

/* Takes the answer to 'c', which was taken by the server. */
static void
succeed(struct change *c, const struct kube_response *response)
{
    char *error;
    struct json *object = kube_json_parse(response->body, response->n,
                                          &error);

    c->writer->n_done++;
    c->state = DONE;
    kube_backoff_reset(&c->backoff);
    set_text(&c->error, NULL);
    c->writer->written(c->writer->aux, c->key, c->body, object);
    json_destroy(object);
    free(error);
}

/* True if 'c' makes an object, which is done once. */
static bool
is_event(const struct change *c)
{
    return !strcmp(c->method, "POST");
}

static void
ended(void *c_, const struct kube_response *response)
{
    struct change *c = c_;

    c->request = NULL;
    c->writer->n_requests--;
    if (c->again && !response->error) {
        /* Something else is wanted already. */
        c->state = WAITING;
        c->retry = 0;
    } else if (!response->error) {
        succeed(c, response);
        c->dropped |= is_event(c);
    } else if (response->status == 404
               || (is_event(c) && response->status / 100 == 4)) {
        c->dropped = true;
    } else {
        c->writer->n_failed++;
        c->state = WAITING;
        c->retry = (response->status == 409 && !c->backoff.ms ? 0
                    : kube_backoff_next(&c->backoff, time_msec(),
                                        response->retry_after));
        if (!c->backoff.ms) {
            c->backoff.ms = 1;
        }
        set_text(&c->error, response->error);
    }
    c->again = false;
    if (c->dropped) {
        change_destroy(c);
    }
}

static void
send_change(struct change *c)
{
    struct kube_ask ask = {
        .method = c->method,
        .path = c->path,
        .content_type = c->content_type,
        .body = c->body,
        .timeout_ms = TIMEOUT,
        .end = ended,
        .aux = c,
    };

    c->state = SENT;
    c->writer->n_requests++;
    c->request = kube_http_ask(c->writer->http, &ask);
}

void
kube_writer_run(struct kube_writer *w, long long int now)
{
    struct shash_node *node;

    if (w->n_requests >= MAX_REQUESTS) {
        return;
    }
    SHASH_FOR_EACH (node, &w->changes) {
        struct change *c = node->data;

        if (c->state == WAITING && now >= c->retry) {
            send_change(c);
            if (w->n_requests >= MAX_REQUESTS) {
                break;
            }
        }
    }
}

void
kube_writer_wait(const struct kube_writer *w)
{
    const struct shash_node *node;

    if (w->n_requests >= MAX_REQUESTS) {
        return;
    }
    SHASH_FOR_EACH (node, &w->changes) {
        const struct change *c = node->data;

        if (c->state == WAITING) {
            poll_timer_wait_until(c->retry);
        }
    }
}

void
kube_writer_format(const struct kube_writer *w, size_t max, struct ds *s)
{
    const struct shash_node *node;
    size_t n_waiting = 0;

    SHASH_FOR_EACH (node, &w->changes) {
        const struct change *c = node->data;

        n_waiting += c->state != DONE;
    }
    ds_put_format(s, "writes: %"PRIu64" done, %"PRIu64" failed, %"PRIuSIZE
                  " to do\n", w->n_done, w->n_failed, n_waiting);
    SHASH_FOR_EACH (node, &w->changes) {
        const struct change *c = node->data;

        if (c->error && max) {
            ds_put_format(s, "problem: %s: %s\n", c->key, c->error);
            max--;
        }
    }
}
