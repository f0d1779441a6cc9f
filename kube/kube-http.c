/* SPDX-License-Identifier: Apache-2.0 */

/* Requests to an API server: see the header. */

#include <config.h>

#include "kube/kube-http.h"

#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "intent/intent.h"
#include "kube/kube-config.h"
#include "kube/kube-json.h"
#include "lib/version.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/list.h"
#include "openvswitch/poll-loop.h"
#include "timeval.h"
#include "util.h"

/* Bounds of what is collected of an answer, if it is one of status 2xx and if
 * it is an error. */
#define MAX_BODY (8 << 20)
#define MAX_ERROR_BODY (64 << 10)

#define CONNECT_TIMEOUT 10      /* s */

/* A socket of libcurl, and what it waits for. */
struct http_socket {
    curl_socket_t fd;
    short int events;           /* POLLIN, POLLOUT. */
};

struct kube_http {
    const struct kube_config *config;
    CURLM *multi;
    struct ovs_list requests;   /* Contains "struct kube_request"s. */
    struct http_socket *sockets;
    size_t n_sockets, allocated_sockets;
    long long int timer;        /* When libcurl wants to run, or LLONG_MAX. */
    struct kube_http_stats stats;
};

struct kube_request {
    struct ovs_list list_node;
    struct kube_http *http;
    CURL *easy;
    struct curl_slist *headers;
    struct curl_slist *connect_to;
    char *body;                 /* That we send. */
    struct kube_ask ask;        /* But for its strings. */
    struct ds answer;           /* What was collected. */
    char *failure;              /* Why it failed before it began. */
    bool too_large;
    char message[CURL_ERROR_SIZE];
};

/* Sockets and timer. */

static int
socket_changed(CURL *easy OVS_UNUSED, curl_socket_t fd, int what,
               void *http_, void *unused OVS_UNUSED)
{
    struct kube_http *http = http_;
    size_t i = 0;

    while (i < http->n_sockets && http->sockets[i].fd != fd) {
        i++;
    }
    if (what == CURL_POLL_REMOVE) {
        if (i < http->n_sockets) {
            http->sockets[i] = http->sockets[--http->n_sockets];
        }
        return 0;
    }
    if (i >= http->n_sockets) {
        if (i >= http->allocated_sockets) {
            http->sockets = x2nrealloc(http->sockets,
                                       &http->allocated_sockets,
                                       sizeof *http->sockets);
        }
        http->n_sockets++;
    }
    http->sockets[i] = (struct http_socket) {
        .fd = fd,
        .events = (what & CURL_POLL_IN ? POLLIN : 0)
                  | (what & CURL_POLL_OUT ? POLLOUT : 0),
    };
    return 0;
}

static int
timer_changed(CURLM *multi OVS_UNUSED, long int ms, void *http_)
{
    struct kube_http *http = http_;

    http->timer = ms < 0 ? LLONG_MAX : time_msec() + ms;
    return 0;
}

/* Lets libcurl do what its sockets allow.  Its callbacks change them, so that
 * what is ready is found out first. */
static void
run_sockets(struct kube_http *http)
{
    size_t n = http->n_sockets;
    struct pollfd *fds = xcalloc(MAX(n, 1), sizeof *fds);
    int running;

    for (size_t i = 0; i < n; i++) {
        fds[i].fd = http->sockets[i].fd;
        fds[i].events = http->sockets[i].events;
    }
    if (n && poll(fds, n, 0) > 0) {
        for (size_t i = 0; i < n; i++) {
            int mask = ((fds[i].revents & POLLIN ? CURL_CSELECT_IN : 0)
                        | (fds[i].revents & POLLOUT ? CURL_CSELECT_OUT : 0)
                        | (fds[i].revents & (POLLERR | POLLHUP)
                           ? CURL_CSELECT_IN | CURL_CSELECT_ERR : 0));

            if (mask) {
                curl_multi_socket_action(http->multi, fds[i].fd, mask,
                                         &running);
            }
        }
    }
    free(fds);
    if (time_msec() >= http->timer) {
        http->timer = LLONG_MAX;
        curl_multi_socket_action(http->multi, CURL_SOCKET_TIMEOUT, 0,
                                 &running);
    }
}

