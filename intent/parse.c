/* SPDX-License-Identifier: Apache-2.0 */

/* Texts: files and streams to objects.  See intent.h.
 *
 * value-yaml.c reads the documents of a text, object.c decodes an object.
 * What a document may be is here: an object, a list of any kind of them, and
 * where one ends. */

#include "intent/object.h"

#include <stdlib.h>
#include <string.h>

#include "intent/problem.h"

/* Lists. */

static void
list_add(struct intent_list *list, struct intent_object *obj)
{
    if (list->n >= list->allocated) {
        list->allocated = list->n * 2 + 4;
        list->objs = arena_xrealloc(list->objs,
                                    list->allocated * sizeof *list->objs);
    }
    list->objs[list->n++] = obj;
}

void
intent_list_init(struct intent_list *list)
{
    *list = (struct intent_list) INTENT_LIST_INITIALIZER;
}

void
intent_list_destroy(struct intent_list *list)
{
    if (!list) {
        return;
    }
    for (size_t i = 0; i < list->n; i++) {
        intent_object_destroy(list->objs[i]);
    }
    free(list->objs);
    intent_list_init(list);
}

/* Documents. */

static void parse_document(const struct parser *, struct intent_arena *,
                           const struct value *);

/* True if 'value' is a List of any objects, or a ServiceList and so on, as an
 * API server answers.  Sets '*n' to the length of the name of the kind of its
 * items, 0 for any. */
static bool
is_list(const struct value *value, size_t *n)
{
    const char *kind = value_get_string(value, "kind");
    const struct value *items = value_get(value, "items");
    size_t len = strlen(kind);

    if (len < 4 || strcmp(kind + len - 4, "List")) {
        return false;
    }
    *n = len - 4;
    return (*n ? items && items->type == VALUE_LIST
            : !strcmp(value_get_string(value, "apiVersion"), "v1"));
}

/* Returns 'item' with its member 'key', which it may lack, being 's'. */
static const struct value *
with_string(struct intent_arena *arena, const struct value *item,
            const char *key, const char *s)
{
    if (item->type != VALUE_MAP || value_get(item, key)) {
        return item;
    }

    struct value *string = arena_zalloc(arena, sizeof *string);
    *string = (struct value) {
        .type = VALUE_STRING, .line = item->line, .column = item->column,
        .n = strlen(s), .string = s,
    };

    struct value *map = arena_zalloc(arena, sizeof *map);
    *map = *item;
    map->members = arena_zalloc(arena,
                                (item->n + 1) * sizeof *map->members);
    map->n = 0;
    for (size_t i = 0; i < item->n; i++) {
        if (strcmp(item->members[i].key, key)) {
            map->members[map->n++] = item->members[i];
        }
    }
    map->members[map->n++] = (struct member) {
        .key = key, .line = item->line, .column = item->column,
        .value = string,
    };
    value_sort(map);
    return map;
}

/* Takes the items of 'list', whose kind has a name of 'n' bytes. */
static void
parse_list(const struct parser *p, struct intent_arena *arena,
           const struct value *list, size_t n)
{
    const struct value *items = value_get(list, "items");
    const char *kind = arena_memdup0(arena, value_get_string(list, "kind"), n);
    const char *version = value_get_string(list, "apiVersion");

    if (items && items->type != VALUE_LIST) {
        problem_add(p->problems, INTENT_ERROR, "List", "items", p->file,
                    items->line, items->column, "must be a list, not %s",
                    value_type_name(items->type));
        return;
    }
    for (size_t i = 0; items && i < items->n; i++) {
        const struct value *item = items->items[i];

        if (n) {
            /* An API server says it once for all. */
            item = with_string(arena, item, "kind", kind);
            item = with_string(arena, item, "apiVersion", version);
        }
        parse_document(p, arena, item);
    }
}

/* Takes 'value', an object or a list of them. */
static void
parse_document(const struct parser *p, struct intent_arena *arena,
               const struct value *value)
{
    size_t n;

    if (is_list(value, &n)) {
        parse_list(p, arena, value, n);
    } else {
        struct intent_object *obj = object_decode(p, value);

        if (obj) {
            list_add(p->list, obj);
        }
    }
}

