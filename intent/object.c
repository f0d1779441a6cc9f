/* SPDX-License-Identifier: Apache-2.0 */

/* Objects: from text through a tree of values to an intent_object.
 *
 * The entry points of the library (intent.h) are here; value-*.c reads the
 * text, kinds.c says which table decodes it. */

#include "intent/kind-info.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "intent/clean.h"
#include "intent/problem.h"

/* Where objects go, and how. */
struct parser {
    const char *file;
    enum intent_strictness strictness;
    struct intent_problems *problems;
    struct intent_list *list;
};

/* Metadata. */

static void
check_metadata(struct decoder *d, const struct value *map, void *obj_)
{
    struct intent_object *obj = obj_;
    const struct kind_info *info = kind_info(obj->kind);
    const struct value *name = value_get(map, "name");
    const struct value *namespace = value_get(map, "namespace");
    const char *wanted = *obj->name ? info->name_syntax(obj->name) : NULL;

    if (wanted) {
        decode_error(d, name, "name", "must be %s; not %s", wanted,
                     decode_quote(d, obj->name));
    }
    if (info->namespaced) {
        if (!*obj->namespace) {
            obj->namespace = arena_strdup(d->arena, "default");
        }
    } else {
        if (*obj->namespace && d->strictness == INTENT_STRICT) {
            decode_error(d, namespace, "namespace",
                         "a %s is not in a namespace", info->name);
        }
        obj->namespace = arena_strdup(d->arena, "");
    }
}

static const struct field metadata_fields[] = {
    FIELD("name", string, intent_object, name, .flags = F_REQUIRED),
    FIELD("namespace", string, intent_object, namespace,
          .syntax = syntax_dns_label),
    FIELD("labels", map, intent_object, labels,
          .syntax = syntax_label_value),
    FIELD("annotations", map, intent_object, annotations),
    FIELD("generation", i64, intent_object, generation,
          RANGE(0, INT64_MAX)),
    FIELD("uid", string, intent_object, uid),
    FIELD("resourceVersion", string, intent_object, resource_version),
    FIELD("creationTimestamp", string, intent_object, created),
    IGNORED("generateName", T_STRING),
    IGNORED("selfLink", T_STRING),
    IGNORED("clusterName", T_STRING),
    IGNORED("deletionTimestamp", T_STRING),
    IGNORED("deletionGracePeriodSeconds", T_INT),
    IGNORED("ownerReferences", T_LIST),
    IGNORED("finalizers", T_LIST),
    IGNORED("managedFields", T_LIST),
    { .name = NULL },
};

static const struct table metadata_table = {
    .fields = metadata_fields,
    .check = check_metadata,
};

void
decode_metadata(struct decoder *d, const struct value *value,
                const struct field *f, void *dst)
{
    (void) f;
    if (decode_check_type(d, value, T_MAP)) {
        decode_table(d, value, &metadata_table, dst);
    }
}

/* Objects. */

void
intent_object_destroy(struct intent_object *obj)
{
    if (obj) {
        arena_destroy(obj->arena);
    }
}

const char *
intent_object_id(const struct intent_object *obj)
{
    return obj->id;
}

static void
unknown_kind(const struct parser *p, const struct value *name)
{
    unsigned int best_distance = 4;
    const char *best = NULL;

    for (int i = 0; i < INTENT_N_KINDS; i++) {
        unsigned int distance = decode_distance(intent_kind_name(i),
                                                name->string);

        if (distance < best_distance) {
            best_distance = distance;
            best = intent_kind_name(i);
        }
    }

    struct text quoted = TEXT_INITIALIZER;
    text_put_quoted(&quoted, name->string);
    problem_add(p->problems, INTENT_ERROR, "", "kind", p->file, name->line,
                name->column, "unknown kind %s%s%s%s", quoted.s,
                best ? " (did you mean \"" : "", best ? best : "",
                best ? "\"?)" : "");
    free(quoted.s);
}

static void
unknown_version(const struct parser *p, enum intent_kind kind,
                const struct value *version)
{
    struct text quoted = TEXT_INITIALIZER;

    text_put_quoted(&quoted, version->string);
    problem_add(p->problems, INTENT_ERROR, intent_kind_name(kind),
                "apiVersion", p->file, version->line, version->column,
                "must be \"%s\", not %s", intent_kind_api_version(kind),
                quoted.s);
    free(quoted.s);
}

/* Finds kind and table of 'map'.  Returns NULL, with the problem reported, if
 * they are not known. */
static const struct table *
find_kind(const struct parser *p, const struct value *map,
          enum intent_kind *kind)
{
    static const char *const keys[] = { "kind", "apiVersion" };

    for (int i = 0; i < 2; i++) {
        const struct value *v = value_get(map, keys[i]);

        if (!v || v->type != VALUE_STRING || !v->n) {
            problem_add(p->problems, INTENT_ERROR, "", keys[i], p->file,
                        v ? v->line : map->line, v ? v->column : map->column,
                        v ? "must be a string that is not empty"
                        : "required");
            return NULL;
        }
    }

