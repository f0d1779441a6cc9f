/* SPDX-License-Identifier: Apache-2.0 */

/* What changed in a table: see the header. */

#include <config.h>

#include "ovsdb/db-watch.h"

#include <stdlib.h>

#include "ovsdb-idl-provider.h"
#include "util.h"

void
db_watch_init(struct db_watch *watch,
              const struct ovsdb_idl_table_class *class)
{
    *watch = (struct db_watch) {
        .class = class,
        .rows = HMAP_INITIALIZER(&watch->rows),
    };
}

void
db_watch_destroy(struct db_watch *watch, const struct db_watch_ops *ops,
                 void *aux)
{
    if (watch) {
        struct db_watched *row;

        HMAP_FOR_EACH_POP (row, hmap_node, &watch->rows) {
            ops->gone(row, aux);
            free(row);
        }
        hmap_destroy(&watch->rows);
    }
}

struct db_watched *
db_watch_find(const struct db_watch *watch, const struct uuid *uuid)
{
    struct db_watched *row;

    HMAP_FOR_EACH_WITH_HASH (row, hmap_node, uuid_hash(uuid), &watch->rows) {
        if (uuid_equals(&row->uuid, uuid)) {
            return row;
        }
    }
    return NULL;
}

void
db_watch_poke(struct db_watch *watch)
{
    watch->seqno = 0;
}

void
db_watch_forget(struct db_watch *watch)
{
    struct db_watched *row;

    db_watch_poke(watch);
    HMAP_FOR_EACH (row, hmap_node, &watch->rows) {
        row->stamp = 0;
    }
}

static unsigned int
row_stamp(const struct ovsdb_idl_row *row)
{
    return MAX(ovsdb_idl_row_get_seqno(row, OVSDB_IDL_CHANGE_INSERT),
               ovsdb_idl_row_get_seqno(row, OVSDB_IDL_CHANGE_MODIFY));
}

/* Drops what was not seen in this pass. */
static bool
drop_gone(struct db_watch *watch, const struct db_watch_ops *ops, void *aux)
{
    struct db_watched *row;
    bool any = false;

    HMAP_FOR_EACH_SAFE (row, hmap_node, &watch->rows) {
        if (row->pass != watch->pass) {
            hmap_remove(&watch->rows, &row->hmap_node);
            ops->gone(row, aux);
            free(row);
            any = true;
        }
    }
    return any;
}

bool
db_watch_run(struct db_watch *watch, const struct ovsdb_idl *idl,
             const struct db_watch_ops *ops, void *aux)
{
    unsigned int seqno = ovsdb_idl_table_get_seqno(idl, watch->class);

    if (seqno == watch->seqno) {
        return false;
    }
    watch->seqno = seqno;
    watch->pass++;

    const struct ovsdb_idl_row *row;
    bool any = false;
    size_t n = 0;

    for (row = ovsdb_idl_first_row(idl, watch->class); row;
         row = ovsdb_idl_next_row(row)) {
        struct db_watched *w = db_watch_find(watch, &row->uuid);
        unsigned int stamp = row_stamp(row);

        if (!w) {
            w = xzalloc(sizeof *w);
            w->uuid = row->uuid;
            hmap_insert(&watch->rows, &w->hmap_node, uuid_hash(&w->uuid));
        }
        w->pass = watch->pass;
        if (w->stamp != stamp || !stamp) {
            w->stamp = stamp;
            ops->changed(row, w, aux);
            any = true;
        }
        n++;
    }
    if (n != hmap_count(&watch->rows)) {
        any = drop_gone(watch, ops, aux) || any;
    }
    return any;
}
