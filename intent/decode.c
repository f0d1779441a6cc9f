/* SPDX-License-Identifier: Apache-2.0 */

/* Decoding: tables, lists and problems.  See decode.h. */

#include "intent/decode.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "intent/clean.h"
#include "intent/problem.h"

/* Problems. */

/* Appends 'key' as it stands in a path: "spec", "[example.com/x]". */
static void
put_key(struct text *out, const char *key)
{
    bool plain = *key != '\0';

    for (const char *p = key; *p; p++) {
        if (!isalnum((unsigned char) *p) && *p != '-' && *p != '_') {
            plain = false;
        }
    }
    if (!plain) {
        text_put_char(out, '[');
        text_put_clean(out, key, 320);
        text_put_char(out, ']');
    } else {
        text_puts(out, out->n ? "." : "");
        text_put_clean(out, key, 320);
    }
}

static void
put_path(struct text *out, const struct path *path)
{
    if (!path) {
        return;
    }
    put_path(out, path->up);
    if (path->name) {
        put_key(out, path->name);
    } else {
        text_printf(out, "[%zu]", path->index);
    }
}

void
decode_push(struct decoder *d, struct path *path, const char *name,
            size_t index)
{
    *path = (struct path) { .up = d->path, .name = name, .index = index };
    d->path = path;
}

void
decode_pop(struct decoder *d)
{
    d->path = d->path->up;
}

void
decode_problem(struct decoder *d, enum intent_severity severity,
               const struct value *value, const char *sub,
               const char *format, ...)
{
    struct text field = TEXT_INITIALIZER;
    va_list args;

    put_path(&field, d->path);
    if (sub) {
        put_key(&field, sub);
    }
    va_start(args, format);
    problem_add_valist(d->problems, severity, d->id, field.s ? field.s : "",
                       d->file, value ? value->line : 0,
                       value ? value->column : 0, format, args);
    va_end(args);
    free(field.s);
    if (severity == INTENT_ERROR) {
        d->failed = true;
    }
}

enum intent_severity
decode_soft(const struct decoder *d)
{
    return d->strictness == INTENT_STRICT ? INTENT_ERROR : INTENT_WARNING;
}

const char *
decode_quote(struct decoder *d, const char *s)
{
    struct text out = TEXT_INITIALIZER;

    text_put_quoted(&out, s);
    char *quoted = arena_memdup0(d->arena, out.s, out.n);
    free(out.s);
    return quoted;
}

bool
decode_check_type(struct decoder *d, const struct value *value,
                  unsigned int types)
{
    struct text wanted = TEXT_INITIALIZER;

    if (types & 1u << value->type) {
        return true;
    }
    for (int type = 0; type <= VALUE_MAP; type++) {
        if (types & 1u << type) {
            text_printf(&wanted, "%s%s", wanted.n ? " or " : "",
                        value_type_name(type));
        }
    }
    decode_error(d, value, NULL, "must be %s, not %s%s", wanted.s,
                 value_type_name(value->type),
                 types == T_STRING && value->type < VALUE_STRING
                 ? " (put it in quotes)" : "");
    free(wanted.s);
    return false;
}

/* Tables. */

unsigned int
decode_distance(const char *a, const char *b)
{
    enum { MAX = 40 };
    unsigned int row[MAX + 1];
    size_t a_len = strlen(a);
    size_t b_len = strlen(b);

    if (a_len > MAX || b_len > MAX) {
        return DECODE_FAR;
    }
    for (size_t j = 0; j <= b_len; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= a_len; i++) {
        unsigned int diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            bool same = (tolower((unsigned char) a[i - 1])
                         == tolower((unsigned char) b[j - 1]));
            unsigned int best = diagonal + !same;

            best = row[j] + 1 < best ? row[j] + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            diagonal = row[j];
            row[j] = best;
        }
    }
    return row[b_len] < DECODE_FAR ? row[b_len] : DECODE_FAR;
}