/* Life. */

struct kube_http *
kube_http_create(const struct kube_config *config, char **error)
{
    struct kube_http *http = xzalloc(sizeof *http);

    *error = NULL;
    http->config = config;
    http->timer = LLONG_MAX;
    ovs_list_init(&http->requests);
    if (!curl_global_init(CURL_GLOBAL_DEFAULT)) {
        http->multi = curl_multi_init();
    }
    if (!http->multi) {
        *error = xstrdup("libcurl cannot be used");
        free(http);
        return NULL;
    }
    curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, socket_changed);
    curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
    curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, timer_changed);
    curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
    curl_multi_setopt(http->multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
    return http;
}

static void
request_destroy(struct kube_request *r)
{
    curl_multi_remove_handle(r->http->multi, r->easy);
    curl_easy_cleanup(r->easy);
    curl_slist_free_all(r->headers);
    curl_slist_free_all(r->connect_to);
    ovs_list_remove(&r->list_node);
    r->http->stats.n_now--;
    ds_destroy(&r->answer);
    free(r->failure);
    free(r->body);
    free(r);
}

void
kube_http_destroy(struct kube_http *http)
{
    if (http) {
        struct kube_request *r, *next;

        LIST_FOR_EACH_SAFE (r, next, list_node, &http->requests) {
            request_destroy(r);
        }
        curl_multi_cleanup(http->multi);
        curl_global_cleanup();
        free(http->sockets);
        free(http);
    }
}

void
kube_http_cancel(struct kube_request *r)
{
    if (r) {
        request_destroy(r);
    }
}

char *
kube_http_encode(const char *s)
{
    char *encoded = curl_easy_escape(NULL, s, 0);
    char *copy = xstrdup(encoded ? encoded : "");

    curl_free(encoded);
    return copy;
}

struct kube_http_stats
kube_http_get_stats(const struct kube_http *http)
{
    return http->stats;
}

/* Asking. */

static size_t
take_data(char *data, size_t size, size_t n, void *r_)
{
    struct kube_request *r = r_;
    long int status = 0;

    n *= size;
    r->http->stats.n_bytes += n;
    curl_easy_getinfo(r->easy, CURLINFO_RESPONSE_CODE, &status);
    bool ok = status >= 200 && status < 300;
    if (ok && r->ask.data) {
        return r->ask.data(r->ask.aux, data, n) ? n : 0;
    }
    if (r->answer.length + n > (ok ? MAX_BODY : MAX_ERROR_BODY)) {
        r->too_large = ok;
        return ok ? 0 : n;
    }
    ds_put_buffer(&r->answer, data, n);
    return n;
}

static void
set_blob(CURL *easy, const struct kube_blob *blob, CURLoption file_option,
         CURLoption data_option)
{
    if (blob->data) {
        struct curl_blob b = {
            .data = blob->data, .len = blob->n, .flags = CURL_BLOB_NOCOPY,
        };

        curl_easy_setopt(easy, data_option, &b);
    } else if (blob->file) {
        curl_easy_setopt(easy, file_option, blob->file);
    }
}

static void
set_tls(CURL *easy, const struct kube_config *config)
{
    set_blob(easy, &config->ca, CURLOPT_CAINFO, CURLOPT_CAINFO_BLOB);
    if (config->ca.data || config->ca.file) {
        curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    }
#if CURL_AT_LEAST_VERSION(7, 87, 0)
    /* The file is replaced when the authority is. */
    curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, 0L);
#endif
    set_blob(easy, &config->certificate, CURLOPT_SSLCERT,
             CURLOPT_SSLCERT_BLOB);
    set_blob(easy, &config->key, CURLOPT_SSLKEY, CURLOPT_SSLKEY_BLOB);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long) CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER,
                     config->insecure ? 0L : 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST,
                     config->insecure ? 0L : 2L);
}

