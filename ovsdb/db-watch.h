/* SPDX-License-Identifier: Apache-2.0 */

/* What changed in a table of an IDL since we looked last.
 *
 * The change tracking of the IDL itself forgets deletions when a reconnect
 * replaces the whole replica, so this compares each row's sequence number with
 * the one that it had: it costs a look at each row of a table that changed,
 * and nothing for the others.
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
    unsigned int seqno;         /* Of the table, when we looked last. */
    unsigned int pass;
};

/* What to do.  'changed' is called for new rows too, and may replace
 * 'watched->data'; 'gone' must free it, also when the watch is destroyed. */
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

/* Makes the next run look at all rows, though the table seems unchanged.  For
 * tables that others refer to: the IDL does not always count the deletion of a
 * row while something still refers to it. */
void db_watch_poke(struct db_watch *);

/* Makes the next run call 'changed' for each row. */
void db_watch_forget(struct db_watch *);

/* Returns what there is for 'uuid', or NULL. */
struct db_watched *db_watch_find(const struct db_watch *, const struct uuid *);

#endif /* ovsdb/db-watch.h */