static void
unknown_field(struct decoder *d, const struct member *m,
              const struct table *table)
{
    const struct value at = { .line = m->line, .column = m->column };
    const char *best = NULL;
    unsigned int best_distance = strlen(m->key) < 4 ? 2 : 3;

    /* Nobody reads a hundred guesses. */
    for (const struct field *f = table->fields;
         f->name && d->problems->n < 100; f++) {
        unsigned int distance = decode_distance(m->key, f->name);

        if (distance < best_distance) {
            best = f->name;
            best_distance = distance;
        }
    }
    decode_error(d, &at, m->key, "unknown field%s%s%s",
                 best ? " (did you mean \"" : "", best ? best : "",
                 best ? "\"?)" : "");
}

static const struct field *
find_field(const struct table *table, const char *name)
{
    for (const struct field *f = table->fields; f->name; f++) {
        if (!strcmp(f->name, name)) {
            return f;
        }
    }
    return NULL;
}

void
decode_init(const struct table *table, void *dst)
{
    for (const struct field *f = table->fields; f->name; f++) {
        void *member = (char *) dst + f->offset;

        if (f->decode == decode_string) {
            *(const char **) member = "";
        } else if (f->decode == decode_struct) {
            decode_init(f->arg, member);
        }
    }
    if (table->init) {
        table->init(dst);
    }
}

void
decode_table(struct decoder *d, const struct value *map,
             const struct table *table, void *dst)
{
    for (size_t i = 0; i < map->n; i++) {
        const struct member *m = &map->members[i];
        const struct field *f = find_field(table, m->key);

        if (!f) {
            if (!table->open && d->strictness == INTENT_STRICT) {
                unknown_field(d, m, table);
            }
        } else if (m->value->type != VALUE_NULL) {
            struct path path;

            decode_push(d, &path, m->key, 0);
            if (f->flags & F_UNUSED) {
                decode_warn(d, m->value, NULL, "ovn-egress does not apply "
                            "this");
            }
            f->decode(d, m->value, f, (char *) dst + f->offset);
            decode_pop(d);
        }
    }
    for (const struct field *f = table->fields; f->name; f++) {
        if (f->flags & F_REQUIRED) {
            const struct value *v = value_get(map, f->name);

            if (!v) {
                decode_error(d, map, f->name, "required");
            } else if (v->type == VALUE_STRING && !v->n) {
                decode_error(d, v, f->name, "must not be empty");
            }
        }
    }
    if (table->check) {
        table->check(d, map, dst);
    }
}

/* True if 'value', or something in it, is text that NMState replaces by what
 * a capture has found. */
static bool
has_capture(const struct value *value)
{
    if (value->type == VALUE_STRING) {
        return strstr(value->string, "{{") != NULL;
    }
    for (size_t i = 0; i < value->n; i++) {
        if (value->type == VALUE_LIST && has_capture(value->items[i])) {
            return true;
        }
        if (value->type == VALUE_MAP
            && has_capture(value->members[i].value)) {
            return true;
        }
    }
    return false;
}

static void
warn_capture(struct decoder *d, const struct value *value)
{
    decode_warn(d, value, NULL, "ovn-egress does not apply this, as it does "
                "not resolve captures");
}

void
decode_struct(struct decoder *d, const struct value *value,
              const struct field *f, void *dst)
{
    if ((f->flags & F_CAPTURES) && value->type == VALUE_STRING
        && has_capture(value)) {
        warn_capture(d, value);
    } else if (decode_check_type(d, value, T_MAP)) {
        decode_table(d, value, f->arg, dst);
    }
}

/* Lists. */

void
decode_list(struct decoder *d, const struct value *value,
            const struct field *f, size_t size,
            void (*item)(struct decoder *, const struct value *,
                         const struct field *, void *dst),
            struct any_list *list)
{
    if (!decode_check_type(d, value, T_LIST) || !value->n) {
        return;
    }
    list->items = arena_zalloc(d->arena, value->n * size);
    list->n = value->n;
    for (size_t i = 0; i < value->n; i++) {
        struct path path;

        decode_push(d, &path, NULL, i);
        item(d, value->items[i], f, (char *) list->items + i * size);
        decode_pop(d);
    }
}

static void
struct_item(struct decoder *d, const struct value *value,
            const struct field *f, void *dst)
{
    decode_init(f->arg, dst);
    decode_struct(d, value, f, dst);
}

/* Like struct_item(), but leaves an item with a capture as it is without any
 * of its fields. */
