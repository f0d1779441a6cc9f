/* SPDX-License-Identifier: Apache-2.0 */

/* When may somebody else be taken the lead from?  See the header. */

#include <config.h>

#include "ovsdb/lease.h"

#include <limits.h>
#include <stdlib.h>

#include "util.h"

void
lease_init(struct lease *l)
{
    *l = (struct lease) { .holder = NULL };
}

void
lease_destroy(struct lease *l)
{
    if (l) {
        free(l->holder);
        l->holder = NULL;
    }
}

void
lease_see(struct lease *l, const char *holder, int64_t beat, long long int now)
{
    if (nullable_string_is_equal(l->holder, holder) && l->beat == beat) {
        return;
    }
    if (l->holder) {
        l->beaten = now;
    }
    free(l->holder);
    l->holder = xstrdup(holder);
    l->beat = beat;
    l->heard = now;
}

void
lease_forget(struct lease *l)
{
    lease_destroy(l);
}

void
lease_hint(struct lease *l, bool hint, long long int now)
{
    if (hint && !l->hint) {
        l->hint_since = now;
    }
    l->hint = hint;
}

long long int
lease_end(const struct lease *l)
{
    if (!l->holder) {
        return LLONG_MAX;
    } else if (!*l->holder) {
        return 0;
    } else if (l->hint && l->beaten < l->hint_since) {
        return MAX(l->heard, l->hint_since) + LEASE_HINT_MS;
    }
    return l->heard + LEASE_MS;
}
