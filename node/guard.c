/* SPDX-License-Identifier: Apache-2.0 */

/* What the guard has dropped.  See guard.h. */

#include <config.h>

#include "node/guard.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "node/nft-read.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "smap.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(guard);

/* So many of the last drops are shown. */
#define MAX_SHOWN 5

static const char *const names[] = { "leaked", "astray", "foreign", "stray" };

static void
warn(char *error)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 1);

    if (error) {
        VLOG_WARN_RL(&rl, "failed to read the guard's counters: %s", error);
        free(error);
    }
}

/* By what is left of its time: the newest first. */
static int
compare_drops(const void *a_, const void *b_)
{
    const struct smap_node *const *a = a_;
    const struct smap_node *const *b = b_;
    long long int x = strtoll((*a)->value, NULL, 10);
    long long int y = strtoll((*b)->value, NULL, 10);

    return x > y ? -1 : x < y ? 1 : strcmp((*a)->key, (*b)->key);
}

/* Appends "IP . SOURCE . LINK". */
static void
format_drop(const char *key, struct ds *s)
{
    char a[64], b[64], link[32];

    if (ovs_scan(key, "%63s . %63s . %31s", a, b, link)) {
        ds_put_format(s, "%s%s%s%s on %s", s->length ? ", " : "", a,
                      strcmp(a, b) ? " as " : "", strcmp(a, b) ? b : "",
                      link);
    }
}

static char *
read_dropped(void)
{
    static const char *const sets[] = { "dropped4", "dropped6" };
    struct smap all = SMAP_INITIALIZER(&all);
    struct ds s = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < ARRAY_SIZE(sets); i++) {
        struct smap some = SMAP_INITIALIZER(&some);
        const struct smap_node *node;

        warn(nft_read_timed(sets[i], &some));
        SMAP_FOR_EACH (node, &some) {
            smap_replace(&all, node->key, node->value);
        }
        smap_destroy(&some);
    }

    const struct smap_node **nodes = smap_sort(&all);
    if (smap_count(&all)) {
        qsort(nodes, smap_count(&all), sizeof *nodes, compare_drops);
    }
    for (size_t i = 0; i < smap_count(&all) && i < MAX_SHOWN; i++) {
        format_drop(nodes[i]->key, &s);
    }
    free(nodes);
    smap_destroy(&all);
    return ds_steal_cstr(&s);
}

void
guard_report_init(struct guard_report *report)
{
    struct smap counters = SMAP_INITIALIZER(&counters);

    simap_init(&report->counters);
    warn(nft_read_counters(&counters));
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        const char *value = smap_get(&counters, names[i]);

        if (value) {
            simap_put(&report->counters, names[i],
                      MIN(strtoull(value, NULL, 10), UINT_MAX));
        }
    }
    smap_destroy(&counters);
    report->dropped = read_dropped();
}

void
guard_report_destroy(struct guard_report *report)
{
    simap_destroy(&report->counters);
    free(report->dropped);
}

void
guard_report_format(const struct guard_report *report, struct ds *s)
{
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        unsigned int n = simap_get(&report->counters, names[i]);

        if (n) {
            ds_put_format(s, "%s: %u packets dropped\n", names[i], n);
        }
    }
    if (*report->dropped) {
        ds_put_format(s, "dropped last: %s\n", report->dropped);
    }
}
