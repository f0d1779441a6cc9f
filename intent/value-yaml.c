/* SPDX-License-Identifier: Apache-2.0 */

/* YAML text: from libyaml's events to our tree.  See value.h.
 *
 * Anchors, aliases and merge keys work; what aliases add is limited, so that
 * a small text cannot become a huge tree.  After an error the reader goes on
 * with the next document, so that a user sees the errors of them all. */

#include "intent/value.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "intent/clean.h"
#include "intent/problem.h"

/* How many values the aliases of one text may stand for, in all. */
#define MAX_ALIASED_VALUES 100000

/* How many members the merge keys of one mapping may add. */
#define MAX_MERGED 256

/* A value that an alias can stand for.  The newest of a name is first.
 * 'value' is NULL while it is not complete. */
struct anchor {
    struct anchor *next;
    const char *name;
    struct value *value;
};

struct yaml_reader {
    yaml_parser_t parser;
    const char *text;
    size_t len;
    const char *file;
    struct intent_problems *problems;

    /* Where the parser was started, and the line of 'text' that it calls 0. */
    const char *start;
    size_t start_line;
    bool at_end;

    /* Of the current document. */
    struct intent_arena *arena;
    struct anchor *anchors;
    size_t first_line;
    bool bad;                   /* Not to be used. */
    bool lost;                  /* The parser is no longer in it. */

    size_t n_aliased;           /* Of the whole text. */
};

static struct value *read_value(struct yaml_reader *, yaml_event_t *,
                                unsigned int depth);

static void
report(struct yaml_reader *r, yaml_mark_t mark, const char *message,
       const char *detail)
{
    problem_add(r->problems, INTENT_ERROR, "", "", r->file,
                r->start_line + mark.line + 1, mark.column + 1, "%s%s",
                message, detail);
    r->bad = true;
}

static void
start(struct yaml_reader *r, const char *p, size_t line)
{
    if (!yaml_parser_initialize(&r->parser)) {
        abort();
    }
    yaml_parser_set_input_string(&r->parser, (const unsigned char *) p,
                                 r->text + r->len - p);
    r->start = p;
    r->start_line = line;
    r->first_line = line;
}

/* True if the line at 'p' starts a document. */
static bool
is_document_start(const char *p, const char *end)
{
    return (end - p >= 3 && !memcmp(p, "---", 3)
            && (end - p == 3 || strchr(" \t\r\n", p[3])));
}

/* Goes on at the first document that starts at 'line' or later, but not at
 * the current one, or goes to the end if there is none. */
static void
restart(struct yaml_reader *r, size_t line)
{
    const char *p = r->start;
    const char *end = r->text + r->len;
    size_t i = r->start_line;

    while ((p = memchr(p, '\n', end - p)) != NULL) {
        p++;
        i++;
        if (i > r->first_line && i >= line && is_document_start(p, end)) {
            yaml_parser_delete(&r->parser);
            start(r, p, i);
            return;
        }
    }
    r->at_end = true;
}

/* Returns where the parser stopped. */
static yaml_mark_t
problem_mark(const struct yaml_reader *r)
{
    yaml_mark_t mark = r->parser.problem_mark;

    if (r->parser.error == YAML_READER_ERROR) {
        /* libyaml gives a byte instead of a line. */
        mark = (yaml_mark_t) { 0, 0, 0 };
        for (size_t i = 0; i < r->parser.problem_offset
             && r->start + i < r->text + r->len; i++) {
            if (r->start[i] == '\n') {
                mark.line++;
                mark.column = 0;
            } else {
                mark.column++;
            }
        }
    }
    return mark;
}

/* True if there is a tab at 'mark', which is a common mistake. */
static bool
is_tab(const struct yaml_reader *r, yaml_mark_t mark)
{
    const char *p = r->start;
    const char *end = r->text + r->len;

    for (size_t i = 0; i < mark.line && p; i++) {
        p = memchr(p, '\n', end - p);
        p = p ? p + 1 : NULL;
    }
    return p && (size_t) (end - p) > mark.column && p[mark.column] == '\t';
}

/* Gets the next event, which the caller must delete.  Returns false, with the
 * problem reported, if the text is not YAML; then the document is lost. */
