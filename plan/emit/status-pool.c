/* SPDX-License-Identifier: Apache-2.0 */

/* The status of IPAddressPools. */

#include <config.h>

#include "plan/emit/emit.h"

#include <inttypes.h>
#include <stdlib.h>

#include "plan/emit/status.h"
#include "util.h"

void
pools_put_status(const struct view *v)
{
    for (size_t i = 0; i < v->n_pools; i++) {
        const struct view_pool *pool = &v->pools[i];
        struct plan_status *st = status_get(v, pool->obj);

        for (int f = 0; f < IP_N_FAMILIES; f++) {
            const char *family = ip_family_name(f);
            uint64_t size = pool->size[f];
            uint64_t n = pool->n_assigned[f];
            char *key = xasprintf("assigned-%s", family);

            status_set(st, key, "%"PRIu64, n);
            free(key);
            key = xasprintf("available-%s", family);
            status_set(st, key, "%"PRIu64, size > n ? size - n : 0);
            free(key);
        }
    }
}
