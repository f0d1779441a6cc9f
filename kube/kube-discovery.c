/* SPDX-License-Identifier: Apache-2.0 */

/* Which kinds an API server has: see the header. */

#include <config.h>

#include "kube/kube-discovery.h"

#include <stdlib.h>
#include <string.h>

#include "kube/kube-backoff.h"
#include "kube/kube-http.h"
#include "kube/kube-json.h"
#include "kube/kube-kind.h"
#include "openvswitch/poll-loop.h"
#include "sset.h"
#include "util.h"

#define TIMEOUT 20000           /* ms, for an answer. */

/* How long until the next time: while a kind is missing, and else. */
#define SOON 10000
#define LATER 300000

struct kube_discovery {
    struct kube_http *http;
    struct kube_request *request;
    char *asked;                /* The version asked for, NULL for groups. */
    struct sset todo;           /* Versions to ask for. */
    bool found[INTENT_N_KINDS][INTENT_N_VERSIONS];      /* In this turn. */
    const char *versions[INTENT_N_KINDS];       /* As of the last one. */
    bool complete;
    bool changed;
    bool ended;                 /* A request, which failed. */
    int retry_after;
    long long int next;         /* When to begin the next turn. */
    struct kube_backoff backoff;
    char *error;
};

struct kube_discovery *
kube_discovery_create(struct kube_http *http)
{
    struct kube_discovery *d = xzalloc(sizeof *d);

    d->http = http;
    sset_init(&d->todo);
    return d;
}

void
kube_discovery_destroy(struct kube_discovery *d)
{
    if (d) {
        kube_http_cancel(d->request);
        sset_destroy(&d->todo);
        free(d->asked);
        free(d->error);
        free(d);
    }
}

static void
fail(struct kube_discovery *d, const char *what, const char *why, int after)
{
    free(d->error);
    d->error = xasprintf("%s: %s", what, why);
    d->ended = true;
    d->retry_after = after;
}

/* Notes which versions of 'groups' we have to ask for. */
static void
take_groups(struct kube_discovery *d, const struct json *groups)
{
    struct sset served = SSET_INITIALIZER(&served);

    sset_add(&served, "v1");
    for (size_t i = 0; i < kube_json_n(groups); i++) {
        const struct json *versions
            = kube_json_get(kube_json_elem(groups, i), "versions");

        for (size_t j = 0; j < kube_json_n(versions); j++) {
            sset_add(&served, kube_json_string(kube_json_elem(versions, j),
                                               "groupVersion"));
        }
    }

    memset(d->found, 0, sizeof d->found);
    sset_clear(&d->todo);
    for (size_t i = 0; i < INTENT_N_KINDS; i++) {
        const char *version;

        for (size_t j = 0; (version = intent_kind_version(i, j)); j++) {
            if (sset_contains(&served, version)) {
                sset_add(&d->todo, version);
            }
        }
    }
    sset_destroy(&served);
}

/* Notes which of our kinds are in 'resources' of 'version'. */
static void
take_resources(struct kube_discovery *d, const char *version,
               const struct json *resources)
{
    for (size_t i = 0; i < kube_json_n(resources); i++) {
        const char *name = kube_json_string(kube_json_elem(resources, i),
                                            "name");

        for (size_t k = 0; k < INTENT_N_KINDS; k++) {
            const char *ours;

            for (size_t j = 0; (ours = intent_kind_version(k, j)); j++) {
                if (!strcmp(intent_kind_plural(k), name)
                    && !strcmp(ours, version)) {
                    d->found[k][j] = true;
                }
            }
        }
    }
}

/* Ends a turn: everything was asked for. */
static void
finish_turn(struct kube_discovery *d, long long int now)
{
    bool missing = false;

    for (size_t i = 0; i < INTENT_N_KINDS; i++) {
        const char *version = NULL;

        for (size_t j = 0; j < INTENT_N_VERSIONS && !version; j++) {
            version = d->found[i][j] ? intent_kind_version(i, j) : NULL;
        }
        if (d->versions[i] != version) {
            d->versions[i] = version;
            d->changed = true;
        }
        missing |= !version;
    }
    d->changed |= !d->complete;
    d->complete = true;
    d->next = now + (missing ? SOON : LATER) + random_range(SOON / 4);
    kube_backoff_reset(&d->backoff);
    free(d->error);
    d->error = NULL;
}

static void
answered(void *d_, const struct kube_response *response)
{
    struct kube_discovery *d = d_;
    const char *what = d->asked ? d->asked : "API groups";
    char *error = NULL;

    d->request = NULL;
    if (response->status == 404 && d->asked) {
        return;                 /* Gone meanwhile. */
    } else if (response->error) {
        fail(d, what, response->error, response->retry_after);
        return;
    }

    struct json *json = kube_json_parse(response->body, response->n, &error);
    if (!json) {
        fail(d, what, error, 0);
    } else if (d->asked) {
        take_resources(d, d->asked, kube_json_get(json, "resources"));
    } else if (!kube_json_n(kube_json_get(json, "groups"))) {
        fail(d, what, "no API group in the answer", 0);
    } else {
        take_groups(d, kube_json_get(json, "groups"));
    }
    json_destroy(json);
    free(error);
}

/* Asks for 'version', or for the groups if it is NULL.  Takes 'version'. */
static void
ask(struct kube_discovery *d, char *version)
{
    char *path = (version
                  ? xasprintf("/%s/%s", strchr(version, '/') ? "apis" : "api",
                              version)
                  : xstrdup("/apis"));
    struct kube_ask a = {
        .method = "GET",
        .path = path,
        .timeout_ms = TIMEOUT,
        .end = answered,
        .aux = d,
    };

    free(d->asked);
    d->asked = version;
    d->request = kube_http_ask(d->http, &a);
    free(path);
}

bool
kube_discovery_run(struct kube_discovery *d, long long int now)
{
    bool changed;

    if (d->ended) {
        d->ended = false;
        sset_clear(&d->todo);
        free(d->asked);
        d->asked = NULL;
        d->next = kube_backoff_next(&d->backoff, now, d->retry_after);
    } else if (!d->request && !sset_is_empty(&d->todo)) {
        ask(d, sset_pop(&d->todo));
    } else if (!d->request && d->asked) {
        free(d->asked);
        d->asked = NULL;
        finish_turn(d, now);
    } else if (!d->request && now >= d->next) {
        d->next = LLONG_MAX;
        ask(d, NULL);
    }
    changed = d->changed;
    d->changed = false;
    return changed;
}

void
kube_discovery_wait(const struct kube_discovery *d)
{
    if (d->ended || (!d->request && (d->asked || !sset_is_empty(&d->todo)))) {
        poll_immediate_wake();
    } else if (!d->request) {
        poll_timer_wait_until(d->next);
    }
}

void
kube_discovery_doubt(struct kube_discovery *d, enum intent_kind kind,
                     long long int now)
{
    if (d->versions[kind]) {
        d->versions[kind] = NULL;
        d->changed = true;
    }
    if (d->next != LLONG_MAX) {
        d->next = MIN(d->next, now + 1000);
    }
}

const char *
kube_discovery_version(const struct kube_discovery *d, enum intent_kind kind)
{
    return d->versions[kind];
}

bool
kube_discovery_is_complete(const struct kube_discovery *d)
{
    return d->complete;
}

const char *
kube_discovery_error(const struct kube_discovery *d)
{
    return d->error;
}