static bool
next_event(struct yaml_reader *r, yaml_event_t *event)
{
    if (yaml_parser_parse(&r->parser, event)) {
        return true;
    }
    if (r->parser.error == YAML_MEMORY_ERROR) {
        abort();
    }

    yaml_mark_t mark = problem_mark(r);
    struct text detail = TEXT_INITIALIZER;
    text_puts(&detail,
              is_tab(r, mark) ? "a tab where only spaces may be"
              : r->parser.problem ? r->parser.problem : "unreadable");
    if (r->parser.context && r->parser.error != YAML_READER_ERROR) {
        text_printf(&detail, ", %s that starts at line %zu",
                    r->parser.context,
                    r->start_line + r->parser.context_mark.line + 1);
    }
    report(r, mark, "not YAML: ", detail.s);
    free(detail.s);
    r->lost = true;
    restart(r, r->start_line + mark.line);
    return false;
}

/* Returns the number of values in 'value', or more than 'max' without
 * counting them all if there are more than that or they are too deep. */
static size_t
measure(const struct value *value, unsigned int depth, size_t max)
{
    size_t n = 1;

    if (depth > VALUE_MAX_DEPTH) {
        return max + 1;
    }
    for (size_t i = 0; i < value->n && n <= max; i++) {
        if (value->type == VALUE_LIST) {
            n += measure(value->items[i], depth + 1, max - n);
        } else if (value->type == VALUE_MAP) {
            n += measure(value->members[i].value, depth + 1, max - n);
        } else {
            break;
        }
    }
    return n;
}

static struct value *
read_alias(struct yaml_reader *r, const yaml_event_t *event,
           unsigned int depth)
{
    const char *name = (const char *) event->data.alias.anchor;
    const struct anchor *a = r->anchors;

    while (a && strcmp(a->name, name)) {
        a = a->next;
    }
    if (!a) {
        report(r, event->start_mark, "no anchor has the name of the alias *",
               name);
        return NULL;
    }
    if (!a->value) {
        report(r, event->start_mark, "an alias stands for what it is in: *",
               name);
        return NULL;
    }

    size_t max = MAX_ALIASED_VALUES - r->n_aliased;
    size_t n = measure(a->value, depth, max);
    if (n > max) {
        report(r, event->start_mark, "the aliases stand for too much at *",
               name);
        return NULL;
    }
    r->n_aliased += n;
    return a->value;
}

/* True if a scalar with 'tag' is resolved like a plain one, false if it is a
 * string. */
static bool
is_resolvable_tag(const char *tag)
{
    return tag && (!strcmp(tag, YAML_INT_TAG) || !strcmp(tag, YAML_FLOAT_TAG)
                   || !strcmp(tag, YAML_BOOL_TAG)
                   || !strcmp(tag, YAML_NULL_TAG));
}

static bool
read_scalar(struct yaml_reader *r, const yaml_event_t *event,
            struct value *value)
{
    size_t n = event->data.scalar.length;
    const char *text = (const char *) event->data.scalar.value;

    if (memchr(text, '\0', n)) {
        report(r, event->start_mark, "a string has a null byte", "");
        return false;
    }

    const char *s = arena_memdup0(r->arena, text, n);
    if (event->data.scalar.plain_implicit
        || is_resolvable_tag((const char *) event->data.scalar.tag)) {
        value_resolve_plain(s, n, value);
    } else {
        value->type = VALUE_STRING;
        value->string = s;
        value->n = n;
    }
    return true;
}

static bool
read_list(struct yaml_reader *r, struct value *list, unsigned int depth)
{
    struct value **items = NULL;
    size_t n = 0, allocated = 0;
    bool ok = false;

    for (;;) {
        yaml_event_t event;

        if (!next_event(r, &event)) {
            break;
        }
        if (event.type == YAML_SEQUENCE_END_EVENT) {
            yaml_event_delete(&event);
            ok = true;
            break;
        }
        if (n >= allocated) {
            allocated = allocated * 2 + 4;
            items = arena_xrealloc(items, allocated * sizeof *items);
        }
        items[n] = read_value(r, &event, depth + 1);
        if (!items[n++]) {
            break;
        }
    }

    list->type = VALUE_LIST;
    if (ok && n) {
        list->n = n;
        list->items = arena_zalloc(r->arena, n * sizeof *items);
        memcpy(list->items, items, n * sizeof *items);
    }
    free(items);
    return ok;
}

