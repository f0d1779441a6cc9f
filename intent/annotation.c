/* SPDX-License-Identifier: Apache-2.0 */

/* Annotations that hold addresses: see annotation.h. */

#include "intent/annotation.h"

#include <string.h>

bool
annotation_get(const struct value *map, const char *key,
               struct annotation *a)
{
    const struct value *metadata = value_get(map, "metadata");
    const struct value *value = value_get(value_get(metadata, "annotations"),
                                          key);

    *a = (struct annotation) { key, value };
    return value && value->type == VALUE_STRING && value->n;
}

void
annotation_problem(struct decoder *d, const struct annotation *a,
                   const char *must_be)
{
    struct path metadata, annotations;

    decode_push(d, &metadata, "metadata", 0);
    decode_push(d, &annotations, "annotations", 0);
    decode_problem(d, decode_soft(d), a->value, a->key, "must be %s; not %s",
                   must_be, decode_quote(d, a->value->string));
    decode_pop(d);
    decode_pop(d);
}

static bool
add_ip(struct decoder *d, const char *s, void *list)
{
    const char *slash = strchr(s, '/');
    struct ip_prefix prefix;
    struct in6_addr ip;

    /* "ADDRESS/LENGTH" is the address of an interface. */
    if (slash) {
        if (!ip_prefix_parse(s, &prefix, NULL)) {
            return false;
        }
        s = arena_memdup0(d->arena, s, slash - s);
    }
    if (!ip_addr_parse(s, &ip) || !ip_is_set(&ip)) {
        return false;
    }
    decode_add_ip(d, list, &ip);
    return true;
}

static bool
add_prefix(struct decoder *d, const char *s, void *list)
{
    struct ip_prefix prefix;

    if (!ip_prefix_parse(s, &prefix, NULL)) {
        return false;
    }
    decode_add_prefix(d, list, &prefix);
    return true;
}

typedef bool add_func(struct decoder *, const char *, void *list);

/* Calls 'add' for each of the parts of 's' between commas. */
static bool
add_parts(struct decoder *d, const char *s, add_func *add, void *list)
{
    for (;;) {
        size_t n = strcspn(s, ",");
        size_t start = strspn(s, " ");
        size_t end = n;

        while (end > start && s[end - 1] == ' ') {
            end--;
        }
        if (!add(d, arena_memdup0(d->arena, s + start, end - start), list)) {
            return false;
        }
        if (!s[n]) {
            return true;
        }
        s += n + 1;
    }
}

static bool
add_values(struct decoder *d, const struct value *value, add_func *add,
           void *list)
{
    if (value->type == VALUE_STRING) {
        return !value->n || add(d, value->string, list);
    }
    for (size_t i = 0; i < value->n; i++) {
        const struct value *item = (value->type == VALUE_LIST
                                    ? value->items[i]
                                    : value->type == VALUE_MAP
                                    ? value->members[i].value
                                    : NULL);

        if (!item || item->type != VALUE_STRING
            || (item->n && !add(d, item->string, list))) {
            return false;
        }
    }
    return value->type == VALUE_LIST || value->type == VALUE_MAP;
}

bool
annotation_get_ips(struct decoder *d, const struct annotation *a,
                   struct intent_ips *list)
{
    const struct intent_ips before = *list;

    if (!add_parts(d, a->value->string, add_ip, list)) {
        annotation_problem(d, a, "IP addresses, separated by commas");
        *list = before;
        return false;
    }
    return true;
}

bool
annotation_get_prefixes(struct decoder *d, const struct annotation *a,
                        struct intent_prefixes *list)
{
    const struct intent_prefixes before = *list;

    if (!add_parts(d, a->value->string, add_prefix, list)) {
        annotation_problem(d, a, "IP prefixes, separated by commas");
        *list = before;
        return false;
    }
    return true;
}

bool
annotation_ips_from_value(struct decoder *d, const struct value *value,
                          struct intent_ips *list)
{
    const struct intent_ips before = *list;

    if (!add_values(d, value, add_ip, list)) {
        *list = before;
        return false;
    }
    return true;
}

bool
annotation_prefixes_from_value(struct decoder *d, const struct value *value,
                               struct intent_prefixes *list)
{
    const struct intent_prefixes before = *list;

    if (!add_values(d, value, add_prefix, list)) {
        *list = before;
        return false;
    }
    return true;
}
