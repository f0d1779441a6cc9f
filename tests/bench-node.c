/* SPDX-License-Identifier: Apache-2.0 */

/* "ovn-egress-test node-bench MODE N": how long the reconciler takes for N
 * endpoints of N / 10 services in one network, with rules by "mark" or by
 * "address".  As root, in a network namespace of its own; needs no VRF. */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "node/reconcile.h"
#include "plan/machine/machine.h"
#include "tests/egress-test.h"
#include "util.h"

#define PER_SERVICE 10

static void
add_ip(struct intent_ips *ips, const char *format, unsigned int i)
{
    char text[IP_STRLEN];

    snprintf(text, sizeof text, format, i >> 16 & 0xff, i >> 8 & 0xff,
             i & 0xff);
    ips->items = xrealloc(ips->items, (ips->n + 1) * sizeof *ips->items);
    ovs_assert(ip_addr_parse(text, &ips->items[ips->n++]));
}

static struct machine_service *
make_services(size_t n)
{
    struct machine_service *services = xcalloc(n, sizeof *services);

    for (size_t i = 0; i < n; i++) {
        struct machine_service *s = &services[i];

        s->name = xasprintf("bench/%06"PRIuSIZE, i);
        s->network = xstrdup("2");
        s->state = MACHINE_ACTIVE;
        add_ip(&s->source_ips, "198.%u.%u.%u", (18u << 16) + i);
        add_ip(&s->cluster_ips, "172.%u.%u.%u", (30u << 16) + i);
        for (size_t j = 0; j < PER_SERVICE; j++) {
            add_ip(&s->endpoints, "10.%u.%u.%u",
                   (132u << 16) + i * PER_SERVICE + j);
        }
    }
    return services;
}

static double
read_clock(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static void
measure(const char *what, const struct machine_input *in)
{
    double start = read_clock(CLOCK_MONOTONIC);
    double cpu_start = read_clock(CLOCK_PROCESS_CPUTIME_ID);
    struct reconcile_result *result = reconcile_run(in,
                                                    MACHINE_DEFAULT_PROTOCOL);

    printf("%-20s %8.1f ms, %8.1f ms of a processor, %u changes in %u "
           "rounds%s\n", what, read_clock(CLOCK_MONOTONIC) - start,
           read_clock(CLOCK_PROCESS_CPUTIME_ID) - cpu_start,
           result->n_changes, result->n_rounds,
           result->matches ? "" : ", BUT NOT AS WANTED");
    reconcile_result_destroy(result);
}

static void
node_bench(struct ovs_cmdl_context *ctx)
{
    struct smap smap = SMAP_INITIALIZER(&smap);
    struct smap errors = SMAP_INITIALIZER(&errors);
    size_t n = atoi(ctx->argv[2]) / PER_SERVICE;
    struct machine_service *services = make_services(n);
    struct machine_options options;

    smap_add(&smap, "rules", ctx->argv[1]);
    smap_add(&smap, "cluster-networks", "10.132.0.0/14");
    smap_add(&smap, "service-networks", "172.30.0.0/16");
    machine_options_init(&options, &smap, &errors);

    struct machine_input in = {
        .options = &options,
        .services = services,
        .n_services = n,
    };
    char *error = reconcile_init();
    if (error) {
        ovs_fatal(0, "%s", error);
    }
    printf("%"PRIuSIZE" endpoints, rules by %s\n", n * PER_SERVICE,
           ctx->argv[1]);
    measure("all at once", &in);
    measure("nothing to do", &in);
    services[n / 2].endpoints.n--;
    measure("one endpoint less", &in);
    services[n / 2].endpoints.n++;
    measure("one endpoint more", &in);
    services[n / 2].state = MACHINE_REMOVING;
    measure("one service leaves", &in);
    in.n_services = 0;
    measure("all leave", &in);
    reconcile_destroy();

    for (size_t i = 0; i < n; i++) {
        machine_service_destroy(&services[i]);
    }
    free(services);
    machine_options_destroy(&options);
    smap_destroy(&errors);
    smap_destroy(&smap);
}

EGRESS_TEST("node-bench", "mark|address N", 2, 2, node_bench)