/* Sets where to send the request, which may be to another host than the one
 * that the certificate is for. */
static void
set_url(struct kube_request *r, const char *path)
{
    const struct kube_config *config = r->http->config;
    char *url = xasprintf("%s%s", config->server, path);

    if (config->tls_server_name) {
        const char *host = strstr(config->server, "://") + 3;
        const char *port = strrchr(host, ':');
        const char *slash = strchr(host, '/');
        size_t n = slash ? (size_t) (slash - host) : strlen(host);
        char *rule;

        if (port && (strchr(port, ']') || port > host + n)) {
            port = NULL;
        }
        size_t n_host = port ? (size_t) (port - host) : n;
        rule = xasprintf("::%.*s:", (int) n_host, host);
        r->connect_to = curl_slist_append(NULL, rule);
        curl_easy_setopt(r->easy, CURLOPT_CONNECT_TO, r->connect_to);
        free(rule);
        free(url);
        url = xasprintf("%.*s%s%s%s", (int) (host - config->server),
                        config->server, config->tls_server_name,
                        host + n_host, path);
    }
    curl_easy_setopt(r->easy, CURLOPT_URL, url);
    free(url);
}

static void
add_header(struct kube_request *r, const char *name, const char *value)
{
    char *header = xasprintf("%s: %s", name, value);

    r->headers = curl_slist_append(r->headers, header);
    free(header);
}

/* Sets who we are.  Returns NULL, or why that is not known. */
static char *
set_credentials(struct kube_request *r)
{
    const struct kube_config *config = r->http->config;
    char *token;
    char *error = kube_config_get_token(config, &token);

    if (!error && token) {
        if (token[strcspn(token, "\r\n")]) {
            error = xasprintf("%s: the token has several lines",
                              config->source);
        } else {
            char *bearer = xasprintf("Bearer %s", token);

            add_header(r, "Authorization", bearer);
            free(bearer);
        }
    } else if (!error && config->username) {
        curl_easy_setopt(r->easy, CURLOPT_HTTPAUTH, (long) CURLAUTH_BASIC);
        curl_easy_setopt(r->easy, CURLOPT_USERNAME, config->username);
        curl_easy_setopt(r->easy, CURLOPT_PASSWORD,
                         config->password ? config->password : "");
    }
    free(token);
    return error;
}

static void
set_body(struct kube_request *r, const struct kube_ask *ask)
{
    curl_easy_setopt(r->easy, CURLOPT_CUSTOMREQUEST, ask->method);
    add_header(r, "Accept", "application/json");
    if (ask->body) {
        r->body = xstrdup(ask->body);
        curl_easy_setopt(r->easy, CURLOPT_POSTFIELDSIZE,
                         (long) strlen(r->body));
        curl_easy_setopt(r->easy, CURLOPT_POSTFIELDS, r->body);
        add_header(r, "Content-Type", ask->content_type);
        add_header(r, "Expect", "");
    }
    curl_easy_setopt(r->easy, CURLOPT_HTTPHEADER, r->headers);
}

static void
set_options(struct kube_request *r, const struct kube_ask *ask)
{
    const struct kube_config *config = r->http->config;
    CURL *easy = r->easy;

    curl_easy_setopt(easy, CURLOPT_PRIVATE, r);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, r->message);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_data);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, r);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_NETRC, (long) CURL_NETRC_IGNORED);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
                     (long) CURL_HTTP_VERSION_2TLS);
    /* Only TLS tells at once whether it is HTTP/2. */
    curl_easy_setopt(easy, CURLOPT_PIPEWAIT,
                     strncmp(config->server, "https:", 6) ? 0L : 1L);
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long) CONNECT_TIMEOUT);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long) ask->timeout_ms);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, 30L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, 10L);
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, ask->fresh ? 1L : 0L);
    if (config->proxy) {
        curl_easy_setopt(easy, CURLOPT_PROXY, config->proxy);
    }

    char *agent = xasprintf("ovn-egress-kube/%s", egress_version);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, agent);
    free(agent);
}

