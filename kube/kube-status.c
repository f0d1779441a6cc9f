/* SPDX-License-Identifier: Apache-2.0 */

/* What the agent says of an object, back to Kubernetes: see the header. */

#include <config.h>

#include "kube/kube-status.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "kube/kube-json.h"
#include "kube/kube-kind.h"
#include "kube/kube-mirror.h"
#include "kube/kube-patch.h"
#include "kube/kube-store.h"
#include "kube/kube-tell.h"
#include "kube/kube-writer.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/shash.h"
#include "ovsdb/egress-idl.h"
#include "ovsdb/egress-source.h"
#include "sset.h"
#include "timeval.h"
#include "util.h"

/* Of Events, no more are kept to be written. */
#define MAX_EVENTS 1000

/* So many problems are shown. */
#define MAX_PROBLEMS 20

/* With each endpoint that changes, a service is not ready for a moment.  What
 * changes of one that was ready, but for the host, is written after so long
 * (ms), if it still differs. */
#define SETTLE 1000

/* What was last seen of an EgressService. */
struct seen {
    char *host, *ready;         /* As in kube_service_state. */
    long long int held;         /* Since when something is not written, or
                                 * 0. */
};

struct kube_status {
    struct kube_writer *patches;
    struct kube_writer *events;
    struct shash seen;          /* Contains "struct seen"s, by id. */
    struct sset held;           /* The ids of which something is not written
                                 * yet... */
    long long int due;          /* ...and when to look again. */
    bool write_ingress;
    bool no_conditions;         /* The CRD of EgressService drops them, or
                                 * changes them. */
    uint64_t n_events;
};

/* The server has taken a patch: 'object' is what became of it. */
static void
patched(void *status_, const char *key, const char *body,
        const struct json *object)
{
    const char kind[] = "EgressService ";
    struct kube_status *status = status_;

    if (strncmp(key, kind, sizeof kind - 1) || !object) {
        return;
    }

    struct json *patch = json_from_string(body);
    const struct json *sent = kube_json_at(patch, "status", "conditions",
                                           NULL);
    const struct json *got = kube_json_at(object, "status", "conditions",
                                          NULL);
    if (kube_json_n(sent) && (!got || !json_equal(sent, got))) {
        status->no_conditions = true;
    }
    json_destroy(patch);
}

static void
event_written(void *status_, const char *key OVS_UNUSED,
              const char *body OVS_UNUSED,
              const struct json *object OVS_UNUSED)
{
    struct kube_status *status = status_;

    status->n_events++;
}

struct kube_status *
kube_status_create(struct kube_http *http, bool write_ingress)
{
    struct kube_status *status = xzalloc(sizeof *status);

    status->patches = kube_writer_create(http, patched, status);
    status->events = kube_writer_create(http, event_written, status);
    status->write_ingress = write_ingress;
    shash_init(&status->seen);
    sset_init(&status->held);
    return status;
}

static void
seen_destroy(struct seen *seen)
{
    free(seen->host);
    free(seen->ready);
    free(seen);
}

void
kube_status_clear(struct kube_status *status)
{
    struct shash_node *node;

    kube_writer_clear(status->patches);
    kube_writer_clear(status->events);
    SHASH_FOR_EACH (node, &status->seen) {
        seen_destroy(node->data);
    }
    shash_clear(&status->seen);
    sset_clear(&status->held);
}

void
kube_status_destroy(struct kube_status *status)
{
    if (status) {
        kube_status_clear(status);
        kube_writer_destroy(status->patches);
        kube_writer_destroy(status->events);
        shash_destroy(&status->seen);
        sset_destroy(&status->held);
        free(status);
    }
}

/* Events. */

static void
post(struct kube_status *status, const struct kube_object *o,
     const struct kube_news *news)
{
    static unsigned int serial;
    char *key = xasprintf("Event %u of %s", serial++, o->id);

    if (kube_writer_count(status->events) < MAX_EVENTS) {
        char *path = kube_tell_path(o);
        char *body = kube_tell_event(o, news, time_wall_msec());

        kube_writer_put(status->events, key, "POST", path,
                        "application/json", body, "");
        free(body);
        free(path);
    }
    free(key);
}

void
kube_status_tell_replaced(struct kube_status *status,
                          const struct kube_store *store,
                          const struct sset *ids)
{
    const char *id;

    SSET_FOR_EACH (id, ids) {
        const struct kube_object *o = kube_store_find(store, id);

        if (o) {
            const struct kube_news news = {
                .warning = true,
                .reason = "ManifestReplaced",
                .message = CONST_CAST(char *, "replaces a manifest of the "
                                      "same name that was applied with "
                                      "ovn-egressctl"),
            };

            post(status, o, &news);
        }
    }
}

