/* SPDX-License-Identifier: Apache-2.0 */

/* Makes a database what a plan wants: the difference between our rows as they
 * are (db-mirror.h) and as they should be, as operations of one transaction.
 *
 * Generic over tables (db-table.h).  It has no opinion on what should be, and
 * touches only what db-table.h calls ours: rows of others, others' keys in our
 * maps, and members that somebody adds to our sets at the same moment stay as
 * they are.  The agent calls it and commits. */

#ifndef DB_APPLY_H
#define DB_APPLY_H 1

#include <stdbool.h>
#include <stddef.h>

#include "sset.h"

struct db_mirror;
struct ovsdb_idl;
struct ovsdb_idl_txn;
struct plan_rows;

/* The number of rows after which a load is cut.  A transaction of 50,000 rows
 * keeps ovsdb-server busy for 0.9 s and more, which is above the default
 * election timer of a cluster; loads in pieces of 1,000 also take less in
 * total (measured, see Documentation/testing). */
#define DB_APPLY_MAX_ROWS 1000

struct db_apply_stats {
    size_t n_inserted;          /* Rows. */
    size_t n_modified;
    size_t n_deleted;
    size_t n_blocked;           /* Could not be written: see 'problem'. */
    char *problem;              /* The first one, or NULL. */
    bool more;                  /* There is more: apply again after this
                                 * transaction has succeeded. */
};

void db_apply_stats_destroy(struct db_apply_stats *);

/* True if nothing was written. */
bool db_apply_stats_is_empty(const struct db_apply_stats *);

/* What may have to be written. */
struct db_pending {
    bool all;                   /* Anything: names do not matter. */
    struct sset names;          /* Of rows (plan_row_name()), or ids of
                                 * objects. */
};

void db_pending_init(struct db_pending *);
void db_pending_destroy(struct db_pending *);

/* Adds 'names', and anything if 'all' is true. */
void db_pending_add(struct db_pending *, bool all, const struct sset *names);

/* Adds to 'txn' what makes those of the rows in 'have' that are pending what
 * they are in 'want', which must be sorted, and says in '*stats' what that
 * was.  What is left to do is pending afterwards: that is not known before the
 * transaction has succeeded, so if it fails, all is.
 *
 * All goes into one transaction, so that what moves from one set to another is
 * never in both or in none.  The exception is a load: if all changes are
 * insertions and there are more than 'max_rows' of them, only the first
 * 'max_rows' are added, and 'stats->more' is set. */
void db_apply(struct ovsdb_idl_txn *txn, struct ovsdb_idl *,
              const struct db_mirror *have, const struct plan_rows *want,
              struct db_pending *, size_t max_rows, struct db_apply_stats *);

#endif /* ovsdb/apply.h */
