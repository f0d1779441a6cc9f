/* SPDX-License-Identifier: Apache-2.0 */

/* Fuzz target: any text as the options of Egress_Global, a line each, KEY
 * before "=" and the value after it.  What the planner made of them is read
 * back as the same, without a complaint. */

#include <config.h>
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "plan/plan.h"
#include "plan/world/option.h"
#include "smap.h"
#include "util.h"

/* Reads 'in' and writes it, completed, to 'out'.  Returns the number of
 * complaints. */
static size_t
complete(const struct smap *in, struct smap *out)
{
    struct intent_problems problems = INTENT_PROBLEMS_INITIALIZER;
    struct plan_options options;

    plan_options_init(&options, in, &problems);
    plan_options_format(&options, out);
    plan_options_destroy(&options);

    /* What is no option stays one that is none. */
    size_t n = 0;
    for (size_t i = 0; i < problems.n; i++) {
        n += option_find(problems.items[i].field) != NULL;
    }
    intent_problems_destroy(&problems);
    return n;
}

static void
fuzz_options(const uint8_t *data, size_t size)
{
    struct smap options = SMAP_INITIALIZER(&options);
    struct smap effective = SMAP_INITIALIZER(&effective);
    struct smap again = SMAP_INITIALIZER(&again);
    char *s = xmemdup0((const char *) data, size);
    char *save = NULL;

    for (char *line = strtok_r(s, "\n", &save); line;
         line = strtok_r(NULL, "\n", &save)) {
        char *value = strchr(line, '=');

        if (value) {
            *value++ = '\0';
            smap_replace(&options, line, value);
        }
    }
    complete(&options, &effective);
    ovs_assert(!complete(&effective, &again));
    ovs_assert(smap_equal(&effective, &again));

    smap_destroy(&options);
    smap_destroy(&effective);
    smap_destroy(&again);
    free(s);
}

EGRESS_FUZZ("options", fuzz_options)