    const struct value *name = value_get(map, "kind");
    const struct value *version = value_get(map, "apiVersion");
    for (int i = 0; i < INTENT_N_KINDS; i++) {
        if (!strcmp(intent_kind_name(i), name->string)) {
            const struct table *table = kind_table(i, version->string);

            *kind = i;
            if (!table) {
                unknown_version(p, i, version);
            }
            return table;
        }
    }
    unknown_kind(p, name);
    return NULL;
}

/* Returns what intent_object_id() is going to say of the object in 'map'. */
static char *
make_id(struct intent_arena *arena, enum intent_kind kind,
        const struct value *map)
{
    const struct value *metadata = value_get(map, "metadata");
    const char *namespace = value_get_string(metadata, "namespace");
    const char *name = value_get_string(metadata, "name");
    struct text text = TEXT_INITIALIZER;

    text_puts(&text, intent_kind_name(kind));
    if (*name) {
        text_put_char(&text, ' ');
        if (intent_kind_is_namespaced(kind)) {
            text_put_clean(&text, *namespace ? namespace : "default", 253);
            text_put_char(&text, '/');
        }
        text_put_clean(&text, name, 253);
    }

    char *id = arena_memdup0(arena, text.s, text.n);
    free(text.s);
    return id;
}

/* Decodes 'map'.  Returns NULL if it has an error. */
static struct intent_object *
decode_object(const struct parser *p, const struct value *map)
{
    enum intent_kind kind;

    if (map->type != VALUE_MAP) {
        problem_add(p->problems, INTENT_ERROR, "", "", p->file, map->line,
                    map->column, "a manifest must be a mapping, not %s",
                    value_type_name(map->type));
        return NULL;
    }

    const struct table *table = find_kind(p, map, &kind);
    if (!table) {
        return NULL;
    }

    struct intent_arena *arena = arena_create();
    struct intent_object *obj = arena_zalloc(arena, sizeof *obj);
    size_t first_problem = p->problems->n;
    struct decoder d = {
        .obj = obj,
        .arena = arena,
        .problems = p->problems,
        .file = p->file,
        .id = make_id(arena, kind, map),
        .strictness = p->strictness,
    };

    decode_init(&metadata_table, obj);
    decode_init(table, obj);
    obj->kind = kind;
    obj->arena = arena;
    obj->id = (char *) d.id;
    obj->file = arena_strdup(arena, p->file);
    obj->line = map->line;
    decode_table(&d, map, table, obj);
    problems_sort_from(p->problems, first_problem);
    if (d.failed) {
        arena_destroy(arena);
        return NULL;
    }

    struct text manifest = TEXT_INITIALIZER;
    value_to_json(map, &manifest);
    obj->manifest = arena_memdup0(arena, manifest.s, manifest.n);
    free(manifest.s);
    return obj;
}

/* Texts. */

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

/* Takes 'value', an object or a "kind: List" of them. */
static void
parse_document(const struct parser *p, const struct value *value)
{
    const struct value *items = value_get(value, "items");

    if (strcmp(value_get_string(value, "kind"), "List")
        || strcmp(value_get_string(value, "apiVersion"), "v1")) {
        struct intent_object *obj = decode_object(p, value);

        if (obj) {
            list_add(p->list, obj);
        }
    } else if (items && items->type != VALUE_LIST) {
        problem_add(p->problems, INTENT_ERROR, "List", "items", p->file,
                    items->line, items->column, "must be a list, not %s",
                    value_type_name(items->type));
    } else {
        for (size_t i = 0; items && i < items->n; i++) {
            parse_document(p, items->items[i]);
        }
    }
}

void
intent_parse(const char *text, size_t len, const char *file,
             enum intent_strictness strictness, struct intent_list *list,
             struct intent_problems *problems)
{
    struct yaml_reader *reader = yaml_reader_create(text, len, file,
                                                    problems);
    struct parser p = { file, strictness, problems, list };

    for (;;) {
        struct intent_arena *arena = arena_create();
        struct value *value;
        bool more = yaml_reader_next(reader, arena, &value);

        if (more && value) {
            parse_document(&p, value);
        }
        arena_destroy(arena);
        if (!more) {
            break;
        }
    }
    yaml_reader_destroy(reader);
}

struct intent_object *
intent_object_from_json(const char *text, size_t len,
                        enum intent_strictness strictness,
                        struct intent_problems *problems)
{
    json_error_t error;
    json_t *json = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);

    if (!json) {
        problem_add(problems, INTENT_ERROR, "", "", "", 0, 0,
                    "not JSON: %s (byte %d)", error.text, error.position);
        return NULL;
    }

    struct intent_arena *arena = arena_create();
    struct value *value = value_from_json(arena, json);
    struct parser p = { "", strictness, problems, NULL };
    struct intent_object *obj = NULL;
    if (value) {
        obj = decode_object(&p, value);
    } else {
        problem_add(problems, INTENT_ERROR, "", "", "", 0, 0,
                    "nested too deeply");
    }
    arena_destroy(arena);
    json_decref(json);
    return obj;
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
