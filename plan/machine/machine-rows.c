/* SPDX-License-Identifier: Apache-2.0 */

/* Rows as objects.  See machine-rows.h. */

#include <config.h>

#include "plan/machine/machine-rows.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "util.h"

static int
row_compare(const void *a_, const void *b_)
{
    const struct machine_row *a = a_;
    const struct machine_row *b = b_;

    return strcmp(a->row->key, b->row->key);
}

static bool
row_is_satisfied(const void *have_, const void *want_)
{
    const struct machine_row *have = have_;
    const struct machine_row *want = want_;

    return plan_row_equals(have->row, want->row);
}

static void
row_format(const void *row_, struct ds *s)
{
    const struct machine_row *row = row_;

    ds_put_cstr(s, row->row->key);
}

static void
row_describe(const void *row_, struct machine_text *text)
{
    const struct machine_row *row = row_;

    for (size_t i = 0; i < row->row->n_columns; i++) {
        const struct plan_column *c = &row->row->columns[i];
        bool is_map = ovsdb_type_is_map(&c->type);
        struct svec *values = machine_text_put_list(
            text, c->name, is_map ? "{}" : ovsdb_type_is_set(&c->type) ? "[]"
            : "");

        for (size_t j = 0; j < c->datum.n; j++) {
            struct ds s = DS_EMPTY_INITIALIZER;

            ovsdb_atom_to_string(&c->datum.keys[j], c->type.key.type, &s);
            if (is_map) {
                ds_put_char(&s, '=');
                ovsdb_atom_to_string(&c->datum.values[j], c->type.value.type,
                                     &s);
            }
            svec_add_nocopy(values, ds_steal_cstr(&s));
        }
    }
}

const struct machine_class machine_class_nft = {
    .name = "nft", .size = sizeof(struct machine_row),
    .compare = row_compare, .is_satisfied = row_is_satisfied,
    .format = row_format, .describe = row_describe,
};

void
machine_rows_wrap(const struct plan_rows *rows,
                  struct machine_objects *objects)
{
    for (size_t i = 0; i < rows->n; i++) {
        const struct plan_row *row = rows->rows[i];
        struct machine_row new = {
            .object.class = &machine_class_nft, .row = row,
        };

        if (*row->origin) {
            svec_add(&new.object.origins, row->origin);
        }
        machine_objects_add(objects, &new);
    }
}

const struct plan_row *
machine_row_get(const struct machine_object *object)
{
    return object ? ((const struct machine_row *) object)->row : NULL;
}
