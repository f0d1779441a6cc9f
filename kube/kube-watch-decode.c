/* SPDX-License-Identifier: Apache-2.0 */

/* The body of a list or a watch: see the header.
 *
 * What is here finds only where an object begins and ends; what is in it,
 * libopenvswitch's parser says. */

#include <config.h>

#include "kube/kube-watch-decode.h"

#include <stdlib.h>
#include <string.h>

#include "kube/kube-json.h"
#include "util.h"

void
kube_decoder_init(struct kube_decoder *d, enum kube_stream stream,
                  bool (*take)(void *aux, const struct json *,
                               const char *error),
                  void *aux)
{
    *d = (struct kube_decoder) {
        .stream = stream,
        .max_item = KUBE_MAX_ITEM,
        .take = take,
        .aux = aux,
        .item = DS_EMPTY_INITIALIZER,
        .envelope = DS_EMPTY_INITIALIZER,
    };
}

void
kube_decoder_destroy(struct kube_decoder *d)
{
    if (d) {
        ds_destroy(&d->item);
        ds_destroy(&d->envelope);
    }
}

/* Replaces null characters in the strings of 'json', which the parser does not
 * take, by those that stand for what cannot be shown (U+FFFD). */
static void
replace_nulls(struct ds *json)
{
    char *p = ds_cstr(json);

    if (!strstr(p, "\\u0000")) {
        return;
    }
    for (; (p = strchr(p, '\\')) && p[1]; p += 2) {
        if (!strncmp(p, "\\u0000", 6)) {
            memcpy(p, "\\ufffd", 6);
        }
    }
}

/* Hands over the item that has come. */
static void
give_item(struct kube_decoder *d)
{
    char *error;

    replace_nulls(&d->item);
    struct json *json = kube_json_parse(ds_cstr(&d->item), d->item.length,
                                        &error);

    d->n_items++;
    d->in_item = false;
    d->stopped = !d->take(d->aux, json, error);
    json_destroy(json);
    free(error);
    if (d->item.allocated > 1 << 20) {
        ds_destroy(&d->item);
        ds_init(&d->item);
    }
    ds_clear(&d->item);
}

/* True if the last string at depth 1, which is the key of what begins now, is
 * "items". */
static bool
is_items(const struct kube_decoder *d)
{
    static const char key[] = "\"items\"";
    size_t n = d->envelope.length - d->key_at;

    return (n >= sizeof key - 1
            && !memcmp(d->envelope.string + d->key_at, key, sizeof key - 1));
}

/* True if an item may begin where we are. */
static bool
is_item_place(const struct kube_decoder *d)
{
    return (d->stream == KUBE_WATCH ? !d->depth
            : d->in_items && d->depth == 2);
}

/* Takes the opening bracket 'c'. */
static const char *
open_bracket(struct kube_decoder *d, char c)
{
    if (!d->in_item && is_item_place(d)) {
        if (c != '{') {
            return "a list where an object must be";
        }
        d->in_item = true;
    } else if (!d->depth && c != '{') {
        return "not a JSON object";
    } else if (d->depth == 1 && c == '[' && !d->in_item && is_items(d)) {
        d->in_items = true;
    }
    d->depth++;
    return NULL;
}

/* Takes a closing bracket that has been appended. */
static const char *
close_bracket(struct kube_decoder *d)
{
    if (!d->depth) {
        return "a bracket too many";
    }
    d->depth--;
    if (d->in_item && is_item_place(d)) {
        give_item(d);
    } else if (d->depth == 1) {
        d->in_items = false;
    } else if (!d->depth) {
        d->ended = true;
    }
    return NULL;
}

/* Takes 'c', which is not in a string. */
static const char *
take_plain(struct kube_decoder *d, char c, struct ds **to)
{
    const char *error = NULL;
    bool is_space = strchr(" \t\r\n", c) && c;

    if (c == '{' || c == '[') {
        error = open_bracket(d, c);
        *to = d->in_item ? &d->item : &d->envelope;
    } else if (!d->depth && !is_space) {
        error = "not a JSON object";
    } else if (d->in_items && !d->in_item && d->depth == 2 && !is_space
               && c != ',' && c != ']') {
        error = "something where an object must be";
    } else if (c == '"') {
        d->in_string = true;
        if (d->depth == 1 && !d->in_item) {
            d->key_at = d->envelope.length;
        }
    }
    return error;
}