static void
capture_item(struct decoder *d, const struct value *value,
             const struct field *f, void *dst)
{
    if (has_capture(value)) {
        decode_init(f->arg, dst);
        warn_capture(d, value);
    } else {
        struct_item(d, value, f, dst);
    }
}

void
decode_structs(struct decoder *d, const struct value *value,
               const struct field *f, void *dst)
{
    const struct table *table = f->arg;

    if (!(f->flags & F_CAPTURES)) {
        decode_list(d, value, f, table->size, struct_item, dst);
    } else if (value->type == VALUE_STRING && has_capture(value)) {
        warn_capture(d, value);
    } else {
        decode_list(d, value, f, table->size, capture_item, dst);
    }
}

/* True, or false with an error, if 'value' is not "", which the decoders of
 * single fields take for nothing. */
static bool
is_nonempty(struct decoder *d, const struct value *value)
{
    if (value->type == VALUE_STRING && !value->n) {
        decode_error(d, value, NULL, "must not be empty");
        return false;
    }
    return true;
}

static void
string_item(struct decoder *d, const struct value *value,
            const struct field *f, void *dst)
{
    *(char **) dst = "";
    if (is_nonempty(d, value)) {
        decode_string(d, value, f, dst);
    }
}

void
decode_strings(struct decoder *d, const struct value *value,
               const struct field *f, void *dst)
{
    decode_list(d, value, f, sizeof(char *), string_item, dst);
}

static void
ip_item(struct decoder *d, const struct value *value, const struct field *f,
        void *dst)
{
    if (is_nonempty(d, value)) {
        decode_ip(d, value, f, dst);
    }
}

void
decode_ips(struct decoder *d, const struct value *value,
           const struct field *f, void *dst)
{
    decode_list(d, value, f, sizeof(struct in6_addr), ip_item, dst);
}

static void
prefix_item(struct decoder *d, const struct value *value,
            const struct field *f, void *dst)
{
    if (is_nonempty(d, value)) {
        decode_prefix(d, value, f, dst);
    }
}

void
decode_prefixes(struct decoder *d, const struct value *value,
                const struct field *f, void *dst)
{
    decode_list(d, value, f, sizeof(struct ip_prefix), prefix_item, dst);
}

/* Checks that several kinds share. */

static int
compare_strings(const void *a, const void *b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

void
decode_check_unique(struct decoder *d, const struct value *map,
                    const char *sub)
{
    const struct value *list = value_get(map, sub);

    if (!list || list->type != VALUE_LIST || list->n < 2) {
        return;
    }

    const char **strings = arena_zalloc(d->arena, list->n * sizeof *strings);
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++) {
        if (list->items[i]->type == VALUE_STRING) {
            strings[n++] = list->items[i]->string;
        }
    }
    qsort(strings, n, sizeof *strings, compare_strings);
    for (size_t i = 1; i < n; i++) {
        if (!strcmp(strings[i - 1], strings[i])
            && (i < 2 || strcmp(strings[i - 2], strings[i]))) {
            decode_error(d, list, sub, "%s is there twice",
                         decode_quote(d, strings[i]));
        }
    }
}

/* Returns 'items', which are 'n' of 'size' bytes, with room for one more.  The
 * room doubles whenever 'n' reaches a power of 2. */
static void *
grow(struct decoder *d, void *items, size_t n, size_t size)
{
    void *grown;

    if (n & (n - 1)) {
        return items;
    }
    grown = arena_zalloc(d->arena, (n ? n * 2 : 1) * size);
    if (n) {
        memcpy(grown, items, n * size);
    }
    return grown;
}

void
decode_add_ip(struct decoder *d, struct intent_ips *list,
              const struct in6_addr *ip)
{
    for (size_t i = 0; i < list->n; i++) {
        if (!ip_compare(&list->items[i], ip)) {
            return;
        }
    }
    list->items = grow(d, list->items, list->n, sizeof *ip);
    list->items[list->n++] = *ip;
}

void
decode_add_prefix(struct decoder *d, struct intent_prefixes *list,
                  const struct ip_prefix *prefix)
{
    list->items = grow(d, list->items, list->n, sizeof *prefix);
    list->items[list->n++] = *prefix;
}
