/* SPDX-License-Identifier: Apache-2.0 */

/* What changed in a table of an IDL since we looked last.
 *
 * It takes the IDL's word, its change tracking, for which rows changed, so a
 * turn costs what changed.  That forgets deletions when a reconnect replaces
 * the whole replica: after one, all rows are looked at, by their sequence
 * numbers.
 *
 * The columns must have been registered with ovsdb_idl_track_add_column() (a
 * later ovsdb_idl_add_column() would take that back), and whoever runs the IDL
 * calls ovsdb_idl_track_clear() when all watches have been run.
 *
 * Used by the modules of ovsdb/ that keep something for each row. */

#ifndef DB_WATCH_H
#define DB_WATCH_H 1

#include <stdbool.h>

#include "openvswitch/hmap.h"
#include "openvswitch/uuid.h"

struct ovsdb_idl;
struct ovsdb_idl_row;
struct ovsdb_idl_table_class;

/* A row, by its UUID, because pointers to rows die with each run of the
 * IDL. */
struct db_watched {
    struct hmap_node hmap_node;
    struct uuid uuid;
    unsigned int stamp;         /* The row's sequence number. */
    unsigned int pass;          /* When it was seen last. */
    void *data;                 /* Of the user, NULL at first. */
};

struct db_watch {
    const struct ovsdb_idl_table_class *class;
    struct hmap rows;           /* Contains "struct db_watched"s. */
    unsigned int seqno;         /* Of the IDL, when we looked last. */
    unsigned int pass;
    bool all;                   /* Look at all rows in the next run. */
    bool disconnected;          /* The replica may be replaced. */
};

/* What to do: first for the rows that are gone.  'changed' is called for new
 * rows too, and may replace 'watched->data'; 'gone' must free it, also when
 * the watch is destroyed. */
struct db_watch_ops {
    void (*changed)(const struct ovsdb_idl_row *, struct db_watched *,
                    void *aux);
    void (*gone)(struct db_watched *, void *aux);
};

void db_watch_init(struct db_watch *, const struct ovsdb_idl_table_class *);
void db_watch_destroy(struct db_watch *, const struct db_watch_ops *,
                      void *aux);

/* Looks, and returns true if a callback was called. */
bool db_watch_run(struct db_watch *, const struct ovsdb_idl *,
                  const struct db_watch_ops *, void *aux);

/* Makes the next run call 'changed' for each row. */
void db_watch_forget(struct db_watch *);

/* Returns what there is for 'uuid', or NULL. */
struct db_watched *db_watch_find(const struct db_watch *, const struct uuid *);

#endif /* ovsdb/db-watch.h */