/* Returns the condition Ready of what Kubernetes has of 'o' in the form of a
 * row, or NULL; the caller frees it. */
static char *
read_ready(const struct kube_object *o)
{
    const char *text = smap_get(&o->facts, "conditions");
    struct json *array = text ? json_from_string(text) : NULL;
    char *ready = NULL;

    for (size_t i = 0; i < kube_json_n(array) && !ready; i++) {
        const struct json *c = kube_json_elem(array, i);

        if (!strcmp(kube_json_string(c, "type"), "Ready")) {
            ready = xasprintf("%s %s %s", kube_json_string(c, "status"),
                              kube_json_string(c, "reason"),
                              kube_json_string(c, "message"));
        }
    }
    json_destroy(array);
    return ready;
}

/* Returns why the node 'name' cannot be a host, or NULL. */
static const char *
why_unfit(const struct kube_mirror *mirror, const char *name)
{
    char *id = kube_object_id(INTENT_NODE, "", name);
    const struct egressrec_object *row = kube_mirror_find(mirror, id);
    const char *eligible = row ? smap_get(&row->conditions, "Eligible")
                               : NULL;
    const char prefix[] = "False Unfit ";

    free(id);
    if (!row) {
        return *name && strcmp(name, "ALL") ? "the Node is gone" : NULL;
    }
    return (eligible && !strncmp(eligible, prefix, sizeof prefix - 1)
            ? eligible + sizeof prefix - 1 : NULL);
}

static struct seen *
get_seen(struct kube_status *status, const struct kube_object *o)
{
    struct seen *seen = shash_find_data(&status->seen, o->id);

    if (!seen) {
        const char *old_host = smap_get(&o->facts, "host");

        /* What the last mirror has written. */
        seen = xzalloc(sizeof *seen);
        seen->host = xstrdup(old_host ? old_host : "");
        seen->ready = read_ready(o);
        shash_add(&status->seen, o->id, seen);
    }
    return seen;
}

/* Posts what is new about 'o', whose host is 'host'. */
static void
tell(struct kube_status *status, const struct kube_mirror *mirror,
     const struct kube_object *o, const char *host,
     const struct smap *conditions)
{
    const char *ready = smap_get(conditions, "Ready");
    struct seen *seen = get_seen(status, o);
    struct kube_news news[KUBE_MAX_NEWS];

    const struct kube_service_state before = { seen->host, seen->ready };
    const struct kube_service_state now = { host, ready };
    size_t n = kube_tell(&before, &now, why_unfit(mirror, seen->host), news);
    for (size_t i = 0; i < n; i++) {
        post(status, o, &news[i]);
        free(news[i].message);
    }
    free(seen->host);
    free(seen->ready);
    seen->host = xstrdup(host);
    seen->ready = nullable_xstrdup(ready);
}

/* Patches. */

/* Wants 'patch', which it takes and may be NULL, for 'o' or, if 'sub' is not
 * NULL, that subresource. */
static void
want_patch(struct kube_status *status, const struct kube_object *o,
           const char *sub, char *patch)
{
    if (patch) {
        char *object = kube_kind_path(o->kind, o->api_version, o->namespace,
                                      o->name);
        char *path = xasprintf("%s%s%s", object, sub ? "/" : "",
                               sub ? sub : "");

        kube_writer_put(status->patches, o->id, "PATCH", path,
                        KUBE_MERGE_PATCH, patch, o->resource_version);
        free(path);
        free(object);
        free(patch);
    } else {
        kube_writer_drop(status->patches, o->id);
    }
}

/* Returns the conditions of 'row', as kube_patch_conditions().  One whose
 * status is what Kubernetes has keeps the time that it has there. */
static char *
make_conditions(const struct kube_object *o,
                const struct egressrec_object *row)
{
    const char *text = smap_get(&o->facts, "conditions");
    struct json *array = text ? json_from_string(text) : NULL;
    struct smap times;

    smap_clone(&times, &row->transitions);
    for (size_t i = 0; i < kube_json_n(array); i++) {
        const struct json *c = kube_json_elem(array, i);
        const char *type = kube_json_string(c, "type");
        const char *old = kube_json_string(c, "status");
        const char *new = smap_get_def(&row->conditions, type, "");

        if (*old && strcspn(new, " ") == strlen(old)
            && !strncmp(new, old, strlen(old))) {
            smap_replace(&times, type,
                         kube_json_string(c, "lastTransitionTime"));
        }
    }

    char *conditions = kube_patch_conditions(&row->conditions, &times);
    smap_destroy(&times);
    json_destroy(array);
    return conditions;
}

