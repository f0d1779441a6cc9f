/* SPDX-License-Identifier: Apache-2.0 */

/* Objects: from a tree of values to an intent_object.
 *
 * parse.c gives us the trees of a text, kinds.c says which table decodes
 * one. */

#include "intent/object.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "intent/clean.h"
#include "intent/kind-info.h"
#include "intent/problem.h"

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

void
intent_object_set_created(struct intent_object *obj, const char *created)
{
    obj->created = arena_strdup(obj->arena, created);
}

void
intent_object_set_origin(struct intent_object *obj, const char *file,
                         unsigned int line)
{
    obj->file = arena_strdup(obj->arena, file);
    obj->line = line;
}

const char *
intent_object_id(const struct intent_object *obj)
{
    return obj->id;
}

/* Appends what intent_object_id() is going to say of the object in 'map', of
 * the kind that is called 'kind' and is in a namespace if 'namespaced'. */
static void
put_id(struct text *text, const char *kind, bool namespaced,
       const struct value *map)
{
    const struct value *metadata = value_get(map, "metadata");
    const char *namespace = value_get_string(metadata, "namespace");
    const char *name = value_get_string(metadata, "name");

    text_put_clean(text, kind, 253);
    if (*name) {
        text_put_char(text, ' ');
        if (namespaced) {
            text_put_clean(text, *namespace ? namespace : "default", 253);
            text_put_char(text, '/');
        }
        text_put_clean(text, name, 253);
    }
}

static char *
make_id(struct intent_arena *arena, enum intent_kind kind,
        const struct value *map)
{
    struct text text = TEXT_INITIALIZER;

    put_id(&text, intent_kind_name(kind), intent_kind_is_namespaced(kind),
           map);
    char *id = arena_memdup0(arena, text.s, text.n);
    free(text.s);
    return id;
}

/* True if 'version' is of the API group that 'other' is of. */
static bool
is_same_group(const char *version, const char *other)
{
    const char *slash = strchr(version, '/');
    const char *other_slash = strchr(other, '/');
    size_t n = slash ? (size_t) (slash - version) : 0;

    return (n == (other_slash ? (size_t) (other_slash - other) : 0)
            && !strncmp(version, other, n));
}

/* Reports that the object in 'map' is passed over. */
static void
skip_object(const struct parser *p, const struct value *map,
            const struct value *name)
{
    const struct value *metadata = value_get(map, "metadata");
    struct text id = TEXT_INITIALIZER;

    put_id(&id, name->string, *value_get_string(metadata, "namespace"), map);
    problem_add(p->problems, INTENT_WARNING, id.s, "", p->file, name->line,
                name->column, "skipped, as ovn-egress has no use for this "
                "kind");
    free(id.s);
    p->list->n_skipped++;
}

static void
unknown_kind(const struct parser *p, const struct value *map,
             const struct value *name, const struct value *version)
{
    unsigned int best_distance = 4;
    bool is_slip = false;
    const char *best = NULL;

    for (int i = 0; i < INTENT_N_KINDS; i++) {
        unsigned int distance = decode_distance(intent_kind_name(i),
                                                name->string);

        if (distance < best_distance) {
            best_distance = distance;
            best = intent_kind_name(i);
            is_slip = (distance <= 2 && strcmp(name->string, "Pod")
                       && is_same_group(version->string,
                                        intent_kind_api_version(i)));
        }
    }
    if (p->list && p->list->skip_others && !is_slip) {
        skip_object(p, map, name);
        return;
    }

    struct text quoted = TEXT_INITIALIZER;
    text_put_quoted(&quoted, name->string);
    problem_add(p->problems, INTENT_ERROR, "", "kind", p->file, name->line,
                name->column, "unknown kind %s%s%s%s", quoted.s,
                best ? " (did you mean \"" : "", best ? best : "",
                best ? "\"?)" : "");
    free(quoted.s);
}

/* Reports that 'map' is of a known kind, but not of a known version; kinds of
 * other groups have the same names. */
static void
unknown_version(const struct parser *p, const struct value *map,
                enum intent_kind kind, const struct value *version)
{
    struct text quoted = TEXT_INITIALIZER;

    if (p->list && p->list->skip_others
        && !is_same_group(version->string, intent_kind_api_version(kind))) {
        skip_object(p, map, value_get(map, "kind"));
        return;
    }
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
                unknown_version(p, map, i, version);
            }
            return table;
        }
    }
    unknown_kind(p, map, name, version);
    return NULL;
}

struct intent_object *
object_decode(const struct parser *p, const struct value *map)
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
        obj = object_decode(&p, value);
    } else {
        problem_add(problems, INTENT_ERROR, "", "", "", 0, 0,
                    "nested too deeply");
    }
    arena_destroy(arena);
    json_decref(json);
    return obj;
}
