/* SPDX-License-Identifier: Apache-2.0 */

/* Fuzz target: any bytes as the body of a list, of a watch, and as a
 * kubeconfig. */

#include <config.h>
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#include "kube/kube-config.h"
#include "kube/kube-kind.h"
#include "kube/kube-watch-decode.h"
#include "openvswitch/json.h"

/* What came, to be the same however it is cut. */
struct seen {
    size_t n_good, n_bad;
};

static void
take_object(const struct json *json)
{
    for (int i = 0; i < INTENT_N_KINDS; i++) {
        char *error;
        struct kube_object *o = kube_object_from_json(i, "v1", json, &error);

        if (o) {
            struct json *again = json_from_string(o->manifest);

            ovs_assert(again->type == JSON_OBJECT);
            json_destroy(again);
        }
        ovs_assert(!o == !!error);
        kube_object_destroy(o);
        free(error);
    }
}

static bool
take(void *seen_, const struct json *json, const char *error)
{
    struct seen *seen = seen_;
    struct kube_event event;

    ovs_assert(!json == !!error);
    if (json) {
        seen->n_good++;
        take_object(json);
        if (!kube_event_from_json(json, &event)) {
            take_object(event.object);
        }
    } else {
        seen->n_bad++;
    }
    return true;
}

/* Decodes 'data' in parts of 'part' bytes.  Returns what is wrong, or NULL. */
static const char *
decode(const uint8_t *data, size_t size, enum kube_stream stream, size_t part,
       struct seen *seen)
{
    struct kube_decoder d;
    struct json *envelope = NULL;
    const char *fault = NULL;

    *seen = (struct seen) { .n_good = 0 };
    kube_decoder_init(&d, stream, take, seen);
    d.max_item = 1000;
    for (size_t i = 0; i < size && !fault; i += part) {
        fault = kube_decoder_feed(&d, (const char *) data + i,
                                  MIN(part, size - i));
        ovs_assert(d.item.length <= d.max_item
                   && d.envelope.length <= KUBE_MAX_ENVELOPE);
    }
    fault = fault ? fault : kube_decoder_finish(&d, &envelope);
    json_destroy(envelope);
    kube_decoder_destroy(&d);
    return fault;
}

static void
fuzz_kube(const uint8_t *data, size_t size)
{
    static const enum kube_stream streams[] = { KUBE_LIST, KUBE_WATCH };

    for (size_t i = 0; i < ARRAY_SIZE(streams); i++) {
        struct seen whole, parts;
        const char *a = decode(data, size, streams[i], MAX(size, 1), &whole);
        const char *b = decode(data, size, streams[i], 1, &parts);

        ovs_assert(a == b && whole.n_good == parts.n_good
                   && whole.n_bad == parts.n_bad);
    }

    struct kube_config config;
    char *error = kube_config_parse(&config, (const char *) data, size,
                                    "fuzz", NULL);
    if (!error) {
        kube_config_destroy(&config);
    }
    free(error);
}

EGRESS_FUZZ("kube", fuzz_kube)
