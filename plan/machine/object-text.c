/* SPDX-License-Identifier: Apache-2.0 */

/* Objects of the kernel as text for people.  See object.h. */

#include <config.h>

#include "plan/machine/object.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "ovsdb-data.h"
#include "util.h"

/* No object has more fields. */
#define MAX_FIELDS 3

/* The fields of an object. */
struct machine_text {
    struct field {
        const char *name;
        const char *brackets;   /* "" if it has one value. */
        struct svec values;     /* Sorted. */
    } fields[MAX_FIELDS];
    size_t n;
};

struct svec *
machine_text_put_list(struct machine_text *text, const char *name,
                      const char *brackets)
{
    struct field *f = &text->fields[text->n++];

    ovs_assert(text->n <= MAX_FIELDS);
    *f = (struct field) { name, brackets, SVEC_EMPTY_INITIALIZER };
    return &f->values;
}

void
machine_text_put(struct machine_text *text, const char *name,
                 const char *format, ...)
{
    va_list args;

    va_start(args, format);
    svec_add_nocopy(machine_text_put_list(text, name, ""),
                    xvasprintf(format, args));
    va_end(args);
}

void
machine_text_put_string(struct machine_text *text, const char *name,
                        const char *value)
{
    svec_add_nocopy(machine_text_put_list(text, name, ""),
                    machine_text_quote(value));
}

char *
machine_text_quote(const char *s)
{
    union ovsdb_atom atom = { .s = ovsdb_atom_string_create(s) };
    struct ds ds = DS_EMPTY_INITIALIZER;

    ovsdb_atom_to_string(&atom, OVSDB_TYPE_STRING, &ds);
    ovsdb_atom_destroy(&atom, OVSDB_TYPE_STRING);
    return ds_steal_cstr(&ds);
}

static void
text_init(struct machine_text *text, const struct machine_object *object)
{
    text->n = 0;
    if (object->class->describe) {
        object->class->describe(object, text);
    }
    for (size_t i = 0; i < text->n; i++) {
        svec_sort(&text->fields[i].values);
    }
}

static void
text_destroy(struct machine_text *text)
{
    for (size_t i = 0; i < text->n; i++) {
        svec_destroy(&text->fields[i].values);
    }
}

char *
machine_object_name(const struct machine_object *object, bool quoted)
{
    const char *quote = quoted ? "\"" : "";
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_format(&s, "%s %s", object->class->name, quote);
    object->class->format(object, &s);
    ds_put_cstr(&s, quote);
    return ds_steal_cstr(&s);
}

char *
machine_object_origins(const struct machine_object *object)
{
    return svec_join(&object->origins, ", ", "");
}

/* Appends 'verb' and the name of 'object'. */
static void
format_name(const char *verb, const struct machine_object *object,
            struct ds *s)
{
    char *name = machine_object_name(object, true);

    ds_put_format(s, "%s%s", verb, name);
    free(name);
}

static void
format_values(const struct field *f, const struct svec *values, struct ds *s)
{
    char *joined = svec_join(values, ", ", "");

    ds_put_format(s, "%.1s%s%s", f->brackets, joined,
                  *f->brackets ? f->brackets + 1 : "");
    free(joined);
}

void
machine_object_format(const struct machine_object *object, struct ds *s)
{
    char *origins = machine_object_origins(object);
    struct machine_text text;

    format_name("", object, s);
    ds_put_format(s, "%s%s\n", *origins ? " # " : "", origins);
    free(origins);
    text_init(&text, object);
    for (size_t i = 0; i < text.n; i++) {
        const struct field *f = &text.fields[i];

        ds_put_format(s, "  %s=", f->name);
        format_values(f, &f->values, s);
        ds_put_char(s, '\n');
    }
    text_destroy(&text);
}

/* Appends those of 'values' that are not in 'others', if there are any. */
static void
format_missing(const char *sign, const struct field *f,
               const struct svec *values, const struct svec *others,
               struct ds *s)
{
    struct svec missing = SVEC_EMPTY_INITIALIZER;
    const char *value;
    size_t i;

    SVEC_FOR_EACH (i, value, values) {
        if (!svec_contains(others, value)) {
            svec_add(&missing, value);
        }
    }
    if (missing.n) {
        ds_put_cstr(s, sign);
        format_values(f, &missing, s);
    }
    svec_destroy(&missing);
}

/* Appends what becomes of a field that is 'f' now, if it changes. */
static void
format_field_change(const struct field *f, const struct svec *want,
                    struct ds *s)
{
    if (svec_equal(&f->values, want)) {
        return;
    }
    ds_put_format(s, "  %s:", f->name);
    if (*f->brackets) {
        format_missing(" -", f, &f->values, want, s);
        format_missing(" +", f, want, &f->values, s);
    } else {
        ds_put_format(s, " %s -> %s", f->values.names[0], want->names[0]);
    }
    ds_put_char(s, '\n');
}

void
machine_change_format(const struct machine_change *change, struct ds *s)
{
    struct machine_text have, want;

    if (change->type == PLAN_INSERT) {
        ds_put_cstr(s, "insert ");
        machine_object_format(change->want, s);
        return;
    }
    format_name(change->want ? "modify " : "delete ",
                machine_change_object(change), s);
    ds_put_char(s, '\n');
    if (!change->want) {
        return;
    }
    text_init(&have, change->have);
    text_init(&want, change->want);
    for (size_t i = 0, j = 0; i < want.n && j < have.n; j++) {
        if (!strcmp(have.fields[j].name, want.fields[i].name)) {
            format_field_change(&have.fields[j], &want.fields[i++].values, s);
        }
    }
    text_destroy(&have);
    text_destroy(&want);
}
