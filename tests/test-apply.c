/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of ovsdb/ against a real ovsdb-server: rows are written in a text file
 * and made true with db_apply().
 *
 * The file has a line "TABLE KEY" for each row, and below it, indented, its
 * columns "COLUMN=VALUE" in the syntax of ovsdb-client, and its parents "in
 * TABLE NAME COLUMN".  Rows of OVN_Northbound get our mark by themselves. */

#include <config.h>
#include "tests/egress-test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "ovsdb-idl-provider.h"
#include "ovsdb/apply.h"
#include "ovsdb/db-mirror.h"
#include "ovsdb/db-table.h"
#include "ovsdb/egress-idl.h"
#include "ovsdb/egress-observe.h"
#include "ovsdb/nb-idl.h"
#include "ovsdb/nb-observe.h"
#include "ovsdb/nb-topology.h"
#include "plan/plan.h"
#include "smap.h"
#include "timeval.h"

/* One of the two databases. */
struct test_db {
    const struct db_schema *schema;
    struct ovsdb_idl *idl;
    struct nb_observer *nb;
    struct egress_observer *egress;
    struct plan_prior prior;
    struct plan_changes changes;
    struct db_pending pending;
};

static const char *router = "ovn_cluster_router";

static const struct db_mirror *
test_db_mirror(const struct test_db *db)
{
    return db->nb ? nb_observer_mirror(db->nb) : db->egress->mirror;
}

static void
test_db_run(struct test_db *db)
{
    ovsdb_idl_run(db->idl);
    if (db->nb) {
        nb_observer_run(db->nb, router, NB_CONFIRM_IDLE, 0);
    } else {
        egress_observer_run(db->egress, time_msec());
    }
    db_pending_add(&db->pending, false, &test_db_mirror(db)->changed);
    ovsdb_idl_track_clear(db->idl);
}

/* Connects to database 'name', "nb" or "egress", and waits for its rows. */
static void
test_db_open(struct test_db *db, const char *name, const char *remote)
{
    bool is_nb = !strcmp(name, "nb");

    db->schema = is_nb ? &db_nb_schema : &db_egress_schema;
    db->idl = ovsdb_idl_create(remote, is_nb ? &nbrec_idl_class
                               : &egressrec_idl_class, false, true);
    plan_prior_init(&db->prior);
    plan_changes_init(&db->changes);
    db_pending_init(&db->pending);
    db->nb = (is_nb ? nb_observer_create(db->idl, NULL, &db->prior,
                                      &db->changes)
              : NULL);
    db->egress = (is_nb ? NULL
                  : egress_observer_create(db->idl, &db->prior,
                                           &db->changes));
    for (;;) {
        test_db_run(db);
        if (ovsdb_idl_has_ever_connected(db->idl)
            && (!db->nb || nb_observer_is_complete(db->nb))) {
            break;
        }
        ovsdb_idl_wait(db->idl);
        poll_block();
    }
}

static void
test_db_close(struct test_db *db)
{
    nb_observer_destroy(db->nb);
    egress_observer_destroy(db->egress);
    plan_prior_destroy(&db->prior);
    plan_changes_destroy(&db->changes);
    db_pending_destroy(&db->pending);
    ovsdb_idl_destroy(db->idl);
}

/* Rows in text. */

/* Adds column 'name' of 'row' with value 'text'. */
static void
parse_column(const struct db_table *table, struct plan_row *row, char *name,
             const char *text, struct smap *ids)
{
    const struct ovsdb_idl_column *c = db_class_column(table->class, name);
    struct ovsdb_datum datum;

    ovs_assert(c);
    if (!strcmp(name, "external_ids")) {
        char *copy = xstrdup(text);
        char *save = NULL;

        for (char *w = strtok_r(copy, ",", &save); w;
             w = strtok_r(NULL, ",", &save)) {
            char *eq = strchr(w, '=');

            *eq = '\0';
            smap_add(ids, w, eq + 1);
        }
        free(copy);
        return;
    }

    struct ovsdb_type type;
    ovsdb_type_clone(&type, &c->type);
    ovsdb_base_type_clear_constraints(&type.key);
    char *error = ovsdb_datum_from_string(&datum, &type, text, NULL);
    if (error) {
        ovs_fatal(0, "%s: %s", name, error);
    }
    plan_row_take_datum(row, c->name, &type, &datum);
    ovsdb_datum_destroy(&datum, &type);
    ovsdb_type_destroy(&type);
}

