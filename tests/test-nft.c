/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of the nftables table and of conntrack: plan/host-nft.c, node/nft-*.c,
 * node/kind-nft.c and node/kind-conntrack.c.
 *
 * The system tests describe what the table should hold in a file:
 *
 *     mask 0xff000000             the part of marks that is ours
 *     network MARK                a mark that maps lead to
 *     snat ENDPOINT SOURCE        also makes ENDPOINT served
 *     served ENDPOINT
 *     mark SOURCE-IP MARK
 *     port MASQUERADE-IP PORT MARK
 *     local PREFIX
 *     drained ENDPOINT SOURCE     a connection that must not live on
 *     endpoints N                 N endpoints at once: 10.64.0.0 and on, mark
 *                                 0x02000000, source 192.0.2.10
 */

#include <config.h>
#include "tests/egress-test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "intent/ip.h"
#include "node/kind.h"
#include "node/nft-rule.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/poll-loop.h"
#include "netlink.h"
#include "plan/host-nft.h"
#include "smap.h"
#include "sset.h"
#include "timeval.h"

/* A description, read. */
struct table {
    bool empty;                 /* No table at all. */
    uint32_t mask;
    uint32_t marks[16];
    size_t n_marks;
    struct smap snat[2], mark[2], port[2];
    struct sset served[2], local[2], drained;
};

static void
table_init(struct table *t)
{
    *t = (struct table) { .empty = true, .mask = 0xff000000 };
    for (int f = 0; f < 2; f++) {
        smap_init(&t->snat[f]);
        smap_init(&t->mark[f]);
        smap_init(&t->port[f]);
        sset_init(&t->served[f]);
        sset_init(&t->local[f]);
    }
    sset_init(&t->drained);
}

static void
table_destroy(struct table *t)
{
    for (int f = 0; f < 2; f++) {
        smap_destroy(&t->snat[f]);
        smap_destroy(&t->mark[f]);
        smap_destroy(&t->port[f]);
        sset_destroy(&t->served[f]);
        sset_destroy(&t->local[f]);
    }
    sset_destroy(&t->drained);
}

static void
add_endpoint(struct table *t, const char *endpoint, const char *source)
{
    int f = strchr(endpoint, ':') != NULL;

    smap_replace(&t->snat[f], endpoint, source);
    sset_add(&t->served[f], endpoint);
}

static void
add_endpoints(struct table *t, int n)
{
    for (int i = 0; i < n; i++) {
        char ip[32];

        snprintf(ip, sizeof ip, "10.%d.%d.%d", 64 + i / 65536,
                 i / 256 % 256, i % 256);
        add_endpoint(t, ip, "192.0.2.10");
        smap_replace(&t->mark[0], ip, "0x02000000");
    }
}

static void
table_parse_line(struct table *t, const char *line)
{
    char verb[16], a[64] = "", b[64] = "", c[64] = "";

    if (sscanf(line, "%15s %63s %63s %63s", verb, a, b, c) < 2) {
        return;
    }
    int f = strchr(a, ':') != NULL;

    t->empty &= !strcmp(verb, "drained");
    if (!strcmp(verb, "mask")) {
        t->mask = strtoul(a, NULL, 0);
    } else if (!strcmp(verb, "network")) {
        ovs_assert(t->n_marks < ARRAY_SIZE(t->marks));
        t->marks[t->n_marks++] = strtoul(a, NULL, 0);
    } else if (!strcmp(verb, "snat")) {
        add_endpoint(t, a, b);
    } else if (!strcmp(verb, "served")) {
        sset_add(&t->served[f], a);
    } else if (!strcmp(verb, "mark")) {
        smap_replace(&t->mark[f], a, b);
    } else if (!strcmp(verb, "port")) {
        char *key = xasprintf("%s . %s", a, b);
        smap_replace(&t->port[f], key, c);
        free(key);
    } else if (!strcmp(verb, "local")) {
        sset_add(&t->local[f], a);
    } else if (!strcmp(verb, "drained")) {
        sset_add_and_free(&t->drained, xasprintf("%s %s", a, b));
    } else if (!strcmp(verb, "endpoints")) {
        add_endpoints(t, atoi(a));
    } else {
        ovs_fatal(0, "%s: unknown", line);
    }
}

static void
table_read(struct table *t, const char *file_name)
{
    FILE *file = strcmp(file_name, "-") ? fopen(file_name, "r") : stdin;
    char line[256];

    if (!file) {
        ovs_fatal(errno, "%s", file_name);
    }
    while (fgets(line, sizeof line, file)) {
        table_parse_line(t, line);
    }
    if (file != stdin) {
        fclose(file);
    }
}

static void
add_map(struct plan_rows *rows, const char *name, int family,
        const struct smap *elements)
{
    char *key = xasprintf("%s%d", name, family ? 6 : 4);
    plan_row_set_map(plan_rows_add(rows, "nft-map", key), "elements",
                     elements);
    free(key);
}

