/* SPDX-License-Identifier: Apache-2.0 */

/* JSON text: from jansson's tree to ours, and from ours to canonical text.
 * See value.h. */

#include "intent/value.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static struct value *from_json(struct intent_arena *, json_t *,
                               unsigned int depth);

/* Fills in 'value' with the members of 'json', an object. */
static bool
map_from_json(struct intent_arena *arena, json_t *json, unsigned int depth,
              struct value *value)
{
    const char *key;
    json_t *child;
    size_t i = 0;

    value->type = VALUE_MAP;
    value->n = json_object_size(json);
    value->members = arena_zalloc(arena, value->n * sizeof *value->members);
    json_object_foreach (json, key, child) {
        struct member *m = &value->members[i++];

        m->key = key;
        m->value = from_json(arena, child, depth + 1);
        if (!m->value) {
            return false;
        }
    }
    value_sort(value);
    return true;
}

/* Fills in 'value' with the items of 'json', an array. */
static bool
list_from_json(struct intent_arena *arena, json_t *json, unsigned int depth,
               struct value *value)
{
    value->type = VALUE_LIST;
    value->n = json_array_size(json);
    value->items = arena_zalloc(arena, value->n * sizeof *value->items);
    for (size_t i = 0; i < value->n; i++) {
        value->items[i] = from_json(arena, json_array_get(json, i),
                                    depth + 1);
        if (!value->items[i]) {
            return false;
        }
    }
    return true;
}

static struct value *
from_json(struct intent_arena *arena, json_t *json, unsigned int depth)
{
    struct value *value = arena_zalloc(arena, sizeof *value);

    if (depth > VALUE_MAX_DEPTH) {
        return NULL;
    }
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        return map_from_json(arena, json, depth, value) ? value : NULL;
    case JSON_ARRAY:
        return list_from_json(arena, json, depth, value) ? value : NULL;
    case JSON_STRING:
        value->type = VALUE_STRING;
        value->string = json_string_value(json);
        value->n = json_string_length(json);
        break;
    case JSON_INTEGER:
        value->type = VALUE_INT;
        value->integer = json_integer_value(json);
        break;
    case JSON_REAL:
        value->type = VALUE_REAL;
        value->real = json_real_value(json);
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        value->type = VALUE_BOOL;
        value->boolean = json_is_true(json);
        break;
    case JSON_NULL:
        value->type = VALUE_NULL;
        break;
    }
    return value;
}

struct value *
value_from_json(struct intent_arena *arena, struct json_t *json)
{
    return from_json(arena, json, 0);
}

/* Writing. */

static void
put_json_string(struct text *out, const char *s)
{
    text_put_char(out, '"');
    while (*s) {
        size_t n = 0;

        while ((unsigned char) s[n] >= 0x20 && s[n] != '"' && s[n] != '\\') {
            n++;
        }
        text_put(out, s, n);
        s += n;
        if (!*s) {
            break;
        }

        static const char plain[] = "\"\\\b\f\n\r\t";
        static const char letters[] = "\"\\bfnrt";
        const char *p = strchr(plain, *s);
        if (p) {
            text_put_char(out, '\\');
            text_put_char(out, letters[p - plain]);
        } else {
            text_printf(out, "\\u%04X", (unsigned char) *s);
        }
        s++;
    }
    text_put_char(out, '"');
}

void
value_put_real(struct text *out, double real)
{
    json_t *json = json_real(real);
    char *s = json ? json_dumps(json, JSON_ENCODE_ANY) : NULL;

    if (!s) {
        abort();                /* Out of memory: no other reason. */
    }
    text_puts(out, s);
    free(s);
    json_decref(json);
}

void
value_to_json(const struct value *value, struct text *out)
{
    switch (value->type) {
    case VALUE_NULL:
        text_put(out, "null", 4);
        break;
    case VALUE_BOOL:
        text_puts(out, value->boolean ? "true" : "false");
        break;
    case VALUE_INT:
        text_printf(out, "%lld", (long long int) value->integer);
        break;
    case VALUE_REAL:
        value_put_real(out, value->real);
        break;
    case VALUE_STRING:
        put_json_string(out, value->string);
        break;
    case VALUE_LIST:
        text_put_char(out, '[');
        for (size_t i = 0; i < value->n; i++) {
            if (i) {
                text_put_char(out, ',');
            }
            value_to_json(value->items[i], out);
        }
        text_put_char(out, ']');
        break;
    case VALUE_MAP:
        text_put_char(out, '{');
        for (size_t i = 0; i < value->n; i++) {
            if (i) {
                text_put_char(out, ',');
            }
            put_json_string(out, value->members[i].key);
            text_put_char(out, ':');
            value_to_json(value->members[i].value, out);
        }
        text_put_char(out, '}');
        break;
    }
}
