/* SPDX-License-Identifier: Apache-2.0 */

/* Decoding: from a tree of values to the typed structs of kinds.h.
 *
 * A kind is data: a "struct table" with one "struct field" for each field of
 * its manifest, which names the function that decodes it and where the result
 * goes.  What involves several fields is in the table's 'check' function.
 * The files of the kinds (egress-service.c, service.c, ...) define tables;
 * object.c runs them.  Everything that is wrong becomes a problem; a decoding
 * function that finds an error leaves its member as 'init' made it. */

#ifndef INTENT_DECODE_H
#define INTENT_DECODE_H 1

#include "intent/arena.h"
#include "intent/intent.h"
#include "intent/syntax.h"
#include "intent/value.h"

/* A step on the way from the object to the value that is being decoded. */
struct path {
    const struct path *up;
    const char *name;           /* A member's key, or NULL... */
    size_t index;               /* ...and the index of an item. */
};

/* The decoding of one object. */
struct decoder {
    struct intent_object *obj;
    struct intent_arena *arena; /* The object's. */
    struct intent_problems *problems;
    const char *file;
    const char *id;             /* For problems. */
    enum intent_strictness strictness;
    const struct path *path;
    bool failed;                /* There was an error. */
};

struct field {
    const char *name;
    void (*decode)(struct decoder *, const struct value *,
                   const struct field *, void *dst);
    size_t offset;              /* Of the result in the struct. */
    int64_t min, max;           /* Of numbers and prefix lengths. */
    unsigned int flags;
    syntax_func *syntax;        /* Of strings, unless empty. */
    const void *arg;            /* What 'decode' says. */
};

enum {
    F_REQUIRED = 1 << 0,        /* Must be there, and not be "". */
    F_NMSTATE = 1 << 1,         /* Booleans as yes, on, y, 1 and integers as
                                 * strings, as NMState takes them. */
    F_UNUSED = 1 << 2,          /* Legal, but not applied: warn. */
    F_WHOLE = 1 << 3,           /* A duration without a fraction. */
    F_SECRET = 1 << 4,          /* No message may show the value. */
    F_CAPTURES = 1 << 5,        /* May refer to NMState's captures, itself or
                                 * an item of it: what does is not applied,
                                 * warn. */
};

struct table {
    const struct field *fields; /* Ends with one that has no name. */
    size_t size;                /* Of the struct, for items of lists. */
    void (*init)(void *dst);    /* For defaults other than zero and "". */
    void (*check)(struct decoder *, const struct value *map, void *dst);
    bool open;                  /* Unknown fields are fine. */
};

/* Any of the lists of kinds.h, all of which are a pointer and a number. */
struct any_list {
    void *items;
    size_t n;
};

/* A name of a value, for decode_enum(); ends with NULL. */
struct enum_name {
    const char *name;
    int value;
};

