/* SPDX-License-Identifier: Apache-2.0 */

/* Manifests as YAML for people, and manifests merged.  See intent.h.
 *
 * A string is written plain only if nothing else can be read in it; text of
 * several lines as a literal block; all else in double quotes. */

#include "intent/value.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "intent/clean.h"

/* libyaml finds the ':' after a key only within 1024 characters. */
#define MAX_SIMPLE_KEY 1000

static void put_block(struct text *, const struct value *, int indent);

/* Strings. */

static void
put_quoted(struct text *out, const char *s)
{
    static const char named[] = "\"\\\n\t\r";
    static const char letters[] = "\"\\ntr";
    const char *p = s;

    text_put_char(out, '"');
    while (*p) {
        const char *start = p;
        unsigned int c = clean_next(&p);
        const char *name = c < 0x80 ? strchr(named, c) : NULL;

        if (name) {
            text_put_char(out, '\\');
            text_put_char(out, letters[name - named]);
        } else if (clean_is_printable(c)) {
            text_put(out, start, p - start);
        } else {
            text_printf(out, c < 0x100 ? "\\x%02X"
                        : c < 0x10000 ? "\\u%04X" : "\\U%08X", c);
        }
    }
    text_put_char(out, '"');
}

/* True if some reader of YAML 1.1 takes 's' for a date, a time or a number to
 * the base 60. */
static bool
is_like_time(const char *s)
{
    return strpbrk(s, "-:") && !s[strspn(s, "0123456789-:+.TZ")];
}