static void
parse_parent(const struct db_table *table, struct plan_row *row, char *line)
{
    char *save = NULL;
    const char *class = strtok_r(line, " ", &save);
    const char *name = strtok_r(NULL, " ", &save);
    const char *column = strtok_r(NULL, " ", &save);

    for (size_t i = 0; i < DB_MAX_PARENTS && table->parents[i].class; i++) {
        const struct db_parent *p = &table->parents[i];

        if (!strcmp(p->class->name, class) && !strcmp(p->column, column)) {
            plan_row_add_parent(row, p->class->name, p->column, name);
            return;
        }
    }
    ovs_fatal(0, "%s %s: no such parent", class, column);
}

/* Ends a row: gives it our mark. */
static void
end_row(const struct db_table *table, struct plan_row *row, struct smap *ids)
{
    if (row && !table->key[0]) {
        smap_add(ids, "owner", DB_OWNER);
        smap_add(ids, "key", row->key);
        plan_row_set_map(row, "external_ids", ids);
    }
    smap_clear(ids);
}

static void
parse_rows(const struct db_schema *schema, const char *file,
           struct plan_rows *rows)
{
    FILE *stream = !strcmp(file, "-") ? stdin : fopen(file, "r");
    struct smap ids = SMAP_INITIALIZER(&ids);
    struct ds line = DS_EMPTY_INITIALIZER;
    const struct db_table *table = NULL;
    struct plan_row *row = NULL;

    if (!stream) {
        ovs_fatal(errno, "%s", file);
    }
    while (!ds_get_line(&line, stream)) {
        char *s = ds_cstr(&line);
        char *text = s + strspn(s, " ");
        char *cut;

        if (!*text) {
            continue;
        } else if (text == s) {
            end_row(table, row, &ids);
            cut = strchr(text, ' ');
            *cut = '\0';
            table = db_schema_find(schema, text);
            if (!table) {
                ovs_fatal(0, "%s: no such table", text);
            }
            row = plan_rows_add(rows, table->class->name, cut + 1);
        } else if (!strncmp(text, "in ", 3)) {
            parse_parent(table, row, text + 3);
        } else {
            cut = strchr(text, '=');
            *cut = '\0';
            parse_column(table, row, text, cut + 1, &ids);
        }
    }
    end_row(table, row, &ids);
    plan_rows_sort(rows);
    ds_destroy(&line);
    smap_destroy(&ids);
    if (stream != stdin) {
        fclose(stream);
    }
}

/* Subcommands. */

/* Commits 'txn', waiting for the answer. */
static enum ovsdb_idl_txn_status
commit(struct test_db *db, struct ovsdb_idl_txn *txn)
{
    enum ovsdb_idl_txn_status status;

    while ((status = ovsdb_idl_txn_commit(txn)) == TXN_INCOMPLETE) {
        test_db_run(db);
        ovsdb_idl_wait(db->idl);
        ovsdb_idl_txn_wait(txn);
        poll_block();
    }
    return status;
}