/* The members of a mapping while it is being read. */
struct members {
    struct member *items;
    size_t n, allocated;
};

static struct member *
members_add(struct members *members)
{
    if (members->n >= members->allocated) {
        members->allocated = members->allocated * 2 + 4;
        members->items = arena_xrealloc(
            members->items, members->allocated * sizeof *members->items);
    }
    return &members->items[members->n++];
}

/* Adds the members of 'value', what a merge key has: a mapping or, at the
 * 'top', a list of them, to 'merged'. */
static bool
merge(struct yaml_reader *r, yaml_mark_t mark, const struct value *value,
      bool top, struct members *merged)
{
    if (value->type == VALUE_MAP) {
        for (size_t i = 0; i < value->n && merged->n < MAX_MERGED; i++) {
            *members_add(merged) = value->members[i];
        }
        if (merged->n >= MAX_MERGED) {
            report(r, mark, "too many members are merged", "");
            return false;
        }
        return true;
    }
    if (value->type != VALUE_LIST || !top) {
        report(r, mark, "what is merged must be a mapping", "");
        return false;
    }
    for (size_t i = 0; i < value->n; i++) {
        if (!merge(r, mark, value->items[i], false, merged)) {
            return false;
        }
    }
    return true;
}

static bool
has_key(const struct members *members, const char *key)
{
    for (size_t i = 0; i < members->n; i++) {
        if (!strcmp(members->items[i].key, key)) {
            return true;
        }
    }
    return false;
}

/* Reads a key and its value.  Sets '*end' at the end of the mapping. */
static bool
read_member(struct yaml_reader *r, unsigned int depth,
            struct members *members, struct members *merged, bool *end)
{
    yaml_event_t event;

    if (!next_event(r, &event)) {
        return false;
    }
    *end = event.type == YAML_MAPPING_END_EVENT;
    if (*end) {
        yaml_event_delete(&event);
        return true;
    }

    struct value key;
    yaml_mark_t mark = event.start_mark;
    bool is_scalar = event.type == YAML_SCALAR_EVENT;
    bool is_merge = (is_scalar && event.data.scalar.plain_implicit
                     && !strcmp((char *) event.data.scalar.value, "<<"));
    bool ok = is_scalar && read_scalar(r, &event, &key);
    const char *name = (ok ? arena_memdup0(r->arena,
                                           (char *) event.data.scalar.value,
                                           event.data.scalar.length) : NULL);
    yaml_event_delete(&event);
    if (!is_scalar) {
        report(r, mark, "a key must be a string", "");
    }
    if (!ok || !next_event(r, &event)) {
        return false;
    }

    struct value *value = read_value(r, &event, depth + 1);
    if (!value) {
        return false;
    }
    if (is_merge) {
        return merge(r, mark, value, true, merged);
    }
    *members_add(members) = (struct member) {
        .key = name,
        .line = r->start_line + mark.line + 1,
        .column = mark.column + 1,
        .value = value,
    };
    return true;
}

static bool
read_map(struct yaml_reader *r, struct value *map, unsigned int depth)
{
    struct members members = { NULL, 0, 0 };
    struct members merged = { NULL, 0, 0 };
    bool end = false;
    bool ok;

    do {
        ok = read_member(r, depth, &members, &merged, &end);
    } while (ok && !end);

    /* The mapping's own members come before merged ones, and the first of
     * those before later ones. */
    for (size_t i = 0; ok && i < merged.n; i++) {
        if (!has_key(&members, merged.items[i].key)) {
            *members_add(&members) = merged.items[i];
        }
    }
    map->type = VALUE_MAP;
    if (ok && members.n) {
        map->n = members.n;
        map->members = arena_zalloc(r->arena,
                                    members.n * sizeof *map->members);
        memcpy(map->members, members.items,
               members.n * sizeof *map->members);

        const struct member *twice = value_sort(map);
        if (twice) {
            struct text quoted = TEXT_INITIALIZER;

            text_put_quoted(&quoted, twice->key);
            problem_add(r->problems, INTENT_ERROR, "", "", r->file,
                        twice->line, twice->column,
                        "the key %s is there twice", quoted.s);
            free(quoted.s);
            r->bad = true;
        }
    }
    free(members.items);
    free(merged.items);
    return ok;
}