static const char *
take_char(struct kube_decoder *d, char c)
{
    struct ds *to = d->in_item ? &d->item : &d->envelope;
    const char *error = NULL;
    bool closes = !d->in_string && (c == '}' || c == ']');

    if (d->ended && !strchr(" \t\r\n", c)) {
        return "something behind the end";
    }
    if (d->in_string) {
        if (d->in_escape) {
            d->in_escape = false;
        } else if (c == '\\') {
            d->in_escape = true;
        } else if (c == '"') {
            d->in_string = false;
        }
    } else {
        error = take_plain(d, c, &to);
    }
    /* The commas between the items are theirs. */
    if (!error && (d->in_item || !d->in_items || d->depth < 2
                   || c == '[' || closes)
        && (d->depth || closes)) {
        if (to->length >= (to == &d->item ? d->max_item
                           : KUBE_MAX_ENVELOPE)) {
            return to == &d->item ? "an object is too large"
                                  : "too much beside the objects";
        }
        ds_put_char(to, c);
    }
    return !error && closes ? close_bracket(d) : error;
}

/* Takes what is neither the end of a string nor an escape, of 'n' bytes at
 * 's', to the item.  Returns how much that is. */
static size_t
take_run(struct kube_decoder *d, const char *s, size_t n)
{
    size_t len = 0;
    size_t room = d->max_item - MIN(d->item.length, d->max_item);

    while (len < n && len < room && s[len] != '"' && s[len] != '\\') {
        len++;
    }
    ds_put_buffer(&d->item, s, len);
    return len;
}

const char *
kube_decoder_feed(struct kube_decoder *d, const char *s, size_t n)
{
    for (size_t i = 0; i < n && !d->stopped; i++) {
        if (d->in_item && d->in_string && !d->in_escape) {
            i += take_run(d, s + i, n - i);
            if (i >= n) {
                break;
            }
        }

        const char *error = take_char(d, s[i]);
        if (error) {
            return error;
        }
    }
    return NULL;
}

const char *
kube_decoder_finish(struct kube_decoder *d, struct json **envelope)
{
    char *error;

    *envelope = NULL;
    if (d->stream == KUBE_WATCH) {
        return d->depth ? "the stream ends within an event" : NULL;
    } else if (!d->ended) {
        return "the answer is not complete";
    }
    *envelope = kube_json_parse(ds_cstr(&d->envelope), d->envelope.length,
                                &error);
    free(error);
    return *envelope ? NULL : "the list is not JSON";
}

struct json *
kube_decoder_get_envelope(const struct kube_decoder *d)
{
    char *text = xasprintf("%s]}", ds_cstr_ro(&d->envelope));
    char *error;
    struct json *json = kube_json_parse(text, strlen(text), &error);

    free(error);
    free(text);
    return json;
}

/* Events. */

const char *
kube_event_from_json(const struct json *json, struct kube_event *event)
{
    static const char *const names[] = {
        [KUBE_ADDED] = "ADDED",
        [KUBE_MODIFIED] = "MODIFIED",
        [KUBE_DELETED] = "DELETED",
        [KUBE_BOOKMARK] = "BOOKMARK",
        [KUBE_ERROR] = "ERROR",
    };
    const char *type = kube_json_string(json, "type");
    size_t i = 0;

    while (i < ARRAY_SIZE(names) && strcmp(type, names[i])) {
        i++;
    }
    if (i >= ARRAY_SIZE(names)) {
        return "an event of no known type";
    }

    const struct json *object = kube_json_get(json, "object");
    if (!object || object->type != JSON_OBJECT) {
        return "an event without an object";
    }

    const struct json *code = kube_json_get(object, "code");
    const struct json *metadata = kube_json_get(object, "metadata");
    *event = (struct kube_event) {
        .type = i,
        .object = object,
        .resource_version = kube_json_string(metadata, "resourceVersion"),
        .code = (code && code->type == JSON_INTEGER
                 && json_integer(code) > 0 && json_integer(code) < 1000
                 ? json_integer(code) : 0),
    };
    return NULL;
}