/* One transaction.  Returns true if there is more to do. */
static bool
apply_once(struct test_db *db, const struct plan_rows *want, size_t max,
           const char *command)
{
    struct ovsdb_idl_txn *txn = ovsdb_idl_txn_create(db->idl);
    struct db_apply_stats stats;

    if (command && system(command)) {
        ovs_fatal(0, "%s: failed", command);
    }
    db_apply(txn, db->idl, test_db_mirror(db), want, &db->pending, max,
             &stats);

    enum ovsdb_idl_txn_status status = commit(db, txn);
    printf("%s: %"PRIuSIZE" inserted, %"PRIuSIZE" modified, "
           "%"PRIuSIZE" deleted\n", ovsdb_idl_txn_status_to_string(status),
           stats.n_inserted, stats.n_modified, stats.n_deleted);
    if (stats.problem) {
        printf("problem: %s\n", stats.problem);
    }
    if (status == TXN_ERROR) {
        printf("error: %s\n", ovsdb_idl_txn_get_error(txn));
    }
    db->pending.all = db->pending.all || status != TXN_SUCCESS;
    bool more = status == TXN_TRY_AGAIN || (status == TXN_SUCCESS
                                            && stats.more);
    db_apply_stats_destroy(&stats);
    ovsdb_idl_txn_destroy(txn);
    test_db_run(db);
    return more;
}

/* Makes the rows of FILE true.  COMMAND is run after the database was read and
 * before the first transaction is sent. */
static void
test_apply(struct ovs_cmdl_context *ctx)
{
    size_t max = ctx->argc > 4 ? atoi(ctx->argv[4]) : DB_APPLY_MAX_ROWS;
    const char *command = ctx->argc > 5 ? ctx->argv[5] : NULL;
    struct plan_rows want;
    struct test_db db;

    plan_rows_init(&want);
    test_db_open(&db, ctx->argv[1], ctx->argv[2]);
    parse_rows(db.schema, ctx->argv[3], &want);
    while (apply_once(&db, &want, max, command)) {
        command = NULL;
    }

    struct ds s = DS_EMPTY_INITIALIZER;
    plan_rows_format_diff(&test_db_mirror(&db)->rows, &want, &s);
    printf("%s", ds_cstr(&s));
    ds_destroy(&s);
    plan_rows_destroy(&want);
    test_db_close(&db);
}

EGRESS_TEST("db-apply", "nb|egress REMOTE FILE [MAX-ROWS [COMMAND]]", 3, 5,
            test_apply)

/* Prints our rows as they are. */
static void
test_rows(struct ovs_cmdl_context *ctx)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    struct test_db db;

    test_db_open(&db, ctx->argv[1], ctx->argv[2]);
    const struct plan_rows *rows = &test_db_mirror(&db)->rows;
    for (size_t i = 0; i < rows->n; i++) {
        plan_row_format(rows->rows[i], &s);
    }
    printf("%s", ds_cstr(&s));
    ds_destroy(&s);
    test_db_close(&db);
}

EGRESS_TEST("db-rows", "nb|egress REMOTE", 2, 2, test_rows)

/* Prints what OVN_Northbound says. */
static void
test_topology(struct ovs_cmdl_context *ctx)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    struct test_db db;

    if (ctx->argc > 2) {
        router = ctx->argv[2];
    }
    test_db_open(&db, "nb", ctx->argv[1]);
    nb_topology_format(nb_observer_topology(db.nb), &s);
    nb_observer_verify(db.nb, &s);

    const struct plan_prior prior = db.prior;
    const struct shash_node **steered = shash_sort(&prior.steered);
    const struct shash_node **sets = shash_sort(&prior.sets);
    for (size_t i = 0; i < shash_count(&prior.steered); i++) {
        ds_put_format(&s, "steered %s to %s\n", steered[i]->name,
                      (const char *) steered[i]->data);
    }
    for (size_t i = 0; i < shash_count(&prior.sets); i++) {
        ds_put_format(&s, "our set %s\n", sets[i]->name);
    }
    printf("%s", ds_cstr(&s));
    free(steered);
    free(sets);
    ds_destroy(&s);
    test_db_close(&db);
}

EGRESS_TEST("nb-topology", "REMOTE [ROUTER]", 1, 2, test_topology)