/* A field of 'struct STRUCT', decoded by decode_DECODE() into MEMBER. */
#define FIELD(NAME, DECODE, STRUCT, MEMBER, ...) \
    { .name = NAME, .decode = decode_##DECODE, \
      .offset = offsetof(struct STRUCT, MEMBER), ##__VA_ARGS__ }

/* A field without a result, which must be one of TYPES (T_*). */
#define IGNORED(NAME, TYPES) \
    { .name = NAME, .decode = decode_ignored, .min = TYPES }

/* The same for one that NMState knows and we do not apply. */
#define UNUSED(NAME, TYPES) \
    { .name = NAME, .decode = decode_ignored, .min = TYPES, \
      .flags = F_UNUSED }

/* The object's "spec" or "status", which goes to a member of its union. */
#define SECTION(NAME, TABLE, MEMBER, ...) \
    FIELD(NAME, struct, intent_object, MEMBER, .arg = &(TABLE), \
          ##__VA_ARGS__)

#define RANGE(MIN, MAX) .min = (MIN), .max = (MAX)

/* The fields that every object has.  'metadata' goes to the object. */
#define OBJECT_FIELDS \
    IGNORED("apiVersion", T_STRING), \
    IGNORED("kind", T_STRING), \
    { .name = "metadata", .decode = decode_metadata, .flags = F_REQUIRED }

enum {
    T_BOOL = 1 << VALUE_BOOL,
    T_INT = 1 << VALUE_INT,
    T_STRING = 1 << VALUE_STRING,
    T_LIST = 1 << VALUE_LIST,
    T_MAP = 1 << VALUE_MAP,
    T_ANY = T_BOOL | T_INT | 1 << VALUE_REAL | T_STRING | T_LIST | T_MAP,
};

/* Decoding functions for tables.  'dst' points to the type in brackets. */
#define DECODER(NAME) \
    void decode_##NAME(struct decoder *, const struct value *, \
                       const struct field *, void *dst)
DECODER(ignored);               /* Nothing; 'min' is a set of T_*. */
DECODER(string);                /* [char *] */
DECODER(bool);                  /* [bool] */
DECODER(tristate);              /* [int] 0 or 1. */
DECODER(int);                   /* [int] */
DECODER(u16);                   /* [uint16_t] */
DECODER(u32);                   /* [uint32_t] */
DECODER(i64);                   /* [int64_t] */
DECODER(enum);                  /* [int] 'arg' is enum_name[]. */
DECODER(enum_bool);             /* [bool] The same. */
DECODER(duration);              /* [int] Seconds, as Go writes them. */
DECODER(ip);                    /* [struct in6_addr] Not "::". */
DECODER(ips);                   /* [struct intent_ips] */
DECODER(prefix);                /* [struct ip_prefix] */
DECODER(prefixes);              /* [struct intent_prefixes] */
DECODER(strings);               /* [struct intent_strings] */
DECODER(map);                   /* [struct intent_map] 'syntax' of values. */
DECODER(struct);                /* 'arg' is the table. */
DECODER(structs);               /* [struct any_list] 'arg' is the table. */
DECODER(selector);              /* [struct intent_selector] */
DECODER(selectors);             /* [struct intent_selectors] */
DECODER(metadata);              /* The object's. */

/* Makes 'dst', zeros, what it is when nothing is given: strings are "", and
 * what the 'init' functions of 'table' and its structs do. */
void decode_init(const struct table *, void *dst);

/* Decodes 'map' into 'dst', after decode_init(), as 'table' says. */
void decode_table(struct decoder *, const struct value *map,
                  const struct table *, void *dst);

/* True, or false with an error, if the type of 'value' is one of 'types'. */
bool decode_check_type(struct decoder *, const struct value *value,
                       unsigned int types);

/* Decodes an integer of the field's range. */
bool decode_number(struct decoder *, const struct value *,
                   const struct field *, int64_t *result);

/* Decodes a list: calls 'item' for each item with the place for its result,
 * 'size' zeros, and stores the lot in '*list'. */
void decode_list(struct decoder *, const struct value *,
                 const struct field *, size_t size,
                 void (*item)(struct decoder *, const struct value *,
                              const struct field *, void *dst),
                 struct any_list *list);

/* Goes from the current path to the member 'name' or, if it is NULL, to the
 * item 'index', and back.  The caller provides the step. */
void decode_push(struct decoder *, struct path *, const char *name,
                 size_t index);
void decode_pop(struct decoder *);

/* Reports a problem with 'value', at the current path and, if 'sub' is
 * nonnull, its member 'sub'. */
void decode_problem(struct decoder *, enum intent_severity,
                    const struct value *value, const char *sub,
                    const char *format, ...)
    __attribute__((format(printf, 5, 6)));

#define decode_error(D, VALUE, SUB, ...) \
    decode_problem(D, INTENT_ERROR, VALUE, SUB, __VA_ARGS__)
#define decode_warn(D, VALUE, SUB, ...) \
    decode_problem(D, INTENT_WARNING, VALUE, SUB, __VA_ARGS__)

/* How severe a problem is that does not spoil an object which an API server
 * has taken. */
enum intent_severity decode_soft(const struct decoder *);

/* Returns 's' in quotes, short and printable, in the object's arena. */
const char *decode_quote(struct decoder *, const char *s);

/* Reports the strings that are there twice in the list 'sub' of 'map'. */
void decode_check_unique(struct decoder *, const struct value *map,
                         const char *sub);

/* Returns how many slips of the pen are between two names; case counts
 * nothing.  At most DECODE_FAR. */
#define DECODE_FAR 16
unsigned int decode_distance(const char *, const char *);

/* Appends 'ip' to 'list', unless it is there; and 'prefix' even so.  The list
 * must be empty or made by this function alone. */
void decode_add_ip(struct decoder *, struct intent_ips *list,
                   const struct in6_addr *ip);
void decode_add_prefix(struct decoder *, struct intent_prefixes *list,
                       const struct ip_prefix *prefix);

#endif /* intent/decode.h */