/* True if 'patch' for 'o' is not to be written yet. */
static bool
is_held(struct kube_status *status, const struct kube_object *o,
        const char *host, const char *patch)
{
    struct seen *seen = get_seen(status, o);
    long long int now = time_msec();

    if (patch && seen->ready && !strncmp(seen->ready, "True", 4)
        && !strcmp(seen->host, host)) {
        if (!seen->held) {
            seen->held = now;
        }
        if (now - seen->held < SETTLE) {
            long long int due = seen->held + SETTLE;

            status->due = (sset_is_empty(&status->held) ? due
                           : MIN(status->due, due));
            sset_add(&status->held, o->id);
            return true;
        }
    }
    seen->held = 0;
    sset_find_and_delete(&status->held, o->id);
    return false;
}

static void
update_egress_service(struct kube_status *status,
                      const struct kube_mirror *mirror,
                      const struct kube_object *o,
                      const struct egressrec_object *row)
{
    const char *host = smap_get_def(&row->status, "host", "");
    char *conditions = (status->no_conditions ? NULL
                        : make_conditions(o, row));
    char *patch = kube_patch_egress_service(o, host, conditions);

    if (is_held(status, o, host, patch)) {
        free(patch);
    } else {
        tell(status, mirror, o, host, &row->conditions);
        want_patch(status, o, "status", patch);
    }
    free(conditions);
}

static void
update_object(struct kube_status *status, const struct kube_store *store,
              const struct kube_mirror *mirror, const char *id)
{
    const struct kube_object *o = kube_store_find(store, id);

    if (!o) {
        struct seen *seen = shash_find_and_delete(&status->seen, id);

        if (seen) {
            seen_destroy(seen);
        }
        sset_find_and_delete(&status->held, id);
        kube_writer_drop(status->patches, id);
        return;
    }

    /* An object of which the agent says nothing may be too new for it. */
    const struct egressrec_object *row = kube_mirror_find_same(mirror, o);
    bool known = row && !smap_is_empty(&row->conditions);
    if (o->kind == INTENT_EGRESS_SERVICE && known) {
        update_egress_service(status, mirror, o, row);
    } else if (o->kind == INTENT_NODE && known) {
        want_patch(status, o, NULL, kube_patch_node(o, &row->status));
    } else if (o->kind == INTENT_SERVICE && known && status->write_ingress) {
        want_patch(status, o, "status",
                   kube_patch_service(o, smap_get_def(&row->status, "ingress",
                                                      "")));
    }
}

void
kube_status_update(struct kube_status *status, const struct kube_store *store,
                   const struct kube_mirror *mirror,
                   const struct sset *changed)
{
    const char *id;

    if (changed) {
        SSET_FOR_EACH (id, changed) {
            update_object(status, store, mirror, id);
        }
    } else {
        const struct kube_object *o;

        HMAP_FOR_EACH (o, id_node, &store->objects) {
            update_object(status, store, mirror, o->id);
        }
    }
}

void
kube_status_update_held(struct kube_status *status,
                        const struct kube_store *store,
                        const struct kube_mirror *mirror, long long int now)
{
    if (!sset_is_empty(&status->held) && now >= status->due) {
        struct sset held = SSET_INITIALIZER(&held);

        sset_swap(&held, &status->held);
        kube_status_update(status, store, mirror, &held);
        sset_destroy(&held);
    }
}

void
kube_status_run(struct kube_status *status, long long int now)
{
    kube_writer_run(status->patches, now);
    kube_writer_run(status->events, now);
}

void
kube_status_wait(const struct kube_status *status)
{
    kube_writer_wait(status->patches);
    kube_writer_wait(status->events);
    if (!sset_is_empty(&status->held)) {
        poll_timer_wait_until(status->due);
    }
}

void
kube_status_format(const struct kube_status *status, struct ds *s)
{
    ds_put_format(s, "conditions of EgressServices: %s\n",
                  status->no_conditions
                  ? "not written, as their CRD does not keep them"
                  : "written");
    ds_put_format(s, "held for a moment: %"PRIuSIZE"\n",
                  sset_count(&status->held));
    ds_put_format(s, "events: %"PRIu64" written\n", status->n_events);
    kube_writer_format(status->patches, MAX_PROBLEMS, s);
    kube_writer_format(status->events, MAX_PROBLEMS, s);
}
