/* SPDX-License-Identifier: Apache-2.0 */

/* Requests to an API server: libcurl inside the poll loop of Open vSwitch.
 *
 * Any number of requests is under way at once, over one connection where the
 * server has HTTP/2.  The certificate of the server is verified unless the
 * kubeconfig says otherwise; no redirection is followed, for it could take our
 * token elsewhere.  Nothing blocks but reading small files.  Called by
 * everything in kube/ that asks the server something; it knows nothing of what
 * is asked.  Does not log. */

#ifndef KUBE_HTTP_H
#define KUBE_HTTP_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kube_config;
struct kube_http;
struct kube_request;

/* How a request has ended. */
struct kube_response {
    int status;                 /* Of HTTP, or 0 if none has come. */
    const char *error;          /* NULL if the status is 2xx and all of it has
                                 * come, else why not, as clean text. */
    bool cut;                   /* The server did not answer, or not to its
                                 * end. */
    int retry_after;            /* Seconds that the server asks for, or 0. */
    const char *body;           /* What no 'data' callback has taken; 'n'
                                 * bytes and a null byte. */
    size_t n;
};

/* What to ask.  The strings are copied. */
struct kube_ask {
    const char *method;         /* "GET", "PATCH", "POST". */
    const char *path;           /* "/api/v1/nodes?limit=500". */
    const char *content_type;   /* Of 'body'. */
    const char *body;           /* NULL if none. */
    int timeout_ms;             /* For all of it; 0 is none. */
    bool fresh;                 /* In a new connection: the one that there is
                                 * is not to be trusted. */

    /* Takes a part of the body of an answer of status 2xx.  Returns false if
     * it wants no more.  NULL: it is collected, up to a bound. */
    bool (*data)(void *aux, const char *, size_t);

    /* Called once at the end, unless the request is cancelled: when it
     * returns, the request is gone. */
    void (*end)(void *aux, const struct kube_response *);
    void *aux;
};

/* 'config' must live on.  Returns NULL, with '*error' to be freed by the
 * caller, if libcurl cannot do what is needed. */
struct kube_http *kube_http_create(const struct kube_config *config,
                                   char **error);

/* Cancels what is under way. */
void kube_http_destroy(struct kube_http *);

/* Goes on with what is under way; calls back. */
void kube_http_run(struct kube_http *);
void kube_http_wait(const struct kube_http *);

/* Asks.  Never NULL, and 'end' is called by a later kube_http_run(). */
struct kube_request *kube_http_ask(struct kube_http *,
                                   const struct kube_ask *);

/* Ends a request without calling 'end'.  Not to be called by a callback of
 * that request. */
void kube_http_cancel(struct kube_request *);

/* Returns 's' as it may stand in a query (RFC 3986), to be freed by the
 * caller. */
char *kube_http_encode(const char *s);

/* What has been done so far. */
struct kube_http_stats {
    uint64_t n_requests;
    uint64_t n_failed;          /* Without an answer of status 2xx. */
    uint64_t n_bytes;           /* Of bodies received. */
    size_t n_now;               /* Under way. */
    long int version;           /* Of HTTP, as of the last answer: 2 is
                                 * HTTP/2; 0 if there was none. */
};
struct kube_http_stats kube_http_get_stats(const struct kube_http *);

#endif /* kube/kube-http.h */
