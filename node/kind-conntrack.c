/* SPDX-License-Identifier: Apache-2.0 */

/* The kind "conntrack": connections that must not live on (plan/host.h).
 *
 * A row is there when the kernel tracks none of its connections, so the kernel
 * is the only record of whether they were flushed.  A pair that is in use
 * again, for another service, is none of ours to flush.
 *
 * Called by the reconciler; calls node/conntrack.c. */

#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "node/conntrack.h"
#include "node/kind.h"
#include "openvswitch/json.h"
#include "util.h"

/* True if 'endpoint' is translated to 'source' by what is wanted. */
static bool
is_in_use(const struct kind_view *view, const char *endpoint,
          const char *source)
{
    static const char *const maps[] = { "snat4", "snat6" };
    bool in_use = false;

    for (size_t i = 0; i < ARRAY_SIZE(maps); i++) {
        const struct plan_row *row = plan_rows_find(&view->host->want,
                                                    "nft-map", maps[i]);
        const struct plan_column *c = (row ? plan_row_get(row, "elements")
                                       : NULL);
        if (c) {
            union ovsdb_atom key = { .s = ovsdb_atom_string_create(endpoint) };
            unsigned int pos;

            in_use |= (ovsdb_datum_find_key(&c->datum, &key, c->type.key.type,
                                            &pos)
                       && !strcmp(json_string(c->datum.values[pos].s),
                                  source));
            ovsdb_atom_destroy(&key, c->type.key.type);
        }
    }
    return in_use;
}

/* Adds the connections that 'row' forbids to 'filter'. */
static void
add_pairs(const struct kind_view *view, const struct plan_row *row,
          struct conntrack_filter *filter)
{
    const struct plan_column *pairs = plan_row_get(row, "pairs");

    for (size_t i = 0; i < pairs->datum.n; i++) {
        const char *text = json_string(pairs->datum.keys[i].s);
        size_t len = strcspn(text, " ");
        char *endpoint = xmemdup0(text, len);
        const char *source = text + len + strspn(text + len, " ");

        if (!is_in_use(view, endpoint, source)) {
            struct conntrack_pair *pair = conntrack_filter_add(
                filter, endpoint, source, false);

            if (pair) {
                pair->aux = row;
            }
        }
        free(endpoint);
    }
}

static bool
is_found(const struct conntrack_filter *filter, const struct plan_row *row)
{
    const struct conntrack_pair *pair;

    HMAP_FOR_EACH (pair, node, &filter->pairs) {
        if (pair->aux == row && pair->n_found) {
            return true;
        }
    }
    return false;
}

static void
add_clean_row(const struct plan_row *row, struct plan_rows *have)
{
    const struct plan_column *pairs = plan_row_get(row, "pairs");
    struct ovsdb_datum copy;

    ovsdb_datum_clone(&copy, &pairs->datum);
    plan_row_take_datum(plan_rows_add(have, "conntrack", row->key), "pairs",
                        &pairs->type, &copy);
    ovsdb_datum_destroy(&copy, &pairs->type);
}

static char *
conntrack_observe(const struct kind_view *view, struct plan_rows *have)
{
    const struct plan_rows *want = &view->host->want;
    struct conntrack_filter filter;

    conntrack_filter_init(&filter);
    for (size_t i = 0; i < want->n; i++) {
        if (!strcmp(want->rows[i]->table, "conntrack")) {
            add_pairs(view, want->rows[i], &filter);
        }
    }

    char *error = conntrack_scan(&filter);
    for (size_t i = 0; i < want->n && !error; i++) {
        const struct plan_row *row = want->rows[i];

        if (!strcmp(row->table, "conntrack") && !is_found(&filter, row)) {
            add_clean_row(row, have);
        }
    }
    conntrack_filter_destroy(&filter);
    return error;
}

static void
conntrack_apply(const struct kind_view *view,
                const struct plan_change *changes, size_t n,
                struct smap *errors)
{
    struct conntrack_filter filter;
    unsigned int n_flushed = 0;

    conntrack_filter_init(&filter);
    for (size_t i = 0; i < n; i++) {
        if (changes[i].want) {
            add_pairs(view, changes[i].want, &filter);
        }
    }

    char *error = conntrack_flush(&filter, &n_flushed);
    for (size_t i = 0; i < n && error; i++) {
        kind_error(errors, &changes[i], "%s", error);
    }
    free(error);
    conntrack_filter_destroy(&filter);
}

const struct kind kind_conntrack = {
    .name = "conntrack",
    .observe = conntrack_observe,
    .apply = conntrack_apply,
};
