/* SPDX-License-Identifier: Apache-2.0 */

/* Fuzz target: rows of ours in OVN_Northbound, how they change, and what they
 * steer.  A line "set NAME NODE ADDRESS..." is a set, "policy KEY NODE MATCH"
 * a policy, which no router has if KEY begins with "-"; NODE may be "-" for
 * none.  After a line "--" come the rows as they are next. */

#include <config.h>
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "ovsdb/db-mirror.h"
#include "ovsdb/nb-steering.h"
#include "plan/plan.h"
#include "smap.h"
#include "sset.h"
#include "util.h"

static struct plan_row *
add_row(struct plan_rows *rows, const char *table, const char *key,
        const char *node)
{
    struct smap ids = SMAP_INITIALIZER(&ids);
    struct plan_row *row = plan_rows_add(rows, table, key);

    if (strcmp(node, "-")) {
        smap_add(&ids, "node", node);
    }
    plan_row_set_map(row, "external_ids", &ids);
    smap_destroy(&ids);
    return row;
}

/* Adds the row of 'line', unless there is one with its key. */
static void
read_line(struct plan_rows *rows, char *line)
{
    char *save = NULL;
    const char *word = strtok_r(line, " ", &save);
    const char *key = strtok_r(NULL, " ", &save);
    const char *node = strtok_r(NULL, " ", &save);
    bool is_set = node && !strcmp(word, "set");
    const char *table = is_set ? "Address_Set" : "Logical_Router_Policy";

    for (size_t i = 0; node && i < rows->n; i++) {
        if (!strcmp(rows->rows[i]->key, key)
            && !strcmp(rows->rows[i]->table, table)) {
            return;
        }
    }
    if (is_set) {
        struct plan_row *row = add_row(rows, table, key, node);
        struct sset ips = SSET_INITIALIZER(&ips);

        for (const char *ip; (ip = strtok_r(NULL, " ", &save)); ) {
            sset_add(&ips, ip);
        }
        plan_row_set_string(row, "name", key);
        plan_row_set_sset(row, "addresses", &ips);
        sset_destroy(&ips);
    } else if (node && !strcmp(word, "policy")) {
        struct plan_row *row = add_row(rows, table, key, node);

        plan_row_set_string(row, "action", "reroute");
        plan_row_set_string(row, "match", save);
        if (*key != '-') {
            plan_row_add_parent(row, "Logical_Router", "policies", "r");
        }
    }
}

/* Moves the rows of 'now' to 'm', which notes what changed. */
static void
change(struct db_mirror *m, struct plan_rows *now)
{
    const struct plan_rows *const both[] = { &m->rows, now };

    sset_clear(&m->changed);
    plan_rows_sort(now);
    for (size_t i = 0; i < ARRAY_SIZE(both); i++) {
        const struct plan_rows *other = both[!i];

        for (size_t j = 0; j < both[i]->n; j++) {
            struct plan_row *row = both[i]->rows[j];
            const struct plan_row *same
                = plan_rows_find(other, row->table, row->key);

            if (!same || !plan_row_equals(row, same)) {
                plan_rows_push(i ? &m->fresh : &m->former, row);
                sset_add_and_free(&m->changed, plan_row_name(row));
            }
        }
    }
}

/* Takes in the rows 'now', one version after another. */
static void
step(struct db_mirror *m, struct nb_steering *st, struct plan_rows *now)
{
    struct plan_rows before = m->rows;
    struct ds s = DS_EMPTY_INITIALIZER;

    change(m, now);
    m->rows = *now;
    nb_steering_run(st);
    nb_steering_verify(st, &s);
    ovs_assert(!s.length);
    ds_destroy(&s);

    m->former.n = m->fresh.n = 0;
    plan_rows_destroy(&before);
    plan_rows_init(now);
}

static void
fuzz_steering(const uint8_t *data, size_t size)
{
    struct db_mirror m = { .changed = SSET_INITIALIZER(&m.changed) };
    char *text = xmemdup0((const char *) data, size);
    struct plan_changes changes;
    struct plan_prior prior;
    struct plan_rows now;
    char *save = NULL;

    plan_rows_init(&m.rows);
    plan_rows_init(&m.former);
    plan_rows_init(&m.fresh);
    plan_rows_init(&now);
    plan_prior_init(&prior);
    plan_changes_init(&changes);

    struct nb_steering *st = nb_steering_create(&m, &prior, &changes);
    for (char *line = strtok_r(text, "\n", &save); line;
         line = strtok_r(NULL, "\n", &save)) {
        if (!strcmp(line, "--")) {
            step(&m, st, &now);
        } else {
            read_line(&now, line);
        }
    }
    step(&m, st, &now);

    nb_steering_destroy(st);
    plan_prior_destroy(&prior);
    plan_changes_destroy(&changes);
    plan_rows_destroy(&m.rows);
    free(m.former.rows);
    free(m.fresh.rows);
    sset_destroy(&m.changed);
    free(text);
}

EGRESS_FUZZ("steering", fuzz_steering)
