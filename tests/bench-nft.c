/* SPDX-License-Identifier: Apache-2.0 */

/* Measures the nftables kind, for tests/bench-nft, which runs this in a
 * network namespace of its own.
 *
 * Each result is a line "NAME MILLISECONDS": a turn of the reconciler for
 * these kinds, from the desired objects to the kernel that holds them. */

#include <config.h>
#include "tests/egress-test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "node/kind.h"
#include "tests/nft-table.h"
#include "util.h"

/* Each is measured this many times, and the least counts. */
#define N_RUNS 5

static double
now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

/* Makes the kernel hold 't'.  Returns the time that took, without that for
 * 't' to become objects. */
static double
timed_turn(const struct nft_table *t)
{
    struct smap errors = SMAP_INITIALIZER(&errors);
    struct machine want;

    nft_table_build(t, &want);

    double start = now_ms();
    nft_turn(&want, NULL, &errors);
    double elapsed = now_ms() - start;

    if (!smap_is_empty(&errors)) {
        ovs_fatal(0, "the kernel did not take the table");
    }
    smap_destroy(&errors);
    machine_destroy(&want);
    return elapsed;
}

/* Removes the 'i'th of the endpoints that nft_table_add_endpoints() makes, and
 * adds another one instead. */
static void
replace_endpoint(struct nft_table *t, int i, int run)
{
    char old[32], new[32];

    snprintf(old, sizeof old, "10.64.%d.%d", i / 256, i % 256);
    snprintf(new, sizeof new, "10.80.%d.%d", run, i % 256);
    nft_table_remove_endpoint(t, old);
    nft_table_add_endpoint(t, new, "192.0.2.10", "0x02000000");
}

/* Gives ten endpoints another source and network, as for a service that is
 * changed, or moves in. */
static void
move_service(struct nft_table *t, int run)
{
    for (int i = 0; i < 10; i++) {
        char ip[32];

        snprintf(ip, sizeof ip, "10.64.1.%d", i);
        nft_table_add_endpoint(t, ip, run % 2 ? "192.0.2.11" : "192.0.2.12",
                               run % 2 ? "0x03000000" : "0x02000000");
    }
}

static void
bench_nft(struct ovs_cmdl_context *ctx)
{
    double one = 1e9, move = 1e9, same = 1e9;
    struct nft_table t;

    nft_table_init(&t);
    t.empty = false;
    t.marks[t.n_marks++] = 0x02000000;
    t.marks[t.n_marks++] = 0x03000000;
    nft_table_add_endpoints(&t, atoi(ctx->argv[1]), "192.0.2.10",
                            "0x02000000");

    nft_turn_init();
    printf("load %.2f\n", timed_turn(&t));
    timed_turn(&t);             /* Reads the table, once. */
    for (int run = 0; run < N_RUNS; run++) {
        same = MIN(same, timed_turn(&t));
        replace_endpoint(&t, run, run);
        one = MIN(one, timed_turn(&t));
        move_service(&t, run);
        move = MIN(move, timed_turn(&t));
    }
    printf("same %.2f\none %.2f\nmove %.2f\n", same, one, move);
    nft_turn_destroy();

    /* A helper that starts, and finds all as it should be. */
    nft_turn_init();
    printf("start %.2f\n", timed_turn(&t));
    nft_turn_destroy();
    nft_table_destroy(&t);
}

EGRESS_TEST("bench-nft", "N", 1, 1, bench_nft)

/* Sends UDP packets to ADDRESS for that many SECONDS: of one connection, or,
 * with a COUNT, of that many that are all new.  Prints the seconds that it
 * took. */
static void
bench_send(struct ovs_cmdl_context *ctx)
{
    enum { BATCH = 64 };
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
    int count = ctx->argc > 3 ? atoi(ctx->argv[3]) : 0;
    double end = now_ms() + atof(ctx->argv[2]) * 1e3;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    char byte = 0;
    struct iovec iov = { &byte, 1 };
    struct sockaddr_in names[BATCH];
    struct mmsghdr msgs[BATCH];
    double start = now_ms();

    memset(msgs, 0, sizeof msgs);
    inet_pton(AF_INET, ctx->argv[1], &to.sin_addr);
    for (int i = 0; i < BATCH; i++) {
        names[i] = to;
        msgs[i].msg_hdr = (struct msghdr) {
            .msg_name = &names[i], .msg_namelen = sizeof names[i],
            .msg_iov = &iov, .msg_iovlen = 1,
        };
    }
    for (int n = 0; count ? n < count : now_ms() < end; n += BATCH) {
        for (int i = 0; count && i < BATCH; i++) {
            names[i].sin_port = htons(1024 + n + i);
        }
        if (sendmmsg(fd, msgs, BATCH, 0) < 0 && errno != ECONNREFUSED) {
            ovs_fatal(errno, "sendmmsg");
        }
    }
    printf("%.4f\n", (now_ms() - start) / 1e3);
    close(fd);
}

EGRESS_TEST("bench-send", "ADDRESS SECONDS [COUNT]", 2, 3, bench_send)
