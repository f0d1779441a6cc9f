/* SPDX-License-Identifier: Apache-2.0 */

/* Reading JSON that somebody else wrote: see the header. */

#include <config.h>

#include "kube/kube-json.h"

#include <stdarg.h>
#include <stdlib.h>

#include "intent/intent.h"
#include "lib/json-array.h"
#include "openvswitch/shash.h"
#include "util.h"

const struct json *
kube_json_get(const struct json *object, const char *key)
{
    return (object && object->type == JSON_OBJECT
            ? shash_find_data(json_object(object), key) : NULL);
}

const struct json *
kube_json_at(const struct json *object, ...)
{
    const char *key;
    va_list args;

    va_start(args, object);
    while (object && (key = va_arg(args, const char *))) {
        object = kube_json_get(object, key);
    }
    va_end(args);
    return object;
}

const char *
kube_json_string(const struct json *object, const char *key)
{
    const struct json *value = kube_json_get(object, key);

    return value && value->type == JSON_STRING ? json_string(value) : "";
}

bool
kube_json_is_true(const struct json *object, const char *key)
{
    const struct json *value = kube_json_get(object, key);

    return value && value->type == JSON_TRUE;
}

size_t
kube_json_n(const struct json *array)
{
    return (array && array->type == JSON_ARRAY
            ? egress_json_array_size(array) : 0);
}

const struct json *
kube_json_elem(const struct json *array, size_t i)
{
    return egress_json_array_at(array, i);
}

struct json *
kube_json_parse(const char *text, size_t n, char **error)
{
    struct json_parser *parser = json_parser_create(0);

    *error = NULL;
    json_parser_feed(parser, text, n);
    struct json *json = json_parser_finish(parser);
    if (json->type == JSON_STRING) {
        *error = intent_clean(json_string(json), 200);
        json_destroy(json);
        json = NULL;
    }
    return json;
}

char *
kube_json_message(const char *body, size_t n)
{
    char *error;
    struct json *json = kube_json_parse(body, n, &error);
    const char *message = kube_json_string(json, "message");
    char *clean = *message ? intent_clean(message, 300) : NULL;

    json_destroy(json);
    free(error);
    return clean;
}