/* Remembers 'value' under 'name', if nonnull, as not complete. */
static struct anchor *
add_anchor(struct yaml_reader *r, const yaml_char_t *name)
{
    if (!name) {
        return NULL;
    }

    struct anchor *anchor = arena_zalloc(r->arena, sizeof *anchor);
    anchor->next = r->anchors;
    anchor->name = arena_strdup(r->arena, (const char *) name);
    r->anchors = anchor;
    return anchor;
}

/* Reads the value that starts with 'event', which it deletes.  Returns NULL,
 * with the problem reported, if the document cannot be read on. */
static struct value *
read_value(struct yaml_reader *r, yaml_event_t *event, unsigned int depth)
{
    struct value *value = arena_zalloc(r->arena, sizeof *value);
    struct anchor *anchor = NULL;
    bool ok = false;

    value->line = r->start_line + event->start_mark.line + 1;
    value->column = event->start_mark.column + 1;
    if (depth > VALUE_MAX_DEPTH) {
        report(r, event->start_mark, "nested too deeply", "");
    } else if (event->type == YAML_ALIAS_EVENT) {
        value = read_alias(r, event, depth);
        ok = value != NULL;
    } else if (event->type == YAML_SCALAR_EVENT) {
        anchor = add_anchor(r, event->data.scalar.anchor);
        ok = read_scalar(r, event, value);
    } else if (event->type == YAML_SEQUENCE_START_EVENT) {
        anchor = add_anchor(r, event->data.sequence_start.anchor);
        ok = read_list(r, value, depth);
    } else if (event->type == YAML_MAPPING_START_EVENT) {
        anchor = add_anchor(r, event->data.mapping_start.anchor);
        ok = read_map(r, value, depth);
    }
    if (ok && anchor) {
        anchor->value = value;
    }
    yaml_event_delete(event);
    return ok ? value : NULL;
}

/* Goes on behind the current document, which cannot be used.  Looks for the
 * next one in the text and does not parse the rest: libyaml needs for each
 * token as long as what is around it is deep. */
static void
skip_document(struct yaml_reader *r)
{
    if (!r->lost) {
        r->lost = true;
        restart(r, r->first_line);
    }
}

struct yaml_reader *
yaml_reader_create(const char *text, size_t len, size_t line,
                   const char *file, struct intent_problems *problems)
{
    struct yaml_reader *r = arena_xrealloc(NULL, sizeof *r);

    *r = (struct yaml_reader) {
        .text = text, .len = len, .file = file, .problems = problems,
    };
    start(r, text, line);
    return r;
}

void
yaml_reader_destroy(struct yaml_reader *r)
{
    if (r) {
        yaml_parser_delete(&r->parser);
        free(r);
    }
}

bool
yaml_reader_next(struct yaml_reader *r, struct intent_arena *arena,
                 struct value **valuep)
{
    r->arena = arena;
    r->anchors = NULL;
    r->bad = false;
    r->lost = false;
    *valuep = NULL;
    while (!r->at_end) {
        yaml_event_t event;

        if (!next_event(r, &event)) {
            return true;
        }
        if (event.type == YAML_SCALAR_EVENT
            || event.type == YAML_ALIAS_EVENT
            || event.type == YAML_SEQUENCE_START_EVENT
            || event.type == YAML_MAPPING_START_EVENT) {
            struct value *value = read_value(r, &event, 0);

            if (!value) {
                skip_document(r);
            } else if (!r->bad && value->type != VALUE_NULL) {
                *valuep = value;
            }
            return true;
        }
        if (event.type == YAML_DOCUMENT_START_EVENT) {
            r->first_line = r->start_line + event.start_mark.line;
        } else if (event.type == YAML_STREAM_END_EVENT) {
            r->at_end = true;
        }
        yaml_event_delete(&event);
    }
    return false;
}
