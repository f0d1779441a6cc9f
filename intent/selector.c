/* SPDX-License-Identifier: Apache-2.0 */

/* Labels and selectors: decoding and matching.  See decode.h and intent.h. */

#include "intent/decode.h"

#include <stdlib.h>
#include <string.h>

/* Decoding. */

void
decode_map(struct decoder *d, const struct value *value,
           const struct field *f, void *dst)
{
    struct intent_map *map = dst;

    if (!decode_check_type(d, value, T_MAP) || !value->n) {
        return;
    }
    map->pairs = arena_zalloc(d->arena, value->n * sizeof *map->pairs);
    map->n = value->n;
    for (size_t i = 0; i < value->n; i++) {
        const struct member *m = &value->members[i];
        struct path path;
        const char *wanted = syntax_label_key(m->key);
        struct intent_pair *pair = &map->pairs[i];

        pair->key = arena_strdup(d->arena, m->key);
        pair->value = "";
        if (wanted) {
            const struct value at = { .line = m->line, .column = m->column };

            decode_error(d, &at, NULL, "the key must be %s; not %s", wanted,
                         decode_quote(d, m->key));
        }
        decode_push(d, &path, m->key, 0);
        decode_string(d, m->value, f, &pair->value);
        decode_pop(d);
    }
}

static const struct enum_name operators[] = {
    { "In", INTENT_SEL_IN },
    { "NotIn", INTENT_SEL_NOT_IN },
    { "Exists", INTENT_SEL_EXISTS },
    { "DoesNotExist", INTENT_SEL_DOES_NOT_EXIST },
    { NULL, 0 },
};

static void
label_value_item(struct decoder *d, const struct value *value,
                 const struct field *f, void *dst)
{
    *(char **) dst = "";
    decode_string(d, value, f, dst);    /* Which may be empty. */
}

static void
decode_label_values(struct decoder *d, const struct value *value,
                    const struct field *f, void *dst)
{
    decode_list(d, value, f, sizeof(char *), label_value_item, dst);
}

static const struct field requirement_fields[] = {
    FIELD("key", string, intent_requirement, key,
          .syntax = syntax_label_key, .flags = F_REQUIRED),
    FIELD("operator", enum, intent_requirement, op,
          .arg = operators, .flags = F_REQUIRED),
    FIELD("values", label_values, intent_requirement, values,
          .syntax = syntax_label_value),
    { .name = NULL },
};

static void
check_requirement(struct decoder *d, const struct value *map, void *dst)
{
    const struct intent_requirement *req = dst;
    const char *name = value_get_string(map, "operator");
    const struct value *values = value_get(map, "values");
    bool needs_values = !strcmp(name, "In") || !strcmp(name, "NotIn");
    bool has_values = values && values->n;

    if (needs_values && !has_values) {
        decode_error(d, map, "values", "required with operator %s", name);
    } else if ((req->op == INTENT_SEL_EXISTS
                || req->op == INTENT_SEL_DOES_NOT_EXIST) && has_values) {
        decode_error(d, values, "values", "must be empty with operator %s",
                     name);
    }
}

static const struct table requirement_table = {
    .fields = requirement_fields,
    .size = sizeof(struct intent_requirement),
    .check = check_requirement,
};

/* A selector as it is written. */
struct raw_selector {
    struct intent_map labels;
    struct intent_requirement *expressions;
    size_t n_expressions;
};

static const struct field selector_fields[] = {
    FIELD("matchLabels", map, raw_selector, labels,
          .syntax = syntax_label_value),
    FIELD("matchExpressions", structs, raw_selector, expressions,
          .arg = &requirement_table),
    { .name = NULL },
};

static const struct table selector_table = { .fields = selector_fields };

void
decode_selector(struct decoder *d, const struct value *value,
                const struct field *f, void *dst)
{
    struct intent_selector *selector = dst;
    struct raw_selector raw = { .n_expressions = 0 };

    (void) f;
    if (!decode_check_type(d, value, T_MAP)) {
        return;
    }
    decode_table(d, value, &selector_table, &raw);

    size_t n = raw.labels.n + raw.n_expressions;
    if (!n) {
        return;
    }
    selector->reqs = arena_zalloc(d->arena, n * sizeof *selector->reqs);
    selector->n = n;
    for (size_t i = 0; i < raw.labels.n; i++) {
        struct intent_pair *pair = &raw.labels.pairs[i];

        selector->reqs[i] = (struct intent_requirement) {
            .key = pair->key,
            .op = INTENT_SEL_IN,
            .values = { &pair->value, 1 },
        };
    }
    if (raw.n_expressions) {
        memcpy(selector->reqs + raw.labels.n, raw.expressions,
               raw.n_expressions * sizeof *raw.expressions);
    }
}

void
decode_selectors(struct decoder *d, const struct value *value,
                 const struct field *f, void *dst)
{
    decode_list(d, value, f, sizeof(struct intent_selector), decode_selector,
                dst);
}

/* Matching. */

static int
compare_pairs(const void *a_, const void *b_)
{
    const struct intent_pair *a = a_;
    const struct intent_pair *b = b_;

    return strcmp(a->key, b->key);
}

const char *
intent_map_get(const struct intent_map *map, const char *key)
{
    const struct intent_pair target = { .key = (char *) key };
    const struct intent_pair *pair = NULL;

    if (map->n) {
        pair = bsearch(&target, map->pairs, map->n, sizeof *pair,
                       compare_pairs);
    }
    return pair ? pair->value : NULL;
}

void
intent_map_sort(struct intent_map *map)
{
    if (map->n) {
        qsort(map->pairs, map->n, sizeof *map->pairs, compare_pairs);
    }
}

bool
intent_map_equals(const struct intent_map *a, const struct intent_map *b)
{
    if (a->n != b->n) {
        return false;
    }
    for (size_t i = 0; i < a->n; i++) {
        const char *value = intent_map_get(b, a->pairs[i].key);

        if (!value || strcmp(value, a->pairs[i].value)) {
            return false;
        }
    }
    return true;
}

static bool
requirement_matches(const struct intent_requirement *req,
                    const struct intent_map *labels)
{
    const char *value = intent_map_get(labels, req->key);

    switch (req->op) {
    case INTENT_SEL_EXISTS:
        return value != NULL;
    case INTENT_SEL_DOES_NOT_EXIST:
        return !value;
    case INTENT_SEL_IN:
    case INTENT_SEL_NOT_IN:
        break;
    }
    for (size_t i = 0; value && i < req->values.n; i++) {
        if (!strcmp(value, req->values.items[i])) {
            return req->op == INTENT_SEL_IN;
        }
    }
    return req->op == INTENT_SEL_NOT_IN;
}

bool
intent_selector_matches(const struct intent_selector *selector,
                        const struct intent_map *labels)
{
    for (size_t i = 0; i < selector->n; i++) {
        if (!requirement_matches(&selector->reqs[i], labels)) {
            return false;
        }
    }
    return true;
}

bool
intent_selectors_match(const struct intent_selector *selectors, size_t n,
                       const struct intent_map *labels)
{
    for (size_t i = 0; i < n; i++) {
        if (intent_selector_matches(&selectors[i], labels)) {
            return true;
        }
    }
    return !n;
}