/* Takes the documents in the 'len' bytes at 'text', which has 'line' lines
 * before it in its file. */
static void
parse_documents(const struct parser *p, const char *text, size_t len,
                size_t line)
{
    struct yaml_reader *reader = yaml_reader_create(text, len, line, p->file,
                                                    p->problems);

    for (;;) {
        struct intent_arena *arena = arena_create();
        struct value *value;
        bool more = yaml_reader_next(reader, arena, &value);

        if (more && value) {
            parse_document(p, arena, value);
        }
        arena_destroy(arena);
        if (!more) {
            break;
        }
    }
    yaml_reader_destroy(reader);
}

/* Streams of JSON. */

static const char *
skip_blanks(const char *p, const char *end)
{
    while (p < end && *p && strchr(" \t\r\n", *p)) {
        p++;
    }
    return p;
}

/* Returns the end of the JSON object at 'p', or NULL if there is none. */
static const char *
find_object_end(const char *p, const char *end)
{
    size_t depth = 0;
    bool in_string = false;

    if (p == end || *p != '{') {
        return NULL;
    }
    for (; p < end; p++) {
        if (in_string) {
            in_string = *p != '"';
            p += *p == '\\';
        } else if (*p == '"') {
            in_string = true;
        } else if (*p == '{' || *p == '[') {
            depth++;
        } else if ((*p == '}' || *p == ']') && !--depth) {
            return p + 1;
        }
    }
    return NULL;
}

/* True if the text is several JSON objects one behind the other, as jq and an
 * API server's watch write them.  That is no YAML. */
static bool
is_stream(const char *p, const char *end)
{
    size_t n = 0;

    for (p = skip_blanks(p, end); p < end; p = skip_blanks(p, end)) {
        p = find_object_end(p, end);
        if (!p) {
            return false;
        }
        n++;
    }
    return n > 1;
}

static void
parse_stream(const struct parser *p, const char *text, const char *end)
{
    const char *from = text;
    size_t line = 0;

    while (from < end) {
        const char *start = skip_blanks(from, end);
        const char *to = find_object_end(start, end);

        if (!to) {
            break;
        }
        parse_documents(p, from, to - from, line);
        for (; from < to; from++) {
            line += *from == '\n';
        }
    }
}

void
intent_parse(const char *text, size_t len, const char *file,
             enum intent_strictness strictness, struct intent_list *list,
             struct intent_problems *problems)
{
    const struct parser p = { file, strictness, problems, list };

    if (is_stream(text, text + len)) {
        parse_stream(&p, text, text + len);
    } else {
        parse_documents(&p, text, len, 0);
    }
}

/* Checks over several objects. */

static int
compare_names(const struct intent_object *a, const struct intent_object *b)
{
    int cmp = (a->kind > b->kind) - (a->kind < b->kind);

    cmp = cmp ? cmp : strcmp(a->namespace, b->namespace);
    return cmp ? cmp : strcmp(a->name, b->name);
}

static int
compare_objects(const void *a_, const void *b_)
{
    const struct intent_object *a = *(struct intent_object *const *) a_;
    const struct intent_object *b = *(struct intent_object *const *) b_;
    int cmp = compare_names(a, b);

    cmp = cmp ? cmp : strcmp(a->file, b->file);
    return cmp ? cmp : (a->line > b->line) - (a->line < b->line);
}

void
intent_list_check(const struct intent_list *list,
                  struct intent_problems *problems)
{
    struct intent_object **objs;
    const size_t size = list->n * sizeof *objs;

    if (list->n < 2) {
        return;
    }
    objs = arena_xrealloc(NULL, size);
    memcpy(objs, list->objs, size);
    qsort(objs, list->n, sizeof *objs, compare_objects);
    for (size_t i = 1; i < list->n; i++) {
        const struct intent_object *first = objs[i - 1];
        const struct intent_object *second = objs[i];

        if (!compare_names(first, second)) {
            problem_add(problems, INTENT_ERROR, second->id, "",
                        second->file, second->line, second->line ? 1 : 0,
                        "given twice (first at %s:%u)", first->file,
                        first->line);
        }
    }
    free(objs);
}