/* True if 's' can stand without quotes, as a key or a value. */
static bool
is_plain(const char *s, size_t n)
{
    static const char first[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_/";
    static const char inner[] = " .-+@%=:";
    struct value value;

    if (!n || n > 200 || !strchr(first, s[0]) || is_like_time(s)) {
        return false;
    }
    for (size_t i = 1; i < n; i++) {
        if (!strchr(first, s[i]) && !strchr(inner, s[i])) {
            return false;
        }
        /* ": " would make it a key. */
        if ((s[i] == ':' || s[i] == ' ')
            && (i == n - 1 || s[i + 1] == ' ')) {
            return false;
        }
    }
    value_resolve_plain(s, n, &value);
    return value.type == VALUE_STRING;
}

/* True if 's' is better written as a literal block, and can be. */
static bool
is_literal(const char *s)
{
    const char *p = s;

    if (!strchr(s, '\n') || *s == ' ' || *s == '\n') {
        return false;
    }
    while (*p) {
        unsigned int c = clean_next(&p);

        if (c != '\n' && !clean_is_printable(c)) {
            return false;
        }
    }
    return true;
}

static void
put_indent(struct text *out, int indent)
{
    for (int i = 0; i < indent; i++) {
        text_put_char(out, ' ');
    }
}

static void
put_literal(struct text *out, const char *s, size_t n, int indent)
{
    bool one_newline = s[n - 1] == '\n';
    bool more_newlines = one_newline && s[n - 2] == '\n';

    text_puts(out, more_newlines ? "|+" : one_newline ? "|" : "|-");
    while (*s) {
        size_t len = strcspn(s, "\n");

        text_put_char(out, '\n');
        if (len) {
            put_indent(out, indent);
            text_put(out, s, len);
        }
        s += len + (s[len] == '\n');
    }
}

/* Values. */

/* True if 'value' takes lines of its own. */
static bool
is_block(const struct value *value)
{
    return ((value->type == VALUE_MAP || value->type == VALUE_LIST)
            && value->n > 0);
}

/* Writes what is not a block. */
static void
put_scalar(struct text *out, const struct value *value, int indent)
{
    switch (value->type) {
    case VALUE_STRING:
        if (is_plain(value->string, value->n)) {
            text_puts(out, value->string);
        } else if (is_literal(value->string)) {
            put_literal(out, value->string, value->n, indent);
        } else {
            put_quoted(out, value->string);
        }
        break;
    case VALUE_LIST:
        text_puts(out, "[]");
        break;
    case VALUE_MAP:
        text_puts(out, "{}");
        break;
    case VALUE_NULL:
    case VALUE_BOOL:
    case VALUE_INT:
    case VALUE_REAL:
        value_to_json(value, out);
        break;
    }
    text_put_char(out, '\n');
}

/* Writes a member, but for the indentation of its first line. */
static void
put_member(struct text *out, const struct member *m, int indent)
{
    size_t start = out->n;
    size_t n = strlen(m->key);

    if (n > MAX_SIMPLE_KEY / 6) {
        text_puts(out, "? ");
    }
    if (is_plain(m->key, n) && strcmp(m->key, "<<")) {
        text_puts(out, m->key);
    } else {
        put_quoted(out, m->key);
    }
    if (out->s[start] == '?') {
        text_put_char(out, '\n');
        put_indent(out, indent);
    }
    text_put_char(out, ':');

    if (!is_block(m->value)) {
        text_put_char(out, ' ');
        put_scalar(out, m->value, indent + 2);
    } else {
        bool is_map = m->value->type == VALUE_MAP;

        text_put_char(out, '\n');
        put_indent(out, indent + (is_map ? 2 : 0));
        put_block(out, m->value, indent + (is_map ? 2 : 0));
    }
}

/* Returns where 'key' stands among the others. */
static int
key_rank(const char *key)
{
    static const char *const first[] = {
        "apiVersion", "kind", "metadata", "spec", "status",
    };
    const int n = sizeof first / sizeof first[0];

    for (int i = 0; i < n; i++) {
        if (!strcmp(key, first[i])) {
            return i;
        }
    }
    return n;
}

static int
compare_members(const void *a_, const void *b_)
{
    const struct member *a = a_;
    const struct member *b = b_;
    int a_rank = key_rank(a->key);
    int b_rank = key_rank(b->key);

    return a_rank != b_rank ? a_rank - b_rank : strcmp(a->key, b->key);
}

/* Writes a list or mapping that is not empty, but for the indentation of its
 * first line. */
static void
put_block(struct text *out, const struct value *value, int indent)
{
    for (size_t i = 0; i < value->n; i++) {
        if (i) {
            put_indent(out, indent);
        }
        if (value->type == VALUE_MAP) {
            put_member(out, &value->members[i], indent);
            continue;
        }
        text_puts(out, "- ");
        if (is_block(value->items[i])) {
            put_block(out, value->items[i], indent + 2);
        } else {
            put_scalar(out, value->items[i], indent + 2);
        }
    }
}

char *
intent_json_to_yaml(const char *text)
{
    json_t *json = json_loads(text, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES,
                              NULL);
    struct text out = TEXT_INITIALIZER;
    struct intent_arena *arena;
    struct value *value;

    if (!json) {
        return NULL;
    }
    arena = arena_create();
    value = value_from_json(arena, json);
    if (value && is_block(value)) {
        if (value->type == VALUE_MAP) {
            qsort(value->members, value->n, sizeof *value->members,
                  compare_members);
        }
        put_block(&out, value, 0);
    } else if (value) {
        put_scalar(&out, value, 2);
    }
    arena_destroy(arena);
    json_decref(json);
    return out.s;
}

/* Merging. */

/* Merges 'overlay' into the object 'json': RFC 7396 section 2.  jansson reads
 * nothing that is nested deeper than 2048. */
static void
merge(json_t *json, json_t *overlay)
{
    const char *key;
    json_t *value;

    json_object_foreach (overlay, key, value) {
        if (json_is_null(value)) {
            json_object_del(json, key);
        } else if (json_is_object(value)) {
            if (!json_is_object(json_object_get(json, key))) {
                json_object_set_new(json, key, json_object());
            }
            merge(json_object_get(json, key), value);
        } else {
            json_object_set(json, key, value);
        }
    }
}

char *
intent_json_merge(const char *text, const char *overlay_text)
{
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    json_t *overlay = json_loads(overlay_text, JSON_REJECT_DUPLICATES, NULL);
    char *merged = NULL;

    if (json_is_object(json) && json_is_object(overlay)) {
        merge(json, overlay);
        merged = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
    }
    json_decref(overlay);
    json_decref(json);
    return merged;
}