static void
add_set(struct plan_rows *rows, const char *name, int family,
        const struct sset *elements)
{
    char *key = xasprintf("%s%d", name, family ? 6 : 4);
    plan_row_set_sset(plan_rows_add(rows, "nft-map", key), "elements",
                      elements);
    free(key);
}

static void
table_to_rows(const struct table *t, struct plan_rows *rows)
{
    if (!t->empty) {
        host_nft_build(t->mask, t->marks, t->n_marks, rows);
        for (int f = 0; f < 2; f++) {
            add_map(rows, "snat", f, &t->snat[f]);
            add_map(rows, "mark", f, &t->mark[f]);
            add_map(rows, "port", f, &t->port[f]);
            add_set(rows, "served", f, &t->served[f]);
            add_set(rows, "local", f, &t->local[f]);
        }
    }
    if (!sset_is_empty(&t->drained)) {
        plan_row_set_sset(plan_rows_add(rows, "conntrack", "test/drained"),
                          "pairs", &t->drained);
    }
    plan_rows_sort(rows);
}

static void
read_rows(const char *file_name, struct plan_rows *rows)
{
    struct table t;

    table_init(&t);
    table_read(&t, file_name);
    plan_rows_init(rows);
    table_to_rows(&t, rows);
    table_destroy(&t);
}

/* A turn of the reconciler, for these two kinds. */

static const struct kind *const kinds[] = { &kind_nft, &kind_conntrack };

struct changes {
    struct plan_change *changes;
    size_t n, allocated;
};

static void
collect(const struct plan_change *change, void *changes_)
{
    struct changes *c = changes_;

    if (c->n >= c->allocated) {
        c->changes = x2nrealloc(c->changes, &c->allocated,
                                sizeof *c->changes);
    }
    c->changes[c->n++] = *change;
}

static bool
is_of_kind(const struct plan_change *change, const struct kind *kind)
{
    const struct plan_row *row = change->want ? change->want : change->have;

    return (!strcmp(row->table, "conntrack")) == (kind == &kind_conntrack);
}

/* Carries out the deletions among the changes, or the others. */
static void
apply(const struct kind_view *view, const struct changes *all, bool deletions,
      struct smap *errors)
{
    for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
        struct changes some = { NULL, 0, 0 };

        for (size_t i = 0; i < all->n; i++) {
            if ((all->changes[i].type == PLAN_DELETE) == deletions
                && is_of_kind(&all->changes[i], kinds[k])) {
                collect(&all->changes[i], &some);
            }
        }
        if (some.n) {
            kinds[k]->apply(view, some.changes, some.n, errors);
        }
        free(some.changes);
    }
}

static char *
observe(const struct kind_view *view, struct plan_rows *have)
{
    char *error = NULL;

    plan_rows_init(have);
    for (size_t k = 0; k < ARRAY_SIZE(kinds) && !error; k++) {
        error = kinds[k]->observe(view, have);
    }
    plan_rows_sort(have);
    return error;
}

/* Makes the kernel hold 'want'.  Adds what was changed to 's'. */
static void
turn(struct plan_rows *want, struct ds *s, struct smap *errors)
{
    struct host host = { .want = *want };
    struct kind_view view = { .host = &host };
    struct changes changes = { NULL, 0, 0 };
    struct plan_rows have;

    char *error = observe(&view, &have);
    if (error) {
        smap_replace(errors, "", error);
        free(error);
    } else {
        plan_rows_format_diff(&have, want, s);
        plan_rows_diff(&have, want, collect, &changes);
        apply(&view, &changes, false, errors);
        apply(&view, &changes, true, errors);
    }
    free(changes.changes);
    plan_rows_destroy(&have);
}

static void
start_kinds(void)
{
    for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
        char *error = kinds[k]->init ? kinds[k]->init() : NULL;
        if (error) {
            ovs_fatal(0, "%s", error);
        }
    }
}

static void
stop_kinds(void)
{
    for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
        if (kinds[k]->destroy) {
            kinds[k]->destroy();
        }
    }
}

static void
print_errors(const struct smap *errors)
{
    const struct smap_node *node;

    SMAP_FOR_EACH (node, errors) {
        printf("error: %s\n", node->value);
    }
}

/* Prints the changes to get from the kernel's table to FILE, makes them, and
 * prints what then is still to do. */