struct kube_request *
kube_http_ask(struct kube_http *http, const struct kube_ask *ask)
{
    struct kube_request *r = xzalloc(sizeof *r);

    r->http = http;
    r->easy = curl_easy_init();
    r->ask = *ask;
    r->ask.method = r->ask.path = r->ask.content_type = r->ask.body = NULL;
    ds_init(&r->answer);
    ovs_list_push_back(&http->requests, &r->list_node);
    http->stats.n_requests++;
    http->stats.n_now++;
    if (!r->easy) {
        r->failure = xstrdup("libcurl cannot be used");
        return r;
    }
    set_options(r, ask);
    set_tls(r->easy, http->config);
    set_url(r, ask->path);
    r->failure = set_credentials(r);
    set_body(r, ask);
    if (!r->failure
        && curl_multi_add_handle(http->multi, r->easy) != CURLM_OK) {
        r->failure = xstrdup("libcurl does not take the request");
    }
    return r;
}

/* Ends. */

/* Returns why 'r', which libcurl ended with 'code', has no good answer, to be
 * freed by the caller, or NULL if it has one. */
static char *
why_failed(const struct kube_request *r, CURLcode code, long int status)
{
    if (r->too_large) {
        return xasprintf("the answer is larger than %d bytes", MAX_BODY);
    } else if (code != CURLE_OK) {
        return intent_clean(*r->message ? r->message
                            : curl_easy_strerror(code), 300);
    } else if (status >= 200 && status < 300) {
        return NULL;
    }

    char *message = kube_json_message(ds_cstr_ro(&r->answer),
                                      r->answer.length);
    char *error = xasprintf("HTTP status %ld%s%s", status,
                            message ? ": " : "", message ? message : "");
    free(message);
    return error;
}

/* Ends 'r'. */
static void
finish(struct kube_request *r, CURLcode code)
{
    struct kube_http *http = r->http;
    long int status = 0, version = 0;
    curl_off_t retry_after = 0;

    curl_easy_getinfo(r->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(r->easy, CURLINFO_RETRY_AFTER, &retry_after);
    curl_easy_getinfo(r->easy, CURLINFO_HTTP_VERSION, &version);

    char *error = (r->failure ? xstrdup(r->failure)
                   : why_failed(r, code, status));
    if (version) {
        http->stats.version = version == CURL_HTTP_VERSION_2_0 ? 2 : 1;
    }
    http->stats.n_failed += error != NULL;

    struct kube_response response = {
        .status = status,
        .error = error,
        .cut = r->failure || code != CURLE_OK,
        .retry_after = MIN(MAX(retry_after, 0), 600),
        .body = ds_cstr(&r->answer),
        .n = r->answer.length,
    };
    if (r->ask.end) {
        r->ask.end(r->ask.aux, &response);
    }
    free(error);
    request_destroy(r);
}

/* Returns a request that failed before it began, or NULL. */
static struct kube_request *
find_failed(const struct kube_http *http)
{
    struct kube_request *r;

    LIST_FOR_EACH (r, list_node, &http->requests) {
        if (r->failure) {
            return r;
        }
    }
    return NULL;
}

void
kube_http_run(struct kube_http *http)
{
    struct kube_request *r;
    CURLMsg *message;
    int left;

    run_sockets(http);
    while ((message = curl_multi_info_read(http->multi, &left))) {
        if (message->msg == CURLMSG_DONE) {
            CURLcode code = message->data.result;

            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &r);
            finish(r, code);
        }
    }
    while ((r = find_failed(http))) {
        finish(r, CURLE_OK);
    }
}

void
kube_http_wait(const struct kube_http *http)
{
    for (size_t i = 0; i < http->n_sockets; i++) {
        poll_fd_wait(http->sockets[i].fd, http->sockets[i].events);
    }
    if (http->timer != LLONG_MAX) {
        poll_timer_wait_until(http->timer);
    }
    if (find_failed(http)) {
        poll_immediate_wake();
    }
}
