/* SPDX-License-Identifier: Apache-2.0 */

/* What happened to an object, as Events: see the header. */

#include <config.h>

#include "kube/kube-tell.h"

#include <stdlib.h>
#include <string.h>

#include "kube/kube-kind.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "timeval.h"
#include "util.h"

/* An Event has no longer message. */
#define MAX_MESSAGE 1024

/* What "ALL" is for people. */
static char *
describe_host(const char *host)
{
    return (!strcmp(host, "ALL") ? xstrdup("the node of each endpoint")
            : xasprintf("node %s", host));
}

/* Sets '*n' to what has become of the host.  Returns false if nothing has. */
static bool
tell_host(const struct kube_service_state *before,
          const struct kube_service_state *now, const char *unfit,
          struct kube_news *n)
{
    if (!before->host || !strcmp(before->host, now->host)) {
        return false;
    }

    char *old = describe_host(before->host);
    char *new = describe_host(now->host);
    if (!*now->host) {
        *n = (struct kube_news) {
            .warning = true,
            .reason = "HostLost",
            .message = xasprintf("traffic does not leave through %s any "
                                 "more, and no node is selected%s%s", old,
                                 unfit ? ": " : "", unfit ? unfit : ""),
        };
    } else if (!*before->host) {
        *n = (struct kube_news) {
            .reason = "HostSelected",
            .message = xasprintf("traffic leaves through %s", new),
        };
    } else {
        *n = (struct kube_news) {
            .warning = unfit != NULL,
            .reason = unfit ? "Failover" : "HostChanged",
            .message = xasprintf("traffic leaves through %s, and not through "
                                 "%s any more%s%s", new, old,
                                 unfit ? ": " : "", unfit ? unfit : ""),
        };
    }
    free(old);
    free(new);
    return true;
}

/* Returns the length of the first 'n' words of 's'. */
static size_t
span_words(const char *s, int n)
{
    size_t len = 0;

    while (n--) {
        len += strspn(s + len, " ");
        len += strcspn(s + len, " ");
    }
    return len;
}

/* Sets '*n' to whether the service has become ready, or is not for another
 * reason.  Returns false if that is as before. */
static bool
tell_ready(const struct kube_service_state *before,
           const struct kube_service_state *now, struct kube_news *n)
{
    bool is_true = now->ready && !strncmp(now->ready, "True", 4);

    if (!before->ready || !now->ready) {
        return false;
    }

    size_t len = span_words(now->ready, is_true ? 1 : 2);
    if (len == span_words(before->ready, is_true ? 1 : 2)
        && !strncmp(before->ready, now->ready, len)) {
        return false;
    }
    if (is_true) {
        *n = (struct kube_news) {
            .reason = "Ready",
            .message = xstrdup("everything that the service needs is in "
                               "effect"),
        };
    } else {
        const char *message = now->ready + len;
        size_t start = span_words(now->ready, 1) + 1;

        message += strspn(message, " ");
        char *reason = (start < len
                        ? xmemdup0(now->ready + start, len - start)
                        : xstrdup("Unknown"));
        *n = (struct kube_news) {
            .warning = true,
            .reason = "NotReady",
            .message = xasprintf("%s%s%s", reason, *message ? ": " : "",
                                 message),
        };
        free(reason);
    }
    return true;
}

size_t
kube_tell(const struct kube_service_state *before,
          const struct kube_service_state *now, const char *unfit,
          struct kube_news news[KUBE_MAX_NEWS])
{
    size_t n = 0;

    n += tell_host(before, now, unfit, &news[n]);
    n += tell_ready(before, now, &news[n]);
    return n;
}

/* Where events about 'o' are. */
static const char *
get_namespace(const struct kube_object *o)
{
    return *o->namespace ? o->namespace : "default";
}

char *
kube_tell_path(const struct kube_object *o)
{
    return xasprintf("/api/v1/namespaces/%s/events", get_namespace(o));
}

/* An ObjectReference to 'o'. */
static struct json *
make_reference(const struct kube_object *o)
{
    struct json *ref = json_object_create();

    json_object_put_string(ref, "apiVersion", o->api_version);
    json_object_put_string(ref, "kind", intent_kind_name(o->kind));
    json_object_put_string(ref, "name", o->name);
    if (*o->namespace) {
        json_object_put_string(ref, "namespace", o->namespace);
    }
    json_object_put_string(ref, "uid", o->uid);
    json_object_put_string(ref, "resourceVersion", o->resource_version);
    return ref;
}

char *
kube_tell_event(const struct kube_object *o, const struct kube_news *n,
                long long int now)
{
    struct json *event = json_object_create();
    struct json *metadata = json_object_create();
    struct json *source = json_object_create();
    char *time = xastrftime_msec("%Y-%m-%dT%H:%M:%SZ", now, true);
    char *prefix = xasprintf("%.200s.", o->name);
    char *message = intent_clean(n->message, MAX_MESSAGE - 3);

    json_object_put_string(metadata, "generateName", prefix);
    json_object_put_string(metadata, "namespace", get_namespace(o));
    json_object_put_string(source, "component", "ovn-egress-kube");
    json_object_put_string(event, "apiVersion", "v1");
    json_object_put_string(event, "kind", "Event");
    json_object_put(event, "metadata", metadata);
    json_object_put(event, "involvedObject", make_reference(o));
    json_object_put_string(event, "type", n->warning ? "Warning" : "Normal");
    json_object_put_string(event, "reason", n->reason);
    json_object_put_string(event, "message", message);
    json_object_put(event, "source", source);
    json_object_put_string(event, "firstTimestamp", time);
    json_object_put_string(event, "lastTimestamp", time);
    json_object_put(event, "count", json_integer_create(1));

    char *text = json_to_string(event, JSSF_SORT);
    json_destroy(event);
    free(message);
    free(prefix);
    free(time);
    return text;
}
