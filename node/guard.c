/* SPDX-License-Identifier: Apache-2.0 */

/* What the guard has dropped.  See guard.h. */

#include <config.h>

#include "node/guard.h"

#include <limits.h>
#include <stdlib.h>

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
    const struct machine_element *a = a_;
    const struct machine_element *b = b_;

    return (a->left > b->left ? -1 : a->left < b->left ? 1
            : machine_element_compare(a, b));
}

static void
format_drop(const struct machine_value *v, struct ds *s)
{
    bool same = !ip_compare(&v->ip, &v->other);
    char a[IP_STRLEN], b[IP_STRLEN];

    ds_put_format(s, "%s%s%s%s on %s", s->length ? ", " : "",
                  ip_format(&v->ip, a), same ? "" : " as ",
                  same ? "" : ip_format(&v->other, b), v->link);
}

static char *
read_dropped(void)
{
    struct machine_set all, v6;
    struct ds s = DS_EMPTY_INITIALIZER;

    warn(nft_read_timed(MACHINE_SET_DROPPED, IP_V4, &all));
    warn(nft_read_timed(MACHINE_SET_DROPPED, IP_V6, &v6));
    for (size_t i = 0; i < v6.n; i++) {
        machine_set_add(&all, &v6.items[i]);
    }
    if (all.n) {
        qsort(all.items, all.n, sizeof *all.items, compare_drops);
    }
    for (size_t i = 0; i < all.n && i < MAX_SHOWN; i++) {
        format_drop(&all.items[i].key, &s);
    }
    machine_set_destroy(&all);
    machine_set_destroy(&v6);
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
