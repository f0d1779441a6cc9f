/* SPDX-License-Identifier: Apache-2.0 */

/* The tree that YAML and JSON text becomes, before it means anything.
 *
 * value-yaml.c and value-json.c make it, the decoder reads it, print.c and
 * value-json.c write it.  It is bounded: no tree is deeper than
 * VALUE_MAX_DEPTH, so that recursion over it is safe.  All of it lives in the
 * arena of who made it, but for the strings of a tree made from a json_t. */

#ifndef INTENT_VALUE_H
#define INTENT_VALUE_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "intent/intent.h"
#include "intent/arena.h"

#define VALUE_MAX_DEPTH 100

enum value_type {
    VALUE_NULL,
    VALUE_BOOL,
    VALUE_INT,
    VALUE_REAL,
    VALUE_STRING,
    VALUE_LIST,
    VALUE_MAP,
};

struct value {
    enum value_type type;
    unsigned int line, column;  /* From 1; 0 if not known. */
    size_t n;                   /* Of items, members, or bytes of 'string'. */
    union {
        bool boolean;
        int64_t integer;
        double real;
        const char *string;     /* Without null bytes inside. */
        struct value **items;
        struct member *members; /* Sorted by key, each key once. */
    };
};

struct member {
    const char *key;
    unsigned int line, column;  /* Of the key. */
    struct value *value;
};

/* "a string", "a list", ... */
const char *value_type_name(enum value_type);

/* Returns the member 'key' of 'map', or NULL if 'map' is NULL or not a map,
 * or the member is not there or null. */
const struct value *value_get(const struct value *map, const char *key);

/* Returns the text of the member 'key', or "" if it is not there or not a
 * string. */
const char *value_get_string(const struct value *map, const char *key);

/* Sorts the members of 'map'.  Returns a member that has the same key as
 * another one, or NULL. */
const struct member *value_sort(struct value *map);

/* What a plain scalar of YAML means to Kubernetes: 's' as a null, boolean,
 * integer or real, or else as a string.  Sets type and content of 'value'. */
void value_resolve_plain(const char *s, size_t n, struct value *value);

/* JSON. */

struct json_t;

/* Turns 'json' into a tree in 'arena', which borrows the strings of 'json'.
 * Returns NULL if it is too deep. */
struct value *value_from_json(struct intent_arena *, struct json_t *);

/* Appends 'value' as json_dumps() with JSON_COMPACT and JSON_SORT_KEYS would
 * write it. */
void value_to_json(const struct value *, struct text *);

/* Appends a real number as JSON and YAML write it. */
void value_put_real(struct text *, double);

/* YAML. */

struct yaml_reader;

/* A reader of the documents in 'len' bytes of 'text', which must live on and
 * is behind 'line' lines of 'file'. */
struct yaml_reader *yaml_reader_create(const char *text, size_t len,
                                       size_t line, const char *file,
                                       struct intent_problems *);
void yaml_reader_destroy(struct yaml_reader *);

/* Reads the next document into 'arena' and returns true, or returns false at
 * the end.  '*value' is NULL for a document that is empty or, with the
 * problems reported, not well-formed. */
bool yaml_reader_next(struct yaml_reader *, struct intent_arena *arena,
                      struct value **value);

#endif /* intent/value.h */
