/* SPDX-License-Identifier: Apache-2.0 */

/* The tree that YAML and JSON text becomes: what both have in common, and
 * what a plain scalar means.  See value.h. */

#include "intent/value.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *
value_type_name(enum value_type type)
{
    static const char *const names[] = {
        [VALUE_NULL] = "null",
        [VALUE_BOOL] = "a boolean",
        [VALUE_INT] = "an integer",
        [VALUE_REAL] = "a number with a fraction",
        [VALUE_STRING] = "a string",
        [VALUE_LIST] = "a list",
        [VALUE_MAP] = "a mapping",
    };
    return names[type];
}

static int
compare_members(const void *a_, const void *b_)
{
    const struct member *a = a_;
    const struct member *b = b_;

    return strcmp(a->key, b->key);
}

const struct value *
value_get(const struct value *map, const char *key)
{
    if (!map || map->type != VALUE_MAP || !map->n) {
        return NULL;
    }

    const struct member target = { .key = key };
    const struct member *m = bsearch(&target, map->members, map->n, sizeof *m,
                                     compare_members);
    return m && m->value->type != VALUE_NULL ? m->value : NULL;
}

const char *
value_get_string(const struct value *map, const char *key)
{
    const struct value *v = value_get(map, key);

    return v && v->type == VALUE_STRING ? v->string : "";
}

const struct member *
value_sort(struct value *map)
{
    size_t n_sorted = map->n ? 1 : 0;

    /* Most JSON comes to us sorted. */
    while (n_sorted < map->n
           && strcmp(map->members[n_sorted - 1].key,
                     map->members[n_sorted].key) < 0) {
        n_sorted++;
    }
    if (n_sorted >= map->n) {
        return NULL;
    }
    qsort(map->members, map->n, sizeof *map->members, compare_members);
    for (size_t i = 1; i < map->n; i++) {
        if (!strcmp(map->members[i - 1].key, map->members[i].key)) {
            return &map->members[i];
        }
    }
    return NULL;
}

/* Plain scalars. */

/* The words that are not strings, each in these spellings only. */
static bool
resolve_word(const char *s, struct value *value)
{
    static const struct {
        const char *words[10];
        enum value_type type;
        bool boolean;
    } classes[] = {
        { { "", "~", "null", "Null", "NULL" }, VALUE_NULL, false },
        { { "true", "True", "TRUE", "y", "Y", "yes", "Yes", "YES" },
          VALUE_BOOL, true },
        { { "on", "On", "ON" }, VALUE_BOOL, true },
        { { "false", "False", "FALSE", "n", "N", "no", "No", "NO" },
          VALUE_BOOL, false },
        { { "off", "Off", "OFF" }, VALUE_BOOL, false },
    };

    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
        for (const char *const *w = classes[i].words; *w; w++) {
            if (!strcmp(s, *w)) {
                value->type = classes[i].type;
                value->boolean = classes[i].boolean;
                return true;
            }
        }
    }
    return false;
}

/* Parses digits of C's bases: 0x, 0o and 0 for octal, 0b.  Returns false if
 * 's' is something else or beyond 64 bits. */
static bool
resolve_integer(const char *s, struct value *value)
{
    const char *p = s + (*s == '-' || *s == '+');
    int base = 10;

    if (p[0] == '0' && p[1]) {
        base = (p[1] == 'x' || p[1] == 'X' ? 16
                : p[1] == 'b' || p[1] == 'B' ? 2
                : 8);
        p += base == 8 && p[1] != 'o' && p[1] != 'O' ? 1 : 2;
    }
    if (!p[0] || p[strspn(p, "0123456789abcdefABCDEF")]) {
        return false;
    }

    char *end;
    errno = 0;
    unsigned long long magnitude = strtoull(p, &end, base);
    if (errno || *end) {
        return false;
    }
    if (*s == '-' && magnitude <= (uint64_t) INT64_MAX + 1) {
        value->integer = (int64_t) (0 - magnitude);
    } else if (*s != '-' && magnitude <= INT64_MAX) {
        value->integer = (int64_t) magnitude;
    } else {
        return false;
    }
    value->type = VALUE_INT;
    return true;
}

/* [-+]?(.D+|D+(.D*)?)([eE][-+]?D+)? with a finite value. */
static bool
resolve_real(const char *s, struct value *value)
{
    static const char digits[] = "0123456789";
    const char *p = s + (*s == '-' || *s == '+');
    size_t whole = strspn(p, digits);
    size_t fraction = 0;

    p += whole;
    if (*p == '.') {
        fraction = strspn(++p, digits);
        p += fraction;
    }
    if (!whole && !fraction) {
        return false;
    }
    if (*p == 'e' || *p == 'E') {
        p++;
        p += *p == '-' || *p == '+';
        size_t n = strspn(p, digits);
        if (!n) {
            return false;
        }
        p += n;
    }
    if (*p) {
        return false;
    }

    double real = strtod(s, NULL);
    if (!isfinite(real)) {
        return false;
    }
    value->type = VALUE_REAL;
    value->real = real;
    return true;
}

void
value_resolve_plain(const char *s, size_t n, struct value *value)
{
    char buf[64];

    value->type = VALUE_STRING;
    value->string = s;
    value->n = n;
    if (n >= sizeof buf) {
        return;                 /* No word or number is that long. */
    }
    if (resolve_word(s, value)) {
        return;
    }
    if (!*s || !strchr("+-.0123456789", *s)) {
        return;
    }

    /* YAML 1.1 allows 1_000. */
    size_t length = 0;
    for (const char *p = s; *p; p++) {
        if (*p != '_') {
            buf[length++] = *p;
        }
    }
    buf[length] = '\0';
    if (*s == '.') {
        resolve_real(s, value);
    } else if (!resolve_integer(buf, value)) {
        resolve_real(buf, value);
    }
}