static void
nft_apply(struct ovs_cmdl_context *ctx)
{
    struct smap errors = SMAP_INITIALIZER(&errors);
    struct ds s = DS_EMPTY_INITIALIZER;
    struct plan_rows want;

    start_kinds();
    read_rows(ctx->argv[1], &want);
    turn(&want, &s, &errors);
    fputs(ds_cstr(&s), stdout);
    print_errors(&errors);

    ds_clear(&s);
    smap_clear(&errors);
    turn(&want, &s, &errors);
    printf("%s%s", s.length ? "not done:\n" : "", ds_cstr(&s));
    print_errors(&errors);

    plan_rows_destroy(&want);
    smap_destroy(&errors);
    ds_destroy(&s);
    stop_kinds();
}

EGRESS_TEST("nft-apply", "FILE", 1, 1, nft_apply)

/* Keeps the table as in FILE until standard input ends: a line for each time
 * that it was changed by others. */
static void
nft_keep(struct ovs_cmdl_context *ctx)
{
    struct plan_rows want;
    bool changed = true;

    start_kinds();
    read_rows(ctx->argv[1], &want);
    for (;;) {
        struct smap errors = SMAP_INITIALIZER(&errors);
        struct ds s = DS_EMPTY_INITIALIZER;

        if (changed) {
            turn(&want, &s, &errors);
            printf("turn: %s", s.length ? ds_cstr(&s) : "nothing to do\n");
            print_errors(&errors);
            fflush(stdout);
        }
        smap_destroy(&errors);
        ds_destroy(&s);

        changed = kind_nft.run();
        if (!changed) {
            char c;

            kind_nft.wait();
            poll_fd_wait(STDIN_FILENO, POLLIN);
            poll_block();
            if (!kind_nft.run()) {
                ssize_t n = read(STDIN_FILENO, &c, 1);
                if (n <= 0) {
                    break;
                }
            } else {
                changed = true;
            }
        }
    }
    plan_rows_destroy(&want);
    stop_kinds();
}

EGRESS_TEST("nft-keep", "FILE", 1, 1, nft_keep)

/* Prints the rows for FILE. */
static void
nft_rows(struct ovs_cmdl_context *ctx)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    struct plan_rows rows;

    read_rows(ctx->argv[1], &rows);
    for (size_t i = 0; i < rows.n; i++) {
        plan_row_format(rows.rows[i], &s);
    }
    fputs(ds_cstr(&s), stdout);
    ds_destroy(&s);
    plan_rows_destroy(&rows);
}

EGRESS_TEST("nft-rows", "FILE", 1, 1, nft_rows)

/* Puts each RULE into a message and prints what is got from that. */
static void
nft_rule(struct ovs_cmdl_context *ctx)
{
    for (int i = 1; i < ctx->argc; i++) {
        struct ds s = DS_EMPTY_INITIALIZER;
        struct ofpbuf msg;

        ofpbuf_init(&msg, 256);
        char *error = nft_rule_put(&msg, ctx->argv[i]);
        if (!error) {
            nft_rule_get(ofpbuf_at_assert(&msg, 0, NLA_HDRLEN), &s);
        }
        puts(error ? error : ds_cstr(&s));
        free(error);
        ofpbuf_uninit(&msg);
        ds_destroy(&s);
    }
}

EGRESS_TEST("nft-rule", "RULE...", 1, 99, nft_rule)

/* Benchmark. */

static double
now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static double
timed_turn(struct plan_rows *want)
{
    struct smap errors = SMAP_INITIALIZER(&errors);
    struct ds s = DS_EMPTY_INITIALIZER;
    double start = now();

    turn(want, &s, &errors);
    double elapsed = now() - start;
    print_errors(&errors);
    smap_destroy(&errors);
    ds_destroy(&s);
    return elapsed;
}

static void
nft_bench(struct ovs_cmdl_context *ctx)
{
    int n = atoi(ctx->argv[1]);
    struct plan_rows want, have;
    struct table t;

    start_kinds();
    table_init(&t);
    t.empty = false;
    t.marks[t.n_marks++] = 0x02000000;
    t.marks[t.n_marks++] = 0x03000000;
    add_endpoints(&t, n);
    plan_rows_init(&want);
    table_to_rows(&t, &want);
    printf("load %.2f ms\n", timed_turn(&want));
    printf("same %.2f ms\n", timed_turn(&want));
    struct host host = { .want = want };
    struct kind_view view = { .host = &host };
    double start = now();
    observe(&view, &have);
    printf("observe %.2f ms\n", now() - start);
    plan_rows_destroy(&have);

    for (int i = 0; i < 3; i++) {
    add_endpoint(&t, "10.99.0.1", i % 2 ? "192.0.2.10" : "192.0.2.11");
    smap_replace(&t.mark[0], "10.99.0.1", "0x02000000");
    struct plan_rows want2;
    plan_rows_init(&want2);
    start = now();
    table_to_rows(&t, &want2);
    printf("rows %.2f ms\n", now() - start);
    printf("one %.2f ms\n", timed_turn(&want2));
    }
    stop_kinds();
}

EGRESS_TEST("nft-bench", "N", 1, 1, nft_bench)
