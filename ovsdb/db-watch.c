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
db_watch_forget(struct db_watch *watch)
{
    struct db_watched *row;

    watch->all = true;
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

/* Looks at 'row', which is there.  Returns true if it changed. */
static bool
look_at(struct db_watch *watch, const struct ovsdb_idl_row *row,
        const struct db_watch_ops *ops, void *aux)
{
    struct db_watched *w = db_watch_find(watch, &row->uuid);
    unsigned int stamp = row_stamp(row);

    if (!w) {
        w = xzalloc(sizeof *w);
        w->uuid = row->uuid;
        hmap_insert(&watch->rows, &w->hmap_node, uuid_hash(&w->uuid));
    }
    if (w->stamp == stamp && stamp) {
        return false;
    }
    w->stamp = stamp;
    ops->changed(row, w, aux);
    return true;
}

static void
drop(struct db_watch *watch, struct db_watched *w,
     const struct db_watch_ops *ops, void *aux)
{
    hmap_remove(&watch->rows, &w->hmap_node);
    ops->gone(w, aux);
    free(w);
}

/* Looks at all rows. */
static bool
run_all(struct db_watch *watch, const struct ovsdb_idl *idl,
        const struct db_watch_ops *ops, void *aux)
{
    const struct ovsdb_idl_row *row;
    struct db_watched *w;
    bool any = false;

    watch->pass++;
    for (row = ovsdb_idl_first_row(idl, watch->class); row;
         row = ovsdb_idl_next_row(row)) {
        w = db_watch_find(watch, &row->uuid);
        if (w) {
            w->pass = watch->pass;
        }
    }
    HMAP_FOR_EACH_SAFE (w, hmap_node, &watch->rows) {
        if (w->pass != watch->pass) {
            drop(watch, w, ops, aux);
            any = true;
        }
    }
    for (row = ovsdb_idl_first_row(idl, watch->class); row;
         row = ovsdb_idl_next_row(row)) {
        any = look_at(watch, row, ops, aux) || any;
    }
    return any;
}

/* Drops those of the rows that the IDL says changed that are gone.  Returns
 * false if the replica was replaced: then it does not say all. */
static bool
drop_tracked(struct db_watch *watch, const struct ovsdb_idl *idl,
             const struct db_watch_ops *ops, void *aux, bool *any)
{
    const struct ovsdb_idl_row *row;

    for (row = ovsdb_idl_track_get_first(idl, watch->class); row;
         row = ovsdb_idl_track_get_next(row)) {
        struct db_watched *w = db_watch_find(watch, &row->uuid);

        if (w && !row->old_datum) {
            drop(watch, w, ops, aux);
            *any = true;
        } else if (w && w->stamp
                   && w->stamp < ovsdb_idl_row_get_seqno(
                       row, OVSDB_IDL_CHANGE_INSERT)) {
            return false;       /* It was there before it was inserted. */
        }
    }
    return true;
}

/* Looks at the rows that the IDL says changed. */
static bool
run_tracked(struct db_watch *watch, const struct ovsdb_idl *idl,
            const struct db_watch_ops *ops, void *aux)
{
    const struct ovsdb_idl_row *row;
    bool any = false;

    if (!drop_tracked(watch, idl, ops, aux, &any)) {
        return run_all(watch, idl, ops, aux) || any;
    }
    for (row = ovsdb_idl_track_get_first(idl, watch->class); row;
         row = ovsdb_idl_track_get_next(row)) {
        if (row->old_datum) {
            any = look_at(watch, row, ops, aux) || any;
        }
    }
    return any;
}

bool
db_watch_run(struct db_watch *watch, const struct ovsdb_idl *idl,
             const struct db_watch_ops *ops, void *aux)
{
    unsigned int seqno = ovsdb_idl_get_seqno(idl);
    bool connected = ovsdb_idl_is_connected(idl);
    bool any = false;

    /* The first change after a disconnection is the new replica, if there is a
     * new one. */
    if (watch->all || (watch->disconnected && seqno != watch->seqno)) {
        any = run_all(watch, idl, ops, aux);
        watch->all = watch->disconnected = false;
    } else if (seqno != watch->seqno) {
        any = run_tracked(watch, idl, ops, aux);
    }
    watch->disconnected = watch->disconnected || !connected;
    watch->seqno = seqno;
    return any;
}
