/* SPDX-License-Identifier: Apache-2.0 */

/* The diff of rows (plan/rows/diff.h), and its text.  See row.h. */

#include <config.h>

#include "plan/rows/row.h"

#include "openvswitch/dynamic-string.h"
#include "plan/rows/diff.h"
#include "util.h"

/* True if each column that 'want' has is the same in 'have', and the parents
 * are. */
static bool
row_is_satisfied(const struct plan_row *have, const struct plan_row *want)
{
    if (!plan_row_same_parents(have, want)) {
        return false;
    }
    for (size_t i = 0; i < want->n_columns; i++) {
        const struct plan_column *w = &want->columns[i];
        const struct plan_column *h = plan_row_get(have, w->name);

        if (!h || !ovsdb_datum_equals(&h->datum, &w->datum, &w->type)) {
            return false;
        }
    }
    return true;
}

static bool
is_satisfied(const void *have_, const void *want_)
{
    const struct plan_row *const *have = have_;
    const struct plan_row *const *want = want_;

    return row_is_satisfied(*have, *want);
}

struct rows_diff {
    void (*cb)(const struct plan_change *, void *aux);
    void *aux;
};

static void
take_change(enum plan_change_type type, const void *have_, const void *want_,
            void *diff_)
{
    const struct plan_row *const *have = have_;
    const struct plan_row *const *want = want_;
    struct rows_diff *diff = diff_;

    diff->cb(&(struct plan_change) {
                 type, have ? *have : NULL, want ? *want : NULL
             }, diff->aux);
}

void
plan_rows_diff(const struct plan_rows *have, const struct plan_rows *want,
               void (*cb)(const struct plan_change *, void *aux), void *aux)
{
    static const struct diff_items items = {
        sizeof(struct plan_row *), plan_row_compare, is_satisfied,
    };
    struct rows_diff diff = { cb, aux };

    diff_walk(&items, (struct diff_side) { have->rows, have->n },
              (struct diff_side) { want->rows, want->n }, take_change, &diff);
}

void
plan_datum_diff(const struct ovsdb_datum *old, const struct ovsdb_datum *new,
                const struct ovsdb_type *type, struct ovsdb_datum *added,
                struct ovsdb_datum *removed)
{
    bool is_map = type->value.type != OVSDB_TYPE_VOID;
    size_t i = 0, j = 0;

    ovsdb_datum_init_empty(added);
    ovsdb_datum_init_empty(removed);
    while (i < old->n || j < new->n) {
        int cmp = (i >= old->n ? 1 : j >= new->n ? -1
                   : ovsdb_atom_compare_3way(&old->keys[i], &new->keys[j],
                                             type->key.type));
        bool same = !cmp && (!is_map || ovsdb_atom_equals(
                                 &old->values[i], &new->values[j],
                                 type->value.type));

        if (cmp <= 0) {
            if (!same) {
                ovsdb_datum_add_from_index_unsafe(removed, old, i, type);
            }
            i++;
        }
        if (cmp >= 0) {
            if (!same) {
                ovsdb_datum_add_from_index_unsafe(added, new, j, type);
            }
            j++;
        }
    }
}

/* Appends the difference of one column: members that go and that come for a
 * set or map, both values otherwise. */
static void
format_column_diff(const struct plan_column *h, const struct plan_column *w,
                   struct ds *s)
{
    struct ovsdb_datum empty;
    const struct ovsdb_datum *old = h ? &h->datum : &empty;

    ovsdb_datum_init_empty(&empty);
    ds_put_format(s, "  %s:", w->name);
    if (ovsdb_type_is_composite(&w->type)) {
        struct ovsdb_datum added, removed;

        plan_datum_diff(old, &w->datum, &w->type, &added, &removed);
        if (removed.n) {
            ds_put_cstr(s, " -");
            ovsdb_datum_to_string(&removed, &w->type, s);
        }
        if (added.n) {
            ds_put_cstr(s, " +");
            ovsdb_datum_to_string(&added, &w->type, s);
        }
        ovsdb_datum_destroy(&added, &w->type);
        ovsdb_datum_destroy(&removed, &w->type);
    } else {
        ds_put_char(s, ' ');
        plan_column_format(w, old, s);
        ds_put_cstr(s, " -> ");
        plan_column_format(w, &w->datum, s);
    }
    ds_put_char(s, '\n');
}

/* Appends the parents of 'a' that 'b' does not have. */
static void
format_parents_diff(const struct plan_row *a, const struct plan_row *b,
                    const char *sign, struct ds *s)
{
    for (size_t i = 0; i < a->n_parents; i++) {
        const struct plan_parent *p = &a->parents[i];

        if (!plan_row_has_parent(b, p)) {
            ds_put_format(s, "  in %s \"%s\" %s: %s\n", p->table, p->name,
                          p->column, sign);
        }
    }
}

static void
format_change(const struct plan_change *change, void *s_)
{
    struct ds *s = s_;

    switch (change->type) {
    case PLAN_INSERT:
        ds_put_cstr(s, "insert ");
        plan_row_format(change->want, s);
        break;

    case PLAN_DELETE:
        ds_put_format(s, "delete %s \"%s\"\n",
                      change->have->table, change->have->key);
        break;

    case PLAN_MODIFY:
        ds_put_format(s, "modify %s \"%s\"\n",
                      change->want->table, change->want->key);
        format_parents_diff(change->have, change->want, "-", s);
        format_parents_diff(change->want, change->have, "+", s);
        for (size_t i = 0; i < change->want->n_columns; i++) {
            const struct plan_column *w = &change->want->columns[i];
            const struct plan_column *h = plan_row_get(change->have, w->name);

            if (!h || !ovsdb_datum_equals(&h->datum, &w->datum, &w->type)) {
                format_column_diff(h, w, s);
            }
        }
        break;

    default:
        OVS_NOT_REACHED();
    }
}

void
plan_rows_format_diff(const struct plan_rows *have,
                      const struct plan_rows *want, struct ds *s)
{
    plan_rows_diff(have, want, format_change, s);
}
